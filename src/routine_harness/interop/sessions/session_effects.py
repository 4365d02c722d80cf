"""An imported session as a run: what it did, and what became of it, judged as any other run is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from routine_harness.agents.playing import play_recording
from routine_harness.agents.recording import Header, Recording
from routine_harness.case.cloud_session import cloud_session
from routine_harness.interop.sessions.imported import RUN, Imported
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Repository, Routine
from routine_harness.session.answering import Answering
from routine_harness.session.lifecycle import Budget
from routine_harness.session.run import CallRecord
from routine_harness.session.session import Session
from routine_harness.trigger.event import Event, Firing
from routine_harness.verdict.looking import is_outward
from routine_harness.verdict.words import counted
from routine_harness.world.effect import Effect
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.registry import Registry
from routine_harness.world.state import World


def played_calls(
    imported: Imported, registry: Registry, routine: Routine | None = None
) -> tuple[CallRecord, ...]:
    """The calls of the session with their effects, played in an empty world: its own answers stand."""
    known = routine or Routine("imported", imported.prompt)
    if not known.repositories and imported.repository:
        known = msgspec.structs.replace(known, repositories=(Repository(imported.repository),))
    at = imported.entries[0].time
    firing = Firing(Event("manual", "", {}, at))
    branch = cloud_session(known, firing, load_edition(), RUN).branch
    answering = Answering(known, registry, own=_own_tools(known, registry, branch))
    session = Session(
        known, World(clock=at), firing, imported.prompt, registry,
        answering=answering, budget=Budget(0, 0),
    )  # fmt: skip
    header = Header("", "", "imported", imported.recorder)
    play_recording(Recording(header, {RUN: imported.entries}), session, command="")
    return session.calls


def _own_tools(routine: Routine, registry: Registry, branch: str) -> OwnTools:
    """The tools of a session whose branch is ``branch`` until git prints another."""
    github = registry.get("github")
    return OwnTools(
        {"github": github} if github is not None else {},
        tuple(repository.full_name for repository in routine.repositories),
        routine.environment,
        table=registry.own_tools,
        branch=branch,
    )


def effects_of(imported: Imported, registry: Registry, routine: Routine | None = None) -> tuple[Effect, ...]:
    """The outward effects that the session attempted; those of a call that failed are refused."""
    return outward(played_calls(imported, registry, routine))


def outward(calls: Sequence[CallRecord]) -> tuple[Effect, ...]:
    """The outward effects of calls, in order."""
    return tuple(effect for record in calls for effect in record.effects if is_outward(effect))


def describe_outcome(imported: Imported, effects: tuple[Effect, ...]) -> str:
    """What became of the session, in one line: it worked, did nothing, failed or was stopped."""
    end = imported.end
    if end.status != "finished":
        return f"{end.status.replace('_', ' ')}: {end.reason}" if end.reason else end.status
    if not imported.calls:
        return "finished without a single tool call: it did nothing"
    if not effects:
        return "finished and did nothing: it had no effect"
    counts = {what: sum(effect.outcome == what for effect in effects) for what in ("applied", "unchanged")}
    refused = len(effects) - sum(counts.values())
    if refused == len(effects):
        return f"finished and did nothing: {counted(len(effects), 'effect')}, all refused"
    denied = f"; denied: {', '.join(imported.denied)}" if imported.denied else ""
    others = {"refused": refused, "unchanged": counts["unchanged"]}
    rest = "".join(f", {count} {what}" for what, count in others.items() if count)
    return f"finished with {counted(counts['applied'], 'effect')} applied{rest}{denied}"
