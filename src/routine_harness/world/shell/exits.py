"""Exit codes of commands, where they are known, and what they decide: which parts of a script run.

Without answers for programs nothing is followed: then every part may run, and counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.program_table import is_a
from routine_harness.world.shell.scope import Text

_CHECKED: Final = ("command", "pipeline", "redirected_statement", "subshell", "variable_assignment")
"""Statements after which ``set -e`` ends a script that has failed."""

Ended = Literal["", "return", "exit"]


class Exits:
    """How far a script has come. ``follows``: exit codes decide what runs next."""

    def __init__(self, *, follows: bool = False) -> None:
        self.follows = follows
        self.ended: Ended = ""
        """What has ended the script, or the function that is being read."""
        self._stops = False
        self._perhaps = 0
        self._tested = 0

    def status(self, argv: list[Word], output: Text, before: int | None, *, acted: bool) -> int | None:
        """The exit code of a command that nobody has answered for; ``before`` is that of the one before it,
        ``acted`` says that it does something outside."""
        name = argv[0].text
        if name in ("exit", "return"):
            return self._end(argv, before)
        if name == "false":
            return 1
        known = is_a(name, "succeeds") or (is_a(name, "filter") and output.text is not None)
        return 0 if known and not acted else None

    def note_options(self, argv: list[Word]) -> None:
        """``set -e``: what fails from here on may end the script."""
        if argv[0].text == "set":
            flags = [word.text for word in argv[1:]]
            self._stops |= "errexit" in flags or any(
                flag[:1] == "-" and "e" in flag for flag in flags if flag[:2] != "--"
            )

    def _end(self, argv: list[Word], before: int | None) -> int | None:
        if not self._perhaps:
            self.ended = "exit" if argv[0].text == "exit" else "return"
        if len(argv) < 2:
            return before
        return int(argv[1].text) if argv[1].text.isdecimal() else None

    def check(self, statement: str, status: int | None) -> None:
        """``set -e``: a statement that has failed, and that nothing tests, ends the script."""
        if self._stops and status and not self._perhaps and not self._tested and statement in _CHECKED:
            self.ended = "exit"

    def leave_function(self) -> None:
        if self.ended == "return":
            self.ended = ""

    @contextmanager
    def perhaps(self, *, certain: bool = False) -> Iterator[None]:
        """What may run or not, so that no ``exit`` in it ends the script; nothing, if it is ``certain``."""
        self._perhaps += not certain
        try:
            yield
        finally:
            self._perhaps -= not certain

    @contextmanager
    def tested(self) -> Iterator[None]:
        """What is run for its exit code: its failure is no failure of the script."""
        self._tested += 1
        try:
            yield
        finally:
            self._tested -= 1
