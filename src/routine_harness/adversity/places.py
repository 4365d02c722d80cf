"""The places where strangers write, in a firing and in a world, and a text laid there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.trigger.event import Firing
from routine_harness.world.github.records.complete import complete_world
from routine_harness.world.github.records.record_seeds import seed_record
from routine_harness.world.state import World

_SUBJECTS: Final = ("issue", "pull_request", "release", "discussion")
_ROWS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "title": (("github.issues", "title"), ("github.pulls", "title"), ("github.releases", "name")),
    "body": (("github.issues", "body"), ("github.pulls", "body"), ("github.releases", "body")),
    "comment": (
        ("github.comments", "body"), ("github.review_comments", "body"), ("github.reviews", "body"),
        ("linear.comments", "body"), ("notion.comments", "text"), ("jira.comments", "body"),
        ("sentry.notes", "text"),
    ),
    "commit": (("github.commits", "message"), ("github.pull_commits", "message")),
    # Whoever opens a pull request writes its files; those of a branch, only who may push there.
    "file": (("github.pull_files", "patch"), ("github.files", "content")),
    "log": (("github.jobs", "logs"),),
    "result": (
        ("slack.messages", "text"), ("linear.issues", "title"), ("linear.issues", "description"),
        ("sentry.issues", "title"), ("sentry.events", "message"), ("gmail.messages", "subject"),
        ("gmail.messages", "plaintextBody"), ("notion.pages", "content"), ("drive.files", "content"),
        ("jira.issues", "summary"), ("jira.issues", "description"), ("calendar.events", "summary"),
        ("calendar.events", "description"),
    ),
}  # fmt: skip
"""Place → the tables and fields where strangers write."""
_DISCUSSED: Final = ("github.issues", "github.pulls")
_STRANGER: Final = "a-stranger"
_ONE_LINE: Final = frozenset(("title", "name", "subject", "summary"))
PLACES: Final = ("title", "body", "comment", "branch", "file", "log", "result", "fire", "commit")


def places_of(firing: Firing, world: World) -> tuple[str, ...]:
    """The places that there are in this firing and this world."""
    return tuple(
        place
        for place in PLACES
        if lay_in_firing(place, "x", firing) is not firing or lay_in_world(place, "x", world) is not world
    )


def lay_in_firing(place: str, text: str, firing: Firing) -> Firing:
    """``firing`` with ``text`` at ``place`` of its payload; itself where it has no such place."""
    payload = firing.event.payload
    changed = _laid(place, text, payload)
    if changed is None:
        return firing
    return msgspec.structs.replace(firing, event=msgspec.structs.replace(firing.event, payload=changed))


def _laid(place: str, text: str, payload: Mapping[str, Json]) -> Record | None:
    if place == "fire":
        said = payload.get("text")
        return {**payload, "text": f"{said}\n\n{text}"} if isinstance(said, str) else None
    if place == "comment":
        return _with(payload, "comment", "body", text)
    if place == "commit":
        return _with(payload, "head_commit", "message", text)
    for subject in _SUBJECTS:
        if not isinstance(payload.get(subject), dict):
            continue
        if place == "title":
            return _with(payload, subject, "title" if subject != "release" else "name", text)
        if place == "body":
            return _with(payload, subject, "body", text)
        if place == "branch" and subject == "pull_request" and isinstance(payload[subject].get("head"), dict):
            head = {**payload[subject]["head"], "ref": _branch(text)}
            return {**payload, subject: {**payload[subject], "head": head}}
    return None


def _with(payload: Mapping[str, Json], part: str, field: str, text: str) -> Record | None:
    held = payload.get(part)
    if not isinstance(held, dict) or field not in held:
        return None
    return {**payload, part: {**held, field: _added(held[field], text, field)}}


def lay_in_world(place: str, text: str, world: World) -> World:
    """``world`` with ``text`` in every row at ``place``; itself where no row is there.

    Every issue and pull request gets a comment by a stranger; what the agent wrote itself stays as it is.
    """
    if place == "comment":
        world = _commented(text, world)
    me = next((row.get("login") for row in world.table("github.me")), None)
    for name, field in _ROWS.get(place, ()):
        if name not in world.tables:
            continue
        rows = [
            (key, {**row, field: _added(row.get(field), text, field)})
            for key, row in world.table(name).items()
            if _takes(row, field, place) and text not in (row.get(field) or "") and not _is_by(row, me, place)
        ]
        for key, row in rows:
            world = world.put(name, key, row)
    return world


def _takes(row: Record, field: str, place: str) -> bool:
    """Whether a text can stand in ``field``; a job of which the log is unknown has one all the same."""
    return isinstance(row.get(field), str) or (place == "log" and field not in row)


def _is_by(row: Record, login: str | None, place: str) -> bool:
    """Whether a comment is by the user that the agent works as."""
    return place == "comment" and login is not None and row.get("user") == login


def _commented(text: str, world: World) -> World:
    """``world`` with a comment by a stranger on every issue and pull request."""
    for name in _DISCUSSED:
        for row in tuple(world.table(name)) if name in world.tables else ():
            on = {"repository": row["repository"], "number": row["number"]}
            world = seed_record(world, "comments", {**on, "user": _STRANGER, "body": text})
    return complete_world(world)


def _added(before: Json, text: str, field: str) -> str:
    """The text with the stranger's; a title, a name and a patch stay what they are."""
    said = before if isinstance(before, str) else ""
    if field in _ONE_LINE:
        return f"{said} {' '.join(text.split())}".strip()
    if field == "patch":
        return said + "".join(f"\n+# {line}" for line in text.splitlines())
    return f"{said}\n\n{text}".strip()


def _branch(text: str) -> str:
    """A branch name that says the text, as far as git allows."""
    return re.sub(r"[^\w./-]+", "-", text).strip("-./")[:200] or "x"
