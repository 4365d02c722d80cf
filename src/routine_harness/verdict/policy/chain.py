"""How the policy files of nested folders add up.

``forbid`` accumulates from the default policy inward; a file takes back (``allow``) what it or a
file below it forbids, never what stands above it; a nearer ``noise`` is only ever stricter; of the
rest the nearest file wins, key by key. Level 0 is the outermost file, and the default policy's
rules stand there too, so that this file may take them back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from routine_harness.errors import HarnessError, Problem, SpecError
from routine_harness.plain import Json, Record
from routine_harness.routine.edition import LATEST, load_edition
from routine_harness.verdict.policy.rules import (
    Forbidden,
    GateRules,
    LeakRules,
    Limit,
    Permitted,
    Policy,
    PolicyFile,
    Redaction,
)
from routine_harness.world.kinds import ANY_EFFECT, is_of
from routine_harness.world.naming import covers_tool


def merge_policies(default: PolicyFile, files: Sequence[PolicyFile]) -> Policy:
    """The policy that ``files`` (outermost first) and the default policy add up to.

    Raises:
        SpecError: a looser noise limit below a stricter one, or an ``allow`` below the rule that
            it would take back.
    """
    problems: list[Problem] = []
    forbid, allow = list(default.forbid), list(default.allow)
    merged: Record = {}
    gate: Record = {}
    leaks: Record = {}
    noise: dict[str, Limit] = {}
    for level, file in enumerate(files):
        forbid += [msgspec.structs.replace(rule, level=level) for rule in file.forbid]
        allow += [msgspec.structs.replace(permit, level=level) for permit in file.allow]
        _tighten(noise, file.noise, problems)
        for key in ("platform", "plan", "context"):
            if getattr(file, key) is not None:
                merged[key] = getattr(file, key)
        for key in ("platform_overrides", "identity", "connectors", "budget", "rerun", "checks", "lint"):
            merged[key] = _overlay(merged.get(key, {}), getattr(file, key))
        for key in ("organisation", "reads", "hosts", "claims_ignored", "quarantine"):
            merged[key] = tuple(dict.fromkeys((*merged.get(key, ()), *getattr(file, key))))
        merged["redact"] = _add_redaction(merged.get("redact", Redaction()), file.redact)
        people = (*leaks.get("people", ()), *file.leaks.get("people", ()))
        leaks |= {**file.leaks, "people": people}
        gate |= {key: value for key, value in file.gate.items() if key != "exceptions"}
        gate["exceptions"] = (*gate.get("exceptions", ()), *file.gate.get("exceptions", ()))
    problems += [
        problem for permit in allow for check in (_misplaced, _unsigned) if (problem := check(permit, forbid))
    ]
    problems += _check_platform(merged, files)
    if problems:
        raise SpecError(*problems)
    return Policy(
        **merged,
        forbid=tuple(forbid),
        allow=tuple(allow),
        noise=noise,
        gate=GateRules(**gate),
        leaks=LeakRules(**leaks),
        files=tuple(file.source.file for file in files),
    )


def _check_platform(merged: Mapping[str, Json], files: Sequence[PolicyFile]) -> list[Problem]:
    """What is wrong with the overrides of all files under the edition that the nearest one names."""
    if not merged.get("platform_overrides"):
        return []
    try:
        load_edition(merged.get("platform") or LATEST, merged["platform_overrides"])
    except HarnessError as error:
        source = next(file.source for file in reversed(files) if file.platform or file.platform_overrides)
        return [Problem(source.file, source.line("platform"), p.message, p.hint) for p in error.problems]
    return []


def _tighten(noise: dict[str, Limit], nearer: Mapping[str, Limit], problems: list[Problem]) -> None:
    for name, limit in nearer.items():
        outer = noise.get(name)
        if outer is not None and limit.most > outer.most:
            message = f"{name}: {limit.most} is looser than the {outer.most} of {outer.location}"
            hint = "a nearer noise limit may only be stricter"
            problems.append(Problem(limit.location.file, limit.location.line, message, hint))
        else:
            noise[name] = limit


def _overlay(outer: Mapping[str, Json], nearer: Mapping[str, Json]) -> Record:
    """``nearer`` over ``outer``, mappings merged key by key."""
    merged = dict(outer)
    for key, value in nearer.items():
        known = merged.get(key)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        merged[key] = _overlay(known, value) if both else value  # type: ignore[arg-type]
    return merged


def _add_redaction(outer: Redaction, nearer: Redaction) -> Redaction:
    """Users' patterns add, never replace."""
    return Redaction(
        patterns={**outer.patterns, **nearer.patterns},
        variables=tuple(dict.fromkeys((*outer.variables, *nearer.variables))),
        emails=outer.emails or nearer.emails,
    )


def _misplaced(permit: Permitted, forbid: Sequence[Forbidden]) -> Problem | None:
    """The problem of an ``allow`` that only meets rules of files above its own."""
    met = [rule for rule in forbid if _meets(permit, rule)]
    if not met or any(rule.level >= permit.level for rule in met):
        return None
    owner = met[-1].location
    return Problem(
        permit.location.file,
        permit.location.line,
        f"cannot allow {permit.text} here: {owner} forbids it",
        f"allow it in {owner.file} or above" if owner.line else "allow it in the outermost policy file",
    )


def _unsigned(permit: Permitted, forbid: Sequence[Forbidden]) -> Problem | None:
    """The problem of an ``allow`` that takes back what is never allowed, and nobody answers for it."""
    missing = [name for name in ("owner", "expires") if not getattr(permit, name)]
    rule = next((rule for rule in forbid if rule.tier == "never" and _meets(permit, rule)), None)
    if rule is None or not missing:
        return None
    return Problem(
        permit.location.file,
        permit.location.line,
        f"cannot allow {permit.text} without {' and '.join(missing)}: {rule.reason}",
        "add owner: who answers for it, and expires: the last day on which it holds, as 2026-12-31",
    )


def _meets(permit: Permitted, rule: Forbidden) -> bool:
    if permit.tool or rule.tool:
        return covers_tool(permit.tool, rule.tool) or covers_tool(rule.tool, permit.tool)
    if rule.ungranted or (rule.tier and ANY_EFFECT in permit.kinds):
        return False
    every = ANY_EFFECT in permit.kinds or ANY_EFFECT in rule.kinds
    return every or any(is_of(kind, rule.kinds) for kind in permit.kinds)
