"""The order in which recorded reads of one moment are merged says nothing."""

# ruff: noqa: E501 - a path or a call is a row of a table

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from recorded_world import CONNECTORS, Desk, read, world_zero
from world.contract_github import HEAD, WORLD

from routine_harness.store.interactions import Interaction
from routine_harness.world.github.connector import answer_request
from routine_harness.world.worldfile import world_from_data

R = "/repos/acme/core"
PATHS = (
    R, f"{R}/issues?per_page=2&page=1", f"{R}/issues?per_page=2&page=2", f"{R}/issues?state=all", f"{R}/issues/1",
    f"{R}/issues/42", f"{R}/issues/42/comments", f"{R}/issues/comments/11", f"{R}/issues/3/labels", f"{R}/labels",
    f"{R}/labels/bug", f"{R}/milestones", f"{R}/pulls", f"{R}/pulls/42", f"{R}/pulls/42/files", f"{R}/pulls/42/reviews",
    f"{R}/pulls/42/commits", f"{R}/pulls/42/comments", f"{R}/pulls/comments/31", f"{R}/pulls/43", f"{R}/branches",
    f"{R}/branches/main", f"{R}/branches/feature", f"{R}/contents", f"{R}/contents/app", f"{R}/contents/README.md",
    f"{R}/contents/app/db.py", f"{R}/contents/app/db.py?ref=feature", f"{R}/contents/app?ref={HEAD}",
    f"{R}/contents/nope.py", f"{R}/readme", f"{R}/commits?sha=main", f"{R}/commits/{HEAD}/status",
    f"{R}/commits/{HEAD}/check-runs", f"{R}/compare/main...feature", f"{R}/languages", f"{R}/tags", f"{R}/releases",
    f"{R}/releases/latest", f"{R}/releases/tags/v1", f"{R}/actions/runs", f"{R}/actions/runs/501",
    f"{R}/actions/runs/501/jobs", f"{R}/actions/jobs/601", f"{R}/actions/workflows", f"{R}/collaborators",
    "/users/alice", "/user", "/orgs/acme", f"{R}/git/ref/heads/feature", f"{R}/actions/runs?status=failure",
)  # fmt: skip
TOOLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("list_issues", {"state": "OPEN"}), ("issue_read", {"method": "get", "issue_number": 1}),
    ("issue_read", {"method": "get_comments", "issue_number": 42}), ("list_pull_requests", {}),
    ("pull_request_read", {"method": "get", "pullNumber": 42}),
    ("pull_request_read", {"method": "get_files", "pullNumber": 42}),
    ("pull_request_read", {"method": "get_reviews", "pullNumber": 42}),
    ("pull_request_read", {"method": "get_check_runs", "pullNumber": 42}),
    ("get_file_contents", {"path": "README.md"}), ("get_file_contents", {"path": "/"}),
    ("get_file_contents", {"path": "app/db.py", "ref": "feature"}), ("list_branches", {}),
    ("get_file_contents", {"path": "app/db.py"}), ("get_file_contents", {"path": "nope.py"}), ("list_commits", {}),
    ("list_tags", {}), ("list_releases", {}), ("actions_list", {"method": "list_workflow_runs"}),
    ("actions_get", {"method": "get_workflow_run", "resource_id": "501"}), ("get_label", {"name": "bug"}),
    ("search_issues", {"query": "repo:acme/core fails"}), ("get_me", {}),
)  # fmt: skip


@functools.cache
def recorded() -> tuple[Interaction, ...]:
    """Every path as a world answers it that nobody writes to."""
    world = world_from_data(WORLD, CONNECTORS)
    found = []
    for path in PATHS:
        place, _, query = path.partition("?")
        pairs = dict(pair.split("=") for pair in query.split("&")) if query else {}
        reply, outcome = answer_request(world, "GET", place, pairs)
        assert not outcome.not_simulated, path
        if not reply.incomplete:
            found.append(read(path, json.loads(reply.data), reply.status, **reply.headers))
    return tuple(found)


def answers(interactions: tuple[Interaction, ...]) -> dict[str, str]:
    """What each tool and each recorded request answers in World 0."""
    world = world_zero(interactions)
    told = {}
    for tool, arguments in TOOLS:
        outcome = Desk(world).tool(tool, **arguments)
        told[f"{tool} {arguments}"] = _unordered(outcome.result.text) + outcome.incomplete
    for each in interactions[::3]:
        told[each.url] = Desk(world).bash(f"curl -s -w ' %{{http_code}}' '{each.url}'").result.text
    return told


def _unordered(text: str) -> str:
    """A list's records in one order: the service's is by fields that several records may share."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return json.dumps(_sorted(value), sort_keys=True)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(held) for name, held in value.items()}
    return sorted(map(_sorted, value), key=json.dumps) if isinstance(value, list) else value


@settings(deadline=None, max_examples=12, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.permutations(range(len(PATHS))), st.integers(min_value=2, max_value=len(PATHS)))
def test_any_order_of_merges_gives_the_same_answers(order: list[int], count: int) -> None:
    """Reads of one moment, any of them, in any order, tell of one world."""
    held = [recorded()[number] for number in order if number < len(recorded())][:count]
    by_url = tuple(sorted(held, key=lambda each: each.url))
    told, again = answers(tuple(held)), answers(by_url)
    assert {name: text for name, text in told.items() if again.get(name, text) != text} == {}


@pytest.mark.parametrize("number", range(len(PATHS)))
def test_a_recorded_read_is_answered_beside_all_others(number: int) -> None:
    """No other read hides what one has shown."""
    if number >= len(recorded()):
        pytest.skip("the world that was recorded does not hold so many")
    each = recorded()[number]
    text = Desk(world_zero(recorded())).bash(f"curl -s '{each.url}'").result.text
    assert json.loads(text) == each.json()
