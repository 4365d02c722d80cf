"""Faults of every kind, alone and in packs that are laid over each call of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.desk import run_desk

from routine_harness.adversity.faults import PACKS, fault_trials
from routine_harness.errors import SpecError
from routine_harness.harness import check_case
from routine_harness.session.faults import Fault, Lapse, RateLimit
from routine_harness.session.session import Session
from routine_harness.verdict.further import FAULT_PACKS

FIXTURE = Path(__file__).parents[2] / "fixtures/adversity/crash"
READ = "desk.list_tickets"


def answers(fault: Fault, count: int = 4, seconds: int = 0) -> list[str]:
    """What ``count`` reads are answered under ``fault``: ``ok``, or the first words of the error."""

    def agent(session: Session) -> None:
        for _ in range(count):
            session.call(READ)
            session.world = session.world.at(session.world.clock + seconds)

    run = run_desk(agent, faults=(fault,))
    return [record.failure.split("\n")[0] if record.failed else "ok" for record in run.calls]


def test_a_fault_strikes_every_other_call_so_many_times() -> None:
    fault = Fault(tool=READ, every=2, times=1, status=503)
    assert answers(fault, 5) == ["ok", "Request failed with status code 503", "ok", "ok", "ok"]


def test_a_closed_connection_says_so() -> None:
    assert answers(Fault(tool=READ, nth=1, disconnect=True), 2) == [
        "MCP error -32000: Connection closed",
        "ok",
    ]


def test_a_grant_lapses_after_some_calls_for_the_whole_connector() -> None:
    fault = Fault(connector="desk", lapses=Lapse(after_call=2))
    assert answers(fault) == ["ok", "ok", *["Request failed with status code 401"] * 2]


def test_a_limit_of_calls_a_minute_lets_in_whoever_waits() -> None:
    fault = Fault(connector="desk", rate_limit=RateLimit(per_minute=2, retry_after=30))
    assert answers(fault) == ["ok", "ok", *["Request failed with status code 429"] * 2]
    assert answers(fault, seconds=40) == ["ok"] * 4


def test_a_connector_offers_some_of_its_tools() -> None:
    fault = Fault(connector="desk", offers=("post_message",))
    assert answers(fault, 1) == ["No such tool available: desk.list_tickets"]


def test_a_slow_answer_is_one_and_takes_its_time() -> None:
    def agent(session: Session) -> None:
        before = session.now
        assert not session.call(READ).is_error
        assert (session.now - before).total_seconds() == 91

    assert run_desk(agent, faults=(Fault(tool=READ, slow=90),)).status == "finished"


@pytest.mark.parametrize("how", ["truncated", "html", "empty", "wrong_type"])
def test_a_success_that_is_no_answer_is_no_look(how: Any) -> None:
    def agent(session: Session) -> None:
        result = session.call(READ)
        assert not result.is_error
        session.say("all quiet")

    run = run_desk(agent, faults=(Fault(tool=READ, malformed=how),))
    assert run.status == "finished"
    assert run.calls[0].failed
    assert run.calls[0].answered_by == "fault"


@pytest.mark.parametrize("applied", [True, False])
def test_a_garbled_answer_to_a_write_says_nothing_of_what_was_done(applied: bool) -> None:
    def agent(session: Session) -> None:
        session.call("desk.post_message", channel="dev", text="hello")

    fault = Fault(tool="desk.post_message", malformed="html", applied=applied)
    run = run_desk(agent, faults=(fault,))
    assert len(run.messages) == applied


def test_the_packs_that_a_file_may_name_are_those_that_there_are() -> None:
    assert tuple(PACKS) == FAULT_PACKS


def test_each_fault_is_laid_over_each_call_and_named_after_it() -> None:
    result = check_case(FIXTURE / "cases/careful.yaml")
    assert result.pair is not None
    names = [trial.name for trial in fault_trials(result.pair.first.calls, FAULT_PACKS)]
    assert len(names) == len(set(names)) == sum(name.startswith("faults[") for name in result.sweeps)
    assert "linear.save_issue#1:timeout-applied" in names
    assert "linear.list_issues#1:timeout-applied" not in names  # a read is not done twice
    assert "slack.slack_read_channel#1:truncated" in names


def test_a_pack_that_there_is_not_is_named_with_its_line(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    text = (FIXTURE / "cases/careful.yaml").read_text(encoding="utf-8")
    case.write_text(text.replace("flaky", "flakey"))
    with pytest.raises(SpecError, match=r"(?s)unknown pack 'flakey'.*did you mean flaky"):
        check_case(case)
