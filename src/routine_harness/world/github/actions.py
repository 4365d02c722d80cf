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
    find_repository,
    not_found,
    paged,
    respond,
)
from routine_harness.world.github.show import compact, show_user
from routine_harness.world.github.tables import as_number
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
        workflow = find_workflow(world, repository, str(wanted), "failed to list workflow runs")
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
    run = find_run(world, repository, arguments.get("resource_id"), "failed to list workflow jobs")
    jobs = jobs_of(world, run)
    return {"total_count": len(jobs), "jobs": [show_job(job) for job in paged(jobs, arguments)]}


def jobs_of(world: World, run: Record) -> list[Record]:
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
    run = find_run(world, repository, arguments.get("resource_id"), "failed to list workflow run artifacts")
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


def find_workflow(world: World, repository: str, wanted: str, doing: str) -> Record:
    """A workflow by its number, the name of its file, or its path."""
    for row in tables.of_repository(world, "workflows", repository):
        path = str(row.get("path") or "")
        if wanted in (str(row["id"]), path, path.rsplit("/", 1)[-1]):
            return row
    raise not_found(doing, "GET", f"repos/{repository}/actions/workflows/{wanted}")


def _whole(given: Any, doing: str) -> int:
    number = as_number(str(given))
    if number is None:
        raise Refused(f"invalid resource_id, must be an integer for method {doing}: {given!r}")
    return number


def find_run(world: World, repository: str, wanted: Any, doing: str) -> Record:
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
        return respond(world, _bare(find_workflow(world, repository, wanted, "failed to get workflow")))
    if method == "get_workflow_job":
        return respond(world, show_job(_job(world, repository, wanted, "failed to get workflow job")))
    if method == "download_workflow_run_artifact":
        return respond(world, _artifact(world, repository, wanted))
    run = find_run(world, repository, wanted, "failed to get workflow run")
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
    return {"download_url": url, "message": "Artifact is available for download", "artifact_id": row["id"]}


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
    run = find_run(world, repository, arguments["run_id"], "failed to list workflow jobs")
    jobs = jobs_of(world, run)
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


OPERATIONS: Final = {
    "actions_list": actions_list,
    "actions_get": actions_get,
    "get_job_logs": get_job_logs,
}
