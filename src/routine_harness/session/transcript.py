"""The transcript: the append-only record of one session.

Its entries are the lines of a recording after the header. Times are seconds since the epoch
(UTC) on the world's clock; ``turn`` counts the model's turns from 1, so that parallel calls of
one turn can be told from calls in a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

RunStatus = Literal["finished", "failed", "over_budget", "interrupted"]


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a run cost: tokens, turns, US dollars, wall seconds; zeros where unknown."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """Tokens that were read and written."""
        return self.input_tokens + self.output_tokens


def total_usage(parts: Iterable[Usage]) -> Usage:
    """What several runs cost together."""
    listed = tuple(parts)
    return Usage(
        input_tokens=sum(each.input_tokens for each in listed),
        output_tokens=sum(each.output_tokens for each in listed),
        cost_usd=sum(each.cost_usd for each in listed),
        seconds=sum(each.seconds for each in listed),
    )


class Start(msgspec.Struct, frozen=True, tag="start", tag_field="type"):
    """A session begins with its first turn; ``world`` is World 0 or World 1 in the shape of a world file."""

    run: int
    time: int
    prompt: str
    world: dict[str, Any] = {}


class Turn(msgspec.Struct, frozen=True, tag="turn", tag_field="type", omit_defaults=True):
    """A further turn of the user comes into the open session: the context of its trigger, say.

    ``turn`` is the first turn of the model that can know of it; ``wake`` the number of the case's wake that
    it is, from 1, and 0 for any other turn.
    """

    run: int
    turn: int
    time: int
    text: str
    wake: int = 0


class Message(msgspec.Struct, frozen=True, tag="message", tag_field="type"):
    """The agent says something; the last one is the closing message."""

    run: int
    turn: int
    time: int
    text: str


class Call(msgspec.Struct, frozen=True, tag="call", tag_field="type", omit_defaults=True):
    """The agent calls a tool, written ``connector.tool`` or, for its own, bare.

    ``via`` is the call through which a program of the sandbox made this one (a push, ``gh``, a
    request); ``captured`` says that all outward acts of this call are such calls, so that its
    command need not be read.
    """

    run: int
    turn: int
    id: str
    time: int
    tool: str
    arguments: dict[str, Any] = {}
    server: str = ""
    via: str = ""
    captured: bool = False


class Result(msgspec.Struct, frozen=True, tag="result", tag_field="type", omit_defaults=True):
    """What the agent got for the call with the same ``id``."""

    run: int
    turn: int
    id: str
    time: int
    text: str
    is_error: bool = False
    structured: Any = None


class End(msgspec.Struct, frozen=True, tag="end", tag_field="type"):
    """The session is over."""

    run: int
    turn: int
    time: int
    status: RunStatus
    reason: str = ""
    usage: Usage = Usage()


Entry = Start | Turn | Message | Call | Result | End
Transcript = tuple[Entry, ...]
