"""The reference pages of what users' own Python meets."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.agents.protocol import AgentSession
from routine_harness.agents.scripted import Handle
from routine_harness.cli.live_options import read_model
from routine_harness.report.interfaces import interface_page
from routine_harness.serve.modes import ModelProblem, Script
from routine_harness.world.tool import ToolResult


class _Bare:
    """Has a member that nobody describes."""

    def told(self) -> str: ...


def headings(page: str) -> list[str]:
    return [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")]


def test_a_page_shows_every_member_as_it_is_written() -> None:
    """Properties with their types, methods with their arguments, in the order of the class."""
    page = interface_page("The scripted agent", "About.", (AgentSession, ToolResult))
    assert "`call(tool: str, /, **arguments: Any) -> ToolResult`" in headings(page)
    assert "`prompt: str`" in headings(page)
    assert "- raises ValueError: the text is not JSON." in page
    assert "``" not in page


def test_what_a_script_is_handed_is_what_the_page_says() -> None:
    """Every public member of the session that a script gets stands on the page, and no other."""
    handed = {name for name in vars(Handle) if not name.startswith("_")}
    page = interface_page("", "", (AgentSession,))
    assert {heading.strip("`").partition("(")[0].partition(":")[0] for heading in headings(page)} == handed


def test_a_member_without_a_docstring_is_an_error() -> None:
    """A page with a hole is not written."""
    with pytest.raises(ValueError, match=r"_Bare\.told has no docstring"):
        interface_page("", "", (_Bare,))


def test_a_model_script_keeps_its_contract(tmp_path: Path) -> None:
    """Loaded afresh for each run, a text or blocks for a turn, and anything else a problem of its own."""
    assert "function(messages: list[dict[str, Any]], /)" in interface_page("", "", (Script,))
    (tmp_path / "model.py").write_text(
        "seen = []\n\ndef turns(messages):\n    seen.append(1)\n"
        "    return str(len(seen)) if len(messages) == 1 else None\n"
    )
    play = read_model(f"{tmp_path / 'model.py'}::turns", None)
    assert play is not None
    asked = {"messages": [{"role": "user", "content": "go"}]}
    first, second = play(1), play(2)
    said = [mode.turn(asked).content[0]["text"] for mode in (first, first, second)]  # type: ignore[union-attr]
    assert said == ["1", "2", "1"]
    with pytest.raises(ModelProblem) as caught:
        second.turn({"messages": [*asked["messages"], {"role": "assistant", "content": "1"}]})  # type: ignore[union-attr]
    assert caught.value.code == "agent.raised"
