"""The servers that a repository's own ``.mcp.json`` names are no connectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from routine_harness.agents.protocol import AgentSession
from routine_harness.case.result import CaseResult
from routine_harness.case.servers import own_servers
from routine_harness.harness import dry_run
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Grant, Repository, Routine, Source

OWN = json.dumps({"mcpServers": {"slack": {"command": "x"}, "github": {"command": "y"}}})
NOW = load_edition()
ONE = Routine(
    "r", "p", repositories=(Repository("acme/core"),), connectors=(Grant("slack"),),
    source=Source("routine.yaml", path="/nowhere/routine.yaml"),
)  # fmt: skip


def world(content: Any = OWN) -> dict[str, Any]:
    return {
        "github": {"repositories": [{"full_name": "acme/core", "files": {".mcp.json": content}}]},
        "slack": {"channels": [{"id": "C1", "name": "alerts"}]},
    }


def run(session: AgentSession) -> None:
    session.call("mcp__slack__slack_send_message", channel_id="C1", message="own")
    session.call("mcp__Slack__slack_send_message", channel_id="C1", message="connector")


def outcomes(result: CaseResult) -> list[tuple[str, str, str]]:
    assert result.pair is not None
    return [(each.connector, each.kind, each.outcome) for each in result.pair.first.effects]


def test_a_server_of_the_repository_posts_nothing_to_slack() -> None:
    """What the repository calls slack is answered by nobody; the connector beside it is."""
    result = dry_run(ONE, agent=run, world=world())
    assert outcomes(result) == [("", "tool.called", "refused"), ("slack", "message.posted", "applied")]
    assert "call.unexpected" in [finding.code for finding in result.findings]


def test_without_such_a_file_the_name_means_the_connector() -> None:
    """The same call posts where the repository brings no server of that name."""
    posted = ("slack", "message.posted", "applied")
    assert outcomes(dry_run(ONE, agent=run, world=world("{}"))) == [posted, posted]


@pytest.mark.parametrize(
    ("edition", "servers"),
    [("2026-04", {"slack", "wiki"}), ("2026-08", {"slack", "wiki"}), ("2026-10", set())],
)
def test_the_edition_says_whether_several_repositories_bring_servers(edition: str, servers: set[str]) -> None:
    """Since October only the one repository of a session has a say; before, each of them had."""
    two = Routine("r", "p", repositories=(Repository("acme/core"), Repository("acme/web")))
    row = {"repository": "acme/web", "path": ".mcp.json", "content": '{"mcpServers": {"wiki": {}}}'}
    assert own_servers(two, load_edition(edition), [world(), {"github": {"files": [row]}}]) == servers


def test_a_policys_override_of_the_edition_is_followed() -> None:
    """Whoever knows otherwise of the platform's rule writes it into the policy."""
    two = Routine("r", "p", repositories=(Repository("acme/core"), Repository("acme/web")))
    always = load_edition("2026-10", {"repository_settings": {"servers": "always"}})
    assert own_servers(two, always, [world()]) == {"slack"}


def test_a_call_to_a_server_of_one_of_two_repositories_by_edition(tmp_path: Path) -> None:
    """Under the rules of August the name is the repository's; in October the connector's."""
    two = msgspec.structs.replace(ONE, repositories=(Repository("acme/core"), Repository("acme/web")))
    own = ("", "tool.called", "refused")
    posted = ("slack", "message.posted", "applied")
    for edition, first in (("2026-08", own), ("2026-10", posted)):
        policy = tmp_path / edition / "policy.yaml"
        policy.parent.mkdir()
        policy.write_text(f"root: true\nplatform: {edition}\n")
        source = Source("routine.yaml", path=str(policy.with_name("routine.yaml")))
        routine = msgspec.structs.replace(two, source=source)
        assert outcomes(dry_run(routine, agent=run, world=world())) == [first, posted]


@pytest.mark.parametrize(
    ("content", "servers"),
    [
        (OWN, {"slack"}),  # the platform's own github keeps its name
        ("{}", set()),
        ("{", set()),
        ("[]", set()),
        ('{"mcpServers": []}', set()),
        ({"base64": "e30="}, set()),
        (None, set()),
    ],
)
def test_whatever_the_file_holds_is_a_list_of_names(content: Any, servers: set[str]) -> None:
    """A file that is no configuration names nobody, and the platform's own server is never one."""
    assert own_servers(ONE, NOW, [{"github": {}}, world(content)]) == servers


def test_the_highest_layer_counts() -> None:
    """A world above another says what the file holds, also as a row of the table of files."""
    row = {"repository": "ACME/core", "ref": "main", "path": ".mcp.json", "content": OWN}
    assert own_servers(ONE, NOW, [world("{}"), {"github": {"files": [row]}}]) == {"slack"}
    assert own_servers(ONE, NOW, [world(), world("{}")]) == frozenset()
