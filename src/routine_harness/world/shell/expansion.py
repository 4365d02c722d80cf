"""Words of a command line, expanded as far as reading can: quotes, variables, arrays, braces.

Works on nodes of the syntax tree. The caller reads command substitutions. What is not known becomes a hole of
the word (``holes``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tree_sitter import Node

from routine_harness.world.holes import fasten, hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.parameters import ARRAY, Array, Variables, array_words, calculate, parameter
from routine_harness.world.shell.pieces import (
    BLANKS,
    Piece,
    expand_braces,
    join_pieces,
    joined_text,
    split_word,
    unquoted_pieces,
)
from routine_harness.world.shell.syntax import parse, source_of, unmask

Substitute = Callable[[Node], str | None]
"""A node of a command or process substitution → its output, if reading tells it."""


class Names(NamedTuple):
    """What the words of a command are made of: the names in force, and who reads substitutions."""

    variables: Variables
    arrays: Mapping[str, Array]
    substitute: Substitute


_EXPANSIONS: Final = ("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion",
                      "process_substitution")  # fmt: skip
_ANSI: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f",
                "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?"}  # fmt: skip
_ANSI_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)


def groups(nodes: Sequence[Node]) -> list[list[Node]]:
    """Nodes that stand together without a blank, as one word each: the grammar parts some
    (``repos/$O/$R/pulls``, a line continued inside a word)."""
    found: list[list[Node]] = []
    for node in nodes:
        if found and _between_nodes(found[-1][-1], node) == b"":
            found[-1].append(node)
        else:
            found.append([node])
    return [_repaired(group) if len(group) > 1 else group for group in found]


def _between_nodes(before: Node, node: Node) -> bytes | None:
    """What stands between two nodes of one parent, save for continued lines."""
    if before.end_byte == node.start_byte:
        return b""
    gap, parent = node.start_byte - before.end_byte, before.parent
    if gap < 2 or gap % 2 or gap > 64 or parent is None:
        return None
    if not parent.start_byte <= before.end_byte <= node.start_byte <= parent.end_byte:
        return None
    between = source_of(parent)[before.end_byte - parent.start_byte : node.start_byte - parent.start_byte]
    return between.replace(b"\\\n", b"")


_PLAIN_NAME: Final = re.compile(
    rb"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.|\$\{[^}]*\}|(?P<sign>\$)(?P<name>[A-Za-z_]\w*|\d)""", re.DOTALL
)


def _repaired(group: list[Node]) -> list[Node]:
    """The nodes of a word that the grammar broke at a ``$``, parsed with braces around its names."""
    if not any(source_of(node).endswith(b"$") for node in group):
        return group
    source = b"".join(map(source_of, group))
    braced = _PLAIN_NAME.sub(lambda found: b"${%s}" % found["name"] if found["sign"] else found[0], source)
    if group[0].type == "variable_assignment":
        return list(parse(braced).children)
    command = parse(b"x " + braced)
    nodes = command.children[0].children[1:] if command.children else []
    return list(nodes) or group


def expand(nodes: Sequence[Node], names: Names) -> list[Word]:
    """The words that neighbouring ``nodes`` become: usually one; none for an empty unquoted variable,
    several where one is split or a brace expression multiplies."""
    blanks = names.variables.get("IFS")
    blanks = BLANKS if blanks is None else blanks
    if len(nodes) == 1 and (listed := _listed(nodes[0], names, blanks)) is not None:
        return listed
    pieces = join_pieces([piece for node in nodes for piece in _pieces(node, names, quoted=False)])
    return [word for variant in expand_braces(pieces) for word in split_word(variant, blanks)]


def text_of(node: Node) -> str:
    """The source of ``node``."""
    return unmask(source_of(node))


def value(nodes: Sequence[Node], names: Names) -> str:
    """The one text that ``nodes`` become where no splitting happens: an assignment, a heredoc."""
    return joined_text(piece for node in nodes for piece in _pieces(node, names, quoted=True))


def inner(node: Node, names: Names, start: int, end: int) -> str:
    """The text between two offsets of ``node`` with its expansions, as between double quotes."""
    return joined_text(_between(node, names, start, end))


def _listed(node: Node, names: Names, blanks: str) -> list[Word] | None:
    """The words of an array or of the positional words, where ``node`` is nothing else."""
    while node.type == "command_name" and len(node.children) == 1:
        node = node.children[0]
    text = text_of(node)
    quoted = text[:1] == '"'
    found = ARRAY.fullmatch(text[1:-1] if quoted and node.type == "string" else text)
    if found is None or (quoted and node.type != "string"):
        return None
    words = array_words(found, names.variables, names.arrays)
    if words is None:
        return None
    if quoted and "*" in (found["of"], found["at"]):
        return [Word((blanks[:1]).join(words))]
    if quoted:
        return [Word(fasten(word, loose=False)) for word in words]
    pieces = [[Piece(fasten(word, loose=True), quoted=False, splits=True)] for word in words]
    return [word for one in pieces for word in split_word(one, blanks)]


def _pieces(node: Node, names: Names, *, quoted: bool) -> Iterator[Piece]:
    kind = node.type
    if kind == "raw_string":
        yield Piece(text_of(node)[1:-1], quoted=True)
    elif kind == "ansi_c_string":
        yield Piece(_ansi(text_of(node)[2:-1]), quoted=True)
    elif kind in ("string", "translated_string"):
        yield from _string(node, names)
    elif kind == "concatenation":
        yield from _concatenated(node, names, quoted=quoted)
    elif kind in _EXPANSIONS:
        found = _expansion(node, names)
        text = hole(text_of(node), loose=not quoted) if found is None else fasten(found, loose=not quoted)
        yield Piece(text, quoted=quoted, splits=not quoted)
    elif kind == "command_name" and node.children:
        yield from _concatenated(node, names, quoted=quoted)
    elif kind == "array":
        yield Piece(hole(text_of(node), loose=not quoted), quoted=quoted)
    else:
        yield from unquoted_pieces(text_of(node))


def _string(node: Node, names: Names) -> Iterator[Piece]:
    if node.type == "translated_string" and node.children and node.children[-1].type == "string":
        node = node.children[-1]
    opening = 2 if text_of(node).startswith('$"') else 1
    source = source_of(node)
    closing = node.end_byte - (1 if source.endswith(b'"') and len(source) > opening else 0)
    yield Piece("", quoted=True)
    yield from _between(node, names, node.start_byte + opening, closing)


def _concatenated(node: Node, names: Names, *, quoted: bool) -> Iterator[Piece]:
    offset = node.start_byte
    for child in node.children:
        if child.start_byte > offset:  # the grammar leaves some characters without a node
            yield from unquoted_pieces(_slice(node, offset, child.start_byte))
        yield from _pieces(child, names, quoted=quoted)
        offset = child.end_byte


def _between(node: Node, names: Names, start: int, end: int) -> Iterator[Piece]:
    for child in node.children:
        if child.type not in _EXPANSIONS or child.start_byte < start or child.end_byte > end:
            continue
        yield Piece(_unescape_double(_slice(node, start, child.start_byte)), quoted=True)
        found = _expansion(child, names)
        text = hole(text_of(child)) if found is None else fasten(found, loose=False)
        yield Piece(text, quoted=True)
        start = child.end_byte
    yield Piece(_unescape_double(_slice(node, start, end)), quoted=True)


def _slice(node: Node, start: int, end: int) -> str:
    source = source_of(node)
    return unmask(source[start - node.start_byte : end - node.start_byte])


def _expansion(node: Node, names: Names) -> str | None:
    if node.type == "command_substitution":
        output = names.substitute(node)
        return None if output is None else output.rstrip("\n")  # as POSIX says of $(…)
    if node.type == "process_substitution":
        return names.substitute(node)
    if node.type == "simple_expansion":
        return _simple(text_of(node)[1:], names)
    if node.type == "arithmetic_expansion":
        _substitute_within(node, names)
        return calculate(text_of(node).removeprefix("$((").removesuffix("))"), names.variables)
    asked: list[str | None] = []

    def operand() -> str | None:
        asked.append(_operand(node, names))
        return asked[-1]

    found = parameter(text_of(node), names.variables, names.arrays, operand)
    if not asked:
        _substitute_within(node, names)
    return found


def _substitute_within(node: Node, names: Names) -> None:
    """Read the commands hidden in ``${x:-$(…)}`` and ``$(( … ))``: they may run, too."""
    for child in node.children:
        if child.type in ("command_substitution", "process_substitution"):
            names.substitute(child)
        elif child.children:
            _substitute_within(child, names)


def _simple(name: str, names: Names) -> str | None:
    if name in names.variables:
        return names.variables[name]
    listed = names.arrays.get("@" if name == "*" else name)
    if not listed:
        return None
    return " ".join(listed) if name in ("@", "*") else listed[0]


def _operand(node: Node, names: Names) -> str | None:
    named = [child for child in node.children if child.is_named]
    return "" if len(named) < 2 else value(named[1:], names)


def _unescape_double(text: str) -> str:
    return (
        re.sub(r'\\([$`"\\\n])', lambda found: "" if found[1] == "\n" else found[1], text)
        if "\\" in text
        else text
    )


def _ansi(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        if code:
            number = int(code, 16)
            return chr(number) if number < 0x100000 else "\ufffd"
        return chr(int(found[4], 8)) if found[4] else _ANSI.get(found[5], found[0])

    return _ANSI_ESCAPE.sub(character, text)
