"""Who else is at work during an overlap: a session of another trigger of the routine, or of another routine.

Its firing, its world and its script are those of a case. Where a routine has no case of a trigger, it is an
example event, which the script of the overlapped case has to know what to do with.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from routine_harness.agents.scripted import Script
from routine_harness.case.case import Case
from routine_harness.case.plan import Setting
from routine_harness.errors import HarnessError, SpecError
from routine_harness.routine.reader import suggestion
from routine_harness.routine.spec import Routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.routines import discover, load_routine, routine_path
from routine_harness.store.settings import fired_setting
from routine_harness.trigger.event import Firing
from routine_harness.verdict.further import OVERLAP, Beside


class Companion(NamedTuple):
    """What the other session starts from and who carries it out; ``skipped`` says why nobody knows."""

    setting: Setting
    script: Script | None = None
    skipped: str = ""


def companion_of(setting: Setting, script: Script, beside: str | Beside) -> Companion | None:
    """Who is at work beside the session of ``setting``, which ``script`` carries out; None where a policy
    asks for a trigger that this routine does not have.

    Raises:
        HarnessError: the other routine, its case or the trigger is not there, or a file is malformed.
    """
    if isinstance(beside, Beside):
        return _of_other(setting, beside)
    routine = setting.routine
    triggers = [
        index
        for index, trigger in enumerate(routine.triggers)
        if _kind(trigger) == beside and trigger.enabled
    ]
    if not triggers:
        if setting.policy.checks.get(OVERLAP) == setting.case.checks[OVERLAP]:
            return None
        hint = suggestion(beside, tuple(dict.fromkeys(map(_kind, routine.triggers))), "its triggers")
        raise _problem(setting, f"{routine.name} has no trigger of the type {beside}", hint)
    cases = [case for case in _cases(routine) if case.trigger.kind == beside and case.key != setting.case.key]
    for case in cases:
        found = _by_script(case, routine)
        if found is not None and found.script is not None:
            return found
    if cases:
        return Companion(setting, skipped=f"no case of {beside} has a script: {cases[0].name} is recorded")
    # Imported here: the search for an event, which a case of its own spares.
    from routine_harness.interop.first_cases import example_event

    example = example_event(routine, triggers[0], routine.triggers[triggers[0]])
    event = msgspec.structs.replace(example, at=setting.firing.at)
    firing = Firing(event, triggers[0])
    return Companion(msgspec.structs.replace(setting, firing=firing), script)


def _of_other(setting: Setting, beside: Beside) -> Companion:
    """The session of a case of another routine."""
    try:
        routine = load_routine(routine_path(beside.path))
    except HarnessError as error:
        if not Path(beside.path).exists():
            hint = "paths are relative to the file that holds them"
            raise _problem(setting, f"there is no routine {beside.routine}", hint) from error
        raise
    cases = list(_cases(routine))
    case = next((each for each in cases if beside.case in (each.key, each.name)), None)
    if case is None:
        names = tuple(dict.fromkeys(each.key for each in cases))
        hint = suggestion(beside.case, names, "its cases")
        raise _problem(setting, f"{routine.name} has no case {beside.case!r}", hint)
    found = _by_script(case, routine)
    if found is None:
        raise _problem(setting, f"the case {case.key} of {routine.name} fires nothing", "name one that fires")
    return found


def _cases(routine: Routine) -> Iterator[Case]:
    """The cases of a routine that run, in the order of files; one that is malformed is its own problem."""
    for file in discover(Path(routine.source.path).parent).cases:
        try:
            loaded = load_case_file(file)
        except HarnessError:
            continue
        if loaded.routine.name == routine.name:
            yield from (
                case for case in loaded.cases if case.expect.fires and not case.skip and not case.xfail
            )


def _by_script(case: Case, routine: Routine) -> Companion | None:
    """The session of a case, if it fires; without a script where it has none."""
    setting = fired_setting(case, routine)
    if setting is None:
        return None
    spec = case.script
    if spec is None or spec.shell == "sandbox":
        return Companion(setting, skipped=f"the case {case.key} of {routine.name} has no script")
    return Companion(setting, CaseFiles(case, routine).script(spec))


def _kind(trigger: msgspec.Struct) -> str:
    return str(trigger.__struct_config__.tag)


def _problem(setting: Setting, message: str, hint: str) -> HarnessError:
    source = setting.case.source
    return SpecError.at(source.file, source.line("checks", OVERLAP), message, hint)
