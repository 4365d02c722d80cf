"""What DuckDB and Polars need for the counts of a backtest, from the same files with schemas given.

Each answers the whole question that ours does, limits apart: events that count once, how often each
clause held, firings by hour, and the authors and branches with most of them. DuckDB reads full events
with three schemas: GH Archive's own, where the payload is JSON (as its tables in BigQuery have it),
the nested fields that the filters need, and all that the file holds; Polars with the latter two.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

EVENTS = ("pull_request.opened", "pull_request.synchronize")
ACTIONS = tuple(name.partition(".")[2] for name in EVENTS)
BASES = ("main", "develop")
BOT = "dependabot[bot]"
PATHS = ("$.action", "$.pull_request.user.login", "$.pull_request.base.ref", "$.pull_request.draft")
TOP = 10
MOST = {"authors": "author", "branches": "branch"}
"""What is counted by name → the column that has the name."""

Counts = dict[str, Any]
"""``events``, ``clauses`` (held, by field), ``hours`` (since the epoch), ``authors``, ``branches``."""


def is_flat(file: str) -> bool:
    return "flat" in Path(file).name


def run_duckdb(file: str, threads: int, schema: str = "nested") -> tuple[float, Counts]:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    ask = lambda sql: connection.execute(sql).fetchall()  # noqa: E731
    if schema == "whole":
        found = ask(f"describe select * from read_json('{file}', sample_size = 2000)")
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind, *_ in found)
    else:
        columns = _columns(file, schema)
    source = f"read_json('{file}', format = 'newline_delimited', columns = {{{columns}}})"
    if schema == "json" and not is_flat(file):
        # The fastest way to several fields of one JSON text: one extraction with a list of paths.
        source = f"(select id, type, created_at, payload->>{list(PATHS)} as found from {source})"
    taken = ", ".join(f"{sql} as {name}" for name, sql in _taken(file, schema).items())
    once = ", ".join(f"first({name}) as {name}" for name in _taken(file, schema))
    started = time.perf_counter()
    # Faster than ``distinct on``.
    ask(f"create temp table events as select id, {once} from (select id, {taken} from {source}) group by id")
    ask(
        "create temp table heard as select *, base and human and ready as fires from (select *, "
        f"branch in {BASES} as base, author <> '{BOT}' as human, not draft as ready from events where heard)"
    )
    names = ("base", "human", "ready")
    held = ask(f"select {', '.join(f'count(*) filter ({name})' for name in names)} from heard")[0]
    counts = {
        "events": ask("select count(*) from events")[0][0],
        "clauses": dict(zip(("base_branch", "author", "is_draft"), held, strict=True)),
        "hours": dict(
            ask("select epoch(created)::bigint // 3600, count(*) from heard where fires group by 1")
        ),
        **{
            plural: ask(
                f"select {name}, count(*) from heard where fires group by 1 order by 2 desc, 1 limit {TOP}"
            )
            for plural, name in MOST.items()
        },
    }
    return time.perf_counter() - started, counts


def _columns(file: str, schema: str) -> str:
    if is_flat(file):
        names = ("id", "event", "author", "base_branch")
        return ", ".join(f"{name}: 'VARCHAR'" for name in names) + (
            ", is_draft: 'BOOLEAN', created_at: 'TIMESTAMP'"
        )
    if schema == "json":
        nested = ", ".join(f"{name}: 'JSON'" for name in ("actor", "repo", "org", "payload"))
        return f"id: 'VARCHAR', type: 'VARCHAR', public: 'BOOLEAN', created_at: 'TIMESTAMP', {nested}"
    pull = 'STRUCT(draft BOOLEAN, "user" STRUCT(login VARCHAR), base STRUCT(ref VARCHAR))'
    payload = f"STRUCT(action VARCHAR, pull_request {pull})"
    return f"id: 'VARCHAR', type: 'VARCHAR', created_at: 'TIMESTAMP', payload: '{payload}'"


def _taken(file: str, schema: str) -> dict[str, str]:
    if is_flat(file):
        return {"heard": f"event in {EVENTS}", "author": "author", "branch": "base_branch"} | {
            "draft": "is_draft",
            "created": "created_at",
        }
    if schema == "json":
        action, author, branch, draft = (f"found[{number}]" for number in range(1, len(PATHS) + 1))
        draft = f"({draft})::boolean"
    else:
        action, pull = "payload.action", "payload.pull_request"
        author, branch, draft = f"{pull}.user.login", f"{pull}.base.ref", f"{pull}.draft"
    heard = f"type = 'PullRequestEvent' and {action} in {ACTIONS}"
    return {"heard": heard, "author": author, "branch": branch, "draft": draft, "created": "created_at"}


def run_polars(file: str, threads: int, schema: str = "nested") -> tuple[float, Counts]:
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars as pl

    columns: dict[str, Any] = {"id": pl.String, "created_at": pl.String}
    if is_flat(file):
        columns |= dict.fromkeys(("event", "author", "base_branch"), pl.String) | {"is_draft": pl.Boolean}
        heard, author = pl.col("event").is_in(EVENTS), pl.col("author")
        branch, draft = pl.col("base_branch"), pl.col("is_draft")
    else:
        user, base = pl.Struct({"login": pl.String}), pl.Struct({"ref": pl.String})
        pull = pl.Struct({"draft": pl.Boolean, "user": user, "base": base})
        columns |= {"type": pl.String, "payload": pl.Struct({"action": pl.String, "pull_request": pull})}
        it = pl.col("payload").struct.field("pull_request").struct
        heard = (pl.col("type") == "PullRequestEvent") & pl.col("payload").struct.field("action").is_in(
            ACTIONS
        )
        author, branch = it.field("user").struct.field("login"), it.field("base").struct.field("ref")
        draft = it.field("draft")
    if schema == "whole":
        columns = dict(pl.scan_ndjson(file, infer_schema_length=2000).collect_schema())
    named = {
        "heard": heard,
        "author": author,
        "branch": branch,
        "draft": draft,
        "created": pl.col("created_at"),
    }
    started = time.perf_counter()
    taken = pl.scan_ndjson(file, schema=columns).select("id", **named)
    events = taken.unique("id").collect(engine="streaming")
    asked = events.filter("heard").with_columns(
        base=pl.col("branch").is_in(BASES),
        human=pl.col("author") != BOT,
        ready=~pl.col("draft"),
        hour=pl.col("created").str.to_datetime("%Y-%m-%dT%H:%M:%SZ").dt.epoch("s") // 3600,
    )
    fired = asked.filter(pl.col("base") & pl.col("human") & pl.col("ready"))
    most = {
        plural: fired.group_by(name).len().sort("len", name, descending=[True, False]).head(TOP).rows()
        for plural, name in MOST.items()
    }
    clauses = {"base_branch": "base", "author": "human", "is_draft": "ready"}
    counts = {
        "events": events.height,
        "clauses": {field: int(asked[name].sum()) for field, name in clauses.items()},
        "hours": dict(fired.group_by("hour").len().rows()),
        **most,
    }
    return time.perf_counter() - started, counts


Contender = Callable[[str, int], tuple[float, Counts]]
PEERS: dict[str, Contender] = {
    "duckdb-json": lambda file, threads: run_duckdb(file, threads, "json"),
    "duckdb-nested": run_duckdb,
    "duckdb-whole": lambda file, threads: run_duckdb(file, threads, "whole"),
    "polars-nested": run_polars,
    "polars-whole": lambda file, threads: run_polars(file, threads, "whole"),
}
"""By name and schema; a flat record has no payload, and ``duckdb-json`` reads it as ``duckdb-nested``."""
