"""Routines for the tests of lint: from a text, from a fragment over a clean base, from foreign files."""

from __future__ import annotations

import copy
import re
from typing import Any

import yaml
from support.judging import NoFiles

from routine_harness.case.case import Case
from routine_harness.case.parse import parse_cases
from routine_harness.lint.registry import BUILT_IN
from routine_harness.lint.run import Alarm, check_routines
from routine_harness.lint.settings import DEFAULTS, LintSettings
from routine_harness.lint.subject import RecordingNote, Subject
from routine_harness.routine.document import load_document
from routine_harness.routine.edition import load_edition
from routine_harness.routine.parse import parse_routine
from routine_harness.verdict.policy.chain import merge_policies
from routine_harness.verdict.policy.default_policy import default_policy
from routine_harness.verdict.policy.rules import Policy
from routine_harness.verdict.read_policy import parse_policy

TODAY = 1_790_000_000
DAY = 86_400

BASE: dict[str, Any] = {
    "name": "example",
    "repositories": ["github:acme/core"],
    "connectors": [],
    "triggers": [],
    "prompt": "Look at the repository. Never push to main. You are done when it has been read.",
}


def subject(
    text: str,
    *,
    file: str = "routine.yaml",
    cases: tuple[Case, ...] = (),
    recordings: tuple[RecordingNote, ...] = (),
    edition: str = "2026-10",
    settings: LintSettings = DEFAULTS,
    tested: bool = False,
    plan: str = "team",
    policy: Policy | None = None,
) -> Subject:
    """The subject that the text of a routine file makes."""
    return Subject(
        routine=parse_routine(load_document(text.encode(), file)),
        edition=load_edition(edition),
        settings=settings,
        cases=cases,
        recordings=recordings,
        tested=tested,
        today=TODAY,
        plan=plan,
        policy=policy,
    )


def lint(text: str, **options: Any) -> tuple[Alarm, ...]:
    """The alarms about one routine file."""
    return check_routines([subject(text, **options)], BUILT_IN)


def codes(alarms: tuple[Alarm, ...]) -> list[str]:
    return [alarm.finding.code for alarm in alarms]


def fragment_subject(fragment: str, **options: Any) -> Subject:
    """A rule's documented fragment over a clean routine; ``cases``, ``recordings``, ``policy`` beside it."""
    data = yaml.safe_load(fragment)
    cases = data.pop("cases", None)
    written = yaml.safe_dump(data.pop("policy", {})).encode()
    recordings = data.pop("recordings", {})
    merged = copy.deepcopy(BASE) | data
    comment = re.search(r"#.*", fragment) if "rh:" in fragment else None
    text = (comment[0] + "\n" if comment else "") + yaml.safe_dump(
        merged, sort_keys=False, allow_unicode=True
    )
    return subject(
        text,
        cases=fragment_cases(cases or {}),
        recordings=tuple(fragment_note(name, note) for name, note in recordings.items()),
        tested=cases is not None,
        policy=merge_policies(default_policy(), [parse_policy(load_document(written, "policy.yaml"))]),
        **options,
    )


def fragment_cases(cases: dict[str, Any]) -> tuple[Case, ...]:
    return tuple(
        case
        for name, data in cases.items()
        for case in parse_cases(
            load_document(yaml.safe_dump(data).encode(), f"cases/{name}.yaml"), name, NoFiles()
        )
    )


def fragment_note(name: str, note: dict[str, Any]) -> RecordingNote:
    return RecordingNote(
        file=f"recordings/{name}.jsonl",
        case=note["case"],
        origin=note.get("origin", "live"),
        recorded=TODAY - note.get("days", 1) * DAY,
        stale=tuple(note.get("stale", ())),
        writes={tool: (kind,) for tool, kind in note.get("writes", {}).items()},
    )
