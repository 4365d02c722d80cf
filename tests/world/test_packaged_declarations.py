"""Google Calendar and Jira, which ship as declarations: they remember, and the careless are found."""

# ruff: noqa: E501 - records and calls read better unbroken

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness import check_case
from routine_harness.case.result import CaseResult
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

CLOCK = 1_777_885_200  # 2026-05-04T09:00:00Z

ROUTINE = """
name: keeper
connectors: [SERVER]
triggers: [{type: schedule, cron: "7 9 * * *"}]
prompt: Keep it, once.
"""
CASE = """
trigger: {schedule: {at: "2026-05-04T09:07:00Z"}}
agent: {scripted: "../agents/a.py::run"}
WORLD
expect:
  effects: {effect: KIND, count: 1}
"""
CALENDAR = {
    "careful": """
    found = session.call("mcp__Google_Calendar__list_events", calendarId="primary").json()["events"]
    if not any(one["summary"] == "Retrospective" for one in found):
        session.call("mcp__Google_Calendar__create_event", summary="Retrospective",
                     startTime="2026-05-08T14:00:00Z", endTime="2026-05-08T15:00:00Z")
""",
    "careless": """
    session.call("mcp__Google_Calendar__list_events", calendarId="primary")
    session.call("mcp__Google_Calendar__create_event", summary="Retrospective",
                 startTime="2026-05-08T14:00:00Z", endTime="2026-05-08T15:00:00Z")
""",
    "daily": """
    day = session.now.date().isoformat()
    found = session.call("calendar.list_events", calendarId="primary").json()["events"]
    if not any(one["start"].startswith(day) for one in found):
        session.call("calendar.create_event", summary="Focus", startTime=day + "T14:00:00Z", endTime=day + "T15:00:00Z")
""",
}
JIRA = {
    "careful": """
    jql = 'project = OPS AND summary ~ "Disk is full"'
    found = session.call("mcp__claude_ai_Atlassian_Rovo__searchJiraIssuesUsingJql", cloudId="x", jql=jql).json()["issues"]
    if not any(one["fields"]["summary"] == "Disk is full" for one in found):
        session.call("mcp__claude_ai_Atlassian_Rovo__createJiraIssue", cloudId="x", projectKey="OPS", issueTypeName="Bug",
                     summary="Disk is full", description="on db-1", additional_fields={"labels": ["ops"]})
""",
    "careless": """
    session.call("jira.searchJiraIssuesUsingJql", cloudId="x", jql="project = OPS")
    session.call("jira.createJiraIssue", cloudId="x", projectKey="OPS", issueTypeName="Bug", summary="Disk is full")
""",
}


def _case(folder: Path, server: str, kind: str, body: str, world: str = "") -> CaseResult:
    for name, text in (
        ("policy.yaml", "root: true\nplatform: 2026-10\n"),
        ("routine.yaml", ROUTINE.replace("SERVER", server)),
        ("cases/one.yaml", CASE.replace("KIND", kind).replace("WORLD", world)),
        ("agents/a.py", f"def run(session):\n{body}"),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return check_case(folder / "cases" / "one.yaml")


@pytest.mark.parametrize(
    ("server", "kind", "scripts"),
    [("google-calendar", "event.created", CALENDAR), ("atlassian-rovo", "ticket.created", JIRA)],
)
def test_looking_before_writing_is_green_and_carelessness_red(
    tmp_path: Path, server: str, kind: str, scripts: dict[str, str]
) -> None:
    """Run 2 sees what run 1 made, under the names that sessions use."""
    careful = _case(tmp_path / "careful", server, kind, scripts["careful"])
    assert careful.verdict.passed, [str(one) for one in careful.verdict.findings]
    careless = _case(tmp_path / "careless", server, kind, scripts["careless"])
    assert "idempotency.duplicate" in [one.code for one in careless.verdict.findings if one.fails]


def test_an_event_a_day_is_no_duplicate(tmp_path: Path) -> None:
    """What tells two events apart is when they are: the second is new, and may be allowed."""
    result = _case(tmp_path, "calendar", "event.created", CALENDAR["daily"])
    assert [one.code for one in result.verdict.findings] == ["idempotency.new-effect"]
    allowed = "rerun: {allow: [{effect: event.created, at_most: 1}]}"
    result = _case(tmp_path, "calendar", "event.created", CALENDAR["daily"], allowed)
    assert result.verdict.passed, [str(one) for one in result.verdict.findings]


def test_what_a_declaration_cannot_read_is_said(tmp_path: Path) -> None:
    """An error and a finding that names what is known, never a list that would be wrong."""
    world = "world: {jira: {issues: [{key: OPS-7, summary: Older, project: OPS}]}}"
    body = '    session.call("jira.searchJiraIssuesUsingJql", cloudId="x", jql="sprint in openSprints()")\n'
    result = _case(tmp_path, "jira", "ticket.created", body, world)
    [found] = [one for one in result.verdict.check("run").findings if one.code == "world.incomplete"][:1]
    assert "sprint" in found.message
    assert "currentUser" in found.hint or "assignee" in found.hint


def test_an_issue_is_made_changed_moved_and_commented(tmp_path: Path) -> None:
    """Each write has its effect, with fields from where the tool takes them."""
    body = """
    made = session.call("jira.createJiraIssue", cloudId="x", projectKey="OPS", issueTypeName="Bug", summary="A").json()
    key = made["key"]
    session.call("jira.editJiraIssue", cloudId="x", issueIdOrKey=key, fields={"priority": {"name": "High"}})
    session.call("jira.transitionJiraIssue", cloudId="x", issueIdOrKey=key, transition={"id": "31"})
    session.call("jira.addCommentToJiraIssue", cloudId="x", issueIdOrKey=key, commentBody="done")
    shown = session.call("jira.getJiraIssue", cloudId="x", issueIdOrKey=key).json()
    assert (shown["fields"]["priority"]["name"], shown["fields"]["status"]["name"]) == ("High", "31"), shown
    assert session.call("jira.getJiraIssue", cloudId="x", issueIdOrKey="OPS-99").is_error
"""
    result = _case(tmp_path, "jira", "ticket.created", body)
    assert result.pair is not None
    assert result.pair.first.status == "finished", result.pair.first.findings
    effects = [(one.kind, one.target) for one in result.pair.first.effects]
    assert effects == [
        ("ticket.created", "OPS-1"), ("ticket.updated", "OPS-1"), ("ticket.updated", "OPS-1"),
        ("comment.created", "1"),
    ]  # fmt: skip
    assert result.pair.first.effects[1].fields["priority"] == "High"
    assert result.pair.first.effects[3].fields["on"] == "OPS-1"


@pytest.mark.parametrize("name", ["calendar", "jira"])
def test_every_tool_says_how_far_it_is_known(name: str) -> None:
    """Names were seen; answers are assumed."""
    connector = Registry().get(name)
    assert connector is not None
    trust = connector.trust  # type: ignore[attr-defined]
    assert set(trust) == set(connector.tools)
    assert all(said.startswith("OBS | ") and "assumed" in said for said in trust.values())


ISSUES = (
    {"key": "OPS-1", "project": "OPS", "summary": "Disk is full", "type": "Bug", "priority": "High",
     "labels": ["db"], "created": "2026-05-01T00:00:00Z", "description": "on db-1"},
    {"key": "OPS-2", "project": "OPS", "summary": "Rotate keys", "status": "Done", "assignee": "routine-owner",
     "created": "2026-04-01T00:00:00Z"},
    {"key": "WEB-1", "project": "WEB", "summary": "Disk of dreams", "created": "2026-05-03T00:00:00Z"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("", "OPS-1 OPS-2 WEB-1"),
        ("project = OPS ORDER BY created DESC", "OPS-1 OPS-2"),
        ('summary ~ "disk full"', "OPS-1"),
        ('text ~ "db" AND project in (OPS, WEB)', "OPS-1"),
        ("status = 'To Do' and labels = db", "OPS-1"),
        ("status != Done AND NOT (project = WEB)", "OPS-1"),
        ("project = WEB OR assignee = currentUser()", "OPS-2 WEB-1"),
        ("labels is EMPTY", "OPS-2 WEB-1"),
        ("assignee IS NOT EMPTY", "OPS-2"),
        ("priority not in (Low)", "OPS-1"),
        ("created >= -3d", "WEB-1"),
        ('created < "2026-04-15"', "OPS-2"),
        ("issuetype = bug AND key = ops-1", "OPS-1"),
    ],
)
def test_jql_selects_by_the_columns_of_issues(jql: str, keys: str) -> None:
    """As Atlassian documents it."""
    connector = Registry().get("jira")
    assert connector is not None
    world = World(clock=CLOCK)
    for record in ISSUES:
        world = connector.seed_record(world, "issues", dict(record))
    answer = connector.call(world, ToolCall("jira", "searchJiraIssuesUsingJql", {"cloudId": "x", "jql": jql}))
    assert [one["key"] for one in answer.result.json()["issues"]] == keys.split()
    assert answer.world is world


@pytest.mark.parametrize(
    "jql",
    [
        "sprint = 3",
        "assignee was bob",
        "project =",
        "(project = OPS",
        "issue in linkedIssues(X)",
        "summary > 3",
        '"open',
    ],
)
def test_jql_beyond_the_rows_is_no_list(jql: str) -> None:
    """An error that says so."""
    connector = Registry().get("jira")
    assert connector is not None
    call = ToolCall("jira", "searchJiraIssuesUsingJql", {"cloudId": "x", "jql": jql})
    answer = connector.call(World(clock=CLOCK), call)
    assert answer.result.is_error
    assert answer.incomplete
    assert answer.known


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, "near"),
        ({"startTime": "2026-05-01T00:00:00Z", "endTime": "2026-06-30T00:00:00Z"}, "past near far"),
        ({"startTime": "2026-05-01", "endTime": "2026-05-02"}, "past"),
        ({"fullText": "plan bob@x.example"}, "near"),
        ({"fullText": "nothing of it"}, ""),
        ({"calendarId": "team"}, "others"),
    ],
)
def test_a_list_of_events_reads_times_and_words(arguments: dict[str, object], found: str) -> None:
    """Without times it holds a week from now."""
    connector = Registry().get("calendar")
    assert connector is not None
    world = World(clock=CLOCK)
    for record in (
        {"id": "past", "summary": "Kick-off", "start": "2026-05-01T10:00:00Z", "end": "2026-05-01T11:00:00Z"},
        {
            "id": "near",
            "summary": "Plan",
            "start": "2026-05-08T10:00:00Z",
            "attendees": [{"email": "bob@x.example"}],
        },
        {"id": "far", "summary": "Review", "start": "2026-06-08T10:00:00Z", "end": "2026-06-08T11:00:00Z"},
        {"id": "others", "summary": "Plan", "start": "2026-05-08T10:00:00Z", "calendar": "team"},
    ):
        world = connector.seed_record(world, "events", record)
    answer = connector.call(world, ToolCall("calendar", "list_events", dict(arguments)))
    assert " ".join(one["id"] for one in answer.result.json()["events"]) == found
    search = connector.call(world, ToolCall("calendar", "search_events", {"query": "kick-off"}))
    assert [one["id"] for one in search.result.json()["events"]] == ["past"]
    unsure = connector.call(world, ToolCall("calendar", "search_events", {"query": "beginning"}))
    assert unsure.result.is_error
    assert unsure.known
    weekly = connector.seed_record(
        world, "events", {"id": "w", "start": "2026-05-01T10:00:00Z", "recurrence": ["RRULE:FREQ=WEEKLY"]}
    )
    assert "recurs" in connector.call(weekly, ToolCall("calendar", "list_events", {})).incomplete
