"""A delivery and the cassette of the same run give a world that can be read and written to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness.store.cassettes import load_cassette
from routine_harness.store.seeding import recorded_layers
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.records.record_parts import payload_data
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall
from routine_harness.world.worldfile import complete_world, merge_data

CONNECTORS = {"github": CONNECTOR}


def seeded(shared_data: Path, delivery: dict[str, Any]) -> World:
    """World 0 of a delivery over what its cassette recorded."""
    name = delivery["cassette"].replace("/", ".")
    world = World(clock=1_610_000_000)
    for layer in recorded_layers(load_cassette(shared_data / "cassettes" / "vcr-mergify" / f"{name}.yaml")):
        world = merge_data(layer, CONNECTORS, world)
    world = merge_data(payload_data(delivery["payload"]), CONNECTORS, world)
    return complete_world(world, CONNECTORS)


@pytest.mark.parametrize("number", range(13))
def test_a_recorded_pull_request_can_be_read_and_written_to(shared_data: Path, number: int) -> None:
    """Title and diff are read through the tools; a comment, a review and a merge are applied."""
    lines = (shared_data / "webhooks" / "mergify.jsonl").read_text().splitlines()
    delivery = json.loads(lines[number])
    pull = delivery["payload"]["pull_request"]
    owner, _, name = pull["base"]["repo"]["full_name"].partition("/")
    world = seeded(shared_data, delivery)
    where = {"owner": owner, "repo": name}

    def call(tool: str, **arguments: Any) -> Any:
        nonlocal world
        outcome = CONNECTOR.call(world, ToolCall("github", tool, {**where, **arguments}))
        assert not outcome.result.is_error, f"{tool}: {outcome.result.text}"
        world = outcome.world
        return outcome

    read = call("pull_request_read", method="get", pullNumber=pull["number"])
    assert pull["title"] in read.result.text
    assert call("add_issue_comment", issue_number=pull["number"], body="seen").effects
    review = {"method": "create", "pullNumber": pull["number"], "event": "COMMENT", "body": "fine"}
    assert call("pull_request_review_write", **review).effects
    if pull["state"] != "open":
        return
    if pull.get("draft"):
        call("update_pull_request", pullNumber=pull["number"], draft=False)
    merged = call("merge_pull_request", pullNumber=pull["number"])
    assert [effect.kind for effect in merged.effects] == ["pull_request.merged"]
    record = world.get("github.pulls", (f"{owner}/{name}", pull["number"]))
    assert record is not None
    assert record["merged"] is True
