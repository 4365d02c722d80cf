"""The digests of what a recording depends on, each under a name, so that staleness says what changed.

They are over parsed values: a comment or another spelling of a file changes nothing. What a case
expects, and how it is described, is not among them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from routine_harness.case.case import Case, CaseTrigger
from routine_harness.case.placement import TOGETHER
from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Routine
from routine_harness.world.declared.declaration import Declaration
from routine_harness.world.naming import connector_key

_ENCODE = msgspec.json.Encoder(order="deterministic").encode


def case_digests(
    routine: Routine,
    case: Case,
    *,
    cassettes: Mapping[str, bytes] | None = None,
    script: str | None = None,
    connectors: Iterable[Declaration] = (),
) -> dict[str, str]:
    """Name → digest. ``cassettes`` are their contents by the names that the case gives them;
    ``script`` is the source of the scripted agent that records the case, if one does; ``connectors`` are
    those that files above the case declare."""
    values: Record = {
        "prompt": routine.prompt,
        "grants": _grants(routine),
        "model": routine.model,
        "trigger": _trigger(case.trigger),
        "payload": case.trigger.payload,
        "world": case.worlds,
    }
    if routine.reads_files:
        values["reads_files"] = [(one.repository, one.path, one.text) for one in routine.reads_files]
    if cassettes:
        values["cassettes"] = [
            (name, hashlib.sha256(data).hexdigest()) for name, data in sorted(cassettes.items())
        ]
    granted = {connector_key(grant.connector) for grant in routine.connectors}
    declared = [(e.name, e.tables, e.tools) for e in connectors if connector_key(e.name) in granted]
    if declared:
        values["connectors"] = declared
    if script is not None:
        values["script"] = script
    if any(agent.network != "none" for agent in (case.agent, case.record_with) if agent is not None):
        values["network"] = "real"
    if any(agent.shell != "world" for agent in (case.agent, case.record_with) if agent is not None):
        values["shell"] = "sandbox"
    if case.placement != TOGETHER:
        values["context"] = case.placement
    if case.trial is not None:
        values["trial"] = case.trial.what
    if case.faults:
        values["faults"] = case.faults
    if case.wakes:
        values["wakes"] = case.wakes
    if case.commands:
        values["commands"] = [(command.run, command.answers) for command in case.commands]
    rerun = case.rerun
    if rerun.trigger is not None or rerun.after is not None or rerun.meanwhile:
        again = rerun.trigger and (_trigger(rerun.trigger), rerun.trigger.payload)
        values["rerun"] = (again, rerun.after, rerun.meanwhile)
    return {name: digest(value) for name, value in values.items()}


class DigestedEnvironment(msgspec.Struct, frozen=True, omit_defaults=True):
    """The fields of an environment. Those with defaults came later and are left out where they say
    nothing, so that recordings made before them stay fresh."""

    network: str
    allowed_domains: tuple[str, ...]
    variables: dict[str, str]
    setup: str
    absent: tuple[str, ...] = ()
    app_installed: bool = True
    hosted: str = "cloud"


def _grants(routine: Routine) -> tuple[Json, ...]:
    """What the routine may use; the empty mapping once held the absent programs."""
    environment = msgspec.convert(routine.environment, DigestedEnvironment, from_attributes=True)
    given: tuple[Json, ...] = (routine.repositories, routine.connectors, routine.tools, {}, environment)
    return (*given, routine.organisation) if routine.organisation else given


def digest(value: Json) -> str:
    """The digest of a value, whatever the order of its keys."""
    return "sha256:" + hashlib.sha256(_ENCODE(value)).hexdigest()


def _trigger(trigger: CaseTrigger) -> tuple[str, str, str | None]:
    return (trigger.kind, trigger.event, trigger.at)
