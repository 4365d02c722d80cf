"""The policy and the grants that a guard holds, frozen as one JSON with a digest.

The installation freezes what it read; the hook reads it back and refuses what is not whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Sequence
from typing import Final

import msgspec

from routine_harness.errors import Problem, SpecError, UsageError
from routine_harness.finding import Location
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.edition import load_edition
from routine_harness.routine.edition_rules import OwnToolTable
from routine_harness.routine.spec import Environment, Grant, Repository, Routine
from routine_harness.store.files import read_bytes
from routine_harness.store.plugins import known_connectors
from routine_harness.verdict.policy.rules import Forbidden, GateRules, Permitted, Policy
from routine_harness.world.declared.declaration import Declaration
from routine_harness.world.naming import connector_key
from routine_harness.world.registry import SIMULATED, Registry
from routine_harness.world.tool import Connector

FORMAT: Final = "routine-harness-guard"
VERSION: Final = 1
_ENCODE: Final = msgspec.json.Encoder(order="sorted").encode
_HINT: Final = "run `routine-harness guard install` again, and commit what it writes"
REQUESTS: Final = frozenset({"WebFetch", "WebSearch", "ReadMcpResourceTool"})
"""Looks that send somebody outside what the agent has written."""


class Guarded(msgspec.Struct, frozen=True):
    """One routine and the policy that holds for it."""

    routine: Routine
    policy: Policy


class HeldRoutine(msgspec.Struct, frozen=True):
    """The policy that holds for a routine, and what the routine grants."""

    policy: Policy
    name: str
    repositories: tuple[Repository, ...] = ()
    connectors: tuple[Grant, ...] = ()
    tools: tuple[str, ...] | None = None
    environment: Environment = Environment()

    def routine(self) -> Routine:
        """The routine as a judge takes it."""
        given = {field: getattr(self, field) for field in self.__struct_fields__ if field != "policy"}
        return self.policy.reaching(Routine(prompt="", **given))


class Frozen(msgspec.Struct, frozen=True):
    """All that a guard knows. ``own_servers`` are the repository's, ``added`` the connectors of installed
    plugins, ``declared`` those of files; ``log`` is the folder of the log."""

    held: tuple[HeldRoutine, ...]
    own_tools: OwnToolTable
    own_servers: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    declared: tuple[Declaration, ...] = ()
    log: str = ""

    @property
    def passive(self) -> tuple[str, ...]:
        """The agent's own tools that cannot act: they neither change anything nor send a request."""
        return tuple(sorted({*self.own_tools.looks, *self.own_tools.local} - REQUESTS))

    def registry(self) -> Registry:
        """The connectors that the guarded sessions know.

        Raises:
            UsageError: a plugin that was there when the guard was installed is not here.
        """
        added: list[Connector] = []
        for name in self.added:  # plugins are looked for where there are some: it takes two starts
            found = known_connectors().get(name)
            if found is None:
                message = f"no installed package brings the connector {name}"
                raise UsageError(Problem("", 0, message, "install what the guard was installed with"))
            added.append(found)
        if self.declared:
            # Imported here, as the hook starts for every call.
            from routine_harness.world.declared.connector import declared_connector

            added += [declared_connector(each) for each in self.declared]
        return Registry(added, self.own_servers, self.own_tools)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    digest: str
    frozen: msgspec.Raw


def freeze(
    guarded: Sequence[Guarded],
    *,
    own_servers: Collection[str] = (),
    log: str = "",
    place: Callable[[Location], Location] = lambda location: location,
) -> Frozen:
    """What holds for ``guarded``; ``place`` says where a rule stands, in words that do not depend on
    who freezes."""
    held = tuple(_held(one, place) for one in guarded)
    added = sorted(set(known_connectors().names()) - set(SIMULATED))
    policy = guarded[0].policy
    edition = load_edition(policy.platform, policy.platform_overrides)
    declared = _declared(guarded)
    return Frozen(held, edition.own_tools, tuple(sorted(own_servers)), tuple(added), declared, log)


def _declared(guarded: Sequence[Guarded]) -> tuple[Declaration, ...]:
    """What the files above the routines declare of the connectors that these grant.

    Raises:
        UsageError: a name stands for two declarations.
    """
    # Imported here: the hook reads what is frozen, and no files of connectors.
    from routine_harness.store.connectors import declarations_above

    found: dict[str, Declaration] = {}
    for one in guarded:
        granted = {connector_key(grant.connector) for grant in one.routine.connectors}
        for each in declarations_above(one.routine.source.path):
            if connector_key(each.name) not in granted:
                continue
            each = msgspec.structs.replace(each, origin="")
            if found.setdefault(each.name, each) != each:
                hint = "keep one declaration in connectors/ above all of the routines"
                raise UsageError(Problem("", 0, f"{each.name} is declared twice, and differently", hint))
    return tuple(found[name] for name in sorted(found))


def frozen_text(frozen: Frozen) -> str:
    """The file that holds ``frozen``; the same text for the same policy."""
    encoded = _ENCODE(frozen)
    file = msgspec.json.encode(_File(FORMAT, VERSION, _digest(encoded), msgspec.Raw(encoded)))
    return msgspec.json.format(file, indent=1).decode() + "\n"


def load_frozen(path: str | os.PathLike[str]) -> Frozen:
    """What the file at ``path`` holds.

    Raises:
        SpecError: it cannot be read, is none, was changed, or belongs to another version.
    """
    name = os.fspath(path)
    try:
        data = read_bytes(path, name)
    except SpecError as error:
        raise SpecError.at(name, 0, error.problems[0].message, _HINT) from error
    try:
        file = msgspec.json.decode(data, type=_File)
        if (file.format, file.version) != (FORMAT, VERSION):
            message = f"expected {FORMAT} version {VERSION}, found {file.format} version {file.version}"
            raise SpecError.at(name, 1, message, _HINT)
        frozen = msgspec.json.decode(file.frozen, type=Frozen)
    except NOT_JSON as error:
        raise SpecError.at(name, 1, f"expected the guard's policy: {error}", _HINT) from error
    # What this harness has read is encoded again, so that a part which it does not know shows as well.
    if _digest(_ENCODE(frozen)) != file.digest:
        message = "the digest does not match: the file was changed, or frozen by another version"
        raise SpecError.at(name, 1, message, _HINT)
    return frozen


def _digest(encoded: bytes) -> str:
    return "sha256:" + hashlib.sha256(encoded).hexdigest()


def _held(guarded: Guarded, place: Callable[[Location], Location]) -> HeldRoutine:
    routine, policy = guarded.routine, _policy(guarded.policy, place)
    given = {field: getattr(routine, field) for field in HeldRoutine.__struct_fields__ if field != "policy"}
    given["environment"] = msgspec.structs.replace(routine.environment, setup="")
    return HeldRoutine(policy, **given)


def _policy(policy: Policy, place: Callable[[Location], Location]) -> Policy:
    """The policy without what only the gate and the linter ask for, its rules where ``place`` says."""

    def placed(rule: Forbidden | Permitted) -> Forbidden | Permitted:
        # Conditions by their data alone, from which the judge makes the predicates again.
        where = tuple(msgspec.structs.replace(each, predicate=None, line=0) for each in rule.where)
        return msgspec.structs.replace(rule, location=place(rule.location), where=where)

    noise = {
        name: msgspec.structs.replace(limit, location=place(limit.location))
        for name, limit in sorted(policy.noise.items())
    }
    rules = {"forbid": tuple(map(placed, policy.forbid)), "allow": tuple(map(placed, policy.allow))}
    return msgspec.structs.replace(policy, **rules, noise=noise, gate=GateRules(), lint={}, files=())
