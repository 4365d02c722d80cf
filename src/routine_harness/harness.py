"""The whole flow in a page: files → firing → run pair → verdict. Both faces call it.

A ``Harness`` reads, runs and judges; it decides nothing that a room above it decides.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from routine_harness.agents.acted import SCRIPT
from routine_harness.agents.protocol import ScriptedAgent
from routine_harness.agents.recording import ABSENT
from routine_harness.agents.scripted import Script
from routine_harness.case.case import REAL, Case
from routine_harness.case.confirmation import Binding, check_binding
from routine_harness.case.event import case_event, fire, rerun_matches
from routine_harness.case.firing import judge_fires
from routine_harness.case.memory import case_in_memory
from routine_harness.case.placement import settle_case
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.case.result import CaseResult
from routine_harness.errors import AgentError, Problem, UsageError
from routine_harness.execution.pairing import Executed, Live, Pairing, RecordMode
from routine_harness.execution.placing import Placing
from routine_harness.execution.swept import Recorded, Staged, Swept
from routine_harness.finding import Finding
from routine_harness.plain import Json
from routine_harness.redaction.redactor import Redactor
from routine_harness.redaction.values import secret_variables
from routine_harness.routine.edition import load_edition
from routine_harness.routine.edition_rules import Placement
from routine_harness.routine.spec import Routine
from routine_harness.session.grants import check_interceptable
from routine_harness.session.pair import Execute, run_pair
from routine_harness.session.run import RunPair
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.confirmed import binding_of, load_confirmations
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import shown
from routine_harness.store.policies import load_policy
from routine_harness.store.redact import make_redactor
from routine_harness.store.routines import discover, load_routine, routine_path
from routine_harness.store.settings import load_setting
from routine_harness.trigger.event import Event, Firing
from routine_harness.verdict.judge import judge_missing, judge_pair
from routine_harness.verdict.policy.leaks import Secrets
from routine_harness.verdict.policy.quarantine import quarantine_checks
from routine_harness.verdict.policy.rules import Policy
from routine_harness.verdict.snapshot import render_snapshot
from routine_harness.verdict.verdict import Check, Verdict
from routine_harness.world.recorded import RecordedInteractions
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import Connector


class Options(msgspec.Struct, frozen=True):
    """How cases are checked: record mode, who plays or records, whether a pair that failed may take the
    place of one that passed, whether each attempt is kept apart as well, whether snapshots are written,
    whether a case that needs a sandbox is an error where there is none (else it is skipped), the
    environment whose secrets are kept out of files, and the day (ISO 8601; empty: that of the machine)."""

    record: RecordMode = "none"
    agent: str = ""
    overwrite: bool = False
    attempts: bool = False
    update_snapshots: bool = False
    require_sandbox: bool = False
    environment: dict[str, str] = {}
    today: str = ""


class Harness:
    """Checks cases under one set of options."""

    def __init__(
        self,
        options: Options = Options(),  # noqa: B008 - a frozen value
        live: Live | None = None,
        connectors: Iterable[Connector] = (),
    ) -> None:
        """``live`` executes a pair with the real agent in its own way (see ``live.client``), standing
        between it and ``connectors`` of which there is no model."""
        self.options = options
        self._pairing = Pairing(
            options.record, options.agent, self._redactor, live=live, now=_now, overwrite=options.overwrite,
            attempts=options.attempts, require_sandbox=options.require_sandbox,
        )  # fmt: skip
        self._connectors = tuple(connectors)

    def check_case(
        self, case: Case, routine: Routine, execute: Execute | None = None, *, base: World | None = None,
        wanted: Collection[str] | None = None,
    ) -> CaseResult:  # fmt: skip
        """Fire, run twice, judge. ``execute`` takes the place of the case's own agent; World 0 is made on
        ``base``, where one is handed over. Of the further runs in which something goes wrong, those are
        carried out whose items are ``wanted``; None: all.

        Raises:
            HarnessError: an input of the case is bad, so that there is nothing to judge.
        """
        policy = load_policy(case.source.path)
        routine = policy.reaching(routine)
        case = settle_case(case, policy) if case.context is None else case
        edition = load_edition(policy.platform, policy.platform_overrides)
        firing, matches = fire(case, routine, case_event(case, routine, edition), edition)
        again = rerun_matches(case, routine, edition) if firing is not None and case.expect.fires else ()
        fires = judge_fires(case, matches, firing, again)
        if not case.expect.fires:
            return CaseResult(case, routine, Verdict((fires,)), None, firing)
        if firing is None:
            not_fired = Finding(code="run.not-fired", message="nothing fired, so nothing ran; see ::fires")
            return _without_pair(case, routine, fires, (not_fired,))
        setting = load_setting(
            case, routine, firing, edition=edition, policy=policy, known=self._known(case, routine),
            record=self.options.record,
        )  # fmt: skip
        setting = msgspec.structs.replace(setting, base=base)
        refused = _uncovered(setting)
        if refused:
            return _without_pair(case, routine, fires, refused, firing)
        return self._quarantined(self._check_runs(setting, fires, execute, wanted), policy)

    def _quarantined(self, result: CaseResult, policy: Policy) -> CaseResult:
        """``result`` with the checks that a policy has put into quarantine left undecided."""
        if not policy.quarantine:
            return result
        today = self.options.today or _now().partition("T")[0]
        name, key = result.routine.name, result.case.own_key
        verdict = quarantine_checks(result.verdict, policy.quarantine, name, key, today)
        return msgspec.structs.replace(result, verdict=verdict)

    def _known(self, case: Case, routine: Routine) -> Registry:
        """The connectors that need no declaration by the case's worlds."""
        known = connectors_above(case.source.path or routine.source.path)
        return known.adding(self._connectors) if self._connectors else known

    def _check_runs(
        self, setting: Setting, fires: Check, execute: Execute | None, wanted: Collection[str] | None
    ) -> CaseResult:
        case, routine = setting.case, setting.routine
        files = CaseFiles(case, routine)
        script = None
        if execute is not None:
            executed = Executed(run_pair(plan_pair(setting), execute), by=SCRIPT)
        else:
            load_confirmations(routine)  # what is malformed is said before anything runs or is written
            executed = self._pairing.execute(setting, files)
            script = _binding(executed, files)
        if executed.pair is None:
            findings, skipped = (*executed.findings, *check_binding(script)), executed.skipped
            return _without_pair(
                case, routine, fires, findings, setting.firing, skipped=skipped, script=script
            )
        if case.placed:
            return self._check_placed(setting, fires, executed)
        judged = _warned(self._judge(setting, executed.pair, files), check_binding(script))
        passed = Verdict((fires, *judged.checks)).passed
        self._pairing.keep(executed, setting, files, passed=passed)
        checks, pairs = judged.checks, dict[Placement, RunPair]()
        if case.checks_context:
            placed = self._placing().check(setting, executed.pair, judged, execute)
            checks, pairs = (*checks, placed.check), placed.pairs
        swept = self._sweep(setting, executed, execute, wanted)
        hangs_on = _hangs_on(executed.pair, *pairs.values())
        verdict = Verdict((fires, *checks, *swept.checks), setting.edition.assumed(hangs_on))
        return CaseResult(
            case, routine, verdict, executed.pair, setting.firing, pairs, swept.pairs, swept.names,
            executed.by, script,
        )  # fmt: skip

    def _sweep(
        self, setting: Setting, executed: Executed, execute: Execute | None, wanted: Collection[str] | None
    ) -> Swept:
        """The further runs that the case asks for, in which something goes wrong."""
        if not setting.case.sweeps or executed.pair is None:
            return Swept()
        # Imported here: what could go wrong, which a case without such checks need not load.
        from routine_harness.execution.sweeping import Anew, Sweep

        files = CaseFiles(setting.case, setting.routine)
        script = None if execute else self._pairing.script_of(setting, files, executed.by)
        if script is not None:
            execute = self._pairing.run_script(script, setting, files)
        anew = Anew(execute, script, self._recorded)
        return Sweep(setting, executed.pair, self._judge_plainly(), anew).check(wanted)

    def _recorded(self, trial: Setting) -> Recorded:
        """What is on the recording of a trial."""
        files = CaseFiles(trial.case, trial.routine)
        if not trial.case.source.path:
            return Recorded(None, absent=True)
        executed = self._pairing.play_stored(trial, files)
        absent = any(finding.code == ABSENT for finding in executed.findings)
        return Recorded(executed.pair, executed.findings, absent)

    def staged(self, case: Case, routine: Routine, kind: str) -> tuple[Staged, ...]:
        """The trials of one further check that the real agent can be recorded in.

        Raises:
            HarnessError: an input of the case is bad, or it has no pair of its own to start from.
        """
        # Imported here, as above.
        from routine_harness.execution.sweeping import Anew, Sweep

        result = self.check_case(case, routine, wanted=())
        if result.pair is None or result.firing is None:
            message = f"{case.heading} has no runs of its own to lay the trials of {kind} over"
            hint = "record the case first; its item ::run says what is missing"
            raise AgentError(Problem(case.source.file, 0, message, hint))
        policy = load_policy(case.source.path)
        edition = load_edition(policy.platform, policy.platform_overrides)
        setting = load_setting(
            result.case, result.routine, result.firing, edition=edition, policy=policy,
            known=self._known(result.case, result.routine), record=self.options.record,
        )  # fmt: skip
        sweep = Sweep(setting, result.pair, self._judge_plainly(), Anew(None))
        begun = self._pairing.player(setting, CaseFiles(setting.case, setting.routine))
        return tuple(sweep.staged(kind, begun))

    def record_trial(self, staged: Staged) -> tuple[RunPair | None, tuple[Finding, ...]]:
        """Have the real agent carry out a trial, judge it and keep its recording."""
        setting = staged.setting
        return self._pairing.record_trial(setting, CaseFiles(setting.case, setting.routine), staged.judge)

    def _check_placed(self, setting: Setting, fires: Check, executed: Executed) -> CaseResult:
        """A case that is executed under another placement than its own: the check ``context`` alone."""
        case, routine = setting.case, setting.routine
        placed = self._placing().check_placed(setting, executed)
        hangs_on = _hangs_on(*placed.pairs.values())
        verdict = Verdict((fires, placed.check), setting.edition.assumed(hangs_on))
        self._pairing.keep(executed, setting, CaseFiles(case, routine), passed=verdict.passed)
        return CaseResult(case, routine, verdict, executed.pair, setting.firing, placed.pairs, by=executed.by)

    def _placing(self) -> Placing:
        return Placing(self._pairing, self._judge_plainly())

    def _judge_plainly(self) -> Callable[[Setting, RunPair], Verdict]:
        """Judges a pair without its snapshot."""

        def judge(setting: Setting, pair: RunPair) -> Verdict:
            return judge_pair(
                setting.case, setting.routine, pair, setting.policy,
                registry=setting.registry, secrets=self._secrets(setting),
            )  # fmt: skip

        return judge

    def _judge(self, setting: Setting, pair: RunPair, files: CaseFiles) -> Verdict:
        case = setting.case
        snapshot = files.snapshot() if case.expect.snapshot else None
        if case.expect.snapshot and self.options.update_snapshots:
            text = render_snapshot(pair, files.name, case.expect.any_order)
            files.save_snapshot(text, self._redactor(setting))
            snapshot = files.snapshot()

        def redact(text: str) -> str:
            return self._redactor(setting).text(text)

        return judge_pair(
            case,
            setting.routine,
            pair,
            setting.policy,
            snapshot=snapshot,
            snapshot_file=shown(files.snapshot_path) if case.expect.snapshot else "",
            redact=redact,
            registry=setting.registry,
            secrets=self._secrets(setting),
        )

    def _secrets(self, setting: Setting) -> Secrets:
        """What must not leave with an effect: secret variables of ours and of the routine's environment."""
        redact = setting.policy.redact
        ours = secret_variables(self.options.environment or {}, redact.variables)
        theirs = secret_variables(setting.routine.environment.variables, redact.variables)
        return Secrets({**ours, **theirs}, redact.patterns)

    def _redactor(self, setting: Setting) -> Redactor:
        """A redactor for one file: the environment and the policy say what is secret."""
        return make_redactor(setting.policy.redact, self.options.environment)


def _hangs_on(*pairs: RunPair) -> set[str]:
    """The settings of the edition on which an answer in a run hangs."""
    return {name for pair in pairs for run in pair.runs for name in run.depends_on}


def _uncovered(setting: Setting) -> tuple[Finding, ...]:
    """The connectors that neither a model, a declaration, a cassette nor a recording stands for."""
    case, routine = setting.case, setting.routine
    held = setting.rewind()
    recorded = held.servers() if isinstance(held, RecordedInteractions) else frozenset()
    refused = check_interceptable(routine, setting.registry, recorded)
    if refused and case.source.path and case.agent.name != REAL:
        recording = CaseFiles(case, routine).recording_to_play()
        recorded |= recording.connectors if recording is not None else frozenset()
        refused = check_interceptable(routine, setting.registry, recorded)
    return refused


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _without_pair(
    case: Case, routine: Routine, fires: Check, findings: tuple[Finding, ...], firing: Firing | None = None,
    *, skipped: str = "", script: Binding | None = None,
) -> CaseResult:  # fmt: skip
    further = tuple(Check(name, skipped="no run came about; see ::run") for name in case.sweeps)
    verdict = Verdict((fires, *judge_missing(case, findings, skipped=skipped).checks, *further))
    return CaseResult(case, routine, verdict, None, firing, script=script)


def _binding(executed: Executed, files: CaseFiles) -> Binding | None:
    """How the script stands to the prompt that carried the case out, or would have, had its recording been
    fresh; None where none did."""
    if executed.by is not None:
        script = (executed.script or files.own_script) if executed.by.kind == "script" else ""
    else:
        script = "" if executed.skipped else files.resting_script
    return binding_of(script, files.routine) if script else None


def _warned(verdict: Verdict, findings: tuple[Finding, ...]) -> Verdict:
    """``verdict`` with ``findings`` on its check ``run``."""
    checks = (
        msgspec.structs.replace(check, findings=(*check.findings, *findings))
        if check.name == "run"
        else check
        for check in verdict.checks
    )
    return Verdict(tuple(checks), verdict.depends_on) if findings else verdict


def check_routine_file(routine: Routine, name: str) -> Check:
    """The check ``spec`` or ``triggers`` of a routine: what its files alone say.

    Raises:
        HarnessError: a policy above it is malformed.
    """
    policy = load_policy(routine.source.path)
    edition = load_edition(policy.platform, policy.platform_overrides)
    if name != "triggers":
        return Check(name)
    # Imported here: the search for witnesses, which a case alone does not need.
    from routine_harness.trigger.properties import check_trigger_properties

    return Check(name, check_trigger_properties(routine, edition))


def allowances(routine: Routine) -> list[str]:
    """What the policies above ``routine`` take back for it, a line each with reason and place."""
    permits = load_policy(routine.source.path).allow
    return [
        f"{permit.text}: {permit.reason} ({permit.location})"
        for permit in permits
        if not permit.routines or routine.name in permit.routines
    ]


def check_case(case: str | os.PathLike[str] | Case | Sequence[Case], **options: Any) -> CaseResult:
    """Check one case: the one in a file, or what ``load_case`` gives; ``options`` are those of ``Options``.

    Raises:
        HarnessError: see ``Harness.check_case``.
        UsageError: there are several cases (``parametrize``), of which to name one; or a case is in no file,
            so that nobody knows its routine.
    """
    if isinstance(case, str | os.PathLike):
        loaded = load_case_file(case)
        only, routine = _only(loaded.cases, os.fspath(case), "check_routine checks them all"), loaded.routine
    else:
        cases = (case,) if isinstance(case, Case) else tuple(case)
        only = _only(cases, cases[0].source.file if cases else "", "check each: check_case(case)")
        routine = _routine_of(only)
    return Harness(Options(**options)).check_case(only, routine)


def _only(cases: Sequence[Case], file: str, hint: str) -> Case:
    if len(cases) != 1:
        raise UsageError(Problem(file, 0, f"expected one case, found {len(cases)}", hint))
    return cases[0]


def _routine_of(case: Case) -> Routine:
    """The routine that the file of ``case`` belongs to."""
    if not case.source.path:
        hint = "dry_run takes a routine, an event and a world"
        raise UsageError(Problem(case.source.file, 0, "the case is in no file", hint))
    return load_case_file(case.source.path).routine


def check_routine(path: str | os.PathLike[str], **options: Any) -> tuple[CaseResult, ...]:
    """Check every case of the routine in the file or folder ``path``, in the order of files.

    Raises:
        HarnessError: see ``Harness.check_case``.
    """
    file = routine_path(path)
    name = load_routine(file).name
    harness = Harness(Options(**options))
    loaded = [load_case_file(case) for case in discover(file.parent).cases]
    own = [each for each in loaded if each.routine.name == name]
    return tuple(harness.check_case(case, each.routine) for each in own for case in each.cases)


def dry_run(
    routine: Routine | str | os.PathLike[str],
    *,
    agent: ScriptedAgent | Script,
    event: Event | Mapping[str, Json] | None = None,
    world: Mapping[str, Json] | World | None = None,
    expect: Mapping[str, Json] | None = None,
    network: Literal["none", "real"] = "none",
) -> CaseResult:
    """Run ``agent`` twice as ``routine``, on ``event``, in ``world``, and judge both runs.

    ``event`` is an ``Event`` or what ``fires`` reads (a webhook's body or delivery); left out, it is
    a manual start. ``world`` and ``expect`` are as in a case file; a ``World`` (of another run, or of
    ``load_world``) goes on from where it stands. With ``network`` ``real`` the agent may reach the network.
    Nothing is read from disk but the routine, its policies and connectors, and nothing is written.

    Raises:
        HarnessError: an argument is malformed.
    """
    loaded = routine if isinstance(routine, Routine) else load_routine(routine)
    base = world if isinstance(world, World) else None
    data = {} if world is None or isinstance(world, World) else world
    case = case_in_memory(loaded, event, data, expect or {}, connectors_above(loaded.source.path))
    script = agent
    if not isinstance(script, Script):
        own = script
        script = Script(getattr(own, "__qualname__", "agent"), lambda: own, network=network == "real")
    return Harness().check_case(case, loaded, script.run, base=base)


__all__ = [
    "CaseResult",
    "Harness",
    "Options",
    "check_case",
    "check_routine",
    "check_routine_file",
    "dry_run",
    "load_routine",
]
