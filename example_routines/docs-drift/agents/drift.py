"""Documentation drift: two files compared, one pull request at most."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routine_harness import AgentSession

REPOSITORY = {"owner": "acme-platform", "repo": "core-api"}
PAGE, CODE = "docs/options.md", "app/options.py"


def mend(session: AgentSession) -> None:
    """Propose what the page lacks and what it has too much."""
    page = session.call("github.get_file_contents", **REPOSITORY, path=PAGE)
    code = session.call("github.get_file_contents", **REPOSITORY, path=CODE)
    if page.is_error or code.is_error:
        session.say("I could not look: a file cannot be read.")
        return
    documented = set(re.findall(r"^- `(\w+)`", page.text, re.MULTILINE))
    existing = set(re.findall(r"^(\w+) = option\(", code.text, re.MULTILINE))
    drift = sorted(existing ^ documented)
    opened = session.call("github.list_pull_requests", **REPOSITORY, state="open")
    if drift and not opened.is_error and not is_proposed(opened.json()):
        propose(session, sorted(existing), existing - documented, documented - existing)
    session.say(f"Drifted: {', '.join(drift)}." if drift else "Nothing drifted.")


def is_proposed(pulls: list[dict[str, dict[str, str]]]) -> bool:
    return any(pull["head"]["ref"].startswith("claude/docs-drift") for pull in pulls)


def propose(session: AgentSession, options: list[str], added: set[str], removed: set[str]) -> None:
    """Push the mended page to a branch of its own and open the pull request."""
    branch = f"claude/docs-drift-{datetime.fromtimestamp(session.firing.at, UTC):%Y-%m-%d}"
    listed = "\n".join(f"- `{name}`" for name in options)
    session.call("github.create_branch", **REPOSITORY, branch=branch, from_branch="main")
    session.call(
        "github.push_files",
        **REPOSITORY,
        branch=branch,
        files=[{"path": PAGE, "content": f"# Options\n\n{listed}\n"}],
        message="Bring the options page in line with the code",
    )
    session.call(
        "github.create_pull_request",
        **REPOSITORY,
        title="Bring the options page in line with the code",
        head=branch,
        base="main",
        body="\n".join(
            [*(f"- added `{n}`" for n in sorted(added)), *(f"- removed `{n}`" for n in sorted(removed))]
        ),
    )
