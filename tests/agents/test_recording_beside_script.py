"""A case whose agent is a script, and what the real agent did with it: who plays, and when it is stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from routine_harness.agents.recording import Attempts, Recorder
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.case.result import CaseResult
from routine_harness.cli.check import command as check
from routine_harness.harness import Harness, Options, check_case
from routine_harness.session.pair import run_pair
from routine_harness.session.run import Run, RunPair
from routine_harness.session.session import Session
from routine_harness.store.attempts import attempts_of
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.recordings import load_recording
from routine_harness.store.survey import survey_folder
from routine_harness.store.tested import digest_files

ROUTINE = """\
name: filing
connectors: [{connector: linear, binding: Security}]
triggers: [{type: api}]
prompt: File the matter once.
"""
CASE = """\
trigger: {api: {text: a matter}}
agent: {scripted: ../agent.py::files}
expect: {idempotent: false, tickets: {count: 1}}
"""
SCRIPT = """\
def files(session):
    session.call("linear.save_issue", title="By the script", team="Security", project="Security")
    session.say("done")
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = tmp_path / "filing"
    (folder / "cases").mkdir(parents=True)
    (tmp_path / "policy.yaml").write_text("root: true\n")
    (folder / "routine.yaml").write_text(ROUTINE)
    (folder / "agent.py").write_text(SCRIPT)
    (folder / "cases" / "one.yaml").write_text(CASE)
    return folder / "cases" / "one.yaml"


def real(*titles: str) -> Any:
    """In the place of the real agent: it files a ticket of each title."""

    def execute(setting: Setting) -> tuple[RunPair | None, Recorder]:
        def run(session: Session) -> Run:
            for title in titles:
                session.call("linear.save_issue", title=title, team="Security", project="Security")
            session.say("done")
            return session.finish("finished")

        return run_pair(plan_pair(setting), run), Recorder("claude-code", "2.1.332", "claude-opus-5-5")

    return execute


def record(case: Path, *titles: str, times: int = 1, **options: Any) -> list[CaseResult]:
    options = {"record": "all", "agent": "claude-code", **options}
    harness = Harness(Options(**options), live=real(*titles))
    loaded = load_case_file(case)
    return [harness.check_case(loaded.cases[0], loaded.routine) for _ in range(times)]


def title(result: CaseResult) -> str:
    assert result.pair is not None
    return str(result.pair.first.tickets[0].fields["title"])


def test_what_the_real_agent_did_plays_instead_of_the_script(case: Path) -> None:
    """The script runs until there is a live recording, and runs still where it is asked for."""
    before = check_case(case)
    assert (title(before), str(before.by)) == ("By the script", "by a script")
    record(case, "By the agent")
    after = check_case(case)
    assert title(after) == "By the agent"
    assert after.by is not None
    assert after.by.word == "live"
    scripted = check_case(case, agent="scripted")
    assert (title(scripted), str(scripted.by)) == ("By the script", "by a script")


def test_another_script_makes_no_live_recording_stale(case: Path) -> None:
    """What the agent did does not hang on the script beside it; it does hang on the prompt."""
    record(case, "By the agent")
    (case.parent.parent / "agent.py").write_text(SCRIPT.replace("By the script", "By another"))
    assert check_case(case).passed
    case.write_text(CASE.replace("agent: {scripted: ../agent.py::files}\n", ""))
    assert title(check_case(case)) == "By the agent"
    notes = survey_folder(
        (case.parent.parent,), digests=lambda routine, each: CaseFiles(each, routine).digests
    ).subjects[0].recordings  # fmt: skip
    assert [note.stale for note in notes] == [()]


def test_a_stale_live_recording_is_no_way_back_to_the_script(case: Path) -> None:
    """It is ``recording.stale`` as everywhere, with the command that has the real agent record again."""
    record(case, "By the agent")
    routine = case.parent.parent / "routine.yaml"
    routine.write_text(ROUTINE.replace("once", "exactly once"))
    result = check_case(case)
    assert result.pair is None
    [finding] = [each for each in result.findings if each.code == "recording.stale"]
    assert "prompt" in finding.message
    assert finding.hint.endswith("--case one --live")
    assert check_case(case, agent="scripted").passed


def test_a_script_of_the_cases_own_is_never_recorded(case: Path) -> None:
    """``--routine-record=all`` runs it as before, and writes nothing."""
    result = check_case(case, record="all")
    assert title(result) == "By the script"
    assert not CaseFiles(result.case, result.routine).recording_path.exists()


def test_once_records_beside_a_script_what_is_not_there_yet(case: Path) -> None:
    """The record modes are those of any case: a fresh recording is left alone under ``once``."""
    record(case, "First", record="once")
    [result] = record(case, "Second", record="once")
    assert title(result) == "First"
    assert title(check_case(case)) == "First"


def test_check_has_the_script_run(case: Path) -> None:
    """``check --agent scripted`` says what the script says, whatever was recorded."""
    record(case, "One", "Two")
    assert CliRunner().invoke(check, [str(case)], standalone_mode=False).return_value == 1
    scripted = CliRunner().invoke(check, [str(case), "--agent", "scripted"], standalone_mode=False)
    assert scripted.return_value == 0, scripted.output


def test_pytest_has_the_script_run(case: Path, pytester: pytest.Pytester) -> None:
    """``--routine-agent=scripted`` does the same; another name is bad usage."""
    record(case, "One", "Two")
    assert pytester.runpytest_inprocess(case, "-q", "--routine-agent=scripted").ret == 0
    assert pytester.runpytest_inprocess(case, "-q").ret == 1
    assert pytester.runpytest_inprocess(case, "-q", "--routine-agent=nobody").ret == 4


def test_a_recorded_script_is_run_where_it_is_asked_for(case: Path) -> None:
    """A case that is recorded by its script can be played by it as well: another recording waits."""
    case.write_text(CASE.replace("agent:", "record_with:"))
    record(case, "By the agent")
    assert title(check_case(case)) == "By the agent"
    assert title(check_case(case, agent="scripted")) == "By the script"
    assert title(check_case(case, agent="scripted", record="all")) == "By the script"
    assert title(check_case(case)) == "By the script"


@pytest.mark.parametrize("agent", ["claude-code", "scripted"])
def test_every_attempt_of_a_series_is_kept_and_counted(case: Path, agent: str) -> None:
    """By the real agent or by a script: a transcript each, under the number that the header counts."""
    case.write_text(CASE.replace("agent:", "record_with:"))
    result = record(case, "By the agent", times=3, agent=agent, attempts=True)[-1]
    path = CaseFiles(result.case, result.routine).recording_path
    kept = load_recording(path)
    assert kept is not None
    assert kept.header.attempts == Attempts(3, 3)
    folder = attempts_of(path)
    assert sorted(each.name for each in folder.iterdir()) == ["1.jsonl", "2.jsonl", "3.jsonl"]
    assert (folder / "3.jsonl").read_bytes() == path.read_bytes()
    assert (folder.parent / ".gitignore").read_text().splitlines()[-1] == "*"
    case.write_text(case.read_text().replace("count: 1", "count: 2"))
    record(case, "By the agent", times=2, agent=agent, attempts=True)
    again = load_recording(path)
    assert again is not None
    failed = [load_recording(each) for each in sorted(folder.glob("*.jsonl"))]
    assert again.header.attempts == (Attempts(3, 5) if agent == "claude-code" else Attempts(0, 2))
    assert [each is not None and each.header.passed for each in failed] == (
        [True, True, True, False, False] if agent == "claude-code" else [False, False]
    )


def test_attempts_are_no_part_of_what_a_gate_rests_on(case: Path) -> None:
    """They are not in a repository, so that no statement may name them."""
    record(case, "By the agent", times=2, attempts=True)
    surveyed = survey_folder((case.parent.parent,))
    tested = digest_files(surveyed.subjects, (), case.parent.parent)
    assert [name for name in tested.configuration if "recordings" in name] == ["recordings/one.jsonl"]


def test_one_attempt_is_not_kept_twice(case: Path) -> None:
    """Without ``--repeat`` the recording is the transcript."""
    [result] = record(case, "By the agent")
    path = CaseFiles(result.case, result.routine).recording_path
    assert [each.name for each in path.parent.iterdir()] == ["one.jsonl"]
