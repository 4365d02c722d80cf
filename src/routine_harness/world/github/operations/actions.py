"""GitHub Actions: workflows, their runs, jobs, logs and artifacts; starting, rerunning, cancelling."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.github.operations.contents import resolve_ref
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    Refused,
    applied,
    find_repository,
    find_row,
    found,
    full_name,
    not_found,
)
from routine_harness.world.github.records import tables
from routine_harness.world.state import World


def list_workflows(world: World, arguments: Arguments) -> Done:
    return found(world, tables.of_repository(world, "workflows", full_name(world, arguments)))


def get_workflow(world: World, arguments: Arguments) -> Done:
    return found(world, _workflow(world, arguments))


def _workflow(world: World, arguments: Arguments) -> Record:
    """The workflow with an id, a file name, a path or, as gh takes it, a name."""
    repository, wanted = full_name(world, arguments), str(arguments["workflow_id"])
    for row in tables.of_repository(world, "workflows", repository):
        path = str(row.get("path") or "")
        if wanted in (str(row["id"]), path, path.rsplit("/", 1)[-1], row.get("name")):
            return row
    raise not_found()


_RUN_FILTERS: Final = {"branch": "head_branch", "event": "event", "actor": "actor", "head_sha": "head_sha"}


def list_runs(world: World, arguments: Arguments) -> Done:
    """Newest first; ``status`` takes states and conclusions alike, as REST does."""
    runs = tables.of_repository(world, "workflow_runs", full_name(world, arguments))
    if arguments.get("workflow_id"):
        workflow = _workflow(world, arguments)
        runs = [run for run in runs if run["workflow_id"] == workflow["id"]]
    for name, field in _RUN_FILTERS.items():
        if arguments.get(name):
            runs = [run for run in runs if run.get(field) == arguments[name]]
    if arguments.get("status"):
        runs = [run for run in runs if arguments["status"] in (run["status"], run["conclusion"])]
    return found(world, sorted(runs, key=lambda run: (str(run["created_at"]), run["id"]), reverse=True))


def get_run(world: World, arguments: Arguments) -> Done:
    return found(world, find_row(world, "workflow_runs", arguments, "run_id"))


def jobs_of(world: World, run: Record) -> list[Record]:
    return tables.rows(world, "jobs", "run_id", run["id"], run["repository"])


def list_jobs(world: World, arguments: Arguments) -> Done:
    return found(world, jobs_of(world, find_row(world, "workflow_runs", arguments, "run_id")))


def get_job(world: World, arguments: Arguments) -> Done:
    return found(world, find_row(world, "jobs", arguments, "job_id"))


def list_artifacts(world: World, arguments: Arguments) -> Done:
    run = find_row(world, "workflow_runs", arguments, "run_id")
    rows = tables.of_repository(world, "artifacts", run["repository"])
    return found(world, [row for row in rows if row.get("run_id") == run["id"]])


def get_artifact(world: World, arguments: Arguments) -> Done:
    return found(world, find_row(world, "artifacts", arguments, "artifact_id"))


def get_job_log(world: World, arguments: Arguments) -> Done:
    """The log of a job, as text.

    Raises:
        Incomplete: the world holds the job without its log.
    """
    job = find_row(world, "jobs", arguments, "job_id")
    return found(world, log_of(job))


def log_of(job: Record) -> str:
    """The log of a job.

    Raises:
        Incomplete: the world holds the job without it.
    """
    if not isinstance(job.get("logs"), str):
        raise Incomplete(f"the log of job {job['id']} of {job['repository']}")
    return str(job["logs"])


def list_failed_jobs(world: World, arguments: Arguments) -> Done:
    """All jobs of a run, those that failed marked by their conclusion.

    Raises:
        Incomplete: the run failed, and the world holds none of its jobs.
    """
    run = find_row(world, "workflow_runs", arguments, "run_id")
    jobs = jobs_of(world, run)
    if not jobs and run["conclusion"] == "failure":
        raise Incomplete(f"the jobs of run {run['id']} of {run['repository']}")
    return found(world, jobs)


def start_workflow(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    repository, ref = row["full_name"], arguments.get("ref") or row["default_branch"]
    workflow = _workflow(world, arguments)
    sha = resolve_ref(world, repository, ref)
    if sha is None:
        raise Refused(422, f"No ref found for: {ref}")
    if str(workflow.get("state") or "active").startswith("disabled"):
        raise Refused(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    after, identity = tables.next_id(world)
    runs = tables.of_repository(world, "workflow_runs", repository)
    taken = [int(run["run_number"]) for run in runs if run["workflow_id"] == workflow["id"]]
    run = {
        "repository": repository, "id": identity, "name": workflow.get("name") or "",
        "workflow_id": workflow["id"], "path": workflow.get("path"), "event": "workflow_dispatch",
        "status": "queued", "conclusion": None, "head_branch": ref, "head_sha": sha, "run_attempt": 1,
        "run_number": max(taken, default=0) + 1, "actor": tables.me(world),
        "created_at": tables.now(world), "updated_at": tables.now(world),
        "html_url": f"https://github.com/{repository}/actions/runs/{identity}",
    }  # fmt: skip
    after = tables.put(after, "workflow_runs", run)
    return applied(world, after, run, target=repository, run=identity, url=run["html_url"])


def rerun(world: World, arguments: Arguments) -> Done:
    run = find_row(world, "workflow_runs", arguments, "run_id")
    return _restart(world, run, jobs_of(world, run))


def rerun_failed(world: World, arguments: Arguments) -> Done:
    run = find_row(world, "workflow_runs", arguments, "run_id")
    return _restart(world, run, [job for job in jobs_of(world, run) if job["conclusion"] == "failure"])


def rerun_job(world: World, arguments: Arguments) -> Done:
    """One job again. GitHub also reruns the jobs that need it; the API does not say which ones do.

    The refusal is the one that api.github.com gave while the run went on (NVIDIA-NeMo/RL #1193).

    Raises:
        Incomplete: the world holds the job without its run.
    """
    job = find_row(world, "jobs", arguments, "job_id")
    run = tables.get(world, "workflow_runs", job["repository"], job["run_id"])
    if run is None:
        raise Incomplete(f"the run of job {job['id']} of {job['repository']}")
    if run["status"] != "completed":
        raise Refused(403, "The workflow run containing this job is already running")
    return _restart(world, run, [job])


def _restart(world: World, run: Record, jobs: list[Record]) -> Done:
    """``jobs`` of a run in a new attempt of it."""
    again: Record = {"status": "queued", "conclusion": None}
    after = world
    for job in jobs:
        after = tables.change(after, "jobs", job, **again)
    again |= {"run_attempt": int(run["run_attempt"]) + 1, "updated_at": tables.now(world)}
    after = tables.change(after, "workflow_runs", run, **again)
    return _of_run(world, after, run)


def cancel(world: World, arguments: Arguments) -> Done:
    run = find_row(world, "workflow_runs", arguments, "run_id")
    if run["status"] == "completed":
        raise Refused(409, "Cannot cancel a workflow run that is completed.")
    after = tables.change(world, "workflow_runs", run, status="completed", conclusion="cancelled")
    return _of_run(world, after, run)


def delete_run(world: World, arguments: Arguments) -> Done:
    run = find_row(world, "workflow_runs", arguments, "run_id")
    after = tables.remove(world, "workflow_runs", run)
    for job in jobs_of(world, run):
        after = tables.remove(after, "jobs", job)
    return _of_run(world, after, run)


def delete_logs(world: World, arguments: Arguments) -> Done:
    run, after = find_row(world, "workflow_runs", arguments, "run_id"), world
    for job in jobs_of(world, run):
        bare = {name: value for name, value in job.items() if name != "logs"}
        after = tables.put(after, "jobs", bare) if bare != job else after
    return _of_run(world, after, run)


def _of_run(before: World, after: World, run: Record) -> Done:
    return applied(before, after, run, target=run["repository"], run=run["id"], url=run["html_url"])


def set_workflow_state(world: World, arguments: Arguments, *, state: str) -> Done:
    workflow = _workflow(world, arguments)
    after = tables.change(world, "workflows", workflow, state=state)
    return applied(world, after, target=workflow["repository"], workflow=str(arguments["workflow_id"]))
