"""Sentry's tables: organizations, projects, issues, events and what surrounds them."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.plain import Record
from routine_harness.routine.spec import Binding
from routine_harness.world.identifiers import hex_of
from routine_harness.world.service import Service
from routine_harness.world.simulated import Refused
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis

SERVICE: Final = Service("sentry")
put, new_id = SERVICE.put, SERVICE.new_id
ME: Final[Record] = {"id": "1000001", "name": "Routine Owner", "email": "routine-owner@example.com"}
ORGANIZATION: Final = "workspace"


def seed_record(world: World, table: str, record: Record) -> World:
    """A record of a world file, merged in; ValueError where it makes no sense."""
    given = SERVICE.dated(record)
    if table == "issues":
        return _seed_issue(world, given)
    if table in ("teams", "projects"):
        return _seed_place(world, table, given)
    if table == "releases":
        given.setdefault("organization", only_organization(world))
        given.setdefault("dateCreated", iso_millis(world.clock))
    if table == "events":
        return _seed_event(world, given)
    world, given = SERVICE.identified(world, table, given)
    if table == "organizations":
        given.setdefault("name", given["slug"])
    return put(world, table, given)


def seed_binding(world: World, binding: Binding) -> World:
    """``sentry:X`` makes a project X in the organization that is there, or in one made for it."""
    return _seed_place(world, "projects", {"slug": binding.name, "name": binding.name})


def only_organization(world: World) -> str:
    """The slug of the organization that a record without one belongs to."""
    found = next(iter(world.table("sentry.organizations")), None)
    return str(found["slug"]) if found else ORGANIZATION


def organization(world: World, arguments: Record) -> Record:
    """The organization that the arguments name, or the service's refusal."""
    found = world.get("sentry.organizations", (arguments["organizationSlug"],))
    if found is None:
        raise not_found(arguments, "organizationSlug")
    return found


def project(world: World, arguments: Record, name: str = "projectSlug") -> Record:
    """The project that the arguments name, or the service's refusal."""
    owner = organization(world, arguments)
    found = world.get("sentry.projects", (owner["slug"], arguments[name]))
    if found is None:
        raise not_found(arguments, "organizationSlug", name)
    return found


def issue(world: World, arguments: Record) -> Record:
    """The issue that id or address name, or the service's refusal."""
    url = arguments.get("issueUrl")
    said = arguments.get("issueId")
    if url:
        match = re.search(r"/issues/([\w-]+)", url)
        if match is None:
            raise input_error("Invalid Sentry issue URL. Must be a valid URL.")
        said = match[1]
    elif not said:
        raise input_error("Either `issueId` or `issueUrl` must be provided")
    elif not arguments.get("organizationSlug"):
        raise input_error("`organizationSlug` is required when providing `issueId`")
    found = world.get("sentry.issues", (str(said).upper(),))
    if found is None:
        found = next((one for one in world.table("sentry.issues") if one["id"] == str(said)), None)
    if found is None or (arguments.get("organizationSlug") or found["organization"]) != found["organization"]:
        raise not_found(arguments, "organizationSlug", "issueId", "issueUrl")
    return found


def input_error(message: str) -> Refused:
    """How the server says that the input is at fault."""
    return Refused(
        "**Input Error**\n\nIt looks like there was a problem with the input you provided.\n\n"
        f"{message}\n\nYou may be able to resolve the issue by addressing the concern and trying again."
    )


def not_found(arguments: Record, *names: str) -> Refused:
    """How the server says that something is not there."""
    listed = "\n".join(f"  - {name}: '{arguments[name]}'" for name in names if arguments.get(name))
    return input_error(
        f"Resource not found (404): Not Found\nPlease verify these parameters are correct:\n{listed}"
    )


def issue_url(record: Record) -> str:
    """Where people open an issue."""
    return f"https://{record['organization']}.sentry.io/issues/{record['shortId']}"


def _seed_place(world: World, table: str, given: Record) -> World:
    slug = given.get("slug") or re.sub(r"[^a-z0-9_-]+", "-", str(given.get("name", "")).lower()).strip("-")
    if not slug:
        raise ValueError(f"expected {table} with a slug or a name")
    owner = given.get("organization") or only_organization(world)
    world = put(world, "organizations", {"slug": owner}, {"name": owner})
    default: Record = {"name": slug, "id": str(int(hex_of(table, owner, slug, length=8), 16))}
    if table == "projects":
        default.update({"platform": None, "teams": []})
    return put(world, table, {**given, "organization": owner, "slug": slug}, default)


def _seed_issue(world: World, given: Record) -> World:
    name = str(given.get("project") or "")
    short = str(given.get("shortId") or given.get("id") or "").upper()
    if not name and "-" in short:
        name = short.rpartition("-")[0].lower()
    if not name:
        raise ValueError("expected an issue with a project")
    world = _seed_place(
        world,
        "projects",
        {"slug": name, **({"organization": given["organization"]} if "organization" in given else {})},
    )
    owner = given.get("organization") or only_organization(world)
    if "-" not in short:
        world, number = new_id(world, f"issues.{name}")
        short = f"{name.upper()}-{number}"
    if world.get("sentry.issues", (short,)) is None and "title" not in given:
        raise ValueError("expected an issue with a title")
    default: Record = {
        "id": str(int(hex_of("issue", short, length=8), 16)),
        "title": given.get("title"),
        "culprit": "",
        "status": "unresolved",
        "substatus": "ongoing",
        "assignedTo": None,
        "level": "error",
        "issueType": "error",
        "issueCategory": "error",
        "platform": "other",
        "firstSeen": iso_millis(world.clock),
        "lastSeen": iso_millis(world.clock),
        "count": 1,
        "userCount": 0,
        "tags": {},
    }
    fixed = {"shortId": short, "project": name, "organization": owner}
    return put(
        world,
        "issues",
        {**{k: v for k, v in given.items() if k != "id" or "-" not in str(v)}, **fixed},
        default,
    )


def _seed_event(world: World, given: Record) -> World:
    if "issue" not in given:
        raise ValueError("expected an event with an issue")
    given["issue"] = str(given["issue"]).upper()
    found = world.get("sentry.issues", (given["issue"],))
    if found is None:
        raise ValueError(f"expected an event of an issue that is there, found {given['issue']}")
    if "id" not in given:
        world, number = new_id(world, "events")
        given["id"] = hex_of("event", given["issue"], number)
    default: Record = {
        "title": found["title"],
        "timestamp": found["lastSeen"],
        "tags": {},
        "stacktrace": [],
    }
    return put(world, "events", given, default)
