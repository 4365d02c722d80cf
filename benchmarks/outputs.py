"""What the house prints: ``python benchmarks/outputs.py FOLDER [--data DATA]`` writes it, a file a command.

A change that must not change behaviour is shown by two such folders: one written before, one after,
compared with ``diff -r``. The commands run on copies of ``example_routines/`` and ``fixtures/`` and, if
``--data`` is given, of a folder of other people's files. Paths of this machine are replaced.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import routine_harness.harness  # noqa: F401 - loaded once, before the forks
from routine_harness.cli.main import run

PROJECT = Path(__file__).parents[1]


def example_commands(here: Path) -> Iterator[list[str]]:
    """Every reading command, on every routine of ``example_routines/``."""
    for routine in sorted((here / "example_routines").glob("*/routine.yaml")):
        folder = str(routine.parent.relative_to(here))
        yield from (["check", folder], ["check", folder, "--json"], ["gate", folder], ["lint", folder])
        yield from (["dry-run", folder], ["dry-run", folder, "--json"])
        yield ["schedule", folder, "--after", "2026-10-20"]
        for case in sorted(routine.parent.glob("cases/*.yaml")):
            name = str(case.relative_to(here))
            yield from (["show", name], ["show", name, "--full"], ["show", name, "--json"])
            yield from (["show", name, "--world", str(number)] for number in range(3))
    everything = "example_routines"
    for form in ("--json", "--junit", "--sarif", "--quiet"):
        yield ["gate", everything, form]
    yield ["gate", everything, "--summary", "summary.md"]
    yield from (["check", everything, "--quiet"], ["report", everything, "--json"])
    yield ["report", everything, "-o", "report.html"]
    yield ["schedule", everything, "--after", "2026-10-20"]
    yield ["backtest", everything, "--after", "2026-10-20", "--json"]
    for event in sorted((here / "fixtures/webhooks").glob("*.json")):
        yield ["fires", everything, "--event", str(event.relative_to(here)), "--any-repository", "--json"]


def fixture_commands(here: Path) -> Iterator[list[str]]:
    """The inputs that are wrong on purpose, and those that a rule of ``lint`` finds."""
    negative = here / "fixtures/negative"
    for folder in sorted({path.parent for path in negative.rglob("*.yaml")} | {negative / "recording"}):
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.jsonl"), *folder.glob("*.json")]):
            yield ["check", str(path.relative_to(here))]
    for folder in sorted((here / "fixtures/lint").iterdir()):
        name = str(folder.relative_to(here))
        yield from (["lint", name], ["lint", name, "--json"], ["lint", name, "--diff"])
    yield from (["lint", "fixtures/lint", "--statistics"], ["lint", "--rules"])
    for folder in ("fixtures/first_hour", "fixtures/context", "fixtures/live"):
        yield from (["check", folder], ["gate", folder])
    yield ["import", "routine", "fixtures/account/export.json", "-o", "imported"]


def data_commands(here: Path) -> Iterator[list[str]]:
    """Other people's files: reports, transcripts, workflows, events."""
    data = here / "data"
    for routine in sorted(data.rglob("routine.yaml")):
        folder = str(routine.parent.relative_to(here))
        yield from (
            ["check", folder],
            ["check", folder, "--json"],
            ["lint", folder, "--json"],
            ["gate", folder],
        )
        yield ["show", folder, "--json"]
    yield from (["lint", "data", "--json"], ["check", "data"])
    for number, session in enumerate(sorted((data / "transcripts").glob("*.jsonl"))):
        yield ["import", "transcript", str(session.relative_to(here)), "-o", f"session-{number}"]
        yield from (["check", f"session-{number}"], ["show", f"session-{number}", "--json"])
    for number, workflow in enumerate(sorted((data / "gh-aw").glob("*.md"))):
        name = str(workflow.relative_to(here))
        yield ["import", "routine", name, "-o", f"workflow-{number}", "--repository", "acme/core"]
        yield ["lint", f"workflow-{number}"]
    yield ["import", "routine", "data/reports/account-export.json", "-o", "account"]
    for name in ("data/events", "data/webhooks"):
        yield ["fires", "example_routines", "--event", name, "--any-repository"]
        yield ["backtest", "example_routines", "--events", name, "--any-repository", "--json", "-j", "1"]


def write_outputs(commands: Sequence[list[str]], here: Path, target: Path) -> None:
    """Run the commands in order, each in a process of its own, and write a file each to ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    for arguments in commands:
        words = re.sub(r"[^\w.=-]+", "_", " ".join(arguments))[:150]
        path = target / f"{words}.txt"
        code = _run(arguments, here, path)
        text = path.read_text(encoding="utf-8", errors="replace").replace(str(here), "HERE")
        path.write_text(f"{text}exit {code}\n", encoding="utf-8")


def _run(arguments: list[str], here: Path, path: Path) -> int:
    """The exit code of one command, run by a fork: what is imported is imported once."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    stream = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(stream, 1)
    os.dup2(stream, 2)
    os.chdir(here)
    code = 70
    try:
        code = run(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".git"), symlinks=True)
    for path in (target, *target.rglob("*")):  # a folder that may only be read gives a copy that may be too
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)


def _written(here: Path, before: set[Path], target: Path) -> None:
    """Copy the files that the commands wrote."""
    for path in sorted(set(here.rglob("*")) - before):
        if path.is_file() and "__pycache__" not in path.parts:
            copied = target / "files" / path.relative_to(here)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(path.read_bytes().replace(str(here).encode(), b"HERE"))


def main(arguments: Sequence[str]) -> int:
    """Write the outputs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, help="a folder of other people's files")
    options = parser.parse_args(arguments)
    os.environ.update(NO_COLOR="1", COLUMNS="100", TZ="UTC")
    with tempfile.TemporaryDirectory(prefix="outputs-") as scratch:
        here = Path(scratch).resolve() / "here"
        for name in ("example_routines", "fixtures"):
            _copy(PROJECT / name, here / name)
        if options.data:
            _copy(options.data, here / "data")
        (here / ".git").mkdir()  # the search for policies ends here
        before = set(here.rglob("*"))
        commands = [*example_commands(here), *fixture_commands(here)]
        if options.data:
            commands += data_commands(here)
        write_outputs(commands, here, options.folder.resolve())
        _written(here, before, options.folder.resolve())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
