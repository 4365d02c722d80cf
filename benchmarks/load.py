"""What reading files costs, beside libyaml alone on the same bytes: ``python benchmarks/load.py``.

One routine, 200 cases with their routine and policy, and 50,000 characters through a pattern that
hangs a backtracking engine. Seconds are those of the fastest round; ratios come from one run.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.regex import compile_regex
from routine_harness.store.cases import load_case_file
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import discover

PROJECT = Path(__file__).parents[1]
EXAMPLE = PROJECT / "example_routines" / "security-triage-pr"
CASES = 200


def best(action: Callable[[], object], rounds: int) -> float:
    """Seconds of the fastest of ``rounds``."""
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        spent.append(time.perf_counter() - started)
    return min(spent)


def bare(data: bytes) -> object:
    """What libyaml makes of ``data``, without lines, duplicate keys, limits or YAML 1.2."""
    return yaml.load(data, yaml.CSafeLoader)


def row(name: str, ours: float, theirs: float, limit: str = "") -> None:
    print(
        f"{name:<34}{1e3 * ours:9.2f} ms   libyaml {1e3 * theirs:9.2f} ms   {ours / theirs:5.2f} x   {limit}"
    )


def copied(folder: Path) -> Path:
    """The example with the payloads that it names, a policy, and its first case over and over."""
    routine = folder / "routines" / "triage"
    shutil.copytree(EXAMPLE, routine, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "fixtures" / "webhooks", folder / "fixtures" / "webhooks")
    (folder / "routines" / "policy.yaml").write_text("root: true\nforbid: [ticket.deleted]\n")
    cases = routine / "cases"
    text = min(cases.glob("*.yaml")).read_text()
    for number in range(CASES - len(list(cases.iterdir()))):
        (cases / f"case-{number}.yaml").write_text(text)
    return folder / "routines"


def load_all(folder: Path) -> int:
    found = discover(folder)
    for case in found.cases:
        load_case_file(case)
        load_policy(case)
    return len(found.cases)


def main() -> int:
    """Print the table; 1 if a limit is missed."""
    data = (EXAMPLE / "routine.yaml").read_bytes()
    document = best(lambda: load_document(data, "routine.yaml"), 50)
    routine = best(lambda: parse_routine(load_document(data, "routine.yaml")), 50)
    plain = best(lambda: bare(data), 50)
    row(f"a document of {len(data):,} bytes", document, plain, "(at most 1 ms)")
    row("the same as a routine", routine, plain)
    with tempfile.TemporaryDirectory() as name:
        folder = copied(Path(name))
        texts = [path.read_bytes() for path in discover(folder).cases]
        assert load_all(folder) == CASES  # imports are not what is measured
        loaded = best(lambda: load_all(folder), 5)
        plain = best(lambda: [bare(text) for text in texts], 5)
    row(f"{CASES} cases with routine and policy", loaded, plain, "(at most 250 ms)")
    text = "a" * 50_000 + "!"
    linear = best(lambda: compile_regex("(a+)+$")(text), 5)
    harmless = best(lambda: re.fullmatch("a+$", text), 5)
    hanging = best(lambda: re.fullmatch("(a+)+$", "a" * 20 + "!"), 1)
    print(f"(a+)+$ on 50,000 characters {1e3 * linear:.2f} ms; re: a+$ on as many {1e3 * harmless:.2f} ms, "
          f"(a+)+$ on 20 {1e3 * hanging:.0f} ms and double for each more")  # fmt: skip
    return int(document > 0.001 or loaded > 0.25)


if __name__ == "__main__":
    sys.exit(main())
