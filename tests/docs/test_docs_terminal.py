"""The terminal examples of the documentation on a pseudo-terminal: there alone a bar would be seen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from doc_pages import BLOCK, LIVE, commands, credential, environment_of, pages, prepare, run, write
from support.live_runs import needs_cli
from support.terminal import mixed, on_terminal


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_no_line_holds_a_bar_and_text(page: Path, tmp_path: Path) -> None:
    """Every command of ours is run on a terminal of 80 columns, the others as they are in the page's test."""
    if page.name in LIVE:
        needs_cli()
    with credential(page) as variables:
        assert with_a_bar(page, tmp_path, variables) == []


def with_a_bar(page: Path, folder: Path, variables: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """The commands of a page that print a bar and text in one line, with these lines."""
    prepare(folder)
    wrong: list[tuple[str, list[str]]] = []
    for kind, title, body in BLOCK.findall(page.read_text("utf-8")):
        if title:
            write(folder, title, body)
        for command, _ in commands(body) if kind == "console" and not title else ():
            if not command.startswith("routine-harness "):
                run(command, folder, variables)
                continue
            environment = {**environment_of(folder), **variables}
            _, raw = on_terminal(["bash", "-c", command], folder, environment=environment)
            if found := mixed(raw):
                wrong.append((command, found))
    return wrong
