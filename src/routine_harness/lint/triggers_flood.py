"""Rules about github triggers: what fires too often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.lint.words import Words
from routine_harness.routine.spec import GithubTrigger

_BUSY: Final = (
    "opened",
    "synchronize",
    "edited",
    "labeled",
    "unlabeled",
    "reopened",
    "assigned",
    "review_requested",
)
_BY_ANYONE: Final = ("opened", "synchronize", "edited", "reopened")


def _actions(trigger: GithubTrigger) -> set[str]:
    """The pull request actions that the trigger listens to."""
    return {event.partition(".")[2] for event in trigger.events if event.startswith("pull_request.")}


def _fields(trigger: GithubTrigger) -> set[str]:
    return {clause.field for clause in trigger.filters}


@rule("trigger.unfiltered")
def unfiltered(subject: Subject) -> Iterator[Mark]:
    """Pull request events without a filter.

    Every pull request of the repository starts a session, those of bots and those that have nothing to do
    with the task too. Events above the hourly caps are dropped, silently: the ones that mattered among them.

    Bad:
        triggers:
          - {type: github, events: [pull_request.opened]}

    Good:
        triggers:
          - {type: github, events: [pull_request.opened], branches: [main]}
    """
    for index, trigger in subject.github():
        if _actions(trigger) and not trigger.filters and not trigger.branches:
            yield Mark(
                message="every pull request of the repository fires this trigger",
                path=("triggers", index, "events"),
                words=next(event for event in trigger.events if event.startswith("pull_request.")),
                hint="add branches: [main], or filters on author, labels or is_draft",
            )


_GUARD: Final = Words(
    r"\balready (?:reviewed|commented|reported|says|there|filed|named)\b|\bonce per (?:pull request|PR)\b|"
    r"\b(?:latest|newest|current|same) "
    r"(?:commit|push|head)\b|\bsupersed\w+|\bexisting (?:comment|review|ticket|summary)\b|\bhead SHA\b|"
    r"\bsince (?:your|the) last (?:review|comment)\b|"
    r"\bif (?:one|a \w+) (?:of this pull request |for this pull request |already )?(?:exists|is there|"
    r"names)\b|<!--"
)
_OPT_IN: Final = ("labels", "title", "head_branch", "body")


@rule("trigger.storm", english=True)
def storm(subject: Subject) -> Iterator[Mark]:
    """`synchronize` without a guard against storms.

    Every push to a pull request starts a session of its own, which knows nothing of the one before: people
    have seen 24 reviews on one branch. Listen to fewer events, let a label opt a pull request in, or tell the
    run to stop when it has dealt with this pull request already.

    Bad:
        triggers:
          - type: github
            events: [pull_request.synchronize]
            branches: [main]
        prompt: |
          Read the diff and comment on what you find.

    Good:
        triggers:
          - type: github
            events: [pull_request.synchronize]
            branches: [main]
            filters: [{field: labels, operator: contains, value: review-me}]
        prompt: |
          Read the diff and comment on what you find.
    """
    for index, trigger in subject.github():
        if "synchronize" not in _actions(trigger) or _GUARD.search(subject.prose):
            continue
        narrowed = any(
            clause.field in _OPT_IN and clause.operator != "is_not_one_of" for clause in trigger.filters
        )
        if not narrowed:
            yield Mark(
                message="every push to a pull request starts a run, and nothing stops repeats",
                path=("triggers", index, "events"),
                words="pull_request.synchronize",
                hint="filter on a label, or have the prompt stop where an earlier run has already commented",
            )


_ABOUT_DRAFTS: Final = Words(
    r"\bdrafts?\b[^.]{0,60}\b(?:skip|ignore|stop|leave|too|also)|(?:skip|ignore|also|"
    r"even)\b[^.]{0,60}\bdrafts?\b"
)
_ABOUT_BOTS: Final = Words(r"\b(?:bots?|dependabot|renovate)\b")


@rule("trigger.drafts", english=True)
def drafts(subject: Subject) -> Iterator[Mark]:
    """Drafts are not considered.

    A draft says "not yet". A trigger on opened or updated pull requests fires on it all the same, once per
    push, on code that its author would not have shown. Say whether drafts are meant.

    Bad:
        triggers:
          - {type: github, events: [pull_request.opened], branches: [main]}

    Good:
        triggers:
          - type: github
            events: [pull_request.opened]
            branches: [main]
            filters: [{field: is_draft, operator: equals, value: false}]
    """
    if not subject.github() or _ABOUT_DRAFTS.search(subject.prose):
        return
    for index, trigger in subject.github():
        busy = sorted(_actions(trigger) & set(_BUSY))
        if busy and not _fields(trigger) & {"is_draft", "is_merged"}:
            yield Mark(
                message=f"drafts fire this trigger too, on {busy[0]}",
                path=("triggers", index, "events"),
                words=f"pull_request.{busy[0]}",
                hint="add {field: is_draft, operator: equals, value: false}, or say that drafts count",
            )


@rule("trigger.bots", english=True)
def bots(subject: Subject) -> Iterator[Mark]:
    """Pull requests of bots are not considered.

    Dependency bots open pull requests by the dozen and push to each of them again and again. Unless they are
    meant, they use up the limits; a routine that reacts to its own pull requests may even fire itself.

    Bad:
        triggers:
          - {type: github, events: [pull_request.opened], branches: [main]}

    Good:
        triggers:
          - type: github
            events: [pull_request.opened]
            branches: [main]
            filters:
              - field: author
                operator: is_not_one_of
                value: ["dependabot[bot]", "renovate[bot]"]
    """
    if not subject.github() or _ABOUT_BOTS.search(subject.prose):
        return
    for index, trigger in subject.github():
        open_to_all = sorted(_actions(trigger) & set(_BY_ANYONE))
        if open_to_all and not _fields(trigger) & {"author", "labels", "is_merged", "head_branch"}:
            yield Mark(
                message=f"pull requests of bots fire this trigger too, on {open_to_all[0]}",
                path=("triggers", index, "events"),
                words=f"pull_request.{open_to_all[0]}",
                hint='add {field: author, operator: is_not_one_of, value: ["dependabot[bot]", …]}',
            )


RULES: Final = (unfiltered, storm, drafts, bots)
