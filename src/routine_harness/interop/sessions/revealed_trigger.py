"""The firing that an imported session tells of, in the form of a case's ``trigger``.

The platform tells the agent little of the event; what the session read of its subject completes it, so
that the routine's filters can be decided. What nobody said is left out.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.routine.edition import EDITIONS, load_edition

Rows = Iterable[tuple[str, Record]]
"""Full table name and record, as reads revealed them."""

_CONTEXT: Final = re.compile(r"<github-trigger-context>(.*?)</github-trigger-context>", re.DOTALL)
_FIELD: Final = re.compile(r"^ *(Event|Repository|PR|Branch|Head SHA|Issue|Release): *(.+)$", re.MULTILINE)
_FIRED: Final = re.compile(r"<routine-fire-payload[^>]*>(.*?)</routine-fire-payload>", re.DOTALL)
_PULL: Final = ("title", "body", "state", "draft", "merged", "merged_at", "user", "labels", "html_url")
_ISSUE: Final = ("title", "body", "state", "user", "labels", "html_url")
_RELEASE: Final = ("name", "body", "draft", "prerelease", "author", "html_url")


def told_repository(prompt: str) -> str:
    """``owner/name`` of the repository that the prompt's context names; empty if it names none."""
    return _fields(prompt).get("Repository", "")


def without_context(prompt: str) -> str:
    """``prompt`` without the blocks by which the platform tells of the firing."""
    return _FIRED.sub("", _CONTEXT.sub("", prompt)).strip()


def revealed_trigger(prompt: str, at: str | None, rows: Rows) -> Record:
    """The firing that the prompt's context blocks tell of, completed by ``rows``; else a manual start."""
    when: Record = {"at": at} if at else {}
    fields = _fields(prompt)
    if "Event" in fields and "Repository" in fields:
        payload = _payload(fields, tuple(rows))
        return {"github": {"event": fields["Event"], "payload": payload, **when}}
    fired = _FIRED.search(prompt)
    if fired:
        return {"api": {"text": _unwrapped(fired[1].strip()), **when}}
    return {"manual": when}


def _unwrapped(text: str) -> str:
    """The text of a fire request without the sentence that the platform puts before it.

    Its wording is that of any edition as far as the bracket that names the way of the request.
    """
    first, _, rest = text.partition("\n")
    if any(first.startswith(opening) for opening in _wrapper_openings()):
        return rest.strip() or first[first.rfind("says") :].partition(".")[2].strip()
    return text


@functools.cache
def _wrapper_openings() -> tuple[str, ...]:
    lines = [line for name in EDITIONS for line in load_edition(name).payload.lines]
    worded = (line for line in lines if not line.startswith("<") and "{text}" not in line)
    return tuple(dict.fromkeys(line.partition("(")[0].partition(". ")[0] for line in worded))


def _fields(prompt: str) -> dict[str, str]:
    found = _CONTEXT.search(prompt)
    return {name: text.strip() for name, text in _FIELD.findall(found[1] if found else "")}


def _payload(fields: Mapping[str, str], rows: tuple[tuple[str, Record], ...]) -> Record:
    repository = fields["Repository"]
    payload: Record = {"repository": {"full_name": repository}}
    pull, issue = (fields.get(name, "").lstrip("#").partition(" ")[0] for name in ("PR", "Issue"))
    if pull.isdigit():
        known = _known(rows, "github.pulls", {"repository": repository, "number": int(pull)})
        told = {"number": int(pull), **_taken(known, _PULL)}
        payload["pull_request"] = told | _sides(fields, known)
    if issue.isdigit():
        known = _known(rows, "github.issues", {"repository": repository, "number": int(issue)})
        payload["issue"] = {"number": int(issue), **_taken(known, _ISSUE)}
    if fields.get("Release"):
        tag = {"tag_name": fields["Release"]}
        known = _known(rows, "github.releases", {"repository": repository, **tag})
        payload["release"] = {**tag, **_taken(known, _RELEASE)}
    return payload


def _known(rows: Iterable[tuple[str, Record]], table: str, key: Mapping[str, Json]) -> Record:
    """What the rows say of the record with ``key``; where they differ, the first has the word."""
    found: Record = {}
    for name, row in rows:
        if name == table and all(row.get(field) == value for field, value in key.items()):
            found = {**row, **found}
    return found


def _taken(known: Mapping[str, Json], fields: Iterable[str]) -> Record:
    """The fields in the form of a webhook's body, where labels are objects."""
    taken = {name: known[name] for name in fields if name in known}
    if isinstance(taken.get("labels"), list):
        taken["labels"] = [{"name": each} if isinstance(each, str) else each for each in taken["labels"]]
    for name in ("user", "author"):
        if isinstance(taken.get(name), str):
            taken[name] = {"login": taken[name]}
    return taken


def _sides(fields: Mapping[str, str], known: Mapping[str, Json]) -> Record:
    """Head and base: the names that the context tells, with the repositories that a read told."""
    head, _, base = fields.get("Branch", "").replace(" → ", " -> ").partition(" -> ")
    told: dict[str, Record] = {
        "head": {"ref": head, "sha": fields.get("Head SHA")},
        "base": {"ref": base},
    }
    sides: Record = {}
    for side, names in told.items():
        read = known.get(side)
        repository = read.get("repo") if isinstance(read, Mapping) else None
        full_name = repository.get("full_name") if isinstance(repository, Mapping) else None
        kept: Record = {name: value for name, value in names.items() if value}
        if full_name:
            kept["repo"] = {"full_name": full_name}
        if kept:
            sides[side] = kept
    return sides
