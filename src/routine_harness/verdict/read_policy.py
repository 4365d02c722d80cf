"""A policy file's values → PolicyFile, with every problem named by line."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from routine_harness.finding import Location
from routine_harness.plain import Json, Record
from routine_harness.predicate import Predicate
from routine_harness.routine.document import Document
from routine_harness.routine.duration import parse_duration
from routine_harness.routine.edition import LATEST, check_overrides
from routine_harness.routine.form_reader import read_form
from routine_harness.routine.parse import parse_connector
from routine_harness.routine.reader import Reader, suggestion
from routine_harness.routine.spec import Path
from routine_harness.verdict.file_parts import BudgetForm, iso_day
from routine_harness.verdict.further import read_checks
from routine_harness.verdict.gate_form import GateForm
from routine_harness.verdict.policy.rules import (
    Forbidden,
    GateException,
    Limit,
    Permitted,
    PolicyFile,
    Quarantine,
    Redaction,
)
from routine_harness.verdict.policy_form import (
    ClaimsForm,
    ExceptionForm,
    LeaksForm,
    LintForm,
    NoiseForm,
    PlatformForm,
    PolicyForm,
    QuarantineForm,
    RedactForm,
    RuleForm,
)
from routine_harness.verdict.rerun import RerunDefaultsForm, read_allowed
from routine_harness.verdict.vocabulary import Vocabulary, fields_of, read_kinds
from routine_harness.verdict.where import Where, read_where


def parse_policy(document: Document, vocabulary: Vocabulary | None = None) -> PolicyFile:
    """The policy file that ``document`` spells; an empty file says nothing.

    ``vocabulary`` knows connectors and tools; without one their names are not checked.

    Raises:
        SpecError: every problem found, in the order of lines.
    """
    reader = Reader(document.source)
    form = read_form(reader, {} if document.value is None else document.value, (), PolicyForm)
    listed = form.connectors or ()
    connectors: dict[str, tuple[str, ...]] = dict.fromkeys(listed, ())
    if isinstance(listed, dict):
        connectors = listed
    known = vocabulary or Vocabulary()
    if known.tools and connectors:
        known = known.adding(connectors, {})
    platform, overrides = _platform(reader, form)
    policy = PolicyFile(
        root=form.root,
        platform=platform,
        platform_overrides=overrides,
        plan=form.plan or None,
        forbid=tuple(_forbidden(reader, form.forbid, known)),
        allow=tuple(_permitted(reader, form.allow, known)),
        noise=_noise(reader, form.noise or NoiseForm()),
        identity=_identity(reader, form),
        connectors=connectors,
        organisation=_organisation(reader, form),
        reads=tuple(
            known.tool_name(reader, name, form.below("reads", index)) for index, name in enumerate(form.reads)
        ),
        hosts=form.hosts,
        budget=(form.budget or BudgetForm()).given(),
        rerun=_rerun(reader, form.rerun or RerunDefaultsForm(), known),
        context=form.context,
        checks=read_checks(form.checks, reader, known),
        claims_ignored=_ignored_claims(reader, form.claims or ClaimsForm()),
        gate=_gate(reader, form.gate or GateForm()),
        lint=(form.lint or LintForm()).given(),
        leaks=(form.leaks or LeaksForm()).given(),
        quarantine=tuple(_quarantined(reader, form.quarantine)),
        redact=_redaction(reader, form.redact or RedactForm()),
        source=document.source,
    )
    reader.raise_problems()
    return policy


def _organisation(reader: Reader, form: PolicyForm) -> tuple[str, ...]:
    """The connectors that reach every run, spelt as a routine spells them."""
    found = []
    for index, name in enumerate(form.organisation_connectors):
        connector = parse_connector(name)
        if connector is None:
            path = form.below("organisation_connectors", index)
            reader.problem(path, f"expected the name of a connector, found {name!r}", "write slack")
        else:
            found.append(connector)
    return tuple(dict.fromkeys(found))


def _platform(reader: Reader, form: PolicyForm) -> tuple[str | None, Record]:
    platform = form.platform
    if not isinstance(platform, PlatformForm):
        return platform, {}
    overrides = {**platform.given(), **platform.others}
    edition = overrides.pop("edition", None)
    name = edition or LATEST
    for path, message in check_overrides(name, overrides):
        reader.problem(platform.below(*path), f"platform {name}: {message}")
    return edition, overrides


def _rule(
    reader: Reader, form: RuleForm | ExceptionForm, known: Vocabulary
) -> tuple[tuple[str, ...], str, Where] | None:
    """What a rule is about: kinds or a tool, and where; None, with a problem noted, if broken."""
    if (form.effect is UNSET) == (form.tool is UNSET):
        return None
    tool = form.tool or ""
    kinds = () if form.effect is UNSET else read_kinds(reader, form.effect, form.below("effect"))
    if tool:
        tool = known.tool_name(reader, tool, form.below("tool"), every=True)
    elif not kinds:
        return None
    where = read_where(reader, form.where, form.below("where"), None if tool else fields_of(kinds))
    _check_connectors(reader, where, form.below("where"), known)
    return kinds, tool, where


def _check_connectors(reader: Reader, where: Where, path: Path, known: Vocabulary) -> None:
    for condition in where:
        if condition.field == "connector":
            for name in _names(condition.data):
                known.check_connector(reader, name, (*path, "connector"))


def _names(data: Json) -> Iterator[str]:
    """The connectors that a predicate names literally."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        for part in data:
            yield from _names(part)
    elif isinstance(data, dict):
        for operator, operand in data.items():
            if operator not in ("matches_regex", "starts_with", "contains"):
                yield from _names(operand)


def _forbidden(reader: Reader, forms: tuple[RuleForm, ...], known: Vocabulary) -> Iterator[Forbidden]:
    for form in forms:
        rule = _rule(reader, form, known)
        if rule is not None:
            kinds, tool, where = rule
            text, location = _text(form, where), _location(reader, form.place)
            yield Forbidden(text, kinds, tool, where, location=location, reason=form.reason)


def _permitted(reader: Reader, forms: tuple[ExceptionForm, ...], known: Vocabulary) -> Iterator[Permitted]:
    for form in forms:
        rule = _rule(reader, form, known)
        if rule is None:
            continue
        kinds, tool, where = rule
        yield Permitted(
            text=_text(form, where),
            reason=form.reason,
            kinds=kinds,
            tool=tool,
            where=where,
            at_most=form.at_most or None,
            owner=form.owner,
            expires=iso_day(form.expires),
            routines=form.routines,
            location=_location(reader, form.place),
        )


def _quarantined(reader: Reader, forms: tuple[QuarantineForm, ...]) -> Iterator[Quarantine]:
    for form in forms:
        yield Quarantine(
            reason=form.reason,
            owner=form.owner,
            expires=iso_day(form.expires),
            routine=form.routine,
            case=form.case,
            checks=form.checks,
            location=_location(reader, form.place),
        )


def _location(reader: Reader, path: Path) -> Location:
    return Location(reader.source.file, reader.source.line(*path))


def _text(form: RuleForm | ExceptionForm, where: Where) -> str:
    about = (None if form.effect is UNSET else form.effect) or form.tool
    return " ".join((_words(about), f"where {', '.join(map(str, where))}" if where else "")).strip()


def _words(about: Json) -> str:
    return " or ".join(map(str, about)) if isinstance(about, list) else str(about)


def _noise(reader: Reader, form: NoiseForm) -> dict[str, Limit]:
    return {name: Limit(most, _location(reader, ("noise", name))) for name, most in form.given().items()}


def _identity(reader: Reader, form: PolicyForm) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, names in form.identity.items():
        kinds = read_kinds(reader, name, form.below("identity", name))
        known = fields_of(kinds)
        for index, field in enumerate(names if kinds else ()):
            if field not in known:
                hint = suggestion(field, known, "the fields")
                reader.problem(form.below("identity", name, index), f"unknown field {field!r}", hint)
        found |= dict.fromkeys(kinds, names)
    return found


def _rerun(reader: Reader, form: RerunDefaultsForm, known: Vocabulary) -> Record:
    """The keys that the file gives for every case that does not give its own."""
    found: Record = {}
    if form.allow is not None:
        found["allow"] = read_allowed(reader, form.allow, known)
    if form.strict is not UNSET:
        found["strict"] = form.strict
    return found


def _ignored_claims(reader: Reader, form: ClaimsForm) -> tuple[Predicate, ...]:
    """The patterns of sentences that are no claims, each over a whole sentence of the closing message."""
    found = (
        reader.predicate({"matches_regex": pattern}, form.below("ignore", index))
        for index, pattern in enumerate(form.ignore)
    )
    return tuple(predicate for predicate in found if predicate is not None)


def _gate(reader: Reader, form: GateForm) -> Record:
    """The fields of ``GateRules`` that the file gives."""
    found = form.require.given() if form.require is not None else {}
    if found.get("freshness") is not None:
        found["freshness"] = parse_duration(found["freshness"])
    if found.get("contexts", ()) is None:
        del found["contexts"]
    attempts = found.pop("attempts", None)
    if attempts is not None:
        found |= {"passed": attempts.passed, "of": attempts.of}
    found["exceptions"] = tuple(
        GateException(
            finding=each.finding,
            reason=each.reason,
            owner=each.owner,
            expires=iso_day(each.expires),
            routines=each.routines,
            location=_location(reader, each.place),
        )
        for each in form.exceptions
    )
    return found


def _redaction(reader: Reader, form: RedactForm) -> Redaction:
    for name, pattern in form.patterns.items():
        reader.predicate({"matches_regex": pattern}, form.below("patterns", name))
    return Redaction(form.patterns, form.variables, form.emails)
