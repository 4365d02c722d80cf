"""The real CLI meets what the platform refuses, in the captured words, and what a session is offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.live_runs import needs_cli, run_live, use, write_routine

from routine_harness.serve.modes import ScriptMode

CASE = "expect: {idempotent: false}\n"
COMMANDS = (
    "gh pr create --title T --body B --head claude/x --base main",
    "gh api repos/acme/core/pulls --jq length",
    "gh search issues crash",
    "gh auth status",
    "git push origin --delete main",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Any, list[str]]:
    """What each command printed, the first run, and the tools of its first request."""
    needs_cli()
    case = write_routine(Path(tmp_path_factory.mktemp("refused")) / "r", CASE)
    names: list[str] = []

    def turns(messages: list[dict[str, Any]]) -> Any:
        number = sum(message["role"] == "assistant" for message in messages)
        if number < len(COMMANDS):
            return [use("Bash", command=COMMANDS[number], description="try")]
        return "done"

    class Listening(ScriptMode):
        def turn(self, request: dict[str, Any], agent: str = "") -> Any:
            if request.get("tools") and not names:
                names.extend(str(tool.get("name")) for tool in request["tools"])
            return super().turn(request, agent)

    result = run_live(case, lambda _: Listening(turns), mode=True, once=True)
    assert result.pair is not None
    run = result.pair.first
    printed = [record.result.text for record in run.calls if record.call.tool == "Bash"]
    return printed, run, names


def test_refusals_have_the_captured_words(told: tuple[list[str], Any, list[str]]) -> None:
    """``gh pr create`` and the others fail as in a cloud session; ``gh api`` on a path works."""
    printed, run, _ = told
    assert "HTTP 403: GitHub GraphQL is not available from Claude Code sessions" in printed[0]
    assert printed[1].strip() == "0"
    assert "account-wide search is not enabled" in printed[2]
    assert "The token in GH_TOKEN is invalid." in printed[3]
    assert "the git proxy refuses to delete refs/heads/main" in printed[4]
    outcomes = {effect.kind: effect.outcome for effect in run.effects}
    assert outcomes["pull_request.created"] == "refused"
    assert outcomes["branch.deleted"] == "refused"
    assert "account_search" in run.depends_on


def test_no_request_carries_all_tools(told: tuple[list[str], Any, list[str]]) -> None:
    """Tools of connectors are deferred behind ToolSearch, as the platform does it."""
    _, _, names = told
    assert "ToolSearch" in names
    assert len(names) < 60
    assert not [name for name in names if name.startswith("mcp__github__")]
