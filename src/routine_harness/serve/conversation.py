"""What was said between a client and the model, kept while it passes by.

The conversation is the one whose requests offer tools; side questions of the CLI are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from routine_harness.plain import Record
from routine_harness.routine.document import NOT_JSON

Block = Record


class Conversation:
    """The latest request with tools, and the model's answer to it."""

    def __init__(self) -> None:
        self._messages: list[Record] = []
        self._answer: tuple[Block, ...] = ()
        self._model = ""

    def keep(self, request: Record, answer: Sequence[Block]) -> None:
        """Keep a request and what was answered; each holds all that was said before."""
        if not request.get("tools") or not answer:
            return
        self._messages = list(request["messages"])
        self._answer = tuple(answer)
        self._model = str(request.get("model", ""))

    def lines(self) -> bytes:
        """The conversation as Claude Code's own stream-json; empty if there was none."""
        if not self._answer:
            return b""
        said = [*self._messages, {"role": "assistant", "content": list(self._answer)}]
        lines: list[Record] = [{"type": "system", "subtype": "init", "model": self._model}]
        for number, message in enumerate(said, 1):
            held = {**message, "id": f"msg_{number}", "model": self._model}
            lines.append({"type": str(message.get("role")), "message": held})
        return b"\n".join(map(msgspec.json.encode, [*lines, self._result()]))

    def _result(self) -> Record:
        open_calls = any(block.get("type") == "tool_use" for block in self._answer)
        text = "".join(str(block.get("text", "")) for block in self._answer if block.get("type") == "text")
        if open_calls:
            return {"type": "result", "subtype": "error_during_execution", "is_error": True, "errors": []}
        return {"type": "result", "subtype": "success", "is_error": False, "result": text}


class Blocks:
    """Content blocks put together from the events of a stream."""

    def __init__(self) -> None:
        self._open: dict[int, Block] = {}
        self._parts: dict[int, list[str]] = {}

    def take(self, event: Record) -> None:
        """Take one event; those of other kinds are passed over."""
        index, block, delta = event.get("index"), event.get("content_block"), event.get("delta")
        if not isinstance(index, int):
            return
        if event.get("type") == "content_block_start" and isinstance(block, dict):
            self._open[index] = block
        elif event.get("type") == "content_block_delta" and isinstance(delta, dict):
            part = delta.get("text") or delta.get("partial_json") or ""
            self._parts.setdefault(index, []).append(str(part))

    def content(self) -> tuple[Block, ...]:
        """The texts and tool calls so far; a call whose arguments are no JSON object has no arguments."""
        found: list[Block] = []
        for index, block in sorted(self._open.items()):
            joined = "".join(self._parts.get(index, ()))
            if block.get("type") == "text":
                found.append({"type": "text", "text": str(block.get("text", "")) + joined})
            elif block.get("type") == "tool_use":
                found.append({**block, "input": _arguments(joined) or block.get("input") or {}})
        return tuple(found)


def _arguments(text: str) -> Record:
    try:
        value = msgspec.json.decode(text)
    except NOT_JSON:
        return {}
    return value if isinstance(value, dict) else {}
