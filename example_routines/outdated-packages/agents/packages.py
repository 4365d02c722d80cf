"""Package updates: what npm says decides whether anything is pushed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routine_harness import AgentSession, ToolResult

REPOSITORY = {"owner": "acme-platform", "repo": "web-app"}
BRANCH = "claude/outdated-"


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


def update(session: AgentSession) -> None:
    """Open one pull request, if there is anything to update and the tests pass."""
    try:
        session.say(work(session))
    except CouldNotError as error:
        session.say(f"I could not {error}.")


def work(session: AgentSession) -> str:
    """What came of it."""
    step = "look: the pull requests cannot be listed"
    opened = read(session, step, "github.list_pull_requests", **REPOSITORY, state="open")
    if any(pull["head"]["ref"].startswith(BRANCH) for pull in opened):
        return "A pull request is open already."
    listed = call(session, "look: npm failed", "Bash", command="npm outdated --json || true")
    outdated = json.loads(listed.text or "{}")
    if not outdated:
        return "Nothing is outdated."
    wanted = " ".join(f"{name}@{one['wanted']}" for name, one in sorted(outdated.items()))
    tested = session.call("Bash", command=f"npm install {wanted} && (npm test || npm test)")
    if tested.is_error:
        return "The tests have failed twice: I pushed nothing."
    return propose(session, outdated)


def propose(session: AgentSession, outdated: dict[str, dict[str, str]]) -> str:
    """Push the two files to a branch of their own and open the pull request."""
    branch = f"{BRANCH}{datetime.fromtimestamp(session.firing.at, UTC):%Y-%m-%d}"
    step = "list the branches"
    branches = [each["name"] for each in read(session, step, "github.list_branches", **REPOSITORY)]
    left = [name for name in branches if name.startswith(BRANCH)]
    commit = f'git checkout -b {branch} && git commit -am "Update packages" && git push -u origin {branch}'
    if left:  # a session that died has pushed it and opened no pull request
        branch = left[-1]
    else:
        call(session, f"push {branch}", "Bash", command=commit)
    lines = [f"- {name}: {one['current']} to {one['wanted']}" for name, one in sorted(outdated.items())]
    call(
        session,
        f"open the pull request of {branch}",
        "github.create_pull_request",
        **REPOSITORY,
        title="Update packages",
        head=branch,
        base="main",
        body="\n".join(lines),
    )
    return f"One pull request updates {len(lines)} packages."
