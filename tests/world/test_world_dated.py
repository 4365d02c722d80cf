"""What the platform's edition says of Slack, Linear and GitHub: dated, switchable, named where it decides."""

# ruff: noqa: E501 - calls and answers read better unbroken

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from routine_harness import check_case
from routine_harness.case.result import CaseResult
from routine_harness.routine.edition import load_edition
from routine_harness.routine.edition_rules import SessionRules
from routine_harness.world.github.mcp.mcp_texts import broken_up
from routine_harness.world.registry import Registry
from routine_harness.world.slack.text import linked
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome
from routine_harness.world.worldfile import world_from_data

CLOCK = 1_777_885_200  # 2026-05-04T09:00:00Z
LATEST = load_edition("2026-10")
DATA: dict[str, Any] = {
    "slack": {"channels": [{"id": "C0OPS", "name": "ops"}], "messages": [{"channel": "ops", "user": "U01", "text": "before", "ts": "1777880000.000100"}]},
    "linear": {"teams": [{"key": "SEC", "name": "Security"}], "issues": [{"id": "SEC-1", "title": "One"}, {"id": "SEC-2", "title": "Two", "parentId": "SEC-1"}, {"id": "SEC-3", "title": "Three", "parentId": "SEC-2"}]},
    "github": {"repositories": [{"full_name": "acme/shop"}], "issues": [{"repository": "acme/shop", "number": 1, "title": "Old"}]},
}  # fmt: skip


def _world(**settings: str) -> World:
    edition = LATEST
    for name, value in settings.items():
        edition = edition.with_setting(name, value)
    connectors = {name: connector for name in DATA if (connector := Registry().get(name)) is not None}
    return world_from_data(DATA, connectors, World(clock=CLOCK)).under(edition.session_rules())


def _call(world: World, name: str, **arguments: Any) -> Outcome:
    call = Registry().tool_call(name, arguments)
    connector = Registry().get(call.connector)
    assert connector is not None
    return connector.call(world, call)


# --- Slack


@pytest.mark.parametrize("tool", ["slack_send_message", "slack_send_message_draft", "slack_schedule_message"])
@pytest.mark.parametrize("thread", ["", "x", "1777880000"])
def test_an_empty_thread_is_no_thread(tool: str, thread: str) -> None:
    """The Web API refuses it, and so nothing is posted beside the thread."""
    also = {"post_at": CLOCK + 3600} if tool == "slack_schedule_message" else {}
    outcome = _call(_world(), f"slack.{tool}", channel_id="C0OPS", message="x", thread_ts=thread, **also)
    assert outcome.result.text == "invalid_thread_ts"
    assert [one.outcome for one in outcome.effects] == ["refused"]


@pytest.mark.parametrize("channel", ["C0OPS", "ops", "#ops"])
@pytest.mark.parametrize("tool", ["slack_send_message", "slack_send_message_draft"])
def test_a_channel_goes_by_its_name_where_messages_are_put(channel: str, tool: str) -> None:
    """As ``chat.postMessage`` takes it; the effect names the channel alike."""
    outcome = _call(_world(), f"slack.{tool}", channel_id=channel, message="x")
    assert not outcome.result.is_error
    assert (outcome.effects[0].fields["channel"], outcome.effects[0].fields["channel_id"]) == ("ops", "C0OPS")


READS = (
    ("slack_read_channel", {"channel_id": "C0OPS"}),
    ("slack_read_channel", {"channel_id": "C0OPS", "response_format": "concise"}),
    ("slack_search_public", {"query": "deployed"}),
)


@pytest.mark.parametrize(("tool", "asked"), READS)
def test_what_a_connector_sent_reads_back_with_its_line(tool: str, asked: dict[str, Any]) -> None:
    """And with links in Slack's form; the effect keeps what was sent, and other people's messages stay."""
    text = "deployed [the notes](https://acme.example/n) and https://acme.example/x."
    sent = _call(_world(), "slack.slack_send_message", channel_id="C0OPS", message=text)
    assert sent.effects[0].fields["text"] == text
    read = _call(sent.world, f"slack.{tool}", **asked)
    shown = "deployed <https://acme.example/n|the notes> and <https://acme.example/x|acme.example/x>."
    assert shown in read.result.json().get("messages", read.result.json().get("results"))
    assert read.result.text.count("*Sent using* <@") == 1
    assert read.depends_on == ("slack_read_back",)
    plain = _call(
        sent.world.under(LATEST.with_setting("slack_read_back", "as_sent").session_rules()),
        f"slack.{tool}",
        **asked,
    )
    assert text in plain.result.json().get("messages", plain.result.json().get("results"))
    assert plain.depends_on == ("slack_read_back",)
    assert _call(_world(), f"slack.{tool}", **asked).depends_on == ()


def test_a_thread_reads_back_alike() -> None:
    """Parent and replies."""
    world = _call(
        _world(), "slack.slack_send_message", channel_id="ops", message="reply", thread_ts="1777880000.000100"
    ).world
    read = _call(world, "slack.slack_read_thread", channel_id="C0OPS", message_ts="1777880000.000100")
    assert "reply\n*Sent using* <@" in read.result.json()["messages"]
    assert "before\n*Sent" not in read.result.json()["messages"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "see https://x.example/a?b=1&c=2, then",
            "see <https://x.example/a?b=1&c=2|x.example/a?b=1&c=2>, then",
        ),
        (
            "<https://x.example|here> and <https://y.example>",
            "<https://x.example|here> and <https://y.example>",
        ),
        ("`curl https://x.example`", "`curl https://x.example`"),
        ("[a](b) no link", "[a](b) no link"),
        ("(https://x.example/a)", "(<https://x.example/a|x.example/a>)"),
    ],
)
def test_links_in_slacks_form(text: str, shown: str) -> None:
    """Code and what is in that form already stay."""
    assert linked(text) == shown


def test_a_long_text_arrives_in_parts() -> None:
    """Each part is a message and an effect; the last one is signed. Beyond the server's limit it is refused."""
    text = "word " * 900  # 4,500 characters
    sent = _call(_world(), "slack.slack_send_message", channel_id="C0OPS", message=text)
    posted = [one for one in sent.effects if one.kind == "message.posted"]
    assert len(posted) == 2
    assert " ".join(one.fields["text"] for one in posted).split() == text.split()
    assert max(len(one.fields["text"]) for one in posted) <= 4000
    assert [bool(one.get("signed")) for one in sent.world.table("slack.messages")] == [False, False, True]
    assert sent.depends_on == ("slack_long_messages",)
    whole = _call(
        _world(slack_long_messages="whole"), "slack.slack_send_message", channel_id="C0OPS", message=text
    )
    assert len([one for one in whole.effects if one.kind == "message.posted"]) == 1
    assert (
        _call(_world(), "slack.slack_send_message", channel_id="C0OPS", message="x" * 4500)
        .effects[1]
        .fields["text"]
        == "x" * 500
    )
    assert (
        _call(_world(), "slack.slack_send_message", channel_id="C0OPS", message="x" * 5001).result.text
        == "msg_too_long"
    )


# --- Linear


def test_an_unknown_label_is_left_out_or_refused() -> None:
    """In silence since 2026-02; the setting says otherwise, and is named where it decided."""
    made = _call(_world(), "linear.save_issue", title="New", team="SEC", labels=["bug", "Nope"])
    assert made.result.json()["labels"] == ["Bug"]
    assert made.effects[0].fields["labels"] == ["Bug"]
    assert made.depends_on == ("linear_unknown_label",)
    refused = _call(
        _world(linear_unknown_label="refused"), "linear.save_issue", title="New", team="SEC", labels=["Nope"]
    )
    assert "Could not find referenced IssueLabel" in refused.result.text
    assert _call(_world(), "linear.save_issue", title="New", team="SEC", labels=["Bug"]).depends_on == ()


def test_labels_alike_but_for_case_are_one() -> None:
    """In a call and in a world file, whose spelling holds."""
    made = _call(_world(), "linear.save_issue", title="New", team="SEC", labels=["bug", "Bug", "BUG"])
    assert made.result.json()["labels"] == ["Bug"]
    connectors = {"linear": Registry().get("linear")}
    data = {
        "linear": {
            "teams": ["A"],
            "labels": [{"name": "bug"}],
            "issues": [{"title": "x", "labels": ["BUG", "bug", "Feature"]}],
        }
    }
    world = world_from_data(data, connectors, World(clock=CLOCK))  # type: ignore[arg-type]
    assert [one["name"] for one in world.table("linear.labels") if one["name"].lower() == "bug"] == ["bug"]
    assert [one["labels"] for one in world.table("linear.issues")] == [["bug", "Feature"]]


def test_no_issue_is_above_itself() -> None:
    """Neither its own parent nor that of one below which it stands."""
    for parent in ("SEC-1", "SEC-2", "SEC-3"):
        assert _call(_world(), "linear.save_issue", id="SEC-1", parentId=parent).result.is_error
    assert not _call(_world(), "linear.save_issue", id="SEC-3", parentId="SEC-1").result.is_error
    assert not _call(_world(), "linear.save_issue", id="SEC-2", parentId=None).result.is_error


@pytest.mark.parametrize("said", ["next week", "2026-13-01", "", "soon"])
def test_a_due_date_is_a_day(said: str) -> None:
    """Anything else is refused; a time is cut to its day."""
    assert _call(_world(), "linear.save_issue", id="SEC-1", dueDate=said).result.is_error
    day = _call(_world(), "linear.save_issue", id="SEC-1", dueDate="2026-05-09T10:00:00Z")
    assert day.result.json()["dueDate"] == "2026-05-09"


@pytest.mark.parametrize("said", ["SEC", "sec", "Security", "security"])
def test_a_team_goes_by_key_and_by_name(said: str) -> None:
    """Wherever a team is asked for."""
    assert _call(_world(), "linear.save_issue", title="New", team=said).result.json()["id"] == "SEC-4"
    assert len(_call(_world(), "linear.list_issues", team=said).result.json()["issues"]) == 3
    assert _call(_world(), "linear.get_team", query=said).result.json()["key"] == "SEC"


ROUTINE = """
name: r
connectors: [linear:SEC]
repositories: [github:acme/shop]
triggers: [{type: github, events: [pull_request.labeled]}, {type: api}]
prompt: Keep it.
"""


def _case(folder: Path, case: str, body: str = "    pass", policy: str = "platform: 2026-10") -> CaseResult:
    for name, text in (
        ("policy.yaml", f"root: true\n{policy}\n"), ("routine.yaml", ROUTINE), ("cases/one.yaml", case),
        ("agents/a.py", f"def run(session):\n{body}\n"),
    ):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return check_case(folder / "cases" / "one.yaml")


def test_a_binding_by_key_makes_no_second_team(tmp_path: Path) -> None:
    """``linear:SEC`` and a team with that key are one team, whichever names it first."""
    case = """
trigger: {api: {text: x}}
agent: {scripted: "../agents/a.py::run"}
world: {linear: {teams: [{key: SEC, name: Security}]}}
expect: {tickets: {count: 1, where: {team: Security}}, idempotent: false}
"""
    body = '    assert session.call("linear.save_issue", title="x", team="SEC", project="SEC").json()["id"].startswith("SEC-")'
    result = _case(tmp_path, case, body)
    assert result.pair is not None
    assert [(one["key"], one["name"]) for one in result.pair.first.world.table("linear.teams")] == [
        ("SEC", "Security")
    ]
    assert [one["teams"] for one in result.pair.first.world.table("linear.projects")] == [["Security"]]
    assert result.verdict.check("tickets").findings == ()


# --- mentions and drafts


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("@dependabot rebase", "·@·d·ependabot r·ebase"),
        ("please @dependabot", "please ·@·d·ependabot"),
        ("@coderabbitai review this", "·@·c·oderabbitai r·eview this"),
        ("@alice look, bot@dependabot.example", "@alice look, bot@dependabot.example"),
        ("@dependabots rebase", "@dependabots rebase"),
    ],
)
def test_mentions_of_bots_are_broken_up(said: str, stored: str) -> None:
    """As they were read back, byte by byte; people are left alone."""
    assert broken_up(said, ("dependabot", "coderabbitai")) == stored
    made = _call(_world(), "github.add_issue_comment", owner="acme", repo="shop", issue_number=1, body=said)
    assert made.effects[0].fields["body"] == stored
    [comment] = made.world.table("github.comments")
    assert comment["body"] == stored
    assert made.depends_on == (("bot_mentions",) if said != stored else ())


def test_mentions_stay_where_no_session_breaks_them() -> None:
    """Before June 2026, where a policy says so, and through REST."""
    assert load_edition("2026-04").setting("bot_mentions") == "kept"
    given = {"owner": "acme", "repo": "shop", "issue_number": 1, "body": "@dependabot rebase"}
    for world in (_world(bot_mentions="kept"), _world().under(SessionRules())):
        [comment] = _call(world, "github.add_issue_comment", **given).world.table("github.comments")
        assert comment["body"] == "@dependabot rebase"
    from routine_harness.world.github.connector import answer_request

    _, outcome = answer_request(
        _world(), "POST", "/repos/acme/shop/issues/1/comments", body={"body": "@dependabot rebase"}
    )
    [comment] = outcome.world.table("github.comments")
    assert comment["body"] == "@dependabot rebase"


LABELED = """
trigger:
  github:
    event: pull_request.labeled
    payload:
      action: labeled
      repository: {full_name: acme/shop}
      pull_request: {number: 3, title: x, draft: DRAFT, user: {login: ann}, head: {ref: f}, base: {ref: main}}
agent: {scripted: "../agents/a.py::run"}
expect: {fires: FIRES}
"""


@pytest.mark.parametrize(
    ("policy", "draft", "fires"),
    [
        ("platform: 2026-10", True, False),
        ("platform: 2026-10", False, True),
        ("platform: 2026-10", None, True),
        ("platform: 2026-04", True, True),
        ("platform: {edition: 2026-10, settings: {labeled_draft: fires}}", True, True),
    ],
)
def test_a_label_on_a_draft(tmp_path: Path, policy: str, draft: bool | None, fires: bool) -> None:
    """Fires nothing, as one observer saw; the verdict names the point unless the policy has answered it."""
    case = LABELED.replace(
        " draft: DRAFT,", "" if draft is None else f" draft: {str(draft).lower()},"
    ).replace("FIRES", "true, idempotent: false" if fires else "false")
    result = _case(tmp_path, case, policy=policy)
    found = result.verdict.check("fires").findings
    assert not any(finding.fails for finding in found)
    answered = "settings" in policy
    assert any("labeled_draft" in finding.message for finding in found) is (draft is True and not answered)


@pytest.mark.parametrize("edition", ["2026-04", "2026-08", "2026-10"])
def test_every_point_says_how_often_it_was_seen(edition: str) -> None:
    """And where: an assumption is marked as one."""
    points = load_edition(edition).settings
    for name in (
        "slack_read_back",
        "slack_long_messages",
        "linear_unknown_label",
        "bot_mentions",
        "labeled_draft",
    ):
        assert points[name].seen >= 1
        assert points[name].source in load_edition(edition).sources
        assert points[name].trust in ("OBS", "3P")
