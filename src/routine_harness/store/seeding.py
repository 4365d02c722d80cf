"""What recorded HTTP says about the world: records of what is simulated, pages for what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from routine_harness.case.seed import data_of_records
from routine_harness.plain import Json, Record
from routine_harness.store.interactions import Interaction, header, is_write, server_of
from routine_harness.store.mcp_interactions import answered_calls, mcp_call
from routine_harness.store.numbered_urls import named_rows, named_urls, numbered_names
from routine_harness.world.bodies import decode_body
from routine_harness.world.http import spelt_body
from routine_harness.world.registry import Registry
from routine_harness.world.reveals import fitting_rows, revealed_before_writes

GITHUB: Final = "api.github.com"
_HANDSHAKE: Final = ("content-encoding", "transfer-encoding")
"""Headers that speak of the connection on which an answer came, not of what a row holds."""


def recorded_github(interactions: Iterable[Interaction]) -> list[tuple[str, Record]]:
    """GitHub's records, table and row, that the recorded reads hold.

    In reverse order of recording, so that the earliest answer has the last word: a world begins
    before what was recorded happened. Writes are left out for the same reason.
    """
    # Imported here: a run without cassettes need not load GitHub's REST forms.
    from routine_harness.world.github.records.rest_records import records_from_rest

    found: list[tuple[str, Record]] = []
    for each in reversed(tuple(interactions)):
        if each.method == "GET" and server_of(each.url) == GITHUB and each.status != 304:
            found += records_from_rest(each.method, each.url, each.status, _value(each))
    return found


def _value(each: Interaction) -> Json:
    value = each.json()
    return text_of(each) if value is None else value


def text_of(each: Interaction) -> str:
    """The body as text, by its charset."""
    return decode_body(each.plain, header(each.headers, "content-type"))


def recorded_layers(
    interactions: Iterable[Interaction],
    registry: Registry | None = None,
    sources: Sequence[str] = (),
) -> tuple[Record, ...]:
    """What recorded HTTP reveals, as layers of a world: records of REST answers, records of the
    answers of simulated connectors' MCP servers, and the network's pages.

    ``sources`` say where each interaction stands (``file:line``); pages of known origin have to be asked
    for.
    """
    held = tuple(interactions)
    known = registry or Registry()
    told = revealed_before_writes(((each.call, each.result) for each in answered_calls(held, known)), known)
    names = numbered_names(held)
    named = named_urls(held, names)
    answers = recorded_answers(named, known, sources)
    github = fitting_rows([*named_rows(names), *recorded_github(named)])
    layers = [data_of_records(rows) for rows in (github, told) if rows]
    return (*layers, *([{"http": answers}] if answers else []))


def recorded_answers(
    interactions: Sequence[Interaction], registry: Registry | None = None, sources: Sequence[str] = ()
) -> list[Record]:
    """Records of a world's ``http`` table for all that was asked of other servers than MCP's.

    A request that was recorded several times is answered in that order. Of GitHub's reads of one address
    those after a recorded write are left out: the world begins before it, and knows what a write changes.
    """
    known = registry or Registry()
    places = sources or [""] * len(interactions)
    found: dict[tuple[str, str, bytes], list[Record]] = {}
    settled: set[tuple[str, str, bytes]] = set()
    for each, source in zip(interactions, places, strict=True):
        github = server_of(each.url) == GITHUB
        if github and is_write(each) and each.status < 300:
            settled |= found.keys()
        if each.status == 304 or mcp_call(each.method, each.url, each.request_body, known) is not None:
            continue
        key = (each.method, each.url, each.request_body)
        if github and key in settled and each.method == "GET":
            continue
        found.setdefault(key, []).append(_answer(each, source))
    return [_row(answers) for answers in found.values()]


def _row(answers: list[Record]) -> Record:
    """One row for all answers to a request."""
    first = answers[0]
    if len(answers) == 1:
        return first
    request: Record = {
        name: first[name] for name in ("method", "url", "request", "accept", "source") if name in first
    }
    own = [{name: value for name, value in one.items() if name not in request} for one in answers]
    return {**request, "answers": own}


def _answer(each: Interaction, source: str) -> Record:
    row: Record = {"method": each.method, "url": each.url, "status": each.status}
    row |= {"reason": each.reason} if each.reason else {}
    row |= {"headers": _headers(each.headers), "body": spelt_body(each.plain)}
    if each.request_body:
        row["request"] = spelt_body(each.request_body)
    accept = header(each.request_headers, "accept")
    if server_of(each.url) == GITHUB and "diff" in accept:
        row["accept"] = accept
    return {**row, **({"source": source} if source else {})}


def _headers(headers: Mapping[str, list[str]]) -> Record:
    kept = {name: values for name, values in headers.items() if values and name.lower() not in _HANDSHAKE}
    return {name: values[0] if len(values) == 1 else values for name, values in kept.items()}
