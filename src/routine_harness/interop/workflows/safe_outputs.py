"""``safe-outputs`` of an agentic workflow → a policy: what it lists is allowed, up to its limits.

There the agent only reads and a job afterwards writes what it asked for. A routine writes itself, so
that what the workflow does not list has to be forbidden, and what the job adds has to be asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from routine_harness.interop.routine_draft import Draft, listed, settings_of
from routine_harness.plain import Json, Record

Line = Callable[..., int]


class _Output(NamedTuple):
    """What an output may do: the kinds of effect, how often if it does not say, the limit that counts."""

    kinds: tuple[str, ...]
    most: int = 1
    noise: str = ""


OUTPUTS: Final = {
    "create-issue": _Output(("ticket.created",), 1, "tickets_per_run"),
    "add-comment": _Output(("comment.created",), 1, "comments_per_run"),
    "update-issue": _Output(("ticket.updated",)),
    "close-issue": _Output(("ticket.updated", "comment.created"), 1, "comments_per_run"),
    "set-issue-type": _Output(("ticket.updated",), 5),
    "assign-milestone": _Output(("ticket.updated",)),
    "assign-to-user": _Output(("ticket.updated", "pull_request.updated")),
    "assign-to-agent": _Output(("ticket.updated",)),
    "link-sub-issue": _Output(("ticket.updated",), 5),
    "add-labels": _Output(("ticket.updated", "pull_request.updated"), 3),
    "remove-labels": _Output(("ticket.updated", "pull_request.updated"), 3),
    "create-pull-request": _Output(
        ("pull_request.created", "branch.created", "branch.pushed"), 1, "pull_requests_per_run"
    ),
    "update-pull-request": _Output(("pull_request.updated",)),
    "close-pull-request": _Output(("pull_request.closed", "comment.created"), 10, "comments_per_run"),
    "add-reviewer": _Output(("pull_request.updated", "review.requested"), 3),
    "push-to-pull-request-branch": _Output(("branch.pushed",)),
    "create-pull-request-review-comment": _Output(
        ("comment.created", "review.created", "review.submitted"), 10, "comments_per_run"
    ),
    "submit-pull-request-review": _Output(("review.created", "review.submitted")),
    "reply-to-pull-request-review-comment": _Output(("comment.created",), 10, "comments_per_run"),
    "resolve-pull-request-review-thread": _Output(("thread.resolved",), 10),
    "hide-comment": _Output(("comment.updated",), 5),
    "update-release": _Output(("release.updated",)),
    "dispatch-workflow": _Output(("workflow.started",)),
    "update-project": _Output(("project.updated",), 10),
}
_NO_WRITES: Final = ("noop", "missing-tool", "missing-data", "report-failure-as-issue",
                     "threat-detection", "staged", "env", "github-token", "runs-on")  # fmt: skip
_ADDED: Final = ("messages", "footer")
GOVERNED: Final = (
    "ticket.created", "ticket.updated", "ticket.deleted", "comment.created", "comment.updated",
    "comment.deleted", "pull_request.created", "pull_request.updated", "pull_request.closed",
    "pull_request.reopened", "branch.created", "branch.pushed", "review.created", "review.submitted",
    "review.dismissed", "review.requested", "thread.resolved", "label.created", "label.deleted",
    "workflow.started", "workflow.rerun", "workflow.cancelled",
)  # fmt: skip
"""What a workflow's agent cannot do at all unless an output lets it."""

_ELSEWHERE: Final = ("create-issue", "create-pull-request", "dispatch-workflow", "update-release",
                     "update-project", "link-sub-issue", "assign-milestone")  # fmt: skip
"""Outputs that are about nothing that started the workflow; the others are, unless ``target`` is ``*``."""
_CLOSING: Final = ("close-issue", "close-pull-request")
"""Outputs that say why they close, in a comment that counts; the closing itself does not."""
_RULED: Final = ("title-prefix", "draft", "max", "target")
_TOLD: Final = {
    "labels": "it is labelled after it is created; the prompt asks for them",
    "required-title-prefix": "no rule sees the title of what is changed; the prompt asks for it",
    "allowed": "no rule tells the labels that were added from those that were there; the prompt names them",
}


def read_safe_outputs(draft: Draft, outputs: Json, line: Line) -> None:
    """Turn ``outputs`` (None where the workflow has none) into rules, limits and words of the prompt."""
    given = settings_of(outputs)
    allowed: set[str] = set()
    forbid: list[Json] = []
    noise: dict[str, int] = {}
    asked: list[str] = []
    for name, value in given.items():
        at = line("safe-outputs", name)
        if name not in OUTPUTS:
            draft.lose(f"safe-outputs.{name}", at, _unknown(name))
            continue
        settings = settings_of(value)
        output = OUTPUTS[name]
        allowed.update(output.kinds)
        most = settings.get("max", output.most)
        if not isinstance(most, int):
            draft.lose(f"safe-outputs.{name}.max", at, f"{most!r} is no number")
            most = output.most
        if output.noise:
            noise[output.noise] = noise.get(output.noise, 0) + most
        if "max" in settings and (not output.noise or name in _CLOSING):
            draft.lose(f"safe-outputs.{name}.max", at, f"no limit of a policy counts these ({most})")
        forbid += _conditions(name, output.kinds[0], settings)
        asked.append(_words(name, most, settings))
        for key in settings:
            if key not in _RULED and not (key == "labels" and name == "create-issue"):
                why = _TOLD.get(key, "the job did this after the agent")
                draft.lose(f"safe-outputs.{name}.{key}", line("safe-outputs", name, key), why)
        if _is_bound(name, settings):
            why = "there only on what started it, which no rule sees; the prompt says so"
            draft.lose(f"safe-outputs.{name}.target", at, why)
    left = [kind for kind in GOVERNED if kind not in allowed]
    reason = "safe-outputs does not list it: there the agent could not do it"
    rule = {"effect": left, "where": {"connector": "github"}, "reason": reason}
    draft.policy["forbid"] = [*forbid, *([rule] if left else [])]
    if noise:
        draft.policy["noise"] = noise
    if asked:
        section = "\n".join(f"- {words}" for words in asked)
        draft.prompt = f"{draft.prompt.rstrip()}\n\n## What you may write\n\n{section}\n\nNothing else.\n"


def _unknown(name: str) -> str:
    """Why an output has no counterpart."""
    if name in _ADDED:
        return "the job added these words to what the agent wrote"
    return "it writes nothing" if name in _NO_WRITES else "no tool of a routine does it"


def _is_bound(name: str, settings: Record) -> bool:
    """Whether the output is for what started the workflow alone."""
    return name not in _ELSEWHERE and settings.get("target") != "*"


def _is_draft(name: str, settings: Record) -> bool:
    """Whether its pull requests are drafts, which they are unless it says otherwise.

    Source: https://github.github.io/gh-aw/reference/safe-outputs-pull-requests
    """
    return name == "create-pull-request" and settings.get("draft", True) is not False


def _conditions(name: str, kind: str, settings: Record) -> list[Json]:
    """What the job would have made of the agent's request, as rules about the request itself."""
    found: list[Json] = []
    prefix = settings.get("title-prefix")
    reason = f"safe-outputs.{name}"
    if prefix and kind in ("ticket.created", "pull_request.created"):
        where = {"connector": "github", "title": {"not": {"starts_with": prefix}}}
        found.append({"effect": kind, "where": where, "reason": f"{reason}: title-prefix"})
    labels = settings.get("labels")
    if kind == "ticket.created":
        for label in listed(labels):
            where = {"connector": "github", "labels": {"not": {"contains": label}}}
            found.append({"effect": kind, "where": where, "reason": f"{reason}: labels"})
    if _is_draft(name, settings):
        where = {"connector": "github", "draft": {"not": True}}
        found.append({"effect": kind, "where": where, "reason": f"{reason}: draft"})
    return found


def _words(name: str, most: int, settings: Record) -> str:
    words = [f"{name.replace('-', ' ')}: at most {most}"]
    prefix = settings.get("title-prefix") or settings.get("required-title-prefix")
    if prefix:
        words.append(f"the title starts with {prefix!r}")
    labels, allowed = listed(settings.get("labels")), listed(settings.get("allowed"))
    if labels:
        words.append(f"labels {', '.join(map(str, labels))}")
    if allowed:
        words.append(f"none but {', '.join(map(str, allowed))}")
    if _is_draft(name, settings):
        words.append("as a draft")
    if _is_bound(name, settings):
        words.append("only on what started this run")
    return "; ".join(words)
