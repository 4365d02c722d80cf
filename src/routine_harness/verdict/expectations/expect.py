"""What a case demands of its runs; judged by ``verdict.judge``."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import UNSET

from routine_harness.routine.reader import Reader
from routine_harness.session.transcript import RunStatus
from routine_harness.verdict.expect_form import ExpectForm, TurnForm
from routine_harness.verdict.expectations.blocks import Block
from routine_harness.verdict.read_blocks import read_block
from routine_harness.verdict.vocabulary import Vocabulary

CHECKS: Final = ("fires", "nothing", "idempotent", "snapshot", "status")
"""What is asked without a block."""


class Expectations(msgspec.Struct, frozen=True):
    """All that a case demands; ``blocks`` in the order of the file, each an item of its own.

    ``lines`` maps a check without a block (``fires``, ``idempotent``, ``nothing``) to its line. ``status`` is
    how the first run has to end, where the case says so; a run that ends otherwise than well decides little,
    so that ``run`` stays undecided although it was expected. ``any_order`` are the tools whose calls may
    change places in the snapshot. ``turns`` are those of single turns, in order; ``prefix`` stands before
    the names of their items and of the second run's.
    """

    fires: bool = True
    blocks: tuple[Block, ...] = ()
    nothing: bool = False
    idempotent: bool = True
    snapshot: bool = False
    any_order: tuple[str, ...] = ()
    status: RunStatus | Literal[""] = ""
    lines: dict[str, int] = {}
    turns: tuple[Expectations, ...] = ()
    prefix: str = ""

    @property
    def checks(self) -> tuple[str, ...]:
        """The names of the items in their order; ``second`` blocks are asked for their own."""
        if not self.fires:
            return ("fires",)
        names = ["fires", "run", *(["idempotent"] if self.idempotent else []), "policy"]
        return (*names, *self.own_checks, *(["snapshot"] if self.snapshot else []))

    @property
    def own_checks(self) -> tuple[str, ...]:
        """The names of the blocks, of ``status`` and ``nothing``, without what every case has."""
        flags = [name for name in ("status", "nothing") if getattr(self, name)]
        turns = (name for turn in self.turns for name in turn.own_checks)
        return (*(block.check for block in self.blocks), *(f"{self.prefix}{name}" for name in flags), *turns)

    @property
    def all_blocks(self) -> tuple[Block, ...]:
        """The blocks of the whole run and of its turns."""
        return (*self.blocks, *(block for turn in self.turns for block in turn.blocks))


def read_expectations(
    form: TurnForm | None, reader: Reader, vocabulary: Vocabulary | None = None, *, prefix: str = ""
) -> Expectations:
    """The expectations that a form spells; problems are noted on ``reader``.

    ``prefix`` (``second.``, ``turns[1].``) is put before the names of the items; such expectations have no
    ``fires``, ``idempotent`` and ``snapshot``, which belong to the pair.
    """
    if form is None:
        return Expectations()
    known, given = vocabulary or Vocabulary(), form.given()
    lines = {"": reader.source.line(*form.place)}
    blocks: list[Block] = []
    for key in form.written:
        if key in CHECKS:
            lines[key] = reader.source.line(*form.below(key))
        elif key in given and key != "turns":
            blocks += read_block(reader, key, given[key], known, prefix)
    if isinstance(form, ExpectForm):
        status: RunStatus | Literal[""] = "" if form.status is UNSET else form.status
        turns = tuple(
            read_expectations(turn, reader, known, prefix=f"turns[{number}].")
            for number, turn in enumerate(form.turns)
        )
        found = Expectations(
            form.fires, tuple(blocks), form.nothing, form.idempotent, bool(form.snapshot),
            _read_any_order(form, reader, known), status, lines, turns,
        )  # fmt: skip
    else:
        found = Expectations(blocks=tuple(blocks), nothing=form.nothing, lines=lines, prefix=prefix)
    _check_sense(form, found, reader)
    return found


def _read_any_order(form: ExpectForm, reader: Reader, vocabulary: Vocabulary) -> tuple[str, ...]:
    if isinstance(form.snapshot, bool):
        return ()
    path = form.snapshot.below("any_order")
    return tuple(vocabulary.tool_name(reader, tool, path, every=True) for tool in form.snapshot.any_order)


def _check_sense(form: TurnForm, found: Expectations, reader: Reader) -> None:
    if not found.fires:
        for key in form.written:
            if key != "fires":
                message = f"{key} is never judged, as the case expects that nothing fires"
                reader.problem(form.below(key), message, "a case with fires: false has no run")
    seen: set[str] = set()
    for block in found.blocks:
        if block.check in seen:
            reader.problem(form.place, f"two blocks are called {block.check}", "give each a name of its own")
        seen.add(block.check)
