"""The rule about how many jobs a prompt gives one run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from routine_harness.lint.prose import Sentence, asserted
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.lint.words import Words

_PROMPT: Final = ("prompt",)

_NUMBERED_JOB: Final = re.compile(
    r"(?:#+\s*)?[*_]*(?:job|task|duty|mission|assignment|responsibility)\s+(?:\d{1,2}|[a-h]|one|two|three|"
    r"four|five)\b"
    r"[*_]*\s*[-:.)–—]",
    re.IGNORECASE,
)
_ANOTHER_JOB: Final = re.compile(
    r"(?:separately|in addition|additionally|also|besides|while you are at it|as a (?:second|third|separate|"
    r"further) "
    r"(?:job|task|duty)|(?:second|third|fourth|another|other|unrelated) (?:job|task|duty))\b[,:]?\s+"
    r"(?:please |you (?:also )?)?(?=[a-z])",
    re.IGNORECASE,
)
_SHARED_OUTPUT: Final = Words(
    r"\b(?:post|write|send|publish|serves?|end (?:in|with)|as|in|into|to|exactly|with)\b[^.\n]{0,20}"
    r"\b(?:one|a single|that|the same|a combined|one combined)\s+(?:\w+\s+){0,2}"
    r"(?:report|message|summary|digest|overview)\b"
)
_JOBS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("reviewing code", r"\breview(?:s|ing)?\b[^.]{0,40}\b(?:pull requests?|PRs?|code|diffs?)\b"),
        (
            "triaging issues",
            r"\b(?:triage|label|groom|prioriti[sz]e)\b[^.]{0,40}\b(?:issues?|tickets?|backlog|bugs?)\b",
        ),
        (
            "updating documentation",
            r"\b(?:update|write|fix|refresh)\b[^.]{0,40}\b(?:docs?|documentation|readme|changelog|wiki)\b",
        ),
        (
            "updating dependencies",
            r"\b(?:update|upgrade|bump|pin)\b[^.]{0,40}\b(?:dependenc\w+|packages?|lock ?files?)\b",
        ),
        ("cleaning up branches", r"\b(?:delete|clean|prune|remove)\b[^.]{0,40}\bbranches\b"),
        ("releasing", r"\b(?:cut|publish|tag|draft|prepare)\b[^.]{0,30}\b(?:release|version)\b"),
        ("deploying", r"\bdeploy\b[^.]{0,40}\b(?:to|the|staging|production)\b"),
        (
            "watching alerts",
            r"\b(?:check|triage|review|scan)\b[^.]{0,40}\b(?:alerts?|incidents?|error rates?|sentry)\b",
        ),
        (
            "reporting costs",
            r"\b(?:report|check|compute|summari[sz]e)\b[^.]{0,40}\b(?:costs?|billing|spend\w*|invoices?)\b",
        ),
        (
            "writing a newsletter",
            r"\b(?:write|send|draft|post)\b[^.]{0,40}\b(?:newsletter|standup|weekly digest)\b",
        ),
        ("fixing tests", r"\b(?:fix|repair|quarantine)\b[^.]{0,40}\b(?:flaky )?tests?\b"),
    )
)


@rule("prompt.several-jobs")
def several_jobs(subject: Subject) -> Iterator[Mark]:
    """The prompt does several unrelated jobs.

    One session has one context and one budget: when the first job fails or takes long, the others are
    cut short, and the run is green all the same. A case cannot say which job it tests, and the trigger
    that suits one job fires the rest with it. Give each job a routine of its own. Jobs that end in one
    common report are one job, and are let through.

    Bad:
        prompt: |
          Job 1: review every open pull request and comment on what you find.
          Job 2: update the dependencies and open a pull request.

    Good:
        prompt: |
          Review every open pull request and comment on what you find.
    """
    if _SHARED_OUTPUT.search(subject.prose):
        return
    labels = [s for s in subject.sentences if s.opens and _NUMBERED_JOB.match(s.text)]
    kinds = _kinds(subject, only_further=False)
    if len(labels) >= 2 and (len(kinds) != 1):
        second = labels[1]
        yield _several(second, f"this prompt gives the run {len(labels)} jobs")
        return
    further = _kinds(subject, only_further=True)
    if further and len(kinds) >= 2:
        sentence = next(iter(further.values()))
        yield _several(sentence, f"one run is asked for {' and '.join(list(kinds)[:3])}")


def _several(sentence: Sentence, message: str) -> Mark:
    return Mark(
        message=message,
        path=_PROMPT,
        words=sentence.text,
        offset=sentence.start,
        hint="give each job a routine of its own, or let all of them end in one common report",
    )


def _kinds(subject: Subject, *, only_further: bool) -> dict[str, Sentence]:
    """The kinds of job that the prose asks for; ``only_further``: behind words such as "also"."""
    named = [(name, pattern) for name, pattern in _JOBS if pattern.search(subject.prose)]
    found: dict[str, Sentence] = {}
    for sentence in subject.sentences if named else ():
        if only_further and not _ANOTHER_JOB.match(sentence.text):
            continue
        for name, pattern in named:
            if name not in found and any(asserted(pattern, (sentence,))):
                found[name] = sentence
    return found


RULES: Final = (several_jobs,)
