"""Loading cases: the file, what it names on disk, and the routine that it belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.parse import parse_cases
from routine_harness.case.placement import settle_case
from routine_harness.case.servers import layers_of
from routine_harness.case.ungranted_faults import ungranted_faults
from routine_harness.errors import HarnessError, Problem, SpecError
from routine_harness.plain import Json
from routine_harness.routine.document import Document, parse_json
from routine_harness.routine.spec import Routine
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import read_bytes, read_document, shown
from routine_harness.store.names import names_above, names_for
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import beside_case, load_routine, owners_of, routine_of_case
from routine_harness.store.stamped import Stamped
from routine_harness.store.worlds import load_world_document
from routine_harness.trigger.arrivals import is_form, is_http, parse_arrival
from routine_harness.verdict.policy.rules import Policy
from routine_harness.world.declared.layers import with_declared
from routine_harness.world.registry import Registry


class Loaded(msgspec.Struct, frozen=True):
    """The cases of one file and the routine that they test."""

    routine: Routine
    cases: tuple[Case, ...]


def load_case(path: str | os.PathLike[str]) -> tuple[Case, ...]:
    """The cases in the file ``path``: one, or one for each entry of ``parametrize``.

    Raises:
        SpecError: with the problems of the file and of all files that it names.
    """
    return load_case_file(path).cases


def load_case_file(path: str | os.PathLike[str]) -> Loaded:
    """The same, with the routine that the cases belong to."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 - links are kept: a case is where it is seen
    document = read_document(path)
    routine, problems = _routine_of(path, document)
    try:
        registry, known = connectors_above(path), names_above(path)
        routine = routine if routine is None else _policy_of(path).reaching(routine)
        vocabulary = names_for(routine, known) if routine is not None else known
        cases = parse_cases(document, path.stem, _Files(path), vocabulary, registry)
    except SpecError as error:
        raise SpecError(*problems, *error.problems) from error
    if routine is None:
        raise SpecError(*problems)
    policy = _policy_of(path)
    named = (msgspec.structs.replace(case, routine=routine.name) for case in cases)
    settled = tuple(settle_case(case, policy) for case in named)
    if any(case.faults for case in settled):
        _check_faults(settled, routine, registry)
    own = dict.fromkeys(pack for case in settled for check in case.checks.values() for pack in check.own)
    if own:
        # Imported here: the attacks, which a case without packs of its own need not read.
        from routine_harness.store.attack_packs import check_own_packs

        check_own_packs(own)
    return Loaded(routine, settled)


def _check_faults(cases: Iterable[Case], routine: Routine, registry: Registry) -> None:
    """Raise what is wrong with faults on what the routine does not grant."""
    problems: dict[Problem, None] = {}
    for case in cases:
        declared = with_declared(registry, layers_of(case))
        problems |= dict.fromkeys(ungranted_faults(case, routine, declared))
    if problems:
        raise SpecError(*problems)


def _policy_of(path: Path) -> Policy:
    """The policy above a case; the default one where it cannot be read, which whoever judges reports."""
    try:
        return load_policy(path)
    except HarnessError:
        return Policy()


def _routine_of(path: Path, document: Document) -> tuple[Routine | None, tuple[Problem, ...]]:
    """The routine of a case, or the problems that keep it from having one."""
    written = document.value.get("routine") if isinstance(document.value, dict) else None
    line = document.source.line("routine")
    try:
        owner = routine_of_case(path, written if isinstance(written, str) else "", owners_of(path), line)
        return load_routine(owner), ()
    except HarnessError as error:
        return None, tuple(error.problems)


class _Files:
    """The files beside one case."""

    def __init__(self, case: Path) -> None:
        self._case = case

    def world(self, written: str) -> Document:
        return load_world_document(self._present(written))

    def payload(self, written: str) -> Json:
        return _payloads.get(os.fspath(self._present(written)))

    def exists(self, written: str) -> bool:
        return beside_case(self._case, written).is_file()

    def _present(self, written: str) -> Path:
        path = beside_case(self._case, written)
        if not os.path.lexists(path):  # a problem of the case, which names the file, not of the file
            hint = "paths are relative to the file that holds them"
            raise SpecError(Problem("", 0, f"there is no file {written}", hint))
        if path.is_dir():
            raise SpecError(Problem("", 0, f"expected a file, found the folder {written}"))
        return path


def _load_payload(path: str) -> Json:
    if path.endswith((".yaml", ".yml")):
        return read_document(path).value
    data = read_bytes(path)
    if is_form(data) or is_http(data):
        return dict(parse_arrival(data, shown(path)).payload)
    return parse_json(data, shown(path))


_payloads: Final = Stamped(_load_payload)
