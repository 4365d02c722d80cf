"""What run 2 does to the records that run 1 made: does it bring them up to date, or more than that?

Every own record is followed through both runs by the fields that effects show. Where nothing is new
in the world there is nothing to bring up to date but what run 1 left out or got wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.session.run import Run
from routine_harness.verdict.expectations.world_changes import Change, world_changes
from routine_harness.verdict.idempotency.rewriting import rewriting, without_footer
from routine_harness.verdict.words import shorten
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import KINDS, makes_record

_SETTLED: Final = frozenset({
    "closed", "done", "completed", "complete", "canceled", "cancelled", "duplicate", "resolved", "archived",
    "merged", "ignored", "wontfix", "won't fix",
})  # fmt: skip
"""States in which a record needs nobody any more."""

_TEXTS: Final = ("title", "name", "body", "text", "description")
_NAMES: Final = frozenset({
    "id", "url", "author", "target", "repository", "number", "on", "on_kind", "connector", "channel",
    "channel_id", "team", "project", "sha",
})  # fmt: skip
"""Fields by which a record is known, and not what it says."""

_ENDING: Final = ("deleted", "merged", "closed", "reopened")
_UNDID: Final = "undid what others did"
_OF_ONE_TARGET: Final = ("comment", "message", "draft", "review", "reaction", "thread")
"""Nouns of which many have one target."""
_NOUNS: Final = tuple(dict.fromkeys(kind.partition(".")[0] for kind in KINDS))


class Step(msgspec.Struct, frozen=True):
    """One act on an own record: ``changes`` are the fields, from what to what, as they are shown.

    ``overdone`` says in one verb what makes it more than an update (``closed``, ``emptied the body
    of``); it is empty for an update. ``where`` is the narrowest condition that allows the act.
    """

    changes: tuple[str, ...] = ()
    overdone: str = ""
    where: tuple[str, Json] | None = None


class Upkeep:
    """The records that run 1 made, as they stand; ``judge`` is asked for each effect of run 2 in turn."""

    def __init__(self, first: Run, second: Run, made: list[Effect]) -> None:
        """``made`` are the effects of run 1 that brought something about."""
        self._first = first
        self._own: dict[tuple[str, ...], _Own] = {}
        for effect in made:
            own = _Own(effect)
            self._own |= dict.fromkeys(_names(effect), own)
        for effect in first.applied:
            found = self._find(effect)
            if found is not None and effect is not found.effect:
                found.fields |= _said(effect)
        for own in self._own.values():
            own.left = dict(own.fields)
        meanwhile = world_changes(first.world, second.world_before)
        self.news = bool(meanwhile) or first.firing.event.payload != second.firing.event.payload
        for change in meanwhile:
            changed = (self._own.get(name) for name in _row_names(change))
            for record in {id(one): one for one in changed if one is not None}.values():
                record.follow(change)

    def owns(self, effect: Effect) -> bool:
        """Whether ``effect`` changes a record that run 1 made."""
        return self._find(effect) is not None

    def made_by(self, effect: Effect) -> int:
        """The number of the call of run 1 that made the record which ``effect`` changes."""
        own = self._find(effect)
        return own.effect.call if own is not None else 0

    def judge(self, effect: Effect) -> Step:
        """What ``effect``, which changes an own record, does to it."""
        own = self._find(effect)
        assert own is not None  # noqa: S101 - asked for own records only
        if effect.noun == "branch" and effect.kind != "branch.deleted":
            return self._pushed(effect)
        step = own.take(effect)
        return step if not self.news or step.overdone.startswith(_UNDID) else _without_verb(step)

    def _find(self, effect: Effect) -> _Own | None:
        if makes_record(effect.kind) and effect.noun != "branch":
            return None
        found = (self._own.get(name) for name in _names(effect))
        return next((own for own in found if own is not None and own.may_be(effect)), None)

    def _pushed(self, effect: Effect) -> Step:
        fields = effect.fields
        where = ("branch", fields.get("branch"))
        key = (fields.get("repository"), fields.get("branch"))
        if fields.get("force") and self._first.world_before.get("github.branches", key) is not None:
            return Step(overdone="forced a push over", where=where)
        commits = [shorten(str(text).partition("\n")[0], 40) for text in fields.get("commits") or ()]
        changes = (f"commits: {', '.join(commits)}",) if commits else ()
        return Step(changes, "" if self.news else "pushed again to", where)


class _Own:
    """A record of run 1: what it says now, and what it said when run 1 ended (``left``)."""

    def __init__(self, effect: Effect) -> None:
        self.effect = effect
        self.fields = _said(effect)
        self.left = dict(self.fields)
        self._changed_away: list[tuple[str, Json]] = []

    def may_be(self, effect: Effect) -> bool:
        """Whether no id says that it is another record."""
        known, given = self.effect.fields.get("id"), effect.fields.get("id")
        return known is None or given is None or known == given

    def follow(self, change: Change) -> None:
        """Take over what others changed in this record."""
        for column, before in change.before.items():
            after = change.after.get(column)
            if change.kind != "changed" or after == before:
                continue
            self._changed_away.append((column, before))
            self.fields |= {
                field: after for field, value in self.fields.items() if _is_held(column, before, field, value)
            }

    def take(self, effect: Effect) -> Step:
        """The step that ``effect`` is, taken."""
        said = _said(effect)
        changed = {field: value for field, value in said.items() if not _equal(value, self.fields.get(field))}
        shown = tuple(_shown(field, self.fields.get(field), value) for field, value in changed.items())
        verb, where = self._verb(effect, changed)
        self.fields |= said
        return Step(shown, verb, where or next(iter(changed.items()), None))

    def _verb(self, effect: Effect, changed: Record) -> tuple[str, tuple[str, Json] | None]:
        """What makes the effect more than an update, and the narrowest condition for that."""
        for field, value in _said(effect).items():
            if any(_is_held(column, before, field, value) for column, before in self._changed_away):
                return f"{_UNDID} to the {field} of", (field, value)
        verb = effect.kind.rpartition(".")[2]
        if verb in _ENDING:
            return verb, None
        found = (self._overdone(field, value) for field, value in changed.items())
        return next((each for each in found if each[0]), ("", None))

    def _overdone(self, field: str, value: Json) -> tuple[str, tuple[str, Json] | None]:
        before = self.fields.get(field)
        if field in self.left and _equal(value, self.left[field]):
            return f"set back the {field} of", (field, value)
        if field == "state":
            return _state_verb(before, value), (field, value)
        if field == "draft" and before is not None:
            return "made a draft of" if value else "readied", (field, value)
        if field in _TEXTS and isinstance(before, str):
            verb, part = rewriting(before, str(value or ""))
            return f"{verb} the {field} of" if verb else "", (field, {"contains": part}) if part else None
        return "", None


def _state_verb(before: Json, after: Json) -> str:
    was, is_now = (str(state or "").casefold() in _SETTLED for state in (before, after))
    if was == is_now:
        return ""
    return f"closed ({after})" if is_now else "reopened"


def _said(effect: Effect) -> Record:
    return {name: value for name, value in effect.fields.items() if name not in _NAMES}


def _equal(left: Json, right: Json) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return without_footer(left) == without_footer(right)
    if not left and not right:
        return True
    return bool(left == right)


def _is_held(column: str, before: Json, field: str, value: Json) -> bool:
    """Whether a column of a table held what a field of an effect says. The columns have other names
    (``description`` for ``body``), so that a text counts under any."""
    return (column == field or (isinstance(before, str) and bool(before))) and _equal(value, before)


def _names(effect: Effect) -> list[tuple[str, ...]]:
    """By what a record is known, the surest first."""
    fields, noun = effect.fields, effect.noun
    if noun == "branch":
        return [(noun, str(fields.get("repository")).lower(), str(fields.get("branch")))]
    known = [fields.get("id"), fields.get("url")]
    if noun not in _OF_ONE_TARGET:
        known.append(effect.target)
    return [(noun, effect.connector, str(value)) for value in known if value]


def _row_names(change: Change) -> Iterator[tuple[str, ...]]:
    """The names by which the row of a table may be known as a record of any noun."""
    row, connector = change.row, change.table.partition(".")[0]
    known = [row.get(name) for name in ("id", "identifier", "url", "html_url")]
    if row.get("number") is not None:
        known.append(f"{row.get('repository')}#{row['number']}")
    for noun in _NOUNS:
        yield from ((noun, connector, str(value)) for value in known if value)


def _without_verb(step: Step) -> Step:
    return msgspec.structs.replace(step, overdone="")


def _shown(field: str, before: Json, after: Json) -> str:
    return (
        f"{field}: {shorten(before, 40)} → {shorten(after, 40)}"
        if before is not None
        else (f"{field}: {shorten(after, 40)}")
    )


def narrowest_allow(effect: Effect, step: Step) -> str:
    """The ``rerun.allow`` that lets through this act and as little besides as can be said."""
    parts = "".join(_narrowed(step))
    return f"rerun: {{allow: [{{effect: {effect.kind}{parts}}}]}}"


def _narrowed(step: Step) -> Iterator[str]:
    if step.where is None or step.where[1] in (None, "", [], {}):
        yield ", at_most: 1"
        return
    field, value = step.where
    yield f", where: {{{field}: {json.dumps(value, ensure_ascii=False)}}}".replace(
        '{"contains": ', "{contains: "
    )
