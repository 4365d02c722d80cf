"""The words that users read: one word has one meaning, and a sentence names its subject."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
INSTEAD = {
    r"whatever|whoever": "name the thing or the person",
    r"of which": "a sentence of its own, or 'whose'",
    r"(?:is|are|was) told": "who says it, or what it reads",
    r"(?:a|the|this|other|another|same|no) matters?": "problem",
    r"instants?": "time",
    r"modelled": "simulated; a model is the language model",
    r"befalls?|befell": "strikes",
    r"hangs? on": "depends on",
}
WORDS = re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in INSTEAD), re.IGNORECASE)
PAGES = sorted((PROJECT / "docs").rglob("*.md"))
MODULES = sorted((PROJECT / "src").rglob("*.py"))


def _docstrings(tree: ast.AST) -> set[int]:
    bodies = [
        node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    ]
    return {id(each.value) for body in bodies for each in body if isinstance(each, ast.Expr)}


def _texts(module: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each string of several words that is no docstring: messages, hints, help."""
    tree = ast.parse(module.read_text("utf-8"))
    docstrings = _docstrings(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        if isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


@pytest.mark.parametrize("page", [PROJECT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_a_page_has_none_of_these_words(page: Path) -> None:
    """Each has a plainer one in its place."""
    lines = enumerate(page.read_text("utf-8").splitlines(), 1)
    assert [f"{page.name}:{at}: {line}" for at, line in lines if WORDS.search(line)] == []


def test_no_message_has_one_of_these_words() -> None:
    """Messages, hints and help say it in the words of the pages."""
    found = [
        f"{module.relative_to(PROJECT)}:{at}: {text}"
        for module in MODULES
        for at, text in _texts(module)
        if WORDS.search(text)
    ]
    assert found == []


def test_the_words_are_found() -> None:
    """The search can fail."""
    assert WORDS.search("A file is read as it is, whatever its name.")
    assert WORDS.search("Modelled connectors are left out.")
    assert not WORDS.search("It says why it matters, and the model answers.")
