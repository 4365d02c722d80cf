"""The model of the page on one's own routine: it does what the prompt says, and no more than that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

REPOSITORY = {"owner": "acme", "repo": "core"}
LINE = "Routine: ask-for-logs"


def ask_for_logs(messages: list[dict[str, Any]]) -> str | Sequence[dict[str, Any]]:
    """The next turn: list the issues, read the comments where the prompt asks for it, comment, close."""
    said = json.dumps(messages[1:])
    steps = [_use("list_issues", state="OPEN")]
    if "Read its comments first" in json.dumps(messages[0]):
        steps.append(_use("issue_read", method="get_comments", issue_number=12))
    if LINE not in said.partition("issue_read")[2].partition("add_issue_comment")[0]:
        steps.append(_use("add_issue_comment", issue_number=12, body=f"{LINE}\nPlease attach the log."))
    left = [step for step in steps if step["name"] not in said]
    return left[:1] or f"I wrote {'1 comment' if 'add_issue_comment' in said else 'no comment'}."


def _use(tool: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "name": f"mcp__github__{tool}", "input": {**REPOSITORY, **given}}
