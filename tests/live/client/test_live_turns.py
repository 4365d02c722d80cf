"""A context that comes later, by the real CLI: a second turn of its session, recorded and replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.live_runs import in_turns, needs_cli, run_live, use, write_routine

from routine_harness.cli.record import command
from routine_harness.harness import Harness
from routine_harness.live.client.cli_conversation import user_line
from routine_harness.serve.modes import PlayMode, Request
from routine_harness.serve.streams import Turn as Turns
from routine_harness.session.transcript import Turn
from routine_harness.store.cases import load_case_file
from routine_harness.store.recordings import load_recording

OPENED = """\
trigger:
  github:
    event: pull_request.opened
    payload:
      action: opened
      number: 7
      repository: {full_name: acme/core}
      pull_request:
        {number: 7, title: Change it, body: "", state: open, draft: false, merged: false,
         user: {login: alice},
         head: {ref: feature/x, sha: "1111111111111111111111111111111111111111"}, base: {ref: main}}
world:
  github:
    repositories: [{full_name: acme/core, default_branch: main, files: {README.md: old}}]
    pulls:
      - repository: acme/core
        number: 7
        files: [{filename: README.md, status: modified, patch: "@@ -1 +1 @@\\n-old\\n+new\\n"}]
"""
LATER = "context: later\nexpect: {tickets: {count: 1, where: {title: go}}}\n"


@pytest.fixture(autouse=True)
def _live() -> None:
    needs_cli()


def users(messages: list[dict[str, Any]]) -> list[str]:
    """What the user has said, tool results left out."""
    return [text for message in messages if message["role"] == "user" for text in _texts(message)]


def _texts(message: dict[str, Any]) -> list[str]:
    content = message["content"]
    if isinstance(content, str):
        return [content]
    return [block["text"] for block in content if block.get("type") == "text"]


def waits(messages: list[dict[str, Any]]) -> Any:
    """Says that it waits, files when it was told what, and only where nobody has."""
    told = any("<routine-fire-payload" in text for text in users(messages))
    asked = sum(
        block.get("type") == "tool_use"
        for message in messages
        if message["role"] == "assistant" and isinstance(message["content"], list)
        for block in message["content"]
    )
    if not told:
        return "There is no payload yet."
    if asked == 0:
        return [use("mcp__Linear__list_issues", query="go", team="Security")]
    if asked == 1 and '"go"' not in str(messages[-1]):
        return [use("mcp__Linear__save_issue", title="go", team="Security")]
    return "Done."


def test_the_cli_gets_its_context_as_a_second_turn(tmp_path: Path) -> None:
    """The model sees the prompt alone first; the block comes when that turn has ended; what it did is
    recorded with the turn, and replays to the same verdict."""
    file = write_routine(tmp_path / "r", LATER)
    seen: list[list[str]] = []

    def model(messages: list[dict[str, Any]]) -> Any:
        seen.append(users(messages))
        return waits(messages)

    live = run_live(file, model, record=True)
    assert live.passed, [f.message for f in live.verdict.findings]
    assert not any("<routine-fire-payload" in text for text in seen[0])
    assert any("<routine-fire-payload" in text for text in seen[1])
    run = live.pair.first
    kinds = [type(entry).__name__ for entry in run.transcript]
    assert kinds[:3] == ["Start", "Message", "Turn"]
    assert [entry.turn for entry in run.transcript if isinstance(entry, Turn)] == [2]
    assert run.status == "finished"
    assert run.closing == "Done."
    loaded = load_case_file(file)
    replayed = Harness().check_case(loaded.cases[0], loaded.routine)
    assert replayed.verdict == live.verdict


def test_a_recording_with_turns_plays_the_model_again(tmp_path: Path) -> None:
    """The model endpoint plays the turns of the recording; the CLI gets its second turn as before."""
    file = write_routine(tmp_path / "r", LATER)
    run_live(file, waits, record=True)
    recording = load_recording(tmp_path / "r" / "recordings" / "one.jsonl")
    again = run_live(file, lambda run: PlayMode(recording.runs[run], run=run), mode=True)
    assert [effect.kind for effect in again.pair.first.effects] == ["ticket.created"]
    assert [type(entry).__name__ for entry in again.pair.first.transcript][:3] == ["Start", "Message", "Turn"]


def test_a_first_turn_that_fails_is_followed_by_none(tmp_path: Path) -> None:
    """The session ends there, and the turn with the context still waits."""

    def fails(run: int) -> Any:
        class Mode:
            def turn(self, request: Request, agent: str = "") -> Any:
                raise AssertionError

        del run
        return Mode()

    file = write_routine(tmp_path / "r", "context: later\nbudget: {seconds: 20}\n")
    result = run_live(file, fails, mode=True, once=True)
    assert result.pair.first.status != "finished"
    assert len(result.pair.first.waiting) == 1


def test_record_context_later_writes_a_recording_of_its_own(tmp_path: Path, monkeypatch: Any) -> None:
    """``record --context later`` beside the case's own recording; the item ``context`` plays both."""
    file = write_routine(tmp_path / "r", "expect: {tickets: {count: 1}}\n")
    (tmp_path / "policy.yaml").write_text("root: true\nchecks: {context: [together, later]}\n")
    (tmp_path / "r" / "models").mkdir()
    source = Path(__file__).read_text("utf-8")
    script = tmp_path / "r" / "models" / "m.py"
    support = (
        "from typing import Any\n\n\n"
        "def use(name, **given):\n    return {'type': 'tool_use', 'name': name, 'input': given}\n\n\n"
    )
    part = source[source.index("def users(") : source.index("def test_the_cli_gets")]
    script.write_text(support + part)
    monkeypatch.chdir(tmp_path)
    words = ["r", "--case", "one", "--script", f"{script}::waits"]
    for more in ([], ["--context", "later"]):
        done = CliRunner().invoke(command, [*words, *more], standalone_mode=False)
        assert (done.return_value, done.exception) == (0, None), done.output
    names = sorted(path.name for path in (tmp_path / "r" / "recordings").glob("*.jsonl"))
    assert names == ["one.jsonl", "one@later.jsonl"]
    loaded = load_case_file(file)
    check = Harness().check_case(loaded.cases[0], loaded.routine).check("context")
    assert (check.outcome, check.findings) == ("passed", ())


def test_without_a_recording_the_item_names_the_command(tmp_path: Path) -> None:
    """Undecided, and never green."""
    file = write_routine(tmp_path / "r", "checks: {context: [later]}\nexpect: {tickets: {count: 1}}\n")
    run_live(file, waits, record=True)
    loaded = load_case_file(file)
    check = Harness().check_case(loaded.cases[0], loaded.routine).check("context")
    assert check.outcome == "skipped"
    assert "--case one --context later" in check.skipped


def test_a_turn_is_a_line_of_json() -> None:
    """As the CLI's stream-json reads it."""
    assert user_line('a "b"') == (
        b'{"type":"user","message":{"role":"user","content":[{"type":"text","text":"a \\"b\\""}]}}\n'
    )
    assert in_turns("x")([]) == "x"


def test_the_clone_stands_on_the_session_s_branch_at_the_head_of_the_pull_request(tmp_path: Path) -> None:
    """The branch is the session's own, HEAD the head commit, and the system prompt names the branch."""
    asked: list[Request] = []

    class Looks:
        def turn(self, request: Request, agent: str = "") -> Any:
            asked.append(request)
            number = sum(message["role"] == "assistant" for message in request["messages"])
            command = "git branch --show-current; git log -1 --format=%s; cat README.md"
            block = {"type": "tool_use", "id": f"t{number}", "name": "Bash", "input": {"command": command}}
            return Turns((block,) if not number else ({"type": "text", "text": "done"},))

    file = write_routine(tmp_path / "r")
    routine = file.parent.parent / "routine.yaml"
    github = "{type: github, events: [pull_request.opened]}"
    routine.write_text(routine.read_text().replace("{type: api}", github))
    file.write_text(OPENED)
    result = run_live(file, lambda _: Looks(), mode=True)
    [record] = [each for each in result.pair.first.calls if each.call.tool == "Bash"]
    branch, subject, text = record.result.text.splitlines()[:3]
    assert branch.startswith("claude/")
    assert (subject, text) == ("Change it", "new")
    assert f"Develop on branch `{branch}`" in str(asked[0]["system"])
    [again] = [each for each in result.pair.second.calls if each.call.tool == "Bash"]
    assert again.result.text.splitlines()[0] != branch


def test_a_wake_comes_as_a_turn_when_the_one_before_has_ended(tmp_path: Path) -> None:
    """Its time passes on the world's clock, it is recorded with its number, and replays."""
    wakes = "wakes: [{after: {time: 10m}, turn: Go on.}]\n"
    expect = "expect: {tickets: 1, turns: [{tickets: 0}, {tickets: 1}]}\n"
    file = write_routine(tmp_path / "r", wakes + expect)

    def model(messages: list[dict[str, Any]]) -> Any:
        asked = str(messages).count("'tool_use'")
        if not any(text.strip() == "Go on." for text in users(messages)):
            return "I wait."
        if asked == 0:
            return [use("mcp__Linear__list_issues", query="go", team="Security")]
        if asked == 1 and '"go"' not in str(messages[-1]):
            return [use("mcp__Linear__save_issue", title="go", team="Security")]
        return "Done."

    live = run_live(file, model, record=True)
    assert live.passed, [f.message for f in live.verdict.findings]
    run = live.pair.first
    turns = [entry for entry in run.transcript if isinstance(entry, Turn)]
    assert [(turn.wake, turn.text) for turn in turns] == [(1, "Go on.")]
    assert run.world.clock >= run.world_before.clock + 600
    loaded = load_case_file(file)
    assert Harness().check_case(loaded.cases[0], loaded.routine).verdict == live.verdict
