"""The rule about how many jobs a prompt gives one run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Final

from routine_harness.lint.errands import Errand, errands_of, unlike
from routine_harness.lint.prose import Sentence
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.lint.words import Words

_PROMPT: Final = ("prompt",)

_NUMBERED_JOB: Final = re.compile(
    r"(?:#+\s*)?[*_]*(?:job|task|duty|mission|assignment|responsibility)\s+(?:\d{1,2}|[a-h]|one|two|three|"
    r"four|five)\b"
    r"[*_]*\s*(?:[-:.)–—]|$)",
    re.IGNORECASE,
)
_ANOTHER_JOB: Final = re.compile(
    r"(?:then|next|finally|lastly|after that|afterwards|separately|in addition|additionally|also|besides|"
    r"while you are at it|as a (?:second|third|separate|further) "
    r"(?:job|task|duty)|(?:second|third|fourth|another|other|unrelated) (?:job|task|duty))\b[,:]?\s+"
    r"(?:please |you (?:also )?)?(?=[a-z])",
    re.IGNORECASE,
)
_SHARED_OUTPUT: Final = Words(
    r"\b(?:post|write|send|publish|serves?|end (?:in|with)|as|in|into|to|exactly|with)\b[^.\n]{0,20}"
    r"\b(?:one|a single|that|the same|a combined|one combined)\s+(?:\w+\s+){0,2}"
    r"(?:report|message|summary|digest|overview)\b"
)
_PERMITS: Final = re.compile(r"\b(?:may|can|allowed|permitted|limits?|outputs?|tools?)\b", re.IGNORECASE)


@rule("prompt.several-jobs", english=True)
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
    asked = unlike(errand for sentence in subject.sentences for errand in errands_of(sentence))
    if len(labels) >= 2 and len(asked) != 1:
        yield _several(labels[1], f"this prompt gives the run {len(labels)} jobs")
        return
    found = next(_groups(subject.sentences), None)
    if found:
        about = " and ".join(dict.fromkeys(errand.about for errand in found[:3]))
        yield _several(found[1].sentence, f"one run is asked for jobs about {about}")


def _groups(sentences: tuple[Sentence, ...]) -> Iterator[tuple[Errand, ...]]:
    """Errands about different things that stand side by side."""
    for sentence in sentences:
        yield from _if_unlike(errands_of(sentence))
    yield from _lists(sentences)
    prose = [errand for s in sentences if not s.item for errand in errands_of(s, first_only=True)]
    further = [errand for errand in prose if _ANOTHER_JOB.match(errand.sentence.text)]
    yield from _if_unlike(prose, at_least=2 if further else 3)


def _if_unlike(errands: Iterable[Errand], at_least: int = 2) -> Iterator[tuple[Errand, ...]]:
    found = unlike(errands)
    if len(found) >= at_least:
        yield found


def _lists(sentences: tuple[Sentence, ...]) -> Iterator[tuple[Errand, ...]]:
    """Lists of jobs: no sentence before them names the job whose steps they could be."""
    before: list[Sentence] = []
    for is_list, members in itertools.groupby(sentences, key=lambda sentence: sentence.item):
        run = list(members)
        if not is_list:
            before += run
            continue
        items = [sentence for sentence in run if sentence.opens]
        found = [errand for item in items for errand in errands_of(item, first_only=True)]
        steps = any(errands_of(sentence) for sentence in before)
        permits = bool(before) and _PERMITS.search(before[-1].text) is not None
        if not steps and not permits and 2 * len(found) >= len(items):
            yield from _if_unlike(found)


def _several(sentence: Sentence, message: str) -> Mark:
    return Mark(
        message=message,
        path=_PROMPT,
        words=sentence.text,
        offset=sentence.start,
        hint="give each job a routine of its own, or let all of them end in one common report",
    )


RULES: Final = (several_jobs,)
