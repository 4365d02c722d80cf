"""What the world costs: reads and writes of one record, scans, and the same after a write.

Times are medians in microseconds; scans are ratios to a list comprehension over the same records,
measured in the same run. ``python benchmarks/world.py``
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from routine_harness.world.state import Table, World

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


def main() -> None:
    for count in (1_000, 100_000):
        print(f"{count:,} records")
        for name, value in measure(count).items():
            unit = "x" if "/" in name else " µs"
            print(f"  {name:<28}{value:8.2f}{unit}")


if __name__ == "__main__":
    main()
