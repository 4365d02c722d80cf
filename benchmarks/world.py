"""What the world costs: reads and writes of one record, scans, the same after a write, and searches.

Times are medians in microseconds; scans are ratios to a list comprehension over the same records,
measured in the same run. A tool's list or search is compared with what nobody can do without: a
comprehension that looks for the same words in the same records, and the same call in a world that
holds one page of them, which pays for the arguments and the answer. ``python benchmarks/world.py``
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec

from routine_harness.world.registry import Registry
from routine_harness.world.state import Table, World
from routine_harness.world.tool import ToolCall
from routine_harness.world.worldfile import world_from_data

NAME = "github.issues"


def median(action: Callable[[int], Any], rounds: int) -> float:
    """The median time of ``action``, in microseconds."""
    times = []
    for number in range(rounds):
        start = time.perf_counter_ns()
        action(number)
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1000


def record(number: int) -> dict[str, Any]:
    return {"repository": "acme/core", "number": number, "state": "open" if number % 3 else "closed"}


def world_of(count: int) -> World:
    table = Table.empty(("repository", "number"))
    for number in range(count):
        table = table.put(("acme/core", number), record(number))
    return World().with_table(NAME, table)


def measure(count: int) -> dict[str, float]:
    """Microseconds for one record, ratios for scans, in a world of ``count`` records."""
    world = world_of(count)
    rows = list(world.table(NAME))
    changed = {**record(5), "state": "changed"}
    rounds = max(7, 200_000 // count)
    plain = median(lambda _: [row for row in rows if row.get("state") == "open"], rounds)

    def after_write(_: int) -> Any:
        return world.put(NAME, ("acme/core", 5), changed).table(NAME).find("state", "open")

    return {
        "read by key": median(lambda n: world.get(NAME, ("acme/core", n % count)), 2000),
        "read by field": median(lambda n: world.table(NAME).find("number", n % count), 2000),
        "write": median(
            lambda n: world.put(NAME, ("acme/core", n % count), {**record(n % count), "state": "x"}), 2000
        ),
        "write new": median(lambda n: world.put(NAME, ("acme/core", count + n), record(count + n)), 2000),
        "scan / plain": median(lambda _: world.table(NAME).find("state", "open"), rounds) / plain,
        "scan after a write / plain": median(after_write, rounds) / plain,
        "common value / plain": median(lambda _: world.table(NAME).find("repository", "acme/core"), rounds)
        / plain,
    }


HERE = {"owner": "acme", "repo": "core"}
SEARCHES: list[tuple[str, str, dict[str, Any], tuple[str, ...]]] = [
    ("github.list_issues", "issues", {**HERE, "labels": ["rare"]}, ("title", "body")),
    ("github.search_issues", "issues", {"query": "repo:acme/core is:issue rare"}, ("title", "body")),
    ("linear.list_issues", "issues", {"query": "rare"}, ("title", "description")),
    ("slack.slack_search_public", "messages", {"query": "rare"}, ("text",)),
    ("slack.slack_read_channel", "messages", {"channel_id": "C0ALERTS", "limit": 20}, ("text",)),
]
"""Tool, table, arguments, and the fields in which a plain scan looks for the word."""
PAGE = 20


def tables_of(count: int) -> dict[str, dict[str, Any]]:
    """World data with ``count`` records in each table; every hundredth one is rare."""
    words = ["rare" if number % 100 == 7 else "common" for number in range(count)]
    return {
        "github": {
            "repositories": [{"full_name": "acme/core"}],
            "issues": [
                {
                    "repository": "acme/core",
                    "number": n + 1,
                    "title": f"Issue {n}",
                    "body": word,
                    "labels": [word],
                }
                for n, word in enumerate(words)
            ],
        },
        "linear": {
            "teams": [{"key": "SEC", "name": "Security"}],
            "issues": [{"team": "Security", "title": f"Issue {n} {word}"} for n, word in enumerate(words)],
        },
        "slack": {
            "channels": [{"id": "C0ALERTS", "name": "alerts"}],
            "users": [{"id": "U01", "name": "alice"}],
            "messages": [
                {
                    "channel": "alerts",
                    "user": "U01",
                    "text": f"note {n} {word}",
                    "ts": f"{1714813200 + n}.000100",
                }
                for n, word in enumerate(words)
            ],
        },
    }


def measure_search(tool: str, table: str, arguments: dict[str, Any], fields: tuple[str, ...]) -> float:
    """One list or search among 1,000 records, as a ratio to what nobody can do without."""
    name, _, bare = tool.partition(".")
    connector = Registry().get(name)
    assert connector is not None
    call = ToolCall(name, bare, arguments)
    large, small = (
        world_from_data({name: tables_of(size)[name]}, {name: connector}) for size in (1_000, PAGE)
    )
    rows = list(large.table(f"{name}.{table}"))

    def scan(_: int) -> Any:
        return [row for row in rows if "rare" in " ".join([str(row[field]) for field in fields]).lower()]

    plain = median(scan, 50) + median(lambda _: connector.call(small, call), 50)
    return median(lambda _: connector.call(large, call), 50) / plain


def report_loading() -> None:
    """CPU and memory a record of loading a world, beside decoding the same records as JSON."""
    for count in (3_000, 100_000):
        print(f"loading a world of {count:,} issues: CPU and memory a record")
        for name in ("github", "linear", "slack"):
            data = {name: tables_of(count)[name]}
            connector = Registry().get(name)
            assert connector is not None
            text = msgspec.json.encode(data)
            started = time.process_time()
            msgspec.json.decode(text)
            decoding = time.process_time() - started
            started = time.process_time()
            world_from_data(data, {name: connector})
            loading = time.process_time() - started
            tracemalloc.start()
            kept = world_from_data(data, {name: connector})
            memory = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            del kept
            print(f"  {name:<12}{1e6 * loading / count:7.1f} µs{memory / count:8,.0f} B"
                  f"   {loading / decoding:6.1f} x decoding its JSON")  # fmt: skip


def main() -> None:
    report_loading()
    for count in (1_000, 100_000):
        print(f"{count:,} records")
        for name, value in measure(count).items():
            unit = "x" if "/" in name else " µs"
            print(f"  {name:<36}{value:8.2f}{unit}")
    print("lists and searches through the tools, 1,000 records")
    for search in SEARCHES:
        print(f"  {search[0]:<36}{measure_search(*search):8.2f}x")


if __name__ == "__main__":
    main()
