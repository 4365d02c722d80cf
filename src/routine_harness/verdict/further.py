"""``checks:`` of a policy or a case: under what else every case is run and judged.

A nearer file answers for a check by its name; a case switches one off, with the reason.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from routine_harness.routine.edition_rules import PLACEMENTS, Placement
from routine_harness.routine.reader import Fields, kind_of, suggestion

CONTEXT: Final = "context"
"""The check under other placements of the trigger's context, and the item that it is."""
CRASH: Final = "crash"
"""The check whose sessions die after each of their outward calls, and the item that it is."""
OVERLAP: Final = "overlap"
"""The check in which two sessions are at work at once, and the item that it is."""
FAULTS: Final = "faults"
"""The check that lays each fault of its packs over each call in turn; an item for each."""
FAULT_PACKS: Final = ("outage", "flaky", "lapsed", "rate_limited", "partial_offer")
"""The packs of faults; ``adversity.faults`` says what is in them."""
CHECKS: Final = (CONTEXT, CRASH, OVERLAP, FAULTS)


class Further(msgspec.Struct, frozen=True):
    """One further check: whether it is ``on``, the ``placements`` or the ``packs`` that it asks for, or the
    reason why it is ``off``."""

    on: bool = True
    placements: tuple[Placement, ...] = ()
    packs: tuple[str, ...] = ()
    off: str = ""


def read_checks(top: Fields) -> dict[str, Further]:
    """The further checks that a file names."""
    if top.data.get("checks") is None:
        return {}
    fields = top.reader.fields(top.data["checks"], top.at("checks"), CHECKS, "checks")
    return {name: _further(fields, name) for name in CHECKS if fields.data.get(name) is not None}


def read_placement(top: Fields) -> Placement | None:
    """The placement that ``context:`` names; None where the file does not say."""
    if top.data.get(CONTEXT) is None:
        return None
    named = top.choice(CONTEXT, PLACEMENTS, PLACEMENTS[0])
    return next(each for each in PLACEMENTS if each == named)


def read_placements(fields: Fields, key: str) -> tuple[Placement, ...]:
    """The list of placements at ``key``, each once."""
    found: list[Placement] = []
    written = fields.texts(key)
    listed = isinstance(fields.data[key], list)
    if not written and fields.data[key] == []:
        fields.problem(key, "expected at least one placement, found none", _HINT)
    for index, name in enumerate(written):
        path = (*fields.at(key), index) if listed else fields.at(key)
        known = next((each for each in PLACEMENTS if each == name), None)
        if known is None:
            hint = suggestion(name, PLACEMENTS, "the placements")
            fields.reader.problem(path, f"unknown placement {name!r}", hint)
        elif known in found:
            fields.reader.problem(path, f"the placement {name} is here twice")
        else:
            found.append(known)
    return tuple(found)


_HINT: Final = f"write [{', '.join(PLACEMENTS[:2])}], or {{off: the reason}}"


def _further(checks: Fields, name: str) -> Further:
    value: Any = checks.data[name]
    if isinstance(value, dict) and "packs" in value:
        fields = checks.reader.fields(value, checks.at(name), ("packs",), f"the check {name}")
        return Further(packs=_packs(fields, "packs"))
    if isinstance(value, dict):
        fields = checks.reader.fields(value, checks.at(name), ("off",), f"the check {name}")
        if fields.require("off", "write {off: the reason}") and not fields.text("off").strip():
            fields.problem("off", "expected a reason, found an empty text")
        return Further(off=fields.text("off").strip() or "no reason given")
    if name == FAULTS:
        return Further(packs=_packs(checks, name))
    if name != CONTEXT:
        return Further(on=checks.flag(name))
    if not isinstance(value, list | str):
        checks.problem(name, f"expected a list of placements, found {kind_of(value)}", _HINT)
        return Further()
    return Further(placements=read_placements(checks, name))


def _packs(fields: Fields, key: str) -> tuple[str, ...]:
    """The packs at ``key``, each once."""
    if not isinstance(fields.data[key], list | str) or not fields.data[key]:
        hint = f"write [{', '.join(FAULT_PACKS)}], or {{off: the reason}}"
        fields.problem(key, f"expected a list of packs, found {kind_of(fields.data[key])}", hint)
        return ()
    listed = isinstance(fields.data[key], list)
    for index, name in enumerate(fields.texts(key)):
        if name not in FAULT_PACKS:
            path = (*fields.at(key), index) if listed else fields.at(key)
            hint = suggestion(name, FAULT_PACKS, "the packs")
            fields.reader.problem(path, f"there is no pack {name!r}", hint)
    return tuple(dict.fromkeys(name for name in fields.texts(key) if name in FAULT_PACKS))
