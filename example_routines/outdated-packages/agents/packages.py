"""Package updates: what npm says decides whether anything is pushed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

REPOSITORY = {"owner": "acme-platform", "repo": "web-app"}
BRANCH = "claude/outdated-"


def update(session: AgentSession) -> None:
    """Open one pull request, if there is anything to update and the tests pass."""
    opened = session.call("github.list_pull_requests", **REPOSITORY, state="open")
    if opened.is_error:
        session.say("I could not look: the pull requests cannot be listed.")
        return
    if any(pull["head"]["ref"].startswith(BRANCH) for pull in opened.json()):
        session.say("A pull request is open already.")
        return
    listed = session.call("Bash", command="npm outdated --json || true")
    outdated = {} if listed.is_error else json.loads(listed.text or "{}")
    if listed.is_error or not outdated:
        session.say("I could not look: npm failed." if listed.is_error else "Nothing is outdated.")
        return
    wanted = " ".join(f"{name}@{one['wanted']}" for name, one in sorted(outdated.items()))
    tested = session.call("Bash", command=f"npm install {wanted} && (npm test || npm test)")
    if tested.is_error:
        session.say("The tests have failed twice: I pushed nothing.")
        return
    propose(session, outdated)


def propose(session: AgentSession, outdated: dict[str, dict[str, str]]) -> None:
    """Push the two files to a branch of their own and open the pull request."""
    branch = f"{BRANCH}{datetime.fromtimestamp(session.firing.at, UTC):%Y-%m-%d}"
    commit = f'git checkout -b {branch} && git commit -am "Update packages" && git push -u origin {branch}'
    session.call("Bash", command=commit)
    lines = [f"- {name}: {one['current']} to {one['wanted']}" for name, one in sorted(outdated.items())]
    session.call(
        "github.create_pull_request",
        **REPOSITORY,
        title="Update packages",
        head=branch,
        base="main",
        body="\n".join(lines),
    )
    session.say(f"One pull request updates {len(lines)} packages.")
