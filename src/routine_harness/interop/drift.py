"""What an import says otherwise than the routines that are committed.

Title, prompt, schedule, events, fire endpoint, connectors and where they work, repositories, network, model,
tools, switched on or off. Only what the source knows is compared: an account's export tells schedules and no
events, and nothing of an environment. A routine is called deleted only where a list of the account is whole.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.interop.routine_draft import slug
from routine_harness.interop.routine_files import ImportedRoutine
from routine_harness.routine.document import load_document
from routine_harness.routine.layout import ROUTINE
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.spec import (
    ApiTrigger,
    GithubTrigger,
    Grant,
    Repository,
    Routine,
    ScheduleTrigger,
)


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
    """The differences in the order of the import, then what is gone; ``committed`` by folder.

    A routine is found by the folder that the import gives it, else by its title; of a whole list, a
    routine that has another title and the same prompt was renamed.
    """
    found: list[Drift] = []
    whole = any(one.listed == "whole" for one in imported)
    read = [(one, _read(one)) for one in imported]
    places = {one.name: _place(one, new, committed) for one, new in read}
    left = {name: old for name, old in committed.items() if name not in places.values()}
    for one, new in read:
        place = places[one.name]
        if not place and whole:
            place = next((name for name, old in left.items() if _same_prompt(old, new)), "")
            left.pop(place, None)
        if place:
            found += _of(place, one, committed[place], new)
        else:
            found.append(Drift(one.name, "added"))
    return found + ([Drift(name, "deleted") for name in sorted(left)] if whole else [])


def _read(one: ImportedRoutine) -> Routine:
    return parse_routine(load_document(one.texts[ROUTINE].encode(), ROUTINE))


def _place(one: ImportedRoutine, new: Routine, committed: Mapping[str, Routine]) -> str:
    """The folder of the committed routine; empty where there is none."""
    if one.name in committed:
        return one.name
    titled = (name for name, old in committed.items() if slug(_title(old)) == slug(_title(new)))
    return next(titled, "")


def _same_prompt(old: Routine, new: Routine) -> bool:
    return old.prompt.strip() == new.prompt.strip()


def _of(name: str, one: ImportedRoutine, old: Routine, new: Routine) -> list[Drift]:
    unknown = _unknown(one, new)
    found: list[Drift] = []
    if "prompt" not in unknown and not _same_prompt(old, new):
        lines = difflib.unified_diff(old.prompt.splitlines(), new.prompt.splitlines(), lineterm="", n=0)
        told = tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))
        found.append(Drift(name, "prompt", lines=told or ("- (other line ends)",)))
    for what, value in _COMPARED.items():
        before, after = value(old), value(new)
        if what not in unknown and before != after:
            found.append(Drift(name, what, before or "nothing", after or "nothing"))
    return found + ([] if "bindings" in unknown else _unbound(name, old, new))


def _unknown(one: ImportedRoutine, new: Routine) -> set[str]:
    """What the source does not say, so that no difference in it is one."""
    asked = {question.option for question in one.questions}
    found: set[str] = {"bindings"} if "--connector" in asked else set()
    for what, option in _ASKED.items():
        if option in asked and not (what == "schedule" and one.account):
            found.add(what)
    if one.account:
        found |= {"events", "fire endpoint"}
    if new.environment.network == "trusted":  # no format says so in words
        found.add("network")
    if any(lost.restriction for lost in one.lost):
        found.add("enabled")
    if any(lost.what == "prompt" for lost in one.lost):  # a list may leave it out
        found |= {"prompt", "enabled"}
    return found


def _unbound(name: str, old: Routine, new: Routine) -> list[Drift]:
    """Where the source says that a connector works, and the committed routine does not.

    What is bound by hand is no difference: accounts keep no channels.
    """
    found = []
    for grant in new.connectors:
        held = next((each for each in old.connectors if each.connector == grant.connector), None)
        if held is not None and not set(_bindings(grant)) <= set(_bindings(held)):
            before, after = (", ".join(_bindings(each)) for each in (held, grant))
            found.append(Drift(name, f"bindings of {grant.connector}", before or "nothing", after))
    return found


def _bindings(grant: Grant) -> list[str]:
    return sorted(f"{each.name} ({each.id})" if each.id else each.name for each in grant.bindings)


def _title(routine: Routine) -> str:
    return routine.title or routine.name


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


def _fire_endpoint(routine: Routine) -> str:
    return "there" if any(isinstance(each, ApiTrigger) for each in routine.triggers) else ""


def _connectors(routine: Routine) -> str:
    return ", ".join(sorted(map(_granted, routine.connectors)))


def _granted(grant: Grant) -> str:
    tools = [f"allow {', '.join(grant.allow)}"] if grant.allow else []
    tools += [f"deny {', '.join(grant.deny)}"] if grant.deny else []
    return f"{grant.connector} ({'; '.join(tools)})" if tools else grant.connector


def _repositories(routine: Routine) -> str:
    return ", ".join(sorted(map(_cloned, routine.repositories)))


def _cloned(repository: Repository) -> str:
    free = " (unrestricted pushes)" if repository.unrestricted_pushes else ""
    return f"{repository.full_name}{free}"


def _network(routine: Routine) -> str:
    hosts = sorted(routine.environment.allowed_domains)
    return f"{routine.environment.network} ({', '.join(hosts)})" if hosts else routine.environment.network


_COMPARED: Final[Mapping[str, Callable[[Routine], str]]] = {
    "title": _title,
    "schedule": _schedule,
    "events": _events,
    "fire endpoint": _fire_endpoint,
    "connectors": _connectors,
    "repositories": _repositories,
    "network": _network,
    "model": lambda one: one.model or "",
    "tools": lambda one: "all" if one.tools is None else ", ".join(sorted(one.tools)),
    "enabled": lambda one: "true" if one.enabled else "false",
}
"""What is compared besides prompt and bindings, each as a text."""

_ASKED: Final = {
    "schedule": "--on",
    "events": "--on",
    "fire endpoint": "--on",
    "connectors": "--connector",
    "repositories": "--repository",
}
"""What an option says where the source does not."""
