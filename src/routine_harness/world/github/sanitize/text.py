"""A text as GitHub's MCP server gives it to an agent.

Order and filters are those of github/github-mcp-server @64a49f34 ``pkg/sanitize/sanitize.go``.
"""

from __future__ import annotations

from routine_harness.world.github.sanitize.fences import filter_fences
from routine_harness.world.github.sanitize.invisible import filter_invisible
from routine_harness.world.github.sanitize.policy import filter_html


def sanitize(text: str) -> str:
    """``text`` without what a reader of the rendered page would not see, the rest as HTML would hold it.

    Entities are decoded on the way, which may bring invisible characters and fences about: the first
    two filters run again where the last one changed anything.
    """
    visible = filter_fences(filter_invisible(text))
    filtered = filter_html(visible)
    return visible if filtered == visible else filter_fences(filter_invisible(filtered))
