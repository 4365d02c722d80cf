"""The prompt as the agent gets it: placeholders filled, with the blocks that the platform injects.

Of a pull request neither title nor body nor diff is injected: the agent has to fetch them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Protocol

import msgspec

from routine_harness.plain import Json
from routine_harness.routine.edition import EDITIONS, Edition, load_edition
from routine_harness.routine.edition_rules import Placement
from routine_harness.routine.placeholders import fill_placeholders, routine_id
from routine_harness.routine.spec import Routine

ELSEWHERE: Final = "context_elsewhere"
"""The point of the editions that says what is told of an issue or a release."""
_ANALOGOUS: Final = ("issue", "tag")


class Turns(msgspec.Struct, frozen=True):
    """What the agent is told: in its ``first`` turn, in those that come ``later``; ``told`` says whether
    the first one holds all that is told of the firing."""

    first: str
    later: tuple[str, ...] = ()
    told: bool = True


class RenderedEvent(Protocol):
    """What rendering needs of an event (see ``trigger.event``)."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Json]: ...
    @property
    def at(self) -> int: ...


class RenderedFiring(Protocol):
    """What rendering needs of a firing (see ``trigger.event``)."""

    @property
    def event(self) -> RenderedEvent: ...


def render_turns(
    routine: Routine, firing: RenderedFiring, edition: Edition, placement: Placement = "together"
) -> Turns:
    """The banner, the routine's prompt for ``firing``, the firing reminder, then the trigger's context,
    where ``placement`` puts it; a later turn carries the banner again.

    The order and the blocks are those of fired sessions (``edition.banner``, ``edition.reminder``,
    ``edition.github_context``, ``edition.payload``), worded as captured.
    """
    event = firing.event
    prompt = fill_placeholders(routine.prompt, _placeholder_values(routine, event)).rstrip("\n")
    banner, context = edition.banner.fill({}), _context(event, edition)
    opening = (banner, prompt, _reminder(routine, event, edition))
    if not context or placement == "together":
        return Turns(_joined(*opening, context))
    return Turns(_joined(*opening), (_joined(banner, context),) if placement == "later" else (), told=False)


def render_arrival(event: RenderedEvent, edition: Edition) -> str:
    """The turn that tells an open session of an event: banner and context, as a context that comes later.

    Seen in a fired session: a second block of this kind came in the middle of the run (anonymous repository,
    2026-08-09).
    """
    return _joined(edition.banner.fill({}), _context(event, edition))


def _joined(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"


def _placeholder_values(routine: Routine, event: RenderedEvent) -> dict[str, str]:
    own = ", ".join(repository.full_name for repository in routine.repositories)
    return {"repository": event_repository(event.payload) or own, "trigger_type": event.kind}


def event_repository(payload: Mapping[str, Json]) -> str:
    """The ``owner/name`` that a webhook body is about, or an empty text."""
    name = _part(payload, "repository").get("full_name")
    return name if isinstance(name, str) else ""


def _reminder(routine: Routine, event: RenderedEvent, edition: Edition) -> str:
    return edition.reminder.fill(
        {
            "time": datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "routine": routine.title or routine.name,
            "trigger_id": routine_id(routine.name),
        }
    )


def brings_context(kind: str, payload: Mapping[str, Json]) -> bool:
    """Whether an event is told to the agent: a webhook is, and the text of a fire request or of Run now."""
    text = payload.get("text")
    return kind == "github" or (kind in ("api", "manual") and isinstance(text, str) and bool(text))


def holds_context(text: str) -> bool:
    """Whether a turn holds a block that tells of a firing, by the wording of any edition."""
    return any(line in text for line in _opening_lines())


@functools.cache
def _opening_lines() -> tuple[str, ...]:
    """How the blocks begin, tags that no sentence of a prompt holds by itself."""
    blocks = [
        block
        for edition in map(load_edition, EDITIONS)
        for block in (edition.github_context.lines, edition.payload.lines)
    ]
    return tuple(dict.fromkeys(lines[0] for lines in blocks if lines and lines[0].startswith("<")))


def _context(event: RenderedEvent, edition: Edition) -> str:
    if not brings_context(event.kind, event.payload):
        return ""
    if event.kind == "github":
        told = github_context_values(event)
        if edition.setting(ELSEWHERE) == "nothing":
            told |= dict.fromkeys(_ANALOGOUS)
        return edition.github_context.fill(told)
    text = str(event.payload["text"])
    return "\n".join(line.replace("{text}", text) for line in edition.payload.lines)


def github_context_values(event: RenderedEvent) -> dict[str, object]:
    """What the trigger context may tell of a webhook; absent where the payload lacks it."""
    payload = event.payload
    pull = _part(payload, "pull_request")
    head, base = _part(pull, "head"), _part(pull, "base")
    return {
        "event": event.name,
        "repository": event_repository(payload),
        "number": pull.get("number"),
        "url": pull.get("html_url") or _pull_url(event_repository(payload), pull.get("number")),
        "head": head.get("ref"),
        "base": base.get("ref"),
        "sha": head.get("sha"),
        "issue": _part(payload, "issue").get("number"),
        "tag": _part(payload, "release").get("tag_name"),
    }


def _pull_url(repository: str, number: object) -> str:
    return f"https://github.com/{repository}/pull/{number}" if repository and number else ""


def hangs_on(event: RenderedEvent) -> tuple[str, ...]:
    """The settings of the edition on which what an agent is told of the event hangs."""
    about = github_context_values(event) if event.kind == "github" else {}
    return (ELSEWHERE,) if any(about.get(name) for name in _ANALOGOUS) else ()


def _part(value: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    part = value.get(key)
    return part if isinstance(part, Mapping) else {}
