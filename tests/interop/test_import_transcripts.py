"""Sessions of Claude Code become recordings that are judged like any other."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.cli.main import run
from routine_harness.errors import RecordingError
from routine_harness.harness import check_routine
from routine_harness.interop.sessions.imported import Imported
from routine_harness.interop.sessions.revealed import revealed_world, suggested_case
from routine_harness.interop.sessions.revealed_trigger import revealed_trigger
from routine_harness.interop.sessions.session_effects import describe_outcome, effects_of
from routine_harness.interop.sessions.transcripts import NO_RESULT, import_session
from routine_harness.session.transcript import Call, Message
from routine_harness.store.recordings import load_recording
from routine_harness.world.registry import Registry

REGISTRY = Registry()
INIT = {"type": "system", "subtype": "init", "session_id": "s", "model": "m", "claude_code_version": "2.1.9",
        "mcp_servers": [{"name": "linear", "status": "connected"}]}  # fmt: skip
RESULT = {"type": "result", "subtype": "success", "is_error": False, "result": "done", "usage": {}}


def said(text: str, **more: Any) -> dict[str, Any]:
    message = {
        "id": more.pop("id", None),
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
    }
    return {"type": "assistant", "message": message, **more}


def called(mark: str, name: str, turn: str = "", /, **arguments: Any) -> dict[str, Any]:
    block = {"type": "tool_use", "id": mark, "name": name, "input": arguments}
    return {"type": "assistant", "message": {"id": turn or f"m-{mark}", "content": [block]}}


def asked(text: str) -> dict[str, Any]:
    return {"type": "user", "message": {"role": "user", "content": text}}


def got(mark: str, content: Any, *, is_error: bool = False) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": mark, "content": content, "is_error": is_error}
    return {"type": "user", "message": {"role": "user", "content": [block]}}


def lines(*values: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def imported(*values: dict[str, Any]) -> Imported:
    return import_session(lines(*values), "session.jsonl", REGISTRY)


def outcome(session: Imported) -> str:
    return describe_outcome(session, effects_of(session, REGISTRY))


SAVE = called("t1", "mcp__claude_ai_Linear__save_issue", title="A hole", team="SEC")


def test_every_real_transcript_imports(shared_data: Path) -> None:
    """All files of the shared data import, each with a world that YAML can hold."""
    files = sorted((shared_data / "transcripts").glob("*.json*"))
    assert len(files) >= 7
    for file in files:
        session = import_session(file.read_bytes(), file.name, REGISTRY)
        assert session.end.status in ("finished", "interrupted")
        assert set(session.results) == {call.id for call in session.calls}
        assert suggested_case(session, REGISTRY, file.name).startswith("# Suggested")


def test_github_calls_of_a_real_session_are_effects(shared_data: Path) -> None:
    """The session with mcp__github__ calls gives the comment that it wrote."""
    data = (shared_data / "transcripts" / "action-sample-turns.json").read_bytes()
    session = import_session(data, "action.json", REGISTRY)
    [comment] = [effect for effect in effects_of(session, REGISTRY) if effect.connector == "github"]
    assert (comment.kind, comment.outcome) == ("comment.created", "applied")
    assert comment.fields["repository"] == "example-org/example-repo"


def test_parallel_calls_share_a_turn() -> None:
    """Lines with one message id are one turn, and results out of order find their calls."""
    session = imported(
        called("a", "Read", "m1", file_path="/x"), called("b", "Read", "m1", file_path="/y"),
        got("b", "two"), got("a", [{"type": "text", "text": "one"}, {"type": "image"}]), said("ok"), RESULT,
    )  # fmt: skip
    assert [call.turn for call in session.calls] == [1, 1]
    assert {mark: result.text for mark, result in session.results.items()} == {
        "a": "one\n[image]",
        "b": "two",
    }


def test_a_call_that_is_written_again_counts_once() -> None:
    """However much was said in between: a call has one id."""
    between = [said(f"step {number}") for number in range(60)]
    session = imported(SAVE, got("t1", "{}"), *between, SAVE, got("t1", "{}"), said("done"), RESULT)
    assert [call.id for call in session.calls] == ["t1"]
    assert [effect.outcome for effect in effects_of(session, REGISTRY)] == ["applied"]


def test_a_sidechain_acts_and_is_not_heard() -> None:
    """What a subagent calls counts; what it says is not the agent's word."""
    inner = {**SAVE, "isSidechain": True}
    session = imported(said("one"), inner, said("psst", isSidechain=True), got("t1", "{}"), said("two"))
    assert [effect.kind for effect in effects_of(session, REGISTRY)] == ["ticket.created"]
    assert [entry.text for entry in session.entries if isinstance(entry, Message)] == ["one", "two"]


def test_subagents_in_files_of_their_own_acted_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The CLI keeps subagents beside the session: their calls count, in the order of their times."""

    def at(second: int, value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "timestamp": f"2026-11-20T10:00:{second:02}.000Z"}

    (tmp_path / "s.jsonl").write_bytes(
        lines(at(0, asked("go")), at(1, called("a", "Agent", prompt="file it")), at(5, got("a", "filed")),
              at(6, called("b", "Bash", command="ls")), at(7, got("b", "x")), at(8, said("done")),
              at(9, asked("<task-notification>finished</task-notification>")), at(10, said("done")))
    )  # fmt: skip
    folder = tmp_path / "s" / "subagents"
    folder.mkdir(parents=True)
    (folder / "agent-1.jsonl").write_bytes(
        lines(at(2, asked("file it")), at(3, SAVE), at(4, got("t1", "{}")), at(5, said("filed SEC-9")))
    )
    place = tmp_path / "r.jsonl"
    assert run(["import", "transcript", str(tmp_path / "s.jsonl"), "-o", str(place)]) == 0
    out = capsys.readouterr().out
    assert "with 1 file of subagents" in out
    assert "1 effect applied" in out
    assert "joined in" not in out
    recording = load_recording(place)
    assert recording is not None
    named = [entry.tool for entry in recording.runs[1] if isinstance(entry, Call)]
    assert named == ["Agent", "linear.save_issue", "Bash"]
    said_by_it = [entry.text for entry in recording.runs[1] if isinstance(entry, Message)]
    assert said_by_it == ["done", "done"]


def test_a_rewound_conversation_says_nothing() -> None:
    """Lines that the conversation was taken back from are not heard; lines written twice count once."""
    first = {"type": "user", "uuid": "u1", "parentUuid": None, "message": {"content": "go"}}
    wrong = said("wrong", uuid="a1", parentUuid="u1")
    right = said("right", uuid="a2", parentUuid="u1")
    session = imported(first, wrong, right, right)
    assert [entry.text for entry in session.entries if isinstance(entry, Message)] == ["right"]
    assert session.prompt == "go"


def test_a_compacted_session_keeps_all_it_said() -> None:
    """A chain that does not lead back to the beginning abandons nothing, and the summary is no prompt."""
    session = imported(
        {"type": "summary", "summary": "x", "leafUuid": "a"},
        {"type": "user", "uuid": "u1", "parentUuid": None, "message": {"content": "go"}},
        said("before", uuid="a1", parentUuid="u1"),
        {"type": "system", "subtype": "compact_boundary", "uuid": "c", "parentUuid": None},
        {
            "type": "user",
            "uuid": "u2",
            "parentUuid": "c",
            "isCompactSummary": True,
            "message": {"content": "so far"},
        },
        said("after", uuid="a2", parentUuid="u2"),
    )
    assert [entry.text for entry in session.entries if isinstance(entry, Message)] == ["before", "after"]
    assert session.prompt == "go"


def test_a_call_without_result_is_taken_for_failed() -> None:
    """Nobody knows what a call without a result did: it is an error, and the import says so."""
    session = imported(SAVE, said("hm"), RESULT)
    assert session.results["t1"].text == NO_RESULT
    assert session.results["t1"].is_error
    assert session.notes[0] == "no result, and so taken for failed: 1 call"


def test_a_line_that_breaks_off_interrupts() -> None:
    """A last line that is cut is said, and the run did not end well."""
    data = lines(SAVE, got("t1", "{}")) + b'{"type":"assistant","mess'
    session = import_session(data, "x", REGISTRY)
    assert (session.end.status, session.end.reason) == ("interrupted", "the transcript breaks off in line 3")


@pytest.mark.parametrize(
    ("result", "status", "word"),
    [
        ({}, "finished", ""),
        ({"is_error": True, "api_error_status": 529, "result": "Overloaded"}, "failed", "API error 529"),
        ({"subtype": "error_max_turns"}, "over_budget", "max turns"),
        ({"subtype": "error_during_execution", "result": None, "errors": ["boom"]}, "failed", "boom"),
        ({"terminal_reason": "aborted_tools"}, "interrupted", "aborted"),
    ],
)
def test_the_result_line_gives_the_status(result: dict[str, Any], status: str, word: str) -> None:
    """Success with an error is none, and limits are told from failures."""
    session = imported(INIT, SAVE, got("t1", "{}"), {**RESULT, **result})
    assert session.end.status == status
    assert word in session.end.reason


def test_success_without_its_connector_is_a_failure() -> None:
    """A session that ended in success while its MCP server had failed did not work."""
    broken = {**INIT, "mcp_servers": [{"name": "linear", "status": "failed"}]}
    session = imported(broken, said("nothing to do"), RESULT)
    assert session.end.status == "failed"
    assert "linear (failed)" in outcome(session)


def test_a_connector_that_answered_was_there() -> None:
    """One that was slow to connect, and one that the routine does not grant, fail nobody."""
    slow = {**INIT, "mcp_servers": [{"name": "linear", "status": "pending"}]}
    assert imported(slow, SAVE, got("t1", "{}"), said("x"), RESULT).end.status == "finished"
    assert imported(slow, SAVE, got("t1", "no", is_error=True), said("x"), RESULT).end.status == "failed"
    other = {**INIT, "mcp_servers": [{"name": "claude.ai Gmail", "status": "needs-auth"}]}
    data = lines(other, SAVE, got("t1", "{}"), said("x"), RESULT)
    assert import_session(data, "s", REGISTRY).end.status == "failed"
    assert import_session(data, "s", REGISTRY, {"linear"}).end.status == "finished"
    for name in ("claude.ai Linear", "plugin:tracker:linear", "Linear"):
        down = {**INIT, "mcp_servers": [{"name": name, "status": "needs-auth"}]}
        silent = lines(down, said("nothing to do"), RESULT)
        assert import_session(silent, "s", REGISTRY, {"linear"}).end.status == "failed", name


def test_a_session_of_several_results_costs_their_sum() -> None:
    """A subagent that finishes wakes the session: each result has its own time, and the models' counts
    are of all so far."""
    whole = {
        "m": {"inputTokens": 90, "cacheReadInputTokens": 10, "outputTokens": 7},
        "n": {"outputTokens": 1},
    }
    first = {**RESULT, "duration_ms": 1200, "total_cost_usd": 0.4, "result_index": 0,
             "usage": {"input_tokens": 25}, "modelUsage": whole}  # fmt: skip
    second = {**first, "duration_ms": 800, "result_index": 1, "usage": {"input_tokens": 4}}
    usage = imported(SAVE, got("t1", "{}"), said("x"), first, said("y"), second).end.usage
    assert (usage.input_tokens, usage.output_tokens, usage.cost_usd, usage.seconds) == (100, 8, 0.4, 2.0)
    plain = {**RESULT, "duration_ms": 500, "usage": {"input_tokens": 3, "cache_read_input_tokens": 2}}
    assert imported(said("x"), plain).end.usage.input_tokens == 5


def test_a_session_that_the_user_stopped_says_so() -> None:
    """The words that the CLI writes down for the key are no message of the user."""
    stopped = {
        "type": "user",
        "message": {"content": [{"type": "text", "text": "[Request interrupted by user]"}]},
    }
    session = imported(asked("do it"), SAVE, got("t1", "{}"), stopped)
    assert (session.end.status, session.end.reason) == ("interrupted", "the user stopped it")
    assert session.notes == ()


def test_doing_nothing_is_told_from_working() -> None:
    """Success without an effect is named as what it is, and so is one whose every effect was refused."""
    assert "did nothing" in outcome(imported(INIT, said("all quiet"), RESULT))
    assert "all refused" in outcome(imported(INIT, SAVE, got("t1", "no", is_error=True), said("x"), RESULT))
    assert "with 1 effect applied" in outcome(imported(INIT, SAVE, got("t1", "{}"), said("x"), RESULT))


def test_denials_are_calls_without_effect() -> None:
    """permission_denials count even where the transcript does not hold the call."""
    denial = {
        "tool_name": "mcp__slack__slack_send_message",
        "tool_use_id": "d",
        "tool_input": {"message": "x"},
    }
    session = imported(INIT, said("x"), {**RESULT, "permission_denials": [denial]})
    assert session.results["d"].is_error
    assert [effect.outcome for effect in effects_of(session, REGISTRY)] == ["refused"]


def test_results_reveal_a_world() -> None:
    """Reads before the first write become records, files and answers of the network."""
    issue = {"number": 7, "title": "Leak", "state": "open", "user": {"login": "ann"}}
    session = imported(
        called("a", "mcp__github__issue_read", method="get", owner="acme", repo="core", issue_number=7),
        got("a", json.dumps(issue)),
        {**called("b", "Read", file_path="/w/app.py"), "cwd": "/w"}, got("b", "     1→import os\n     2→"),
        called("c", "WebFetch", url="https://example.com/a", prompt="?"), got("c", "hello"), RESULT,
    )  # fmt: skip
    world = revealed_world(session, REGISTRY)
    assert world["github"]["issues"][0]["title"] == "Leak"
    assert world["github"]["repositories"] == [{"full_name": "acme/core", "files": {"app.py": "import os\n"}}]
    assert [answer["url"] for answer in world["http"]] == ["https://example.com/a"]
    alone = imported(called("b", "Read", file_path="app.py"), got("b", "1\tx"), RESULT)
    assert "github" not in revealed_world(alone, REGISTRY)
    held = revealed_world(alone, REGISTRY, "acme/core")["github"]["repositories"]
    assert held == [{"full_name": "acme/core", "files": {"app.py": "x\n"}}]


CONTEXT = """\
<github-trigger-context>
This routine was triggered by a GitHub webhook.
Event: pull_request.opened
Repository: acme/core
PR: #7
Branch: feature/x -> main
Head SHA: {sha}
</github-trigger-context>
""".replace("{sha}", "a" * 40)
FILTERED = """\
name: triage
repositories: [github:acme/core]
connectors: [linear]
triggers:
  - type: github
    events: [pull_request.opened]
    filters:
      - {field: is_draft, operator: equals, value: false}
      - {field: labels, operator: contains, value: bug}
      - {field: author, operator: is_not_one_of, value: [renovate]}
prompt: look and file a ticket
"""


def test_the_firing_is_completed_from_what_was_read(tmp_path: Path) -> None:
    """The platform tells of the event in a message of its own, and little of it: what the session read
    decides the routine's filters, so that the pair is judged at once."""
    home = tmp_path / "triage"
    home.mkdir()
    (home / "routine.yaml").write_text(FILTERED)
    pull = {
        "number": 7,
        "title": "Fix",
        "state": "open",
        "draft": False,
        "user": {"login": "ann"},
        "labels": ["bug"],
        "head": {"ref": "feature/x", "sha": "a" * 40},
        "base": {"ref": "main"},
    }
    read = called(
        "p", "mcp__github__pull_request_read", method="get", owner="acme", repo="core", pullNumber=7
    )
    data = lines(INIT, asked("look and file a ticket"), asked(CONTEXT), read, got("p", json.dumps(pull)),
                 SAVE, got("t1", '{"id": "SEC-1"}'), said("filed SEC-1"), RESULT)  # fmt: skip
    (tmp_path / "s.jsonl").write_bytes(data)
    assert import_session(data, "s", REGISTRY).notes == ()
    place = home / "recordings" / "monday.jsonl"
    assert run(["import", "transcript", str(tmp_path / "s.jsonl"), "-o", str(place)]) == 0
    [result] = check_routine(home)
    assert [f for check in result.verdict.checks for f in check.findings] == []
    assert "*id" not in (home / "cases" / "monday.yaml").read_text()


def test_issues_and_releases_complete_their_firing_too() -> None:
    """An issue and a release that the context names are looked up among what was read."""
    rows = [
        ("github.issues", {"repository": "acme/core", "number": 3, "title": "Leak", "user": "ann"}),
        ("github.issues", {"repository": "acme/core", "number": 4, "title": "Other"}),
        ("github.releases", {"repository": "acme/core", "tag_name": "v1", "name": "One"}),
    ]
    text = (
        "<github-trigger-context>\nEvent: issues.opened\nRepository: acme/core\n{}</github-trigger-context>"
    )
    found = revealed_trigger(text.format("Issue: #3\n"), None, rows)["github"]["payload"]
    assert found["issue"] == {"number": 3, "title": "Leak", "user": {"login": "ann"}}
    found = revealed_trigger(text.format("Release: v1\n"), None, rows)["github"]["payload"]
    assert found["release"] == {"tag_name": "v1", "name": "One"}


def test_a_case_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The import says so, and how to get the suggestion; one for a session that did nothing says that."""
    (tmp_path / "cases").mkdir()
    case = tmp_path / "cases" / "monday.yaml"
    case.write_text("mine")
    source, place = tmp_path / "s.jsonl", tmp_path / "recordings" / "monday.jsonl"
    source.write_bytes(lines(INIT, said("all quiet"), RESULT))
    assert run(["import", "transcript", str(source), "-o", str(place)]) == 0
    assert "is left as it is" in capsys.readouterr().out
    assert case.read_text() == "mine"
    arguments = ["import", "transcript", str(source), "-o", str(place), "--case", str(case), "--force"]
    assert run(arguments) == 0
    assert "nothing: true" in case.read_text()


ROUTINE = """\
name: triage
repositories: [github:acme/core]
connectors: [linear]
triggers: [{type: api}]
prompt: look and file a ticket
"""


def test_an_import_is_judged_at_once(tmp_path: Path) -> None:
    """The recording beside a routine gets a case, whose expectations and policy hold; run 2 is open."""
    home = tmp_path / "triage"
    home.mkdir()
    (home / "routine.yaml").write_text(ROUTINE)
    found = called("r", "mcp__linear__list_issues", team="SEC")
    team = {"id": "t", "issues": []}
    (tmp_path / "s.jsonl").write_bytes(
        lines(
            INIT,
            found,
            got("r", json.dumps(team)),
            SAVE,
            got("t1", '{"id": "SEC-1"}'),
            said("filed SEC-1"),
            RESULT,
        )
    )
    place = home / "recordings" / "monday.jsonl"
    assert run(["import", "transcript", str(tmp_path / "s.jsonl"), "-o", str(place)]) == 0
    [result] = check_routine(home)
    checks = {check.name: check for check in result.verdict.checks}
    assert not checks["policy"].findings
    assert not checks["tickets"].findings
    assert checks["idempotent"].skipped


def test_nothing_is_replaced_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output that is there stays, exit 2 says so, and --force replaces it."""
    source, place = tmp_path / "s.jsonl", tmp_path / "r.jsonl"
    source.write_bytes(lines(INIT, SAVE, got("t1", "sk-ant-api03-" + "a" * 90), said("x"), RESULT))
    place.write_text("mine")
    assert run(["import", "transcript", str(source), "-o", str(place)]) == 2
    assert place.read_text() == "mine"
    assert "there already" in capsys.readouterr().err
    assert run(["import", "transcript", str(source), "-o", str(place), "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["effects"] == {"ticket.created": 1}
    recording = load_recording(place)
    assert recording is not None
    assert recording.header.origin == "imported"
    assert "sk-ant" not in place.read_text()


def test_half_a_character_costs_no_line() -> None:
    """Node cuts texts within a character and writes the half as an escape, which is no JSON to others."""
    cut = lines(called("t1", "Bash", command="echo HALF")).replace(b"HALF", b"\\ud83d")
    session = import_session(cut + lines(got("t1", "ok"), RESULT), "s", REGISTRY)
    assert [call.arguments for call in session.calls] == [{"command": "echo ?"}]
    assert session.notes == ()


def test_a_recording_that_cannot_be_written_takes_its_case_back(tmp_path: Path) -> None:
    """Both or neither: a case that was there is there again, a new one is gone."""
    source, case = tmp_path / "s.jsonl", tmp_path / "c.yaml"
    source.write_bytes(lines(INIT, SAVE, got("t1", "{}"), said("x"), RESULT))
    (tmp_path / "folder" / "recordings" / "s.jsonl").mkdir(parents=True)
    arguments = [
        "import",
        "transcript",
        str(source),
        "-o",
        str(tmp_path / "folder"),
        "--case",
        str(case),
        "--force",
    ]
    assert run(arguments) == 2
    assert not case.exists()
    case.write_text("mine")
    assert run(arguments) == 2
    assert case.read_text() == "mine"


def test_a_pair_that_cannot_be_judged_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Away from a routine, or with a case of another name, the import tells where the files belong."""
    source, home = tmp_path / "s.jsonl", tmp_path / "triage"
    source.write_bytes(lines(INIT, SAVE, got("t1", "{}"), said("x"), RESULT))
    home.mkdir()
    (home / "routine.yaml").write_text(ROUTINE)

    def notes(*arguments: str) -> str:
        assert run(["import", "transcript", str(source), *arguments]) == 0
        return capsys.readouterr().out

    away = ["-o", str(tmp_path / "m.jsonl"), "--case", str(tmp_path / "m.yaml")]
    assert "is judged beside its routine" in notes(*away)
    beside = str(home / "recordings" / "m.jsonl")
    other = str(home / "cases" / "other.yaml")
    assert "a case plays the recording of its own name" in notes("-o", beside, "--case", other)
    assert "note:" not in notes("-o", beside, "--force")


def test_recording_and_case_are_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One place for both is refused before anything is written."""
    source, place = tmp_path / "s.jsonl", str(tmp_path / "r.jsonl")
    source.write_bytes(lines(INIT, SAVE, RESULT))
    assert run(["import", "transcript", str(source), "-o", place, "--case", place]) == 2
    assert "the same file" in capsys.readouterr().err
    assert not Path(place).exists()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "an empty file"),
        (b'{"name": "x"}\n', "nothing that a session"),
        (b"name: x\nprompt: y\n", "nothing that a session"),
        (b"[1, 2]", "a JSON array of messages"),
        (lines(SAVE, RESULT).decode().encode("utf-16"), "found UTF-16"),
        (gzip.compress(lines(SAVE, RESULT)), "packed data"),
        (b'{"type":"header","format":"routine-harness-recording","version":1}\n' + lines(RESULT), "already"),
        (b'{"type":"user","message":{"content":"' + b"x" * (10 * 1024 * 1024) + b'"}}\n', "at most 10 MB"),
    ],
    ids=["empty", "json", "yaml", "numbers", "utf-16", "packed", "ours", "huge"],
)
def test_something_else_is_one_clear_error(data: bytes, word: str) -> None:
    """What is no session is refused in one sentence."""
    with pytest.raises(RecordingError, match=word) as refused:
        import_session(data, "x", REGISTRY)
    assert len(refused.value.problems) == 1


NAMES = ("type", "message", "content", "id", "uuid", "text", "input")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
ODD = {"type": "result", "permission_denials": [4], "mcp_servers": 3}
LINES = st.sampled_from([SAVE, got("t1", None), said("x"), INIT, RESULT, ODD])


@given(st.lists(JSON | LINES, max_size=8))
def test_any_json_imports_or_is_refused(values: list[Any]) -> None:
    """Whatever JSON stands in the lines, the import gives a whole recording or a clear error."""
    data = b"".join(json.dumps(value).encode() + b"\n" for value in values)
    try:
        session = import_session(data, "x", REGISTRY)
    except RecordingError:
        return
    assert set(session.results) >= {call.id for call in session.calls}
    assert session.end.run == 1
