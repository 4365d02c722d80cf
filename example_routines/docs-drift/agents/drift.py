"""Documentation drift: two files compared, one pull request at most."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}
PAGE, CODE = "docs/options.md", "app/options.py"


class CouldNotError(Exception):
    """A step that came to nothing, in words."""


def call(session: AgentSession, step: str, tool: str, **arguments: Any) -> ToolResult:
    """The answer of a call; a failed one ends the work, and the last message says so."""
    result = session.call(tool, **arguments)
    if result.is_error:
        raise CouldNotError(step)
    return result


def read(session: AgentSession, step: str, tool: str, **arguments: Any) -> Any:
    """The JSON answer of a read. One that is cut off or empty says nothing, least of all that there is
    nothing."""
    try:
        return call(session, step, tool, **arguments).json()
    except ValueError:
        raise CouldNotError(step) from None


def mend(session: AgentSession) -> None:
    """Propose what the page lacks and what it has too much."""
    try:
        session.say(compare(session))
    except CouldNotError as error:
        session.say(f"I could not {error}.")


def compare(session: AgentSession) -> str:
    """What drifted; a pull request proposes the mended page, unless one does already."""
    step = "look: a file cannot be read"
    page = call(session, step, "github.get_file_contents", **REPOSITORY, path=PAGE)
    code = call(session, step, "github.get_file_contents", **REPOSITORY, path=CODE)
    documented = set(re.findall(r"^- `(\w+)`", page.text, re.MULTILINE))
    existing = set(re.findall(r"^(\w+) = option\(", code.text, re.MULTILINE))
    if not existing or not documented:  # a page or a file without any option was cut off on its way
        raise CouldNotError(step)
    drift = sorted(existing ^ documented)
    if not drift:
        return "Nothing drifted."
    step = "list the open pull requests"
    if not is_proposed(read(session, step, "github.list_pull_requests", **REPOSITORY, state="open")):
        propose(session, sorted(existing), existing - documented, documented - existing)
    return f"Drifted: {', '.join(drift)}."


def is_proposed(pulls: list[dict[str, dict[str, str]]]) -> bool:
    return any(pull["head"]["ref"].startswith("claude/docs-drift") for pull in pulls)


def propose(session: AgentSession, options: list[str], added: set[str], removed: set[str]) -> None:
    """Push the mended page to a branch of its own and open the pull request."""
    branch = f"claude/docs-drift-{datetime.fromtimestamp(session.firing.at, UTC):%Y-%m-%d}"
    listed = "\n".join(f"- `{name}`" for name in options)
    step = "list the branches"
    branches = [each["name"] for each in read(session, step, "github.list_branches", **REPOSITORY)]
    left = [name for name in branches if name.startswith("claude/docs-drift")]
    if left:  # a session that died has left it without a pull request
        branch = left[-1]
    else:
        step = f"create the branch {branch}"
        call(session, step, "github.create_branch", **REPOSITORY, branch=branch, from_branch="main")
    call(
        session,
        f"push to {branch}",
        "github.push_files",
        **REPOSITORY,
        branch=branch,
        files=[{"path": PAGE, "content": f"# Options\n\n{listed}\n"}],
        message="Bring the options page in line with the code",
    )
    call(
        session,
        f"open the pull request of {branch}",
        "github.create_pull_request",
        **REPOSITORY,
        title="Bring the options page in line with the code",
        head=branch,
        base="main",
        body="\n".join(
            [*(f"- added `{n}`" for n in sorted(added)), *(f"- removed `{n}`" for n in sorted(removed))]
        ),
    )
