"""The pytest plugin: options, collection and the life of a session. No logic.

Importing this costs nothing but itself: the harness is loaded with the first file that is ours.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from routine_harness.plugin.collect import Bench

_BENCH: pytest.StashKey[Bench] = pytest.StashKey()
_YAML = (".yaml", ".yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("routine-harness", "dry runs of Claude Code Routines")
    group.addoption(
        "--routine-record",
        choices=("none", "once", "new_episodes", "all"),
        default="none",
        help="record absent (once), absent or stale (new_episodes) or all recordings; default: none",
    )
    group.addoption(
        "--routine-agent",
        metavar="NAME",
        choices=("scripted", "claude-code"),
        help="who plays or records: scripted runs the script that a case names, even beside a recording; "
        "claude-code records, with --routine-record; default: the recording, else the case's own agent",
    )
    group.addoption(
        "--routine-require-sandbox",
        action="store_true",
        help="a case that needs a sandbox is an error without one; default: it is skipped",
    )
    group.addoption("--routine-update", action="store_true", help="write snapshots instead of comparing them")
    group.addoption(
        "--routine-coverage",
        action="store_true",
        help="say which prohibitions, limits, filters, tools and conditions no case has exercised",
    )
    group.addoption(
        "--routine-coverage-min",
        metavar="PERCENT",
        type=int,
        help="fail the session if the cases of a routine exercise less; asks for --routine-coverage",
    )
    group.addoption(
        "--routine-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write a report; its form follows the ending: .html, .json or .sarif",
    )


def pytest_configure(config: pytest.Config) -> None:
    refuse_scattered_writes(config)
    least = config.getoption("routine_coverage_min")
    if least is not None and not 0 <= least <= 100:
        raise pytest.UsageError(f"--routine-coverage-min: expected a number from 0 to 100, found {least}")
    config.addinivalue_line("markers", "routine: a check of a routine (added to every item of the plugin)")
    if not hasattr(config, "workerinput"):
        with _unrewritten(config):
            from routine_harness.plugin.summary import Summary  # only the controller shows anything

        config.pluginmanager.register(Summary(config), "routine_harness_summary")
        if config.getoption("routine_report"):
            with _unrewritten(config):
                from routine_harness.plugin.report import ReportWriter  # brings lint, gate and reports

            config.pluginmanager.register(
                ReportWriter(config.getoption("routine_report")), "routine_harness_report"
            )


def pytest_report_header(config: pytest.Config) -> str | None:
    """What opens the model where the real agent is asked for: a key is billed."""
    if config.getoption("routine_agent") != "claude-code":
        return None
    with _unrewritten(config):
        from routine_harness.serve.credential import tell_credential  # only live runs need one

    return f"live runs: {tell_credential(os.environ)}"


def refuse_scattered_writes(config: pytest.Config) -> None:
    """Recording and updating need all items of a case in one worker.

    Raises:
        pytest.UsageError: xdist would scatter them.
    """
    writes = [
        name for name in ("record", "update") if config.getoption(f"routine_{name}") not in ("none", False)
    ]
    if writes and config.getoption("dist", "no") not in ("no", "loadfile"):
        raise pytest.UsageError(
            f"--routine-{writes[0]} with xdist needs --dist loadfile: the items of a case share one run pair"
        )


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """A link that leads back to a folder above it would be followed without end."""
    if collection_path.is_symlink() and collection_path.is_dir():
        return True if collection_path.resolve() in collection_path.absolute().parents else None
    return None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix not in _YAML or not _may_be_ours(file_path):
        return None
    return bench(parent.config).collector(file_path, parent)


def _may_be_ours(path: Path) -> bool:
    from routine_harness.routine.layout import CASES, is_routine_file  # only where there is YAML

    return path.parent.name == CASES or is_routine_file(path)


def bench(config: pytest.Config) -> Bench:
    """The one harness of this session, with its caches."""
    found = config.stash.get(_BENCH, None)
    if found is None:
        with _unrewritten(config):
            # With the first candidate comes the harness: 0.1 s that a folder without routines need not pay.
            from routine_harness.plugin.collect import Bench

            found = config.stash[_BENCH] = Bench(config)
    return found


@contextlib.contextmanager
def _unrewritten(config: pytest.Config) -> Iterator[None]:
    """Import without pytest's rewriting of assertions, and without looking for garbage.

    The rewriting covers all modules of a plugin's distribution. Ours hold no assertion, and to
    parse them all again takes longer than 200 cases where no bytecode may be written.
    """
    collecting = gc.isenabled()
    gc.disable()
    finders = list(sys.meta_path)
    hook: object = config.pluginmanager.rewrite_hook
    sys.meta_path[:] = [finder for finder in finders if finder is not hook]
    try:
        yield
    finally:
        sys.meta_path[:] = finders
        if collecting:
            gc.enable()


def pytest_collection_finish(session: pytest.Session) -> None:
    if _BENCH in session.config.stash:
        session.config.stash[_BENCH].select(session.items)
        # What was collected lives as long as the session: nobody need look through it for garbage,
        # as pytest does three times at the end.
        gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    note = getattr(item, "routine_note", None)
    if note is not None and call.when == "call":
        # An attribute of plain values: xdist carries it to the controller.
        report.__dict__["routine_note"] = note(call)
        _note_case(item, report)
    return report


def _note_case(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add what a report wants to know of the item's case, once a case."""
    case_run = getattr(item, "case_run", None)
    result = case_run.known if case_run is not None else None
    if case_run is None or result is None or case_run.reported or not item.config.getoption("routine_report"):
        return
    from routine_harness.plugin.report import note_result  # only those who want a report pay for it

    case_run.reported = True
    report.__dict__["routine_case"] = note_result(result)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    case_run = getattr(item, "case_run", None)
    if case_run is not None and getattr(nextitem, "case_run", None) is not case_run:
        case_run.release()


@pytest.fixture
def routine() -> object:
    """Load a routine: ``routine("routines/security-triage-pr")`` gives a ``Routine``."""
    from routine_harness.harness import load_routine  # loaded where it is asked for

    return load_routine


@pytest.fixture
def dry_run() -> object:
    """Run a routine twice: ``dry_run(routine, event=…, world=…, agent=…)`` gives a ``CaseResult``."""
    from routine_harness.harness import dry_run  # loaded where it is asked for

    return dry_run
