"""Records that need nothing but themselves: branches, tags, jobs, who the agent is."""

from __future__ import annotations

from routine_harness.world.github import tables
from routine_harness.world.github.fields import rows_of
from routine_harness.world.github.record_parts import put_commit, seed_person
from routine_harness.world.state import Record, World


def seed_row(world: World, table: str, record: Record) -> World:
    if "id" in tables.TABLES[table] and record.get("id") is None:
        world, number = tables.next_id(world)
        record = {**record, "id": number}
    return tables.merge(world, table, record)


def seed_commit(world: World, _: str, record: Record) -> World:
    return put_commit(world, record)[0]


def seed_branch(world: World, table: str, record: Record) -> World:
    known = ("repository", "base", "files", *rows_of("branch"))
    kept = {name: value for name, value in record.items() if name in known}
    commit = record.get("commit")
    if isinstance(commit, dict):
        kept["sha"] = commit.get("sha")
        if "commit" in commit:
            world, _ = put_commit(world, {"repository": record.get("repository"), **commit})
    return tables.merge(world, table, kept)


def seed_tag(world: World, table: str, record: Record) -> World:
    kept = {k: v for k, v in record.items() if not k.endswith("_url") and k != "commit"}
    if isinstance(record.get("commit"), dict):
        kept["sha"] = record["commit"].get("sha")
    return tables.merge(world, table, kept)


def seed_job(world: World, table: str, record: Record) -> World:
    kept = {k: v for k, v in record.items() if not k.endswith("_url") or k == "html_url"}
    if "log" in kept:
        kept["logs"] = kept.pop("log")
    return seed_row(world, table, kept)


def seed_me(world: World, table: str, record: Record) -> World:
    world, login = seed_person(world, record)
    return tables.put(world, table, {"login": login})


def seed_settings(world: World, table: str, record: Record) -> World:
    return tables.merge(world, table, record)
