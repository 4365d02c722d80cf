"""The reply of GitHub's REST API to a request whose operation was carried out."""

from __future__ import annotations

from routine_harness.world.github.mcp import Step
from routine_harness.world.github.operation import Done, Incomplete, Refused
from routine_harness.world.github.rest_answers import (
    Reply,
    incomplete_reply,
    refused_reply,
    said_reply,
    write_reply,
)
from routine_harness.world.tool import Outcome


def reply_to(step: Step, outcome: Outcome, path: str = "") -> Reply:
    """The reply to a request (``path`` with its query) whose operation ended in ``outcome``."""
    if outcome.incomplete:
        return incomplete_reply(outcome.incomplete)
    if isinstance(outcome.found, Reply):
        return outcome.found
    if isinstance(outcome.found, Refused):
        return refused_reply(outcome.found)
    if not isinstance(outcome.found, Done):
        return said_reply(422, outcome.result.text)
    operation, given = step
    try:
        return write_reply(outcome.world, operation, given, outcome.found, path)
    except Incomplete as gap:
        return incomplete_reply(gap)
