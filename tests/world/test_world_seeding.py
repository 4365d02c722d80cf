"""World files for connectors: what may be left out, what is merged, and what is refused."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from routine_harness.errors import SpecError
from routine_harness.routine.spec import Binding
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.worldfile import world_from_data, world_to_data

CONNECTORS = {connector.name: connector for connector in Registry() if connector.name != "github"}
CLOCK = 1_777_885_200


def _world(**data: Any) -> World:
    return world_from_data({"clock": "2026-05-04T09:00:00Z", **data}, CONNECTORS)


def test_the_world_file_of_the_design_loads() -> None:
    """The records of DESIGN §4 are found by name, by id and by key."""
    world = _world(
        slack={
            "channels": [{"id": "C0SECURITY", "name": "security-alerts"}],
            "messages": [
                {"channel": "security-alerts", "user": "U01", "text": "x", "ts": "1714813200.000100"}
            ],
        },
        linear={
            "teams": [{"key": "SEC", "name": "Security"}],
            "projects": [{"name": "Security", "team": "Security"}],
            "issues": [],
        },
    )
    assert world.get("slack.messages", ("security-alerts", "1714813200.000100")) is not None
    team = world.get("linear.teams", ("Security",))
    assert team is not None
    assert team["key"] == "SEC"
    assert len(world.table("linear.statuses").find("team", "Security")) == 7


def test_bindings_and_files_meet_in_one_place() -> None:
    """The channel of a binding takes the id that a file gives it, the team its key."""
    world = World(clock=CLOCK)
    for name in ("slack", "linear"):
        world = CONNECTORS[name].seed_binding(world, Binding("security-alerts"))
    made = world.get("slack.channels", ("security-alerts",))
    assert made is not None
    assert made["id"].startswith("C")
    world = world_from_data(
        {"slack": {"channels": [{"id": "C0SECURITY1", "name": "#security-alerts", "topic": "alerts"}]}},
        CONNECTORS,
        world,
    )
    channel = world.get("slack.channels", ("security-alerts",))
    assert channel is not None
    assert (channel["id"], channel["topic"], channel["members"]) == ("C0SECURITY1", "alerts", ["U0ROUTINE"])
    world = world_from_data({"linear": {"teams": [{"key": "SEC", "name": "Security"}]}}, CONNECTORS, world)
    keys = {team["name"]: team["key"] for team in world.table("linear.teams")}
    assert keys["Security"] == "SEC"
    assert keys["security-alerts"] != "SEC"


def test_numbers_go_on_after_those_that_are_there() -> None:
    """A new issue never takes the key of one in the file."""
    world = _world(linear={"teams": ["Security"], "issues": [{"id": "SEC-41", "title": "Old"}, "Another"]})
    assert [issue["id"] for issue in world.table("linear.issues")] == ["SEC-41", "SEC-42"]


def test_times_may_be_relative() -> None:
    """A message of ninety minutes ago is one."""
    world = _world(slack={"messages": [{"channel": "ops", "text": "x", "ts": "-90m"}]})
    assert [one["ts"] for one in world.table("slack.messages")] == ["1777879800.000000"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"slack": {"channels": [{"topic": "x"}]}}, "expected a channel with a name or an id"),
        ({"slack": {"channels": [{"name": 3}]}}, "name"),
        ({"slack": {"messages": [{"channel": "a"}]}}, "expected a message with a text"),
        ({"slack": {"messages": [{"text": "a"}]}}, "expected a channel, by name or id"),
        ({"slack": {"messages": [{"channel": "a", "text": "b", "ts": "soon"}]}}, "expected a time"),
        ({"slack": {"channnels": []}}, "did you mean channels?"),
        ({"linear": {"issues": [{"title": "x"}]}}, "expected a team before its issues"),
        ({"linear": {"teams": ["A"], "issues": [{"title": "x", "priority": "Highest"}]}}, "expected a priority"),
        ({"linear": {"teams": ["A"], "issues": [{"title": "x", "state": "Doing"}]}}, "expected a status of A (Backlog, Todo"),
        ({"linear": {"statuses": [{"name": "x", "team": "A", "type": "odd"}]}}, "expected type to be one of"),
        ({"sentry": {"events": [{"issue": "X-1"}]}}, "expected an event of an issue that is there"),
        ({"notion": {"pages": [{"content": "x"}]}}, "expected pages with a title"),
        ({"drive": {"files": [{"content": "x"}]}}, "expected a file with a title"),
        ({"drive": {"permissions": ["x"]}}, "expected a record of permissions, found the text 'x'"),
    ],
)  # fmt: skip
def test_wrong_records_are_refused_in_words(data: dict[str, Any], message: str) -> None:
    """What makes no sense is one clear error with the table's name."""
    with pytest.raises(SpecError) as error:
        _world(**data)
    [problem] = error.value.problems
    assert message in f"{problem.message} {problem.hint}"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 99)
    | st.text(max_size=6)
    | st.sampled_from(["SEC-1", "C0A", "-1d"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "name"]), inner, max_size=2)
    ),
    max_leaves=4,
)
PLACES = [(name, table) for name, connector in CONNECTORS.items() for table in connector.tables]
FIELDS = st.sampled_from(
    [
        "id",
        "name",
        "title",
        "key",
        "team",
        "project",
        "channel",
        "ts",
        "text",
        "user",
        "state",
        "status",
        "priority",
        "labels",
        "assignee",
        "issue",
        "body",
        "parent",
        "content",
        "properties",
        "members",
        "thread_ts",
        "createdAt",
        "number",
        "slug",
        "version",
        "page",
        "file",
        "tags",
        "shortId",
        "organization",
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(PLACES),
    st.lists(JSON | st.dictionaries(FIELDS, JSON, max_size=6), min_size=1, max_size=3),
)
@example(("linear", "users"), [{"id": ""}])
def test_any_record_is_a_world_or_a_clean_error(place: tuple[str, str], rows: list[Any]) -> None:
    """Whatever stands in a table gives a world that survives its file, or an error in words."""
    name, table = place
    try:
        world = _world(**{name: {table: rows}})
    except SpecError:
        return
    assert world_from_data(world_to_data(world), CONNECTORS) == world


def test_a_user_of_whom_only_the_id_is_known_is_named_by_it() -> None:
    """The world that is written of it is read back as it was."""
    world = _world(linear={"users": [{"id": "u-1"}]})
    (user,) = world.table("linear.users")
    assert (user["id"], user["name"], user["displayName"]) == ("u-1", "u-1", "u-1")
    assert world_from_data(world_to_data(world), CONNECTORS) == world
