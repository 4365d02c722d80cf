"""What a cloud session bears of its own: an address, a branch to work on, and what its tooling appends.

In production they are drawn at random for every run. Here they follow from routine, firing and run, so that
the same case gives the same bytes, and two runs of a pair still differ.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from routine_harness.routine.edition import APPENDED, Edition
from routine_harness.routine.render import event_repository, github_context_values
from routine_harness.routine.spec import Routine
from routine_harness.trigger.event import Firing
from routine_harness.world.state import World

_SETTINGS: Final = "github.settings"
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"
_SMALL: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_ADDRESS: Final = "https://claude.ai/code/session_01"


class CloudSession(msgspec.Struct, frozen=True):
    """One run's session: its ``address``, the ``branch`` that it is on (empty: a detached HEAD), and for
    each repository in lower case the ref that its clone begins at, where that is not the default branch."""

    address: str
    branch: str = ""
    starts: dict[str, str] = {}


def cloud_session(routine: Routine, firing: Firing, edition: Edition, run: int) -> CloudSession:
    """The session of the ``run``-th run of a pair whose first firing is ``firing``."""
    mark = f"{routine.name}\0{firing.event.name}\0{firing.at}\0{run}"
    return CloudSession(
        _ADDRESS + _drawn(mark, _LETTERS, 22), _branch(routine, edition, mark), _starts(firing, edition)
    )


def appended_texts(edition: Edition, session: CloudSession) -> dict[str, str]:
    """What is appended, by name, with the session's address filled in; what is empty is left out."""
    texts = {name: edition.appended_text(name) for name in APPENDED}
    return {name: text.replace("{session}", session.address) for name, text in texts.items() if text}


def readdressed(world: World, before: CloudSession, session: CloudSession) -> World:
    """The world of a later run: what its session's tooling appends bears that session's address."""
    settings = world.get(_SETTINGS, ())
    if settings is None:
        return world
    changed = {
        name: text.replace(before.address, session.address) if isinstance(text, str) else text
        for name, text in settings.items()
    }
    return world if changed == settings else world.put(_SETTINGS, (), changed)


def _branch(routine: Routine, edition: Edition, mark: str) -> str:
    rule = edition.push
    words = [row[_number(f"{routine.name}\0{at}") % len(row)] for at, row in enumerate(rule.words) if row]
    filled = rule.designated.replace("{words}", "-".join(words))
    return filled.replace("{random}", _drawn(f"{mark}\0branch", _SMALL, 6))


def _starts(firing: Firing, edition: Edition) -> dict[str, str]:
    """A webhook of a pull request starts its session at the head commit."""
    told = github_context_values(firing.event) if firing.event.kind == "github" else {}
    if edition.push.starts_at != "pull-request" or not isinstance(told.get("number"), int):
        return {}
    return {event_repository(firing.event.payload).lower(): f"refs/pull/{told['number']}/head"}


def _number(mark: str) -> int:
    return int.from_bytes(hashlib.sha256(mark.encode()).digest()[:8])


def _drawn(mark: str, letters: str, length: int) -> str:
    """So many letters that depend on ``mark`` alone."""
    value = int.from_bytes(hashlib.sha256(mark.encode()).digest())
    drawn = ""
    for _ in range(length):
        value, at = divmod(value, len(letters))
        drawn += letters[at]
    return drawn
