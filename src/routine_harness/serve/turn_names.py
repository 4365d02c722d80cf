"""Names for a script's turns and tool calls: unique in a session, the same when it is run again.

The main conversation's turn 2 is ``2``, its first call ``2_1``. A subagent counts anew below the
call that started it, so that its first turn is ``2_1_1``, in any order in which subagents ask.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from routine_harness.plain import Record

CALL: Final = "toolu_"
STARTING: Final = ("Agent", "Task")
"""The tools that start a subagent; older CLIs know it by the second name."""


class TurnNames:
    """The names of one session's turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: dict[str, list[str]] = {}
        self._places: dict[str, str] = {}
        self._asked: dict[str, bytes] = {}

    def name(self, messages: Sequence[Record], agent: str) -> str:
        """The name of the turn that answers ``messages``; asked again, the same.

        ``agent`` tells subagents apart, as the CLI does; empty for the main conversation.
        """
        number = sum(1 for message in messages if message.get("role") == "assistant") + 1
        asked = sha256(agent.encode() + b"\0" + msgspec.json.encode(messages)).digest()
        with self._lock:
            name = f"{self._place(messages, agent)}{number}"
            again = 1
            # A conversation that begins anew, as after a compaction, counts its turns from 1 again.
            while self._asked.setdefault(name if again == 1 else f"{name}r{again}", asked) != asked:
                again += 1
            return name if again == 1 else f"{name}r{again}"

    def started(self, blocks: Sequence[Record]) -> None:
        """Remember the subagents that a turn starts."""
        with self._lock:
            for block in blocks:
                given = block.get("input")
                prompt = given.get("prompt") if isinstance(given, dict) else None
                if block.get("name") in STARTING and isinstance(prompt, str):
                    calls = self._started.setdefault(prompt, [])
                    if block["id"] not in calls:
                        calls.append(block["id"])

    def _place(self, messages: Sequence[Record], agent: str) -> str:
        """What a conversation's turns begin with."""
        if not agent:
            return ""
        if agent not in self._places:
            taken = self._places.values()
            free = (place for place in self._callers(messages) if place not in taken)
            self._places[agent] = next(free, f"agent{len(self._places) + 1}_")
        return self._places[agent]

    def _callers(self, messages: Sequence[Record]) -> Iterator[str]:
        """The calls that may have started the conversation, by its prompt."""
        opening = list(_opening(messages))
        for prompt in sorted(self._started, key=len, reverse=True):
            if any(prompt in text for text in opening):
                yield from (f"{call.removeprefix(CALL)}_" for call in self._started[prompt])


def _opening(messages: Sequence[Record]) -> Iterator[str]:
    """The texts before the first turn of the assistant."""
    for message in messages:
        if message.get("role") == "assistant":
            return
        content = message.get("content")
        if isinstance(content, str):
            yield content
        for block in content if isinstance(content, list) else []:
            if isinstance(block, dict) and isinstance(block.get("text"), str):
                yield block["text"]
