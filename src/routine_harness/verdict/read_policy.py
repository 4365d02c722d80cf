"""A policy file's values → PolicyFile, with every problem named by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from routine_harness.finding import Location
from routine_harness.predicate import Predicate
from routine_harness.routine.document import Document
from routine_harness.routine.edition import EDITIONS, LATEST, check_overrides
from routine_harness.routine.parse import parse_connector
from routine_harness.routine.reader import Fields, Reader, suggestion
from routine_harness.routine.spec import Path
from routine_harness.verdict.blocks import BUDGET_KEYS
from routine_harness.verdict.dates import read_date
from routine_harness.verdict.further import read_checks, read_placement
from routine_harness.verdict.policy import (
    NOISE_LIMITS,
    Forbidden,
    Limit,
    Permitted,
    PolicyFile,
    Redaction,
)
from routine_harness.verdict.read_gate import read_gate
from routine_harness.verdict.rerun import read_rerun_defaults
from routine_harness.verdict.vocabulary import Vocabulary, fields_of, read_kinds
from routine_harness.verdict.where import Where, read_where

POLICY_KEYS: Final = (
    "root", "platform", "plan", "forbid", "allow", "noise", "identity", "connectors",
    "organisation_connectors", "reads", "hosts",
    "budget", "rerun", "context", "checks", "claims", "gate", "lint", "redact",
)  # fmt: skip
PLANS: Final = ("pro", "max", "team", "enterprise")


def parse_policy(document: Document, vocabulary: Vocabulary | None = None) -> PolicyFile:
    """The policy file that ``document`` spells; an empty file says nothing.

    ``vocabulary`` knows connectors and tools; without one their names are not checked.

    Raises:
        SpecError: every problem found, in the order of lines.
    """
    reader = Reader(document.source)
    value = {} if document.value is None else document.value
    top = reader.fields(value, (), (*POLICY_KEYS, "$schema"), "a policy")
    connectors = _connectors(top)
    known = vocabulary or Vocabulary()
    if known.tools and connectors:
        known = known.adding(connectors, {})
    platform, overrides = _platform(top)
    policy = PolicyFile(
        root=top.flag("root"),
        platform=platform,
        platform_overrides=overrides,
        plan=top.choice("plan", PLANS, "team") if "plan" in top else None,
        forbid=top.each("forbid", "rules", lambda each, at: _forbidden(reader, each, at, known)),
        allow=top.each("allow", "exceptions", lambda each, at: _permitted(reader, each, at, known)),
        noise=_noise(top),
        identity=_identity(top),
        connectors=connectors,
        organisation=_organisation(top),
        reads=_tools(top, "reads", known),
        hosts=top.texts("hosts"),
        budget=_budget(top),
        rerun=read_rerun_defaults(top, known),
        context=read_placement(top),
        checks=read_checks(top),
        claims_ignored=_ignored_claims(top),
        gate=read_gate(top),
        lint=top.mapping("lint"),
        redact=_redaction(top),
        source=document.source,
    )
    reader.raise_problems()
    return policy


def _connectors(top: Fields) -> dict[str, tuple[str, ...]]:
    value = top.data.get("connectors")
    if isinstance(value, list):
        return dict.fromkeys(top.texts("connectors"), ())
    tools = Fields(top.reader, top.mapping("connectors"), top.at("connectors"), "connectors")
    return {name: tools.texts(name) for name in tools.data}


def _organisation(top: Fields) -> tuple[str, ...]:
    """The connectors that reach every run, spelt as a routine spells them."""
    found = []
    for index, name in enumerate(top.texts("organisation_connectors")):
        connector = parse_connector(name)
        if connector is None:
            path = (*top.at("organisation_connectors"), index)
            top.reader.problem(path, f"expected the name of a connector, found {name!r}", "write slack")
        else:
            found.append(connector)
    return tuple(dict.fromkeys(found))


def _platform(top: Fields) -> tuple[str | None, dict[str, Any]]:
    value = top.data.get("platform")
    if not isinstance(value, dict):
        return (top.choice("platform", EDITIONS, LATEST) if value is not None else None), {}
    overrides = {key: part for key, part in value.items() if key != "edition"}
    fields = Fields(top.reader, value, top.at("platform"), "platform")
    edition = fields.choice("edition", EDITIONS, LATEST) if "edition" in fields else None
    name = edition or LATEST
    for path, message in check_overrides(name, overrides):
        top.reader.problem((*top.at("platform"), *path), f"platform {name}: {message}")
    return edition, overrides


def _rule(
    reader: Reader, value: Any, path: Path, known: Vocabulary, keys: tuple[str, ...], what: str
) -> tuple[Fields, tuple[str, ...], str, Where] | None:
    """What a rule is about: kinds or a tool, and where; None, with a problem noted, if broken."""
    fields = reader.fields(value, path, ("effect", "tool", "where", *keys), what)
    if ("effect" in fields) == ("tool" in fields):
        if isinstance(value, dict):
            found = "both" if "tool" in fields else "neither"
            reader.problem(path, f"{what} needs either effect or tool, found {found}")
        return None
    kinds = read_kinds(reader, fields.data["effect"], fields.at("effect")) if "effect" in fields else ()
    tool = fields.text("tool")
    if tool:
        tool = known.tool_name(reader, tool, fields.at("tool"), every=True)
    elif not kinds:
        return None
    where = read_where(
        reader, fields.data.get("where"), fields.at("where"), None if tool else fields_of(kinds)
    )
    _check_connectors(reader, where, fields.at("where"), known)
    return fields, kinds, tool, where


def _check_connectors(reader: Reader, where: Where, path: Path, known: Vocabulary) -> None:
    for condition in where:
        if condition.field == "connector":
            for name in _names(condition.data):
                known.check_connector(reader, name, (*path, "connector"))


def _names(data: Any) -> Iterator[str]:
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


def _forbidden(reader: Reader, value: Any, path: Path, known: Vocabulary) -> Forbidden | None:
    location = Location(reader.source.file, reader.source.line(*path))
    if isinstance(value, str):
        kinds = read_kinds(reader, value, path)
        return Forbidden(value, kinds, location=location) if kinds else None
    rule = _rule(reader, value, path, known, ("reason",), "a rule")
    if rule is None:
        return None
    fields, kinds, tool, where = rule
    return Forbidden(
        _text(fields, where), kinds, tool, where, location=location, reason=fields.text("reason")
    )


def _permitted(reader: Reader, value: Any, path: Path, known: Vocabulary) -> Permitted | None:
    keys = ("at_most", "reason", "owner", "expires", "routines")
    rule = _rule(reader, value, path, known, keys, "an exception")
    if rule is None:
        return None
    fields, kinds, tool, where = rule
    if (
        fields.require("reason", "say why it is allowed: the summary lists it")
        and not fields.text("reason").strip()
    ):
        fields.problem("reason", "expected a reason, found an empty text")
    return Permitted(
        text=_text(fields, where),
        reason=fields.text("reason"),
        kinds=kinds,
        tool=tool,
        where=where,
        at_most=_at_most(fields),
        owner=fields.text("owner"),
        expires=read_date(fields, "expires"),
        routines=fields.texts("routines"),
        location=Location(reader.source.file, reader.source.line(*path)),
    )


def _at_most(fields: Fields) -> int | None:
    return fields.whole("at_most", 1, least=1) if "at_most" in fields else None


def _text(fields: Fields, where: Where) -> str:
    about = fields.data.get("effect") or fields.data.get("tool")
    return " ".join((_words(about), f"where {', '.join(map(str, where))}" if where else "")).strip()


def _words(about: Any) -> str:
    return " or ".join(map(str, about)) if isinstance(about, list) else str(about)


def _noise(top: Fields) -> dict[str, Limit]:
    fields = top.reader.fields(top.mapping("noise"), top.at("noise"), NOISE_LIMITS, "noise")
    source = top.reader.source
    return {
        name: Limit(fields.whole(name), Location(source.file, source.line("noise", name)))
        for name in NOISE_LIMITS
        if name in fields
    }


def _identity(top: Fields) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    fields = Fields(top.reader, top.mapping("identity"), top.at("identity"), "identity")
    for name in fields.data:
        kinds = read_kinds(top.reader, name, fields.at(name))
        known, names = fields_of(kinds), fields.texts(name)
        for index, field in enumerate(names if kinds else ()):
            if field not in known:
                hint = suggestion(field, known, "the fields")
                top.reader.problem((*fields.at(name), index), f"unknown field {field!r}", hint)
        found |= dict.fromkeys(kinds, names)
    return found


def _tools(top: Fields, key: str, known: Vocabulary) -> tuple[str, ...]:
    names = enumerate(top.texts(key))
    return tuple(known.tool_name(top.reader, name, (*top.at(key), index)) for index, name in names)


def _budget(top: Fields) -> dict[str, float]:
    fields = top.reader.fields(top.mapping("budget"), top.at("budget"), BUDGET_KEYS, "a budget")
    return {key: fields.number(key) for key in BUDGET_KEYS if key in fields}


def _ignored_claims(top: Fields) -> tuple[Predicate, ...]:
    """The patterns of ``claims: {ignore: […]}``, each over a whole sentence of the closing message."""
    fields = top.reader.fields(top.mapping("claims"), top.at("claims"), ("ignore",), "claims")
    found = (
        top.reader.predicate({"matches_regex": pattern}, (*fields.at("ignore"), index))
        for index, pattern in enumerate(fields.texts("ignore"))
    )
    return tuple(predicate for predicate in found if predicate is not None)


def _redaction(top: Fields) -> Redaction:
    known = ("patterns", "variables", "emails")
    fields = top.reader.fields(top.mapping("redact"), top.at("redact"), known, "redact")
    patterns = fields.text_map("patterns")
    for name, pattern in patterns.items():
        top.reader.predicate({"matches_regex": pattern}, (*fields.at("patterns"), name))
    return Redaction(patterns, fields.texts("variables"), fields.flag("emails"))
