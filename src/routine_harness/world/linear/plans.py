"""Linear's projects, milestones and cycles."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.linear import lookup, records
from routine_harness.world.linear.lists import fits_age, has_words, listing
from routine_harness.world.linear.lookup import PRIORITIES, find_project, missing, refuse
from routine_harness.world.linear.records import new_id, put, stamped
from routine_harness.world.simulated import Answer, Arguments, Detail
from routine_harness.world.state import World
from routine_harness.world.times import iso_millis, parse_instant

_PROJECT_STATES: Final = ("Backlog", "Planned", "In Progress", "Completed", "Canceled")


def list_projects(world: World, arguments: Arguments) -> Answer:
    """Projects that fit every filter."""
    tests = fits_age(world, arguments)
    team = lookup.team(world, arguments["team"])["name"] if arguments.get("team") else None
    member = lookup.user(world, arguments["member"]) if arguments.get("member") else None
    state = arguments.get("state", "").lower()
    rows = [
        one
        for one in world.table("linear.projects")
        if has_words(arguments.get("query"), one["name"], one.get("summary"))
        and (team is None or team in one["teams"])
        and (not state or state == one["status"].lower())
        and (member is None or member["name"] in (one["lead"], *one.get("members", [])))
        and (not arguments.get("label") or arguments["label"] in one["labels"])
        and (not arguments.get("initiative") or arguments["initiative"] in one.get("initiatives", []))
        and (arguments.get("includeArchived") or not one.get("archivedAt"))
        and all(test(one) for test in tests)
    ]
    rows.sort(key=lambda one: one[arguments.get("orderBy", "updatedAt")], reverse=True)
    return listing(world, "projects", rows, arguments, lambda one: _shown(world, one, arguments))


def get_project(world: World, arguments: Arguments) -> Answer:
    """One project by name, id or slug."""
    return Answer(world, _shown(world, lookup.project(world, arguments["query"]), arguments))


def save_project(world: World, arguments: Arguments) -> Answer:
    """Create a project, or update the one whose id is given."""
    if arguments.get("id"):
        before = lookup.project(world, arguments["id"])
        if arguments.get("name", before["name"]) != before["name"]:
            return _renamed(world, before, arguments)
        name = before["name"]
    else:
        name = arguments.get("name", "").strip()
        teams = arguments.get("addTeams") or arguments.get("setTeams")
        if not name or not teams:
            raise refuse("name and at least one team are required when creating a project")
        if find_project(world, name) is not None:
            # Linear allows a second project of one name; our rows are told apart by a number.
            name = next(
                free for n in range(2, 10_000) if find_project(world, free := f"{name} ({n})") is None
            )
        before = {}
    changes = _changes(world, before, arguments)
    made = records.put_project(world, {"name": name, **changes})
    after = made.get("linear.projects", (name,)) or {}
    unchanged = after == before
    if not unchanged and before:
        made = put(made, "projects", {"name": name, "updatedAt": iso_millis(world.clock)})
        after = made.get("linear.projects", (name,)) or {}
    return Answer(made, _shown(made, after, {}), (_detail(after, unchanged=unchanged),))


def list_project_labels(world: World, arguments: Arguments) -> Answer:
    """The labels that projects carry."""
    names = sorted({label for one in world.table("linear.projects") for label in one["labels"]})
    rows = [{"id": name, "name": name} for name in names if has_words(arguments.get("name"), name)]
    return listing(world, "labels", rows, arguments, dict)


def list_milestones(world: World, arguments: Arguments) -> Answer:
    """A project's milestones."""
    place = lookup.project(world, arguments["project"])
    found = world.table("linear.milestones").find("project", place["name"])
    return Answer(world, {"milestones": [_milestone(one) for one in found]})


def get_milestone(world: World, arguments: Arguments) -> Answer:
    """One milestone of a project by name or id."""
    return Answer(world, _milestone(_find_milestone(world, arguments["project"], arguments["query"])))


def save_milestone(world: World, arguments: Arguments) -> Answer:
    """Create a milestone, or update the one whose id is given."""
    place = lookup.project(world, arguments["project"])
    given: Record = {
        name: arguments[name] for name in ("name", "description", "targetDate") if name in arguments
    }
    if arguments.get("id"):
        before = _find_milestone(world, place["name"], arguments["id"])
        world = world.remove("linear.milestones", (before["project"], before["name"]))
        record = {**before, **given}
    else:
        if not given.get("name", "").strip():
            raise refuse("name is required when creating a milestone")
        if world.get("linear.milestones", (place["name"], given["name"])) is not None:
            raise refuse("A milestone with this name already exists in the project.")
        world, made = new_id(world, "milestones")
        before = {}
        default = {
            "id": made,
            "project": place["name"],
            "description": "",
            "targetDate": None,
            **stamped(world),
        }
        record = {**default, **given}
    unchanged = record == before
    if not unchanged and before:
        record["updatedAt"] = iso_millis(world.clock)
    world = put(world, "milestones", record)
    fields = {name: record.get(name) for name in ("id", "name", "description", "project")}
    detail = Detail(record["name"], {**fields, "title": record["name"]}, unchanged=unchanged)
    return Answer(world, _milestone(record), (detail,))


def list_cycles(world: World, arguments: Arguments) -> Answer:
    """A team's cycles; the current, previous or next one where asked for."""
    team = lookup.team(world, arguments["teamId"])
    rows = sorted(world.table("linear.cycles").find("team", team["name"]), key=lambda one: int(one["number"]))
    kind = arguments.get("type")
    shown = [one for one in rows if kind is None or _when(world, one) == kind]
    if kind == "previous":
        shown = shown[-1:]
    elif kind == "next":
        shown = shown[:1]
    return Answer(world, [_cycle(world, one) for one in shown])


def _when(world: World, cycle: Record) -> str:
    if parse_instant(cycle["endsAt"]) <= world.clock:
        return "previous"
    return "next" if parse_instant(cycle["startsAt"]) > world.clock else "current"


def _changes(world: World, before: Record, arguments: Arguments) -> Record:
    changes: Record = {
        name: arguments[name]
        for name in ("summary", "description", "startDate", "targetDate", "color", "icon", "labels")
        if name in arguments
    }
    if "lead" in arguments:
        changes["lead"] = lookup.user(world, arguments["lead"])["name"] if arguments["lead"] else None
    if arguments.get("state"):
        state = next((one for one in _PROJECT_STATES if one.lower() == arguments["state"].lower()), None)
        if state is None:
            raise missing("ProjectStatus")
        changes["status"] = state
    if "priority" in arguments:
        value = int(arguments["priority"])
        changes["priority"] = {"value": value, "name": PRIORITIES[str(value)]}
    teams = list(before.get("teams", []))
    if "setTeams" in arguments:
        teams = [lookup.team(world, one)["name"] for one in arguments["setTeams"]]
    teams += [lookup.team(world, one)["name"] for one in arguments.get("addTeams", [])]
    gone = {lookup.team(world, one)["name"] for one in arguments.get("removeTeams", [])}
    changes["teams"] = [one for one in dict.fromkeys(teams) if one not in gone]
    if arguments.get("addInitiatives"):
        changes["initiatives"] = list(
            dict.fromkeys([*before.get("initiatives", []), *arguments["addInitiatives"]])
        )
    return changes


def _renamed(world: World, before: Record, arguments: Arguments) -> Answer:
    """A project under another name: what names it follows."""
    name = arguments["name"]
    if find_project(world, name) is not None:
        raise refuse("A project with this name already exists.")
    after = {
        **before,
        **_changes(world, before, arguments),
        "name": name,
        "updatedAt": iso_millis(world.clock),
    }
    world = put(world.remove("linear.projects", (before["name"],)), "projects", after)
    for issue in world.table("linear.issues").find("project", before["name"]):
        world = put(world, "issues", {**issue, "project": name})
    for milestone in world.table("linear.milestones").find("project", before["name"]):
        world = world.remove("linear.milestones", (before["name"], milestone["name"]))
        world = put(world, "milestones", {**milestone, "project": name})
    return Answer(world, _shown(world, after, {}), (_detail(after, unchanged=False),))


def _find_milestone(world: World, project: str, said: str) -> Record:
    place = lookup.project(world, project)
    for one in world.table("linear.milestones").find("project", place["name"]):
        if said in (one["id"], one["name"]):
            return one
    raise missing("ProjectMilestone")


def _shown(world: World, project: Record, arguments: Arguments) -> Record:
    answer = {name: value for name, value in project.items() if name not in ("teams", "members", "lead")}
    answer["teams"] = [
        {"id": team["id"], "name": team["name"], "key": team["key"]}
        for name in project["teams"]
        if (team := lookup.find_team(world, name)) is not None
    ]
    lead = lookup.find_user(world, project["lead"]) if project["lead"] else None
    answer["lead"] = {"id": lead["id"], "name": lead["name"]} if lead else None
    if arguments.get("includeMilestones"):
        found = world.table("linear.milestones").find("project", project["name"])
        answer["milestones"] = [_milestone(one) for one in found]
    if arguments.get("includeMembers"):
        answer["members"] = list(project.get("members", []))
    return answer


def _detail(project: Record, *, unchanged: bool) -> Detail:
    fields = {
        "id": project["id"],
        "url": project["url"],
        "name": project["name"],
        "title": project["name"],
        "state": project["status"],
        "lead": project["lead"],
    }
    return Detail(project["name"], fields, unchanged=unchanged)


def _milestone(record: Record) -> Record:
    return {name: record.get(name) for name in ("id", "name", "description", "targetDate")}


def _cycle(world: World, record: Record) -> Record:
    return {
        "id": record["id"],
        "number": record["number"],
        "name": record.get("name"),
        "startsAt": record["startsAt"],
        "endsAt": record["endsAt"],
        "isActive": _when(world, record) == "current",
    }
