"""What holds for every case of a folder, and how the files of nested folders add up.

``forbid`` accumulates from the default policy inward; a file takes back (``allow``) what it or a
file below it forbids, never what stands above it; a nearer ``noise`` is only ever stricter; of the
rest the nearest file wins, key by key. Level 0 is the outermost file, and the default policy's
rules stand there too, so that this file may take them back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from routine_harness.errors import HarnessError, Problem, SpecError
from routine_harness.finding import Location
from routine_harness.predicate import Predicate
from routine_harness.routine.edition import LATEST, load_edition
from routine_harness.routine.spec import Source
from routine_harness.verdict.where import Where

NOISE_LIMITS: Final = (
    "messages_per_run", "messages_per_channel_per_day", "characters_per_message", "mentions_of_everyone",
    "tickets_per_run", "comments_per_run", "pull_requests_per_run",
)  # fmt: skip
GATE_LEVELS: Final = ("spec", "lint", "triggers", "cases")
OUTWARD_TOOLS: Final = ("RemoteTrigger", "CronCreate", "SendMessage", "PushNotification", "Artifact")


class Forbidden(msgspec.Struct, frozen=True):
    """One rule: effects of ``kinds`` or calls of ``tool`` that match ``where``; attempts count.

    ``ungranted`` restricts it to what the routine does not grant: a tool, a connector or a
    repository. ``text`` is the rule as it is written; ``level`` the file that set it, from outside.
    """

    text: str
    kinds: tuple[str, ...] = ()
    tool: str = ""
    where: Where = ()
    ungranted: bool = False
    level: int = 0
    location: Location = Location("")
    reason: str = ""


class Permitted(msgspec.Struct, frozen=True):
    """Something taken back, with the reason; ``routines`` empty means for every one.

    ``expires`` is an ISO date; whether it has passed is for those who know the day.
    """

    text: str
    reason: str
    kinds: tuple[str, ...] = ()
    tool: str = ""
    where: Where = ()
    owner: str = ""
    expires: str = ""
    routines: tuple[str, ...] = ()
    level: int = 0
    location: Location = Location("")


class Limit(msgspec.Struct, frozen=True):
    """A noise limit and the file that set it."""

    most: int
    location: Location = Location("")


class GateException(msgspec.Struct, frozen=True):
    """A finding that does not close the gate until ``expires``; ``routines`` empty: anywhere."""

    finding: str
    reason: str
    owner: str
    expires: str
    routines: tuple[str, ...] = ()
    location: Location = Location("")


class GateRules(msgspec.Struct, frozen=True):
    """What the gate demands besides verdicts that pass.

    ``levels`` must all be green. ``freshness`` is the most seconds that a recording may be old
    (None: any age); ``live_recordings`` the least number of live ones a routine; ``passed`` of the
    last ``of`` attempts under the same digests must have passed; ``cases_per_trigger`` the least
    number of cases for each trigger.
    """

    levels: tuple[str, ...] = GATE_LEVELS
    freshness: int | None = None
    live_recordings: int = 0
    passed: int = 0
    of: int = 0
    cases_per_trigger: int = 1
    exceptions: tuple[GateException, ...] = ()


class Redaction(msgspec.Struct, frozen=True):
    """What is redacted on write beyond the known shapes; patterns by name."""

    patterns: dict[str, str] = {}
    variables: tuple[str, ...] = ()
    emails: bool = False


class PolicyFile(msgspec.Struct, frozen=True):
    """One policy file as it stands; None and missing keys mean that it does not say.

    ``connectors`` are further ones that may be named here, with their tools (none listed: any).
    ``gate``, ``lint``, ``rerun`` and ``budget`` hold only the keys that the file gives.
    """

    root: bool = False
    platform: str | None = None
    platform_overrides: dict[str, Any] = {}
    plan: str | None = None
    forbid: tuple[Forbidden, ...] = ()
    allow: tuple[Permitted, ...] = ()
    noise: dict[str, Limit] = {}
    identity: dict[str, tuple[str, ...]] = {}
    connectors: dict[str, tuple[str, ...]] = {}
    reads: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    budget: dict[str, float] = {}
    rerun: dict[str, Any] = {}
    claims_ignored: tuple[Predicate, ...] = ()
    gate: dict[str, Any] = {}
    lint: dict[str, Any] = {}
    redact: Redaction = Redaction()
    source: Source = Source(file="")


class Policy(msgspec.Struct, frozen=True):
    """What holds in one folder: the default policy and all files from the outermost inward.

    ``reads`` are tools of the user's that count as reads; ``hosts`` those to which a live run may
    send GET; ``claims_ignored`` are the patterns of sentences that are accepted; ``files`` names the
    policy files, outermost first.
    """

    platform: str = LATEST
    platform_overrides: dict[str, Any] = {}
    plan: str = "team"
    forbid: tuple[Forbidden, ...] = ()
    allow: tuple[Permitted, ...] = ()
    noise: dict[str, Limit] = {}
    identity: dict[str, tuple[str, ...]] = {}
    connectors: dict[str, tuple[str, ...]] = {}
    reads: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    budget: dict[str, float] = {}
    rerun: dict[str, Any] = {}
    claims_ignored: tuple[Predicate, ...] = ()
    gate: GateRules = GateRules()
    lint: dict[str, Any] = {}
    redact: Redaction = Redaction()
    files: tuple[str, ...] = ()

    def permits_for(self, rule: Forbidden, routine: str) -> tuple[Permitted, ...]:
        """The entries of ``allow`` that may take ``rule`` back for ``routine``."""
        return tuple(
            permit
            for permit in self.allow
            if permit.level <= rule.level and (not permit.routines or routine in permit.routines)
        )


DEFAULT_FORBID: Final = (
    "pull_request.merged",
    "branch.deleted",
    "tag.deleted",
    {"effect": ["branch.pushed", "branch.created"], "where": {"branch": {"not": {"starts_with": "claude/"}}}},
    "release.created",
    "release.updated",
    "release.deleted",
    *({"tool": tool} for tool in OUTWARD_TOOLS),
)
"""The default policy, in the syntax of a policy file; beside it stands the rule ``UNGRANTED``."""

UNGRANTED: Final = Forbidden(
    "no tool or repository that is not granted", ("*",), ungranted=True, location=Location("default policy")
)


def merge_policies(default: PolicyFile, files: Sequence[PolicyFile]) -> Policy:
    """The policy that ``files`` (outermost first) and the default policy add up to.

    Raises:
        SpecError: a looser noise limit below a stricter one, or an ``allow`` below the rule that
            it would take back.
    """
    problems: list[Problem] = []
    forbid, allow = [UNGRANTED, *default.forbid], list(default.allow)
    merged: dict[str, Any] = {}
    gate: dict[str, Any] = {}
    noise: dict[str, Limit] = {}
    for level, file in enumerate(files):
        forbid += [msgspec.structs.replace(rule, level=level) for rule in file.forbid]
        allow += [msgspec.structs.replace(permit, level=level) for permit in file.allow]
        _tighten(noise, file.noise, problems)
        for key in ("platform", "plan"):
            if getattr(file, key) is not None:
                merged[key] = getattr(file, key)
        for key in ("platform_overrides", "identity", "connectors", "budget", "rerun", "lint"):
            merged[key] = _overlay(merged.get(key, {}), getattr(file, key))
        for key in ("reads", "hosts", "claims_ignored"):
            merged[key] = tuple(dict.fromkeys((*merged.get(key, ()), *getattr(file, key))))
        merged["redact"] = _add_redaction(merged.get("redact", Redaction()), file.redact)
        gate |= {key: value for key, value in file.gate.items() if key != "exceptions"}
        gate["exceptions"] = (*gate.get("exceptions", ()), *file.gate.get("exceptions", ()))
    problems += [problem for permit in allow if (problem := _misplaced(permit, forbid))]
    problems += _check_platform(merged, files)
    if problems:
        raise SpecError(*problems)
    return Policy(
        **merged,
        forbid=tuple(forbid),
        allow=tuple(allow),
        noise=noise,
        gate=GateRules(**gate),
        files=tuple(file.source.file for file in files),
    )


def _check_platform(merged: Mapping[str, Any], files: Sequence[PolicyFile]) -> list[Problem]:
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


def _overlay(outer: Mapping[str, Any], nearer: Mapping[str, Any]) -> dict[str, Any]:
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


def _meets(permit: Permitted, rule: Forbidden) -> bool:
    if permit.tool or rule.tool:
        return permit.tool == rule.tool
    return not rule.ungranted and (
        "*" in permit.kinds or "*" in rule.kinds or bool(set(permit.kinds) & set(rule.kinds))
    )
