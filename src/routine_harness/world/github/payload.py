"""What a webhook's body says of the world, in the form of a world file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from routine_harness.world.github.record_parts import user_fields

_PEOPLE = ("sender", "assignee", "requested_reviewer")


def payload_data(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The records of a webhook's body: repository, pull request, issue, release, label, people.

    Empty for a body that names no repository (a fire request, a manual start).
    """
    repository = payload.get("repository")
    if not isinstance(repository, Mapping) or not isinstance(repository.get("full_name"), str):
        return {}
    full_name = repository["full_name"]
    tables: dict[str, list[Any]] = {"repositories": [dict(repository)]}
    for field in _PEOPLE:
        person = payload.get(field)
        if isinstance(person, Mapping) and isinstance(person.get("login"), str):
            tables.setdefault("users", []).append(user_fields(person))
    for field, table in (("label", "labels"), ("milestone", "milestones")):
        if isinstance(payload.get(field), Mapping):
            tables.setdefault(table, []).append({**payload[field], "repository": full_name})
    for field, table in (("pull_request", "pulls"), ("issue", "issues"), ("release", "releases")):
        record = payload.get(field)
        if isinstance(record, Mapping):
            tables.setdefault(table, []).extend(_item(payload, field, record, full_name))
    return {"github": tables}


def _item(payload: Mapping[str, Any], field: str, record: Mapping[str, Any], full_name: str) -> list[Any]:
    """The record that the event is about, unless the event is that it is gone."""
    if payload.get("action") in ("deleted", "transferred") and field in ("issue", "release"):
        return []
    return [{**record, "repository": full_name}]
