"""Texts that pass GitHub's MCP server: read ones are sanitised, mentions in written ones are broken up.

``@dependabot rebase`` is stored as ``·@·d·ependabot r·ebase``, so that the bot never hears it
(anthropics/claude-code #79772, read back byte by byte). The edition says which bots."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.mcp.sanitize.policy import sanitize
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.state import World


class Sanitised(str):
    """A text that the server gives otherwise than it stands: the answer hangs on ``SANITISED_READS``."""

    __slots__ = ()


SANITISED_READS: Final = "sanitised_reads"
"""The point of the edition that says which texts the server sanitises."""


def item_text(world: World, _: Record, text: Json) -> Json:
    """A title or body of an issue or a pull request, asked for by itself or in a list."""
    return _given(text) if world.rules.setting(SANITISED_READS) in _OF_ITEMS else text


def any_text(world: World, _: Record, text: Json) -> Json:
    """Another text that people write: in comments, reviews, commits and releases, and what a search finds."""
    return _given(text) if world.rules.setting(SANITISED_READS) == "everything" else text


_OF_ITEMS: Final = ("titles_and_bodies", "everything")


def _given(text: Json) -> Json:
    if not isinstance(text, str):
        return text
    given = sanitize(text)
    return text if given == text else Sanitised(given)


BOT_MENTIONS: Final = "bot_mentions"
"""The setting of the edition that says whether mentions of bots are broken up."""
_DOT: Final = "\u00b7"


def as_stored(world: World, given: Arguments) -> tuple[Arguments, tuple[str, ...]]:
    """What arrives of an operation's arguments, and the settings on which that hangs."""
    body, bots = given.get("body"), world.rules.names.get(BOT_MENTIONS, ())
    if not isinstance(body, str) or "@" not in body or not bots:
        return given, ()
    broken = broken_up(body, bots)
    if broken == body:
        return given, ()
    stored = broken if world.rules.setting(BOT_MENTIONS) == "broken" else body
    return {**given, "body": stored}, (BOT_MENTIONS,)


def broken_up(text: str, bots: tuple[str, ...]) -> str:
    """``text`` with its mentions of ``bots``, and the command behind each, broken up."""
    names = "|".join(map(re.escape, bots))
    return re.sub(rf"(?<![\w@])@({names})\b([ \t]+\w)?", _broken, text, flags=re.IGNORECASE)


def _broken(match: re.Match[str]) -> str:
    name, command = match[1], match[2] or ""
    return f"{_DOT}@{_DOT}{name[0]}{_DOT}{name[1:]}{command}{_DOT if command else ''}"
