"""What an imported session did, as the expectations of a case: every effect, and every file it wrote.

A count alone would pass for the same number of other acts, so that each block says whereon it acted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from routine_harness.interop.sessions.imported import Imported
from routine_harness.interop.sessions.session_effects import outward
from routine_harness.plain import Json, Record
from routine_harness.predicate import Partly
from routine_harness.session.run import CallRecord
from routine_harness.session.transcript import Call
from routine_harness.verdict.vocabulary import fields_of
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import PLURALS, UNREAD

_USUAL: Final = ("tickets", "messages", "comments", "pull_requests")
"""The nouns that are counted although there is none of them: what a routine is asked about first."""

_WHEREON: Final = (
    "repository", "number", "branch", "tag", "workflow", "channel", "project", "team", "priority", "state",
    "event", "path", "method", "host", "name",
)  # fmt: skip
"""The fields that say whereon an effect acted; what it wrote there, the next session words otherwise."""

_NUMBERED: Final = ("pull_request.created", "ticket.created")
"""What gets its number from the service."""

_WRITES: Final = {"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path",
                  "NotebookEdit": "notebook_path"}  # fmt: skip
"""The agent's own tools that write a file → the argument that names it."""

_MOST: Final = 8
"""Blocks of one kind; more of them are one count."""

_LONG: Final = 80
_SLUG: Final = re.compile(r"[^a-z0-9]+")


def expected_of(imported: Imported, calls: Sequence[CallRecord]) -> Record:
    """The value of ``expect:`` for the session, whose ``calls`` carry their effects.

    A session that ended well and did nothing is expected to do nothing. One that was interrupted says
    so: what it would have done after that, it does not show.
    """
    done = [effect for record in calls for effect in record.effects if effect.outcome == "applied"]
    done = [effect for effect in done if effect.kind not in UNREAD]
    acts = outward(calls)
    if imported.condensed:
        return _shown(done)
    if imported.end.status == "finished" and all(effect.outcome == "unchanged" for effect in acts):
        return {"nothing": True, **_files(imported.calls)}
    expected: Record = {}
    if imported.end.status == "interrupted":
        expected["status"] = "interrupted"
    for noun, kinds in PLURALS.items():
        own = [effect for effect in done if effect.kind in kinds]
        if own or noun in _USUAL:
            expected[noun] = _only(_blocks(own, named=False))
    others = [effect for effect in done if not any(effect.kind in kinds for kinds in PLURALS.values())]
    whole = {"count": len(done)}
    listed = _blocks(others, named=True)
    expected["effects"] = [*listed, {"name": "all", **whole}] if listed else whole
    return {**expected, **_files(imported.calls)}


def _shown(done: Sequence[Effect]) -> Record:
    """What a log that leaves events out shows: at least this was done."""
    shown = [
        {"at_least" if key == "count" else key: value for key, value in each.items()}
        for each in _blocks(done, named=True)
    ]
    return {"effects": shown} if shown else {}


def _only(blocks: list[Record]) -> Json:
    """A single block without its name; no block is a count of 0."""
    if len(blocks) > 1:
        return blocks
    return {key: value for key, value in blocks[0].items() if key != "name"} if blocks else {"count": 0}


def _blocks(effects: Sequence[Effect], *, named: bool) -> list[Record]:
    """A block for each kind and place with how often; with ``named``, its kind is said always."""
    places: dict[str, list[Record]] = {}
    for effect in effects:
        places.setdefault(effect.kind, []).append(_whereon(effect))
    told: list[tuple[str, Record, int, bool]] = []
    for kind, held in places.items():
        apart = [where for at, where in enumerate(held) if where not in held[:at]]
        apart = apart if len(apart) <= _MOST else [{}]
        # A place that says less is the place of those, too, that say more.
        told += [
            (kind, where, sum(where.items() <= other.items() for other in held), len(apart) == 1)
            for where in apart
        ]
    names: list[str] = []
    blocks = []
    for kind, where, count, alone in told:
        names.append(_name([kind] if alone else [kind, *map(str, where.values())], names))
        says_kind = {"effect": kind} if named or len(places) > 1 else {}
        blocks.append({"name": names[-1], **says_kind, "count": count, **({"where": where} if where else {})})
    return blocks


def _whereon(effect: Effect) -> Record:
    known = set(fields_of((effect.kind,))) - ({"number"} if effect.kind in _NUMBERED else set())
    return {
        name: effect.fields[name] for name in _WHEREON if name in known and _is_plain(effect.fields.get(name))
    }


def _is_plain(value: Json) -> bool:
    """Whether a value is known whole and can be written as the literal that it is."""
    if isinstance(value, Partly) or not isinstance(value, str | int):
        return False
    return not isinstance(value, str) or (
        0 < len(value) <= _LONG and value.isprintable() and "${" not in value
    )


def _name(words: Iterable[str], taken: Sequence[str]) -> str:
    name = _SLUG.sub("-", " ".join(words).lower()).strip("-")
    same = sum(other == name or other.startswith(f"{name}--") for other in taken)
    return f"{name}--{same + 1}" if same else name


def _files(calls: Iterable[Call]) -> Record:
    """``calls:`` with how often each file was written by the agent's own tools."""
    counts: dict[tuple[str, str], int] = {}
    for call in calls:
        place = call.arguments.get(_WRITES.get(call.tool, ""))
        if isinstance(place, str) and _is_plain(place):
            counts[call.tool, place] = counts.get((call.tool, place), 0) + 1
    if not counts:
        return {}
    told: list[Mapping[str, Json]] = [
        {"tool": tool, "where": {_WRITES[tool]: place}, "count": count}
        for (tool, place), count in counts.items()
    ]
    if len(told) > _MOST:
        told = [
            {"tool": tool, "count": sum(count for (of, _), count in counts.items() if of == tool)}
            for tool in dict.fromkeys(of for of, _ in counts)
        ]
    return {"calls": {"counts": told}}
