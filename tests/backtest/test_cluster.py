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
from support.triggers import clause, github, routine

from routine_harness.backtest import pool, source
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


def test_workers_in_another_folder_see_the_files_and_without_any_it_is_told(
    tmp_path: Path, cluster: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative paths are those of who asks; a scheduler without workers would wait for ever."""
    address, workers = cluster
    monkeypatch.chdir(tmp_path)
    synthesize(200, Path("archive.json"))
    found = run_backtest([TRIAGE], [Path("archive.json")], scheduler=address)
    assert (found.events, found.errors) == (200, 0)
    monkeypatch.setattr(pool, "_PATIENCE", 2)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    time.sleep(1)
    with pytest.raises(UsageError, match="has no worker"):
        run_backtest([TRIAGE], [Path("archive.json")], scheduler=address)


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is the user's; the error says how one is written."""
    monkeypatch.setattr(pool, "_PATIENCE", 1)
    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        run_backtest([TRIAGE], [Path(__file__)], scheduler="tcp://127.0.0.1:9")


@pytest.mark.parametrize("address", ["nonsense", "foo://x:1", "tcp://127.0.0.1:99999", "tcp://host"])
def test_what_is_no_address_is_told_at_once(address: str) -> None:
    """Nothing is connected to."""
    with pytest.raises(UsageError, match="is no address of a Dask scheduler"):
        run_backtest([TRIAGE], [Path(__file__)], scheduler=address)
