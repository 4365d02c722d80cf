"""Words of a command line, expanded as far as reading can: quotes, variables, braces.

Works on tree-sitter-bash nodes; a command substitution is handed back to whoever reads commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.braces import Piece, expand_braces, join_pieces
from routine_harness.world.shell.masking import unmask

Variables = Mapping[str, str | None]
"""Name → value; ``None`` for a variable whose value only the run will tell."""

Substitute = Callable[[Any], str | None]
"""A node of a command or process substitution → its output, if reading tells it."""

_EXPANSIONS: Final = ("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion",
                      "process_substitution")  # fmt: skip
_ANSI: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f",
                "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?"}  # fmt: skip
_ANSI_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
_PLAIN_DEFAULT: Final = re.compile(r"\$\{(\w+)(:?[-=+])(.*)\}", re.DOTALL)
_SUFFIX: Final = re.compile(r"\$\{(\w+)(##?|%%?)(.*)\}", re.DOTALL)


def expand(node: Any, variables: Variables, substitute: Substitute) -> list[Word]:
    """The words that ``node`` becomes: usually one; none for an empty unquoted variable, several
    where one is split or a brace expression multiplies."""
    pieces = list(_pieces(node, variables, substitute, quoted=False))
    if node.type in ("word", "concatenation"):
        pieces = join_pieces(pieces)
    return [word for variant in expand_braces(pieces) for word in _split(variant)]


def text_of(node: Any) -> str:
    """The source of ``node``."""
    return unmask(node.text)


def value(node: Any, variables: Variables, substitute: Substitute) -> Word:
    """The one word that ``node`` becomes where no splitting happens: an assignment, a heredoc."""
    pieces = list(_pieces(node, variables, substitute, quoted=True))
    return Word("".join(piece.text for piece in pieces), all(piece.known for piece in pieces))


def inner(node: Any, variables: Variables, substitute: Substitute, start: int, end: int) -> Word:
    """The text between two offsets of ``node`` with its expansions, as between double quotes."""
    pieces = list(_between(node, variables, substitute, start, end))
    return Word("".join(piece.text for piece in pieces), all(piece.known for piece in pieces))


def _pieces(node: Any, variables: Variables, substitute: Substitute, *, quoted: bool) -> Iterator[Piece]:
    kind = node.type
    if kind == "raw_string":
        yield Piece(text_of(node)[1:-1], True, True)
    elif kind == "ansi_c_string":
        yield Piece(_ansi(text_of(node)[2:-1]), True, True)
    elif kind in ("string", "translated_string"):
        opening = 2 if kind == "translated_string" and text_of(node).startswith('$"') else 1
        if kind == "translated_string" and node.children and node.children[-1].type == "string":
            yield from _pieces(node.children[-1], variables, substitute, quoted=True)
            return
        closing = node.end_byte - (1 if node.text.endswith(b'"') and len(node.text) > opening else 0)
        yield Piece("", True, True)
        yield from _between(node, variables, substitute, node.start_byte + opening, closing)
    elif kind == "concatenation":
        yield from _concatenated(node, variables, substitute, quoted=quoted)
    elif kind in _EXPANSIONS:
        found = _expansion(node, variables, substitute)
        yield Piece(text_of(node) if found is None else found, found is not None, quoted)
    elif kind == "command_name" and node.children:
        for child in node.children:
            yield from _pieces(child, variables, substitute, quoted=quoted)
    elif kind == "array":
        yield Piece(text_of(node), False, quoted)
    else:
        yield from _escapes(text_of(node))


def _concatenated(
    node: Any, variables: Variables, substitute: Substitute, *, quoted: bool
) -> Iterator[Piece]:
    offset = node.start_byte
    for child in node.children:
        if child.start_byte > offset:  # the grammar leaves some characters without a node
            yield Piece(_slice(node, offset, child.start_byte), True, False)
        yield from _pieces(child, variables, substitute, quoted=quoted)
        offset = child.end_byte


def _between(
    node: Any, variables: Variables, substitute: Substitute, start: int, end: int
) -> Iterator[Piece]:
    for child in node.children:
        if child.type not in _EXPANSIONS or child.start_byte < start or child.end_byte > end:
            continue
        yield Piece(_unescape_double(_slice(node, start, child.start_byte)), True, True)
        found = _expansion(child, variables, substitute)
        yield Piece(text_of(child) if found is None else found, found is not None, True)
        start = child.end_byte
    yield Piece(_unescape_double(_slice(node, start, end)), True, True)


def _slice(node: Any, start: int, end: int) -> str:
    source: bytes = node.text
    return unmask(source[start - node.start_byte : end - node.start_byte])


def _expansion(node: Any, variables: Variables, substitute: Substitute) -> str | None:
    if node.type in ("command_substitution", "process_substitution"):
        output = substitute(node)
        return None if output is None or node.type == "process_substitution" else output.rstrip("\n")
    if node.type == "simple_expansion":
        return variables.get(text_of(node)[1:])
    for child in node.children:  # commands hidden in ${x:-$(…)} and $(( … )) run too
        if child.type in ("command_substitution", "process_substitution"):
            substitute(child)
    return (
        None
        if node.type == "arithmetic_expansion"
        else _parameter(text_of(node), node, variables, substitute)
    )


def _parameter(text: str, node: Any, variables: Variables, substitute: Substitute) -> str | None:
    name = text[2:-1]
    if name in variables:
        return variables[name]
    if default := _PLAIN_DEFAULT.fullmatch(text):
        held, operator = variables.get(default[1]), default[2]
        if default[1] not in variables:
            return None
        if operator.endswith("+"):
            return _operand(node, variables, substitute) if held else "" if held == "" else None
        return held if held or held is None else _operand(node, variables, substitute)
    if trimmed := _SUFFIX.fullmatch(text):
        held, pattern = variables.get(trimmed[1]), trimmed[3]
        if held is None or re.search(r"[*?\[$`]", pattern):
            return None
        return held.removeprefix(pattern) if trimmed[2][0] == "#" else held.removesuffix(pattern)
    return None


def _operand(node: Any, variables: Variables, substitute: Substitute) -> str | None:
    named = [child for child in node.children if child.is_named]
    if len(named) < 2:
        return ""
    word = value(named[1], variables, substitute)
    return word.text if word.known and len(named) == 2 else None


def _escapes(text: str) -> Iterator[Piece]:
    """An unquoted run: a backslash quotes the character after it."""
    start = 0
    while (at := text.find("\\", start)) >= 0 and at + 1 < len(text):
        if at > start:
            yield Piece(text[start:at], True, False)
        if text[at + 1] != "\n":
            yield Piece(text[at + 1], True, True)
        start = at + 2
    if start < len(text) or not text:
        yield Piece(text[start:], True, False)


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
            return chr(number) if number < 0x110000 else "\ufffd"
        return chr(int(found[4], 8)) if found[4] else _ANSI.get(found[5], found[0])

    return _ANSI_ESCAPE.sub(character, text)


def _split(pieces: list[Piece]) -> list[Word]:
    """Word splitting on the unquoted values of variables; unknown ones mark the word."""
    if all(piece.quoted or not piece.known or not _has_space(piece.text) for piece in pieces):
        text = "".join(piece.text for piece in pieces)
        known = all(piece.known for piece in pieces)
        if not text and known and not any(piece.quoted for piece in pieces):
            return []
        return [Word(text, known, any(not piece.known and not piece.quoted for piece in pieces))]
    words, fresh = [Word("")], False
    started = False
    for piece in pieces:
        parts = [piece.text] if piece.quoted or not piece.known else re.split(r"[ \t\n]+", piece.text)
        for number, part in enumerate(parts):
            if number:
                fresh = True
            if not part and not piece.quoted:
                continue
            if fresh and started:
                words.append(Word(""))
            last = words[-1]
            words[-1] = Word(
                last.text + part, last.known and piece.known, last.split or not (piece.known or piece.quoted)
            )
            fresh, started = False, True
    return words if started else []


def _has_space(text: str) -> bool:
    return any(character in " \t\n" for character in text)
