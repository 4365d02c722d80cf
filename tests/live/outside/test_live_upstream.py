"""The real CLI on an API that fails: what is bad input, what the CLI gets over, and what the run says."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

from support.live_runs import codes, in_turns, needs_cli, run_live, scratch_left, use, write_routine
from support.loopback import served

from routine_harness.cli.main import run
from routine_harness.errors import AgentError
from routine_harness.live.client.attempt import Step
from routine_harness.serve.credential import Credential
from routine_harness.serve.spending import Spending
from routine_harness.serve.streams import Turn, encode_events, encode_json

Answer = tuple[int, str, bytes]
TURN = Turn(({"type": "text", "text": "nothing to do"},))
WHOLE = b"".join(encode_events(TURN, "claude-test"))
GOOD: Answer = (200, "text/event-stream", WHOLE)
CUT: Answer = (200, "text/event-stream", WHOLE[: len(WHOLE) // 2])
JUNK: Answer = (200, "text/event-stream", b"event: x\ndata: {not json\n\n")
PAGE: Answer = (200, "text/html", b"<html>sign in</html>")
_ERROR = b'{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}'
OVERLOADED: Answer = (529, "application/json", _ERROR)


@pytest.fixture(autouse=True)
def _live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch folders of a test's own."""
    needs_cli()
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))


@contextmanager
def api(*answers: Answer) -> Iterator[str]:
    """An API that answers so, the last one for ever; its address."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, kind, body = left.pop(0) if len(left) > 1 else left[0]
            if body == WHOLE and not asked.get("stream"):
                kind, body = "application/json", encode_json(TURN, "claude-test")
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with served(Handler) as url:
        yield url


@pytest.mark.parametrize(
    ("answer", "said"),
    [(JUNK, "an event is not JSON"), (PAGE, "this is text/html, no message")],
    ids=["junk", "page"],
)
def test_what_does_not_speak_the_api_is_one_clear_error(tmp_path: Path, answer: Answer, said: str) -> None:
    """An address where something else answers is bad input: no run, no recording, one reason."""
    case = write_routine(tmp_path / "r")
    with api(answer) as url, pytest.raises(AgentError) as caught:
        run_live(case, lambda _: Credential("key", url), mode=True, record=True)
    [problem] = caught.value.problems
    assert problem.file == url
    assert problem.message.startswith(f"the model's answer in turn 1 is malformed: {said}")
    assert not (case.parent.parent / "recordings").exists()
    assert scratch_left() == []


def test_a_stream_that_breaks_off_once_costs_a_retry_and_no_more(tmp_path: Path) -> None:
    """The CLI asks again, without a stream, and the run ends well."""
    with api(CUT, GOOD) as url:
        case = write_routine(tmp_path / "r", "expect: {nothing: true}\n")
        result = run_live(case, lambda _: Credential("key", url), mode=True, once=True)
    assert result.pair is not None
    assert result.pair.first.status == "finished", result.pair.first.reason


def test_an_overloaded_api_is_named_where_the_time_runs_out(tmp_path: Path) -> None:
    """While the CLI retries that is shown; a run whose time is up meanwhile says what it was waiting for."""
    shown: list[Step] = []
    with api(OVERLOADED) as url:
        result = run_live(
            write_routine(tmp_path / "r"), lambda _: Credential("key", url), mode=True, seconds=12.0,
            progress=shown.append, once=True,
        )  # fmt: skip
    assert result.pair is not None
    run = result.pair.first
    assert run.status == "over_budget"
    assert run.reason.startswith("12 seconds of real time are used up (at retry ")
    assert run.reason.endswith(", API error 529 (overloaded))")
    assert any(step.text.startswith("API error 529 (overloaded): retry 1 of ") for step in shown)


def test_a_recording_that_ends_early_keeps_what_was_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--play`` of a recording that breaks off exits with 2, says why once, and keeps what was there."""
    case = write_routine(tmp_path / "r", "expect: {idempotent: false, tickets: {count: 1}}\n")
    kept = case.parent.parent / "recordings" / "one.jsonl"
    (tmp_path / "model.py").write_text(
        "def turns(messages):\n"
        "    if any(message['role'] == 'assistant' for message in messages):\n        return 'done'\n"
        "    call = {'title': 'A thing', 'team': 'Security', 'project': 'Security'}\n"
        "    return [{'type': 'tool_use', 'name': 'mcp__Linear__save_issue', 'input': call}]\n"
    )
    words = ["record", str(case), "--all"]
    assert run([*words, "--script", f"{tmp_path / 'model.py'}::turns"]) == 0
    held = kept.read_bytes()
    short = tmp_path / "short.jsonl"
    short.write_bytes(b"".join(line for line in held.splitlines(keepends=True) if b"done" not in line))
    capsys.readouterr()
    assert run([*words, "--play", str(short)]) == 2
    said = capsys.readouterr().err
    assert said.count("the recording of run 1 ends after turn 1, and the agent asks for turn 2") == 1
    assert "short.jsonl" in said
    assert "hint: expected a recording that goes on to the agent's last word" in said
    assert kept.read_bytes() == held


def test_a_reason_stands_once(tmp_path: Path) -> None:
    """A run that its spending limit ends has one finding that says so."""
    model = in_turns([use("Bash", command="true")])
    result = run_live(write_routine(tmp_path / "r"), model, spending=Spending(1e-6), once=True)
    assert result.pair is not None
    assert result.pair.first.status == "over_budget"
    said = [finding.code for finding in result.verdict.findings if "spending limit" in finding.message]
    assert set(said) == {"budget.spent"}
    assert "run.over-budget" not in codes(result)
