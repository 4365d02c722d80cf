"""A case file's values → its cases, with every problem named by line.

One file gives one case, or one for each entry of ``parametrize``. What it names on disk is handed
in by ``CaseFiles``; what its expectations mean is ``verdict.expectations``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from routine_harness.case.case import AgentSpec, Case, Rerun
from routine_harness.case.read_commands import KEY as COMMANDS
from routine_harness.case.read_commands import read_layers
from routine_harness.case.read_faults import read_faults
from routine_harness.case.read_trigger import read_rerun_trigger, read_trigger
from routine_harness.case.servers import layers_of
from routine_harness.errors import HarnessError, Problem
from routine_harness.pattern import lazy_pattern
from routine_harness.routine.document import Document
from routine_harness.routine.duration import parse_duration
from routine_harness.routine.edition_rules import PLACEMENTS, Placement
from routine_harness.routine.form_reader import shape_of
from routine_harness.routine.reader import Fields, Reader, kind_of
from routine_harness.routine.spec import Path, Source
from routine_harness.verdict.expectations.blocks import BUDGET_KEYS
from routine_harness.verdict.expectations.expect import parse_expectations
from routine_harness.verdict.further import ChecksForm, Further, read_checks
from routine_harness.verdict.rerun import parse_allowed
from routine_harness.verdict.vocabulary import Vocabulary
from routine_harness.world.declared.layers import Layer, declare, declared_in
from routine_harness.world.layer_problems import check_layer
from routine_harness.world.registry import Registry

CASE_KEYS: Final = (
    "description", "routine", "trigger", "world", "cassettes", "agent", "record_with", "rerun", "context",
    "checks", "faults", "commands", "budget", "expect", "second", "strict", "marks", "skip", "xfail",
    "parametrize",
)  # fmt: skip
VARIANT_KEYS: Final = ("id", "description", "payload", "world", "marks", "skip", "xfail")
AGENTS: Final = ("recording", "claude-code")
RECORDERS: Final = ("claude-code",)
NETWORKS: Final = ("none", "real")
"""What a scripted agent may reach."""
SHELLS: Final = ("world", "sandbox")
"""Where its own tools run: nowhere, as the world answers them, or in the sandbox of live runs."""

_ID = lazy_pattern(r"[A-Za-z0-9_.+-]+\Z")
_MARK = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_TARGET = lazy_pattern(r"[^:]+::[A-Za-z_][A-Za-z0-9_]*\Z")


class CaseFiles(Protocol):
    """The files that a case names, by their paths as written."""

    def world(self, written: str) -> Document:
        """The world file; raises HarnessError where it cannot be read."""
        ...

    def payload(self, written: str) -> Any:
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
    reader = Reader(document.source)
    top = reader.fields(document.value, (), (*CASE_KEYS, "$schema"), "a case")
    worlds = _worlds(top, "world", files)
    connectors = registry or Registry()
    known, declared = _declared(top, worlds, vocabulary or Vocabulary(), connectors)
    trigger = read_trigger(top, files.payload)
    case = Case(
        name=name,
        routine=top.text("routine"),
        trigger=trigger,
        description=top.text("description"),
        worlds=tuple(data for data, _ in worlds),
        world_sources=tuple(source for _, source in worlds),
        cassettes=top.texts("cassettes"),
        agent=_agent(top, "agent", files) or AgentSpec(),
        record_with=_agent(top, "record_with", files),
        rerun=_rerun(top, trigger, files, known),
        context=_context(top),
        checks=_checks(top),
        faults=read_faults(top, known),
        commands=read_layers(top, worlds, declared),
        budget=_budget(top),
        expect=parse_expectations(top.data.get("expect"), reader, ("expect",), known),
        second=(
            parse_expectations(top.data["second"], reader, ("second",), known, prefix="second.")
            if top.data.get("second") is not None
            else None
        ),
        strict=top.flag("strict"),
        marks=_marks(top),
        skip=_reason(top, "skip"),
        xfail=_reason(top, "xfail"),
        source=document.source,
    )
    cases = _variants(top, case, files) if "parametrize" in top else (case,)
    if "parametrize" in top:
        cases = tuple(_with_layers(top, each, connectors) for each in cases)
    reader.raise_problems()
    return cases


def _with_layers(top: Fields, case: Case, registry: Registry) -> Case:
    """A variant with what its own worlds declare and say of commands."""
    _, declared = _declared(top, layers_of(case), Vocabulary(), registry)
    return msgspec.structs.replace(case, commands=read_layers(top, layers_of(case), declared))


def _worlds(top: Fields, key: str, files: CaseFiles) -> list[tuple[dict[str, Any], Source]]:
    """The layers at ``key``: a file, an inline mapping, or a list of such."""
    value, path = top.data.get(key), top.at(key)
    if value is None:
        return []
    listed = list(top.items(key, "worlds")) if isinstance(value, list) else [(value, path)]
    layers = (_world(top.reader, element, at, files) for element, at in listed)
    return [layer for layer in layers if layer is not None]


def _world(reader: Reader, value: Any, path: Path, files: CaseFiles) -> tuple[dict[str, Any], Source] | None:
    if isinstance(value, dict):
        return value, reader.source.below(*path)
    if not isinstance(value, str):
        reader.problem(path, f"expected a world file or a world, found {kind_of(value)}")
        return None
    try:
        document = files.world(value)
    except HarnessError as error:
        _take_over(reader, path, error)
        return None
    return document.value, document.source


def _take_over(reader: Reader, path: Path, error: HarnessError) -> None:
    """Note the problems of another file; one without a place is ours."""
    for problem in error.problems:
        if problem.file:
            reader.problems.append(problem)
        else:
            reader.problem(path, problem.message, problem.hint)


def _declared(
    top: Fields, worlds: Sequence[Layer], known: Vocabulary, registry: Registry
) -> tuple[Vocabulary, Registry]:
    """``known`` and ``registry`` with the connectors that a case's worlds declare; what is wrong with them
    is noted."""
    rerun = top.data.get("rerun")
    meanwhile = rerun.get("meanwhile") if isinstance(rerun, dict) else None
    place = top.reader.source.below(*top.at("rerun"), "meanwhile")
    between = (meanwhile, place) if isinstance(meanwhile, dict) else None
    declared, problems = declare(registry, worlds, between)
    layers = [*worlds, between] if between is not None else worlds
    wrong = [*problems, *(one for layer in layers for one in check_layer(layer[0], declared, layer[1]))]
    if between is not None and COMMANDS in between[0]:
        said = "what programs print is said in the case or its world; run 2 begins anew"
        wrong.append(Problem(place.file, place.line(COMMANDS), "meanwhile has no commands", said))
    top.reader.problems += [problem for problem in wrong if problem not in top.reader.problems]
    if declared is registry or not known.tools:
        return known, declared
    names = {name for data, _ in worlds for name in declared_in(data)}
    found = {name: each for name in names if (each := declared.get(name)) is not None}
    tools = {name: tuple(each.tools) for name, each in found.items()}
    return known.adding(tools, {name: tuple(each.tables) for name, each in found.items()}), declared


def _agent(top: Fields, key: str, files: CaseFiles) -> AgentSpec | None:
    value = top.data.get(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        if value == "scripted":
            top.problem(key, "a scripted agent needs its function", "write {scripted: ../agents/x.py::run}")
            return None
        return AgentSpec(top.choice(key, AGENTS if key == "agent" else RECORDERS, AGENTS[0]))
    fields = top.reader.fields(value, top.at(key), ("scripted", "network", "shell"), "an agent")
    if not fields.require("scripted", "write {scripted: ../agents/x.py::run}"):
        return None
    target = fields.text("scripted")
    if not _TARGET.match(target):
        hint = "write ../agents/x.py::run or package.module::run"
        fields.problem("scripted", f"expected file::function, found {kind_of(target)}", hint)
        return None
    file = target.partition("::")[0]
    if file.endswith(".py") and not files.exists(file):
        hint = "paths are relative to the file that holds them"
        fields.problem("scripted", f"there is no file {file}", hint)
    network, shell = (
        fields.choice("network", NETWORKS, NETWORKS[0]),
        fields.choice("shell", SHELLS, SHELLS[0]),
    )
    return AgentSpec("scripted", target, network, shell)


def _rerun(top: Fields, first: Any, files: CaseFiles, known: Vocabulary) -> Rerun:
    if top.data.get("rerun") is None:
        return Rerun()
    keys = ("trigger", "allow", "after", "meanwhile", "strict")
    fields = top.reader.fields(top.data["rerun"], top.at("rerun"), keys, "rerun")
    after = fields.optional_text("after")
    if after is not None and (parse_duration(after) or -1) < 0:
        fields.problem("after", f"expected a span of time, found {kind_of(after)}", "write 2d, 90m or 1h 30m")
    allow = fields.data.get("allow")
    return Rerun(
        trigger=read_rerun_trigger(fields, first, files.payload) if "trigger" in fields else None,
        allow=parse_allowed(allow, top.reader, fields.at("allow"), known) if allow is not None else None,
        after=after,
        meanwhile=fields.mapping("meanwhile"),
        strict=fields.flag("strict") if "strict" in fields else None,
    )


def _context(top: Fields) -> Placement | None:
    if top.data.get("context") is None:
        return None
    named = top.choice("context", PLACEMENTS, PLACEMENTS[0])
    return next(each for each in PLACEMENTS if each == named)


def _checks(top: Fields) -> dict[str, Further]:
    value = top.data.get("checks")
    if value is None:
        return {}
    form = shape_of(ChecksForm).read(top.reader, value, top.at("checks"), "checks")
    return read_checks(form if isinstance(form, ChecksForm) else None, top.reader.source)


def _budget(top: Fields) -> dict[str, float]:
    fields = top.reader.fields(top.mapping("budget"), top.at("budget"), BUDGET_KEYS, "a budget")
    return {key: fields.number(key) for key in BUDGET_KEYS if key in fields}


def _marks(top: Fields) -> tuple[str, ...]:
    marks = top.texts("marks")
    for mark in marks:
        if not _MARK.match(mark):
            top.problem("marks", f"expected the name of a mark, found {kind_of(mark)}", "write marks: [slow]")
    return marks


def _reason(top: Fields, key: str) -> str:
    """The reason at ``key``; ``true`` stands for one that nobody gave."""
    value = top.data.get(key)
    if isinstance(value, bool):
        return "no reason given" if value else ""
    return top.text(key) if value is not None else ""


def _variants(top: Fields, case: Case, files: CaseFiles) -> tuple[Case, ...]:
    seen: set[str] = set()
    cases: list[Case] = []
    for value, path in top.items("parametrize", "variants"):
        fields = top.reader.fields(value, path, VARIANT_KEYS, "a variant")
        name = str(fields.data["id"]) if isinstance(fields.data.get("id"), int) else fields.text("id")
        name = name or str(len(cases))
        if not _ID.match(name):
            hint = "use letters, digits, '-', '_', '+' and '.'"
            fields.problem("id", f"expected an id, found {kind_of(name)}", hint)
        elif name in seen:
            fields.problem("id", f"the id {name} is here twice")
        seen.add(name)
        cases.append(_variant(fields, case, name, files))
    if not cases and top.data["parametrize"] is not None and isinstance(top.data["parametrize"], list):
        top.problem("parametrize", "expected at least one variant, found none")
    return tuple(cases)


def _variant(fields: Fields, case: Case, name: str, files: CaseFiles) -> Case:
    worlds = _worlds(fields, "world", files)
    payload = _override(case.trigger.payload, fields.mapping("payload"))
    return msgspec.structs.replace(
        case,
        id=name,
        description=fields.text("description", case.description),
        trigger=msgspec.structs.replace(case.trigger, payload=payload),
        worlds=(*case.worlds, *(data for data, _ in worlds)),
        world_sources=(*case.world_sources, *(source for _, source in worlds)),
        marks=(*case.marks, *_marks(fields)),
        skip=_reason(fields, "skip") or case.skip,
        xfail=_reason(fields, "xfail") or case.xfail,
    )


def _override(value: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """``value`` with ``change`` over it, mappings merged key by key."""
    merged = dict(value)
    for key, part in change.items():
        known = merged.get(key)
        merged[key] = _override(known, part) if isinstance(known, dict) and isinstance(part, dict) else part
    return merged
