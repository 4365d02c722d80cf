"""A real Dask scheduler with two worker processes, one of which dies midway."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from trigger_support import clause, github, routine

from routine_harness.backtest import source
from routine_harness.backtest.run import run_backtest
from routine_harness.backtest.synthesize import synthesize
from routine_harness.errors import UsageError

pytest.importorskip("distributed")

TRIAGE = routine(
    github(
        clause("title", "contains", "Fix"),
        events=("pull_request.opened", "pull_request.synchronize"),
        branches=("main", "release/*"),
    )
)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[int]]]:
    """The scheduler's address and the ids of two worker processes."""
    address_file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    processes = [
        subprocess.Popen(
            [
                *dask,
                "--port",
                "0",
                "--no-dashboard",
                "--host",
                "127.0.0.1",
                "--scheduler-file",
                str(address_file),
            ],
            **quiet,
        )
    ]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(address_file)]
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path)]
    processes += [subprocess.Popen([*worker, *options], **quiet) for _ in range(2)]
    try:
        yield _address(address_file), [process.pid for process in processes[1:]]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _address(file: Path) -> str:
    from distributed import Client

    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline, "the scheduler did not start"
        time.sleep(0.1)
    with Client(scheduler_file=str(file), set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        address: str = client.scheduler.address
    return address


def test_a_worker_that_is_killed_midway_loses_nothing_and_counts_nothing_twice(
    cluster: tuple[str, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result equals that of one process, to the last clause."""
    address, workers = cluster
    archive = tmp_path / "full.json"
    synthesize(12_000, archive)
    monkeypatch.setattr(source, "RANGE", 2_000_000)
    expected = run_backtest([TRIAGE], [archive], jobs=1)
    steps: list[int] = []

    def kill_one(done: int, events: int) -> None:
        steps.append(events)
        if len(steps) == 5:
            os.kill(workers[0], signal.SIGKILL)

    found = run_backtest([TRIAGE], [archive], scheduler=address, on_progress=kill_one)
    assert len(steps) > 20
    assert (found.events, found.repeated, found.errors) == (expected.events, expected.repeated, 0)
    assert found.routines == expected.routines


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    """The address is the user's; the error says how one is written."""
    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        run_backtest([TRIAGE], [Path(__file__)], scheduler="tcp://127.0.0.1:9")
