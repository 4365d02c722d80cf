"""Drive's query syntax as tests on files: ``title contains 'x' and trashed = false``."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.drive.records import ME
from routine_harness.world.simulated import Refused
from routine_harness.world.state import World
from routine_harness.world.times import parse_instant

_TERM: Final = re.compile(
    r"\s*(not\s+)?(?:(\w+)\s*(=|!=|contains|<=|>=|<|>)\s*(?:'((?:[^'\\]|\\.)*)'|(true|false))|'([^']*)'\s+in\s+(parents|owners|writers))\s*"
)


def parse_query(world: World, query: str) -> list[Json]:
    """Drive's query syntax as tests; words alone are looked for in title and text."""
    parts = re.split(r"\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)", query.strip())
    matches = [_TERM.fullmatch(part) for part in parts]
    if not any(matches) and not re.search(r"[=<>]|\bcontains\b|\bin\b", query):
        return [lambda one: _has(one, query)]
    if not all(matches):
        raise Refused(f"Invalid Value: the query {query!r} is not understood.")
    return [_test(world, match) for match in matches if match is not None]


def _test(world: World, match: re.Match[str]) -> Json:
    negated, field, operator, text, flag, container, place = match.groups()
    if container is not None:
        field, operator, text = (
            {"parents": "parentId", "owners": "owner", "writers": "writers"}[place],
            "=",
            container,
        )
    value = flag if text is None else text.replace("\\'", "'")
    holds = _FIELDS.get(str(field))
    if holds is None:
        raise Refused(f"Invalid Value: unknown search term {field!r}.")
    return lambda one: holds(world, one, operator, value) is not bool(negated)


def _title(_: World, one: Record, operator: str, value: str) -> bool:
    low, wanted = one["title"].lower(), value.lower()
    return wanted in low if operator == "contains" else (low == wanted) is (operator == "=")


def _full_text(_: World, one: Record, operator: str, value: str) -> bool:
    del operator
    return _has(one, value.strip('"'))


def _plain(field: str) -> Json:
    def holds(_: World, one: Record, operator: str, value: str) -> bool:
        actual = str(one.get(field, ""))
        wanted = ME if value == "me" else value
        return wanted in actual if operator == "contains" else (actual == wanted) is (operator == "=")

    return holds


def _time(field: str) -> Json:
    def holds(_: World, one: Record, operator: str, value: str) -> bool:
        try:
            edge = parse_instant(value)
        except ValueError:
            raise Refused(f"Invalid Value: {value!r} is no time.") from None
        actual = parse_instant(one[field])
        return {">": actual > edge, ">=": actual >= edge, "<": actual < edge, "<=": actual <= edge}.get(
            operator, (actual == edge) is (operator == "=")
        )

    return holds


def _shared(world: World, one: Record, operator: str, value: str) -> bool:
    del world
    return ((one["owner"] != ME) is (value == "true")) is (operator == "=")


def _trashed(_: World, one: Record, operator: str, value: str) -> bool:
    return (one["trashed"] is (value == "true")) is (operator == "=")


_FIELDS: Final[Record] = {
    "title": _title,
    "name": _title,
    "fullText": _full_text,
    "mimeType": _plain("mimeType"),
    "parentId": _plain("parentId"),
    "owner": _plain("owner"),
    "modifiedTime": _time("modifiedTime"),
    "createdTime": _time("createdTime"),
    "sharedWithMe": _shared,
    "trashed": _trashed,
}


def _has(one: Record, words: str) -> bool:
    said = f"{one['title']} {one.get('content', '')}".lower()
    return all(word in said for word in words.lower().split())
