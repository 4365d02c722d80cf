"""Code of another language in parts: its texts, and the code with texts and comments blanked out."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_BLANK: Final = "\x01"
"""What stands in the code where a text or a comment was."""


class CodeText(NamedTuple):
    """A text in the code and what it holds; ``mark`` is the quote."""

    start: int
    end: int
    text: str
    mark: str


def texts_listed(bare: str, literals: list[CodeText], start: int) -> list[str]:
    """The texts from ``start`` on that only commas part."""
    texts = []
    for each in literals:
        if each.start >= start:
            if bare[start : each.start].strip(", \n"):
                break
            texts.append(each.text)
            start = each.end
    return texts


def texts_inside(bare: str, literals: list[CodeText], start: int) -> list[str]:
    """The texts between a call's parentheses, in order."""
    end = closing(bare, start)
    return [each.text for each in literals if start <= each.start < end]


def closing(bare: str, start: int) -> int:
    """Where the parenthesis before ``start`` closes; calls of more than 4,000 characters are cut there."""
    depth = 1
    for at in range(start, min(len(bare), start + 4_000)):
        depth += (bare[at] in "([{") - (bare[at] in ")]}")
        if depth <= 0:
            return at
    return min(len(bare), start + 4_000)


_TOKEN: Final = re.compile(
    r"""(?P<triple>\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z))"""
    r"""|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
    r"""|(?P<hash>\#[^\n]*)|(?P<line>//[^\n]*)|(?P<block>/\*.*?(?:\*/|\Z))""",
    re.DOTALL,
)


def parts_of(code: str, *, slashed: bool) -> tuple[list[CodeText], str]:
    """The texts of the code, and the code with texts and comments blanked out."""
    literals: list[CodeText] = []
    parts, at = [], 0
    for found in _TOKEN.finditer(code):
        kind = found.lastgroup or ""
        if (kind in ("line", "block") and not slashed) or (kind == "hash" and slashed):
            continue
        parts += [code[at : found.start()], _BLANK * len(found[0])]
        at = found.end()
        if kind in ("triple", "text"):
            size = 3 if kind == "triple" else 1
            inner = found[0][size : max(len(found[0]) - size, size)]
            literals.append(CodeText(found.start(), found.end(), _unescaped(inner), found[0][0]))
    return literals, "".join([*parts, code[at:]])


def _unescaped(text: str) -> str:
    return re.sub(
        r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text, flags=re.DOTALL
    )
