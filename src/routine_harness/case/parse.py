"""A case file's values → its cases, with every problem named by line.

One file gives one case, or one for each entry of ``parametrize``. What it names on disk is handed
in by ``CaseFiles``; what its expectations mean is ``verdict.expectations``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec
from msgspec import UNSET

from routine_harness.case.case import AgentSpec, Case, CaseTrigger, Rerun
from routine_harness.case.case_form import CaseForm, RerunForm, ScriptForm, VariantForm
from routine_harness.case.read_commands import KEY as COMMANDS
from routine_harness.case.read_commands import read_layers
from routine_harness.case.read_faults import read_fault
from routine_harness.case.read_trigger import read_trigger
from routine_harness.case.read_wakes import read_wake
from routine_harness.case.servers import layers_of
from routine_harness.errors import HarnessError, Problem
from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.routine.document import Document
from routine_harness.routine.form_reader import read_file
from routine_harness.routine.reader import Reader, kind_of
from routine_harness.routine.spec import Path, Source
from routine_harness.verdict.expectations.expect import Expectations, read_expectations
from routine_harness.verdict.further import THEN, Further, read_checks
from routine_harness.verdict.rerun import read_allowed
from routine_harness.verdict.vocabulary import Vocabulary
from routine_harness.world.declared.layers import Layer, declare, declared_in
from routine_harness.world.layer_problems import check_layer
from routine_harness.world.registry import Registry

_ID: Final = lazy_pattern(r"[A-Za-z0-9_.+-]+\Z")


class CaseFiles(Protocol):
    """The files that a case names, by their paths as written."""

    def world(self, written: str) -> Document:
        """The world file; raises HarnessError where it cannot be read."""
        ...

    def payload(self, written: str) -> Json:
        """The JSON value of a payload file; raises HarnessError where it cannot be read."""
        ...

    def exists(self, written: str) -> bool: ...


def parse_cases(
    document: Document,
    name: str,
    files: CaseFiles,
    vocabulary: Vocabulary | None = None,
    registry: Registry | None = None,
) -> tuple[Case, ...]:
    """The cases of one file called ``name``; ``routine`` stays as written, empty where it is not.

    ``registry`` has the connectors that need no declaration by the case's worlds.

    Raises:
        SpecError: every problem found, those of the files that it names included.
    """
    reader, form = read_file(document, CaseForm)
    worlds = _worlds(reader, form, files)
    connectors = registry or Registry()
    known, declared = _declared(reader, form, worlds, vocabulary or Vocabulary(), connectors)
    trigger = read_trigger(reader, form.trigger, files.payload)
    case = Case(
        name=name,
        routine=form.routine,
        trigger=trigger,
        description=form.description,
        worlds=tuple(data for data, _ in worlds),
        world_sources=tuple(source for _, source in worlds),
        cassettes=form.cassettes,
        agent=_agent(reader, form, "agent", files) or AgentSpec(),
        record_with=_agent(reader, form, "record_with", files),
        rerun=_rerun(reader, form.rerun, trigger, files, known),
        context=form.context,
        checks=_checks(reader, form, known),
        faults=tuple(read_fault(reader, each, known) for each in form.faults),
        wakes=tuple(read_wake(reader, each, files.payload, trigger) for each in form.wakes),
        thens=_thens(reader, form, known),
        commands=read_layers(reader, form.commands, worlds, declared),
        budget={} if form.budget is None else form.budget.given(),
        expect=read_expectations(form.expect, reader, known),
        second=(
            None if form.second is None else read_expectations(form.second, reader, known, prefix="second.")
        ),
        strict=form.strict,
        marks=form.marks,
        skip=_reason(reader, form, "skip"),
        xfail=_reason(reader, form, "xfail"),
        source=document.source,
    )
    cases = _variants(reader, form, case, files) if form.parametrize else (case,)
    if form.parametrize:
        cases = tuple(_with_layers(reader, form, each, connectors) for each in cases)
    reader.raise_problems()
    return cases


def _with_layers(reader: Reader, form: CaseForm, case: Case, registry: Registry) -> Case:
    """A variant with what its own worlds declare and say of commands."""
    layers = layers_of(case)
    _, declared = _declared(reader, form, layers, Vocabulary(), registry)
    return msgspec.structs.replace(case, commands=read_layers(reader, form.commands, layers, declared))


def _worlds(reader: Reader, form: CaseForm | VariantForm, files: CaseFiles) -> list[tuple[Record, Source]]:
    """The layers under ``world``: a file, an inline mapping, or a list of such."""
    value, path = form.world, form.below("world")
    if value is None:
        return []
    listed = list(reader.items(value, path, "worlds")) if isinstance(value, list) else [(value, path)]
    layers = (_world(reader, element, at, files) for element, at in listed)
    return [layer for layer in layers if layer is not None]


def _world(reader: Reader, value: Json, path: Path, files: CaseFiles) -> tuple[Record, Source] | None:
    if isinstance(value, dict):
        return value, reader.source.below(*path)
    if not isinstance(value, str):
        reader.problem(path, f"expected a world file or a world, found {kind_of(value)}")
        return None
    try:
        document = files.world(value)
    except HarnessError as error:
        reader.take_over(path, error)
        return None
    return document.value, document.source


def _declared(
    reader: Reader, form: CaseForm, worlds: Sequence[Layer], known: Vocabulary, registry: Registry
) -> tuple[Vocabulary, Registry]:
    """``known`` and ``registry`` with the connectors that a case's worlds declare; what is wrong with them
    is noted."""
    meanwhile = None if form.rerun is None else form.rerun.meanwhile
    place = reader.source.below(*form.below("rerun"), "meanwhile")
    between = (meanwhile, place) if isinstance(meanwhile, dict) else None
    declared, problems = declare(registry, worlds, between)
    layers = [*worlds, between] if between is not None else worlds
    wrong = [*problems, *(one for layer in layers for one in check_layer(layer[0], declared, layer[1]))]
    if between is not None and COMMANDS in between[0]:
        said = "what programs print is said in the case or its world; run 2 begins anew"
        wrong.append(Problem(place.file, place.line(COMMANDS), "meanwhile has no commands", said))
    reader.problems += [problem for problem in wrong if problem not in reader.problems]
    if declared is registry or not known.tools:
        return known, declared
    names = {name for data, _ in worlds for name in declared_in(data)}
    found = {name: each for name in names if (each := declared.get(name)) is not None}
    tools = {name: tuple(each.tools) for name, each in found.items()}
    return known.adding(tools, {name: tuple(each.tables) for name, each in found.items()}), declared


def _agent(reader: Reader, form: CaseForm, key: str, files: CaseFiles) -> AgentSpec | None:
    named: ScriptForm | str | None = getattr(form, key)
    if not isinstance(named, ScriptForm):
        return None if named is None else AgentSpec(named)
    file = named.scripted.partition("::")[0]
    if named.sound and file.endswith(".py") and not files.exists(file):
        hint = "paths are relative to the file that holds them"
        reader.problem(named.below("scripted"), f"there is no file {file}", hint)
    return AgentSpec("scripted", named.scripted, named.network, named.shell)


def _rerun(
    reader: Reader, form: RerunForm | None, first: CaseTrigger, files: CaseFiles, known: Vocabulary
) -> Rerun:
    if form is None:
        return Rerun()
    trigger, meanwhile = form.trigger, form.meanwhile or {}
    if not isinstance(meanwhile, dict):
        message = f"expected meanwhile to be a mapping, found {kind_of(meanwhile)}"
        reader.problem(form.below("meanwhile"), message)
    return Rerun(
        trigger=None if trigger is UNSET else read_trigger(reader, trigger, files.payload, first),
        allow=None if form.allow is None else read_allowed(reader, form.allow, known),
        after=form.after,
        meanwhile=meanwhile,
        strict=None if form.strict is UNSET else form.strict,
    )


def _thens(reader: Reader, form: CaseForm, known: Vocabulary) -> tuple[tuple[int, Expectations], ...]:
    """What is expected of the runs that a fault strikes, by the fault's place in the list."""
    asking = [(index, each.then) for index, each in enumerate(form.faults) if each.then is not UNSET]
    return tuple(
        (
            index,
            read_expectations(then, reader, known, prefix=THEN if len(asking) == 1 else f"{THEN}{index}."),
        )
        for index, then in asking
    )


def _checks(reader: Reader, form: CaseForm, known: Vocabulary) -> dict[str, Further]:
    """The further checks; only a policy may leave one out without a reason."""
    for name, on in form.checks.given().items() if form.checks is not None else ():
        if on is False:
            message = f"{name}: false switches the check off without a reason"
            reader.problem(form.below("checks", name), message, f"write {name}: {{off: the reason}}")
    return read_checks(form.checks, reader, known)


def _reason(reader: Reader, form: CaseForm | VariantForm, key: str) -> str:
    """The reason at ``key``; ``true`` stands for one that nobody gave."""
    value = getattr(form, key)
    if isinstance(value, bool):
        return "no reason given" if value else ""
    if value is None or isinstance(value, str):
        return value or ""
    hint = "" if isinstance(value, dict | list) else "quote it"
    reader.problem(form.below(key), f"expected {key} to be a text, found {kind_of(value)}", hint)
    return ""


def _variants(reader: Reader, form: CaseForm, case: Case, files: CaseFiles) -> tuple[Case, ...]:
    seen: set[str] = set()
    cases: list[Case] = []
    for variant in form.parametrize:
        name = str(variant.id) if variant.id not in ("", None) else str(len(cases))
        if not isinstance(variant.id, str | int) or not _ID.match(name):
            hint = "use letters, digits, '-', '_', '+' and '.'"
            reader.problem(variant.below("id"), f"expected an id, found {kind_of(variant.id)}", hint)
        elif name in seen:
            reader.problem(variant.below("id"), f"the id {name} is here twice")
        seen.add(name)
        cases.append(_variant(reader, variant, case, name, files))
    return tuple(cases)


def _variant(reader: Reader, form: VariantForm, case: Case, name: str, files: CaseFiles) -> Case:
    worlds, payload = _worlds(reader, form, files), form.payload or {}
    if not isinstance(payload, dict):
        message = f"expected payload to be a mapping, found {kind_of(payload)}"
        reader.problem(form.below("payload"), message)
        payload = {}
    payload = _override(case.trigger.payload, payload)
    return msgspec.structs.replace(
        case,
        id=name,
        description=form.description or case.description,
        trigger=msgspec.structs.replace(case.trigger, payload=payload),
        worlds=(*case.worlds, *(data for data, _ in worlds)),
        world_sources=(*case.world_sources, *(source for _, source in worlds)),
        marks=(*case.marks, *form.marks),
        skip=_reason(reader, form, "skip") or case.skip,
        xfail=_reason(reader, form, "xfail") or case.xfail,
    )


def _override(value: Record, change: Record) -> Record:
    """``value`` with ``change`` over it, mappings merged key by key."""
    merged = dict(value)
    for key, part in change.items():
        known = merged.get(key)
        merged[key] = _override(known, part) if isinstance(known, dict) and isinstance(part, dict) else part
    return merged
