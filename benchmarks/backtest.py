"""Backtest beside DuckDB and Polars on the same files: ratios, peak memory, and equal counts.

    python benchmarks/backtest.py [--full 200000] [--flat 2000000]

Each contender runs in a process of its own, the best of three, and counts what one trigger would
fire on. DuckDB and Polars get two threads and the schema of the file, and in a second run that of the
five columns the question needs; ours counts statistics of every clause, ids that repeat, order and
limits besides. Imports and the finding of schemas are not timed; the start of our processes is.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

EVENTS = ("pull_request.opened", "pull_request.synchronize")
BASES = ("main", "develop")
BOT = "dependabot[bot]"
ROUNDS = 3
SLOW = 15.0
"""Seconds after which one round is enough."""
MEGABYTE = 1 << 20


def run_ours(file: str, jobs: int) -> tuple[float, int]:
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
    return time.perf_counter() - started, result.routines[0].fired


def run_duckdb(file: str, threads: int, columns: str = "") -> tuple[float, int]:
    """With the schema of the whole file given, as found before the clock starts."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    if not columns:
        described = connection.execute(f"describe select * from read_json('{file}', sample_size = 2000)")
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind, *_ in described.fetchall())
    started = time.perf_counter()
    found = connection.execute(_sql(file, columns)).fetchone()
    return time.perf_counter() - started, int(found[0]) if found else 0


def run_duckdb_narrow(file: str, threads: int) -> tuple[float, int]:
    """With a schema of the five columns that the question needs, and nothing else."""
    if "flat" in Path(file).name:
        names = ("id", "event", "author", "base_branch")
        columns = ", ".join(f"{name}: 'VARCHAR'" for name in names) + ", is_draft: 'BOOLEAN'"
    else:
        pull = 'STRUCT(draft BOOLEAN, "user" STRUCT(login VARCHAR), base STRUCT(ref VARCHAR))'
        payload = f"STRUCT(action VARCHAR, pull_request {pull})"
        columns = f"id: 'VARCHAR', type: 'VARCHAR', payload: '{payload}'"
    return run_duckdb(file, threads, columns)


def _sql(file: str, columns: str) -> str:
    """Each id counts once, as it does in ours."""
    if "flat" in Path(file).name:
        where = f"event in {EVENTS} and base_branch in {BASES} and author <> '{BOT}' and not is_draft"
    else:
        it = "payload.pull_request"
        actions = tuple(name.partition(".")[2] for name in EVENTS)
        where = (
            f"type = 'PullRequestEvent' and payload.action in {actions} and {it}.base.ref in {BASES} "
            f"and {it}.user.login <> '{BOT}' and not {it}.draft"
        )
    source = f"read_json('{file}', format = 'newline_delimited', columns = {{{columns}}})"
    return f"select count(distinct id) from {source} where {where}"


def run_polars(file: str, threads: int, narrow: bool = False) -> tuple[float, int]:
    """With the schema of the whole file given, or of five columns."""
    import os

    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars as pl

    if "flat" in Path(file).name:
        text = ("id", "event", "author", "base_branch")
        schema: dict[str, Any] = {**dict.fromkeys(text, pl.String), "is_draft": pl.Boolean}
        event, author, base, draft = (pl.col(name) for name in ("event", "author", "base_branch", "is_draft"))
        named = event.is_in(EVENTS)
    else:
        pull = pl.Struct(
            {
                "draft": pl.Boolean,
                "user": pl.Struct({"login": pl.String}),
                "base": pl.Struct({"ref": pl.String}),
            }
        )
        payload = pl.Struct({"action": pl.String, "pull_request": pull})
        schema = {"id": pl.String, "type": pl.String, "payload": payload}
        it = pl.col("payload").struct.field("pull_request").struct
        author, base = it.field("user").struct.field("login"), it.field("base").struct.field("ref")
        draft = it.field("draft")
        actions = [name.partition(".")[2] for name in EVENTS]
        named = (pl.col("type") == "PullRequestEvent") & pl.col("payload").struct.field("action").is_in(
            actions
        )
    if not narrow:
        schema = dict(pl.scan_ndjson(file, infer_schema_length=2000).collect_schema())
    wanted = named & base.is_in(BASES) & (author != BOT) & ~draft
    started = time.perf_counter()
    frame = pl.scan_ndjson(file, schema=schema).filter(wanted).select(pl.col("id").n_unique())
    fired = int(frame.collect(engine="streaming").item())
    return time.perf_counter() - started, fired


def run_polars_narrow(file: str, threads: int) -> tuple[float, int]:
    return run_polars(file, threads, narrow=True)


CONTENDERS = {
    "ours": run_ours,
    "duckdb": run_duckdb,
    "duckdb-narrow": run_duckdb_narrow,
    "polars": run_polars,
    "polars-narrow": run_polars_narrow,
}


def measure(name: str, file: Path, workers: int) -> dict[str, float]:
    """Seconds (the best of three), what was fired on, and peak megabytes of a contender."""
    found: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        command = [sys.executable, __file__, "--contender", name, str(file), str(workers)]
        found.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        if found[-1]["seconds"] > SLOW:
            break
    best = min(found, key=lambda each: each["seconds"])
    return {**best, "peak": max(each["peak"] for each in found)}


def contend(name: str, file: str, workers: str) -> None:
    seconds, fired = CONTENDERS[name](file, int(workers))
    # Not getrusage: its peak is inherited from the process that started this one.
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024  # type: ignore[index]
    print(json.dumps({"seconds": seconds, "fired": fired, "peak": peak}))


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
    parser.add_argument("--full", type=int, default=60_000, help="full events (about 10 KB each)")
    parser.add_argument("--flat", type=int, default=1_000_000, help="flat records (about 550 bytes each)")
    parser.add_argument("--contender", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        contend(*options.contender)
        return
    with tempfile.TemporaryDirectory() as folder:
        report(make(Path(folder), options.full, options.flat), options.full, options.flat)


def report(files: dict[str, Path], full: int, flat: int) -> None:
    counts = {"full": full, "flat": flat, "flat-tenth": flat // 10, "full-gzip": full}
    runs = {
        (kind, name, workers): measure(name, files[kind], workers)
        for kind, name, workers in (
            *(("full", name, 2) for name in CONTENDERS),
            *(("flat", name, 2) for name in CONTENDERS),
            ("full", "ours", 1),
            ("flat", "ours", 1),
            ("flat-tenth", "ours", 1),
            ("full-gzip", "ours", 1),
        )
    }
    print(f"{'file':11} {'contender':16} {'workers':>7} {'events/s':>11} {'fired':>9} {'peak MB':>8}")
    for (kind, name, workers), run in runs.items():
        speed = counts[kind] / run["seconds"]
        size = files[kind].stat().st_size / counts[kind]
        numbers = f"{speed:11,.0f} {run['fired']:9,.0f} {run['peak']:8.0f}  {size:.0f} B"
        print(f"{kind:11} {name:16} {workers:7} {numbers}")
    for kind in ("full", "flat"):
        fired = {run["fired"] for (of, _, _), run in runs.items() if of == kind}
        assert len(fired) == 1, f"the contenders disagree on {kind}: {fired}"
    print()
    for text, value, least in ratios(runs, counts):
        print(f"{text:54} {value:6.2f}" + (f"   (at least {least})" if least else ""))


def ratios(
    runs: dict[tuple[str, str, int], dict[str, float]], counts: dict[str, int]
) -> list[tuple[str, float, float]]:
    def speed(kind: str, name: str, workers: int) -> float:
        return counts[kind] / runs[kind, name, workers]["seconds"]

    full, flat = speed("full", "ours", 2), speed("flat", "ours", 2)
    return [
        ("full events: ours / DuckDB, the file's schema given", full / speed("full", "duckdb", 2), 4),
        ("full events: ours / Polars, the file's schema given", full / speed("full", "polars", 2), 1.5),
        ("full events: ours / DuckDB, five columns", full / speed("full", "duckdb-narrow", 2), 0),
        ("full events: ours / Polars, five columns", full / speed("full", "polars-narrow", 2), 0),
        ("flat records: ours / DuckDB, the file's schema given", flat / speed("flat", "duckdb", 2), 0.6),
        ("flat records: ours / DuckDB, five columns", flat / speed("flat", "duckdb-narrow", 2), 0),
        ("gzip / plain, one process", speed("full-gzip", "ours", 1) / speed("full", "ours", 1), 0.6),
        ("two processes / one, full events", full / speed("full", "ours", 1), 1.5),
        (
            "linear: a tenth of the events, per event",
            speed("flat", "ours", 1) / speed("flat-tenth", "ours", 1),
            0.9,
        ),
    ]


if __name__ == "__main__":
    main()
