"""Stand-ins inside the sandbox for programs of which a case says what they print.

A stand-in asks; what it is answered, and what the program does outside by it, is kept as a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from routine_harness.live.sandbox import command_shim
from routine_harness.session.session import Session
from routine_harness.world.captured import PROGRAM
from routine_harness.world.commands import CommandAnswer, ended
from routine_harness.world.tool import ToolResult

FOLDER: Final = "stand-ins"
PATH: Final = "/command"
"""Where a stand-in asks."""

Keep = Callable[[str, Mapping[str, Any], ToolResult], None]
"""Keeps what a program inside has done, and was answered."""


class CommandQuestion(msgspec.Struct, frozen=True):
    """What a stand-in sends: the words of the command, its own name first."""

    words: tuple[str, ...]


class CommandReply(msgspec.Struct, frozen=True):
    """What it gets; without an answer the real program runs."""

    answer: CommandAnswer | None = None


def write_stand_ins(tools: Path, programs: Iterable[str], interpreter: str) -> None:
    """A stand-in for each of ``programs`` in its folder below ``tools``, run by ``interpreter``."""
    folder = tools / FOLDER
    folder.mkdir()
    source = f"#!{interpreter} -I\n{Path(command_shim.__file__).read_text()}"
    for program in programs:
        (folder / program).write_text(source)
        (folder / program).chmod(0o755)


def answer_command(question: CommandQuestion, session: Session, keep: Keep) -> CommandReply:
    """What the command prints by the case, kept as what a program did; nothing where no pattern fits."""
    found = session.commands.find(question.words)
    if found is None:
        return CommandReply()
    command, answer = found
    told = msgspec.structs.replace(answer, stdout=ended(answer.stdout), stderr=ended(answer.stderr))
    if command.absent:
        return CommandReply(told)
    arguments: dict[str, Any] = {"command": " ".join(question.words), "run": command.run}
    if answer.looks:
        arguments["looks"] = True
    if answer.effects:
        arguments["effects"] = msgspec.to_builtins(answer.effects)
    keep(PROGRAM, arguments, ToolResult((told.stdout + told.stderr).rstrip(), is_error=answer.exit != 0))
    return CommandReply(told)
