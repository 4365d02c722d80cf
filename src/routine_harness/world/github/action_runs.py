"""Starting, rerunning and cancelling workflow runs."""

from __future__ import annotations

from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.github.actions import find_run, find_workflow, jobs_of
from routine_harness.world.github.answers import Answer, Arguments, Refused, api, applied, find_repository
from routine_harness.world.github.contents import resolve_ref
from routine_harness.world.state import Record, World


def actions_run_trigger(world: World, arguments: Arguments) -> Answer:
    method = arguments["method"]
    row = find_repository(world, arguments, "failed to run workflow")
    if method == "run_workflow":
        return _start(world, row, arguments)
    if not arguments.get("run_id"):
        raise Refused("missing required parameter: run_id")
    run = find_run(world, row["full_name"], arguments["run_id"], _DOING[method])
    path = f"repos/{row['full_name']}/actions/runs/{run['id']}"
    if method == "cancel_workflow_run":
        if run["status"] == "completed":
            raise api(
                _DOING[method],
                "POST",
                f"{path}/cancel",
                409,
                "Cannot cancel a workflow run that is completed.",
            )
        after = tables.change(world, "workflow_runs", run, status="completed", conclusion="cancelled")
    elif method == "delete_workflow_run_logs":
        after = world
        for job in jobs_of(world, run):
            bare = {name: value for name, value in job.items() if name != "logs"}
            after = tables.put(after, "jobs", bare) if bare != job else after
    else:
        after = _restart(world, run, failed_only=method == "rerun_failed_jobs")
    value = {"message": _DONE[method], "run_id": run["id"], **_STATUS[method]}
    return applied(world, after, value, target=row["full_name"], run=run["id"], url=run["html_url"])


_DOING: Final = {
    "rerun_workflow_run": "failed to rerun workflow run",
    "rerun_failed_jobs": "failed to rerun failed jobs",
    "cancel_workflow_run": "failed to cancel workflow run",
    "delete_workflow_run_logs": "failed to delete workflow run logs",
}
_DONE: Final = {
    "rerun_workflow_run": "Workflow run has been queued for re-run",
    "rerun_failed_jobs": "Failed jobs have been queued for re-run",
    "cancel_workflow_run": "Workflow run has been cancelled",
    "delete_workflow_run_logs": "Workflow run logs have been deleted",
}
_STATUS: Final = {
    "rerun_workflow_run": {"status": "201 Created", "status_code": 201},
    "rerun_failed_jobs": {"status": "201 Created", "status_code": 201},
    "cancel_workflow_run": {"status": "202 Accepted", "status_code": 202},
    "delete_workflow_run_logs": {"status": "204 No Content", "status_code": 204},
}


def _restart(world: World, run: Record, *, failed_only: bool) -> World:
    again = {"status": "queued", "conclusion": None}
    for job in jobs_of(world, run):
        if not failed_only or job["conclusion"] == "failure":
            world = tables.change(world, "jobs", job, **again)
    attempt = int(run["run_attempt"]) + 1
    return tables.change(
        world, "workflow_runs", run, **again, run_attempt=attempt, updated_at=tables.now(world)
    )


def _start(world: World, row: Record, arguments: Arguments) -> Answer:
    for name in ("workflow_id", "ref"):
        if not arguments.get(name):
            raise Refused(f"{name} is required for run_workflow action")
    repository, ref = row["full_name"], arguments["ref"]
    workflow = find_workflow(world, repository, str(arguments["workflow_id"]), "failed to run workflow")
    sha = resolve_ref(world, repository, ref)
    if sha is None:
        path = f"repos/{repository}/actions/workflows/{arguments['workflow_id']}/dispatches"
        raise api("failed to run workflow", "POST", path, 422, f"No ref found for: {ref}")
    after, identity = tables.next_id(world)
    same = [
        r
        for r in tables.of_repository(world, "workflow_runs", repository)
        if r["workflow_id"] == workflow["id"]
    ]
    run = {
        "repository": repository, "id": identity, "name": workflow.get("name") or "",
        "workflow_id": workflow["id"],
        "path": workflow.get("path"), "event": "workflow_dispatch", "status": "queued", "conclusion": None,
        "head_branch": ref, "head_sha": sha, "run_attempt": 1,
        "run_number": max((int(r["run_number"]) for r in same), default=0) + 1,
        "actor": tables.me(world), "created_at": tables.now(world), "updated_at": tables.now(world),
        "html_url": f"https://github.com/{repository}/actions/runs/{identity}",
    }  # fmt: skip
    after = tables.put(after, "workflow_runs", run)
    value = {
        "message": "Workflow run has been queued", "workflow_type": "workflow_id", "ref": ref,
        "workflow_id": arguments["workflow_id"], "inputs": arguments.get("inputs"),
        "status": "204 No Content", "status_code": 204,
    }  # fmt: skip
    return applied(world, after, value, target=repository, run=identity, url=run["html_url"])


OPERATIONS: Final = {
    "actions_run_trigger": actions_run_trigger,
}
