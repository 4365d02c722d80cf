"""Rules about what the prompt asks for: when it is done, what it leans on, what it forbids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from routine_harness.lint.prompt_markers import stripped_markers
from routine_harness.lint.prose import asserted, prohibits
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.lint.words import Words

_PROMPT: Final = ("prompt",)

_SUCCESS: Final = Words(
    r"\bsuccess(?:ful(?:ly)?)?\b|\bsucceeds?\b|\b(?:you are|you're|run is|is|are|task is|work is) (?:done|"
    r"complete|finished)\b|"
    r"\bdone (?:when|means|once|if)\b|\bdefinition of done\b|\bend(?:s)? (?:the|this|your) run\b|\bgoal\b|"
    r"\bobjective\b|\bacceptance\b|"
    r"\bexpected (?:outcome|result|output)\b|\bdeliverables?\b|\b(?:stay|remain|exit|stop|finish|"
    r"end) (?:silent|immediately|here|there|without|with)|"
    r"\bexit\b|\bdo nothing\b|\bnothing to (?:do|report)\b|\bconfirm that\b|"
    r"\bthe (?:result|outcome) (?:is|must|should)\b|"
    r"\b(?:call|use|emit) `?noop`?"
)


@rule("prompt.no-success", english=True)
def no_success(subject: Subject) -> Iterator[Mark]:
    """Nothing in the prompt says what success looks like.

    A run is unattended. Say when it is done, and what it leaves behind if there is nothing to do.
    Otherwise the model decides, and decides anew each time. The platform's own documentation asks for
    both the task and the criterion of success.

    Bad:
        prompt: |
          Look at the open pull requests and comment on those with security problems.

    Good:
        prompt: |
          Look at the open pull requests and comment on those with security problems.
          You are done when each of them has been read; where there is no problem, leave
          nothing behind.
    """
    if not _SUCCESS.search(subject.prose):
        yield Mark(
            message="the prompt does not say when the run is done",
            path=_PROMPT,
            hint='add a sentence such as "You are done when …; if there is nothing to do, …"',
        )


_MEMORY: Final = re.compile(
    r"\b(?:since|from|in|during|after|than) (?:the|your|my) (?:last|previous|prior) (?:run|time|session|"
    r"execution|check|report|invocation)\b|"
    r"\bsince last (?:run|time)\b|\blast time\b|\bas (?:before|last time|usual|previously)\b|"
    r"\bpreviously (?:reported|created|posted|seen)\b|"
    r"\b(?:continue|resume|pick up) (?:where|from where) (?:you|we) left off\b|\b(?:you|we) (?:already|"
    r"have already|previously) "
    r"(?:created|posted|filed|reported|opened|sent|saw)\b|\bremember (?:what|which|that|the)\b|"
    r"\blike (?:yesterday|last week)\b",
    re.IGNORECASE,
)
_PLACE: Final = Words(
    r"\bmarkers?\b|\bledger\b|\bstate file\b|\brepo-memory\b|\bcache[- ]memory\b|/memory/|"
    r"\bmemory (?:branch|file|folder|directory)\b|"
    r"\bgit log\b|\btimestamps? of\b|\blabel(?:l?ed)? [`'\"]"
)
_LOOKUP: Final = Words(
    r"\b(?:read|look|search|find|fetch|check|see|query|open)\b[^.]{0,80}"
    r"\b(?:comments?|threads?|channels?|files?|history|log|messages?|cache|index|wiki)\b"
)
"""Looking up traces; a list of issues or pull requests is what changes, not what was seen."""

_NEAR: Final = 300


@rule("prompt.assumes-memory", english=True)
def assumes_memory(subject: Subject) -> Iterator[Mark]:
    """The prompt assumes a memory that a run does not have.

    Every run starts from nothing: there is no last run to compare with unless the prompt names a place where
    the last run left its traces (a comment with a line of its own, a file, the channel's history). Without
    one the model invents an answer.

    Bad:
        prompt: |
          Report every dependency that changed since the last run.

    Good:
        prompt: |
          Read the newest comment on issue 12 that begins with `Routine: deps`: it lists
          the versions of the last run. Report every dependency that changed since the
          last run.
    """
    if _PLACE.search(subject.routine.prompt) or _keeps_a_marker(subject):
        return
    prose = subject.prose
    for match in _MEMORY.finditer(prose):
        around = prose[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        if not _LOOKUP.search(around):
            yield Mark(
                message=f"“{match[0]}” assumes a memory, and no place is named to look it up",
                path=_PROMPT,
                words=match[0],
                offset=match.start(),
                hint="name the place where an earlier run left its traces: a comment, a file, a channel",
            )


def _keeps_a_marker(subject: Subject) -> bool:
    """Whether an HTML comment marks what earlier runs left, and comes back when it is read."""
    return "<!--" in subject.routine.prompt and not any(stripped_markers(subject))


_PERSON: Final = re.compile(
    r"\b(?:ask|check with|consult|confirm with|wait for|get)\s+(?:(?:me|us|the (?:user|operator|requester)|"
    r"a (?:human|person|maintainer)|"
    r"someone|your (?:manager|lead)|my|our)\b(?:['’]s)?(?:\s+(?:approval|confirmation|permission|answer|"
    r"reply|go-ahead|input))?|"
    r"(?:approval|confirmation|permission|an answer|a reply|the go-ahead|feedback|further instructions)\b)|"
    r"\blet me know\b|\bask (?:for|before)\b[^.]{0,30}\b(?:clarification|confirmation|approval|permission|"
    r"proceeding)\b|"
    r"\bif (?:you are )?(?:unsure|in doubt|uncertain),? (?:please )?ask\b|\bwhich (?:one )?(?:would|"
    r"do) you (?:prefer|want)\b",
    re.IGNORECASE,
)
_IN_WRITING: Final = Words(
    r"\b(?:in|on|by|with|as|via) (?:a|an|the) (?:comment|thread|issue|ticket|pull request|PR|channel|message|"
    r"review)\b|\bon (?:Slack|GitHub|Linear)\b|"
    r"(?:in|to) #[a-z]"
)


@rule("prompt.asks-a-person", english=True)
def asks_a_person(subject: Subject) -> Iterator[Mark]:
    """The prompt asks for something that only a person could answer.

    A run is unattended. Nobody reads a question in the transcript: the run stops there, green, or answers
    itself. Say what to do when in doubt, or have the question written where people look.

    Bad:
        prompt: |
          If the fix is risky, wait for confirmation before you push.

    Good:
        prompt: |
          If the fix is risky, do not push; say so in a comment on the issue and stop.
    """
    for sentence, match in asserted(_PERSON, subject.sentences):
        if not _IN_WRITING.search(sentence.text[match.start() :]):
            yield Mark(
                message=f"nobody is there to answer “{' '.join(match[0].split())}”",
                path=_PROMPT,
                words=match[0],
                offset=sentence.start + match.start(),
                hint="say what to do when in doubt, or where to write the question down before stopping",
            )


_ONLY: Final = Words(r"\b(?:only|read-only|nothing else|no others?|at most|no more than)\b")


@rule("prompt.no-prohibitions", english=True)
def no_prohibitions(subject: Subject) -> Iterator[Mark]:
    """Write tools are granted and the prompt forbids nothing.

    Every tool of a granted connector can be used without asking, the destructive ones included. Policy and
    guard catch what must never happen; the prompt is where the model learns it beforehand.

    Bad:
        repositories: [github:acme/core]
        prompt: |
          Fix the failing tests and open a pull request. You are done when it is open.

    Good:
        repositories: [github:acme/core]
        prompt: |
          Fix the failing tests and open a pull request. Never merge it and never push
          to main. You are done when it is open.
    """
    writes = subject.writes_to
    if not writes or any(prohibits(s) or _ONLY.search(s.text) for s in subject.sentences):
        return
    yield Mark(
        message=f"the run may write through {', '.join(writes)}, and the prompt forbids nothing",
        path=_PROMPT,
        hint="say what must never happen: merging, pushing to main, deleting, writing to other channels",
    )


RULES: Final = (no_success, assumes_memory, asks_a_person, no_prohibitions)
