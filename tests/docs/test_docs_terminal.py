"""The terminal examples of the documentation on a pseudo-terminal: there alone a bar would be seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_support import BLOCK, commands, environment_of, pages, prepare, run, write
from terminal_support import mixed, on_terminal


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_no_line_holds_a_bar_and_text(page: Path, tmp_path: Path) -> None:
    """Every command of ours is run on a terminal of 80 columns, the others as they are in the page's test."""
    prepare(tmp_path)
    wrong: list[tuple[str, list[str]]] = []
    for kind, title, body in BLOCK.findall(page.read_text("utf-8")):
        if title:
            write(tmp_path, title, body)
        for command, _ in commands(body) if kind == "console" and not title else ():
            if not command.startswith("routine-harness "):
                run(command, tmp_path)
                continue
            environment = environment_of(tmp_path)
            _, raw = on_terminal(["bash", "-c", command], tmp_path, environment=environment)
            if found := mixed(raw):
                wrong.append((command, found))
    assert wrong == []
