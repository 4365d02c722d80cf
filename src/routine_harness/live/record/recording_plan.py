"""Before cases are recorded: which of them are due, what this machine lacks for it, and what it will cost.

All that is missing is said at once, before anything starts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

import msgspec

from routine_harness.agents.recording import Header, check_recording
from routine_harness.case.case import REAL, Case
from routine_harness.errors import AgentError, Problem
from routine_harness.live.client.live_agent import LiveOptions
from routine_harness.live.client.program import find_program
from routine_harness.live.sandbox.isolation import probe_isolation, script_problem, why_none
from routine_harness.routine.spec import Routine
from routine_harness.serve.credential import Credential, find_credential
from routine_harness.serve.server import check_serving
from routine_harness.serve.spending import WEIGHTS, price
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.files import shown

Wanted = Literal["missing", "stale", "all"]
"""``missing``: absent or stale; ``stale``: stale alone."""


class Choice(msgspec.Struct, frozen=True):
    """Whether a case is to be recorded (``due``), and why, or why not; ``hint`` says what would change it."""

    due: bool
    why: str
    hint: str = ""


def choose(
    case: Case, routine: Routine, wanted: Wanted, *, real: bool = False, played: bool = False
) -> Choice:
    """Whether ``case`` is to be recorded. ``real`` asks for the real agent, also where the case names
    another: then a recording by a script counts as none; with ``played`` somebody stands in for its model.

    Raises:
        RecordingError: its recording cannot be read.
    """
    if not case.expect.fires:
        return Choice(False, "nothing fires, so nothing runs")
    if case.agent.name == REAL:
        return Choice(False, f"the real agent runs it each time (agent: {REAL})", "leave out agent:")
    files = CaseFiles(case, routine)
    recording = files.recording_to_play()
    if case.agent.name == "scripted" and recording is None and not real:
        hint = "--live has the real agent record beside it"
        return Choice(False, "its own script runs it each time (agent: {scripted: …})", hint)
    place, command = shown(files.recording_path), files.command(recording)
    missed = check_recording(recording, files.digests, file=place, command=command)
    if wanted == "all":
        return Choice(True, missed[0].message if missed else "asked for")
    absent = bool(missed) and missed[0].code != "recording.stale"
    if wanted == "stale" and (absent or not missed):
        why = "there is no recording that could be stale" if absent else "its recording is fresh"
        return Choice(False, why, "leave out --stale" if absent else "--all records it anew")
    if missed:
        return Choice(True, missed[0].message)
    assert recording is not None  # noqa: S101 - nothing misses
    if real and _by_script(recording.header, played=played):
        return Choice(True, "its recording is by a script")
    return Choice(False, f"its recording is fresh{_since(recording.header)}", "--all records it anew")


def _by_script(header: Header, *, played: bool) -> bool:
    """Whether somebody else made a recording than who would make it now."""
    return (header.origin if played else header.made_by) == "scripted"


def _since(header: Header) -> str:
    day = header.time.partition("T")[0]
    return f", of {day}" if day else ""


def check_ready(
    options: LiveOptions, environment: Mapping[str, str], *, live: bool, scripted: Iterable[Case]
) -> Credential | None:
    """All that records is there. For ``live``, the real agent: a CLI, what serves it, an isolation, and
    something that opens the model or stands in for it. For ``scripted`` cases: the sandbox of each script
    that works in one.

    Returns the credential, None where none is needed.

    Raises:
        AgentError: everything that is missing, each with what brings it.
    """
    problems: list[Problem] = []
    credential = _check_live(options, environment, problems) if live else None
    problems += _sandbox_problems(scripted)
    if problems:
        raise AgentError(*problems)
    return credential


def _check_live(
    options: LiveOptions, environment: Mapping[str, str], problems: list[Problem]
) -> Credential | None:
    """The credential; what the real agent lacks is added to ``problems``."""
    with _gathered(problems):
        find_program(options.program)
    with _gathered(problems):
        check_serving()
    with _gathered(problems):
        probe_isolation(unsafe=options.unsafe)
    with _gathered(problems):
        if options.model is None:
            return find_credential(environment)
    return None


def _sandbox_problems(cases: Iterable[Case]) -> list[Problem]:
    """A problem for each case whose script needs a sandbox, where there is none."""
    scripts = [(case, case.script) for case in cases]
    needing = [(case, script) for case, script in scripts if script and script.shell == "sandbox"]
    why = why_none() if needing else ("", "")
    return [script_problem(case, script, why) for case, script in needing] if why[0] else []


@contextlib.contextmanager
def _gathered(problems: list[Problem]) -> Iterator[None]:
    try:
        yield
    except AgentError as error:
        problems += error.problems


RUNS: Final = 2
TURNS: Final = 12
"""How many turns a run is assumed to take where nobody has seen one."""
OPENING: Final = 15_000
"""Tokens that the CLI sends before the first word: its system prompt and its tools [measured in the CLI
2.1.332: 55,000 characters, with a connector]."""
GROWTH: Final = 1_500
"""Tokens that a turn adds to what the next one sends: a call and its answer."""
GIVEN: Final = 300
"""Tokens that a turn says."""


class Estimate(msgspec.Struct, frozen=True):
    """US dollars for one attempt at a case; ``recorded`` where its last recording cost that."""

    usd: float
    recorded: bool


class Known(msgspec.Struct, frozen=True):
    """A case with its routine and its model; ``usd`` is what its recording by the real agent cost, 0 where
    there is none."""

    routine: str
    model: str
    usd: float = 0.0


def estimate_cost(case: Known, others: Iterable[Known]) -> Estimate:
    """What an attempt at ``case`` costs: what its recording cost; without one what the ``others`` of its
    routine cost on average, else all others; where nobody has recorded anything, as much as a session of
    ``TURNS`` turns at the dearest price of its model."""
    if case.usd:
        return Estimate(case.usd, recorded=True)
    known = [each for each in others if each.usd]
    near = [each.usd for each in known if each.routine == case.routine] or [each.usd for each in known]
    return Estimate(sum(near) / len(near) if near else RUNS * run_cost(case.model), recorded=False)


def run_cost(model: str) -> float:
    """US dollars for a run of ``TURNS`` turns by this model."""
    price_in, price_out = price(model)
    written = OPENING + GROWTH * TURNS
    read = sum(OPENING + GROWTH * turn for turn in range(TURNS))
    # The CLI has what it sends again kept in the cache of prompts.
    taken = WEIGHTS["cache_creation_input_tokens"] * written + WEIGHTS["cache_read_input_tokens"] * read
    return (taken * price_in + GIVEN * TURNS * price_out) / 1e6
