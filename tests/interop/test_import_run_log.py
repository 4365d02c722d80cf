"""Logs of production runs become recordings; what a condensed log does not show is undecided, never green."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness.cli.main import run
from routine_harness.harness import check_case
from routine_harness.store.recordings import load_recording

ROUTINE = """\
name: triage
repositories: [acme/core]
connectors: [slack:ops, linear:Security]
triggers: [{type: schedule, cron: "7 4 * * *"}]
prompt: |
  File a ticket for each new alert. Post nothing. You are done when each alert has a ticket.
"""
TICKET = {"team": "Security", "title": "Rotate the key"}


def said(role: str, *content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": role, "message": {"role": role, "content": list(content)}, **more}


def events(
    tool: str = "mcp__Linear__save_issue", arguments: Any = None, closing: str = "Filed SEC-1."
) -> list[Any]:
    return [
        said("user", {"type": "text", "text": "File a ticket for each new alert."}),
        said("assistant", {"type": "tool_use", "id": "t1", "name": tool, "input": arguments or TICKET}),
        said("user", {"type": "tool_result", "tool_use_id": "t1", "content": '{"id":"SEC-1"}'}),
        said("assistant", {"type": "text", "text": closing}),
        {"type": "result", "subtype": "success", "is_error": False, "result": closing},
    ]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "triage"
    folder.mkdir()
    (folder / "routine.yaml").write_text(ROUTINE)
    return folder


def brought(home: Path, held: Any, *options: str, status: int = 0) -> Path:
    """Import one log; the place of its recording."""
    (home.parent / "log.json").write_text(json.dumps(held))
    assert run(["import", "run-log", "log.json", "-o", "triage", "--force", *options]) == status
    return home / "recordings" / "log.jsonl"


def judged(home: Path, expect: str) -> dict[str, tuple[str, str]]:
    """Check → outcome and why it is undecided, of the imported case with other expectations."""
    case = home / "cases" / "log.yaml"
    text = case.read_text()
    case.write_text(text[: text.index("expect:")] + f"expect: {expect}\n")
    checks = check_case(case).verdict.checks
    return {check.name: (check.outcome, check.skipped) for check in checks}


def flat() -> list[Any]:
    """The same run in flat events, the newest first, with times."""
    rows = [
        {"type": "user_message", "text": "File a ticket for each new alert."},
        {"type": "tool_use", "tool_use_id": "t1", "tool_name": "mcp__Linear__save_issue",
         "input": json.dumps(TICKET)},
        {"type": "tool_result", "tool_use_id": "t1", "output": '{"id":"SEC-1"}'},
        {"type": "assistant_message", "text": "Filed SEC-1."},
    ]  # fmt: skip
    timed = [{**row, "created_at": f"2026-11-02T04:07:0{at}Z"} for at, row in enumerate(rows)]
    return timed[::-1]


@pytest.mark.parametrize(
    "held",
    [
        {"session_id": "cse_1", "events": events()},
        {"data": {"run": {"session_id": "cse_1"}, "events": [{"payload": each} for each in events()]}},
        {"run_log": {"session_id": "cse_1", "events": [{"data": each} for each in events()]}},
        [{"type": "text", "text": "HTTP 200\n" + json.dumps({"session_id": "cse_1", "events": events()})}],
        {"session_id": "cse_1", "status": "ROUTINE_RUN_STATUS_COMPLETED", "events": flat()},
    ],
)
def test_every_envelope_becomes_a_condensed_recording(home: Path, held: Any) -> None:
    """Header, call and result come out of each of them, oldest first."""
    recording = load_recording(brought(home, held))
    assert recording is not None
    assert (recording.header.origin, recording.header.condensed) == ("imported", True)
    assert b'"condensed":true' in (home / "recordings/log.jsonl").read_bytes().split(b"\n", 1)[0]
    case = check_case(home / "cases" / "log.yaml")
    assert case.pair is not None
    assert [effect.kind for effect in case.pair.first.applied] == ["ticket.created"]
    assert case.pair.first.status == "finished"


def test_nothing_of_it_is_green_but_what_it_shows(home: Path) -> None:
    """Counts from above, silence, policy, claims and idempotency hang on what may have been left out."""
    brought(home, {"session_id": "cse_1", "events": events()})
    found = judged(home, "{tickets: {at_least: 1}, messages: {count: 0}, comments: {at_most: 2}}")
    assert found["tickets"] == ("passed", "")
    for name in ("run", "policy", "idempotent", "messages", "comments"):
        assert found[name][0] == "skipped", name
    assert "condensed" in found["policy"][1]


def test_what_is_not_there_is_no_failure_either(home: Path) -> None:
    """Too few acts, an act that is claimed and not seen, a call that is missing: undecided."""
    brought(home, {"session_id": "cse_1", "events": events(closing="Filed SEC-1 and SEC-9, posted to #ops.")})
    found = judged(
        home, "{tickets: {count: 2}, calls: {in_order: [slack.slack_send_message]}, says: {contains: x9}}"
    )
    assert {found[name][0] for name in ("run", "tickets", "calls", "says")} == {"skipped"}
    brought(home, {"session_id": "cse_2", "events": events()[:1] + events()[-1:]})
    assert judged(home, "{nothing: true}")["nothing"][0] == "skipped"


def test_what_is_there_fails(home: Path) -> None:
    """A forbidden act, one too many and one where none was wanted are red: the log shows them."""
    push = {"command": "git push origin main"}
    brought(home, {"session_id": "cse_1", "events": events("Bash", push)})
    assert judged(home, "{}")["policy"][0] == "failed"
    brought(home, {"session_id": "cse_1", "events": events()})
    assert judged(home, "{tickets: {count: 0}}")["tickets"][0] == "failed"
    assert judged(home, "{nothing: true}")["nothing"][0] == "failed"


def test_the_gate_stays_closed_on_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An import of a log opens no trigger."""
    brought(home, {"session_id": "cse_1", "events": events()})
    assert run(["gate", "triage"]) == 1
    assert run(["check", "triage"]) == 0


def test_a_log_of_the_newest_events_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """200 events, a cursor or a total tell that older ones are missing; cut texts are counted."""
    many = [said("assistant", {"type": "text", "text": f"step {at}"}) for at in range(200)]
    brought(
        home,
        {"session_id": "cse_1", "events": [*many[:199], said("assistant", {"type": "text", "text": "so …"})]},
    )
    told = " ".join(capsys.readouterr().out.split())
    assert "the newest 200 events; what came before is not in it" in told
    assert "cut short: 1 event" in told


def test_runs_without_a_log_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list gives a log its status, and names the runs of which no log is there."""
    rows = [
        {"session_id": "cse_1", "status": "ROUTINE_RUN_STATUS_FAILED", "started_at": "2026-11-02T04:07:00Z"},
        {"session_id": "cse_2", "status": "ROUTINE_RUN_STATUS_COMPLETED"},
    ]
    (home.parent / "runs.json").write_text(json.dumps({"data": rows, "has_more": False}))
    (home.parent / "one.json").write_text(json.dumps({"session_id": "cse_1", "events": events()[:-1]}))
    assert run(["import", "run-log", "runs.json", "one.json", "-o", "triage"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "cse_2 (ROUTINE_RUN_STATUS_COMPLETED): listed, and its log is not among the files" in told
    result = check_case(home / "cases" / "one.yaml")
    assert result.pair is not None
    assert result.pair.first.status == "failed"


def test_bad_input_is_one_clear_error(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another file, no routine, a log twice: exit 2, and nothing is written."""
    brought(home, {"data": []}, status=2)
    assert "found neither" in capsys.readouterr().err
    (home.parent / "a.json").write_text(json.dumps({"events": []}))
    assert run(["import", "run-log", "a.json", "-o", "triage"]) == 2
    assert run(["import", "run-log", "a.json", "-o", "elsewhere"]) == 2
    assert "found no routine" in capsys.readouterr().err
    assert not (home / "recordings").exists()


@pytest.mark.parametrize("depth", [9, 900, 100_000])
def test_deep_nesting_is_no_fault_of_ours(home: Path, depth: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A log whose wrappers or texts nest without end is refused or read, never a traceback."""
    (home.parent / "log.json").write_text('{"data": ' * depth + "{}" + "}" * depth)
    assert run(["import", "run-log", "log.json", "-o", "triage"]) == 2
    event = '{"type": "assistant", "text": "x", "more": ' + "[" * depth + "]" * depth + "}"
    (home.parent / "log.json").write_text(f'{{"session_id": "cse_1", "events": [{event}]}}')
    assert run(["import", "run-log", "log.json", "-o", "triage"]) in (0, 2)
    assert "RecursionError" not in capsys.readouterr().err
