"""Gmail's search syntax taken apart: words, quotes, operators, ``OR``, ``-``, parentheses and braces.

``OR`` binds what stands beside it, tighter than the blank between two terms, as the example in the tool's
description reads (``subject:amazon "delivery" OR "order"``). Knows no message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern


class Beyond(Exception):  # noqa: N818 - an answer of the model's, not an error of ours
    """The query asks for what the model does not know; the text names it."""


class Term(msgspec.Struct, frozen=True):
    """A word or quoted text, of the operator ``name`` where it is not empty; ``exact`` by quotes or ``+``."""

    value: str
    name: str = ""
    exact: bool = False


class Not(msgspec.Struct, frozen=True):
    """What must not hold."""

    part: Part


class Every(msgspec.Struct, frozen=True):
    """What must all hold; nothing in it always does."""

    parts: tuple[Part, ...]


class Some(msgspec.Struct, frozen=True):
    """What must hold in one of its parts."""

    parts: tuple[Part, ...]


Part = Term | Not | Every | Some

_TOKEN: Final = lazy_pattern(
    r"""\s*(?:
        (?P<minus>-(?=[^\s-]))
      | (?P<open>[({])
      | (?P<close>[)}])
      | (?P<name>[A-Za-z_][\w]*):(?!//)
      | \+?"(?P<quoted>[^"]*)"
      | (?P<word>[^\s(){}"]+)
    )""",
    re.VERBOSE,
)
_CLOSING: Final = {"(": ")", "{": "}"}
_DEEPEST: Final = 40


def parse_query(query: str) -> Part:
    """The query as one part.

    Raises:
        Beyond: it holds what Gmail's documentation does not say, or brackets that do not match.
    """
    return _Reader(query).read()


def named(part: Part, *, negated: bool = False) -> Iterator[Term]:
    """The terms that a message must have, those under a minus left out."""
    if isinstance(part, Term):
        if not negated:
            yield part
    elif isinstance(part, Not):
        yield from named(part.part, negated=not negated)
    else:
        for one in part.parts:
            yield from named(one, negated=negated)


class _Reader:
    """One query, read from left to right."""

    def __init__(self, query: str) -> None:
        self._query, self._at, self._depth = query.rstrip(), 0, 0

    def read(self) -> Part:
        part = self._terms("", "")
        if self._at < len(self._query):
            raise Beyond(f"{self._query[self._at :].strip()[:1]!r} without its beginning")
        return part

    def _terms(self, closing: str, name: str) -> Part:
        """Terms up to ``closing``; inside of braces one of them is enough."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Beyond(f"more than {_DEEPEST} brackets inside each other")
        parts: list[Part] = []
        joined = False  # whether the part that comes stands behind an OR
        while (token := self._peek()) is not None:
            word, close = token["word"], token["close"]
            if close:
                break
            if word == "AND":
                self._take(token)
            elif word == "OR":
                self._take(token)
                if not parts or joined:
                    raise Beyond("OR without what it joins")
                joined = True
            else:
                part = self._term(name)
                before = parts[-1] if parts else None
                if not joined:
                    parts.append(part)
                elif isinstance(before, Some):
                    parts[-1] = Some((*before.parts, part))
                else:
                    parts[-1] = Some((parts[-1], part))
                joined = False
        if joined:
            raise Beyond("OR without what it joins")
        self._close(closing)
        self._depth -= 1
        if closing == "}":
            return Some(tuple(parts))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _close(self, closing: str) -> None:
        token = self._peek()
        if not closing:
            return
        if token is None or token["close"] != closing:
            raise Beyond(f"a bracket without its {closing!r}")
        self._take(token)

    def _term(self, name: str) -> Part:
        """One term, of the operator ``name`` where it stands inside of that one's brackets."""
        token = self._peek()
        if token is None:
            raise Beyond(f"{name}: without a value")
        self._take(token)
        if token["minus"]:
            return Not(self._term(name))
        if token["open"]:
            return self._terms(_CLOSING[token["open"]], name)
        if token["name"]:
            if name:
                raise Beyond(f"{token['name']}: inside of {name}:( )")
            return self._of_operator(token["name"].lower())
        if token["quoted"] is not None:
            return Term(token["quoted"], name, exact=True)
        word = token["word"]
        if word is None or word in ("NOT", "AROUND", "|", "OR", "AND"):
            raise Beyond(str(word or token["close"]))
        plus = word.startswith("+") and len(word) > 1
        return Term(word[1:] if plus else word, name, exact=plus)

    def _of_operator(self, name: str) -> Part:
        token = self._peek()
        if token is None or token["minus"] or token["name"] or token["close"] or token[0][:1].isspace():
            raise Beyond(f"{name}: without a value")
        return self._term(name)

    def _peek(self) -> re.Match[str] | None:
        if self._at >= len(self._query):
            return None
        token = _TOKEN.match(self._query, self._at)
        if token is None:
            raise Beyond("a quotation mark without its end")
        return token

    def _take(self, token: re.Match[str]) -> None:
        self._at = token.end()
