"""What lint looks at: a routine with its cases and the notes on its recordings, and a folder of them."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.lint.language import is_english
from routine_harness.lint.prose import Sentence, mask_code, split_sentences
from routine_harness.lint.settings import DEFAULTS, LintSettings
from routine_harness.routine.edition import Edition
from routine_harness.routine.schedule import Instant, instants
from routine_harness.routine.spec import ApiTrigger, GithubTrigger, Grant, Routine, ScheduleTrigger
from routine_harness.session.transcript import Usage
from routine_harness.verdict.policy.rules import Policy
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall

_MONDAY: Final = 1_767_571_200  # 2026-01-05T00:00:00Z
_WEEK: Final = 7 * 86_400


def _within_the_week(instant: Instant) -> bool:
    return instant.at < _MONDAY + _WEEK


class RecordingNote(msgspec.Struct, frozen=True, kw_only=True):
    """What lint and gate know of one recording without replaying it.

    ``recorded`` is in seconds since the epoch; ``stale`` names what differs from the files of
    today; ``writes`` maps each tool that changed something, by its full
    name, to the kinds of its effects; ``passed`` of ``attempts`` recordings of this case passed;
    ``usage`` is what both runs cost; ``isolation`` is what kept a live run in.
    """

    file: str
    case: str
    origin: str = "live"
    recorded: int = 0
    stale: tuple[str, ...] = ()
    writes: dict[str, tuple[str, ...]] = {}
    passed: int = 0
    attempts: int = 0
    usage: Usage = Usage()
    isolation: str = ""


@dataclass(frozen=True, eq=False)
class Subject:
    """One routine as the rules see it; ``today`` is in seconds since the epoch, 0 if unknown.

    ``tested`` is false where cases and recordings were not looked for, so that the absence of
    any means nothing. ``policy`` is None where it was not looked for.
    """

    routine: Routine
    edition: Edition
    settings: LintSettings = DEFAULTS
    cases: tuple[Case, ...] = ()
    recordings: tuple[RecordingNote, ...] = ()
    tested: bool = False
    today: int = 0
    plan: str = ""
    policy: Policy | None = None
    registry: Registry = Registry()  # noqa: RUF009 - immutable

    @functools.cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The prompt's prose."""
        return split_sentences(self.routine.prompt)

    @functools.cached_property
    def prose(self) -> str:
        """The prompt with fenced code blanked out, character for character."""
        return mask_code(self.routine.prompt)

    @functools.cached_property
    def in_english(self) -> bool:
        """Whether the words of English that rules look for can stand in the prompt."""
        return is_english(self.prose)

    @property
    def granted(self) -> tuple[str, ...]:
        """The connectors that the routine reaches; GitHub comes with its repositories."""
        routine = self.routine
        return (
            *(("github",) if routine.repositories else ()),
            *(grant.connector for grant in routine.connectors),
            *routine.organisation,
        )

    @functools.cached_property
    def writes_to(self) -> tuple[str, ...]:
        """The connectors through which it may change something: a grant of reads alone changes nothing."""
        grants, known = self.routine.connectors, self.registry
        reading = {grant.connector for grant in grants if grant.allow and _only_reads(grant, known)}
        return tuple(name for name in self.granted if name not in reading)

    @functools.cached_property
    def scheduled_week(self) -> tuple[tuple[int, int], ...]:
        """Instant and trigger of every scheduled firing in one week of January 2026, one-offs left out."""
        found: list[tuple[int, int]] = []
        for index, trigger in self.schedules():
            if not trigger.once:
                week = itertools.takewhile(_within_the_week, instants(trigger, _MONDAY - 1, self.edition))
                found += [(instant.at, index) for instant in week]
        return tuple(found)

    def github(self) -> list[tuple[int, GithubTrigger]]:
        """The enabled github triggers with their index."""
        return [
            (i, t) for i, t in enumerate(self.routine.triggers) if isinstance(t, GithubTrigger) and t.enabled
        ]

    def schedules(self) -> list[tuple[int, ScheduleTrigger]]:
        """The enabled schedules with their index."""
        return [
            (i, t)
            for i, t in enumerate(self.routine.triggers)
            if isinstance(t, ScheduleTrigger) and t.enabled
        ]

    def api(self) -> list[tuple[int, ApiTrigger]]:
        """The enabled api triggers with their index."""
        return [
            (i, t) for i, t in enumerate(self.routine.triggers) if isinstance(t, ApiTrigger) and t.enabled
        ]


def _only_reads(grant: Grant, registry: Registry) -> bool:
    calls = (registry.canonical(ToolCall(grant.connector, tool)) for tool in grant.allow)
    return all(registry.access(call).kind == "read" for call in calls)


@dataclass(frozen=True, eq=False)
class Folder:
    """All routines that are linted together, in the order of their files."""

    subjects: tuple[Subject, ...]
