"""``gh`` inside the sandbox: what the shim asks is carried out on the session's world."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from routine_harness.live.outside.rest import Asked, Do, performer
from routine_harness.session.session import Session
from routine_harness.world.github.gh.command_line import URL, Around
from routine_harness.world.github.gh.gh_plan import Request
from routine_harness.world.github.gh.gh_print import GhAnswer as GhAnswer
from routine_harness.world.github.gh.gh_run import run_gh
from routine_harness.world.github.gh.gh_steps import files_of
from routine_harness.world.github.rest.replies import Reply
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.tool import Outcome


class Question(msgspec.Struct, frozen=True):
    """What the shim sends: the arguments, files that were asked for (None where there is none), and where
    the clone stands."""

    arguments: tuple[str, ...]
    files: dict[str, str | None] = {}
    remote: str = ""
    branch: str = ""
    message: str = ""
    repository: str = ""


Api = Callable[[Asked], "Reply | None"]


def answer_gh(question: Question, session: Session, do: Do, api: Api) -> GhAnswer:
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

    def ask(request: Request) -> Reply | None:
        return api(
            Asked(
                method=request.method,
                path=request.path,
                query=request.query,
                body=request.body,
                accept=request.accept,
            )
        )

    def perform(step: Step, face: str) -> Outcome:
        return performer(session, do, face)(step)

    return run_gh(question.arguments, around, perform, ask)
