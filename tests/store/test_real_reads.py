"""Every read that the real recordings hold is answered as it was, by the world or by itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from recorded_world import Desk, world_zero

from routine_harness.interop.cassettes import import_recording
from routine_harness.store.interactions import Interaction, header, server_of
from routine_harness.world.github.connector import answer_request
from routine_harness.world.github.records.record_parts import payload_data
from routine_harness.world.github.settled_reads import holds

GITHUB = "api.github.com"


def recordings(folder: Path) -> Iterator[tuple[str, tuple[Interaction, ...]]]:
    """The real recordings of every tool, by name."""
    for path in sorted([*folder.glob("cassettes/*/*"), *folder.glob("github-rest/**/*.json")]):
        if path.suffix in (".json", ".yaml", ".yml"):
            yield path.name, import_recording(path.read_bytes(), path.name).interactions


def first_reads(interactions: tuple[Interaction, ...]) -> dict[tuple[str, bool], Interaction]:
    """The first answer to each GET of GitHub, a diff apart from the record; 304 says nothing of its own."""
    found: dict[tuple[str, bool], Interaction] = {}
    for each in interactions:
        if each.method == "GET" and server_of(each.url) == GITHUB and each.status != 304:
            found.setdefault((each.url, "diff" in header(each.request_headers, "accept")), each)
    return found


def verdict_on(each: Interaction, interactions: tuple[Interaction, ...]) -> str:
    """How a fresh World 0 answers a recorded read."""
    parts, accept = urlsplit(each.url), header(each.request_headers, "accept")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    reply, outcome = answer_request(world_zero(interactions), "GET", parts.path, query, None, accept)
    if outcome.incomplete or outcome.not_simulated:
        return "lost"
    recorded = each.json() if each.plain else None
    if reply.data == each.plain or reply.value == recorded:
        return "equal"
    return (
        "compatible" if reply.status == each.status and holds(recorded, json.loads(reply.data)) else "wrong"
    )


def test_every_recorded_read_is_answered_as_it_was(shared_data: Path) -> None:
    """None is lost, and none is answered otherwise, save one address that a write between has changed."""
    counts: Counter[str] = Counter()
    wrong = []
    for name, interactions in recordings(shared_data):
        for each in first_reads(interactions).values():
            verdict = verdict_on(each, interactions)
            counts[verdict] += 1
            wrong += [(name, each.url)] if verdict in ("wrong", "lost") else []
    assert wrong == [("Repository_create_release.json", "https://api.github.com/repositories/6895566")]
    assert counts["equal"] + counts["compatible"] > 100


@pytest.mark.parametrize("number", range(13))
def test_reads_hold_beside_the_delivery_of_the_same_run(shared_data: Path, number: int) -> None:
    """A webhook's payload on top says what it says, and loses nothing that was recorded."""
    delivery = json.loads((shared_data / "webhooks" / "mergify.jsonl").read_text().splitlines()[number])
    path = shared_data / "cassettes" / "vcr-mergify" / f"{delivery['cassette'].replace('/', '.')}.yaml"
    interactions = import_recording(path.read_bytes(), path.name).interactions
    world = world_zero(interactions, payload_data(delivery["payload"]))
    for each in first_reads(interactions).values():
        desk = Desk(world)
        outcome = desk.bash(f"curl -sS '{each.url}'")
        assert not outcome.incomplete, each.url
        assert not outcome.not_simulated, each.url
        assert outcome.result.text, each.url
