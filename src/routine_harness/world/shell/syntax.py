"""A script's syntax tree, with heredocs taken out and characters beyond ASCII masked.

The grammar's scanner looks characters up in a table of 256 and reads past its end for others, which
can end the process; and it takes blanks of other scripts for separators, which shells do not. It reads a
heredoc with a rest of line (``cat <<EOF | bash``) in shapes of its own, some of them wrong; as input from a
file the same script reads plainly.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import tree_sitter
import tree_sitter_bash
from tree_sitter import Node

_MARK: Final = "\u00fe"
_BEYOND: Final = re.compile(r"[^\x00-\x7f]")
_MASKED: Final = re.compile(_MARK + r"([0-9a-f]{6})")


@functools.cache
def parser() -> tree_sitter.Parser:
    """A parser of shell scripts."""
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def mask(text: str) -> bytes:
    """``text`` for the parser: every other character is a word of its own number."""
    if text.isascii():
        return text.encode()
    return _BEYOND.sub(lambda found: f"{_MARK}{ord(found[0]):06x}", text).encode()


def unmask(source: bytes) -> str:
    """What ``source``, a part of a masked script, stands for."""
    text = source.decode("utf-8", "replace")
    return text if text.isascii() else _MASKED.sub(lambda found: chr(int(found[1], 16)), text)


def source_of(node: Node) -> bytes:
    """The masked text of a node."""
    return node.text or b""


def parse(source: bytes) -> Node:
    """The root of the tree of ``source``, a masked script."""
    return parser().parse(source).root_node


MAX_PASSES: Final = 12


class Heredoc(NamedTuple):
    """The text between the marks; ``expands`` where its variables are replaced."""

    body: str
    expands: bool


def mark(number: int) -> str:
    """The word that stands for heredoc ``number``."""
    return f"__routine_harness_heredoc_{number}__"


def take_heredocs(script: bytes, held: dict[str, Heredoc]) -> tuple[Node, bytes]:
    """The tree of ``script`` without its heredocs, and that script; what was taken goes to ``held``."""
    root = parse(script)
    for _ in range(MAX_PASSES):
        if b"<<" not in script:
            break
        edits = _edits(script, _starts(root), held)
        if not edits:
            break
        script = _edited(script, edits)
        root = parse(script)
    return root, script


def _starts(root: Node) -> list[Node]:
    """The heredoc redirections of the tree, outermost only, in order."""
    found, pending = [], [root]
    while pending:
        node = pending.pop()
        if node.type == "heredoc_redirect":
            found.append(node)
            continue
        pending.extend(reversed(node.children))
    return found


def _edits(script: bytes, nodes: list[Node], held: dict[str, Heredoc]) -> list[tuple[int, int, bytes]]:
    edits: list[tuple[int, int, bytes]] = []
    taken = 0
    for node in nodes:
        start = next((child for child in node.children if child.type == "heredoc_start"), None)
        if start is None or node.start_byte < taken:
            continue
        operator = node.children[1] if node.children[0].type == "file_descriptor" else node.children[0]
        delimiter = source_of(start)
        plain = delimiter.replace(b"'", b"").replace(b'"', b"").replace(b"\\", b"")
        line_end = script.find(b"\n", start.end_byte)
        if line_end < 0:
            continue
        body, after = _body(script, line_end + 1, plain, tabs=operator.text == b"<<-")
        name = mark(len(held))
        held[name] = Heredoc(unmask(body), plain == delimiter)
        edits.append((operator.start_byte, start.end_byte, b"< " + name.encode()))
        edits.append((line_end + 1, after, b""))
        taken = after
    return edits


def _body(script: bytes, start: int, delimiter: bytes, *, tabs: bool) -> tuple[bytes, int]:
    """The body that starts at ``start`` and the offset behind its closing mark.

    Without a closing mark the rest of the script is the body: bash 5.2 warns, and takes it so.
    """
    lines: list[bytes] = []
    while start < len(script):
        end = script.find(b"\n", start)
        end = len(script) if end < 0 else end
        line = script[start:end].lstrip(b"\t") if tabs else script[start:end]
        if line == delimiter:
            return b"".join(part + b"\n" for part in lines), min(end + 1, len(script))
        lines.append(line)
        start = end + 1
    return b"".join(part + b"\n" for part in lines), len(script)


def _edited(script: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    parts, offset = [], 0
    for start, end, text in sorted(edits):
        parts += [script[offset:start], text]
        offset = max(offset, end)
    parts.append(script[offset:])
    return b"".join(parts)


_STOPPING: Final = ("exit", "return", "false", "die")


def goes_on(script: str) -> str:
    """The line on which ``script`` begins, if it goes on after a statement that failed; else nothing.

    The last statement is none of those: the shell gives its exit status. ``set -e``, a trap on errors, and
    ``|| exit`` check the others.
    """
    root, _ = take_heredocs(mask(script), {})
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
        yield [source_of(child).decode(errors="replace") for child in node.named_children]
    for child in node.named_children:
        yield from _commands(child)


def last_words(script: str) -> tuple[str, ...]:
    """The words of the simple command that gives a script its exit status; of anything else its first word.

    An assignment before the command is its first word, as it is written.
    """
    root, _ = take_heredocs(mask(script), {})
    statements = [node for node in root.named_children if node.type != "comment"]
    node = statements[-1] if statements else None
    while node is not None and node.type in ("list", "pipeline", "redirected_statement"):
        inner = node.named_children
        node = inner[0] if node.type == "redirected_statement" else inner[-1]
    if node is None:
        return ()
    if node.type != "command":
        return tuple(unmask(source_of(node)).split(maxsplit=1)[:1])
    return tuple(unmask(source_of(child)) for child in node.named_children)


def first_error(root: Node) -> str:
    """Where the text stops to be a script, in words."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            return f"line {node.start_point[0] + 1}: {unmask(source_of(node))[:60]!r}"
        pending.extend(child for child in reversed(node.children) if child.has_error or child.is_missing)
    return "some place"


def heredoc_body(body: str) -> Node | None:
    """The node of a heredoc's text, whose expansions are parsed; None where there is none."""
    pending = [parse(mask(f"cat <<__routine_harness_body__\n{body}__routine_harness_body__\n"))]
    while pending:
        node = pending.pop()
        if node.type == "heredoc_body":
            return node
        pending.extend(node.children)
    return None
