"""Backtest beside DuckDB and Polars on the same files: ratios, peak memory, and equal counts.

    python benchmarks/backtest.py [--full 120000] [--flat 1000000]

Each contender runs in a process of its own, in three rounds of all of them so that what else the
machine does falls on all alike, and the best counts. All count the distinct events one trigger would
fire on. DuckDB and Polars get two threads, and two schemas: the nested fields that the filters need,
and the whole of what the file holds; ratios are to the faster one. Ours counts statistics of every
clause, ids that repeat, order and limits besides. Imports and the finding of schemas are not timed;
the start of our processes is.
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
from collections.abc import Callable
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


def run_duckdb(file: str, threads: int, whole: bool = False) -> tuple[float, int]:
    """With a schema of the nested fields that the filters need, or of the whole file."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    if whole:
        described = connection.execute(f"describe select * from read_json('{file}', sample_size = 2000)")
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind, *_ in described.fetchall())
    elif _is_flat(file):
        names = ("id", "event", "author", "base_branch")
        columns = ", ".join(f"{name}: 'VARCHAR'" for name in names) + ", is_draft: 'BOOLEAN'"
    else:
        pull = 'STRUCT(draft BOOLEAN, "user" STRUCT(login VARCHAR), base STRUCT(ref VARCHAR))'
        payload = f"STRUCT(action VARCHAR, pull_request {pull})"
        columns = f"id: 'VARCHAR', type: 'VARCHAR', payload: '{payload}'"
    started = time.perf_counter()
    found = connection.execute(_sql(file, columns)).fetchone()
    return time.perf_counter() - started, int(found[0]) if found else 0


def run_duckdb_whole(file: str, threads: int) -> tuple[float, int]:
    return run_duckdb(file, threads, whole=True)


def _is_flat(file: str) -> bool:
    return "flat" in Path(file).name


def _sql(file: str, columns: str) -> str:
    """Each id counts once, as it does in ours."""
    if _is_flat(file):
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


def run_polars(file: str, threads: int, whole: bool = False) -> tuple[float, int]:
    """With a schema of the nested fields that the filters need, or of the whole file."""
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars as pl

    if _is_flat(file):
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
    if whole:
        schema = dict(pl.scan_ndjson(file, infer_schema_length=2000).collect_schema())
    wanted = named & base.is_in(BASES) & (author != BOT) & ~draft
    started = time.perf_counter()
    frame = pl.scan_ndjson(file, schema=schema).filter(wanted).select(pl.col("id").n_unique())
    fired = int(frame.collect(engine="streaming").item())
    return time.perf_counter() - started, fired


def run_polars_whole(file: str, threads: int) -> tuple[float, int]:
    return run_polars(file, threads, whole=True)


CONTENDERS: dict[str, Callable[[str, int], tuple[float, int]]] = {
    "ours": run_ours,
    "duckdb": run_duckdb,
    "duckdb-whole": run_duckdb_whole,
    "polars": run_polars,
    "polars-whole": run_polars_whole,
}


Run = tuple[str, str, int]
"""A file's kind, a contender, and how many processes or threads it has."""


def measure(runs: list[Run], files: dict[str, Path]) -> dict[Run, dict[str, float]]:
    """Per run its best round: seconds, CPU seconds, what was fired on, and the peak megabytes of all."""
    found: dict[Run, list[dict[str, float]]] = {run: [] for run in runs}
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
    seconds, fired = CONTENDERS[name](file, int(workers))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    # Of itself not by getrusage: that peak is inherited from the process that started this one.
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024  # type: ignore[index]
    peak = max(peak, used[1].ru_maxrss // 1024)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "fired": fired, "peak": peak}))


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
    parser.add_argument("--contender", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        contend(*options.contender)
        return
    with tempfile.TemporaryDirectory() as folder:
        report(make(Path(folder), options.full, options.flat), options.full, options.flat)


def report(files: dict[str, Path], full: int, flat: int) -> None:
    counts = {"full": full, "flat": flat, "flat-tenth": flat // 10, "full-gzip": full}
    ours: list[Run] = [(kind, "ours", 1) for kind in ("full", "flat", "flat-tenth", "full-gzip")]
    peers: list[Run] = [(kind, name, 2) for kind in ("full", "flat") for name in CONTENDERS]
    runs = measure([*peers, *ours], files)
    titles = f"{'events/s':>11} {'CPU s':>6} {'fired':>9} {'peak MB':>8}"
    print(f"{'file':11} {'contender':13} {'workers':>7} {titles}")
    for (kind, name, workers), run in runs.items():
        speed = counts[kind] / run["seconds"]
        size = files[kind].stat().st_size / counts[kind]
        numbers = f"{speed:11,.0f} {run['cpu']:6.1f} {run['fired']:9,.0f} {run['peak']:8.0f}  {size:.0f} B"
        print(f"{kind:11} {name:13} {workers:7} {numbers}")
    for kind in ("full", "flat"):
        fired = {run["fired"] for (of, _, _), run in runs.items() if of == kind}
        assert len(fired) == 1, f"the contenders disagree on {kind}: {fired}"
    print(f"\nload average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for text, value, least in ratios(runs, counts):
        print(f"{text:54} {value:6.2f}" + (f"   (at least {least})" if least else ""))


def ratios(runs: dict[Run, dict[str, float]], counts: dict[str, int]) -> list[tuple[str, float, float]]:
    def speed(kind: str, name: str, workers: int) -> float:
        return counts[kind] / runs[kind, name, workers]["seconds"]

    def beside(kind: str, peer: str) -> float:
        """Our two processes to the peer's two threads with the schema that suits it better."""
        return speed(kind, "ours", 2) / max(speed(kind, name, 2) for name in (peer, f"{peer}-whole"))

    return [
        ("full events: ours / DuckDB", beside("full", "duckdb"), 4),
        ("full events: ours / Polars", beside("full", "polars"), 1.5),
        ("flat records: ours / DuckDB", beside("flat", "duckdb"), 0.6),
        ("flat records: ours / Polars", beside("flat", "polars"), 0),
        ("gzip / plain, one process", speed("full-gzip", "ours", 1) / speed("full", "ours", 1), 0.6),
        ("two processes / one, full events", speed("full", "ours", 2) / speed("full", "ours", 1), 1.5),
        (
            "linear: all events / a tenth of them, per second",
            speed("flat", "ours", 1) / speed("flat-tenth", "ours", 1),
            0.9,
        ),
    ]


if __name__ == "__main__":
    main()
