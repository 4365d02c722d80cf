"""The pages of connectors say what the code does."""

from __future__ import annotations

from pathlib import Path

from jsonschema import Draft202012Validator

from routine_harness.report.connector_pages import connector_pages
from routine_harness.routine.document import load_document
from routine_harness.routine.schema import parse_schema
from routine_harness.world.registry import SIMULATED, Registry


def test_pages_are_what_the_code_gives(project: Path) -> None:
    """The committed pages are those that the generator writes now."""
    folder = project / "docs" / "connectors"
    committed = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.md"))}
    assert committed == connector_pages(), "run: python docs/write_connectors.py"


def test_every_tool_stands_on_its_page() -> None:
    """Each connector's page names all its tools, with access and effects, and what it leaves out."""
    pages = connector_pages()
    for name in SIMULATED:
        connector = Registry().get(name)
        assert connector is not None
        for tool in connector.tools.values():
            assert (f"| `{tool.name}` |" in pages[f"{name}.md"]) is tool.offered
        assert "## What is not simulated\n\n- " in pages[f"{name}.md"]
    assert "| `save_issue` | write: `ticket.created`, `ticket.updated` |" in pages["linear.md"]


def test_a_tool_has_the_effects_that_its_arguments_can_ask_for() -> None:
    """The tool for a title closes nothing, and the tool that merges cannot delete the branch."""
    rows = {line.split("`")[1]: line for line in connector_pages()["github.md"].splitlines() if "| `" in line}
    assert "branch.deleted" not in rows["merge_pull_request"]
    assert "pull_request.closed" not in rows["update_pull_request_title"]
    assert "pull_request.closed" in rows["update_pull_request"]


def test_the_schema_of_a_world_lists_every_column() -> None:
    """The shipped schema has each column of each table, as its page has, and allows no other."""
    schema = parse_schema("world")
    validator = Draft202012Validator(schema)
    pages = connector_pages()
    for name in SIMULATED:
        columns = getattr(Registry().get(name), "columns", None)
        if columns is None:  # declared, and open to further columns
            continue
        for table, known in columns.by_table.items():
            assert list(schema["$defs"][f"{name}.{table}"]["properties"]) == list(
                dict.fromkeys([*known, *columns.nested.get(table, {})])
            )
            line = next(row for row in pages[f"{name}.md"].splitlines() if row.startswith(f"- `{table}`: "))
            assert all(f"`{column}`" in line for column in known)
            assert not validator.is_valid({name: {table: [{"no_such_column": 1}]}})
    pull = {"repository": "a/b", "number": 1, "comments": [{"user": "x", "body": "y"}], "head": {"ref": "f"}}
    assert validator.is_valid({"github": {"pulls": [{**pull, "diff_url": "https://x"}], "me": "bot"}})
    wrong = {"github": {"pulls": [{"comments": [{"bdy": "y"}]}]}}
    assert not validator.is_valid(wrong)


def test_the_schema_allows_the_worlds_of_the_examples(project: Path) -> None:
    """What the examples say is among the columns."""
    validator = Draft202012Validator(parse_schema("world"))
    worlds = sorted((project / "example_routines").glob("*/worlds/*.yaml"))
    assert worlds
    for path in worlds:
        value = load_document(path.read_bytes(), path.name).value
        assert [error.message for error in validator.iter_errors(value)] == []
