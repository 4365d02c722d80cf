"""How people forbid in prompts: the words for each kind of effect, and what narrows them.

Patterns alone; what a sentence means with them is ``prohibitions``' to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from routine_harness.lint.mandates import ACTS
from routine_harness.lint.mentions import SERVICES


class Forbids(NamedTuple):
    """How people forbid all effects of ``kinds``, and how they ask for one: who does both means neither
    of them in every run."""

    kinds: tuple[str, ...]
    words: re.Pattern[str]
    asks: re.Pattern[str] | None = None


def _any_of(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


READ_ONLY: Final = re.compile(
    r"\bread[- ]only (?:routine|run|task|job|session|mode|review|audit|check|pass|work)\b|"
    r"\b(?:is|are|be|stay|stays|remain|remains|strictly|work|works|operate|run|runs) (?:strictly )?"
    r"read[- ]only\b|"
    r"^[*_\s]*(?:strictly )?read[- ]only\b|"
    r"\b(?:do not|don['’]t|never|must not|may not) (?:(?:change|modify|write|edit|alter|touch)\b[ ,or]*)+"
    r" ?(?:to )?anything(?: at all)?(?=[.!,;:*]|$)",
    re.IGNORECASE,
)
"""How a prompt says that its run only reads, or that something else does."""

OF_SOMETHING: Final = re.compile(r"(?:is|are|be|stays?|remains?|works?|operate|runs?) ", re.IGNORECASE)
"""The beginnings of ``READ_ONLY`` that have a subject."""

THE_RUN: Final = re.compile(
    r"(?:^|\b(?:you|it|we|this|everything|(?:run|routine|task|job|session|agent|automation)s?)\b)"
    r"(?: (?:must|should|shall|will|has to|have to|may only|only))?[*_\s]*$",
    re.IGNORECASE,
)
"""The run as a subject, up to the verb; an order has none."""

_NAMES: Final = "|".join(["GitHub", "Linear", "e-?mail", *(name for name in SERVICES.values())])
ON_ONE: Final = re.compile(rf"\s*(?:on|in|for|towards?) (?P<service>{_NAMES})\b", re.IGNORECASE)
_PLACE: Final = rf"(?P<channel>#[\w-]+)|(?P<service>{_NAMES})(?: (?P<named>#[\w-]+))?"
_TELL: Final = (
    r"\b(?:report|post|write|send|publish|announce|deliver|speak|talk|message|notify)\b[^.;:]{0,40}?"
)
_AT: Final = rf"\b(?:to|in|on|via|through) (?:the )?(?:channel )?`?(?:{_PLACE})`?"
REPORTS: Final = re.compile(rf"{_TELL}{_AT}", re.IGNORECASE)
ONLY: Final = (
    re.compile(
        rf"{_TELL}{_AT}(?: channel)?,? (?:only|alone)\b"
        r"(?! (?:if|when|where|on|for|once|after|what|those|real))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_TELL}\b(?:only|exclusively|solely) {_AT}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:only|exclusively) (?:report|post|write|send|publish|message|notify)\b[^.;:]{0,20}?"
        rf"\b(?:to|in|via) (?:the )?(?:channel )?`?(?:{_PLACE})`?(?=[ \w()]*[.;,!]|[ \w()]*$)",
        re.IGNORECASE,
    ),
    re.compile(rf"^[*_\s]*(?:{_PLACE}) only\b(?! (?:if|when|where|once|after))", re.IGNORECASE),
)
"""How a prompt says where alone its run may report."""

SAID: Final = ("message.posted", "message.scheduled")
REPORTED: Final = {
    "comment.created": re.compile(
        r"\b(?:post|leave|write|add|make)\b[^.;]{0,30}\bcomments?\b|\bcomment on\b", re.IGNORECASE
    ),
    "ticket.created": re.compile(
        r"\b(?:open|create|file|raise|write|add|log)\b[^.;]{0,30}\b(?:issues?|tickets?)\b", re.IGNORECASE
    ),
}
"""What else a report may be, unless the prompt asks for it in words like these."""

_ARTICLES: Final = r"(?:(?:an?|any|the|new|your|further|more|draft|github|other|own|single)\s+)*"
NOUNS: Final = {
    r"prs?|pull[- ]requests?|merge requests?": ("pull_request.created",),
    r"issues?|tickets?": ("ticket.created",),
    r"releases?": ("release.created",),
    r"tags?": ("tag.created", "tag.pushed"),
    r"branch(?:es)?": ("branch.created",),
    r"comments?": ("comment.created",),
}
"""What can be opened, created, posted → the kinds."""

_NOUN: Final = "|".join(NOUNS)
_LISTED: Final = rf"{_ARTICLES}(?:{_NOUN})\b"
OPENS: Final = _any_of(
    r"\b(?:open|create|raise|submit|file|make|publish|cut|post|leave|add|write)(?: up)? "
    rf"(?P<listed>{_LISTED}(?:\s*(?:,|/|\bor\b|\bnor\b|\band\b)+\s*{_LISTED})*)"
)
NO_TARGET: Final = (
    r"(?!\s+(?:for|that|which|who|about|against|into|onto|in|on|outside|from|to|with|of|by|as|whose|where|"
    r"named|called|titled|labell?ed|unless|until|if|when|again|twice|already)\b)"
)
"""What would narrow a prohibition to some targets."""

_END: Final = r"(?=[.,;:!*)]|\s+(?:or|nor|and)\b|\s*$)"


def _rows() -> Iterable[Forbids]:
    yield Forbids(
        ("branch.pushed", "branch.created"),
        _any_of(rf"\b(?:force-)?push(?: anything| code| commits?| changes?| branches)?{_END}"),
        _any_of(
            r"\bpush (?:the|your|a|to|it|changes|commits|that|them|this)\b",
            r"\bopen (?:an? |the |one |draft )*(?:prs?|pull requests?)\b",
        ),
    )
    yield Forbids(
        ("commit.created", "branch.pushed"),
        _any_of(
            rf"\bcommit(?: anything| code| changes?| files?)?{_END}",
            rf"\b(?:edit|modify|change|touch) (?:an? |any |the )?(?:source )?(?:code|files?){_END}",
        ),
        _any_of(r"\bcommit (?:the|your|a|it|changes|them|with|to|each)\b", r"\bcommit and push\b"),
    )
    yield Forbids(
        ("comment.created",),
        _any_of(rf"\bcomment(?: on (?:the |any |a )?(?:prs?|pull requests?|issues?|it|them))?{_END}"),
        REPORTED["comment.created"],
    )
    yield Forbids(
        ("pull_request.closed",),
        _any_of(rf"\bclose (?:the |any |an? |existing |open |other )*(?:prs?|pull requests?)\b{NO_TARGET}"),
        _any_of(r"\bclose (?:the|a|each|stale|such|that)\b[^.;]{0,20}\b(?:pr|pull request)s?\b"),
    )
    yield Forbids(
        ("pull_request.merged",),
        _any_of(
            r"\b(?:auto-?)?merge (?:it|them|any(?:thing)?|the|a|pull requests?|prs?|your own)\b",
            rf"\b(?:auto-?)?merge{_END}",
        ),
    )
    yield Forbids(("branch.deleted",), _any_of(r"\bdelete (?:a |any |the )?(?:\w+ )?branch(?:es)?\b"))
    yield Forbids(
        ("workflow.started", "workflow.rerun"),
        _any_of(
            r"\b(?:re-?run|re-?start|start|dispatch|trigger|run) (?:a |any |the |failed )*workflows?\b"
            rf"{NO_TARGET}"
        ),
        _any_of(r"\bre-?run (?:the|a|failed|it|that)\b"),
    )
    for kind, pattern in ACTS:
        yield Forbids((kind,), pattern, pattern)


WHOLE: Final = tuple(_rows())
"""What people forbid whatever its target."""

SENT_TO: Final = re.compile(
    r"\b(?:post|write|send|report|message)\b(?: (?:anything|messages?|an?|any))? ?"
    rf"\b(?:to|in|on) (?:{_PLACE})"
    rf"(?=[ \w]{{0,12}}[.,;:!*]|$)|\bsend (?:an? |any )?(?P<mail>e-?mails?)\b{NO_TARGET}",
    re.IGNORECASE,
)
TO_BRANCHES: Final = re.compile(r"\b(?:(?:force-)?push|commit)\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
ONLY_BRANCHES: Final = re.compile(
    r"\bonly (?:ever )?push\b(?P<rest>[^.;]*)|\bpush only\b(?P<after>[^.;]*)", re.IGNORECASE
)
CLAUSE_END: Final = re.compile(r"[.;:]")
CONDITION: Final = re.compile(
    r"\b(?:unless|until|without|(?<!even )if|before|except|when|while|where|other than|again|twice)\b",
    re.IGNORECASE,
)
"""What makes a prohibition one of some cases alone."""

GOVERNS: Final = re.compile(r"^[*_\s]*(?:if|when|where|in case|once|unless|on a)\b", re.IGNORECASE)
ALWAYS: Final = re.compile(r"\b(?:never|must not|under no circumstances|ever)\b", re.IGNORECASE)
ORDERED: Final = re.compile(
    r"(?i:^[*_\s]*(?:never|do not|don['’]t|you (?:must|may|should) (?:not|never)|no ))|\bNEVER\b|"
    r"\b(?:do|must|may|Do|Must|May) NOT\b|[:;—-] (?:[Nn]ever|[Dd]o not|[Dd]on['’]t)\b",
)
"""An order to the run, where other sentences merely deny something."""

LEAD: Final = re.compile(
    r"\b(?:found|clean|empty|nothing|green|fails?|failed|failing|healthy|quiet|silent)\b", re.IGNORECASE
)
"""What makes the lead-in of a list name a case: ``Nothing found:``."""
