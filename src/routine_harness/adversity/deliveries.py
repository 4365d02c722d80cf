"""What starts a second session after the first: deliveries that come twice, late or in the wrong order, a
slot of the schedule that starts again, and what GitHub sends for the run's own label.

Deliveries are numbered and repeated by GitHub's own account (docs.github.com, "Handling failed webhook
deliveries"); a slot starts again with the reasons ``retry`` and ``catch_up``, which sessions have been seen
to carry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.edition import Edition
from routine_harness.session.run import Run
from routine_harness.trigger.acts import Act, sent_by
from routine_harness.trigger.event import Event
from routine_harness.world.effect import Effect

HOUR: Final = 3_600
_SYNCHRONIZE: Final = "pull_request.synchronize"
_LABELED: Final = {"pull_request": "pull_request.labeled", "issue": "issues.labeled"}
_REASON: Final = "reason"


class Delivery(msgspec.Struct, frozen=True):
    """An event that comes after the first run. ``news``: the world becomes what its payload says; the payload
    of one that comes late is old. ``same``: what fired the first run fires at it again."""

    name: str
    event: Event
    news: bool = True
    same: bool = False


class Before(msgspec.Struct, frozen=True):
    """What went before: the first run, the account that it acted as, and the edition."""

    run: Run
    me: str
    edition: Edition


def later_deliveries(before: Before, names: Sequence[str]) -> Iterator[Delivery]:
    """The deliveries of ``names`` that can follow a run, in order; one that makes no sense after this run is
    left out."""
    for name in names:
        found = _DELIVERIES[name](before)
        if found is not None:
            yield msgspec.structs.replace(found, name=name)


def _duplicate(before: Before) -> Delivery | None:
    """The same delivery once more, at once."""
    return _once_more(before, 0) if before.run.firing.event.kind in ("github", "api") else None


def _redelivery(before: Before) -> Delivery | None:
    """The same delivery once more, after an hour: somebody pressed Redeliver, or a relay tried again."""
    return _once_more(before, HOUR) if before.run.firing.event.kind in ("github", "api") else None


def _out_of_order(before: Before) -> Delivery | None:
    """The push before the one that the run saw, delivered after it."""
    event = before.run.firing.event
    pull = event.payload.get("pull_request")
    if not event.name.startswith("pull_request.") or not isinstance(pull, dict):
        return None
    head = pull.get("head")
    if not isinstance(head, dict) or not isinstance(head.get("sha"), str):
        return None
    given = event.payload.get("before")
    older = given if isinstance(given, str) and given else _commit_before(head["sha"])
    payload = {
        **event.payload,
        "action": "synchronize",
        "before": _commit_before(older),
        "after": older,
        "pull_request": {
            **pull,
            "head": {**head, "sha": older},
            "updated_at": pull.get("created_at", pull.get("updated_at")),
        },
    }
    late = msgspec.structs.replace(event, name=_SYNCHRONIZE, payload=payload, at=_ended(before), id="")
    return Delivery("", late, news=False)


def _slot(reason: str, after: int) -> Callable[[Before], Delivery | None]:
    def again(before: Before) -> Delivery | None:
        event = before.run.firing.event
        if event.kind != "schedule":
            return None
        made = _once_more(before, after)
        payload = {**event.payload, _REASON: reason}
        return msgspec.structs.replace(made, event=msgspec.structs.replace(made.event, payload=payload))

    return again


def _own_label(before: Before) -> Delivery | None:
    """What GitHub sends for the first label that the run itself has set."""
    event = before.run.firing.event
    for effect in before.run.applied:
        labels = effect.fields.get("labels")
        if effect.connector != "github" or not isinstance(labels, list) or not labels:
            continue
        for kind, name in _LABELED.items():
            subject = event.payload.get(kind)
            if isinstance(subject, dict) and subject.get("number") == effect.fields.get("number"):
                payload = _labeled(event.payload, kind, subject, labels, before.me)
                labeled = msgspec.structs.replace(event, name=name, payload=payload, at=_ended(before), id="")
                return Delivery("", labeled)
        return _sent(before, effect)
    return None


def _labeled(
    payload: Mapping[str, Json], kind: str, subject: Mapping[str, Json], labels: Sequence[Json], me: str
) -> Record:
    own = [{"name": str(label)} for label in labels]
    there = [each for each in subject.get("labels") or () if each not in own]
    changed = {**subject, "labels": [*there, *own]}
    return {**payload, "action": "labeled", kind: changed, "label": own[0], "sender": {"login": me}}


def _sent(before: Before, effect: Effect) -> Delivery | None:
    """The event of a label on something else than the run was started by."""
    act = Act("", effect.kind, effect.fields)
    for sent in sent_by(act, before.edition, before.me):
        if sent.event.name.endswith(".labeled"):
            return Delivery("", msgspec.structs.replace(sent.event, at=_ended(before)))
    return None


def _once_more(before: Before, after: int) -> Delivery:
    at = _ended(before) + after
    return Delivery("", msgspec.structs.replace(before.run.firing.event, at=at), same=True)


def _ended(before: Before) -> int:
    return before.run.world.clock


def _commit_before(commit: str) -> str:
    """A commit that nobody knows, the same for the same one."""
    return hashlib.sha1(f"before {commit}".encode(), usedforsecurity=False).hexdigest()


_DELIVERIES: Final[Mapping[str, Callable[[Before], Delivery | None]]] = {
    "duplicate": _duplicate,
    "redelivery": _redelivery,
    "out_of_order": _out_of_order,
    "retry": _slot("retry", 0),
    "catch_up": _slot("catch_up", HOUR),
    "own_label": _own_label,
}
