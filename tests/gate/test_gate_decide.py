"""The decision: what opens a trigger, what closes it, and for how long an exception holds."""

from __future__ import annotations

from typing import Any

import pytest

from routine_harness.finding import Finding, Location, Severity
from routine_harness.gate.decide import Evidence, decide_routine, label_of
from routine_harness.gate.decision import GateDecision, RoutineDecision
from routine_harness.gate.outcome import CaseOutcome
from routine_harness.lint.subject import RecordingNote
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine
from routine_harness.session.transcript import Usage
from routine_harness.verdict.policy.rules import GateException, GateRules, Permitted

DAY = 86_400
TODAY = 20_000 * DAY  # 2024-10-04
TEXT = """name: example
repositories: [github:acme/core]
triggers:
  - {type: schedule, cron: "7 4 * * *"}
  - {type: api}
prompt: Read.
"""


def case(name: str = "one", **keys: Any) -> CaseOutcome:
    keys = {"kind": "schedule", "trigger": 0, "state": "passed", **keys}
    return CaseOutcome(id=name, file=f"cases/{name}.yaml", **keys)


BOTH = (case(), case("two", kind="api", trigger=1))


def decide(text: str = TEXT, rules: GateRules = GateRules(), **keys: Any) -> RoutineDecision:  # noqa: B008 - frozen
    routine = parse_routine(load_document(text.encode(), "routine.yaml"))
    keys.setdefault("cases", BOTH)
    return decide_routine(Evidence(routine=routine, rules=rules, today=TODAY, **keys))


def codes(decision: RoutineDecision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def standings(decision: RoutineDecision) -> list[str]:
    return [trigger.standing for trigger in decision.triggers]


def finding(code: str, severity: Severity = Severity.ERROR, **data: Any) -> Finding:
    return Finding(
        code=code, message=code, severity=severity, location=Location("routine.yaml", 3), data=data
    )


def test_passing_cases_open_every_trigger() -> None:
    """Nothing found, a case for each trigger: open."""
    decision = decide()
    assert standings(decision) == ["open", "open"]
    assert decision.standing == "open"
    assert GateDecision((decision,)).open


def test_a_trigger_without_a_case_is_closed_and_the_other_stays_open() -> None:
    """Each trigger is decided by itself."""
    decision = decide(cases=(case(),))
    assert standings(decision) == ["open", "closed"]
    assert codes(decision) == ["gate.no-case"]
    assert not GateDecision((decision,)).open


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("failed", "gate.case-failed"),
        ("skipped", "gate.case-skipped"),
        ("expected to fail", "gate.case-expected-to-fail"),
        ("undecided", "gate.case-undecided"),
        ("stale", "gate.stale"),
        ("not recorded", "gate.not-recorded"),
    ],
)
def test_whatever_did_not_pass_is_never_open(state: str, code: str) -> None:
    """Every other state of a case closes the trigger that it speaks for, and says what to do."""
    decision = decide(cases=(*BOTH, case("bad", state=state, reason="because")))
    assert standings(decision) == ["closed", "open"]
    assert codes(decision) == [code]
    assert "because" in decision.reasons[0].finding.message
    assert decision.reasons[0].next


def test_a_manual_case_speaks_for_every_trigger() -> None:
    """What fails on Run now fails whatever starts it."""
    decision = decide(cases=(*BOTH, case("manual", kind="manual", trigger=None, state="failed", reason="x")))
    assert standings(decision) == ["closed", "closed"]


def test_a_case_that_fires_nothing_speaks_for_triggers_of_its_kind() -> None:
    """``fires: false`` is about a trigger that was not fired."""
    decision = decide(cases=(*BOTH, case("quiet", kind="api", trigger=None, state="failed", reason="x")))
    assert standings(decision) == ["open", "closed"]


def test_a_case_that_fires_nothing_is_no_case_for_a_trigger() -> None:
    """That the trigger stays shut for one event says nothing about what it starts."""
    quiet = case("quiet", kind="api", trigger=None)
    assert codes(decide(cases=(case(), quiet))) == ["gate.no-case"]


def test_lint_errors_close_and_warnings_do_not() -> None:
    """Severity decides, and the level can be left out."""
    assert standings(decide(lint=(finding("prompt.no-link", Severity.WARNING),))) == ["open", "open"]
    assert standings(decide(lint=(finding("prompt.secret"),))) == ["closed", "closed"]
    assert standings(decide(rules=GateRules(levels=("cases",)), lint=(finding("prompt.secret"),))) == [
        "open",
        "open",
    ]


def test_a_property_of_one_trigger_closes_that_one() -> None:
    """A finding about a trigger names its index."""
    assert standings(decide(properties=(finding("trigger.never-fires", trigger=1),))) == ["open", "closed"]


def test_what_is_not_enabled_is_off_and_closes_nothing() -> None:
    """Neither a disabled trigger nor a disabled routine keeps the gate closed."""
    off = decide(TEXT.replace("{type: api}", "{type: api, enabled: false}"), cases=(case(),))
    assert standings(off) == ["open", "off"]
    paused = decide(TEXT + "enabled: false\n", cases=())
    assert standings(paused) == ["off", "off"]
    assert GateDecision((off, paused)).open


def exception(code: str, expires: str, routines: tuple[str, ...] = ()) -> GateRules:
    excused = GateException(
        code, "until the new runner is there", "alice", expires, routines, Location("policy.yaml", 9)
    )
    return GateRules(exceptions=(excused,))


def test_an_exception_excuses_until_its_day() -> None:
    """Reason and owner are kept; the trigger is open."""
    decision = decide(rules=exception("prompt.secret", "2024-10-04"), lint=(finding("prompt.secret"),))
    assert standings(decision) == ["open", "open"]
    [excused] = decision.excused
    assert (excused.owner, excused.expires) == ("alice", "2024-10-04")


def test_an_expired_exception_is_a_reason_of_its_own() -> None:
    """What it excused closes again, and the exception is named with its owner."""
    decision = decide(rules=exception("prompt.secret", "2024-10-03"), lint=(finding("prompt.secret"),))
    assert codes(decision) == ["prompt.secret", "gate.exception-expired"]
    assert "alice" in decision.reasons[1].next


def test_an_exception_for_another_routine_excuses_nothing() -> None:
    """``routines:`` limits it."""
    rules = exception("prompt.secret", "2030-01-01", ("other",))
    assert codes(decide(rules=rules, lint=(finding("prompt.secret"),))) == ["prompt.secret"]


def test_an_exception_covers_the_findings_of_a_failed_case() -> None:
    """The finding's own code is what an exception names."""
    noisy = case("noisy", state="failed", reason="failed: ::policy", findings=(finding("noise.messages"),))
    decision = decide(rules=exception("noise.messages", "2030-01-01"), cases=(*BOTH, noisy))
    assert standings(decision) == ["open", "open"]


def test_an_expired_allow_of_the_policy_closes() -> None:
    """What is taken back from ``forbid`` for a time has to be looked at again."""
    permit = Permitted(
        "branch.deleted", "migration", owner="bob", expires="2024-01-01", location=Location("policy.yaml", 4)
    )
    assert codes(decide(allow=(permit,))) == ["gate.exception-expired"]


def note(**keys: Any) -> RecordingNote:
    return RecordingNote(
        **{"file": "recordings/one.jsonl", "case": "one", "recorded": TODAY - 3 * DAY, **keys}
    )


@pytest.mark.parametrize(
    ("rules", "notes", "expected"),
    [
        (GateRules(freshness=7 * DAY), (note(),), []),
        (GateRules(freshness=2 * DAY), (note(),), ["gate.recording-old"]),
        (GateRules(freshness=2 * DAY), (note(recorded=0),), ["gate.recording-old"]),
        (GateRules(freshness=2 * DAY), (note(origin="scripted", recorded=0),), []),
        (GateRules(live_recordings=1), (), ["gate.no-live-recording"]),
        (GateRules(live_recordings=1), (note(origin="scripted"),), ["gate.no-live-recording"]),
        (GateRules(live_recordings=1), (note(),), []),
        (GateRules(passed=2, of=3), (note(passed=2, attempts=3),), []),
        (GateRules(passed=2, of=3), (note(passed=1, attempts=1),), ["gate.attempts"]),
        (GateRules(passed=2, of=3), (note(passed=1, attempts=3),), ["gate.attempts"]),
        (GateRules(passed=2, of=3), (note(passed=7, attempts=10),), []),
        (GateRules(pass_rate=0.9), (note(passed=3, attempts=3),), ["gate.pass-rate"]),
        (GateRules(pass_rate=0.9), (note(passed=2, attempts=10),), ["gate.pass-rate"]),
        (GateRules(pass_rate=0.9), (note(passed=25, attempts=25),), []),
        (GateRules(pass_rate=0.9, confidence=0.5), (note(passed=6, attempts=6),), []),
    ],
)
def test_what_policy_demands_of_recordings(
    rules: GateRules, notes: tuple[RecordingNote, ...], expected: list[str]
) -> None:
    """Age, at least so many live ones, k of n attempts."""
    assert codes(decide(rules=rules, recordings=notes)) == expected


def test_the_cost_of_renewing_is_that_of_the_last_time() -> None:
    """Only what has to be made anew is counted."""
    usage = Usage(input_tokens=40_000, output_tokens=1_200, cost_usd=0.35)
    notes = (note(usage=usage), note(case="two", usage=usage))
    stale = case(state="stale", reason="recorded before a change of: prompt")
    decision = decide(cases=(stale, BOTH[1]), recordings=notes)
    assert decision.renew == ("one",)
    assert decision.renewal == usage


def test_labels_say_which_trigger() -> None:
    """A trigger in a few words."""
    text = TEXT.replace("{type: api}", "{type: github, events: [pull_request.opened, release.published]}")
    routine = parse_routine(load_document(text.encode(), "routine.yaml"))
    assert [label_of(trigger) for trigger in routine.triggers] == [
        "schedule 7 4 * * *",
        "github pull_request.opened +1",
    ]
