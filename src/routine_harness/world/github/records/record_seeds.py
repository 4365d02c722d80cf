"""Records of a world file, a payload or a REST response → rows of our tables.

All three spell the same thing in different ways: an author as a login or as an object, a label as
a name or as an object, the files of a pull request inside it or beside it. Rows have one form:
logins, label names and full names are texts, and what hangs on a record has a table of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.record_parts import (
    COUNTED,
    NUMBERED,
    PEOPLE,
    PEOPLE_LISTS,
    TIMES,
    comment_fields,
    file_row,
    label_fields,
    put_commit,
    seed_branch,
    seed_commit,
    seed_job,
    seed_me,
    seed_person,
    seed_row,
    seed_settings,
    seed_tag,
    utc_time,
)
from routine_harness.world.state import World


def seed_record(world: World, table: str, record: Record | str) -> World:
    """``world`` with ``record``, in whatever spelling, merged into ``table``.

    Raises:
        ValueError: it cannot be a record of that table.
    """
    if table not in tables.TABLES:
        raise ValueError(f"there is no table {table!r}")
    if isinstance(record, str):
        record = _from_text(table, record)
    world, record = _plain(world, record)
    seed = _SEEDERS.get(table, seed_row)
    return seed(world, table, record)


def _from_text(table: str, text: str) -> Record:
    if table in ("me", "users"):
        return {"login": text}
    if table == "repositories":
        return {"full_name": text}
    raise ValueError(f"expected a record, found the text {text!r}")


_PEOPLE: Final = frozenset((*PEOPLE, *PEOPLE_LISTS))
_TIMES: Final = frozenset(TIMES)


def _plain(world: World, record: Record) -> tuple[World, Record]:
    """``record`` with names in place of the objects that REST nests, and rows for those objects."""
    plain = dict(record)
    for field in PEOPLE if not _PEOPLE.isdisjoint(record) else ():
        if isinstance(plain.get(field), dict) and "login" in plain[field]:
            world, plain[field] = seed_person(world, plain[field])
    for field in PEOPLE_LISTS if not _PEOPLE.isdisjoint(record) else ():
        people = plain.get(field)
        if isinstance(people, list):
            logins = []
            for one in people:
                world, login = seed_person(world, one)
                logins.append(login)
            plain[field] = logins
    if isinstance(plain.get("repository"), dict):
        world = seed_record(world, "repositories", plain["repository"])
        plain["repository"] = plain["repository"].get("full_name")
    for field in NUMBERED if "number" not in plain else ():
        if "number" not in plain and isinstance(plain.get(field), int):
            plain["number"] = plain.pop(field)
    for field in TIMES if not _TIMES.isdisjoint(record) else ():
        if isinstance(plain.get(field), str):
            plain[field] = utc_time(field, plain[field])
    return world, plain


def _seed_repository(world: World, table: str, record: Record) -> World:
    kept = {k: v for k, v in record.items() if not k.endswith("_url") or k == "html_url"}
    if isinstance(kept.get("license"), dict):
        kept["license"] = kept["license"].get("spdx_id")
    name = kept.get("full_name")
    if not isinstance(name, str) or name.count("/") != 1:
        raise ValueError(f"expected full_name as owner/name, found {name!r}")
    for nested in ("labels", "branches", "collaborators", "milestones", "rulesets", "releases", "tags"):
        listed = kept.pop(nested, None)
        for part in listed if isinstance(listed, list) else ():
            part = (
                part if isinstance(part, dict) else {"login" if nested == "collaborators" else "name": part}
            )
            world = seed_record(world, nested, {"repository": name, **part})
    before = tables.get(world, "repositories", name) or {}
    if isinstance(kept.get("files"), dict) and isinstance(before.get("files"), dict):
        kept["files"] = {**before["files"], **kept["files"]}
    return tables.merge(world, table, kept)


def _seed_thread_item(world: World, table: str, record: Record) -> World:
    """A pull request or an issue, with all that may be nested in one."""
    where = {"repository": record.get("repository"), "number": record.get("number")}
    if not isinstance(where["repository"], str) or type(where["number"]) is not int:
        raise ValueError(f"expected repository and number, found {', '.join(map(str, record)) or 'nothing'}")
    kept = {k: v for k, v in record.items() if not k.endswith("_url") or k == "html_url"}
    kept.pop("_links", None)
    if isinstance(kept.get("pull_request"), dict):
        kept["pull_request"] = True  # a pull request in the words of an issue, which lack its branches
        if tables.get(world, "pulls", where["repository"], where["number"]) is not None:
            table = "pulls"
    world = _seed_labels(world, kept)
    world = _seed_milestone(world, kept)
    if isinstance(kept.get("type"), dict):
        kept["type"] = kept["type"].get("name")
    if table == "pulls":
        world = _seed_branches(world, kept)
    nested = {name: kept.pop(name) for name in _NESTED if isinstance(kept.get(name), list)}
    world = tables.merge(world, table, kept)
    for name, listed in nested.items():
        world = _seed_nested(world, table, where, name, listed)
    return world


_NESTED: Final = {
    "files": "pull_files",
    "commits": "pull_commits",
    "comments": "comments",
    "reviews": "reviews",
    "review_comments": "review_comments",
    "checks": "checks",
    "statuses": "statuses",
}


def _seed_nested(world: World, table: str, where: Record, name: str, listed: list[Json]) -> World:
    count = COUNTED.get(_NESTED[name])
    for part in listed:
        if not isinstance(part, dict):
            raise ValueError(f"expected records in {name}, found {part!r}")
        world = seed_record(world, _NESTED[name], {**where, **part})
    if count and not listed:  # said to be empty, which is not the same as left out
        world = tables.merge(world, table, {**where, count: 0})
    return world


def _seed_labels(world: World, record: Record) -> World:
    labels = record.get("labels")
    if labels is None:
        return world
    if not isinstance(labels, list):
        raise ValueError(f"expected labels as a list, found {labels!r}")
    names = []
    for label in labels:
        name = label.get("name") if isinstance(label, dict) else label
        if not isinstance(name, str):
            raise ValueError(f"expected a label's name, found {label!r}")
        names.append(name)
        row = {
            "repository": record["repository"],
            **(label_fields(label) if isinstance(label, dict) else {"name": name}),
        }
        world = tables.merge(world, "labels", row)
    record["labels"] = names
    return world


def _seed_milestone(world: World, record: Record) -> World:
    milestone = record.get("milestone")
    if isinstance(milestone, dict):
        world, row = _plain(world, {k: v for k, v in milestone.items() if not k.endswith("_url")})
        world = tables.merge(world, "milestones", {**row, "repository": record["repository"]})
        record["milestone"] = milestone.get("number")
    return world


def _seed_branches(world: World, pull: Record) -> World:
    """The names and ids of head and base, and the repositories that they are in."""
    for side in ("head", "base"):
        branch = pull.get(side)
        if not isinstance(branch, dict):
            continue
        pull[side] = branch.get("ref")
        if branch.get("sha"):
            pull[f"{side}_sha"] = branch["sha"]
        repository = branch.get("repo", ...)
        if isinstance(repository, dict):
            world = seed_record(world, "repositories", repository)
            pull[f"{side}_repository"] = repository.get("full_name")
        elif repository is None:
            pull[f"{side}_repository"] = None  # the fork is gone
        elif isinstance(repository, str):
            pull[f"{side}_repository"] = repository
        if pull.get("state") == "open":
            world = _move_branch(world, pull, side)
    return world


def _move_branch(world: World, pull: Record, side: str) -> World:
    """``world`` with a branch where an open pull request says that it is, if it was known elsewhere."""
    repository = pull.get(f"{side}_repository") or pull["repository"]
    branch = tables.get(world, "branches", repository, pull[side])
    if side == "base" or branch is None or not branch.get("sha") or not pull.get(f"{side}_sha"):
        return world  # a pull request keeps the base that it had when it was last pushed to
    return tables.change(world, "branches", branch, sha=pull[f"{side}_sha"])


def remove_record(world: World, table: str, record: Record) -> World:
    """``world`` without a row; what it hung on has one less."""
    world = tables.remove(world, table, record)
    field = COUNTED.get(table, "")
    for parent in ("pulls", "issues") if field else ():
        row = tables.get(world, parent, record.get("repository"), record.get("number"))
        if row is not None and row.get(field):
            world = tables.change(world, parent, row, **{field: int(row[field]) - 1})
    return world


def _seed_counted(world: World, table: str, record: Record) -> World:
    """A row that hangs on a pull request or issue, which then has as many as there are rows."""
    if table == "pull_files":
        record = file_row(record)
    if table == "pull_commits":
        world, record = _commit_of_pull(world, record)
    world = seed_row(world, table, comment_fields(record) if table == "review_comments" else record)
    repository, number = record.get("repository"), record.get("number")
    count = len(tables.rows(world, table, "number", number, repository))
    for parent in ("pulls", "issues") if table == "comments" else ("pulls",):
        row = tables.get(world, parent, repository, number)
        if row is not None:
            world = tables.change(world, parent, row, **{COUNTED[table]: count})
    return world


def _commit_of_pull(world: World, record: Record) -> tuple[World, Record]:
    link = {k: record.get(k) for k in ("repository", "number")}
    world, sha = put_commit(world, {k: v for k, v in record.items() if k != "number"})
    return world, {**link, "sha": sha}


def _seed_run(world: World, table: str, record: Record) -> World:
    """A workflow run, the workflow that it is a run of, and its jobs."""
    kept = {k: v for k, v in record.items() if not k.endswith("_url") or k == "html_url"}
    repository = kept.get("repository")
    for dropped in ("head_repository", "head_commit"):
        if isinstance(kept.get(dropped), dict):
            kept[dropped] = kept[dropped].get("full_name") or kept[dropped].get("message")
    if isinstance(kept.get("pull_requests"), list):
        kept["pull_requests"] = [p["number"] if isinstance(p, dict) else p for p in kept["pull_requests"]]
    if kept.get("id") is None:
        world, kept["id"] = tables.next_id(world)
    jobs = kept.pop("jobs", None)
    world = seed_row(world, table, kept)
    for job in jobs if isinstance(jobs, list) else ():
        world = seed_record(world, "jobs", {"repository": repository, "run_id": kept["id"], **job})
    return world


def _seed_release(world: World, table: str, record: Record) -> World:
    kept = {k: v for k, v in record.items() if not k.endswith("_url") or k == "html_url"}
    there = tables.get(world, table, kept.get("repository"), kept.get("id"))
    if not kept.get("tag_name") and there is None:
        raise ValueError("expected the field tag_name")
    if kept.get("id") is None:
        known = tables.rows(world, table, "tag_name", kept["tag_name"], kept.get("repository"))
        kept |= {"id": known[0]["id"]} if known else {}
    assets = []
    for asset in kept.get("assets") or ():
        world, plain = _plain(world, {"name": asset} if isinstance(asset, str) else asset)
        assets.append({k: v for k, v in plain.items() if k != "url"})
    if "assets" in kept:
        kept["assets"] = assets
    return seed_row(world, table, kept)


def _seed_file(world: World, table: str, record: Record) -> World:
    """A file of a recording; one that a listing knows by name alone keeps the content that is known."""
    key = (record.get("repository"), record.get("ref"), record.get("path"))
    held = (tables.get(world, table, *key) or {}).get("content")
    if is_content(held) and not is_content(record.get("content")) and record.get("content") is not None:
        return world
    return seed_row(world, table, record)


def is_content(content: Json) -> bool:
    """Whether what is known of a file is its content, not its name alone."""
    known = isinstance(content, dict) and bool({"base64", "entries"} & content.keys())
    return isinstance(content, str) or known


_SEEDERS: Final[dict[str, Callable[[World, str, Record], World]]] = {
    "me": seed_me,
    "settings": seed_settings,
    "repositories": _seed_repository,
    "pulls": _seed_thread_item,
    "issues": _seed_thread_item,
    "pull_files": _seed_counted,
    "pull_commits": _seed_counted,
    "comments": _seed_counted,
    "review_comments": _seed_counted,
    "commits": seed_commit,
    "files": _seed_file,
    "branches": seed_branch,
    "tags": seed_tag,
    "workflow_runs": _seed_run,
    "jobs": seed_job,
    "releases": _seed_release,
}
