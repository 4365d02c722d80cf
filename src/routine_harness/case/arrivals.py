"""What a wake of a case brings: the text of its turn, and the world as it is by then."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from routine_harness.case.seed import wake_world
from routine_harness.plain import Json, Record
from routine_harness.routine.edition import Edition
from routine_harness.routine.render import render_arrival
from routine_harness.session.wakes import Arrival, Echo, Incoming, Wake
from routine_harness.trigger.event import Event, Firing
from routine_harness.world.effect import Effect
from routine_harness.world.github.records import tables
from routine_harness.world.state import World
from routine_harness.world.tool import Connector


def incoming_wakes(
    wakes: Sequence[Wake],
    firing: Firing,
    edition: Edition,
    connectors: Mapping[str, Connector],
    came: Collection[int] = (),
) -> tuple[Incoming, ...]:
    """The wakes of a session that ``firing`` starts.

    Those whose numbers ``came`` holds came into the first run, so that the world knows of them already.
    """
    found = []
    before: Mapping[str, Json] = firing.event.payload
    for number, wake in enumerate(wakes, 1):
        known = wake.payload if number in came else before
        found.append(Incoming(wake, _Arriving(wake, firing, edition, connectors, known)))
        before = wake.payload or before
    return tuple(found)


class _Arriving:
    """Makes what one wake brings; ``known`` is the payload that the world has heard of before."""

    def __init__(
        self,
        wake: Wake,
        firing: Firing,
        edition: Edition,
        connectors: Mapping[str, Connector],
        known: Mapping[str, Json],
    ) -> None:
        self._wake = wake
        self._firing = firing
        self._edition = edition
        self._connectors = connectors
        self._known = known

    def __call__(self, world: World, effects: Sequence[Effect]) -> Arrival | None:
        wake, edition = self._wake, self._edition
        if wake.turn:
            return Arrival(wake.turn, world)
        if wake.echo is not None:
            fired = _echo(wake.echo, world, effects)
            if fired is None:
                return None
            name, payload = fired
            event = Event("github", name, payload, world.clock)
            return Arrival(render_arrival(event, edition), world)
        event = Event("github", wake.event, wake.payload, world.clock, "", self._firing.event.source)
        changed = wake_world(world, Firing(event, self._firing.trigger), self._connectors, self._known)
        return Arrival(render_arrival(event, edition), changed)


_OF: Final[dict[Echo, tuple[str, ...]]] = {
    "own_label": ("ticket.updated", "ticket.created", "pull_request.updated", "pull_request.created"),
    "own_comment": ("comment.created",),
    "own_push": ("branch.pushed",),
}
"""The effects that each echo tells of."""


def _echo(echo: Echo, world: World, effects: Sequence[Effect]) -> tuple[str, Record] | None:
    """Name and payload of the event that the last such act fires; None where there was none."""
    for effect in reversed(effects):
        if effect.connector != "github" or effect.outcome != "applied" or effect.kind not in _OF[echo]:
            continue
        if echo == "own_push":
            return _pushed(effect, world)
        if echo == "own_comment":
            comment = {"comment": {"id": effect.fields.get("id")}}
            return _on_item(effect, world, "issue_comment.created", comment)
        if labels := effect.fields.get("labels"):
            label = labels[-1] if isinstance(labels, list) else labels
            return _on_item(effect, world, "", {"label": {"name": label}})
    return None


def _on_item(effect: Effect, world: World, name: str, more: Record) -> tuple[str, Record] | None:
    """An event about the issue or the pull request of ``effect``; without a ``name`` its labelling."""
    key = (effect.fields.get("repository"), effect.fields.get("number"))
    pull, issue = tables.get(world, "pulls", *key), tables.get(world, "issues", *key)
    if pull is None and issue is None:
        return None
    labelled = "pull_request.labeled" if pull is not None else "issues.labeled"
    # GitHub sends a comment on a pull request as a comment on the issue of its number.
    part = {"pull_request": _pull(pull)} if pull is not None else {"issue": _shown(issue or {})}
    return name or labelled, _payload(world, name or labelled, str(key[0]), {**part, **more})


def _pushed(effect: Effect, world: World) -> tuple[str, Record]:
    repository, branch = str(effect.fields.get("repository")), str(effect.fields.get("branch"))
    for pull in tables.of_repository(world, "pulls", repository):
        if pull.get("head") == branch and pull.get("state", "open") == "open":
            name = "pull_request.synchronize"
            return name, _payload(world, name, repository, {"pull_request": _pull(pull)})
    return "push", _payload(world, "push", repository, {"ref": f"refs/heads/{branch}"})


def _payload(world: World, name: str, repository: str, parts: Record) -> Record:
    action = name.partition(".")[2]
    given = {"action": action} if action else {}
    return {
        **given,
        **parts,
        "repository": {"full_name": repository},
        "sender": {"login": tables.me(world)},
    }


def _shown(row: Record) -> Record:
    return {name: row[name] for name in ("number", "title", "html_url") if row.get(name)}


def _pull(row: Record) -> Record:
    return {
        **_shown(row),
        "head": {"ref": row.get("head"), "sha": row.get("head_sha")},
        "base": {"ref": row.get("base")},
    }
