"""Lint of 1,000 routines beside libyaml, the gate beside pytest over the same 200 cases, the report of 1,000.

Prints seconds and ratios; everything is made from the example routines in a scratch folder. The
report is opened in Chromium beside an empty page, where there is a Chromium.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from routine_harness.cli.main import run
from routine_harness.lint.registry import BUILT_IN
from routine_harness.lint.run import check_routines
from routine_harness.store.survey import survey_folder

PROJECT = Path(__file__).parents[1]
CASES = 200


def best(action: Callable[[], object], times: int = 3) -> float:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        spent.append(time.perf_counter() - started)
    return min(spent)


def thousand_routines(folder: Path) -> None:
    texts = [file.read_text() for file in sorted((PROJECT / "example_routines").glob("*/routine.yaml"))]
    for number in range(1000):
        home = folder / f"r{number:04}"
        home.mkdir(parents=True)
        text = texts[number % len(texts)].replace("name: ", f"name: r{number}-", 1)
        (home / "routine.yaml").write_text(text)


def many_cases(folder: Path, count: int) -> None:
    """Four routines of ``init`` whose first case is repeated."""
    with contextlib.redirect_stdout(io.StringIO()):
        for number in range(4):
            options = ["--repository", "acme/core", "--trigger", "schedule", "--folder", str(folder)]
            run(["init", f"routine-{number}", *options])
    for home in folder.glob("routine-*"):
        text = (home / "cases" / "asks-once.yaml").read_text()
        for number in range(count // 4 - 2):
            (home / "cases" / f"case-{number}.yaml").write_text(text)


def command(*arguments: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-m", *arguments], stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        thousand_routines(scratch / "lint")
        seconds = best(lambda: check_routines(survey_folder((scratch / "lint",)).subjects, BUILT_IN))
        texts = [file.read_bytes() for file in (scratch / "lint").rglob("routine.yaml")]
        plain = best(lambda: [yaml.load(text, yaml.CSafeLoader) for text in texts])
        print(f"lint of 1,000 routines: {seconds:.2f} s (limit 2); libyaml alone on them: {plain:.2f} s")
        many_cases(scratch / "cases", CASES)
        folder = str(scratch / "cases")
        tested = best(command("pytest", folder, "-q", "-p", "no:cacheprovider", "-p", "no:xdist"))
        gated = best(command("routine_harness", "gate", folder, "--quiet"))
        print(f"gate over {CASES} cases: {gated:.2f} s; pytest over the same: {tested:.2f} s")
        print(f"ratio gate / pytest: {gated / tested:.2f} (limit 0.8; about 0.5)")
        many_cases(scratch / "report", 1000)
        page = scratch / "report.html"
        spent = best(command("routine_harness", "report", str(scratch / "report"), "-o", str(page)), 1)
        size = page.stat().st_size / 1e6
        print(f"report of 1,000 cases: {size:.1f} MB (limit 10), written in {spent:.1f} s")
        opened(page)


def opened(report: Path) -> None:
    """Seconds until Chromium has loaded the report, and an empty page."""
    sys.path.insert(0, str(PROJECT / "tests"))  # where the browser of the tests is
    from support.chromium import browser, chromium

    if browser() is None:
        print("no Chromium: the report is not opened")
        return
    empty = report.with_name("empty.html")
    empty.write_text("<!doctype html><title>empty</title>")
    with chromium(report.with_name("profile")) as window:
        seconds, plain = (min(window.open(file.as_uri()) for _ in range(3)) for file in (report, empty))
    print(f"opened in Chromium: {seconds:.2f} s (limit 1); an empty page: {plain:.2f} s")


if __name__ == "__main__":
    main()
