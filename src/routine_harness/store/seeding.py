"""What recorded HTTP reads say about the world: records of what is modelled, answers for the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from routine_harness.case.seed import data_of_records
from routine_harness.store.interactions import Interaction, server_of
from routine_harness.store.mcp_interactions import answered_calls
from routine_harness.world.registry import Registry
from routine_harness.world.revealed import revealed_before_writes
from routine_harness.world.state import Record

GITHUB: Final = "api.github.com"


def recorded_github(interactions: Iterable[Interaction]) -> list[tuple[str, Record]]:
    """GitHub's records, table and row, that the recorded reads hold.

    In reverse order of recording, so that the earliest answer has the last word: a world begins
    before what was recorded happened. Writes are left out for the same reason.
    """
    # Imported here: a run without cassettes need not load GitHub's REST forms.
    from routine_harness.world.github.rest_records import records_from_rest

    found: list[tuple[str, Record]] = []
    for each in reversed(tuple(interactions)):
        if each.method == "GET" and server_of(each.url) == GITHUB and each.status < 300:
            value = each.json()
            found += records_from_rest(
                each.method, each.url, each.status, _text(each) if value is None else value
            )
    return found


def recorded_layers(
    interactions: Iterable[Interaction], registry: Registry | None = None
) -> tuple[dict[str, Any], ...]:
    """What recorded reads reveal, as layers of a world: records of REST answers, records of the
    answers of modelled connectors' MCP servers, and the network's answers."""
    held = tuple(interactions)
    known = registry or Registry()
    told = revealed_before_writes(((each.call, each.result) for each in answered_calls(held, known)), known)
    answers = recorded_answers(held)
    layers = [data_of_records(rows) for rows in (recorded_github(held), told) if rows]
    return (*layers, *([{"http": answers}] if answers else []))


def recorded_answers(interactions: Iterable[Interaction]) -> list[Record]:
    """Records of a world's ``http`` table for reads of any other server; the first answer counts."""
    found: dict[tuple[str, str], Record] = {}
    for each in interactions:
        if each.method in ("GET", "HEAD") and server_of(each.url) != GITHUB:
            found.setdefault((each.method, each.url), _answer(each))
    return list(found.values())


def _answer(each: Interaction) -> Record:
    headers = {name: values[0] for name, values in each.headers.items() if values}
    return {
        "method": each.method,
        "url": each.url,
        "status": each.status,
        "headers": headers,
        "body": _text(each),
    }


def _text(each: Interaction) -> Any:
    return each.plain.decode("utf-8", "replace")
