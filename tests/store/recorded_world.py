"""World 0 over recorded interactions, and what each face answers in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from routine_harness.routine.spec import Environment
from routine_harness.store.interactions import Interaction
from routine_harness.store.seeding import recorded_layers
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.settled_reads import settle_reads
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall
from routine_harness.world.worldfile import complete_world, merge_data

CONNECTORS = {"github": CONNECTOR}
API = "https://api.github.com"
FULL = Environment("full")


def world_zero(
    interactions: Iterable[Interaction], *layers: Mapping[str, Any], at: int = 1_770_000_000
) -> World:
    """World 0 as a case seeds it: recorded reads, then ``layers`` on top."""
    world = World(clock=at)
    for layer in recorded_layers(interactions):
        world = merge_data(layer, CONNECTORS, world)
    world = settle_reads(world)
    for layer in layers:
        world = merge_data(layer, CONNECTORS, world)
    return complete_world(world, CONNECTORS)


def read(path: str, value: Any, status: int = 200, *, link: str = "", **headers: str) -> Interaction:
    """One recorded GET of GitHub's API."""
    body = value.encode() if isinstance(value, str) else msgspec.json.encode(value)
    given = {name: [text] for name, text in {**headers, **({"Link": link} if link else {})}.items()}
    return Interaction("GET", API + path, status, body, given)


class Desk:
    """One run's own tools and GitHub's over a world that moves along."""

    def __init__(self, world: World, repositories: tuple[str, ...] = ("acme/core",)) -> None:
        self.world = world
        self._own = OwnTools(CONNECTORS, repositories, FULL)

    def own(self, tool: str, **arguments: Any) -> Outcome:
        """The outcome of one of the agent's own tools."""
        outcome = self._own.call(self.world, ToolCall("", tool, arguments))
        assert outcome is not None
        self.world = outcome.world
        return outcome

    def bash(self, command: str) -> Outcome:
        return self.own("Bash", command=command)

    def fetch(self, url: str) -> Outcome:
        return self.own("WebFetch", url=url, prompt="what is there?")

    def tool(self, tool: str, **arguments: Any) -> Outcome:
        """The outcome of a tool of GitHub's MCP server in ``acme/core``."""
        given = {"owner": "acme", "repo": "core", **arguments}
        outcome = CONNECTOR.call(self.world, CONNECTOR.canonical(ToolCall("github", tool, given)))
        self.world = outcome.world
        return outcome
