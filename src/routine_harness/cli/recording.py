"""What ``routine-harness record`` does with one case: by whom, how often, and what it says of it."""

from __future__ import annotations

import os

import msgspec

from routine_harness.agents.recording import Recorder
from routine_harness.case.case import REAL, Case
from routine_harness.case.plan import Setting
from routine_harness.case.result import CaseResult
from routine_harness.cli.dry_run import print_plan
from routine_harness.cli.lines import echo
from routine_harness.cli.terminal import terminal_width
from routine_harness.harness import Harness, Options
from routine_harness.live.agent import LiveOptions, execute_live
from routine_harness.live.recorder import Attempted, attempts, keep_untracked
from routine_harness.live.through import RealServers, Through
from routine_harness.report.text import clip, fold
from routine_harness.routine.spec import Routine
from routine_harness.serve.credential import Credential, cost_words, find_credential
from routine_harness.session.run import RunPair
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.connectors import connectors_above
from routine_harness.world.tool import Connector


class CaseRecorder:
    """How cases are recorded in one call of the command."""

    def __init__(
        self,
        options: LiveOptions,
        *,
        repeat: int,
        overwrite: bool,
        servers: RealServers | None,
        reads: tuple[str, ...],
        live: bool,
        played: str,
    ) -> None:
        """``live`` keeps to the real agent; ``played`` says who stands in for the model."""
        self._options = options
        self._repeat = repeat
        self._overwrite = overwrite
        self._servers = servers
        self._reads = reads
        self._live = live or bool(played)
        self._played = played
        self._by: Recorder | None = None
        self._credential: Credential | None = None

    def record(self, case: Case, routine: Routine, why: str) -> bool:
        """Record one case; whether an attempt passed."""
        own = case.record_with
        name = REAL if own is None or self._live else own.name
        echo(f"recording {case.heading} by {_who(name, self._played)}: {why}", err=True)
        if name == REAL and self._options.model is None:
            self._find_credential()
        self._by = None  # what kept the case before this one in is none of its own
        harness = self._harness(name, routine)
        passed = 0
        for attempt in attempts(case, routine, harness.check_case, self._repeat, self._number):
            passed += attempt.result.passed
            self._show(attempt)
        if self._servers is not None:
            keep_untracked(CaseFiles(case, routine).recording_path)
        if self._repeat > 1:
            echo(f"{case.heading}: passed {passed} of {self._repeat}")
        return passed > 0

    def _find_credential(self) -> None:
        """What opens the model, said before the first case that needs it: a key is billed."""
        if self._credential is None:
            self._credential = find_credential(os.environ)
            for line in fold(self._credential.told, terminal_width(), ""):
                echo(line, err=True)

    def _number(self, number: int) -> None:
        if self._repeat > 1:
            echo(f"attempt {number} of {self._repeat}", err=True)

    def _harness(self, name: str, routine: Routine) -> Harness:
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
        self._by = msgspec.structs.replace(recorder, played=self._played)
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
        for finding in result.verdict.findings:
            if finding.fails:
                _below(f"{finding.code}: {finding.message}")

    def _cost(self, result: CaseResult) -> str:
        if result.pair is None:
            return ""
        runs = [run for run in (result.pair.first, result.pair.second) if run is not None]
        tokens = sum(run.usage.input_tokens + run.usage.output_tokens for run in runs)
        usd, seconds = sum(run.usage.cost_usd for run in runs), sum(run.usage.seconds for run in runs)
        billed = self._credential is None or self._credential.billed
        return f"; {cost_words(tokens, usd, billed=billed)}, {seconds:.0f} s" if seconds else ""


def _below(text: str) -> None:
    for line in fold(text, terminal_width(), "  "):
        echo(line)


def say(text: str) -> None:
    """Show what goes on, a line each."""
    line = text.strip().splitlines()[0] if text.strip() else ""
    echo(clip(f"  {line}", terminal_width()), err=True)


def _who(name: str, played: str) -> str:
    if name != REAL:
        return "its script"
    return f"{REAL}, a {played} as its model" if played else REAL
