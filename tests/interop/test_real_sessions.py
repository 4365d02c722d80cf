"""Real sessions, imported and checked: every error is one that a reader of the session would call right."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.cli.main import run
from routine_harness.harness import check_case

ROUTINE = """\
name: r
repositories: [github:example-org/example-repo]
triggers: [{type: api}]
prompt: Do it
"""
SESSIONS: dict[str, dict[str, str]] = {
    # it reads a file, edits it and comments on the pull request, as it says
    "action-sample-turns.json": {},
    "daaain-edge_cases.jsonl": {
        "run.interrupted": "its last call, TodoWrite, has no result, and a user's message ends the file",
    },
    "daaain-representative_messages.jsonl": {
        "run.interrupted": "the user has the last word and is not answered",
    },
    "daaain-todowrite_examples.jsonl": {
        "run.interrupted": "it ends with the result of a call, before the agent says anything",
    },
    # it writes a file and commits it; the commit stays in the clone
    "simonw-sample_session.jsonl": {},
    "spotter-short.jsonl": {"run.interrupted": "the user pressed the key that stops it"},
    "spotter-tool_heavy.jsonl": {"run.interrupted": "the user pressed the key that stops it"},
}
"""Session → what fails it: code and reason."""


def test_every_real_session_is_in_the_list(shared_data: Path) -> None:
    """A session that is added is read and judged by a person first."""
    assert {file.name for file in (shared_data / "transcripts").glob("*.json*")} == set(SESSIONS)


@pytest.mark.parametrize("name", SESSIONS)
def test_real_sessions_fail_for_a_reason_alone(name: str, tmp_path: Path, shared_data: Path) -> None:
    """No policy, no command and no run is told of that is as it should be."""
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    stem = name.partition(".")[0]
    source = shared_data / "transcripts" / name
    target = tmp_path / "recordings" / f"{stem}.jsonl"
    assert run(["import", "transcript", str(source), "-o", str(target)]) == 0
    result = check_case(tmp_path / "cases" / f"{stem}.yaml")
    errors = {finding.code for check in result.verdict.checks for finding in check.findings if finding.fails}
    assert errors == set(SESSIONS[name])
