"""What trials in which something goes wrong cost, beside the case: ``python benchmarks/adversity.py``.

CPU seconds of this process, since the machine may have other work; ratios come from one run. The bounds are
those of the issue: a crash sweep of a 10-call script at most 12 times its pair, 1,000 interleavings of two
6-write scripts in 5 s, all fault packs over the examples in 20 s on two cores (40 s of CPU), 200 mutants in
10 s, ``backtest --play`` of 1,000 firings of a 10-call script in 30 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.adversity.faults import PACKS
from routine_harness.carrying import carry_firings, players_of
from routine_harness.case.case import Case
from routine_harness.harness import Harness
from routine_harness.mutating import mutate_case
from routine_harness.routine.spec import Routine
from routine_harness.store.cases import load_case_file
from routine_harness.store.routines import discover
from routine_harness.trigger.event import Event, Firing
from routine_harness.verdict.further import CRASH, FAULTS, Further

EXAMPLES: Final = Path(__file__).parents[1] / "example_routines"
ROUTINE: Final = """name: ten-calls
description: Ten calls, six of them writes.
repositories: [github:acme/core]
connectors: [slack:dev, linear:Core]
triggers: [{type: github, events: [issues.opened]}]
prompt: Do it, once.
"""
CASE: Final = """trigger: {{github: {{event: issues.opened, payload: ../payload.json}}}}
world: {{slack: {{channels: [{{id: C0DEV, name: dev}}]}}}}
agent: {{scripted: ../agent.py::{script}}}
"""
AGENT: Final = '''
PLACE = {"owner": "acme", "repo": "core"}


def ten(session):
    """Four reads and six writes, each write looked for first."""
    number = session.firing.event.payload["issue"]["number"]
    seen = session.call("slack.slack_read_channel", channel_id="C0DEV").text
    found = session.call("linear.list_issues", team="Core").text
    session.call("github.issue_read", method="get", issue_number=number, **PLACE)
    comments = session.call("github.issue_read", method="get_comments", issue_number=number, **PLACE).text
    for part in ("one", "two"):
        if f"{part} of {number}" not in seen:
            session.call("slack.slack_send_message", channel_id="C0DEV", message=f"{part} of {number}")
        if f"{part} of {number}" not in found:
            session.call("linear.save_issue", team="Core", title=f"{part} of {number}")
        if f"{part} of {number}" not in comments:
            session.call("github.add_issue_comment", issue_number=number, body=f"{part} of {number}", **PLACE)
    session.say("Done.")


def six(session):
    """Six writes to one connector: no two of them commute."""
    for part in "abcdef":
        session.call("slack.slack_send_message", channel_id="C0DEV", message=f"part {part}")
    session.say("Done.")
'''
PAYLOAD: Final = {
    "action": "opened",
    "repository": {"full_name": "acme/core", "name": "core", "owner": {"login": "acme"}},
    "issue": {"number": 7, "title": "Broken", "body": "It is.", "user": {"login": "alice"}, "labels": []},
    "sender": {"login": "alice"},
}


def cpu(action: Callable[[], object]) -> float:
    """CPU seconds of ``action``."""
    started = time.process_time()
    action()
    return time.process_time() - started


def written(folder: Path, script: str) -> tuple[Case, Routine]:
    """The case of ``script`` and its routine."""
    (folder / "cases").mkdir(exist_ok=True)
    (folder / "routine.yaml").write_text(ROUTINE)
    (folder / "agent.py").write_text(AGENT)
    (folder / "payload.json").write_bytes(msgspec.json.encode(PAYLOAD))
    file = folder / f"cases/{script}.yaml"
    file.write_text(CASE.format(script=script))
    loaded = load_case_file(file)
    return loaded.cases[0], loaded.routine


def check(case: Case, routine: Routine, **checks: Further) -> int:
    """The number of items of the case's further checks, under the ones that are given; the sweep of a case
    that fails would end early."""
    case = msgspec.structs.replace(case, checks=checks)
    result = Harness().check_case(case, routine)
    if CRASH in checks:
        assert result.passed, result.check(CRASH).findings
    return len(result.sweeps)


def sweep_of_crashes(folder: Path) -> float:
    """How many times its pair a crash sweep of ten calls takes."""
    case, routine = written(folder, "ten")
    rounds = range(20)
    check(case, routine, crash=Further())
    pair = cpu(lambda: [check(case, routine) for _ in rounds]) / len(rounds)
    swept = cpu(lambda: [check(case, routine, **{CRASH: Further()}) for _ in rounds]) / len(rounds) - pair
    told = f"{swept / pair:>7.1f} x its pair ({1e3 * pair:.1f} ms)"
    print(f"crash sweep of 10 calls   {1e3 * swept:>9.1f} ms  {told}")
    return swept / pair


def thousand_orders(folder: Path) -> float:
    """The CPU seconds of 924 orders of two sessions of six writes, for a thousand."""
    case, routine = written(folder, "six")
    expect = msgspec.structs.replace(case.expect, idempotent=False)
    case = msgspec.structs.replace(case, expect=expect)
    pair = cpu(lambda: check(case, routine))
    taken = cpu(lambda: orders_of(case, routine)) * 1000 / 924
    print(f"1,000 interleavings       {taken:>9.2f} s   {taken / pair:>7.0f} x its pair")
    return taken


def orders_of(case: Case, routine: Routine) -> None:
    """Every order, none of them judged bad."""
    from routine_harness.adversity.overlap import check_overlap
    from routine_harness.execution.companions import fired_setting
    from routine_harness.execution.interleaving import Interleaving, openings_of
    from routine_harness.store.casefiles import CaseFiles
    from routine_harness.verdict.idempotency.duplicates import Terms

    setting = fired_setting(case, routine)
    assert setting is not None
    assert case.script is not None
    script = CaseFiles(case, routine).script(case.script)
    openings = openings_of(setting, script, None)
    tried = []

    def judge(alone, pair, made):  # type: ignore[no-untyped-def]
        tried.append(list(check_overlap(alone, pair, made, Terms(), case.expect)))
        return ()

    Interleaving(openings, judge).beside_itself(script.run(openings[0].session()))
    assert len(tried) == 924, len(tried)


def packs_over_examples() -> float:
    """The CPU seconds of every fault of every pack over every call of the examples."""
    cases = [load_case_file(file) for file in discover(EXAMPLES).cases]
    pairs = cpu(lambda: [check(case, each.routine) for each in cases for case in each.cases])
    counted: list[int] = []
    packs = Further(packs=tuple(PACKS))

    def sweep() -> None:
        counted.extend(check(case, each.routine, **{FAULTS: packs}) for each in cases for case in each.cases)

    taken = cpu(sweep)
    told = f"{sum(counted):,} trials, {1e3 * taken / max(sum(counted), 1):.1f} ms each"
    print(f"fault packs, examples     {taken:>9.2f} s   {taken / pairs:>7.1f} x their pairs ({told})")
    return taken


def mutants_of_examples(most: int = 200) -> float:
    """The CPU seconds of ``most`` mutants of the examples."""
    count, started = 0, time.process_time()
    for file in discover(EXAMPLES).cases:
        loaded = load_case_file(file)
        for case in loaded.cases:
            if count < most and case.expect.fires:
                count += len(mutate_case(case, loaded.routine, Harness()).mutated)
    taken = (time.process_time() - started) * most / max(count, 1)
    print(f"{most} mutants, examples     {taken:>9.2f} s   ({count} tried)")
    return taken


def played(folder: Path, firings: int = 1_000) -> float:
    """The CPU seconds of a script of ten calls at ``firings`` firings, and how they grow."""
    case, routine = written(folder, "ten")
    taken = []
    for number in (firings // 4, firings):
        arrived = [fired(n) for n in range(1, number + 1)]
        taken.append(cpu(lambda: list(carry_firings(players_of(routine, [case]), arrived))))  # noqa: B023
    growth = taken[1] / taken[0]
    told = f"{growth:>7.1f} x a quarter of them (4 is linear)"
    print(f"{firings:,} firings played     {taken[1]:>9.2f} s   {told}")
    return taken[1]


def fired(number: int) -> Firing:
    payload = {**PAYLOAD, "issue": {**PAYLOAD["issue"], "number": number}}  # type: ignore[dict-item]
    return Firing(Event("github", "issues.opened", payload, 1_777_885_200 + 600 * number), 0)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        missed = [
            sweep_of_crashes(folder) > 12,
            thousand_orders(folder) > 5,
            packs_over_examples() > 40,
            mutants_of_examples() > 10,
            played(folder) > 30,
        ]
    return int(any(missed))


if __name__ == "__main__":
    sys.exit(main())
