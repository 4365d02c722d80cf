"""What GitHub fills in by itself in comments, reviews, releases, runs and the like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Record
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

WEB: Final = "https://github.com"


def fill_each(world: World, table: str, defaults: Callable[[Record], Record]) -> World:
    """``table`` with ``defaults`` of each record where the record lacks them."""
    name = f"github.{table}"
    rows = world.tables.get(name)
    if rows is None:
        return world
    completed = [
        (key, {**given, **record})
        for key, record in rows.items()
        if not (given := defaults(record)).keys() <= record.keys()
    ]
    return world.with_table(name, rows.update(completed)) if completed else world


def tip_of(world: World, repository: str, branch: str) -> str:
    row = tables.get(world, "branches", repository, branch) or {}
    return str(row.get("sha") or tables.digest("tip", repository, branch))


def default_branch(world: World, repository: str) -> str:
    row = tables.get(world, "repositories", repository) or {}
    return str(row.get("default_branch") or "main")


def complete_rows(world: World) -> World:
    clock = tables.now(world)

    def author(record: Record) -> str:
        return str(record["repository"].partition("/")[0])

    def comment(record: Record) -> Record:
        address = f"{WEB}/{record['repository']}/issues/{record.get('number')}#issuecomment-{record['id']}"
        return {"user": author(record), "body": "", "html_url": address, **times(record)}

    def times(record: Record) -> Record:
        return {"created_at": clock, "updated_at": record.get("created_at") or clock}

    def review(record: Record) -> Record:
        address = f"{WEB}/{record['repository']}/pull/{record.get('number')}#pullrequestreview-{record['id']}"
        submitted = {} if record.get("state") == "PENDING" else {"submitted_at": clock}
        return {"user": author(record), "body": "", "state": "COMMENTED", "html_url": address, **submitted}

    def inline(record: Record) -> Record:
        address = f"{WEB}/{record['repository']}/pull/{record.get('number')}#discussion_r{record['id']}"
        return {"user": author(record), "body": "", "html_url": address, **times(record)}

    def release(record: Record) -> Record:
        address = f"{WEB}/{record['repository']}/releases/tag/{record['tag_name']}"
        published = {} if record.get("draft") else {"published_at": record.get("created_at") or clock}
        drafted: Record = {"draft": False, "prerelease": False, "assets": [], "body": "", **published}
        return {
            **drafted, "name": record["tag_name"], "author": author(record), "html_url": address,
            "target_commitish": default_branch(world, record["repository"]), "created_at": clock,
        }  # fmt: skip

    def run(record: Record) -> Record:
        finished = "completed" if record.get("conclusion") else "queued"
        number = len(tables.of_repository(world, "workflow_runs", record["repository"]))
        return {
            "name": record.get("workflow") or record.get("path") or "CI", "status": finished,
            "conclusion": None, "event": "push", "run_number": number, "run_attempt": 1,
            "head_branch": default_branch(world, record["repository"]), "workflow_id": workflow_id(record),
            "head_sha": tip_of(world, record["repository"], record.get("head_branch") or "main"),
            "html_url": f"{WEB}/{record['repository']}/actions/runs/{record['id']}",
            "path": _workflow_path(record), **times(record),
        }  # fmt: skip

    def workflow_id(record: Record) -> int:
        known = tables.of_repository(world, "workflows", record["repository"])
        path = _workflow_path(record)
        found = next((one["id"] for one in known if one.get("path") == path), None)
        return int(found) if found else tables.user_id(f"{record['repository']}/{path}")

    def job(record: Record) -> Record:
        finished = "completed" if record.get("conclusion") else "queued"
        address = f"{WEB}/{record['repository']}/actions/runs/{record['run_id']}/job/{record['id']}"
        return {"status": finished, "conclusion": None, "html_url": address, "steps": []}

    def check(record: Record) -> Record:
        finished = "completed" if record.get("conclusion") else "queued"
        return {"status": finished, "conclusion": None, "head_sha": _sha_of(world, record), "name": "check"}

    def status(record: Record) -> Record:
        return {"sha": _sha_of(world, record), "context": "default", "state": "pending", **times(record)}

    def label(record: Record) -> Record:
        given = f"{record['repository']}/{record['name']}"
        return {"color": "ededed", "description": "", "id": tables.user_id(given)}

    def milestone(record: Record) -> Record:
        return {"title": f"Milestone {record['number']}", "state": "open", "description": "", **times(record)}

    def ruleset(record: Record) -> Record:
        return {"name": "ruleset", "target": "branch", "enforcement": "active", "conditions": {}, "rules": []}

    def reaction(record: Record) -> Record:
        return {"user": author(record), "created_at": clock}

    plan: dict[str, Callable[[Record], Record]] = {
        "comments": comment, "reviews": review, "review_comments": inline, "releases": release,
        "workflow_runs": run, "jobs": job, "checks": check, "statuses": status, "labels": label,
        "milestones": milestone, "rulesets": ruleset,
        "workflows": times, "reactions": reaction,
    }  # fmt: skip
    for table, defaults in plan.items():
        world = fill_each(world, table, defaults)
    return _complete_workflows(world)


def _workflow_path(run: Record) -> str:
    named = str(run.get("path") or run.get("workflow") or run.get("name") or "ci.yml")
    return named if "/" in named else f".github/workflows/{named}"


def _complete_workflows(world: World) -> World:
    for run in world.table("github.workflow_runs"):
        row = {
            "repository": run["repository"], "id": run["workflow_id"], "name": run["name"],
            "path": run["path"], "state": "active", "created_at": run["created_at"],
            "updated_at": run["created_at"],
        }  # fmt: skip
        world = tables.default(world, "workflows", row)
    return world


def _sha_of(world: World, record: Record) -> str:
    """The commit that a check or status is about: given, or the head of a pull request or branch."""
    for field in ("head_sha", "sha", "commit"):
        if record.get(field):
            return str(record[field])
    pull = tables.get(world, "pulls", record["repository"], record.get("number"))
    if pull is not None:
        return str(pull["head_sha"])
    branch = record.get("branch") or record.get("ref") or default_branch(world, record["repository"])
    return tip_of(world, record["repository"], str(branch))
