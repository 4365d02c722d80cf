"""Sentry's organizations, teams, projects and releases."""

from __future__ import annotations

import re
from collections.abc import Iterable

from routine_harness.plain import Record
from routine_harness.world.sentry.records import (
    ME,
    input_error,
    not_found,
    organization,
    project,
    put,
    seed_record,
)
from routine_harness.world.simulated import Answer, Arguments, Detail
from routine_harness.world.state import World

MOST = 25


def whoami(world: World, arguments: Arguments) -> Answer:
    """Who the current user is."""
    del arguments
    return Answer(world, {"user": dict(ME), "sessionConstraints": None})


def find_organizations(world: World, arguments: Arguments) -> Answer:
    """The organizations of the current user."""
    rows = _matching(world.table("sentry.organizations"), arguments)
    shown = [
        {
            "slug": one["slug"],
            "webUrl": f"https://{one['slug']}.sentry.io",
            "regionUrl": "https://us.sentry.io",
        }
        for one in rows[:MOST]
    ]
    return Answer(world, {"organizations": shown, "hasMore": len(rows) > MOST})


def find_teams(world: World, arguments: Arguments) -> Answer:
    """An organization's teams."""
    return _places(world, arguments, "teams")


def find_projects(world: World, arguments: Arguments) -> Answer:
    """An organization's projects."""
    return _places(world, arguments, "projects")


def find_releases(world: World, arguments: Arguments) -> Answer:
    """An organization's releases, the newest first."""
    owner = organization(world, arguments)
    rows = [
        one
        for one in world.table("sentry.releases")
        if one["organization"] == owner["slug"]
        and (arguments.get("query") or "").lower() in one["version"].lower()
        and arguments.get("projectSlug") in (None, one.get("project"), *one.get("projects", []))
    ]
    rows.sort(key=lambda one: (one["dateCreated"], one["version"]), reverse=True)
    fields = ("version", "dateCreated", "dateReleased")
    releases = [{name: one.get(name) for name in fields} for one in rows[:MOST]]
    return Answer(world, {"releases": releases, "hasMore": len(rows) > MOST})


def get_release_details(world: World, arguments: Arguments) -> Answer:
    """One release."""
    owner = organization(world, arguments)
    found = world.get("sentry.releases", (owner["slug"], arguments["releaseVersion"]))
    if found is None:
        raise not_found(arguments, "organizationSlug", "releaseVersion")
    return Answer(world, found)


def create_team(world: World, arguments: Arguments) -> Answer:
    """A new team."""
    owner = organization(world, arguments)
    slug = _slug(arguments["name"])
    if world.get("sentry.teams", (owner["slug"], slug)) is not None:
        raise input_error("A team with this slug already exists.")
    made = {"organization": owner["slug"], "slug": slug, "name": arguments["name"]}
    world = seed_record(world, "teams", made)
    return Answer(world, {"team": made}, (Detail(slug, {"id": slug}),))


def create_project(world: World, arguments: Arguments) -> Answer:
    """A new project of a team."""
    owner = organization(world, arguments)
    _team(world, owner, arguments)
    slug = arguments.get("slug") or _slug(arguments["name"])
    if world.get("sentry.projects", (owner["slug"], slug)) is not None:
        raise input_error("Another project is already using that slug")
    made = {
        "organization": owner["slug"],
        "slug": slug,
        "name": arguments["name"],
        "platform": arguments.get("platform"),
        "teams": [arguments["teamSlug"]],
    }
    world = seed_record(world, "projects", made)
    return Answer(world, {"project": made}, (Detail(slug, {"id": slug, "team": arguments["teamSlug"]}),))


def update_project(world: World, arguments: Arguments) -> Answer:
    """Change a project's name, slug or platform."""
    before = project(world, arguments)
    given = {name: arguments[name] for name in ("name", "slug", "platform") if arguments.get(name)}
    if not given:
        raise input_error(
            "At least one of `name`, `slug`, or `platform` must be provided to update the project"
        )
    after = {**before, **given}
    if after["slug"] != before["slug"]:
        if world.get("sentry.projects", (before["organization"], after["slug"])) is not None:
            raise input_error("Another project is already using that slug")
        world = world.remove("sentry.projects", (before["organization"], before["slug"]))
        for one in world.table("sentry.issues").find("project", before["slug"]):
            world = put(world, "issues", {**one, "project": after["slug"]})
    world = put(world, "projects", after)
    detail = Detail(after["slug"], {"id": after["slug"], "name": after["name"]}, unchanged=after == before)
    return Answer(world, {"project": after}, (detail,))


def add_team_to_project(world: World, arguments: Arguments) -> Answer:
    """Give a team access to a project."""
    return _with_teams(world, arguments, adding=True)


def remove_team_from_project(world: World, arguments: Arguments) -> Answer:
    """Take a team's access to a project."""
    return _with_teams(world, arguments, adding=False)


def _with_teams(world: World, arguments: Arguments, *, adding: bool) -> Answer:
    place = project(world, arguments)
    _team(world, organization(world, arguments), arguments)
    team = arguments["teamSlug"]
    kept = [one for one in place["teams"] if one != team]
    teams = [*kept, team] if adding else kept
    unchanged = (team in place["teams"]) is adding
    world = world if unchanged else put(world, "projects", {**place, "teams": teams})
    return Answer(
        world, {"project": place["slug"], "teams": teams}, (Detail(place["slug"], unchanged=unchanged),)
    )


def _team(world: World, owner: Record, arguments: Arguments) -> Record:
    found = world.get("sentry.teams", (owner["slug"], arguments["teamSlug"]))
    if found is None:
        raise not_found(arguments, "organizationSlug", "teamSlug")
    return found


def _places(world: World, arguments: Arguments, table: str) -> Answer:
    owner = organization(world, arguments)
    rows = [one for one in world.table(f"sentry.{table}") if one["organization"] == owner["slug"]]
    found = _matching(rows, arguments)
    shown = [
        {name: one[name] for name in ("slug", "name", "platform") if one.get(name)} for one in found[:MOST]
    ]
    return Answer(world, {table: shown, "hasMore": len(found) > MOST})


def _matching(rows: Iterable[Record], arguments: Arguments) -> list[Record]:
    wanted = (arguments.get("query") or "").lower()
    return [one for one in rows if wanted in f"{one['slug']} {one.get('name', '')}".lower()]


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")
    if not slug:
        raise input_error("The name must hold a letter or a digit.")
    return slug
