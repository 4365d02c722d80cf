"""The connector slack, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.arguments import ArgumentFault
from routine_harness.world.slack import documents, lookup, messages, reading, records, searching
from routine_harness.world.slack.reveal import REVEALS
from routine_harness.world.tool import Tool


def word_faults(_: Tool, faults: list[ArgumentFault]) -> str:
    """``invalid_arguments`` and one message a fault, as the Web API words them."""
    return "invalid_arguments: " + "; ".join(_word(fault) for fault in faults)


def _word(fault: ArgumentFault) -> str:
    pointer = "/" + "/".join(map(str, fault.path))
    if fault.kind == "required":
        return f"[ERROR] missing required field: {fault.path[-1]}"
    if fault.kind == "type":
        return f"[ERROR] must be a {fault.expected} [json-pointer:{pointer}]"
    if fault.kind == "enum":
        return f"[ERROR] must be one of: {', '.join(map(str, fault.expected))} [json-pointer:{pointer}]"
    if fault.kind == "unknown":
        return f"[ERROR] unexpected field [json-pointer:{pointer}]"
    bound = "no less than" if fault.kind == "too_small" else "no more than"
    return f"[ERROR] must be {bound} {fault.expected} [json-pointer:{pointer}]"


CONNECTOR: Final = records.SERVICE.connector(
    messages, documents, reading, searching, prefix="slack_", seed=records.seed_record,
    bind=records.seed_binding, word_faults=word_faults, recognise=lookup.recognise, reveals=REVEALS,
)  # fmt: skip
