"""Repositories: reading, making, changing, moving and deleting them."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    applied,
    find_repository,
    found,
    invalid,
)
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.complete import complete_world
from routine_harness.world.state import World


def get_repository(world: World, arguments: Arguments) -> Done:
    return found(world, find_repository(world, arguments))


def list_repositories(world: World, arguments: Arguments) -> Done:
    owner = arguments.get("owner") or tables.me(world)
    return found(world, [row for row in world.table("github.repositories") if row["owner"] == owner])


def list_languages(world: World, arguments: Arguments) -> Done:
    return found(world, dict(find_repository(world, arguments).get("languages") or {}))


def list_topics(world: World, arguments: Arguments) -> Done:
    return found(world, {"names": list(find_repository(world, arguments).get("topics") or [])})


def set_topics(world: World, arguments: Arguments) -> Done:
    """The topics of a repository, replaced as a whole."""
    row = find_repository(world, arguments)
    names = [str(name).lower() for name in arguments["names"]]
    if names == (row.get("topics") or []):
        return applied(world, world, {"names": names}, target=row["full_name"])
    after = tables.change(world, "repositories", row, topics=names)
    return applied(world, after, {"names": names}, target=row["full_name"])


def _put_repository(world: World, full: str, **fields: Json) -> tuple[World, Record]:
    row: Record = {"full_name": full, **fields}
    after = complete_world(tables.put(world, "repositories", row))
    return after, tables.get(after, "repositories", full) or row


DEFAULT_LABELS: Final = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)
"""Name, colour and description of the labels that every new repository has."""


def create_repository(world: World, arguments: Arguments) -> Done:
    owner = arguments.get("organization") or tables.me(world)
    full = f"{owner}/{arguments['name']}"
    if tables.get(world, "repositories", full) is not None:
        message = "name already exists on this account"
        raise invalid(resource="Repository", code="custom", field="name", message=message)
    given: Record = {"private": bool(arguments.get("private", True))}
    if arguments.get("description"):
        given["description"] = arguments["description"]
    if arguments.get("auto_init"):
        given["files"] = {"README.md": f"# {arguments['name']}\n"}
    else:
        given["empty"] = True
    after = world
    if arguments.get("organization"):
        after = tables.merge(after, "users", {"login": owner, "type": "Organization"})
    after, row = _put_repository(after, full, **given)
    after = tables.merge(
        after, "collaborators", {"repository": full, "login": tables.me(world), "role_name": "admin"}
    )
    for name, color, about in DEFAULT_LABELS:
        label: Record = {"repository": full, "name": name, "color": color, "description": about}
        label |= {"id": tables.user_id(f"{full}/{name}"), "default": True}
        after = tables.put(after, "labels", label)
    return applied(world, after, row, target=full, repository=full, url=row["html_url"])


def fork_repository(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    full = f"{arguments.get('organization') or tables.me(world)}/{row['name']}"
    after, fork = world, tables.get(world, "repositories", full)
    if fork is None:
        kept = {name: row[name] for name in ("default_branch", "description")}
        after, fork = _put_repository(world, full, fork=True, **kept)
        for table in ("branches", "commits"):
            for record in tables.of_repository(world, table, row["full_name"]):
                after = tables.put(after, table, {**record, "repository": full})
    return applied(world, after, fork, target=full, name=full, url=fork["html_url"])


SETTINGS: Final = (
    "description", "homepage", "private", "default_branch", "archived", "has_issues", "has_wiki",
    "delete_branch_on_merge", "allow_auto_merge", "allow_squash_merge", "allow_merge_commit",
    "allow_rebase_merge", "topics", "visibility",
)  # fmt: skip


def update_repository(world: World, arguments: Arguments) -> Done:
    """Settings, visibility, archiving and renaming: each is an effect of its own in the table."""
    row = find_repository(world, arguments)
    given: Record = {name: arguments[name] for name in SETTINGS if name in arguments}
    if "visibility" in given:
        given["private"] = given["visibility"] != "public"
    after = tables.change(world, "repositories", row, **given)
    changed = {**row, **given}
    new = arguments.get("name")
    if new and new != row["name"]:
        after, changed = _move(after, changed, f"{row['owner']}/{new}")
    return applied(world, after, changed, target=row["full_name"], url=changed["html_url"])


def transfer_repository(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    name = arguments.get("new_name") or row["name"]
    after, moved = _move(world, row, f"{arguments['new_owner']}/{name}")
    return applied(world, after, moved, target=row["full_name"], url=moved["html_url"])


def _move(world: World, row: Record, full: str) -> tuple[World, Record]:
    """``world`` with a repository, and all that is in it, under another name; the old one leads to it."""
    old = row["full_name"]
    owner, _, name = full.partition("/")
    former = [*row.get("former_names", ()), old]
    moved = {
        **row,
        "former_names": former,
        "full_name": full,
        "owner": owner,
        "name": name,
        "html_url": f"https://github.com/{full}",
    }
    world = tables.put(tables.remove(world, "repositories", row), "repositories", moved)
    for table, keys in tables.TABLES.items():
        if keys[:1] == ("repository",):
            for record in tables.of_repository(world, table, old):
                world = tables.put(tables.remove(world, table, record), table, {**record, "repository": full})
    for pull in tables.of_repository(world, "pulls", full):
        if pull["head_repository"] == old:
            world = tables.change(world, "pulls", pull, head_repository=full)
    following = world.counters.get(f"github.number:{old}", 1)
    return world.counting(f"github.number:{full}", following), moved


def delete_repository(world: World, arguments: Arguments) -> Done:
    row, after = find_repository(world, arguments), world
    for table, keys in tables.TABLES.items():
        if keys[:1] == ("repository",):
            for record in tables.of_repository(world, table, row["full_name"]):
                after = tables.remove(after, table, record)
    after = tables.remove(after, "repositories", row)
    return applied(world, after, row, target=row["full_name"], url=row["html_url"])


def set_starred(world: World, arguments: Arguments, *, starred: bool) -> Done:
    row = find_repository(world, arguments)
    after = (
        world
        if bool(row.get("starred")) is starred
        else tables.change(world, "repositories", row, starred=starred)
    )
    return applied(world, after, row, target=row["full_name"])
