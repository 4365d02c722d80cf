"""What a prompt asks for that the default policy leaves to whoever names it, with the sentence.

A mandate is asked for, never merely mentioned: what is negated, and what others do, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.lint.branch_names import named_branch
from routine_harness.lint.prose import Sentence, asserted, split_sentences
from routine_harness.plain import Record

_MOST: Final = 300
_NAME: Final = r"[`'\"]?(?P<name>[\w.-]+\.ya?ml)[`'\"]?"
_A_NEW: Final = "(?:an? |the |new |next |github |draft )*"
_PATTERNS: Final = {
    "review.approved": (
        r"\bapprove (?:the|this|that|these|those|it|them|all|any|each|every|such|safe|pull|prs?)\b",
        r"\bsubmit (?:an? )?approv(?:al|ing review)\b",
        r"\bapproving review\b",
        r"\bgh pr review\b[^.]*--approve\b",
    ),
    "workflow.started": (
        rf"\b(?:dispatch|trigger|start|kick off|launch|run) (?:the )?(?:workflow )?{_NAME}",
        r"\b(?:dispatch|trigger|start|kick off|launch) (?:the |a )?(?:[\w-]+ ){0,3}workflow\b",
        r"\bgh workflow run (?P<name>[\w.-]+)",
    ),
    "release.created": (
        rf"\b(?:create|make|cut|publish|draft) {_A_NEW}release\b(?! (?:note|branch|p))",
        r"\bgh release create\b",
    ),
    "notification.sent": (
        r"\bsend (?:me |us |an? |the )*push notifications?\b",
        r"\b(?:PushNotification|SendMessage)\b",
    ),
    "schedule.created": (r"\bCronCreate\b", r"\bschedule an? (?:follow-?up|reminder|later|further|new)\b"),
    "artifact.published": (r"\bpublish (?:an? |the |it as an? )artifact\b", r"\bArtifact tool\b"),
}
"""Kind → how people ask for it; ``name`` is the workflow's."""

ACTS: Final = tuple(
    (kind, re.compile(pattern, re.IGNORECASE)) for kind, patterns in _PATTERNS.items() for pattern in patterns
)
_BRANCH: Final = r"(?P<quote>[`'\"])(?P<branch>[\w./<>{}*$-]+)(?P=quote)"
_PUSHES: Final = (
    re.compile(
        rf"\b(?:force-)?push\b[^.;]{{0,60}}?\bto (?:the |a )?(?:branch )?"
        rf"(?:{_BRANCH}|(?P<bare>main|master|trunk)\b)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bbranch(?: names?)?(?: must| should| shall| is| to)?(?: be)?"
        rf" (?:match(?:es)?|named|called|starts? with|under) {_BRANCH}",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:create|make|use|open|on) (?:a |the )?(?:new )?branch {_BRANCH}", re.IGNORECASE),
)
"""How people name the branch that is pushed."""


class Mandate(msgspec.Struct, frozen=True):
    """One act that the prompt asks for: its kind, what is known of it, and the sentence.

    ``sentence`` is shortened to be quoted, ``asked`` is where it stands.
    """

    kind: str
    sentence: str
    asked: Sentence
    where: Record = {}

    def permit(self, routine: str) -> Record:
        """The entry of ``allow`` that names it for ``routine``."""
        entry: Record = {"effect": self.kind}
        if self.kind == "branch.pushed":
            entry["effect"] = ["branch.pushed", "branch.created"]
        if self.where:
            entry["where"] = self.where
        return {**entry, "routines": [routine], "reason": f"the prompt says: {self.sentence}"}


def mandates_of(prompt: str) -> tuple[Mandate, ...]:
    """The acts of the tier ``named`` that ``prompt`` asks for, each once, in its order."""
    found: dict[tuple[str, str], Mandate] = {}
    for mandate in _mandates(prompt):
        found.setdefault((mandate.kind, str(mandate.where)), mandate)
    return tuple(found.values())


def _mandates(prompt: str) -> Iterator[Mandate]:
    sentences = split_sentences(prompt)
    for kind, pattern in ACTS:
        for sentence, match in asserted(pattern, sentences):
            name = match.groupdict().get("name")
            yield Mandate(kind, quoted(sentence.text), sentence, {"workflow": name} if name else {})
    for pattern in _PUSHES:
        for sentence, match in asserted(pattern, sentences):
            branch = match["branch"] or match.groupdict().get("bare") or ""
            named = named_branch(branch) if branch and not branch.startswith("claude/") else ""
            if named:
                yield Mandate("branch.pushed", quoted(sentence.text), sentence, {"branch": named})


def quoted(sentence: str) -> str:
    """A sentence in one line, shortened where it is long."""
    text = " ".join(sentence.split())
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"
