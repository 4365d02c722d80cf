"""Who executes the two runs of a case, and what is kept of them.

A recording is played unless the record mode wants it made; then the recorder that the case or the
command line names executes both runs, and the pair is stored whole or not at all.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Literal

import msgspec

from routine_harness.agents.acted import ActedBy, acted_by, acted_now
from routine_harness.agents.playing import play_recording
from routine_harness.agents.recording import Recorder, Recording, check_recording
from routine_harness.agents.scripted import Script
from routine_harness.case.case import REAL, AgentSpec, Case
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.errors import AgentError, Problem, UsageError
from routine_harness.finding import Finding
from routine_harness.redaction.redactor import Redactor
from routine_harness.session.pair import Execute, run_pair
from routine_harness.session.run import Run, RunPair
from routine_harness.session.session import Session
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.files import shown

RecordMode = Literal["none", "once", "new_episodes", "all"]
"""``once`` fills what is absent, ``new_episodes`` what is absent or stale, ``all`` everything."""


Live = Callable[[Setting], "tuple[RunPair | None, Recorder]"]
"""Executes both runs of a case with the real agent, and says who that was."""


class Executed(msgspec.Struct, frozen=True, eq=False):
    """A pair, or why there is none; ``recorded_by`` is set where it was executed to be stored. ``skipped``
    is what this machine lacks to execute it; ``by`` says who carried out the pair, ``script`` by which script
    where it is not the case's own."""

    pair: RunPair | None
    findings: tuple[Finding, ...] = ()
    recorded_by: Recorder | None = None
    skipped: str = ""
    by: ActedBy | None = None
    script: str = ""


class Pairing:
    """Executes the pairs of cases under one record mode.

    ``agent`` overrides who plays or records: ``scripted`` runs the script that a case names, whatever
    recording it has; ``claude-code`` records by the real agent. ``redactor`` gives a fresh redactor for
    each file. ``live`` executes a pair with the real agent and ``now`` says when (ISO 8601);
    ``overwrite`` lets a pair that failed take the place of one that passed; with ``attempts`` each attempt
    is kept apart as well; with ``require_sandbox`` a script that needs one is an error where there is none.
    """

    def __init__(
        self,
        record: RecordMode,
        agent: str,
        redactor: Callable[[Setting], Redactor],
        *,
        live: Live | None = None,
        now: Callable[[], str] = str,
        overwrite: bool = False,
        attempts: bool = False,
        require_sandbox: bool = False,
    ) -> None:
        self._require_sandbox = require_sandbox
        self._record = record
        self._agent = agent
        self._redactor = redactor
        self._live = live
        self._now = now
        self._overwrite = overwrite
        self._attempts = attempts
        self._recorded: set[str] = set()

    def execute(self, setting: Setting, files: CaseFiles, *, live: bool = True) -> Executed:
        """Both runs of the case, by its agent; ``live`` lets the real one record it.

        Raises:
            HarnessError: the agent cannot be had, or the recording cannot be read.
        """
        case = setting.case
        if case.agent.name == REAL:
            return self._by(case.agent, setting, files)
        if (script := self._script_asked_for(case)) is not None:
            return self._by(script, setting, files)
        recording = files.recording_to_play()
        missed = self._missed(recording, files)
        if self._wants_recording(missed) and self._may_record(case, live=live):
            return self._by(self.recorder(case), setting, files, recording=True)
        return self._play_or_run(setting, files, recording, missed)

    def replay(self, setting: Setting, files: CaseFiles) -> Executed:
        """Both runs of the case without the real agent and without recording: from its recording, or by its
        script."""
        if (script := self._script_asked_for(setting.case)) is not None:
            return self._by(script, setting, files)
        recording = files.recording_to_play()
        return self._play_or_run(setting, files, recording, self._missed(recording, files))

    def play_stored(self, setting: Setting, files: CaseFiles) -> Executed:
        """The recording of the case, whoever else could carry it out; without a pair where it misses."""
        recording = files.recording()
        return self._play(setting, files, recording, self._missed(recording, files))

    def player(self, setting: Setting, files: CaseFiles) -> Execute | None:
        """How the case's own runs are carried out once more: from its recording, else by its script."""
        recording = files.recording_to_play()
        if recording is not None and not self._missed(recording, files):
            command = files.command(recording)
            return lambda session: play_recording(recording, session, command=command)
        spec = setting.case.script
        if spec is None or spec.shell == "sandbox":
            return None
        return self.run_script(files.script(spec), setting, files)

    def record_trial(
        self, setting: Setting, files: CaseFiles, judge: Callable[[RunPair], tuple[Finding, ...]]
    ) -> tuple[RunPair | None, tuple[Finding, ...]]:
        """Have the real agent carry out a trial of a case, judge it and keep it."""
        pair, by = self._run_live(setting)
        findings = judge(pair) if pair is not None else ()
        passed = not any(finding.fails for finding in findings)
        self.keep(Executed(pair, recorded_by=by), setting, files, passed=passed)
        return pair, findings

    def script_of(self, setting: Setting, files: CaseFiles, by: ActedBy | None) -> Script | None:
        """The script that can carry the case out again, from another start; None where ``by`` is no script,
        or one that needs a sandbox."""
        spec = setting.case.script
        if by is None or by.kind != "script" or spec is None or spec.shell == "sandbox":
            return None
        return files.script(spec)

    def run_script(self, script: Script, setting: Setting, files: CaseFiles) -> Execute:
        """How ``script`` carries out a run of the case, its HTTP clients answered from its cassettes."""
        return self._replaying(script.run, setting, files)

    def _script_asked_for(self, case: Case) -> AgentSpec | None:
        """The script of ``case`` where it is to play instead of a recording, not to record."""
        records = self._record != "none" and case.agent.name != "scripted"
        return case.script if self._agent == "scripted" and not records else None

    def _may_record(self, case: Case, *, live: bool) -> bool:
        """Whether the command line lets somebody record ``case``: a script of its own (``agent:``) is run
        each time, so that only the real agent can."""
        if case.agent.name == "scripted" and self._agent != REAL:
            return False
        return live or self._by_script(case)

    def _play_or_run(
        self, setting: Setting, files: CaseFiles, recording: Recording | None, missed: tuple[Finding, ...]
    ) -> Executed:
        """The recording; where none is to be played, the case's own script. One that is stale is no reason
        to go back to the script: what stands for the real agent would change its hand in silence."""
        own = setting.case.agent
        if recording is None and own.name == "scripted":
            return self._by(own, setting, files)
        return self._play(setting, files, recording, missed)

    def _missed(self, recording: Recording | None, files: CaseFiles) -> tuple[Finding, ...]:
        place, command = shown(files.recording_path), files.command(recording)
        return check_recording(recording, files.digests, file=place, command=command)

    def _by_script(self, case: Case) -> bool:
        """Whether a script records ``case``, which costs nothing."""
        return self.recorder(case).name == "scripted"

    def _play(
        self, setting: Setting, files: CaseFiles, recording: Recording | None, missed: tuple[Finding, ...]
    ) -> Executed:
        if recording is None or missed:
            return Executed(None, missed)
        command = files.command(recording)
        # Made when it is first asked for: an answer that equals the recorded one needs none.
        redactor = functools.cache(lambda: self._redactor(setting))

        def play(session: Session) -> Run | None:
            return play_recording(
                recording, session, command=command, redact=lambda text: redactor().text(text)
            )

        header = recording.header
        return Executed(run_pair(plan_pair(setting), play), by=acted_by(header), script=header.agent.script)

    def keep(self, executed: Executed, setting: Setting, files: CaseFiles, *, passed: bool) -> None:
        """Store what was executed to be recorded; nothing else is stored."""
        if executed.recorded_by is None or executed.pair is None:
            return
        origin = "scripted" if executed.recorded_by.name == "scripted" else "live"
        time = "" if origin == "scripted" else self._now()
        header = files.header(origin, executed.recorded_by, passed=passed, time=time)
        again = str(files.recording_path) in self._recorded
        self._recorded.add(str(files.recording_path))
        files.keep(
            executed.pair, header, lambda: self._redactor(setting), again=again, apart=self._attempts,
            overwrite=self._overwrite or (origin == "scripted" and not again),
        )  # fmt: skip

    def recorder(self, case: Case) -> AgentSpec:
        """Who records ``case``: the agent asked for, else the case's ``record_with``.

        Raises:
            UsageError: neither names one.
        """
        own = case.record_with
        if own is not None and self._agent in ("", own.name):
            return own
        if self._agent == REAL:
            return AgentSpec(REAL)
        what = f"{self._agent} cannot record" if self._agent else "no agent is named to record"
        hint = "write record_with: {scripted: …} into the case, or give --routine-agent=claude-code"
        raise UsageError(Problem(case.source.file, 0, f"{what} this case", hint))

    def _wants_recording(self, missed: tuple[Finding, ...]) -> bool:
        if self._record == "once":
            return any(finding.code == "recording.absent" for finding in missed)
        return self._record == "all" or (self._record == "new_episodes" and bool(missed))

    def _by(
        self, agent: AgentSpec, setting: Setting, files: CaseFiles, *, recording: bool = False
    ) -> Executed:
        """Both runs by ``agent``, to be stored if ``recording``."""
        if lacking := self._lacking(setting.case, agent):
            return Executed(None, skipped=lacking)
        pair, by = self._run(setting, files, agent)
        who = acted_now(by, self._now().partition("T")[0])
        return Executed(pair, recorded_by=by if recording else None, by=who, script=by.script)

    def _lacking(self, case: Case, agent: AgentSpec) -> str:
        """What this machine lacks for ``agent``, in words; empty where nothing is.

        Raises:
            AgentError: something, and it is required.
        """
        if agent.shell != "sandbox":
            return ""
        said, remedy = self._no_sandbox
        if said and self._require_sandbox:
            from routine_harness.live.sandbox.isolation import script_problem

            raise AgentError(script_problem(case, agent, self._no_sandbox))
        return f"needs a sandbox, and there is none here: {said} ({remedy})" if said else ""

    @functools.cached_property
    def _no_sandbox(self) -> tuple[str, str]:
        """Why there is no sandbox here, and what would help; empty where there is."""
        # Imported here, as below: only a script that works in a sandbox needs one.
        from routine_harness.live.sandbox.isolation import why_none

        return why_none()

    def _run(self, setting: Setting, files: CaseFiles, agent: AgentSpec) -> tuple[RunPair | None, Recorder]:
        if agent.shell == "sandbox":
            from routine_harness.live.client.sandboxed_script import sandboxed_script

            with sandboxed_script(setting, files.script(agent)) as sandboxed:
                pair = run_pair(plan_pair(setting), self._replaying(sandboxed.run, setting, files))
                return pair, sandboxed.recorder
        if agent.name == "scripted":
            execute = self._replaying(files.script(agent).run, setting, files)
            return run_pair(plan_pair(setting), execute), Recorder(agent.name)
        return self._run_live(setting)

    def _run_live(self, setting: Setting) -> tuple[RunPair | None, Recorder]:
        """Both runs by the real agent."""
        if self._live is not None:
            return self._live(setting)
        # Imported here: the real agent brings servers and a sandbox, which a replay never needs.
        from routine_harness.live.client.live_agent import execute_live

        return execute_live(setting)

    def _replaying(self, execute: Execute, setting: Setting, files: CaseFiles) -> Execute:
        """``execute``, whose HTTP clients are answered from the case's cassettes."""
        if not files.cassette_paths:
            return execute
        # Imported here: HTTP clients are replayed only where a case has cassettes.
        from routine_harness.store.http_replay import replaying

        # What the case itself has recorded is played under its other placements.
        mode = "none" if setting.case.placed else self._record
        return replaying(execute, files.cassette_paths, mode, lambda: self._redactor(setting))
