"""World 0 over recorded reads: which of them the model answers, and which have to answer for themselves."""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.network import split_url
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.faces import API
from routine_harness.world.github.records.complete import complete_world
from routine_harness.world.github.rest.recorded_reads import HOST, model_digest, operation_key, value_of
from routine_harness.world.github.rest.rest_answers import reply_to
from routine_harness.world.github.rest.rest_paths import named_path
from routine_harness.world.github.rest.rest_requests import read_request
from routine_harness.world.github.tools.tool_calls import Step, call_of
from routine_harness.world.http import TABLE, answer_key, pages_of
from routine_harness.world.state import World


def settle_reads(world: World) -> World:
    """``world``, whose only rows of ``http.answers`` are recorded ones, without those of GitHub whose answer
    the model gives in every field; each of the others says what the model says instead.

    Recorded writes that a model carries out are left out, too: they have not happened yet.
    """
    rows = [row for row in world.table(TABLE) if _is_github(row)]
    if not rows:
        return world
    whole = complete_world(world)
    for row in rows:
        step = _step(whole, row)
        if step is None or row["method"] == "HEAD":
            continue
        world = world.remove(TABLE, answer_key(row))
        settled = _settled(whole, row, step) if row["method"] == "GET" else None
        if settled is not None:
            world = world.put(TABLE, answer_key(settled), settled)
    return world


def _is_github(row: Record) -> bool:
    return (split_url(str(row["url"])).hostname or "").lower() == HOST


def _step(world: World, row: Record) -> Step | None:
    """The simulated operation that a row's request asks for."""
    parts = split_url(str(row["url"]))
    path, query = named_path(world, parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
    step = read_request(str(row["method"]), path, query, None, str(row.get("accept", "")))
    if step is None or not CONNECTOR.tools[call_of(step, API).tool].simulated:
        return None
    return step


def _settled(world: World, row: Record, step: Step) -> Record | None:
    """The row with what the model says; None where that is all that was recorded."""
    outcome = CONNECTOR.call(world, call_of(step, API))
    reply = reply_to(step, outcome)
    pages = pages_of(row)
    shown = msgspec.json.decode(reply.data) if _is_json(reply.value) else reply.value
    if not reply.incomplete and all(
        page.status == reply.status and holds(value_of(page), shown) for page in pages
    ):
        return None
    return {**row, "operation": operation_key(*step), "model": model_digest(reply)}


def _is_json(value: Json) -> bool:
    return value is not None and not isinstance(value, str)


def holds(recorded: Json, shown: Json) -> bool:
    """Whether ``shown`` says all that was ``recorded``; it may say more."""
    if isinstance(recorded, dict) and isinstance(shown, dict):
        return all(name in shown and holds(value, shown[name]) for name, value in recorded.items())
    if isinstance(recorded, list) and isinstance(shown, list):
        return len(recorded) == len(shown) and all(map(holds, recorded, shown))
    return bool(recorded == shown) and isinstance(recorded, bool) == isinstance(shown, bool)
