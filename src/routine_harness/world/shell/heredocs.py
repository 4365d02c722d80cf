"""Heredocs taken out of a script, so that what follows ``<<EOF`` on its line is parsed as written.

The grammar reads a heredoc with a rest of line (``cat <<EOF | bash``) in shapes of its own, some of
them wrong; as input from a file the same script reads plainly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from routine_harness.world.shell.parser import unmask

MAX_PASSES: Final = 12

Parse = Callable[[bytes], Any]


class Heredoc(NamedTuple):
    """The text between the marks; ``expands`` where its variables are replaced."""

    body: str
    expands: bool


def mark(number: int) -> str:
    """The word that stands for heredoc ``number``."""
    return f"__routine_harness_heredoc_{number}__"


def take_heredocs(script: bytes, parse: Parse, held: dict[str, Heredoc]) -> tuple[Any, bytes]:
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


def _starts(root: Any) -> list[Any]:
    """The heredoc redirections of the tree, outermost only, in order."""
    found, pending = [], [root]
    while pending:
        node = pending.pop()
        if node.type == "heredoc_redirect":
            found.append(node)
            continue
        pending.extend(reversed(node.children))
    return found


def _edits(script: bytes, nodes: list[Any], held: dict[str, Heredoc]) -> list[tuple[int, int, bytes]]:
    edits: list[tuple[int, int, bytes]] = []
    taken = 0
    for node in nodes:
        start = next((child for child in node.children if child.type == "heredoc_start"), None)
        if start is None or node.start_byte < taken:
            continue
        operator = node.children[1] if node.children[0].type == "file_descriptor" else node.children[0]
        delimiter: bytes = start.text
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
    """The body that starts at ``start`` and the offset behind its closing mark; without one the
    rest of the script is the body, as it is to bash."""
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
