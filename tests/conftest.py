"""What all tests share: the folder of real data beside the project, and scratch homes."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("tests", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("tests")

PROJECT = Path(__file__).parents[1]
HARMLESS = ("root reads everything",)
"""The skips that continuous integration allows; elsewhere a missing tool skips its tests, too."""


def pytest_configure() -> None:
    """Let the programs that tests start be interrupted: a shell has what runs in its background ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In continuous integration everything is there, so that a test which is skipped has failed."""
    report = yield
    reason: Any = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    strict = os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail")
    if strict and not str(reason).endswith(HARMLESS):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and CI has what it needs: {reason}"
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project; its tests are skipped where it is absent."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the real data in {folder.parent.name}/{folder.name}")
    return folder


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's top folder."""
    return PROJECT
