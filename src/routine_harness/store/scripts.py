"""The scripts on which cases rest, and their confirmation for the prompt of today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.confirmation import Binding
from routine_harness.errors import HarnessError, Problem
from routine_harness.routine.spec import Routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.confirmed import (
    binding_of,
    confirmed_path,
    confirmed_text,
    confirming,
    load_confirmations,
)
from routine_harness.store.files import write_text
from routine_harness.store.routines import discover


class RestingScript(msgspec.Struct, frozen=True):
    """A script, the routine that it stands in for the model of, and the cases that rest on it."""

    routine: Routine
    binding: Binding
    cases: tuple[str, ...]


class ScriptsFound(msgspec.Struct, frozen=True):
    """The scripts in the order of routines and cases, how many cases were looked at, and what is wrong."""

    scripts: tuple[RestingScript, ...]
    cases: int
    problems: tuple[Problem, ...]


def find_scripts(paths: Iterable[Path]) -> ScriptsFound:
    """The scripts on which the cases below ``paths`` rest; what a case names is loaded, so that it is there.

    A case that plays a recording of the real agent rests on no script, and neither does one that nothing is
    to start.
    """
    found: dict[tuple[str, str], RestingScript] = {}
    problems: list[Problem] = []
    seen = 0
    for file in dict.fromkeys(file for path in paths for file in discover(path).cases):
        try:
            loaded = load_case_file(file)
        except HarnessError as error:
            problems += error.problems
            continue
        for case in loaded.cases:
            seen += 1
            try:
                script = _script_of(case, loaded.routine)
            except HarnessError as error:
                problems += error.problems
                continue
            if script is not None:
                key = loaded.routine.source.path, script.binding.script
                known = found.setdefault(key, script)
                cases = tuple(dict.fromkeys((*known.cases, *script.cases)))
                found[key] = msgspec.structs.replace(known, cases=cases)
    return ScriptsFound(tuple(found.values()), seen, tuple(dict.fromkeys(problems)))


def _script_of(case: Case, routine: Routine) -> RestingScript | None:
    files = CaseFiles(case, routine)
    script = files.resting_script if case.expect.fires else ""
    if not script:
        return None
    if case.script is not None and script == files.own_script:
        files.script(case.script)
    return RestingScript(routine, binding_of(script, routine), (case.key,))


def confirm_found(scripts: Iterable[RestingScript], day: str) -> list[Path]:
    """Confirm those of ``scripts`` that are not, as of ``day``; the files that were written.

    Entries that hold are kept as they are. Of a file that is written, those go whose script no case names.
    """
    due: dict[str, list[RestingScript]] = {}
    for each in scripts:
        if each.binding.standing != "confirmed":
            due.setdefault(each.routine.source.path, []).append(each)
    written: dict[Path, None] = {}
    for own in due.values():
        routine = own[0].routine
        held = load_confirmations(routine).naming(_named_in(routine))
        path = confirmed_path(routine)
        write_text(path, confirmed_text(confirming(held, routine, [s.binding.script for s in own], day)))
        written[path] = None
    return list(written)


def _named_in(routine: Routine) -> Iterator[str]:
    """The scripts that the cases of the folder of ``routine`` name, its neighbours' included; all that are
    confirmed, where a case cannot be read and nobody knows what it names."""
    names = []
    try:
        for file in discover(Path(routine.source.path).parent).cases:
            loaded = load_case_file(file)
            for case in loaded.cases:
                files = CaseFiles(case, loaded.routine)
                names += [files.own_script, files.resting_script]
    except HarnessError:
        names += load_confirmations(routine).entries
    yield from dict.fromkeys(names)
