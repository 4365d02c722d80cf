"""What the harness's own programs inside the sandbox ask, and are answered over the session.

``gh`` is carried out on the session's world. A stand-in prints what the case says; that, and what the program
does outside by it, is kept as a call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from routine_harness.live.outside.rest import Do, performer
from routine_harness.plain import Json, Record
from routine_harness.session.session import Session
from routine_harness.world.commands import CommandAnswer, ended
from routine_harness.world.github.gh.command_line import URL, Around
from routine_harness.world.github.gh.gh_plan import Request
from routine_harness.world.github.gh.gh_print import GhAnswer
from routine_harness.world.github.gh.gh_run import run_gh
from routine_harness.world.github.gh.gh_steps import files_of
from routine_harness.world.github.rest.replies import Reply
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.sandbox_calls import PROGRAM
from routine_harness.world.tool import Outcome, ToolResult


class GhQuestion(msgspec.Struct, frozen=True):
    """What ``gh`` sends: the arguments, files that were asked for (None where there is none), and where
    the clone stands."""

    arguments: tuple[str, ...]
    files: dict[str, str | None] = {}
    remote: str = ""
    branch: str = ""
    message: str = ""
    repository: str = ""


Api = Callable[[Request], Reply | None]


def answer_gh(question: GhQuestion, session: Session, do: Do, api: Api) -> GhAnswer:
    """What ``gh`` with these arguments prints, after ``do`` or, for ``gh api``, ``api`` has done it.

    Where the command reads files that were not sent, the answer asks for them and nothing is done.
    """
    remote = URL.match(question.remote)
    around = Around(
        repository=question.repository or (remote[1] if remote else ""), branch=question.branch,
        file=question.files.get, message=question.message,
    )  # fmt: skip
    missing = [name for name in files_of(question.arguments, around) if name not in question.files]
    if missing:
        return GhAnswer(files=tuple(missing))

    def perform(step: Step, face: str) -> Outcome:
        return performer(session, do, face)(step)

    return run_gh(question.arguments, around, perform, api)


Keep = Callable[[str, Mapping[str, Json], ToolResult], None]
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
    arguments: Record = {"command": " ".join(question.words), "run": command.run}
    if answer.looks:
        arguments["looks"] = True
    if answer.effects:
        arguments["effects"] = msgspec.to_builtins(answer.effects)
    keep(PROGRAM, arguments, ToolResult((told.stdout + told.stderr).rstrip(), is_error=answer.exit != 0))
    return CommandReply(told)
