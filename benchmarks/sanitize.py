"""What sanitising costs: megabytes a second (UTF-8), for clean texts and for texts that hold something.

``python benchmarks/sanitize.py`` fails where a clean text is given at less than 50 MB/s.
"""

from __future__ import annotations

import statistics
import sys
import time

from routine_harness.world.github.mcp.sanitize.policy import sanitize

AT_LEAST = 50.0
"""Megabytes a second that a clean text is to take at most."""

_PLAIN = "The nightly build of the branch main failed again - see run 4812 for the log of the job.\n"
_ACCENTS = "Der nächtliche Bau auf main schlug wieder fehl – Lauf 4812 zeigt im Protokoll, woran es lag.\n"
_FENCED = f"{_PLAIN * 5}```python\nassert total == 4\n```\n"
_TEMPLATE = "<!-- Thanks for the report! Fill in what is below. -->\n## What happened\n" + _PLAIN * 3

CLEAN = {
    "a title": _PLAIN.strip(),
    "a body of 4 KB": _PLAIN * 45,
    "a body of 64 KB": _PLAIN * 720,
    "a body with accents": _ACCENTS * 45,
    "a body with fences": _FENCED * 9,
}
OTHER = {
    "a template's comments": _TEMPLATE * 9,
    "quotation marks": _PLAIN.replace("main", '"main"') * 45,
    "emoji": _PLAIN.replace("failed", "failed \u2708\ufe0f") * 45,
    "tags": _PLAIN.replace("main", "<b>main</b> of <owner>") * 45,
}


def speed(text: str, *, megabytes: float = 4.0) -> float:
    """Megabytes a second: the median of five rounds over so many megabytes."""
    size = len(text.encode())
    times = max(1, int(megabytes * 1e6 / size))
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            sanitize(text)
        rounds.append(time.perf_counter() - start)
    return times * size / statistics.median(rounds) / 1e6


def main() -> int:
    slow = 0
    for name, text in CLEAN.items():
        assert sanitize(text) == text, name
        found = speed(text)
        slow += found < AT_LEAST
        print(f"clean  {name:<22} {found:8.0f} MB/s")
    for name, text in OTHER.items():
        print(f"other  {name:<22} {speed(text, megabytes=1.0):8.0f} MB/s")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
