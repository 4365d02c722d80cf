"""Stand-ins inside the sandbox for programs of which a case says what they print.

A stand-in asks; what it is answered, and what the program does outside by it, is kept as a call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from routine_harness.session.session import Session
from routine_harness.world.captured import PROGRAM
from routine_harness.world.commands import CommandAnswer, ended
from routine_harness.world.tool import ToolResult

Keep = Callable[[str, Mapping[str, Any], ToolResult], None]
"""Keeps what a program inside has done, and was answered."""


class CommandQuestion(msgspec.Struct, frozen=True):
    """What a stand-in sends: the words of the command, its own name first."""

    words: tuple[str, ...]


class CommandReply(msgspec.Struct, frozen=True):
    """What it gets; without an answer the real program runs."""

    answer: CommandAnswer | None = None


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
