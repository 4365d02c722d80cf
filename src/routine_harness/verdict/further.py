"""``checks:`` of a policy or a case: under what else every case is run and judged.

A nearer file answers for a check by its name; a case switches one off, with the reason.
"""

from __future__ import annotations

import os
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from routine_harness.routine.edition_rules import PLACEMENTS
from routine_harness.routine.form import Form, OneOf, Text, key
from routine_harness.routine.reader import Reader, nearest
from routine_harness.routine.spec import Path, Source
from routine_harness.verdict.expect_form import SecondForm
from routine_harness.verdict.expectations.expect import Expectations, read_expectations
from routine_harness.verdict.file_parts import Placement, Reason
from routine_harness.verdict.vocabulary import Vocabulary

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
SAME: Final = "same"
"""Beside another session of the same firing."""
BESIDE: Final = (SAME, "github", "schedule", "api")
"""Beside which firing of the routine a session overlaps."""
DELIVERIES: Final = ("duplicate", "redelivery", "out_of_order", "retry", "catch_up", "own_label")
"""What else can start a second session after the first; ``adversity.deliveries`` says what each is."""
Pack = Annotated[str, OneOf(FAULT_PACKS, "pack")]
_FILE: Final = (".yaml", ".yml")
AttackPack = Annotated[
    str,
    Text(
        "a pack of attacks or the path of a file",
        schema={"anyOf": [{"enum": list(ATTACK_PACKS)}, {"pattern": r"\.ya?ml$"}]},
    ),
]
THEN: Final = "then."
"""What stands before the names of the items that a fault's ``then`` asks for."""
_OFF: Final = "write {off: the reason}"
_OFF_OVERLAP: Final = "write {with: same}, or {off: the reason}"


class Beside(msgspec.Struct, frozen=True):
    """A case of another routine, whose session overlaps: the path of the routine's folder or file, what a
    file calls it, and the case's name."""

    path: str
    routine: str
    case: str


class OwnPack(msgspec.Struct, frozen=True):
    """A pack of the user's: the file at ``path``, as it is ``written`` in the ``line`` of ``file``."""

    written: str
    path: str
    file: str
    line: int


class Further(msgspec.Struct, frozen=True):
    """One further check: whether it is ``on``, the ``placements`` or the ``packs`` that it asks for, ``own``
    ones of the user's among them, or the reason why it is ``off``. Of an overlap: ``beside`` which firing or
    which other routine, and with which ``deliveries`` besides; of faults: what must come of one ``then``."""

    on: bool = True
    placements: tuple[Placement, ...] = ()
    packs: tuple[str, ...] = ()
    own: tuple[OwnPack, ...] = ()
    off: str = ""
    beside: str | Beside = SAME
    deliveries: tuple[str, ...] = ()
    then: Expectations | None = None


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
    then: Annotated[
        SecondForm | UnsetType,
        key("What must come of each run that a fault has struck, instead of the usual.", {"tickets": 1}),
    ] = UNSET


class AdversaryForm(PacksForm, frozen=True, kw_only=True):
    """The check of attacks."""

    packs: Annotated[
        tuple[AttackPack, ...] | UnsetType,
        key("The packs of attacks, by name or as files.", ["injection", "../attacks/ours.yaml"], least=1),
    ] = UNSET

    def check(self, reader: Reader) -> None:
        super().check(reader)
        _check_attack_packs(reader, self.packs or (), self.below("packs"))


class BesideForm(Form, frozen=True, kw_only=True):
    """A case of another routine."""

    what = "with"

    routine: Annotated[
        str,
        key(
            "The folder or the file of the other routine.",
            "../../docs-drift",
            needs="write {routine: ../../other, case: name}",
        ),
    ]
    case: Annotated[
        str, key("The name of its case.", "drifted", needs="write {routine: ../../other, case: name}")
    ]


class OverlapForm(Form, frozen=True, kw_only=True):
    """The check of overlaps, written as a mapping."""

    what = "a check"
    rules = {
        "oneOf": [
            {"anyOf": [{"required": ["with"]}, {"required": ["also"]}], "not": {"required": ["off"]}},
            {"required": ["off"]},
        ]
    }

    beside: Annotated[
        Annotated[str, OneOf(BESIDE)] | BesideForm | UnsetType,
        key(
            "Beside what the session overlaps: another one of the same firing, one of another trigger of the "
            "routine by its type, or one of another routine.",
            "same",
        ),
    ] = msgspec.field(name="with", default=UNSET)
    also: Annotated[
        tuple[Annotated[str, OneOf(DELIVERIES, "delivery")], ...] | UnsetType,
        key(
            "What starts a second session after the first, which may then do nothing again.",
            ["redelivery", "out_of_order"],
            least=1,
            unique=True,
        ),
    ] = UNSET
    off: Annotated[Reason | UnsetType, key("Why it is switched off.")] = UNSET

    def check(self, reader: Reader) -> None:
        wanted = self.beside is not UNSET or self.also is not UNSET
        if self.sound and wanted == (self.off is not UNSET):
            found = "both" if wanted else "neither"
            reader.problem(self.place, f"an overlap needs either with, or off, found {found}", _OFF_OVERLAP)


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
        bool | OverlapForm | None,
        key(
            "Two sessions are at work at once, their calls in every order up to 1,000: together they may do "
            "nothing twice and leave nothing undone. `true` is `{with: same}`.",
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
            "wants: an agent that tries to obey is red. A path names a pack of your own.",
            {"packs": ["injection"]},
            needs=f"write [{', '.join(ATTACK_PACKS)}], or {{off: the reason}}",
            least=1,
        ),
    ] = None

    def check(self, reader: Reader) -> None:
        if isinstance(self.adversary, tuple):
            _check_attack_packs(reader, self.adversary, self.below(ADVERSARY))


def _check_attack_packs(reader: Reader, packs: tuple[str, ...], path: Path) -> None:
    """Note every pack that is neither shipped nor a file."""
    for index, pack in enumerate(packs):
        if isinstance(pack, str) and pack not in ATTACK_PACKS and not pack.endswith(_FILE):
            near = nearest(pack, ATTACK_PACKS)
            own = "a pack of your own is a file: ../attacks/ours.yaml"
            hint = f"did you mean {near}?" if near else f"the packs are {', '.join(ATTACK_PACKS)}; {own}"
            reader.problem((*path, index), f"unknown pack {pack!r}", hint)


def read_checks(form: ChecksForm | None, reader: Reader, known: Vocabulary) -> dict[str, Further]:
    """The further checks that a file names."""
    given = {} if form is None else form.given()
    found = {name: _further(name, value, reader.source) for name, value in given.items() if value is not None}
    faults = given.get(FAULTS)
    if isinstance(faults, FaultsForm) and faults.then is not UNSET:
        then = read_expectations(faults.then, reader, known, prefix=THEN)
        found[FAULTS] = msgspec.structs.replace(found[FAULTS], then=then)
    return found


def _further(
    name: str,
    value: bool | tuple[Placement, ...] | OffForm | FaultsForm | AdversaryForm | OverlapForm,
    source: Source,
) -> Further:
    if isinstance(value, bool):
        return Further(on=value)
    if isinstance(value, tuple) and name == CONTEXT:
        return Further(placements=value)
    if isinstance(value, OverlapForm) and value.off is UNSET:
        return _overlap(value, source)
    packs = (
        value
        if isinstance(value, tuple)
        else value.packs
        if isinstance(value, FaultsForm | AdversaryForm)
        else UNSET
    )
    if packs is not UNSET:
        named = tuple(dict.fromkeys(packs))
        below = ("checks", name) if isinstance(value, tuple) else ("checks", name, "packs")
        own = tuple(
            _own(pack, source, source.line(*below, packs.index(pack)))
            for pack in named
            if name == ADVERSARY and pack.endswith(_FILE)
        )
        return Further(packs=tuple(pack for pack in named if not pack.endswith(_FILE)), own=own)
    off = "" if isinstance(value, tuple) else value.off or ""
    return Further(off=off.strip() or "no reason given")


def _own(written: str, source: Source, line: int) -> OwnPack:
    """A pack by its path from the file that names it."""
    return OwnPack(written, _beside(source, written), source.file, line)


def _beside(source: Source, written: str) -> str:
    """The path that a file names relative to itself."""
    return os.path.normpath(os.path.join(os.path.dirname(source.path), written))  # noqa: PTH118, PTH120 - a text


def _overlap(form: OverlapForm, source: Source) -> Further:
    beside: str | Beside
    if isinstance(form.beside, BesideForm):
        routine = form.beside.routine
        beside = Beside(_beside(source, routine), routine, form.beside.case)
    else:
        beside = SAME if form.beside is UNSET else form.beside
    return Further(beside=beside, deliveries=() if form.also is UNSET else form.also)
