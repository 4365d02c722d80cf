"""A closing message taken apart: what the agent says itself, in sentences and clauses.

Quotes, code blocks, unchecked boxes and what is struck out are left away.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

import msgspec

_MOST_TEXT: Final = 20_000
_LONGEST: Final = 400
"""A sentence longer than that is a log or a diff, and claims nothing."""


class Sentence(msgspec.Struct, frozen=True):
    """One sentence. ``item`` says that it is one of a list, ``heads`` that such a list follows."""

    text: str
    clauses: tuple[str, ...]
    item: bool = False
    heads: bool = False


@functools.cache
def _patterns() -> dict[str, re.Pattern[str]]:
    joints = (
        "and but or then because so although und oder aber weil et ou mais y pero e mas ma en maar therefore"
    ).split()
    return {
        "block": re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL),
        "line": re.compile(r"^[ \t]*(?:>.*|[-*•+]?[ \t]*\[ \].*|[-*•+][ \t]*[☐⬜].*)$", re.MULTILINE),
        "hidden": re.compile(r"<!--.*?-->|~~[^~\n]*~~", re.DOTALL),
        "link": re.compile(r"!?\[([^\]\n]*)\]\(([^)\s]*)[^)\n]*\)"),
        "code": re.compile(r"`([^`\n]*)`"),
        "quote": re.compile(
            r"\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|‘[^’\n]*’|「[^」\n]*」|(?<![\w])'[^'\n]*\s[^'\n]*'(?!\w)"
        ),
        "end": re.compile(r"(?<=[.!?;。！？])\s+|(?<=[。！？])"),
        "marker": re.compile(r"^[\s>]*(?:(?:[-*•+–]|\d+[.)])\s+)?(?:\[[xX]\]\s*)?[\s✅✔☑🎉✓\ufe0f]*"),
        "item": re.compile(r"^\s*(?:[-*•+–]|\d+[.)])\s"),
        "joint": re.compile(
            rf"\s*(?:[,;()]|:(?=\s|$)|\s[–—-]\s|→|\b(?:{'|'.join(dict.fromkeys(joints))})\b(?!')(?![./]))\s*",
            re.IGNORECASE,
        ),
    }


def sentences_of(text: str) -> Iterator[Sentence]:
    """The sentences that the agent says of itself."""
    forms = _patterns()
    text = _spoken(text[:_MOST_TEXT])
    for line in text.splitlines():
        item = bool(forms["item"].match(line))
        heading = line.lstrip().startswith("#") or line.rstrip(" *_").endswith(":")
        if line.lstrip().startswith("|"):
            line = _row(line)
        for part in forms["end"].split(forms["marker"].sub("", line)):
            sentence = " ".join(part.replace("*", "").lstrip("#").split()).strip("_ ")
            if sentence and len(sentence) <= _LONGEST and not sentence.endswith("?"):
                yield Sentence(sentence, clauses_of(sentence), item, heading)


def clauses_of(sentence: str) -> tuple[str, ...]:
    """The clauses of a sentence, in order, without what joins them."""
    return tuple(part for part in _patterns()["joint"].split(sentence) if part.strip())


def _spoken(text: str) -> str:
    """``text`` without what is quoted, shown as code or not yet done."""
    forms = _patterns()
    text = text.replace("’", "'") if "‘" not in text else text
    for name in ("block", "hidden", "line"):
        text = forms[name].sub("", text)
    text = forms["link"].sub(
        lambda found: found[1] if re.search(r"\d", found[1]) else f"{found[1]} {found[2]}", text
    )
    text = forms["code"].sub(lambda found: found[1] if " " not in found[1].strip() else "‹code›", text)
    return forms["quote"].sub(lambda found: _unquoted(found[0]), text)


def _unquoted(quoted: str) -> str:
    """A quoted word stays, as a name; what is longer is somebody's text."""
    inner = quoted[1:-1].strip()
    return inner if inner and " " not in inner else "‹quote›"


def _row(line: str) -> str:
    """A row of a table as a sentence: its first cell names what the others say."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if all(not cell.strip(":- ") for cell in cells):
        return ""
    return f"{cells[0]}: {' – '.join(cells[1:])}" if len(cells) > 1 else cells[0]
