"""What ``routine-harness record`` does with one case: by whom, how often, and what it says of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from routine_harness.agents.recording import Recorder
from routine_harness.case.case import REAL, Case
from routine_harness.case.plan import Setting
from routine_harness.case.result import CaseResult
from routine_harness.cli import lines
from routine_harness.cli.dry_run import print_plan
from routine_harness.cli.lines import echo
from routine_harness.cli.record_estimate import Due
from routine_harness.cli.terminal import terminal_width
from routine_harness.gate.luck import is_settled, pass_power, wilson_interval
from routine_harness.harness import Harness, Options
from routine_harness.live.client.attempt import Step
from routine_harness.live.client.live_agent import LiveOptions, execute_live
from routine_harness.live.outside.real_servers import RealServers, Through
from routine_harness.live.record.recorder import Attempted, attempts, keep_untracked
from routine_harness.report.text import clip, fold
from routine_harness.routine.spec import Routine
from routine_harness.serve.credential import cost_words
from routine_harness.session.run import RunPair
from routine_harness.session.transcript import Usage, total_usage
from routine_harness.store.attempts import attempts_of
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.confirmed import script_name
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import shown
from routine_harness.store.policies import load_policy
from routine_harness.verdict.policy.quarantine import proposal
from routine_harness.world.tool import Connector


class CaseRecorder:
    """How cases are recorded in one call of the command."""

    def __init__(
        self,
        options: LiveOptions,
        *,
        repeat: int,
        until_settled: bool = False,
        overwrite: bool,
        servers: RealServers | None,
        reads: tuple[str, ...],
        played: str,
        billed: bool = True,
        script: str = "",
    ) -> None:
        """``played`` says who stands in for the model, and ``script`` which script, if it is one; ``billed``
        whether its tokens cost money."""
        self._options = options
        self._repeat = repeat
        self._until_settled = until_settled
        self._overwrite = overwrite
        self._servers = servers
        self._reads = reads
        self._played = played
        self._script = script
        self._by: Recorder | None = None
        self._billed = billed

    @property
    def spent_all(self) -> bool:
        """Whether the spending limit over all cases is reached."""
        spending = self._options.spending
        return spending is not None and spending.reached()

    def tell_left(self, cases: Sequence[Case]) -> None:
        """Name the cases that are not recorded any more, as nothing is left to be spent."""
        spending = self._options.spending
        if cases and spending is not None:
            spent = f"${spending.limit_usd:g} (--limit-usd) is spent"
            echo(f"{spent}; not started: {', '.join(case.heading for case in cases)}", err=True)

    def record(self, one: Due) -> bool:
        """Record one case; whether an attempt passed."""
        case, routine = one.case, one.routine
        lines.say(f"recording {case.heading} by {_who(one.by, self._played)}: {one.why}", err=True)
        self._by = None  # what kept the case before this one in is none of its own
        harness = self.harness(one.by, routine)
        passed = made = 0
        failed: Counter[str] = Counter()
        files = CaseFiles(case, routine)
        for attempt in attempts(case, routine, harness.check_case, self._repeat, self._begins(one.by)):
            passed += attempt.result.passed
            made += 1
            failed.update(check.name for check in attempt.result.verdict.checks if check.outcome == "failed")
            self._show(attempt)
            if self._until_settled and self._is_settled(files):
                break
        if self._servers is not None:
            keep_untracked(CaseFiles(case, routine).recording_path)
        if self._repeat > 1:
            _tell_luck(case, failed, passed, made)
            echo(f"  transcripts: {shown(attempts_of(CaseFiles(case, routine).recording_path))}")
        return passed > 0

    def _is_settled(self, files: CaseFiles) -> bool:
        """Whether all attempts under the same files prove the pass rate that the policy demands, or that it
        is not reached."""
        rules = load_policy(files.case.source.path).gate
        recording = files.recording()
        if recording is None:
            return False
        passed, of = recording.header.attempts.passed, recording.header.attempts.of
        settled = is_settled(passed, of, rules.pass_rate, rules.confidence)
        if settled is None:
            return False
        interval = wilson_interval(passed, of, rules.confidence)
        said = "proved" if settled else "not reached"
        echo(f"settled: passed {passed} of {of}, a rate of {interval}; {rules.pass_rate:.0%} is {said}")
        return True

    def _begins(self, by: str) -> Callable[[int], bool]:
        """Says before each attempt which one it is, and whether it is made."""

        def begins(number: int) -> bool:
            if by == REAL and self.spent_all:
                echo(f"{self._left(number)} not started: the limit (--limit-usd) is spent", err=True)
                return False
            if self._repeat > 1:
                echo(f"attempt {number} of {self._repeat}", err=True)
            return True

        return begins

    def _left(self, number: int) -> str:
        """The attempts from ``number`` on, as the subject of a sentence."""
        last = self._repeat
        return f"attempt {number} is" if number == last else f"attempts {number} to {last} are"

    def harness(self, name: str, routine: Routine) -> Harness:
        """A harness that records by ``name``; between it and real servers, where there are any."""
        settings = Options(
            record="all", agent=name, overwrite=self._overwrite, require_sandbox=True,
            attempts=self._repeat > 1, environment=dict(os.environ),
        )  # fmt: skip
        listed: tuple[Connector, ...] = ()
        if self._servers is not None:
            listed = self._servers.connectors(connectors_above(routine.source.path), self._reads)
        return Harness(settings, self._execute, listed)

    def _execute(self, setting: Setting) -> tuple[RunPair | None, Recorder]:
        servers, options = self._servers, self._options
        if servers is not None:
            registry = setting.registry
            setting = msgspec.structs.replace(setting, rewind=lambda: Through(servers, registry))
            options = msgspec.structs.replace(options, servers=servers)
        pair, recorder = execute_live(setting, options)
        script = script_name(self._script, setting.routine) if self._script else ""
        self._by = msgspec.structs.replace(recorder, played=self._played, script=script)
        return pair, self._by

    def _show(self, attempt: Attempted) -> None:
        result = attempt.result
        print_plan(result)
        echo(f"{'passed' if result.passed else 'FAILED'}  {attempt.recording}")
        if (by := self._by) is not None:
            _below(f"isolation: {by.isolation}; clock: {by.clock}; CLI {by.version}{self._cost(result)}")
        told = CaseFiles(result.case, result.routine).recording()
        if told is not None and told.header.passed and not result.passed:
            _below(f"kept the pair that passed ({told.header.attempts}); --overwrite replaces it")

    def _cost(self, result: CaseResult) -> str:
        if result.pair is None:
            return ""
        usage = total_usage(run.usage for run in result.pair.runs)
        cost = cost_words(usage.tokens, usage.cost_usd, billed=self._billed)
        return f"; {cost}, {usage.seconds:.0f} s" if usage.seconds else ""


def _below(text: str) -> None:
    for line in fold(text, terminal_width(), "  "):
        echo(line)


def tell(text: str) -> None:
    """Say something before it starts, as wide as the terminal is."""
    for line in fold(text, terminal_width(), ""):
        echo(line, err=True)


def say(step: Step, *, billed: bool = True) -> None:
    """Show what goes on, a line each: time in the run, cost so far, and what the agent says or does."""
    line = step.text.strip().splitlines()[0] if step.text.strip() else ""
    minutes, seconds = divmod(int(step.seconds), 60)
    echo(
        clip(f"  {minutes:3}:{seconds:02} {_spent(step.spent, billed=billed)}  {line}", terminal_width()),
        err=True,
    )


def _spent(spent: Usage, *, billed: bool) -> str:
    """What was spent at most, counted at the dearest price of the model; where it is not ``billed``, the
    tokens, and what they would cost."""
    if billed:
        return f"≤${spent.cost_usd:.2f}"
    return f"{spent.tokens / 1000:.0f}k tokens (≤${spent.cost_usd:.2f})"


def _who(name: str, played: str) -> str:
    if name != REAL:
        return "its script"
    return f"{REAL}, a {played} as its model" if played else REAL


def _tell_luck(case: Case, failed: Counter[str], passed: int, made: int) -> None:
    """How many attempts passed, what that says of the next ones, and which checks failed how often; those
    that passed and failed under the same files are proposed for quarantine."""
    interval = wilson_interval(passed, made)
    powers = ", ".join(f"pass^{k} {pass_power(passed, made, k):.0%}" for k in (2, 3, 5) if 1 < k <= made)
    echo(
        f"{case.heading}: passed {passed} of {made}, a rate of {interval}" + (f"; {powers}" if powers else "")
    )
    for check, times in failed.most_common():
        echo(f"  ::{check} failed {times} of {made}")
    unsteady = [check for check, times in failed.items() if times < made]
    if unsteady:
        echo("  until that is mended, it can stand in policy.yaml under quarantine:")
        echo(f"    {proposal(case.routine, case.own_key, unsteady, passed, made)}")
