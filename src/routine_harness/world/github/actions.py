"""GitHub Actions: workflows, their runs, jobs, logs and artifacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Incomplete,
    Refused,
    api,
    applied,
    find_repository,
    not_found,
    paged,
    respond,
)
from routine_harness.world.github.contents import resolve_ref
from routine_harness.world.github.show import compact, show_user
from routine_harness.world.state import Record, World


def actions_list(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to list workflows")["full_name"]
    return respond(world, _LISTS[arguments["method"]](world, repository, arguments))


def _list_workflows(world: World, repository: str, arguments: Arguments) -> Any:
    rows = tables.of_repository(world, "workflows", repository)
    return {"total_count": len(rows), "workflows": [_bare(row) for row in paged(rows, arguments)]}


def _bare(row: Record) -> Record:
    return {name: value for name, value in row.items() if name != "repository"}


def _list_runs(world: World, repository: str, arguments: Arguments) -> Any:
    runs = tables.of_repository(world, "workflow_runs", repository)
    wanted = arguments.get("resource_id")
    if wanted:
        workflow = _workflow(world, repository, str(wanted), "failed to list workflow runs")
        runs = [run for run in runs if run["workflow_id"] == workflow["id"]]
    chosen = arguments.get("workflow_runs_filter") or {}
    fields = {"branch": "head_branch", "event": "event", "actor": "actor"}
    for name, field in fields.items():
        if chosen.get(name):
            runs = [run for run in runs if run.get(field) == chosen[name]]
    if chosen.get("status"):
        runs = [run for run in runs if chosen["status"] in (run["status"], run["conclusion"])]
    runs = sorted(runs, key=lambda run: (str(run["created_at"]), run["id"]), reverse=True)
    return {
        "total_count": len(runs),
        "workflow_runs": [show_run(world, run) for run in paged(runs, arguments)],
    }


def show_run(world: World, run: Record) -> Record:
    return {
        "id": run["id"],
        "name": run["name"],
        **compact(display_title=run.get("display_title")),
        "workflow_id": run["workflow_id"],
        "run_number": run["run_number"],
        "run_attempt": run["run_attempt"],
        **compact(
            event=run["event"],
            status=run["status"],
            conclusion=run["conclusion"],
            head_branch=run["head_branch"],
            head_sha=run["head_sha"],
            path=run["path"],
            html_url=run["html_url"],
            pull_requests=run.get("pull_requests"),
            actor=show_user(world, run.get("actor")),
            triggering_actor=show_user(world, run.get("triggering_actor")),
            created_at=run["created_at"],
            updated_at=run["updated_at"],
            run_started_at=run.get("run_started_at"),
        ),
    }


def _list_jobs(world: World, repository: str, arguments: Arguments) -> Any:
    run = _run(world, repository, arguments.get("resource_id"), "failed to list workflow jobs")
    jobs = _jobs(world, run)
    return {"total_count": len(jobs), "jobs": [show_job(job) for job in paged(jobs, arguments)]}


def _jobs(world: World, run: Record) -> list[Record]:
    return tables.rows(world, "jobs", "run_id", run["id"], run["repository"])


def show_job(job: Record) -> Record:
    return {
        "id": job["id"],
        "run_id": job["run_id"],
        "name": job["name"],
        **compact(workflow_name=job.get("workflow_name")),
        "status": job["status"],
        **compact(
            conclusion=job["conclusion"],
            head_branch=job.get("head_branch"),
            head_sha=job.get("head_sha"),
            html_url=job["html_url"],
            steps=job["steps"],
            created_at=job.get("created_at"),
            started_at=job.get("started_at"),
            completed_at=job.get("completed_at"),
        ),
    }


def _list_artifacts(world: World, repository: str, arguments: Arguments) -> Any:
    run = _run(world, repository, arguments.get("resource_id"), "failed to list workflow run artifacts")
    rows = [
        row for row in tables.of_repository(world, "artifacts", repository) if row.get("run_id") == run["id"]
    ]
    return {"total_count": len(rows), "artifacts": [_bare(row) for row in paged(rows, arguments)]}


_LISTS: Final[dict[str, Callable[[World, str, Arguments], Any]]] = {
    "list_workflows": _list_workflows,
    "list_workflow_runs": _list_runs,
    "list_workflow_jobs": _list_jobs,
    "list_workflow_run_artifacts": _list_artifacts,
}


def _workflow(world: World, repository: str, wanted: str, doing: str) -> Record:
    """A workflow by its number, the name of its file, or its path."""
    for row in tables.of_repository(world, "workflows", repository):
        path = str(row.get("path") or "")
        if wanted in (str(row["id"]), path, path.rsplit("/", 1)[-1]):
            return row
    raise not_found(doing, "GET", f"repos/{repository}/actions/workflows/{wanted}")


def _whole(given: Any, doing: str) -> int:
    try:
        return int(given)
    except (TypeError, ValueError):
        raise Refused(f"invalid resource_id, must be an integer for method {doing}: {given!r}") from None


def _run(world: World, repository: str, wanted: Any, doing: str) -> Record:
    if wanted in (None, ""):
        raise Refused("missing required parameter for method: resource_id")
    run = tables.get(world, "workflow_runs", repository, _whole(wanted, doing))
    if run is None:
        raise not_found(doing, "GET", f"repos/{repository}/actions/runs/{wanted}")
    return run


def _job(world: World, repository: str, wanted: Any, doing: str) -> Record:
    job = tables.get(world, "jobs", repository, _whole(wanted, doing))
    if job is None:
        raise not_found(doing, "GET", f"repos/{repository}/actions/jobs/{wanted}")
    return job


def actions_get(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to get workflow")["full_name"]
    method, wanted = arguments["method"], arguments["resource_id"]
    if method == "get_workflow":
        return respond(world, _bare(_workflow(world, repository, wanted, "failed to get workflow")))
    if method == "get_workflow_job":
        return respond(world, show_job(_job(world, repository, wanted, "failed to get workflow job")))
    if method == "download_workflow_run_artifact":
        return respond(world, _artifact(world, repository, wanted))
    run = _run(world, repository, wanted, "failed to get workflow run")
    if method == "get_workflow_run":
        return respond(world, show_run(world, run))
    if method == "get_workflow_run_usage":
        return respond(world, {"billable": {}, **compact(run_duration_ms=run.get("run_duration_ms"))})
    url = f"https://api.github.com/repos/{repository}/actions/runs/{run['id']}/logs"
    message = "Workflow run logs are available for download"
    return respond(world, {"logs_url": url, "message": message})


def _artifact(world: World, repository: str, wanted: str) -> Any:
    row = tables.get(world, "artifacts", repository, _whole(wanted, "download_workflow_run_artifact"))
    if row is None:
        path = f"repos/{repository}/actions/artifacts/{wanted}/zip"
        raise not_found("failed to get artifact download URL", "GET", path)
    url = f"https://api.github.com/repos/{repository}/actions/artifacts/{wanted}/zip"
    return {"download_url": url, "message": "Artifact is available for download", "artifact_id": int(wanted)}


def get_job_logs(world: World, arguments: Arguments) -> Answer:
    """The log of one job, or of all failed jobs of a run."""
    doing = "failed to get job logs"
    repository = find_repository(world, arguments, doing)["full_name"]
    if not arguments.get("failed_only"):
        if not arguments.get("job_id"):
            raise Refused("job_id is required when failed_only is false")
        return respond(world, _log(_job(world, repository, arguments["job_id"], doing), arguments))
    if not arguments.get("run_id"):
        raise Refused("run_id is required when failed_only is true")
    run = _run(world, repository, arguments["run_id"], "failed to list workflow jobs")
    jobs = _jobs(world, run)
    failed = [job for job in jobs if job["conclusion"] == "failure"]
    if not failed and not jobs and run["conclusion"] == "failure":
        raise Incomplete(f"the jobs of run {run['id']} of {repository}")
    common = {"run_id": run["id"], "total_jobs": len(jobs), "failed_jobs": len(failed)}
    if not failed:
        return respond(world, {"message": "No failed jobs found in this workflow run", **common})
    logs = [_log(job, arguments) for job in failed]
    message = f"Retrieved logs for {len(failed)} failed jobs"
    return respond(world, {"message": message, **common, "logs": logs})


def _log(job: Record, arguments: Arguments) -> Record:
    shown: Record = {"job_id": job["id"], "job_name": job["name"]}
    if not arguments.get("return_content"):
        url = f"https://api.github.com/repos/{job['repository']}/actions/jobs/{job['id']}/logs"
        return {**shown, "logs_url": url, "message": "Job logs are available for download"}
    if not isinstance(job.get("logs"), str):
        raise Incomplete(f"the log of job {job['id']} of {job['repository']}")
    lines = job["logs"].splitlines()
    tail = int(arguments.get("tail_lines") or 500)
    text = "\n".join(lines[-tail:])
    message = "Job logs content retrieved successfully"
    return {**shown, "logs_content": text, "message": message, "original_length": len(lines)}


def actions_run_trigger(world: World, arguments: Arguments) -> Answer:
    method = arguments["method"]
    row = find_repository(world, arguments, "failed to run workflow")
    if method == "run_workflow":
        return _start(world, row, arguments)
    if not arguments.get("run_id"):
        raise Refused("missing required parameter: run_id")
    run = _run(world, row["full_name"], arguments["run_id"], _DOING[method])
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
        for job in _jobs(world, run):
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
    for job in _jobs(world, run):
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
    workflow = _workflow(world, repository, str(arguments["workflow_id"]), "failed to run workflow")
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
        "repository": repository, "id": identity, "name": workflow.get("name") or "", "workflow_id": workflow["id"],
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
    "actions_list": actions_list,
    "actions_get": actions_get,
    "get_job_logs": get_job_logs,
    "actions_run_trigger": actions_run_trigger,
}
