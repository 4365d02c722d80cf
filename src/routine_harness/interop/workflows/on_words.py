"""``on:`` of an agentic workflow as a phrase: ``weekly on thursday``, ``issue labeled bug``, ``/review``.

The compiler of those workflows turns a phrase into the long form; so does this.
Source: https://github.github.com/gh-aw/reference/triggers/ and schedule-syntax, read in November 2026.
"""

from __future__ import annotations

import re
from typing import Any, Final

_SCHEDULED: Final = re.compile(
    r"(?:hourly|daily|weekly|bi-?weekly|tri-?weekly|monthly|every)\b", re.IGNORECASE
)
_SUBJECTS: Final = {
    "issue": "issues", "issues": "issues", "pull_request": "pull_request", "pull request": "pull_request",
    "pull": "pull_request", "pr": "pull_request", "release": "release", "discussion": "discussion",
}  # fmt: skip
_ACTED: Final = re.compile(
    r"(?P<subject>issues?|pull[_ ]request|pull|pr|release|discussion) (?P<action>[a-z_]+)(?: (?P<rest>.+))?",
    re.IGNORECASE,
)
_ACTIONS: Final = {"updated": "synchronize", "merged": "closed"}
_OTHERS: Final = (
    (re.compile(r"push\b.*", re.IGNORECASE), "push"),
    (re.compile(r"comment \w+", re.IGNORECASE), "issue_comment"),
    (re.compile(r"workflow completed\b.*", re.IGNORECASE), "workflow_run"),
    (re.compile(r"api dispatch\b.*", re.IGNORECASE), "repository_dispatch"),
    (re.compile(r"deployment \w+", re.IGNORECASE), "deployment_status"),
    (re.compile(r"repository (?:starred|forked)", re.IGNORECASE), "watch"),
    (re.compile(r"(?:security|code scanning) alert\b.*", re.IGNORECASE), "code_scanning_alert"),
)
"""Phrases that come to an event which starts no routine."""


def spelled_out(phrase: str) -> dict[str, Any] | None:
    """The long form of a phrase; None where it is the plain name of an event or not known.

    A condition that the long form has no key for stands under ``if``.
    """
    words = " ".join(phrase.split())
    if _SCHEDULED.match(words) or _is_cron(words):
        return {"schedule": words}
    if words.startswith("/"):
        return {"slash_command": {"name": words[1:]}}
    if words.lower() == "manual":
        return {"workflow_dispatch": None}
    by_hand = re.fullmatch(r"manual with input (.+)", words, re.IGNORECASE)
    if by_hand:
        return {"workflow_dispatch": {"inputs": dict.fromkeys(re.split(r"[ ,]+", by_hand[1]))}}
    if words.lower() == "dependabot pull request":
        author = "github.event.pull_request.user.login == 'dependabot[bot]'"
        return {"pull_request": {"types": ["opened", "synchronize", "reopened"]}, "if": author}
    acted = _ACTED.fullmatch(words)
    if acted:
        return _acted(acted)
    others = [name for pattern, name in _OTHERS if " " in words and pattern.fullmatch(words)]
    return {others[0]: {"phrase": words}} if others else None


def _acted(found: re.Match[str]) -> dict[str, Any]:
    subject = _SUBJECTS[found["subject"].lower()]
    action, rest = found["action"].lower(), found["rest"] or ""
    settings: dict[str, Any] = {"types": [_ACTIONS.get(action, action)]}
    affecting = re.search(r"\baffecting (\S+)", rest, re.IGNORECASE)
    if affecting:
        settings["paths"] = [affecting[1]]
        rest = rest.replace(affecting[0], "")
    labels = re.sub(r"\b(?:with )?label(?:s|ed)?\b", " ", rest, flags=re.IGNORECASE)
    names = [each for each in re.split(r"[ ,]+", labels) if each]
    if names:
        settings["names"] = names
    merged = {"if": "github.event.pull_request.merged == true"} if action == "merged" else {}
    return {subject: settings, **merged}


def _is_cron(words: str) -> bool:
    return len(words.split()) == 5 and words[0] in "0123456789*"
