"""The lines of a session of Claude Code, as it writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

ToolUse = tuple[str, dict[str, Any], str]
"""Name, arguments and answer of a call."""


def session_text(
    init: Mapping[str, Any], *calls: ToolUse, closing: str = "Done.", prompt: str = "Do it"
) -> str:
    """A session that begins with ``init``, makes ``calls`` one after the other and ends well."""
    lines: list[dict[str, Any]] = [{**init}, {"type": "user", "message": {"content": prompt}}]
    for number, (name, arguments, answer) in enumerate(calls):
        use = {"type": "tool_use", "id": f"t{number}", "name": name, "input": arguments}
        lines.append({"type": "assistant", "message": {"id": f"m{number}", "content": [use]}})
        got = {"type": "tool_result", "tool_use_id": f"t{number}", "content": answer}
        lines.append({"type": "user", "message": {"content": [got]}})
    text = {"type": "text", "text": closing}
    lines.append({"type": "assistant", "message": {"id": "z", "content": [text], "stop_reason": "end_turn"}})
    lines.append({"type": "result", "subtype": "success", "is_error": False, "result": closing})
    return "".join(json.dumps(line) + "\n" for line in lines)
