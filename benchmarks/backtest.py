"""Backtest beside DuckDB and Polars on the same files: ratios, peak memory, and equal counts.

    python benchmarks/backtest.py [--full 120000] [--flat 1000000] [--memory 10000000]

Each contender runs in a process of its own, in three rounds of all of them so that what else the
machine does falls on all alike, and the best counts. All give the same counts of one trigger
(``backtest_peers``); ours applies the limits besides. DuckDB and Polars get two threads, ours two
processes. Imports and the finding of schemas are not timed; the start of our processes is.
With ``--memory`` ours alone reads flat archives of a hundredth and of all of so many events.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from backtest_peers import BASES, BOT, EVENTS, PEERS, Contender, Counts

ROUNDS = 3
SLOW = 15.0
"""Seconds after which one round is enough."""
MEGABYTE = 1 << 20


def run_ours(file: str, jobs: int) -> tuple[float, Counts]:
    from routine_harness.backtest.run import run_backtest
    from routine_harness.predicate import parse_predicate
    from routine_harness.routine.regex import compile_filter_regex
    from routine_harness.routine.spec import Filter, GithubTrigger, Routine

    def clause(field: str, operator: str, value: Any) -> Filter:
        return Filter(field, operator, value, parse_predicate({operator: value}, compile_filter_regex))

    filters = (clause("author", "is_not_one_of", [BOT]), clause("is_draft", "equals", False))
    routine = Routine(name="bench", prompt="x", triggers=(GithubTrigger(EVENTS, BASES, filters),))
    started = time.perf_counter()
    result = run_backtest([routine], [Path(file)], jobs=jobs)
    seconds, found = time.perf_counter() - started, result.routines[0]
    return seconds, {
        "events": result.events,
        "clauses": {each.field: each.held for each in found.clauses},
        "hours": found.hours,
        "authors": found.authors,
        "branches": found.branches,
    }


CONTENDERS: dict[str, Contender] = {"ours": run_ours, **PEERS}

Run = tuple[str, str, int]
"""A file's kind, a contender, and how many processes or threads it has."""


def measure(runs: list[Run], files: dict[str, Path]) -> dict[Run, dict[str, Any]]:
    """Per run its best round: seconds, CPU seconds, the counts, and the peak megabytes of all."""
    found: dict[Run, list[dict[str, Any]]] = {run: [] for run in runs}
    for _ in range(ROUNDS):
        for (kind, name, workers), done in found.items():
            if not done or done[-1]["seconds"] < SLOW:
                command = [sys.executable, __file__, "--contender", name, str(files[kind]), str(workers)]
                out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                done.append(json.loads(out))
    return {
        run: {**min(done, key=lambda each: each["seconds"]), "peak": max(each["peak"] for each in done)}
        for run, done in found.items()
    }


def contend(name: str, file: str, workers: str) -> None:
    seconds, counts = CONTENDERS[name](file, int(workers))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    # Of itself not by getrusage: that peak is inherited from the process that started this one.
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024  # type: ignore[index]
    peak = max(peak, used[1].ru_maxrss // 1024)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "counts": counts, "peak": peak}))


def make(folder: Path, full: int, flat: int) -> dict[str, Path]:
    from routine_harness.backtest.synthesize import synthesize

    files = {name: folder / f"{name}.json" for name in ("full", "flat", "flat-tenth")}
    synthesize(full, files["full"])
    synthesize(flat, files["flat"], flat=True)
    synthesize(flat // 10, files["flat-tenth"], flat=True)
    files["full-gzip"] = folder / "full.json.gz"
    with files["full"].open("rb") as source, gzip.open(files["full-gzip"], "wb", 1) as out:
        while block := source.read(MEGABYTE):
            out.write(block)
    return files


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", type=int, default=120_000, help="full events (about 10 KB each)")
    parser.add_argument("--flat", type=int, default=1_000_000, help="flat records (about 550 bytes each)")
    parser.add_argument("--memory", type=int, default=0, help="events to show that memory does not grow")
    parser.add_argument("--contender", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        contend(*options.contender)
        return
    with tempfile.TemporaryDirectory() as folder:
        if options.memory:
            report_memory(Path(folder), options.memory)
        else:
            report(make(Path(folder), options.full, options.flat), options.full, options.flat)


def report(files: dict[str, Path], full: int, flat: int) -> None:
    counts = {"full": full, "flat": flat, "flat-tenth": flat // 10, "full-gzip": full}
    ours: list[Run] = [(kind, "ours", 1) for kind in ("full", "flat", "flat-tenth", "full-gzip")]
    both: list[Run] = [(kind, name, 2) for kind in ("full", "flat") for name in CONTENDERS]
    runs = measure([run for run in both if run[:2] != ("flat", "duckdb-json")] + ours, files)
    print(f"{'file':11} {'contender':14} {'workers':>7} {'events/s':>11} {'CPU s':>6} {'peak MB':>8}")
    for (kind, name, workers), run in runs.items():
        speed = counts[kind] / run["seconds"]
        size = files[kind].stat().st_size / counts[kind]
        numbers = f"{speed:11,.0f} {run['cpu']:6.1f} {run['peak']:8.0f}  {size:.0f} B"
        print(f"{kind:11} {name:14} {workers:7} {numbers}")
    for kind in ("full", "flat"):
        found = {name: run["counts"] for (of, name, _), run in runs.items() if of == kind}
        wrong = [name for name, each in found.items() if each != found["ours"]]
        assert not wrong, f"on {kind} events {wrong} count otherwise than ours"
    for name in CONTENDERS:
        peaks = [
            run["peak"] for (kind, own, _), run in runs.items() if own == name and kind in ("full", "flat")
        ]
        print(f"peak memory of {name}: {min(peaks):.0f} to {max(peaks):.0f} MB")
    print(f"\nload average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for text, value, least in ratios(runs, counts):
        print(f"{text:58} {value:5.2f}" + (f"   (at least {least})" if least else ""))


def ratios(runs: dict[Run, dict[str, Any]], counts: dict[str, int]) -> list[tuple[str, float, float]]:
    def speed(kind: str, name: str, workers: int) -> float:
        return counts[kind] / float(runs[kind, name, workers]["seconds"])

    def beside(kind: str, peer: str) -> float:
        return speed(kind, "ours", 2) / speed(kind, peer, 2)

    return [
        ("full events: ours / DuckDB, payload as JSON", beside("full", "duckdb-json"), 1.2),
        ("full events: ours / DuckDB, nested fields", beside("full", "duckdb-nested"), 0),
        ("full events: ours / DuckDB, whole schema", beside("full", "duckdb-whole"), 0),
        ("full events: ours / Polars, nested fields", beside("full", "polars-nested"), 1.5),
        ("full events: ours / Polars, whole schema", beside("full", "polars-whole"), 0),
        ("flat records: ours / DuckDB", beside("flat", "duckdb-nested"), 0.6),
        ("flat records: ours / Polars", beside("flat", "polars-nested"), 0),
        ("gzip / plain, one process", speed("full-gzip", "ours", 1) / speed("full", "ours", 1), 0.6),
        ("two processes / one, full events", speed("full", "ours", 2) / speed("full", "ours", 1), 1.5),
        (
            "linear: all events / a tenth of them, per second",
            speed("flat", "ours", 1) / speed("flat-tenth", "ours", 1),
            0.9,
        ),
    ]


def report_memory(folder: Path, events: int) -> None:
    """Peak memory and speed of one process over a hundredth of ``events`` and over all."""
    from routine_harness.backtest.synthesize import synthesize

    for count in (events // 100, events):
        file = folder / "flat.json"
        synthesize(count, file, flat=True)
        run = measure([("flat", "ours", 1)], {"flat": file})["flat", "ours", 1]
        print(f"{count:11,} flat events: peak {run['peak']:.0f} MB, {count / run['seconds']:,.0f} events/s")


if __name__ == "__main__":
    main()
