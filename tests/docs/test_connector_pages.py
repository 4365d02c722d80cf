"""The pages of connectors say what the code does."""

from __future__ import annotations

from pathlib import Path

from routine_harness.report.connector_pages import connector_pages
from routine_harness.world.registry import MODELLED, Registry


def test_pages_are_what_the_code_gives(project: Path) -> None:
    """The committed pages are those that the generator writes now."""
    folder = project / "docs" / "connectors"
    committed = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.md"))}
    assert committed == connector_pages(), "run: python docs/write_connectors.py"


def test_every_tool_stands_on_its_page() -> None:
    """Each connector's page names all its tools, with access and effects, and what it leaves out."""
    pages = connector_pages()
    for name in MODELLED:
        connector = Registry().get(name)
        assert connector is not None
        for tool in connector.tools.values():
            assert (f"| `{tool.name}` |" in pages[f"{name}.md"]) is tool.offered
        assert "## What is not modelled\n\n- " in pages[f"{name}.md"]
    assert "| `save_issue` | write | `ticket.created`, `ticket.updated` |" in pages["linear.md"]


def test_a_tool_has_the_effects_that_its_arguments_can_ask_for() -> None:
    """The tool for a title closes nothing, and the tool that merges cannot delete the branch."""
    rows = {line.split("`")[1]: line for line in connector_pages()["github.md"].splitlines() if "| `" in line}
    assert "branch.deleted" not in rows["merge_pull_request"]
    assert "pull_request.closed" not in rows["update_pull_request_title"]
    assert "pull_request.closed" in rows["update_pull_request"]
