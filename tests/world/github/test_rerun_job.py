"""One job of a workflow run again: by REST and by ``gh run rerun --job``, the only faces that have it."""

from __future__ import annotations

import pytest
from world.github.test_forms_agree import Asking

from routine_harness.world.github.connector import CONNECTOR, answer_request
from routine_harness.world.state import World
from routine_harness.world.worldfile import world_from_data

LOST = "the run of job 10 of acme/core"
RERUN = "/repos/acme/core/actions/jobs/{}/rerun"


@pytest.fixture
def world() -> World:
    jobs = [
        {"id": 7, "name": "unit", "conclusion": "failure"},
        {"id": 8, "name": "lint", "conclusion": "success"},
    ]
    rows = {
        "repositories": [{"full_name": "acme/core"}],
        "workflow_runs": [
            {"repository": "acme/core", "id": 1, "workflow": "ci.yml", "conclusion": "failure", "jobs": jobs},
            {"repository": "acme/core", "id": 2, "workflow": "ci.yml", "status": "in_progress",
             "jobs": [{"id": 9, "name": "unit", "conclusion": "failure"}]},
        ],
        "jobs": [{"repository": "acme/core", "id": 10, "run_id": 3, "name": "lost"}],
    }  # fmt: skip
    return world_from_data({"clock": "2026-05-04T09:00:00Z", "github": rows}, {"github": CONNECTOR})


def test_one_job_is_queued_in_a_new_attempt_of_its_run(world: World) -> None:
    """The other jobs keep their conclusions; the answer is the empty object that GitHub describes."""
    reply, outcome = answer_request(world, "POST", RERUN.format(7))
    after = outcome.world
    assert (reply.status, reply.value) == (201, {})
    assert [(job["id"], job["status"], job["conclusion"]) for job in after.table("github.jobs")][:2] == [
        (7, "queued", None),
        (8, "completed", "success"),
    ]
    run = after.get("github.workflow_runs", ("acme/core", 1))
    assert run is not None
    assert (run["run_attempt"], run["status"], run["conclusion"]) == (2, "queued", None)
    [effect] = outcome.effects
    assert (effect.kind, effect.target, effect.outcome) == ("workflow.rerun", "acme/core", "applied")
    assert effect.fields["run"] == 1


@pytest.mark.parametrize(
    ("job", "status", "message"),
    [
        (9, 403, "The workflow run containing this job is already running"),
        (99, 404, "Not Found"),
        (
            10,
            501,
            f"the simulated world does not hold {LOST}; it knows of it by name only",
        ),
    ],
)
def test_what_cannot_run_again_is_refused(world: World, job: int, status: int, message: str) -> None:
    """A job of a run that still runs, one that is not there, and one whose run the world does not hold."""
    reply, outcome = answer_request(world, "POST", RERUN.format(job))
    assert (reply.status, reply.value["message"]) == (status, message)
    assert [effect.outcome for effect in outcome.effects] == ["refused"]
    assert outcome.world.tables == world.tables


def test_gh_reruns_a_job_without_a_word() -> None:
    """``gh`` tells of it in a terminal alone; a job that is not there fails as GitHub says."""
    asking = Asking()
    assert asking._bash("gh run rerun --job 601 -R acme/core") == ("", False)
    text, failed = asking._bash("gh run rerun --job 999 -R acme/core")
    assert failed
    assert "HTTP 404" in text
    assert [(one.kind, one.outcome) for one in asking.session.effects] == [
        ("workflow.rerun", "applied"),
        ("workflow.rerun", "refused"),
    ]
