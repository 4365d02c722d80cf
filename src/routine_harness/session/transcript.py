"""The transcript: the append-only record of one session.

Its entries are the lines of a recording after the header. Times are seconds since the epoch
(UTC) on the world's clock; ``turn`` counts the model's turns from 1, so that parallel calls of
one turn can be told from calls in a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from routine_harness.plain import Json, Record

RunStatus = Literal["finished", "failed", "over_budget", "interrupted"]


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a run cost: tokens, turns, US dollars, wall seconds; zeros where unknown."""

    input_tokens: Annotated[int, Meta(description="Tokens that the model read.")] = 0
    output_tokens: Annotated[int, Meta(description="Tokens that the model wrote.")] = 0
    cost_usd: Annotated[float, Meta(description="What that cost, in US dollars.")] = 0.0
    seconds: Annotated[float, Meta(description="How long the run took.")] = 0.0

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

    examples: ClassVar[tuple[object, ...]] = (
        {
            "type": "start",
            "run": 1,
            "time": 1777885080,
            "prompt": "Read the diff of the pull request.",
            "world": {"linear": {"issues": []}},
        },
    )

    run: Annotated[
        int,
        Meta(description="The run that the entry belongs to: 1 or 2.", extra_json_schema={"enum": [1, 2]}),
    ]
    time: Annotated[int, Meta(description="Seconds since the epoch on the world's clock.")]
    prompt: Annotated[str, Meta(description="The prompt that the run began with.")]
    world: Annotated[Record, Meta(description="The world before the run, in the shape of a world file.")] = {}


class Turn(msgspec.Struct, frozen=True, tag="turn", tag_field="type", omit_defaults=True):
    """A further turn of the user comes into the open session: the context of its trigger, say.

    ``turn`` is the first turn of the model that can know of it; ``wake`` the number of the case's wake that
    it is, from 1, and 0 for any other turn.
    """

    examples: ClassVar[tuple[object, ...]] = (
        {"type": "turn", "run": 1, "turn": 2, "time": 1777885090, "text": "Event: pull_request.opened"},
        {"type": "turn", "run": 1, "turn": 4, "time": 1777885300, "text": "CI failed.", "wake": 1},
    )

    run: Annotated[
        int,
        Meta(description="The run that the entry belongs to: 1 or 2.", extra_json_schema={"enum": [1, 2]}),
    ]
    turn: Annotated[int, Meta(description="The model's turn, from 1.")]
    time: Annotated[int, Meta(description="Seconds since the epoch on the world's clock.")]
    text: Annotated[str, Meta(description="The turn's text, as the agent got it.")]
    wake: Annotated[
        int, Meta(description="Which of the case's wakes it is, from 1; absent for any other turn.")
    ] = 0


class Message(msgspec.Struct, frozen=True, tag="message", tag_field="type"):
    """The agent says something; the last one is the closing message."""

    examples: ClassVar[tuple[object, ...]] = (
        {"type": "message", "run": 1, "turn": 3, "time": 1777885100, "text": "Filed SEC-1."},
    )

    run: Annotated[
        int,
        Meta(description="The run that the entry belongs to: 1 or 2.", extra_json_schema={"enum": [1, 2]}),
    ]
    turn: Annotated[int, Meta(description="The model's turn, from 1.")]
    time: Annotated[int, Meta(description="Seconds since the epoch on the world's clock.")]
    text: Annotated[str, Meta(description="What the agent said.")]


class Call(msgspec.Struct, frozen=True, tag="call", tag_field="type", omit_defaults=True):
    """The agent calls a tool; it is written ``connector.tool`` or, for its own, bare.

    ``via`` is the call through which a program of the sandbox made this one (a push, ``gh``, a
    request); ``captured`` says that all outward acts of this call are such calls, so that its
    command need not be read.
    """

    examples: ClassVar[tuple[object, ...]] = (
        {
            "type": "call",
            "run": 1,
            "turn": 1,
            "time": 1777885082,
            "id": "call-1",
            "tool": "linear.save_issue",
            "arguments": {"title": "SQL injection in app/db.py", "team": "Security"},
            "server": "Acme-Linear",
        },
        {
            "type": "call",
            "run": 1,
            "turn": 2,
            "time": 1777885090,
            "id": "call-2",
            "tool": "github.create_pull_request",
            "via": "call-1",
        },
        {
            "type": "call",
            "run": 1,
            "turn": 2,
            "time": 1777885090,
            "id": "call-1",
            "tool": "Bash",
            "captured": True,
        },
    )

    run: Annotated[
        int,
        Meta(description="The run that the entry belongs to: 1 or 2.", extra_json_schema={"enum": [1, 2]}),
    ]
    turn: Annotated[int, Meta(description="The model's turn, from 1.")]
    id: Annotated[str, Meta(description="The call's own id, which its result repeats.")]
    time: Annotated[int, Meta(description="Seconds since the epoch on the world's clock.")]
    tool: Annotated[str, Meta(description="The tool as connector.tool; the agent's own tools bare.")]
    arguments: Annotated[Record, Meta(description="The arguments, as the agent gave them.")] = {}
    server: Annotated[
        str,
        Meta(
            description="The MCP server that the tool came from, where its name differs from the connector's."
        ),
    ] = ""
    via: Annotated[
        str,
        Meta(description="The id of the call through which a program made this one: a push, gh, a request."),
    ] = ""
    captured: Annotated[
        bool, Meta(description="Whether all outward acts of the call are calls of their own.")
    ] = False


class Result(msgspec.Struct, frozen=True, tag="result", tag_field="type", omit_defaults=True):
    """What the agent got for the call with the same id."""

    examples: ClassVar[tuple[object, ...]] = (
        {
            "type": "result",
            "run": 1,
            "turn": 1,
            "time": 1777885083,
            "id": "call-1",
            "text": '{"id": "SEC-1"}',
            "is_error": False,
            "structured": {"id": "SEC-1"},
        },
    )

    run: Annotated[
        int,
        Meta(description="The run that the entry belongs to: 1 or 2.", extra_json_schema={"enum": [1, 2]}),
    ]
    turn: Annotated[int, Meta(description="The model's turn, from 1.")]
    id: Annotated[str, Meta(description="The id of the call.")]
    time: Annotated[int, Meta(description="Seconds since the epoch on the world's clock.")]
    text: Annotated[str, Meta(description="What the agent got to read.")]
    is_error: Annotated[bool, Meta(description="Whether the call failed.")] = False
    structured: Annotated[Json, Meta(description="The structured part of the result.")] = None


class End(msgspec.Struct, frozen=True, tag="end", tag_field="type"):
    """The session is over."""

    examples: ClassVar[tuple[object, ...]] = (
        {
            "type": "end",
            "run": 1,
            "turn": 3,
            "time": 1777885100,
            "status": "finished",
            "usage": {"input_tokens": 5200, "output_tokens": 310, "cost_usd": 0.04, "seconds": 21.5},
        },
        {
            "type": "end",
            "run": 2,
            "turn": 9,
            "time": 1777885400,
            "status": "over_budget",
            "reason": "40 calls were allowed",
        },
    )

    run: Annotated[
        int,
        Meta(description="The run that the entry belongs to: 1 or 2.", extra_json_schema={"enum": [1, 2]}),
    ]
    turn: Annotated[int, Meta(description="The model's turn, from 1.")]
    time: Annotated[int, Meta(description="Seconds since the epoch on the world's clock.")]
    status: Annotated[RunStatus, Meta(description="How the run ended.")]
    reason: Annotated[str, Meta(description="Why, where it did not finish.")] = ""
    usage: Annotated[Usage, Meta(description="What the run used.")] = Usage()


Entry = Start | Turn | Message | Call | Result | End
Transcript = tuple[Entry, ...]
