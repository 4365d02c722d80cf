"""What judging costs, beside the bare thing: ``python benchmarks/verdict.py``.

The readers of texts on 50,000 characters made to be slow beside one plain search through as many; and a
runaway agent, which files the same tickets again by the thousand: seconds for a whole case, and what ten
times as many cost. Ratios come from one run.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Final

import msgspec

from routine_harness import AgentSession, CaseResult, Harness, Routine
from routine_harness.agents.scripted import Script
from routine_harness.case.memory import case_in_memory
from routine_harness.routine.spec import Binding, Grant
from routine_harness.verdict.claims.judge_claims import claims_of
from routine_harness.verdict.idempotency.subject import subject_of
from routine_harness.verdict.policy.noise import mentions_of_everyone
from routine_harness.verdict.snapshot import mask
from routine_harness.world.effect import Effect

READERS: Final[dict[str, Callable[[str], object]]] = {
    "claims": lambda text: list(claims_of(text)),
    "subject": lambda text: subject_of(Effect("ticket.created", "x", "", {"body": text})),
    "snapshot": mask,
    "mentions": mentions_of_everyone,
}
TEXTS: Final = ("word ", " ", "a.", "a-b.", "a/", "a/b#", "created ", "ticket has been ", "<!channel|", "ab1")
SIZE: Final = 50_000
LARGE: Final = {"turns": 10**6, "calls": 10**6, "seconds": 10**9}


def seconds(action: Callable[[], object], rounds: int = 5) -> float:
    """The median of ``rounds``."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def texts() -> float:
    """Prints milliseconds by reader and text; the longest in seconds."""
    print(f"\n{'ms for 50,000 characters':<26}" + "".join(f"{name:>10}" for name in (*READERS, r"\w+")))
    longest = 0.0
    for unit in TEXTS:
        text = (unit * (SIZE // len(unit) + 1))[:SIZE]
        times = [seconds(lambda read=read, text=text: read(text)) for read in READERS.values()]
        peer = seconds(lambda text=text: re.findall(r"\w+", text))
        print(f"{unit!r:<26}" + "".join(f"{1e3 * each:>10.2f}" for each in (*times, peer)))
        longest = max(longest, *times)
    return longest


def runaway() -> tuple[float, float]:
    """The CPU seconds of a case with 1,000 tickets, and how many times that one with 10,000 takes."""
    print(f"\n{'a runaway agent':<26}{'tickets':>9}{'CPU s':>9}{'findings':>10}")
    taken: list[float] = []
    for number in (1_000, 10_000):
        started = time.process_time()
        findings = len(file_tickets(number).findings)
        taken.append(time.process_time() - started)
        print(f"{'':<26}{number:>9,}{taken[-1]:>9.2f}{findings:>10,}")
    print(f"ten times the tickets: {taken[1] / taken[0]:.1f} x the time (10 is linear)")
    return taken[0], taken[1] / taken[0]


def file_tickets(number: int) -> CaseResult:
    """Both runs of an agent that files ``number`` tickets and never looks."""

    def run(session: AgentSession) -> None:
        for n in range(number):
            session.call("linear.save_issue", title=f"Risk in file {n}", team="SEC",
                         description=f"src/f{n}.py of acme/core#42 is at risk.")  # fmt: skip

    routine = Routine("runaway", "File.", connectors=(Grant("linear", (Binding("SEC"),)),))
    case = case_in_memory(routine, None, {}, {"tickets": {"count": number}})
    case = msgspec.structs.replace(case, budget=LARGE)
    return Harness().check_case(case, routine, Script("run", lambda: run).run)


def main() -> int:
    """1 if a limit is missed: a second for a text, a second for 1,000 tickets, 15 times that for 10,000."""
    slow = texts() > 1
    seconds, growth = runaway()
    return int(slow | (seconds > 1) | (growth > 15))


if __name__ == "__main__":
    sys.exit(main())
