"""``world/shell`` is the only room that takes a command apart."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).parents[3] / "src" / "routine_harness"
READER = SOURCES / "world" / "shell"
GRAMMARS = ("tree_sitter", "tree_sitter_bash", "bashlex")
SPLITTING = ("split", "shlex")
SEARCHES = SOURCES / "world" / "github" / "query.py"
"""Splits the words of a search of GitHub's, which quotes as a shell does."""


def takes_apart(tree: ast.AST) -> Iterator[str]:
    """What a module uses to read a shell's words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in GRAMMARS)
        elif isinstance(node, ast.ImportFrom):
            room = (node.module or "").partition(".")[0]
            yield from (each.name for each in node.names if room in GRAMMARS)
            yield from (each.name for each in node.names if room == "shlex" and each.name in SPLITTING)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "shlex":
            yield from (name for name in SPLITTING if name == node.attr)


def test_no_other_room_splits_a_command() -> None:
    """Neither by a grammar nor by the standard library's splitter."""
    modules = [path for path in SOURCES.rglob("*.py") if READER not in path.parents and path != SEARCHES]
    found = {
        path.relative_to(SOURCES).as_posix(): used
        for path in modules
        if any(word in (text := path.read_text()) for word in (*GRAMMARS, "shlex"))
        and (used := list(takes_apart(ast.parse(text))))
    }
    assert found == {}
