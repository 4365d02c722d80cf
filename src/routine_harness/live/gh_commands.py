"""``gh`` over the world: which commands there are, and the answer to one.

Anything that is not in ``COMMANDS`` is refused in words that name it, and never half done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from routine_harness.live import gh_reads as reads
from routine_harness.live import gh_writes as writes
from routine_harness.live.gh import Api, Gh, GhAnswer, GhFailed, GhUnknown, Question
from routine_harness.live.gh_api import api
from routine_harness.live.gh_options import FLAGS, SHORT, UnknownOption, parse_arguments
from routine_harness.live.rest import Do

Command = Callable[[Gh], "str | GhAnswer"]

SHORTS: Final[dict[tuple[str, str], Mapping[str, str]]] = {
    ("pr", "merge"): {"m": "merge", "s": "squash", "r": "rebase", "d": "delete-branch", "t": "subject"},
    ("pr", "review"): {"a": "approve", "r": "request-changes", "c": "comment"},
    ("pr", "view"): {"c": "comments"},
    ("issue", "view"): {"c": "comments"},
    ("issue", "close"): {"r": "reason"},
    ("api", ""): {
        "X": "method",
        "f": "raw-field",
        "F": "field",
        "H": "header",
        "i": "include",
        "t": "template",
    },
}
"""What a letter means in one command only."""

COMMANDS: Final[dict[tuple[str, str], Command]] = {
    ("pr", "view"): reads.view_pull,
    ("pr", "diff"): reads.diff_pull,
    ("pr", "list"): reads.list_pulls,
    ("pr", "checks"): reads.check_pull,
    ("pr", "checkout"): reads.checkout_pull,
    ("pr", "create"): writes.create_pull,
    ("pr", "comment"): writes.comment,
    ("pr", "review"): writes.review_pull,
    ("pr", "merge"): writes.merge_pull,
    ("pr", "edit"): writes.edit,
    ("pr", "close"): writes.edit_state,
    ("pr", "reopen"): writes.edit_state,
    ("pr", "ready"): writes.ready_pull,
    ("issue", "view"): reads.view_issue,
    ("issue", "list"): reads.list_issues,
    ("issue", "create"): writes.create_issue,
    ("issue", "comment"): writes.comment,
    ("issue", "edit"): writes.edit,
    ("issue", "close"): writes.edit_state,
    ("issue", "reopen"): writes.edit_state,
    ("repo", "view"): reads.view_repository,
    ("auth", "status"): reads.status,
}


def answer_gh(question: Question, do: Do, ask_api: Api) -> GhAnswer:
    """What ``gh`` with these arguments prints, after ``do`` or, for ``gh api``, ``ask_api`` has done it."""
    arguments = list(question.arguments)
    if arguments[:1] in (["--version"], ["version"]):
        return GhAnswer("gh version 2.80.0 (routine-harness)\n")
    group, name, *_ = (*arguments[:2], "", "")
    spelt = f"gh {group} {name}".strip()
    command, rest = COMMANDS.get((group, name)), arguments[2:]
    if group == "api":
        name, command, rest = "", api, arguments[1:]
    if command is None:
        return _unknown(spelt, "this command")
    try:
        parsed = parse_arguments(rest, {**SHORT, **SHORTS.get((group, name), {})}, _flags(group, name))
        answer = command(Gh(question, parsed, do, ask_api))
    except (UnknownOption, GhUnknown) as error:
        return _unknown(spelt, str(error))
    except GhFailed as error:
        return GhAnswer(error.out, f"{error}\n", 1)
    return GhAnswer(answer) if isinstance(answer, str) else answer


def _flags(group: str, name: str) -> frozenset[str]:
    """Options without a value; ``--comment`` is one for a review alone."""
    return FLAGS if (group, name) == ("pr", "review") else FLAGS - {"comment"}


def _unknown(command: str, what: str) -> GhAnswer:
    message = f"{command}: {what} is not known to the dry run's gh; nothing was done"
    return GhAnswer(err=f"{message}\n", code=1, unknown=message)
