"""Recordings of one routine that cannot be played for one reason: said once, with a count and one command."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from routine_harness.agents.acted import LIVE, record_command
from routine_harness.report.ink import PLAIN, Ink
from routine_harness.report.text import fold
from routine_harness.verdict.verdict import Check
from routine_harness.verdict.words import counted

State = Literal["stale", "missing"]
_STATES: Final[dict[str, State]] = {"recording.stale": "stale", "recording.absent": "missing"}
_CODES: Final[dict[State, str]] = {state: code for code, state in _STATES.items()}
_CHANGE_OF: Final = "recorded before a change of: "


class Renewal(msgspec.Struct, frozen=True):
    """Why a recording is not played, and whether the real agent is to record it anew.

    ``said`` are the findings of the case's check, code and message: two cases of which the same is said are
    told together. ``folder`` is the routine's.
    """

    folder: str
    state: State
    why: str
    said: tuple[tuple[str, str], ...]
    live: bool = False

    def sentence(self, count: int) -> str:
        """``6 recordings are stale: the prompt changed``."""
        return renewal_sentence(count, self.state, self.why)

    @property
    def code(self) -> str:
        """``recording.stale`` or ``recording.absent``."""
        return _CODES[self.state]

    @property
    def command(self) -> str:
        """The command that takes the reason away for every case of the routine."""
        return renewal_command(self.folder, self.state, live=self.live)


def renewal_of(check: Check, routine: str) -> Renewal | None:
    """What ``check`` of a case wants renewed; None where it failed for another reason, too.

    ``routine`` is the routine's file, as it is shown.
    """
    failing = [finding for finding in check.findings if finding.fails]
    if check.name != "run" or not failing or any(each.code not in _STATES for each in failing):
        return None
    first = failing[0]
    return Renewal(
        posixpath.dirname(routine) or ".",
        _STATES[first.code],
        first.message,
        tuple((each.code, each.message) for each in check.findings),
        live=first.hint.endswith(f" {LIVE}"),
    )


def renewal_sentence(count: int, state: State, why: str) -> str:
    """How many recordings cannot be played, and why not: ``6 recordings are stale: the prompt changed``."""
    changed = why.partition(_CHANGE_OF)[2]
    said = f"the {changed} changed" if changed and ", " not in changed else why
    if state == "missing":
        return f"{counted(count, 'recording')} {'is' if count == 1 else 'are'} missing"
    return f"{counted(count, 'recording')} {'is' if count == 1 else 'are'} stale: {said}"


def renewal_command(folder: str, state: State, *, live: bool) -> str:
    """The one command that renews every such recording below ``folder``."""
    return record_command(folder, *(("--stale",) if state == "stale" else ()), *((LIVE,) if live else ()))


def renewal_lines(
    renewal: Renewal, cases: Sequence[str], *, width: int = 80, ink: Ink = PLAIN
) -> Iterator[str]:
    """The block for several cases: how many and why, which, and the command on a line of its own."""
    head, *rest = fold(renewal.sentence(len(cases)), width)
    yield ink(head, "error")
    yield from (ink(f"  {line}", "error") for line in rest)
    yield f"  {ink(f'error[{renewal.code}]', 'error')}"
    yield from fold(", ".join(cases), width, "    ")
    yield f"  next: {renewal.command}"  # unfolded: it is there to be copied
