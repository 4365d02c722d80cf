"""Mentions of bots in what a cloud session writes through GitHub's MCP server: broken up by middle dots.

``@dependabot rebase`` is stored as ``·@·d·ependabot r·ebase``, so that the bot never hears it
(anthropics/claude-code #79772, read back byte by byte). The mention and the word after it are touched,
nothing else; which bots, says the edition.
"""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.github.operation import Arguments
from routine_harness.world.state import World

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
