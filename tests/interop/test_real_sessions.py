"""Real sessions, imported and checked: nothing is held against them, and what they do not show is said."""

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
SESSIONS: dict[str, str] = {
    # it reads a file, edits it and comments on the pull request, as it says
    "action-sample-turns.json": "",
    "daaain-edge_cases.jsonl": "its last call, TodoWrite, has no result, and a user's message ends the file",
    "daaain-representative_messages.jsonl": "the user has the last word and is not answered",
    "daaain-todowrite_examples.jsonl": "it ends with the result of a call, before the agent says anything",
    # it writes a file and commits it; the commit stays in the clone
    "simonw-sample_session.jsonl": "",
    "spotter-short.jsonl": "the user pressed the key that stops it",
    "spotter-tool_heavy.jsonl": "the user pressed the key that stops it",
}
"""Session → how a person sees that it was interrupted; empty where it ended well."""


def test_every_real_session_is_in_the_list(shared_data: Path) -> None:
    """A session that is added is read and judged by a person first."""
    assert {file.name for file in (shared_data / "transcripts").glob("*.json*")} == set(SESSIONS)


@pytest.mark.parametrize("name", SESSIONS)
def test_real_sessions_are_undecided_for_a_reason_alone(name: str, tmp_path: Path, shared_data: Path) -> None:
    """No policy, no command and no run is told of that is as it should be; half a session decides no run."""
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    stem = name.partition(".")[0]
    source = shared_data / "transcripts" / name
    target = tmp_path / "recordings" / f"{stem}.jsonl"
    assert run(["import", "transcript", str(source), "-o", str(target)]) == 0
    result = check_case(tmp_path / "cases" / f"{stem}.yaml")
    assert [finding.code for finding in result.verdict.findings if finding.fails] == []
    assert result.verdict.check("run").undecided == bool(SESSIONS[name])
