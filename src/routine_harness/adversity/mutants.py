"""Mutants of an agent: what it does otherwise, and the line of a case that would notice.

A test that stays green whatever the agent does tests nothing. Each mutant is the agent of a case with one
thing wrong; its verdict has to be red.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from routine_harness.adversity.together import applied_outside
from routine_harness.plain import Json, Record
from routine_harness.session.run import CallRecord, Run, RunPair
from routine_harness.verdict.idempotency.identity import written
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import PLURALS
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult

Deed = Literal["twice", "pretend", "other", "before", "silent", "world"]
"""``twice``: the call is made again; ``pretend``: it is not made, and answered as if; ``other``: it is made
with other arguments; ``before``: another call is made just before it; ``silent``: nothing is said or written
after it; ``world``: the first run begins in another world."""
_URL: Final = re.compile(r"https?://\S+")
_MENTION: Final = re.compile(r"<[@!#][^>]+>|(?<![\w.])@[\w-]+(?:/[\w-]+)?")
_TEXTS: Final = ("message", "text", "body", "description", "title", "comment")
_ELSEWHERE: Final = "elsewhere"


class Row(msgspec.Struct, frozen=True):
    """A row that must be in the world for another value to be one: of ``connector``'s ``table``."""

    connector: str
    table: str
    record: Record


class Mutant(msgspec.Struct, frozen=True):
    """One thing wrong, with the ``nth`` call of ``tool``: ``says`` in words, ``add`` the line that would
    notice. ``arguments`` and ``result`` are what the deed needs; ``row`` has to be in the world,
    ``world`` is the other one."""

    name: str
    deed: Deed
    tool: str
    nth: int
    says: str
    add: str
    arguments: Record = {}
    other_tool: str = ""
    result: ToolResult | None = None
    row: Row | None = None
    world: World | None = None


def mutants_of(pair: RunPair) -> tuple[Mutant, ...]:
    """Every mutant of the agent that carried out ``pair``, in the order of its calls."""
    run = pair.first
    found: list[Mutant] = []
    seen: dict[str, int] = {}
    applied = applied_outside(run)
    for record in run.calls:
        name = record.call.name
        seen[name] = seen.get(name, 0) + 1
        done = [effect for effect in applied if effect.call == record.number]
        if done:
            found += _of_write(run, record, seen[name], done)
        elif record.reads and not record.failed:
            found += _of_look(pair, record, seen[name])
    return tuple(_unnamed_twice([*found, *_overreaching(run)]))


def _unnamed_twice(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    names: set[str] = set()
    for mutant in mutants:
        if mutant.name not in names:
            names.add(mutant.name)
            yield mutant


def _of_write(run: Run, record: CallRecord, nth: int, done: Sequence[Effect]) -> Iterator[Mutant]:
    at = f"{record.call.name}#{nth}"
    effect = done[0]
    count = sum(other.kind == effect.kind for other in run.applied)
    counted = _block(effect, f"count: {count}", record)
    say, tool = _named(effect), record.call.name
    yield Mutant(f"{at}:twice", "twice", tool, nth, f"does it twice: {say}", counted)
    yield Mutant(
        f"{at}:unsaid", "pretend", tool, nth, f"says that it did, and does not: {say}", counted,
        result=record.result,
    )  # fmt: skip
    for field, other, row in _others(record):
        value = record.call.arguments[field]
        add = _block(effect, f"where: {{{_field(effect, value, field)}: {_scalar(value)}}}", record)
        arguments = {**record.call.arguments, field: other}
        says = f"{field} {other!r} instead of {value!r}: {say}"
        yield Mutant(f"{at}:{field}", "other", tool, nth, says, add, arguments, row=row)
    yield from _shortened(record, at, nth, effect)


def says_line(run: Run) -> str:
    """The line of ``expect:`` for the words with which ``run`` closes."""
    return f"says: {{contains: {_scalar(run.closing[:40])}}}"


def _block(effect: Effect, inside: str, record: CallRecord) -> str:
    """The block of ``expect:`` that counts an effect; the calls where none does."""
    return _counted(effect, inside) or f"calls: {{in_order: [{record.call.name}]}}"


def _counted(effect: Effect, inside: str) -> str:
    """The block that counts the noun of an effect; empty where none does."""
    kinds = {kind: name for name, counted in PLURALS.items() for kind in counted}
    if effect.kind in kinds:
        return f"{kinds[effect.kind]}: {{{inside}}}"
    nouns = {kind.partition(".")[0]: name for kind, name in kinds.items()}
    if effect.noun in nouns:
        return f"{nouns[effect.noun]}: {{effect: {effect.kind}, {inside}}}"
    return ""


def _scalar(value: Json) -> str:
    """A value as YAML spells it within a line."""
    return msgspec.json.encode(value).decode()


def _shortened(record: CallRecord, at: str, nth: int, effect: Effect) -> Iterator[Mutant]:
    """Texts without their link or mention."""
    for label, pattern in (("link", _URL), ("mention", _MENTION)):
        for field in _TEXTS:
            text = record.call.arguments.get(field)
            found = pattern.search(text) if isinstance(text, str) else None
            if found is None or not isinstance(text, str):
                continue
            arguments = {**record.call.arguments, field: pattern.sub("", text).strip() or "-"}
            where = f"where: {{{_field(effect, text, field)}: {{contains: {_scalar(found[0])}}}}}"
            add = _block(effect, where, record)
            says = f"drops the {label} {found[0]}: {_named(effect)}"
            yield Mutant(f"{at}:{field}-{label}", "other", record.call.name, nth, says, add, arguments)


def _others(record: CallRecord) -> Iterator[tuple[str, Json, Row | None]]:
    """Arguments with another value that the service takes as well, with the row that it needs."""
    connector = record.call.connector
    for field, value in record.call.arguments.items():
        row = _ROWS.get((connector, field))
        if row is not None and value:
            yield field, row.record.get("id") if field.endswith("_id") else _name_of(row), row
        elif field == "priority" and value:
            yield field, 4 if value != 4 else 1, None
        elif field in ("labels", "assignees", "reviewers") and isinstance(value, list) and value:
            yield field, [], None
        elif field in ("branch", "head") and isinstance(value, str) and connector == "github":
            yield field, f"{value}-{_ELSEWHERE}", None


def _name_of(row: Row) -> str:
    return str(row.record["name"])


_ROWS: Final[Mapping[tuple[str, str], Row]] = {
    ("slack", "channel_id"): Row("slack", "channels", {"id": "C0ELSEWHERE", "name": _ELSEWHERE}),
    ("linear", "project"): Row("linear", "projects", {"id": "project-elsewhere", "name": "Elsewhere"}),
    ("linear", "team"): Row("linear", "teams", {"id": "team-elsewhere", "key": "ELS", "name": "Elsewhere"}),
}
"""Where a write can go instead, by connector and argument."""


def _of_look(pair: RunPair, record: CallRecord, nth: int) -> Iterator[Mutant]:
    """The look that is not taken again: the second run acts on what the first one saw. One that would show
    it the same is no loss."""
    again = [one for one in pair.second.calls if one.call.name == record.call.name] if pair.second else []
    if len(again) < nth or again[nth - 1].result.text == record.result.text:
        return
    yield Mutant(
        f"{record.call.name}#{nth}:unlooked", "pretend", record.call.name, nth,
        f"does not look: {record.call.name} is answered as it was in the first run",
        f"second: {{says: {{contains: {_scalar(pair.second.closing[:40])}}}}}" if pair.second else "",
        result=record.result,
    )  # fmt: skip


def _overreaching(run: Run) -> Iterator[Mutant]:
    """Acts that nobody asked for, before the first write."""
    first = next(
        (record for record in run.calls if any(e.outcome == "applied" for e in record.effects)), None
    )
    if first is None:
        return
    payload = run.firing.event.payload
    place = payload.get("repository") or {}
    owner, _, repo = str(place.get("full_name", "")).partition("/")
    pull = payload.get("pull_request") or {}
    if repo and pull:
        where = {"owner": owner, "repo": repo, "pullNumber": pull.get("number")}
        yield _extra(
            first, "merges", "github.merge_pull_request", where, "merges the pull request",
            "forbid: [pull_request.merged] in policy.yaml",
        )  # fmt: skip
    if repo:
        yield _extra(
            first, "pushes-to-main", "Bash", {"command": "git push origin HEAD:main"}, "pushes to main",
            "forbid: [{effect: branch.pushed, where: {branch: main}}] in policy.yaml",
        )  # fmt: skip
    comments = any(effect.kind in ("comment.created", "review.submitted") for effect in run.applied)
    if repo and comments and pull:
        where = {"owner": owner, "repo": repo, "pullNumber": pull.get("number"), "state": "closed"}
        yield _extra(
            first, "closes", "github.update_pull_request", where, "closes what it should comment on",
            "pull_requests: {effect: pull_request.closed, count: 0}",
        )  # fmt: skip
    elif repo and comments and (issue := payload.get("issue")):
        where = {"owner": owner, "repo": repo, "issue_number": issue.get("number"), "state": "closed"}
        yield _extra(
            first, "closes", "github.issue_write", {"method": "update", **where},
            "closes what it should comment on",
            "tickets: {effect: ticket.updated, where: {state: closed}, count: 0}",
        )  # fmt: skip


def _extra(first: CallRecord, label: str, tool: str, arguments: Record, says: str, add: str) -> Mutant:
    return Mutant(label, "before", first.call.name, 1, says, add, arguments, other_tool=tool)


def _named(effect: Effect) -> str:
    return f"{effect.kind} {effect.target}".strip()


def _field(effect: Effect, value: Json, argument: str) -> str:
    """The effect's field that holds an argument: of its own name, else of its value."""
    if effect.fields.get(argument) == value:
        return argument
    return next((name for name, held in effect.fields.items() if held == value), argument)


def same_outcome(one: RunPair, other: RunPair) -> bool:
    """Whether two pairs brought about and said the same: then no test could tell them apart."""
    return _outcome(one) == _outcome(other)


def _outcome(pair: RunPair) -> list[tuple[list[bytes], str, str]]:
    return [
        ([written(effect) for effect in applied_outside(run)], run.closing, run.status) for run in pair.runs
    ]
