"""What programs print where nobody runs them: patterns of commands with their answers.

A pattern is the words of a simple command, as the reader of commands takes them apart; ``*`` is one word,
a last ``**`` is the rest. The first pattern that fits answers, its answers in turn, the last one again and
again. Knows no shell and no file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Final

import msgspec

from routine_harness.plain import Record
from routine_harness.world.holes import has_hole, is_loose

ONE: Final = "*"
REST: Final = "**"
NOT_FOUND: Final = 127
"""The exit code of a shell that finds no such program."""


class CommandEffect(msgspec.Struct, frozen=True, omit_defaults=True):
    """An outward act of a program: a kind of the effect table, its fields, and the connector, if any."""

    kind: str
    fields: Record = {}
    connector: str = ""


class CommandAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a program does once: its outputs (each ends its last line), exit code, files (path from where
    the program stands → text), and what it does outside."""

    stdout: str = ""
    stderr: str = ""
    exit: int = 0
    writes: dict[str, str] = {}
    effects: tuple[CommandEffect, ...] = ()

    @property
    def looks(self) -> bool:
        """Whether the answer shows that the program has looked at something."""
        return self.exit == 0 and bool(self.stdout.strip())


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pattern, as written and by its words, with at least one answer; ``absent``: there is no such
    program. ``line`` is that of the file which says so."""

    run: str
    words: tuple[str, ...]
    answers: tuple[CommandAnswer, ...]
    file: str = ""
    line: int = 0
    absent: bool = False


def absent_commands(program: str) -> tuple[Command, ...]:
    """What a shell answers where a program is missing: to a call of it, and to the question where it is."""
    called = CommandAnswer(stderr=f"bash: line 1: {program}: command not found", exit=NOT_FOUND)
    asked = (("command", "-v", program), ("which", program), ("type", program), ("hash", program))
    return (
        Command(f"{program} {REST}", (program, REST), (called,), absent=True),
        *(Command(" ".join(words), words, (CommandAnswer(exit=1),), absent=True) for words in asked),
    )


def fits(pattern: Sequence[str], words: Sequence[str]) -> bool:
    """Whether ``words`` are a command that ``pattern`` means; a word may have holes.

    A program may be called by its path. What only a run can tell fits no word but ``*``, and what may be
    any number of words fits ``**`` alone.
    """
    open_end = bool(pattern) and pattern[-1] == REST
    fixed = pattern[:-1] if open_end else pattern
    if len(words) < len(fixed) or (len(words) > len(fixed) and not open_end):
        return False
    return all(
        _fits(wanted, word) or (at == 0 and _fits(wanted, posixpath.basename(word)))
        for at, (wanted, word) in enumerate(zip(fixed, words, strict=False))
    )


def _fits(wanted: str, word: str) -> bool:
    if wanted == ONE:
        return not is_loose(word)
    return wanted == word and not has_hole(word)


def ended(text: str) -> str:
    """``text`` with its last line ended, as programs end theirs."""
    return text if not text or text.endswith("\n") else text + "\n"


class Commands:
    """The commands of a case during one run: which have answered, and how often."""

    def __init__(self, commands: Sequence[Command] = ()) -> None:
        self._commands = tuple(commands)
        self._played = [0] * len(self._commands)

    def __bool__(self) -> bool:
        return bool(self._commands)

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs that the patterns name, each once, in whose place a stand-in can run: a program that
        is called by its path runs as it is."""
        return tuple(dict.fromkeys(one.words[0] for one in self._commands if not _by_path(one)))

    def find(self, words: Sequence[str]) -> tuple[Command, CommandAnswer] | None:
        """The command that ``words`` are and its next answer, which stays the next one; None for none."""
        for at, command in enumerate(self._commands):
            if fits(command.words, words):
                return command, command.answers[min(self._played[at], len(command.answers) - 1)]
        return None

    def play(self, words: Sequence[str]) -> tuple[Command, CommandAnswer] | None:
        """The same; the answer has been given now."""
        found = self.find(words)
        if found is not None:
            self.note(found[0].run)
        return found

    def note(self, run: str) -> None:
        """Count an answer of the command whose pattern is ``run``."""
        for at, command in enumerate(self._commands):
            if command.run == run:
                self._played[at] += 1
                return

    def idle(self, *, sandboxed: bool = False) -> tuple[Command, ...]:
        """The commands that nothing has asked for; a program that is absent need not be called, and in a
        sandbox one that is called by its path runs as it is."""
        return tuple(
            command
            for command, played in zip(self._commands, self._played, strict=True)
            if not played and not command.absent and not (sandboxed and _by_path(command))
        )


def _by_path(command: Command) -> bool:
    return "/" in command.words[0]
