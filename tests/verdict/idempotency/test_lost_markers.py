"""A routine that finds its earlier work by an HTML comment repeats itself where reads are sanitised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from routine_harness.case.memory import case_in_memory
from routine_harness.case.result import CaseResult
from routine_harness.finding import Finding
from routine_harness.harness import Harness
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.store.routines import load_routine
from routine_harness.world.tool import ToolResult

ROUTINE = """\
name: asker
repositories: [github:acme/core]
triggers: [{type: api}]
prompt: Comment once on issue 12.
"""
WORLD = {
    "github": {"issues": [{"repository": "acme/core", "number": 12, "title": "It fails", "body": "Help."}]}
}
HOME = {"owner": "acme", "repo": "core", "issue_number": 12}
Look = Callable[[Session, str], ToolResult]


def by_mcp(session: Session, _: str) -> ToolResult:
    return session.handle("github.issue_read", {**HOME, "method": "get_comments"})


def by_rest(session: Session, _: str) -> ToolResult:
    return session.handle("Bash", {"command": "gh api repos/acme/core/issues/12/comments"})


def by_both(session: Session, marker: str) -> ToolResult:
    by_rest(session, marker)
    return by_mcp(session, marker)


def _checked(
    folder: Path,
    look: Look,
    body: str,
    marker: str,
    edition: str = "platform: 2026-10",
    *,
    heeds: bool = True,
) -> CaseResult:
    (folder / "routine.yaml").write_text(ROUTINE, "utf-8")
    (folder / "policy.yaml").write_text(f"root: true\n{edition}\n", "utf-8")
    routine = load_routine(folder)

    def execute(session: Session) -> Run:
        seen = look(session, marker).text
        if not heeds or marker not in seen:
            session.handle("github.add_issue_comment", {**HOME, "body": body})
        return session.finish()

    case = case_in_memory(routine, None, WORLD, {"comments": {"count": 1}})
    return Harness().check_case(case, routine, execute)


def _duplicates(result: CaseResult) -> list[Finding]:
    return [finding for finding in result.verdict.findings if finding.code == "idempotency.duplicate"]


MARKER = "<!-- asker -->"
MARKED = f"{MARKER}\nWhich version is it?"


@pytest.mark.parametrize(
    ("edition", "green"),
    [
        ("platform: 2026-04", True),
        ("platform: 2026-08", False),
        ("platform: 2026-10", False),
        ("platform: {edition: 2026-10, settings: {sanitised_reads: nothing}}", True),
        ("platform: {edition: 2026-04, settings: {sanitised_reads: everything}}", False),
    ],
)
def test_a_marker_in_a_comment_is_found_again_only_where_comments_are_raw(
    tmp_path: Path, edition: str, green: bool
) -> None:
    result = _checked(tmp_path, by_mcp, MARKED, MARKER, edition)
    assert result.verdict.passed is green
    assert bool(_duplicates(result)) is not green


def test_the_finding_says_which_read_lost_the_marker_and_the_verdict_what_it_hangs_on(tmp_path: Path) -> None:
    result = _checked(tmp_path, by_mcp, MARKED, MARKER)
    (finding,) = _duplicates(result)
    assert (
        f"its marker {MARKER} was stripped when call 1 read it through GitHub's MCP server" in finding.message
    )
    assert 'a line that shows ("Routine: NAME")' in finding.hint
    assert finding.data["lost_marker"] == MARKER
    assert result.verdict.depends_on == ("sanitised_reads",)


def test_an_answered_setting_is_no_assumption(tmp_path: Path) -> None:
    answered = "platform: {edition: 2026-10, settings: {sanitised_reads: everything}}"
    assert _checked(tmp_path, by_mcp, MARKED, MARKER, answered).verdict.depends_on == ()


@pytest.mark.parametrize("look", [by_rest, by_both])
def test_a_read_by_rest_shows_the_marker(tmp_path: Path, look: Look) -> None:
    """Heeded, it is green; unheeded, the duplicate is not the server's doing."""
    if look is by_rest:
        assert _checked(tmp_path, look, MARKED, MARKER).verdict.passed
    (finding,) = _duplicates(_checked(tmp_path, look, MARKED, MARKER, heeds=False))
    assert "stripped" not in finding.message


@pytest.mark.parametrize(
    ("body", "marker"),
    [
        ("Routine: asker\nWhich version is it?", "Routine: asker"),
        ("Which version is it? <b>Please</b> say.", "<b>Please</b>"),
    ],
)
def test_what_comes_back_is_green_and_a_careless_agent_lost_nothing(
    tmp_path: Path, body: str, marker: str
) -> None:
    assert _checked(tmp_path, by_mcp, body, marker).verdict.passed
    (finding,) = _duplicates(_checked(tmp_path, by_mcp, body, marker, heeds=False))
    assert "stripped" not in finding.message


@pytest.mark.parametrize(
    ("body", "marker"),
    [
        ("<!-- asker -->", "<!-- asker -->"),  # nothing is left of the text: the comment's address tells it
        ("Asked by <asker> on Monday.", "<asker>"),
        ("<!-- asker\nrun 7 -->\nWhich version is it?", "<!-- asker"),
    ],
)
def test_every_kind_of_hidden_marker_is_named(tmp_path: Path, body: str, marker: str) -> None:
    (finding,) = _duplicates(_checked(tmp_path, by_mcp, body, marker))
    assert f"its marker {' '.join(marker.split())}" in finding.message


def test_an_agent_that_did_not_look_has_lost_no_marker(tmp_path: Path) -> None:
    def nothing(session: Session, _: str) -> ToolResult:
        return session.handle("github.list_branches", {"owner": "acme", "repo": "core"})

    (finding,) = _duplicates(_checked(tmp_path, nothing, MARKED, MARKER))
    assert "stripped" not in finding.message


def test_titles_are_stripped_in_april_already(tmp_path: Path) -> None:
    def execute(session: Session) -> Run:
        listed = session.handle("github.list_issues", {"owner": "acme", "repo": "core"}).text
        if "<!-- weekly -->" not in listed:
            made: dict[str, Any] = {
                "owner": "acme",
                "repo": "core",
                "title": "Weekly report",
                "body": "<!-- weekly -->\nAll is well.",
            }
            session.handle("github.issue_write", {**made, "method": "create"})
        return session.finish()

    (tmp_path / "routine.yaml").write_text(ROUTINE, "utf-8")
    (tmp_path / "policy.yaml").write_text("root: true\nplatform: 2026-04\n", "utf-8")
    routine = load_routine(tmp_path)
    result = Harness().check_case(case_in_memory(routine, None, {}, {}), routine, execute)
    (finding,) = _duplicates(result)
    assert "its marker <!-- weekly --> was stripped when call 1 read it" in finding.message
