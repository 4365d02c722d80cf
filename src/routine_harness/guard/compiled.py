"""A policy and the routines that it holds for → what the guard carries along: plain JSON values.

Patterns become automata here, so that a decision takes linear time; one that cannot be proved so
stops the installation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from routine_harness.errors import Problem, SpecError
from routine_harness.finding import Location
from routine_harness.guard.automaton import compile_automaton
from routine_harness.guard.programs import everyday_programs
from routine_harness.routine.spec import Grant, Routine
from routine_harness.verdict.canonical import canonical_tool
from routine_harness.verdict.noise import COUNTED
from routine_harness.verdict.policy import Forbidden, Permitted, Policy
from routine_harness.verdict.where import Where, nothing_to_look_up
from routine_harness.world.access import NOUNS_TOO, READING_VERBS, WRITING_VERBS
from routine_harness.world.kinds import TEXT_FIELDS
from routine_harness.world.modelled import ModelledConnector
from routine_harness.world.naming import SPELLINGS, connector_key
from routine_harness.world.own import RULES as OWN_RULES
from routine_harness.world.registry import Registry
from routine_harness.world.shell.quiet import OPAQUE, QUIET

DEADLINE: Final = 5.0
"""Seconds that a decision may take; the hook's own timeout is longer, for it would not block."""


class Guarded(msgspec.Struct, frozen=True):
    """One routine and the policy that holds for it."""

    routine: Routine
    policy: Policy


def compile_guard(
    guarded: Sequence[Guarded],
    registry: Registry,
    *,
    own_servers: Iterable[str] = (),
    log: str,
    remote_only: bool = False,
    place: Callable[[Location], str] = str,
) -> dict[str, Any]:
    """The compiled policy of all ``guarded`` routines, which are those of one repository.

    A call is denied that any of the policies forbids, or that no routine grants. ``place`` says where
    a rule stands, in words that do not depend on who compiles.

    Raises:
        SpecError: with every pattern that cannot be proved to match in linear time.
    """
    automata, problems = _automata(guarded)
    if problems:
        raise SpecError(*problems)
    first = guarded[0].routine
    own = sorted(own_servers)
    data: dict[str, Any] = {
        "deadline": DEADLINE,
        "remote_only": remote_only,
        "log": log,
        "own_servers": own,
        "repository": first.repositories[0].full_name if first.repositories else "",
        "variables": dict(sorted(first.environment.variables.items())),
        "forbid": _unique(rule for one in guarded for rule in _forbid(one, registry, place)),
        "grants": [_grants(one, registry) for one in guarded],
        "ids": _ids(guarded, registry),
        "noise": _noise(guarded, place),
        "counted": {name: [list(kinds), words] for name, (kinds, words) in COUNTED.items()},
        "automata": automata,
        "texts": list(TEXT_FIELDS),
        "reads": sorted({tool for one in guarded for tool in one.policy.reads}),
        "spellings": _spellings(registry),
        "connectors": {connector.name: _text(_connector(connector)) for connector in registry},
        "own_rules": {tool: list(rules) for tool, rules in sorted(OWN_RULES.items())},
        "reading": sorted(READING_VERBS),
        "writing": sorted(WRITING_VERBS),
        "nouns": sorted(NOUNS_TOO),
        "quiet": sorted(QUIET),
        "opaque": sorted(OPAQUE),
        **everyday_programs(),
    }
    return data


def _where(where: Where) -> list[list[Any]]:
    return [[one.field, one.resolved(nothing_to_look_up).data] for one in where]


def _forbid(guarded: Guarded, registry: Registry, place: Callable[[Location], str]) -> list[dict[str, Any]]:
    found = []
    for rule in guarded.policy.forbid:
        if rule.ungranted:
            continue
        tool, where = _own_tool(rule, registry)
        permits = guarded.policy.permits_for(rule, guarded.routine.name)
        found.append(
            {
                "text": rule.text,
                "reason": rule.reason,
                "location": place(rule.location),
                "kinds": [] if rule.tool else list(rule.kinds),
                "tool": tool,
                "where": _where(where),
                "permits": [_permit(permit, registry) for permit in permits],
            }
        )
    return found


def _own_tool(rule: Forbidden | Permitted, registry: Registry) -> tuple[str, Where]:
    return canonical_tool(rule.tool, rule.where, registry) if "." in rule.tool else (rule.tool, rule.where)


def _permit(permit: Permitted, registry: Registry) -> dict[str, Any]:
    tool, where = _own_tool(permit, registry)
    kinds = list(permit.kinds)
    return {"kinds": kinds, "tool": tool, "where": _where(where), "expires": permit.expires}


def _grants(guarded: Guarded, registry: Registry) -> dict[str, Any]:
    routine = guarded.routine
    grants = [*routine.connectors, *([Grant("github")] if routine.repositories else [])]
    connectors = {}
    for grant in reversed(grants):
        names = {
            "allow": [registry.tool_call(f"{grant.connector}.{tool}", {}).tool for tool in grant.allow],
            "deny": [registry.tool_call(f"{grant.connector}.{tool}", {}).tool for tool in grant.deny],
        }
        connectors[registry.name_of(grant.connector)] = names
    ungranted = [rule for rule in guarded.policy.forbid if rule.ungranted]
    permits = {permit for rule in ungranted for permit in guarded.policy.permits_for(rule, routine.name)}
    held = [permit for permit in guarded.policy.allow if permit in permits] if permits else []
    return {
        "connectors": dict(sorted(connectors.items())),
        "repositories": sorted(one.full_name.lower() for one in routine.repositories if one.host == "github"),
        "tools": None if routine.tools is None else list(routine.tools),
        "permits": [_permit(permit, registry) for permit in held],
    }


def _ids(guarded: Sequence[Guarded], registry: Registry) -> dict[str, dict[str, str]]:
    """Connector → id → the name that a binding gives it: without a world nothing else tells."""
    found: dict[str, dict[str, str]] = {}
    for grant in (grant for one in guarded for grant in one.routine.connectors):
        for binding in grant.bindings:
            if binding.id:
                found.setdefault(registry.name_of(grant.connector), {})[binding.id] = binding.name
    return {name: dict(sorted(ids.items())) for name, ids in sorted(found.items())}


def _noise(guarded: Sequence[Guarded], place: Callable[[Location], str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in guarded:
        for name, limit in one.policy.noise.items():
            if name not in found or limit.most < found[name][0]:
                found[name] = [limit.most, place(limit.location)]
    return dict(sorted(found.items()))


def _spellings(registry: Registry) -> dict[str, str]:
    own = {connector_key(name): name for name in registry.names()}
    return dict(sorted({**SPELLINGS, **own}.items()))


def _text(values: Any) -> str:
    """A part of which a decision needs little: parsed when it is looked at."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def _connector(connector: Any) -> dict[str, Any]:
    aliases = connector.aliases if isinstance(connector, ModelledConnector) else {}
    return {
        "tools": {
            name: {
                "read": tool.access == "read",
                **({"reading": list(tool.reading_methods)} if tool.reading_methods else {}),
                **({"method": tool.method_argument} if tool.method_argument != "method" else {}),
                **({"arguments": list(tool.input_schema.get("properties", {}))} if name in aliases else {}),
            }
            for name, tool in connector.tools.items()
        },
        "aliases": {
            name: {"tool": alias.tool, "rename": alias.rename, "fixed": alias.fixed}
            for name, alias in aliases.items()
        },
        "rules": {tool: list(rules) for tool, rules in connector.rules.items()},
    }


def _unique(rules: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for rule in rules:
        if rule not in found:
            found.append(rule)
    return found


def _automata(guarded: Sequence[Guarded]) -> tuple[dict[str, Any], list[Problem]]:
    automata: dict[str, Any] = {}
    problems: list[Problem] = []
    rules: list[Forbidden | Permitted] = []
    for one in guarded:
        rules += [*one.policy.forbid, *one.policy.allow]
    for rule in rules:
        for pattern in (found for _, data in _where(rule.where) for found in _patterns(data)):
            if pattern in automata:
                continue
            try:
                automata[pattern] = compile_automaton(pattern)
            except ValueError as error:
                where = rule.location
                message = f"the pattern {pattern!r} cannot be proved to match in linear time: {error}"
                hint = "the guard runs where RE2 is not installed; use contains, starts_with or a simpler one"
                problems.append(Problem(where.file, where.line, message, hint))
    return automata, list(dict.fromkeys(problems))


def _patterns(data: Any) -> Iterable[str]:
    if isinstance(data, Mapping):
        for operator, operand in data.items():
            if operator == "matches_regex":
                yield operand
            elif operator == "not":
                yield from _patterns(operand)
            elif operator in ("all_of", "any_of"):
                for part in operand:
                    yield from _patterns(part)
