"""The connector slack, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.arguments import ArgumentError
from routine_harness.world.slack import documents, lookup, messages, reading, records, searching
from routine_harness.world.slack.reveal import REVEALS
from routine_harness.world.tool import Tool


def word_errors(_: Tool, errors: list[ArgumentError]) -> str:
    """``invalid_arguments`` and one message a error, as the Web API words them."""
    return "invalid_arguments: " + "; ".join(_word(error) for error in errors)


def _word(error: ArgumentError) -> str:
    pointer = "/" + "/".join(map(str, error.path))
    if error.kind == "required":
        return f"[ERROR] missing required field: {error.path[-1]}"
    if error.kind == "type":
        return f"[ERROR] must be a {error.expected} [json-pointer:{pointer}]"
    if error.kind == "enum":
        return f"[ERROR] must be one of: {', '.join(map(str, error.expected))} [json-pointer:{pointer}]"
    if error.kind == "unknown":
        return f"[ERROR] unexpected field [json-pointer:{pointer}]"
    bound = "no less than" if error.kind == "too_small" else "no more than"
    return f"[ERROR] must be {bound} {error.expected} [json-pointer:{pointer}]"


CONNECTOR: Final = records.SERVICE.connector(
    messages, documents, reading, searching, prefix="slack_", seed=records.seed_record,
    bind=records.seed_binding, word_errors=word_errors, recognise=lookup.recognise, reveals=REVEALS,
)  # fmt: skip
