"""The real CLI reads GitHub as a cloud session does: sanitised over MCP, as it stands over REST."""

from __future__ import annotations

from pathlib import Path

from support.live_runs import in_turns, needs_cli, run_live, use, write_routine

ISSUE = (
    "    issues: [{repository: acme/core, number: 12, title: It fails, body: Please help., user: alice}]\n"
)
WHERE = {"owner": "acme", "repo": "core", "issue_number": 12}
MARKER = "<!-- asks -->"


def test_a_marker_is_lost_over_mcp_and_kept_over_rest(tmp_path: Path) -> None:
    needs_cli()
    model = in_turns(
        [use("mcp__github__add_issue_comment", **WHERE, body=f"{MARKER}\nWhich version is it?")],
        [use("mcp__github__issue_read", **WHERE, method="get_comments")],
        [use("Bash", command="gh api repos/acme/core/issues/12/comments", description="Read by REST")],
    )
    result = run_live(write_routine(tmp_path / "small", case=ISSUE), model, once=True)
    assert result.pair is not None
    calls = {call.call.tool: call for call in result.pair.first.calls if not call.via}
    assert "Which version is it?" in calls["issue_read"].result.text
    assert MARKER not in calls["issue_read"].result.text
    assert MARKER in calls["Bash"].result.text
    assert "sanitised_reads" in result.verdict.depends_on
