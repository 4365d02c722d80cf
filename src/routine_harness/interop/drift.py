"""What an import says otherwise than the routines that are committed: prompt, triggers, connectors, model.

Only what the source knows is compared: an account's export tells schedules and no events. A routine is
called deleted only where a list of the account is whole.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.interop.routine_files import ImportedRoutine
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.spec import GithubTrigger, Routine, ScheduleTrigger


class Drift(msgspec.Struct, frozen=True):
    """One difference: the routine, what of it (``added`` or ``deleted`` of a whole one), and how.

    ``lines`` are those of the prompt that differ, with ``-`` as committed and ``+`` as imported.
    """

    routine: str
    what: str
    committed: str = ""
    imported: str = ""
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.what == "added":
            return f"{self.routine}: it is not committed"
        if self.what == "deleted":
            return f"{self.routine}: it is committed, and the account's whole list does not have it"
        if self.lines:
            return "\n".join((f"{self.routine}: {self.what}:", *(f"  {line}" for line in self.lines)))
        return f"{self.routine}: {self.what}: committed {self.committed}, imported {self.imported}"


def drifts(imported: Sequence[ImportedRoutine], committed: Mapping[str, Routine]) -> list[Drift]:
    """The differences in the order of the import, then what is gone; ``committed`` by the names that the
    import gives."""
    found: list[Drift] = []
    for one in imported:
        if one.name not in committed:
            found.append(Drift(one.name, "added"))
            continue
        text = one.texts["routine.yaml"].encode()
        found += _of(one, committed[one.name], parse_routine(load_document(text, "routine.yaml")))
    if any(one.listed == "whole" for one in imported):
        names = {one.name for one in imported}
        found += [Drift(name, "deleted") for name in sorted(committed) if name not in names]
    return found


def _of(one: ImportedRoutine, old: Routine, new: Routine) -> list[Drift]:
    found: list[Drift] = []
    if old.prompt.strip() != new.prompt.strip():
        lines = difflib.unified_diff(old.prompt.splitlines(), new.prompt.splitlines(), lineterm="", n=0)
        heads = ("---", "+++", "@@")
        told = tuple(line for line in lines if not line.startswith(heads))
        found.append(Drift(one.name, "prompt", lines=told or ("- (other line ends)",)))
    asked = {question.option for question in one.questions}
    for what, (option, value) in _COMPARED.items():
        known = option not in asked or (what == "schedule" and one.account)
        if what == "events" and one.account:
            known = False
        if what == "enabled":
            known = not any(lost.restriction for lost in one.lost)
        before, after = value(old), value(new)
        if known and before != after:
            found.append(Drift(one.name, what, before or "nothing", after or "nothing"))
    return found


def _schedule(routine: Routine) -> str:
    found = [each for each in routine.triggers if isinstance(each, ScheduleTrigger)]
    said = [" ".join(filter(None, (one.cron, one.preset, one.at, one.once, one.timezone))) for one in found]
    return "; ".join(sorted(said))


def _events(routine: Routine) -> str:
    found = [each for each in routine.triggers if isinstance(each, GithubTrigger)]
    said = []
    for one in found:
        filters = [f"{each.field} {each.operator} {each.value}" for each in one.filters]
        said.append(" ".join((*one.events, *one.branches, *filters)))
    return "; ".join(sorted(said))


def _connectors(routine: Routine) -> str:
    named = [f"{each.connector} ({', '.join(each.allow)})" if each.allow else each.connector
             for each in routine.connectors]  # fmt: skip
    return ", ".join(sorted(named))


def _repositories(routine: Routine) -> str:
    return ", ".join(sorted(each.full_name for each in routine.repositories))


_COMPARED: Final[Mapping[str, tuple[str, Callable[[Routine], str]]]] = {
    "schedule": ("--on", _schedule),
    "events": ("--on", _events),
    "connectors": ("--connector", _connectors),
    "repositories": ("--repository", _repositories),
    "model": ("", lambda one: one.model or ""),
    "tools": ("", lambda one: "all" if one.tools is None else ", ".join(sorted(one.tools))),
    "enabled": ("", lambda one: "true" if one.enabled else "false"),
}
"""What is compared: the option that says it where the source does not, and its value as a text."""
