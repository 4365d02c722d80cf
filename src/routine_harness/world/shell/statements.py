"""The statements of a script, and whether it goes on after one that failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from routine_harness.world.shell.heredocs import take_heredocs
from routine_harness.world.shell.parser import mask, parser, unmask

if TYPE_CHECKING:
    from tree_sitter import Node

_STOPPING: Final = ("exit", "return", "false", "die")


def goes_on(script: str) -> str:
    """The line on which ``script`` begins, if it goes on after a statement that failed; else nothing.

    The last statement is none of those: the shell gives its exit status. ``set -e``, a trap on errors, and
    ``|| exit`` check the others.
    """
    root, _ = take_heredocs(mask(script), lambda text: parser().parse(text).root_node, {})
    statements = [node for node in root.named_children if node.type != "comment"]
    if _shebang_checks(script) or any(_checks(words) for words in _commands(root)):
        return ""
    if all(_ends_in_stop(node) for node in statements[:-1]):
        return ""
    row: int = statements[0].start_point[0]
    return script.split("\n")[row].strip()


def _shebang_checks(script: str) -> bool:
    first, _, _ = script.partition("\n")
    return first.startswith("#!") and any("e" in word for word in first.split()[1:] if word.startswith("-"))


def _checks(words: list[str]) -> bool:
    """Whether a command makes the shell stop at failures: ``set -euo pipefail``, ``trap … ERR``."""
    if words[0] == "trap":
        return "ERR" in words
    if words[0] != "set":
        return False
    flags = (word for word in words[1:] if word.startswith("-") and not word.startswith("--"))
    return "errexit" in words or any("e" in flag for flag in flags)


def _ends_in_stop(node: Node) -> bool:
    """Whether a statement is a list that ends in ``|| exit``, or in a group that somebody wrote for it."""
    if node.type != "list" or not any(child.type == "||" for child in node.children):
        return False
    last = node.named_children[-1]
    if last.type in ("compound_statement", "subshell"):
        return True
    words = next(_commands(last), [""])
    return words[0] in _STOPPING


def _commands(node: Node) -> Iterator[list[str]]:
    """The words of every simple command below ``node``, as they are written."""
    if node.type == "command":
        yield [(child.text or b"").decode(errors="replace") for child in node.named_children]
    for child in node.named_children:
        yield from _commands(child)


def last_words(script: str) -> tuple[str, ...]:
    """The words of the simple command that gives a script its exit status; of anything else its first word.

    An assignment before the command is its first word, as it is written.
    """
    root, _ = take_heredocs(mask(script), lambda text: parser().parse(text).root_node, {})
    statements = [node for node in root.named_children if node.type != "comment"]
    node = statements[-1] if statements else None
    while node is not None and node.type in ("list", "pipeline", "redirected_statement"):
        inner = node.named_children
        node = inner[0] if node.type == "redirected_statement" else inner[-1]
    if node is None:
        return ()
    if node.type != "command":
        return tuple(unmask(node.text or b"").split(maxsplit=1)[:1])
    return tuple(unmask(child.text or b"") for child in node.named_children)
