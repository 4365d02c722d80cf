"""The table of GitHub's tools against the snapshots of the official server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness.world.arguments import check_arguments
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.kinds import KINDS
from routine_harness.world.notation import parse_parameters
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

COMPARED = ("type", "enum", "items", "minimum", "maximum", "default", "minLength", "maxLength", "minItems")
HINTS = ("readOnlyHint", "destructiveHint", "openWorldHint")
OFFERED = {name: tool for name, tool in CONNECTOR.tools.items() if tool.offered}


def snapshots(shared_data: Path) -> dict[str, Any]:
    files = sorted((shared_data / "tools" / "github").glob("*.json"))
    return {tool["name"]: tool for tool in (json.loads(file.read_text()) for file in files)}


def essence(schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema asks for, without its prose."""
    return {k: essence(v) if isinstance(v, dict) else v for k, v in schema.items() if k in COMPARED}


def test_all_tools_are_known(shared_data: Path) -> None:
    """The tools offered are exactly the 117 of the server, and the four that a cloud session adds."""
    added = {
        "enable_pr_auto_merge",
        "disable_pr_auto_merge",
        "subscribe_pr_activity",
        "unsubscribe_pr_activity",
    }
    assert len(snapshots(shared_data)) == 117
    assert set(snapshots(shared_data)) == set(OFFERED) - added
    assert added < set(OFFERED)


def test_schemas_are_the_servers(shared_data: Path) -> None:
    """Names, required arguments, types, enums, bounds and defaults agree for every argument of every tool."""
    for name, snapshot in snapshots(shared_data).items():
        theirs, ours = snapshot["inputSchema"], CONNECTOR.tools[name].input_schema
        assert sorted(theirs.get("required", [])) == sorted(ours.get("required", [])), name
        assert set(theirs["properties"]) == set(ours["properties"]), name
        for argument, schema in theirs["properties"].items():
            assert essence(schema) == essence(ours["properties"][argument]), (name, argument)


def test_reads_and_writes_are_the_servers(shared_data: Path) -> None:
    """Every tool is classified as its server hints; the hints themselves are passed on."""
    registry = Registry()
    for name, snapshot in snapshots(shared_data).items():
        hints = snapshot["annotations"]
        found = registry.access(ToolCall("github", name), hints)
        assert found.kind == ("read" if hints["readOnlyHint"] else "write"), name
        assert (found.ground, found.conflict) == ("curated", ""), name
        for hint in HINTS:
            assert CONNECTOR.tools[name].annotations.get(hint) == hints.get(hint), (name, hint)


def test_descriptions_are_our_own(shared_data: Path) -> None:
    """No description is a copy of the server's."""
    for name, snapshot in snapshots(shared_data).items():
        assert CONNECTOR.tools[name].description.rstrip(".") != snapshot["description"].rstrip("."), name
        assert CONNECTOR.tools[name].description


def test_every_write_has_an_effect() -> None:
    """Each writing tool has rules, none is a plain call; no read has any."""
    assert not [
        name
        for name, tool in CONNECTOR.tools.items()
        if tool.access == "write" and name not in CONNECTOR.rules
    ]
    assert not [name for name in CONNECTOR.rules if CONNECTOR.tools[name].access == "read"]


def test_effects_use_known_kinds_and_fields() -> None:
    """Every rule gives a kind of the closed list and fields that the kind may carry."""
    for tool, rules in CONNECTOR.rules.items():
        for rule in rules:
            fields = set(rule["fields"]) | set(rule.get("const", {}))
            assert fields <= set(KINDS[rule["kind"]]), (tool, rule["kind"])


def test_operations_of_rest_alone_are_nobodys_tool() -> None:
    """What the MCP server does not offer cannot be called by name, but has effects."""
    assert CONNECTOR.resolve("delete_branch") is None
    assert CONNECTOR.resolve("merge_pull_request") == "merge_pull_request"
    assert "delete_branch" in CONNECTOR.rules


@pytest.mark.parametrize(
    ("older", "arguments", "tool", "own"),
    [
        ("get_issue", {"issue_number": 3}, "issue_read", {"method": "get", "issue_number": 3}),
        (
            "get_pull_request_files",
            {"pull_number": 4},
            "pull_request_read",
            {"method": "get_files", "pullNumber": 4},
        ),
        ("update_issue", {"issue_number": "3"}, "issue_write", {"method": "update", "issue_number": 3}),
        ("search_issues", {"q": "x", "per_page": 5.0}, "search_issues", {"query": "x", "perPage": 5}),
        (
            "list_workflow_runs",
            {"workflow_id": "ci.yml"},
            "actions_list",
            {"method": "list_workflow_runs", "resource_id": "ci.yml"},
        ),
        ("get_file_contents", {"path": "a", "branch": "b"}, "get_file_contents", {"path": "a", "ref": "b"}),
        ("create_branch", {"branch": "b"}, "create_branch", {"branch": "b"}),
    ],
)
def test_older_names_are_understood(
    older: str, arguments: dict[str, Any], tool: str, own: dict[str, Any]
) -> None:
    """Tools and arguments of older servers become ours."""
    call = CONNECTOR.canonical(ToolCall("github", older, arguments))
    assert (call.tool, call.arguments) == (tool, own)


def test_every_tool_of_the_older_server_is_understood(shared_data: Path) -> None:
    """All names of the server that the official one replaced resolve, required arguments included."""
    listed = json.loads((shared_data / "tools" / "servers" / "server-github-legacy.tools.json").read_text())
    for tool in listed["tools"] if isinstance(listed, dict) else listed:
        assert CONNECTOR.resolve(tool["name"]), tool["name"]
        samples: dict[str, Any] = {"string": "x", "number": 1, "array": [], "boolean": True}
        given = {
            n: samples[tool["inputSchema"]["properties"][n]["type"]] for n in tool["inputSchema"]["required"]
        }
        call = CONNECTOR.canonical(
            ToolCall("github", tool["name"], given | ({"event": "COMMENT"} if "event" in given else {}))
        )
        faults = check_arguments(CONNECTOR.tools[call.tool].input_schema, call.arguments)
        assert faults == [], (tool["name"], faults)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"owner": "o", "repo": "r"}, "missing required parameter: method"),
        (
            {"method": "get", "owner": 3, "repo": "r", "issue_number": 1},
            "parameter owner is not of type string, is float64",
        ),
        ({"method": "fly", "owner": "o", "repo": "r", "issue_number": 1}, "unknown method: fly"),
        (
            {"method": "get", "owner": "o", "repo": "r", "issue_number": "x"},
            "parameter issue_number is not a valid number: expected number, got string",
        ),
    ],
)
def test_bad_arguments_are_refused_in_the_servers_words(arguments: dict[str, Any], text: str) -> None:
    """An argument that does not fit is an error result, never an exception."""
    outcome = CONNECTOR.call(World(), ToolCall("github", "issue_read", arguments))
    assert (outcome.result.text, outcome.result.is_error) == (text, True)


def test_the_notation_refuses_what_it_does_not_know() -> None:
    """A slip in the table is found when it is read."""
    with pytest.raises(ValueError, match="not a parameter"):
        parse_parameters("owner! repo", {})
    with pytest.raises(KeyError):
        parse_parameters("owner:nothing", {})


@pytest.mark.parametrize(("tool", "kind"), [("compare_commits", "read"), ("delete_branch", "write")])
def test_operations_of_rest_alone_are_classified(tool: str, kind: str) -> None:
    """What only requests and commands reach is read or write by the same table."""
    found = Registry().access(ToolCall("github", tool))
    assert (found.kind, found.ground) == (kind, "curated")
