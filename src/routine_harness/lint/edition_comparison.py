"""Two editions of the platform's rules compared, with the routines that each change reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from routine_harness.lint.edition_reach import reader_of
from routine_harness.lint.rule import Rule
from routine_harness.lint.run import check_routines
from routine_harness.lint.subject import Subject
from routine_harness.plain import Json
from routine_harness.routine.edition import Edition, check_overrides, load_edition
from routine_harness.routine.edition_changes import Change, changes_between


class Reach(msgspec.Struct, frozen=True):
    """That a change of ``rule`` reaches a routine: ``why``. The rule of an alarm is ``lint.CODE``, that of an
    override that only one of the editions has is ``policy``."""

    rule: str
    why: str


class Reached(msgspec.Struct, frozen=True):
    """One routine with every change that reaches it."""

    name: str
    file: str
    reaches: tuple[Reach, ...]


class Between(msgspec.Struct, frozen=True):
    """What changed between two editions, and every routine with what reaches it (empty: nothing does).

    ``unread`` are the rules of which files do not tell whom they reach.
    """

    before: str
    after: str
    changes: tuple[Change, ...]
    routines: tuple[Reached, ...]
    unread: tuple[str, ...]


def compare_editions(
    before: str,
    after: str,
    subjects: Sequence[Subject],
    overrides: Sequence[Mapping[str, Json]],
    rules: Sequence[Rule],
) -> Between:
    """The changes between two editions and whom they reach; ``overrides`` are those of each subject's policy.

    Raises:
        UsageError: there is no such edition.
    """
    changes = changes_between(load_edition(before), load_edition(after))
    found = tuple(
        Reached(
            subject.routine.name,
            subject.routine.source.file,
            tuple(_reaches(subject, own, before, after, rules)),
        )
        for subject, own in zip(subjects, overrides, strict=True)
    )
    unread = tuple(change.rule for change in changes if reader_of(change) is None)
    return Between(before, after, changes, found, unread)


def _reaches(
    subject: Subject, overrides: Mapping[str, Json], before: str, after: str, rules: Sequence[Rule]
) -> Iterator[Reach]:
    wrong = [(name, text) for name in (before, after) for _, text in check_overrides(name, overrides)]
    yield from (Reach("policy", f"its policy does not fit {name}: {text}") for name, text in wrong)
    own: Mapping[str, Json] = {} if wrong else overrides
    earlier, later = load_edition(before, own), load_edition(after, own)
    for change in changes_between(earlier, later):
        reader = reader_of(change)
        why = reader(subject, change) if reader is not None else ""
        if why:
            yield Reach(change.rule, why)
    yield from _alarms(subject, earlier, later, rules)


def _alarms(subject: Subject, before: Edition, after: Edition, rules: Sequence[Rule]) -> Iterator[Reach]:
    """The alarms of lint that one of the editions raises and the other does not."""
    raised = []
    for edition in (before, after):
        alarms = check_routines([replace(subject, edition=edition)], rules)
        raised.append({(alarm.finding.code, alarm.finding.message) for alarm in alarms})
    old, new = raised
    yield from (Reach(f"lint.{code}", message) for code, message in sorted(new - old))
    yield from (Reach(f"lint.{code}", f"no longer: {message}") for code, message in sorted(old - new))
