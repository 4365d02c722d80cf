"""Expressions of GitHub Actions as a tree, and as the alternatives that it allows."""

from __future__ import annotations

import itertools
import json
import re
from typing import Final, NamedTuple

from routine_harness.plain import Json, Record

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<path>[A-Za-z_][\w-]*(?:\.(?:\*|[A-Za-z_][\w-]*)|\['[^']*'\]|\[\d+\])*)"
    r"|(?P<operator>\|\||&&|==|!=|<=|>=|[<>!(),]))"
)
_WORDS: Final[Record] = {"true": True, "false": False, "null": None}
_DEEPEST: Final = 40
_WIDEST: Final = 256


class ParseError(ValueError):
    """A text is no expression that is known; says why."""


class Node(NamedTuple):
    """A part of an expression: ``kind`` is literal, list, path, call, compare, not, and, or.

    ``value`` is the literal, the path, or the name of the function or operator; ``text`` is as written.
    """

    kind: str
    value: Json
    parts: tuple[Node, ...] = ()
    text: str = ""


def parse_expression(text: str) -> Node:
    """The tree of ``text``, with or without ``${{ }}``.

    Raises:
        ParseError: it is no expression.
    """
    bare = text.replace("${{", " ").replace("}}", " ").strip()
    if not bare:
        raise ParseError("it is empty")
    parser = _Parser(bare)
    node = parser.either(0)
    if parser.peek():
        raise ParseError(f"{parser.peek()!r} stands where it ends")
    return node


def alternatives(node: Node, wanted: bool = True) -> list[list[tuple[Node, bool]]]:
    """The ways in which ``node`` holds: of each, the parts that hold (True) or do not (False).

    Raises:
        ParseError: there are too many of them.
    """
    if node.kind == "not":
        return alternatives(node.parts[0], not wanted)
    if node.kind not in ("and", "or"):
        return [[(node, wanted)]]
    inner = [alternatives(part, wanted) for part in node.parts]
    if (node.kind == "or") is wanted:
        return list(itertools.chain.from_iterable(inner))
    count = 1
    for each in inner:
        count *= len(each)
        if count > _WIDEST:
            raise ParseError("it has too many alternatives")
    return [list(itertools.chain.from_iterable(way)) for way in itertools.product(*inner)]


class _Parser:
    """Recursive descent over the tokens, in the order in which operators bind."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens: list[tuple[str, str, int, int]] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ParseError(f"{text[at : at + 20]!r} is no part of an expression")
            kind = str(found.lastgroup)
            self.tokens.append((kind, found[kind], found.start(kind), found.end()))
            at = found.end()
            at += len(text[at:]) - len(text[at:].lstrip())

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> tuple[str, str, int, int]:
        if self.at >= len(self.tokens):
            raise ParseError("it ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def since(self, first: int) -> str:
        return self.text[self.tokens[first][2] : self.tokens[self.at - 1][3]].strip()

    def either(self, depth: int) -> Node:
        return self._joined("||", "or", self._both, depth)

    def _both(self, depth: int) -> Node:
        return self._joined("&&", "and", self._compared, depth)

    def _joined(self, operator: str, kind: str, inner: Json, depth: int) -> Node:
        first = self.at
        parts = [inner(depth)]
        while self.peek() == operator:
            self.take()
            parts.append(inner(depth))
        return parts[0] if len(parts) == 1 else Node(kind, operator, tuple(parts), self.since(first))

    def _compared(self, depth: int) -> Node:
        first = self.at
        left = self._single(depth)
        if self.peek() in ("==", "!=", "<", ">", "<=", ">="):
            operator = self.take()[1]
            return Node("compare", operator, (left, self._single(depth)), self.since(first))
        return left

    def _single(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise ParseError("it is nested too deep")
        first = self.at
        kind, word, _, _ = self.take()
        if word == "!":
            return Node("not", "!", (self._single(depth + 1),), self.since(first))
        if word == "(":
            node = self.either(depth + 1)
            self._close()
            return node
        if kind == "text":
            return Node("literal", word[1:-1].replace("''", "'"), (), word)
        if kind == "number":
            return Node("literal", float(word), (), word)
        if kind != "path":
            raise ParseError(f"{word!r} stands where a value is expected")
        if self.peek() == "(":
            return self._call(word.lower(), first, depth)
        if word.lower() in _WORDS:
            return Node("literal", _WORDS[word.lower()], (), word)
        return Node("path", word, (), word)

    def _call(self, name: str, first: int, depth: int) -> Node:
        self.take()
        parts: list[Node] = []
        while self.peek() != ")":
            parts.append(self.either(depth + 1))
            if self.peek() != ",":
                break
            self.take()
        self._close()
        if name == "fromjson" and len(parts) == 1 and parts[0].kind == "literal":
            return Node("list", _json(parts[0].value), (), self.since(first))
        return Node("call", name, tuple(parts), self.since(first))

    def _close(self) -> None:
        if self.peek() != ")":
            raise ParseError("a bracket is not closed")
        self.take()


def _json(text: Json) -> Json:
    try:
        return json.loads(str(text))
    except (ValueError, RecursionError) as error:
        raise ParseError("what fromJSON reads is no JSON") from error
