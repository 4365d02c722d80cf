"""Paths of the REST API that name a repository by number, or by a name that it had before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.world.github.operations.operation import renamed
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import (
    API,
)
from routine_harness.world.github.rest.replies import DOCUMENTATION, Reply
from routine_harness.world.state import World

_NAMED: Final = lazy_pattern(r"/repos/([^/]+/[^/]+)(?=/|\Z)")
_NUMBERED: Final = lazy_pattern(r"/(repositories|organizations|user)/(\d{1,18})(?=/|\Z)")


def named_path(world: World, path: str) -> str:
    """``path`` with the name of a repository, organisation or user where it has the number."""

    def name(match: re.Match[str]) -> str:
        table, field, place = _NAMES[match[1]]
        rows = world.table(table)
        found = next((row[field] for row in rows if str(row.get("id")) == match[2]), None)
        return match[0] if found is None else f"/{place}/{found}"

    return _NUMBERED.sub(name, path, count=1)


_NAMES: Final = {
    "repositories": ("github.repositories", "full_name", "repos"),
    "organizations": ("github.users", "login", "orgs"),
    "user": ("github.users", "login", "users"),
}
"""What stands before a number in a path → the table that has the name, its field, the path with names."""


def moved_reply(world: World, method: str, path: str) -> Reply | None:
    """The way to a repository that has another name now: 301 for a read, 307 for a write, as recorded."""
    match = _NAMED.match(path)
    row = renamed(world, match[1]) if match is not None else None
    if match is None or row is None:
        return None
    status, said = (
        (301, "Moved Permanently") if method.upper() in ("GET", "HEAD") else (307, "Temporary Redirect")
    )
    place = f"{API}/repositories/{row['id']}{path[match.end() :]}"
    value = {"message": said, "url": place, "documentation_url": DOCUMENTATION}
    return Reply(status, value, {"location": place})


def address_of_path(world: World, path: str) -> str:
    """The API's address of ``path``, the repository by its number."""

    def number(match: re.Match[str]) -> str:
        row = tables.get(world, "repositories", match[1]) or {}
        return f"/repositories/{row['id']}" if row.get("id") else match[0]

    return API + _NAMED.sub(number, path, count=1)


def requested(query: Mapping[str, Json], path: str) -> str:
    """A path with its query, as a request has it."""
    return f"{path}?{urlencode(query)}" if query else path
