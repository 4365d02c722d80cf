"""Linear in particular: the upsert, labels that replace, relations that mirror, filters."""

from __future__ import annotations

from typing import Any

import pytest
from world.contract_slack_linear import linear

from routine_harness.world.state import World
from routine_harness.world.tool import Outcome


def _call(tool: str, world: World | None = None, **arguments: Any) -> Outcome:
    return linear().call(tool, arguments, world)


def _issue(world: World, key: str = "SEC-1") -> dict[str, Any]:
    found = world.get("linear.issues", (key,))
    assert found is not None
    return found


def test_save_issue_creates_without_an_id_and_updates_with_one() -> None:
    """One tool, two effects: told apart by the id alone."""
    made = _call("save_issue", title="New", team="SEC")
    assert made.result.json()["id"] == "SEC-6"
    assert [(one.kind, one.target) for one in made.effects] == [("ticket.created", "SEC-6")]
    changed = _call("save_issue", id="SEC-1", title="Other")
    assert [(one.kind, one.target) for one in changed.effects] == [("ticket.updated", "SEC-1")]
    assert len(changed.world.table("linear.issues")) == 5


def test_labels_replace() -> None:
    """Labels that are not named again are gone."""
    world = _call("save_issue", id="SEC-1", labels=["Feature"]).world
    assert _issue(world)["labels"] == ["Feature"]
    assert _issue(_call("save_issue", world, id="SEC-1", labels=[]).world)["labels"] == []


def test_an_update_that_says_what_is_there_is_unchanged() -> None:
    """Neither the world nor the time of the last change moves."""
    subject = linear()
    outcome = subject.call(
        "save_issue", {"id": "SEC-1", "title": "Issue 1", "labels": ["Bug"], "priority": 1}
    )
    assert [one.outcome for one in outcome.effects] == ["unchanged"]
    assert outcome.world.same_records(subject.world)


def test_updates_say_only_what_they_change() -> None:
    """A rule on priority is not tripped by an update that leaves it alone."""
    [effect] = _call("save_issue", id="SEC-2", state="Done").effects
    assert effect.fields["state"] == "Done"
    assert "priority" not in effect.fields
    assert effect.fields["project"] == "Security"


def test_unknown_arguments_are_left_unread() -> None:
    """The service ignores what it does not know, and so the wrong name silently does nothing."""
    outcome = _call("save_issue", id="SEC-1", status="Done", assigneeEmail="x")
    assert not outcome.result.is_error
    assert [one.outcome for one in outcome.effects] == ["unchanged"]


def test_a_status_is_found_by_name_type_or_id() -> None:
    """Completing sets the time, reopening takes it away."""
    done = _call("save_issue", id="SEC-1", state="completed").world
    assert (_issue(done)["status"], _issue(done)["completedAt"]) == ("Done", "2026-05-04T09:00:00.000Z")
    again = _call("save_issue", done, id="SEC-1", state="Todo").world
    assert (_issue(again)["statusType"], _issue(again)["completedAt"]) == ("unstarted", None)


def test_relations_have_two_ends() -> None:
    """What one issue blocks is blocked by it, and no longer when it is taken away."""
    world = _call("save_issue", id="SEC-1", blocks=["SEC-2"], relatedTo=["SEC-3"]).world
    assert _issue(world, "SEC-2")["blockedBy"] == ["SEC-1"]
    assert _issue(world, "SEC-3")["relatedTo"] == ["SEC-1"]
    freed = _call("save_issue", world, id="SEC-1", removeBlocks=["SEC-2"]).world
    assert _issue(freed, "SEC-2")["blockedBy"] == []
    duplicate = _call("save_issue", world, id="SEC-4", duplicateOf="SEC-1").world
    assert _issue(duplicate, "SEC-4")["statusType"] == "duplicate"


def test_links_become_attachments_once() -> None:
    """A link that is there already is not added again."""
    link = [{"url": "https://example.com/pr/1", "title": "PR"}]
    once = _call("save_issue", id="SEC-2", links=link).world
    twice = _call("save_issue", once, id="SEC-2", links=link)
    assert len(twice.world.table("linear.attachments").find("issue", "SEC-2")) == 1
    assert [one.outcome for one in twice.effects] == ["unchanged"]


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ({}, ["SEC-5", "SEC-4", "SEC-3", "SEC-2", "SEC-1"]),
        ({"priority": 2}, ["SEC-2"]),
        ({"query": "issue 3"}, ["SEC-3"]),
        ({"label": "bug", "state": "Backlog", "limit": 1}, ["SEC-5"]),
        ({"updatedAt": "2026-05-04"}, ["SEC-5", "SEC-4"]),
        ({"updatedAt": "-P2D"}, ["SEC-5", "SEC-4", "SEC-3"]),
        ({"assignee": "me"}, []),
        ({"assignee": None, "team": "SEC", "project": "Security", "parentId": "SEC-1"}, []),
        ({"state": "completed"}, []),
        ({"cycle": "7"}, []),
    ],
)  # fmt: skip
def test_lists_know_every_filter(filters: dict[str, Any], keys: list[str]) -> None:
    """Each filter narrows; the latest change comes first."""
    assert [issue["id"] for issue in _call("list_issues", **filters).result.json()["issues"]] == keys


def test_an_invalid_date_is_refused() -> None:
    """A filter by age wants a date or a duration."""
    assert "Invalid date: soon" in _call("list_issues", updatedAt="soon").result.text


def test_a_renamed_project_keeps_its_issues() -> None:
    """What names the project follows it."""
    world = _call("save_project", id="Security", name="Safety").world
    assert _issue(world)["project"] == "Safety"
    assert len(_call("list_issues", world, project="Safety").result.json()["issues"]) == 5


def test_a_deleted_comment_takes_its_replies_along() -> None:
    """A thread goes with its first comment."""
    world = _call("save_comment", parentId="comment-1", body="reply").world
    left = _call("delete_comment", world, id="comment-1").world
    assert "reply" not in [one["body"] for one in left.table("linear.comments")]
