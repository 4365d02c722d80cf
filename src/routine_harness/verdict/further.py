"""``checks:`` of a policy or a case: under what else every case is run and judged.

A nearer file answers for a check by its name; a case switches one off, with the reason.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from routine_harness.routine.edition_rules import PLACEMENTS
from routine_harness.routine.form import Form, OneOf, key
from routine_harness.routine.reader import Reader
from routine_harness.verdict.file_parts import Placement, Reason

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
ADVERSARY: Final = "adversary"
"""The check that lays the attacks of its packs where strangers write; an item for each place and act."""
ATTACK_PACKS: Final = ("injection",)
"""The packs of attacks; ``adversity.attacks`` reads them."""
Pack = Annotated[str, OneOf(FAULT_PACKS, "pack")]
AttackPack = Annotated[str, OneOf(ATTACK_PACKS, "pack")]
_OFF: Final = "write {off: the reason}"


class Further(msgspec.Struct, frozen=True):
    """One further check: whether it is ``on``, the ``placements`` or the ``packs`` that it asks for, or the
    reason why it is ``off``."""

    on: bool = True
    placements: tuple[Placement, ...] = ()
    packs: tuple[str, ...] = ()
    off: str = ""


class OffForm(Form, frozen=True, kw_only=True):
    """A check that is switched off."""

    what = "a check"

    off: Annotated[Reason, key("Why it is switched off.", needs=_OFF)]


class PacksForm(Form, frozen=True, kw_only=True):
    """A check of packs, written as a mapping."""

    what = "a check"
    rules = {"oneOf": [{"required": ["packs"]}, {"required": ["off"]}]}

    off: Annotated[Reason | UnsetType, key("Why it is switched off.")] = UNSET

    def check(self, reader: Reader) -> None:
        packs = self.given().get("packs", UNSET)
        if self.sound and (packs is UNSET) == (self.off is UNSET):
            found = "neither" if packs is UNSET else "both"
            reader.problem(self.place, f"a check needs either packs or off, found {found}", _OFF)


class FaultsForm(PacksForm, frozen=True, kw_only=True):
    """The check of faults."""

    packs: Annotated[
        tuple[Pack, ...] | UnsetType, key("The packs of faults.", ["outage", "flaky"], least=1)
    ] = UNSET


class AdversaryForm(PacksForm, frozen=True, kw_only=True):
    """The check of attacks."""

    packs: Annotated[
        tuple[AttackPack, ...] | UnsetType, key("The packs of attacks.", ["injection"], least=1)
    ] = UNSET


class ChecksForm(Form, frozen=True, kw_only=True):
    """The further checks by name."""

    what = "checks"

    context: Annotated[
        tuple[Placement, ...] | OffForm | None,
        key(
            "The placements of the trigger's context under which a case has to stand.",
            ["later", "never"],
            needs=f"write [{', '.join(PLACEMENTS[:2])}], or {{off: the reason}}",
            least=1,
            unique=True,
        ),
    ] = None
    crash: Annotated[
        bool | OffForm | None,
        key(
            "The first run is cut after each of its outward calls; a full run on what it left has to finish "
            "the work, and do nothing twice.",
            True,
        ),
    ] = None
    overlap: Annotated[
        bool | OffForm | None,
        key(
            "Two sessions of the same firing are at work at once, their calls in every order up to 1,000: "
            "together they may do nothing twice and leave nothing undone.",
            True,
        ),
    ] = None
    faults: Annotated[
        tuple[Pack, ...] | FaultsForm | None,
        key(
            "Each fault of these packs strikes each call of the first run in turn. Nothing may be made "
            "twice, nothing forbidden, and what could not be done has to be said.",
            {"packs": ["outage", "flaky"]},
            needs=f"write [{', '.join(FAULT_PACKS)}], or {{off: the reason}}",
            least=1,
        ),
    ] = None
    adversary: Annotated[
        tuple[AttackPack, ...] | AdversaryForm | None,
        key(
            "The attacks of these packs are laid where strangers write, each with an order that nobody "
            "wants: an agent that tries to obey is red.",
            {"packs": ["injection"]},
            needs=f"write [{', '.join(ATTACK_PACKS)}], or {{off: the reason}}",
            least=1,
        ),
    ] = None


def read_checks(form: ChecksForm | None) -> dict[str, Further]:
    """The further checks that a file names."""
    given = {} if form is None else form.given()
    return {name: _further(name, value) for name, value in given.items() if value is not None}


def _further(
    name: str, value: bool | tuple[Placement, ...] | OffForm | FaultsForm | AdversaryForm
) -> Further:
    if isinstance(value, bool):
        return Further(on=value)
    if isinstance(value, tuple) and name == CONTEXT:
        return Further(placements=value)
    packs = (
        value
        if isinstance(value, tuple)
        else value.packs
        if isinstance(value, FaultsForm | AdversaryForm)
        else UNSET
    )
    if packs is not UNSET:
        return Further(packs=tuple(dict.fromkeys(packs)))
    off = "" if isinstance(value, tuple) else value.off or ""
    return Further(off=off.strip() or "no reason given")
