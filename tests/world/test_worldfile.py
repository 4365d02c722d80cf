"""World files: merging, relative times, what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from routine_harness.errors import SpecError
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.state import World
from routine_harness.world.times import iso_seconds
from routine_harness.world.worldfile import merge_data, world_from_data, world_to_data

CONNECTORS = {"github": CONNECTOR}
AT = 1_777_885_200  # 2026-05-04T09:00:00Z


def world_of(**github: Any) -> World:
    return world_from_data({"github": github}, CONNECTORS, at=AT)


def test_records_are_merged_by_key_and_field() -> None:
    """A later layer changes the fields it names and leaves the others."""
    lower = {"github": {"issues": [{"repository": "acme/core", "number": 5, "title": "Old", "body": "Text"}]}}
    upper = {"github": {"issues": [{"repository": "acme/core", "number": 5, "title": "New"}]}}
    world = merge_data(upper, CONNECTORS, merge_data(lower, CONNECTORS, at=AT), at=AT)
    issue = world.get("github.issues", ("acme/core", 5))
    assert issue is not None
    assert (issue["title"], issue["body"]) == ("New", "Text")


def test_files_of_a_repository_are_merged_by_path() -> None:
    """Two layers that give files to one repository give it all of them."""
    layers: list[dict[str, Any]] = [{"a": "1"}, {"b": "2", "a": "3"}]
    world = World()
    for files in layers:
        data = {"github": {"repositories": [{"full_name": "acme/core", "files": files}]}}
        world = merge_data(data, CONNECTORS, world, at=AT)
    assert world.table("github.repositories").get(("acme/core",))["files"] == {"a": "3", "b": "2"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("-90m", "2026-05-04T07:30:00Z"),
        ("+2d", "2026-05-06T09:00:00Z"),
        ("2026-05-04T11:00:00+02:00", "2026-05-04T09:00:00Z"),
    ],
)
def test_times_are_relative_to_the_firing(written: str, expected: str) -> None:
    """A relative time in a field for times counts from the firing; zones are turned into UTC."""
    world = world_of(issues=[{"repository": "acme/core", "number": 5, "created_at": written}])
    assert world.get("github.issues", ("acme/core", 5))["created_at"] == expected  # type: ignore[index]


def test_text_that_looks_like_a_time_stays_text() -> None:
    """Only fields for times are resolved."""
    world = world_of(issues=[{"repository": "acme/core", "number": 5, "title": "-90m", "body": "+1d"}])
    issue = world.get("github.issues", ("acme/core", 5))
    assert issue is not None
    assert (issue["title"], issue["body"]) == ("-90m", "+1d")


def test_slack_times_are_written_as_slack_writes_them() -> None:
    """A relative ``ts`` becomes seconds with six decimals."""
    data = {"other": {"messages": [{"id": 1, "ts": "-60s"}]}}
    world = world_from_data(data, {}, at=AT)
    assert list(world.table("other.messages")) == [{"id": 1, "ts": f"{AT - 60}.000000"}]


def test_everything_wrong_is_reported_at_once() -> None:
    """Each fault of a world file is a problem of its own, with the nearest known name."""
    data = {
        "clock": "yesterday",
        "github": {
            "pull": [],
            "issues": [{"title": "no key"}, "text", {"repository": "a/b", "number": 1, "created_at": "soon"}],
        },
        "http": [{"body": "no address"}],
        "slack": 3,
    }
    with pytest.raises(SpecError) as caught:
        world_from_data(data, CONNECTORS)
    messages = [problem.message for problem in caught.value.problems]
    assert len(messages) == 7
    assert "expected a time such as 2026-05-04T09:00:00Z, found 'yesterday'" in messages
    hints = {problem.message: problem.hint for problem in caught.value.problems}
    assert hints["github has no table 'pull'"] == "did you mean pulls?"


def test_http_answers_are_keyed_by_method_and_address() -> None:
    """``http:`` takes a list of answers or a mapping of addresses."""
    listed = world_from_data({"http": [{"url": "https://x.test/a", "status": 404}]}, {})
    mapped = world_from_data(
        {"http": {"https://x.test/a": {"status": 404}, "POST https://x.test/b": "ok"}}, {}
    )
    assert listed.get("http.answers", ("GET", "https://x.test/a")) == {
        "url": "https://x.test/a",
        "status": 404,
        "method": "GET",
    }
    assert mapped.get("http.answers", ("POST", "https://x.test/b"))["body"] == "ok"  # type: ignore[index]


def test_meanwhile_removes_what_matches() -> None:
    """``remove:`` takes away the records that have the fields it names, and says when there are none."""
    world = world_of(comments=[{"repository": "acme/core", "number": 5, "body": "one", "user": "dana"}])
    removed = {"remove": {"github": {"comments": [{"number": 5, "user": "dana"}]}}}
    assert len(world_from_data(removed, CONNECTORS, world).table("github.comments")) == 0
    with pytest.raises(SpecError, match="expected tables of github, found a list"):
        world_from_data({"remove": {"github": []}}, CONNECTORS, world)
    with pytest.raises(SpecError, match="holds no record such as"):
        world_from_data({"remove": {"github": {"comments": [{"user": "nobody"}]}}}, CONNECTORS, world)


def test_a_world_survives_its_file() -> None:
    """What is written out reads back as an equal world, unknown connectors included."""
    data = {
        "clock": iso_seconds(AT),
        "github": {
            "me": "claude-user",
            "repositories": [{"full_name": "acme/core", "files": {"a.py": "x"}, "labels": ["bug"]}],
            "pulls": [
                {
                    "repository": "acme/core",
                    "number": 3,
                    "head": "f",
                    "comments": [{"body": "hi"}],
                    "review_comments": 4,
                }
            ],
            "review_comments": [{"repository": "acme/core", "number": 3, "body": "here", "path": "a.py"}],
            "workflow_runs": [
                {"repository": "acme/core", "workflow": "ci.yml", "jobs": [{"name": "t", "logs": "x"}]}
            ],
            "releases": [{"repository": "acme/core", "tag_name": "v1"}],
        },
        "pagerduty": {"tools": [{"name": "create_incident"}], "incidents": [{"id": "X1"}]},
    }
    world = world_from_data(data, CONNECTORS)
    again = world_from_data(world_to_data(world), CONNECTORS)
    assert again == world
    assert world_to_data(again) == world_to_data(world)


def test_completing_twice_changes_nothing() -> None:
    """Defaults are filled in once."""
    world = world_of(pulls=[{"repository": "acme/core", "number": 3}])
    assert CONNECTOR.complete_world(world) == world


def test_a_removed_comment_is_no_longer_counted() -> None:
    """What is taken away leaves nothing that the world would miss."""
    issue = {
        "repository": "acme/core",
        "number": 5,
        "comments": [{"body": "one", "user": "dana"}, {"body": "two"}],
    }
    removed = {"remove": {"github": {"comments": [{"user": "dana"}]}}}
    world = world_from_data(removed, CONNECTORS, world_of(issues=[issue]))
    row = world.get("github.issues", ("acme/core", 5))
    assert row is not None
    assert row["comments"] == 1
