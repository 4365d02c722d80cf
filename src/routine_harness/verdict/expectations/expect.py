"""What a case demands of its runs; judged by ``verdict.judge``."""

from __future__ import annotations

from typing import Any, Final, Literal, cast, get_args

import msgspec

from routine_harness.routine.reader import Reader
from routine_harness.routine.spec import Path
from routine_harness.session.transcript import RunStatus
from routine_harness.verdict.expectations.blocks import Block
from routine_harness.verdict.read_blocks import BLOCK_KEYS, read_block
from routine_harness.verdict.vocabulary import Vocabulary

FLAGS: Final = ("fires", "nothing", "idempotent", "snapshot")
STATUSES: Final = get_args(RunStatus)
EXPECT_KEYS: Final = (*FLAGS, "status", *BLOCK_KEYS)
SECOND_KEYS: Final = ("nothing", *BLOCK_KEYS)


class Expectations(msgspec.Struct, frozen=True):
    """All that a case demands; ``blocks`` in the order of the file, each an item of its own.

    ``lines`` maps a check without a block (``fires``, ``idempotent``, ``nothing``) to its line. ``status`` is
    how the first run has to end, where the case says so; a run that ends otherwise than well decides little,
    so that ``run`` stays undecided although it was expected.
    """

    fires: bool = True
    blocks: tuple[Block, ...] = ()
    nothing: bool = False
    idempotent: bool = True
    snapshot: bool = False
    status: RunStatus | Literal[""] = ""
    lines: dict[str, int] = {}

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
        return (*(block.check for block in self.blocks), *flags)


def parse_expectations(
    data: Any, reader: Reader, path: Path, vocabulary: Vocabulary | None = None, *, prefix: str = ""
) -> Expectations:
    """The expectations that the mapping at ``path`` spells; problems are noted on ``reader``.

    ``prefix`` (``second.``) is put before the names of the items; such expectations have no
    ``fires``, ``idempotent`` and ``snapshot``, which belong to the pair.
    """
    if data is None:
        return Expectations()
    keys = SECOND_KEYS if prefix else EXPECT_KEYS
    fields = reader.fields(data, path, keys, "an expect block")
    vocabulary = vocabulary or Vocabulary()
    blocks: list[Block] = []
    for key, value in fields.data.items():
        if key in BLOCK_KEYS:
            blocks += read_block(reader, key, value, fields.at(key), vocabulary, prefix)
    expectations = Expectations(
        fires=fields.flag("fires", True),
        blocks=tuple(blocks),
        nothing=fields.flag("nothing"),
        idempotent=fields.flag("idempotent", True),
        snapshot=fields.flag("snapshot"),
        status=cast("RunStatus", fields.choice("status", STATUSES, "")) if "status" in fields else "",
        lines={"": reader.source.line(*path)}
        | {key: reader.source.line(*fields.at(key)) for key in (*FLAGS, "status") if key in fields},
    )
    _check_sense(fields.data, expectations, reader, path)
    return expectations


def _check_sense(data: dict[str, Any], found: Expectations, reader: Reader, path: Path) -> None:
    if not found.fires:
        for key in data:
            if key != "fires":
                message = f"{key} is never judged, as the case expects that nothing fires"
                reader.problem((*path, key), message, "a case with fires: false has no run")
    seen: set[str] = set()
    for block in found.blocks:
        if block.check in seen:
            reader.problem(path, f"two blocks are called {block.check}", "give each a name of its own")
        seen.add(block.check)
