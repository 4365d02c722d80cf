"""What CI says of a commit: statuses and check runs."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    applied,
    find_repository,
    not_found,
    paged,
    respond,
)
from routine_harness.world.github.contents import resolve_ref
from routine_harness.world.github.show import compact
from routine_harness.world.state import Record, World


def latest_statuses(world: World, repository: str, sha: str) -> list[Record]:
    """The last status of each context."""
    latest: dict[str, Record] = {}
    for status in tables.rows(world, "statuses", "sha", sha, repository):
        latest.pop(status["context"], None)
        latest[status["context"]] = status
    return list(latest.values())


def combined_status(world: World, repository: str, sha: str) -> dict[str, Any]:
    """The statuses of a commit and what they come to."""
    statuses = latest_statuses(world, repository, sha)
    states = {status["state"] for status in statuses}
    state = "success" if states == {"success"} else "pending"
    if states & {"failure", "error"}:
        state = "failure"
    return {
        "state": state,
        "sha": sha,
        "total_count": len(statuses),
        "statuses": [
            {
                "state": status["state"],
                "context": status["context"],
                **compact(
                    description=status.get("description"),
                    target_url=status.get("target_url"),
                    created_at=status["created_at"],
                    updated_at=status["updated_at"],
                ),
            }
            for status in statuses
        ],
    }


def show_checks(world: World, repository: str, sha: str, arguments: Arguments) -> dict[str, Any]:
    """The check runs of a commit."""
    checks = tables.rows(world, "checks", "head_sha", sha, repository)
    return {
        "total_count": len(checks),
        "check_runs": [
            {
                "id": check["id"],
                "name": check["name"],
                "status": check["status"],
                **compact(
                    conclusion=check.get("conclusion"),
                    html_url=check.get("html_url"),
                    details_url=check.get("details_url"),
                    started_at=check.get("started_at"),
                    completed_at=check.get("completed_at"),
                ),
            }
            for check in paged(checks, arguments)
        ],
    }


def _sha(world: World, arguments: Arguments, name: str = "sha") -> tuple[str, str]:
    repository = find_repository(world, arguments, "failed to find commit")["full_name"]
    sha = resolve_ref(world, repository, arguments[name])
    if sha is None:
        raise not_found("failed to find commit", "GET", f"repos/{repository}/commits/{arguments[name]}")
    return repository, sha


def get_commit_status(world: World, arguments: Arguments) -> Answer:
    return respond(world, combined_status(world, *_sha(world, arguments)))


def list_check_runs(world: World, arguments: Arguments) -> Answer:
    return respond(world, show_checks(world, *_sha(world, arguments), arguments))


def create_commit_status(world: World, arguments: Arguments) -> Answer:
    repository, sha = _sha(world, arguments)
    after, number = tables.next_id(world)
    status = {
        "repository": repository,
        "id": number,
        "sha": sha,
        "state": arguments["state"],
        "context": arguments.get("context") or "default",
        "description": arguments.get("description"),
        "target_url": arguments.get("target_url"),
        "creator": tables.me(world),
        "created_at": tables.now(world),
        "updated_at": tables.now(world),
    }
    after = tables.put(after, "statuses", status)
    return applied(world, after, {"id": number, "state": status["state"]}, target=f"{repository}@{sha[:7]}")


def create_check_run(world: World, arguments: Arguments) -> Answer:
    repository, sha = _sha(world, arguments, "head_sha")
    after, number = tables.next_id(world)
    conclusion = arguments.get("conclusion")
    check = {
        "repository": repository,
        "id": number,
        "name": arguments["name"],
        "head_sha": sha,
        "status": "completed" if conclusion else arguments.get("status") or "queued",
        "conclusion": conclusion,
        "started_at": tables.now(world),
        "completed_at": tables.now(world) if conclusion else None,
    }
    after = tables.put(after, "checks", check)
    return applied(world, after, {"id": number, "name": check["name"]}, target=f"{repository}@{sha[:7]}")


OPERATIONS: Final = {
    "get_commit_status": get_commit_status,
    "list_check_runs": list_check_runs,
    "create_commit_status": create_commit_status,
    "create_check_run": create_check_run,
}
