"""World 0: its layers, and what every delivery of the real data makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness.case.case import Case, CaseTrigger
from routine_harness.case.seed import data_of_records, reseed_world, seed_world
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Binding, Grant, Repository, Routine
from routine_harness.store.cassettes import load_cassette
from routine_harness.store.seeding import recorded_github
from routine_harness.trigger.event import Event, Firing
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall

AT = 1_777_885_200  # 2026-05-04T09:00:00Z
REGISTRY = Registry()
CONNECTORS = {name: connector for name in ("github", "slack", "linear") if (connector := REGISTRY.get(name))}
ROUTINE = Routine(
    name="r",
    prompt="p",
    repositories=(Repository("acme/core", branch="trunk"),),
    connectors=(Grant("slack", (Binding("alerts"),)), Grant("linear", (Binding("board"),))),
)


def firing_of(payload: dict[str, Any], name: str = "pull_request.opened", at: int = AT) -> Firing:
    return Firing(Event("github", name, payload, at))


def case_of(*worlds: dict[str, Any]) -> Case:
    return Case("c", "r", CaseTrigger("github"), worlds=worlds)


def call(world: World, tool: str, **arguments: Any) -> Outcome:
    return CONNECTORS["github"].call(world, ToolCall("github", tool, arguments))


def deliveries(shared_data: Path) -> list[tuple[str, dict[str, Any]]]:
    folder = shared_data / "webhooks"
    found = [(str(file), json.loads(file.read_text())) for file in sorted(folder.glob("pull_request/*.json"))]
    lines = (folder / "mergify.jsonl").read_text().splitlines()
    return found + [(f"mergify:{n}", json.loads(line)["payload"]) for n, line in enumerate(lines, 1)]


def test_every_pull_request_delivery_can_be_read(shared_data: Path) -> None:
    """``pull_request_read`` gives the payload's own title, body, author, branches, draft state and labels."""
    for source, payload in deliveries(shared_data):
        world = seed_world(ROUTINE, firing_of(payload), case_of(), CONNECTORS)
        theirs = payload["pull_request"]
        owner, repo = payload["repository"]["full_name"].split("/")
        where = {"owner": owner, "repo": repo, "pullNumber": theirs["number"]}
        read = call(world, "pull_request_read", method="get", **where).result.json()
        assert read["title"] == theirs["title"], source
        assert read.get("body") == (theirs["body"] or None), source
        assert read["user"]["login"] == theirs["user"]["login"], source
        for side in ("head", "base"):
            assert (read[side]["ref"], read[side]["sha"]) == (theirs[side]["ref"], theirs[side]["sha"]), (
                source
            )
        assert (read["draft"], read["state"]) == (theirs["draft"], theirs["state"]), source
        assert read.get("labels", []) == [label["name"] for label in theirs["labels"]], source
        listed = call(world, "list_pull_requests", owner=owner, repo=repo, state="all").result.json()
        assert [one["number"] for one in listed] == [theirs["number"]], source
        assert call(world, "pull_request_read", method="get_files", **where).incomplete, source


@pytest.mark.parametrize("kind", ["issues", "release"])
def test_every_other_delivery_seeds_a_world(shared_data: Path, kind: str) -> None:
    """Issues and releases can be read as the payload has them, unless the event is that they are gone."""
    for file in sorted((shared_data / "webhooks" / kind).glob("*.json")):
        payload = json.loads(file.read_text())
        world = seed_world(ROUTINE, firing_of(payload, f"{kind}.x"), case_of(), CONNECTORS)
        owner, repo = payload["repository"]["full_name"].split("/")
        gone = payload["action"] in ("deleted", "transferred")
        if kind == "issues":
            number = payload["issue"]["number"]
            read = call(world, "issue_read", method="get", owner=owner, repo=repo, issue_number=number)
            assert read.result.is_error is gone, file
            assert gone or read.result.json()["title"] == payload["issue"]["title"], file
        else:
            tag = payload["release"]["tag_name"]
            read = call(world, "get_release_by_tag", owner=owner, repo=repo, tag=tag)
            assert read.result.is_error is (gone or payload["release"]["draft"]), file


def test_every_delivery_with_its_cassette_is_a_world_to_work_in(shared_data: Path) -> None:
    """A recorded pull request can be read through the tools, commented, reviewed and merged."""
    merged = 0
    for line in (shared_data / "webhooks" / "mergify.jsonl").read_text().splitlines():
        delivery = json.loads(line)
        name = delivery["cassette"].replace("/", ".") + ".yaml"
        recorded = recorded_github(load_cassette(shared_data / "cassettes" / "vcr-mergify" / name))
        payload = delivery["payload"]
        layers = [data_of_records(recorded)]
        world = seed_world(ROUTINE, firing_of(payload), case_of(), CONNECTORS, recorded=layers)
        owner, repo = payload["repository"]["full_name"].split("/")
        pull = payload["pull_request"]
        where = {"owner": owner, "repo": repo, "pullNumber": pull["number"]}
        recorded_files = any(
            table == "github.pull_files" and row["number"] == pull["number"] for table, row in recorded
        )
        for method in ("get", "get_comments", "get_reviews", "get_status", "get_check_runs"):
            assert not call(world, "pull_request_read", method=method, **where).result.is_error, (
                name,
                method,
            )
        for method in ("get_files", "get_diff"):
            read = call(world, "pull_request_read", method=method, **where)
            assert read.result.is_error is not recorded_files, (name, method)
        said = call(
            world, "add_issue_comment", owner=owner, repo=repo, issue_number=pull["number"], body="Hello"
        )
        seen = call(said.world, "pull_request_read", method="get_comments", **where).result.json()
        assert seen[-1]["body"] == "Hello", name
        approved = call(said.world, "pull_request_review_write", method="create", event="APPROVE", **where)
        reviews = call(approved.world, "pull_request_read", method="get_reviews", **where).result.json()
        own = pull["user"]["login"] == call(world, "get_me").result.json()["login"]
        assert approved.result.is_error is own, name  # nobody approves what is their own
        assert own or reviews[-1]["state"] == "APPROVED", name
        done = call(approved.world, "merge_pull_request", **where)
        mergeable = pull["state"] == "open" and not pull["draft"]
        assert done.result.is_error is not mergeable, (name, done.result.text)
        if mergeable:
            read = call(done.world, "pull_request_read", method="get", **where).result.json()
            assert (read["merged"], read["state"]) == (True, "closed"), name
            merged += 1
    assert merged >= 6


PAYLOAD: dict[str, Any] = {
    "action": "opened",
    "repository": {"full_name": "acme/core", "default_branch": "main"},
    "pull_request": {
        "number": 7,
        "title": "Payload",
        "body": None,
        "user": {"login": "alice"},
        "labels": [],
        "head": {"ref": "f", "sha": "a" * 40},
        "base": {"ref": "main", "sha": "b" * 40},
    },
}


def title_of(world: World) -> str:
    row = world.get("github.pulls", ("acme/core", 7))
    assert row is not None
    return str(row["title"])


def layer(title: str) -> dict[str, Any]:
    return {"github": {"pulls": [{"repository": "acme/core", "number": 7, "title": title}]}}


def test_layers_lie_in_the_stated_order() -> None:
    """Recorded reads lie under the payload, the payload under world files, these under inline ones."""
    recorded = (layer("Recorded"),)
    assert (
        title_of(seed_world(ROUTINE, firing_of(PAYLOAD), case_of(), CONNECTORS, recorded=recorded))
        == "Payload"
    )
    worlds = case_of(layer("File"), layer("Inline"))
    assert (
        title_of(seed_world(ROUTINE, firing_of(PAYLOAD), worlds, CONNECTORS, recorded=recorded)) == "Inline"
    )
    bare = firing_of({}, "x")
    assert title_of(seed_world(ROUTINE, bare, case_of(), CONNECTORS, recorded=recorded)) == "Recorded"


def test_bindings_and_repositories_are_there_by_themselves() -> None:
    """``slack:alerts`` makes a channel, ``linear:board`` a team and a project, a repository itself."""
    world = seed_world(ROUTINE, Firing(Event("schedule", "schedule", at=AT)), case_of(), CONNECTORS)
    assert [row["name"] for row in world.table("slack.channels")] == ["alerts"]
    assert "board" in str(list(world.table("linear.projects")))
    assert "board" in str(list(world.table("linear.teams")))
    row = world.get("github.repositories", ("acme/core",))
    assert row is not None
    assert row["default_branch"] == "trunk"


def test_a_world_file_gives_the_channel_its_id() -> None:
    """The channel of a binding and that of a world file are one, with the file's id."""
    slack = {"slack": {"channels": [{"id": "C0REAL00001", "name": "alerts"}]}}
    world = seed_world(ROUTINE, Firing(Event("schedule", "schedule", at=AT)), case_of(slack), CONNECTORS)
    assert [row["id"] for row in world.table("slack.channels")] == ["C0REAL00001"]


def test_the_clock_starts_at_the_firing() -> None:
    """The firing's instant is the world's; a firing without one takes the world file's."""
    clock = {"clock": "2026-01-01T00:00:00Z"}
    assert seed_world(ROUTINE, firing_of(PAYLOAD), case_of(clock), CONNECTORS).clock == AT
    assert seed_world(ROUTINE, firing_of(PAYLOAD, at=0), case_of(clock), CONNECTORS).clock == 1_767_225_600


def test_the_edition_says_what_is_appended() -> None:
    """Footers and trailers of the platform edition are settings of the world, below any world file."""
    edition = load_edition()
    world = seed_world(ROUTINE, firing_of(PAYLOAD), case_of(), CONNECTORS, edition)
    settings = world.get("github.settings", ())
    assert settings is not None
    assert settings["comment_suffix"] == edition.appended_text("comment_suffix")
    silent = case_of({"github": {"settings": {"comment_suffix": ""}}})
    world = seed_world(ROUTINE, firing_of(PAYLOAD), silent, CONNECTORS, edition)
    said = call(world, "add_issue_comment", owner="acme", repo="core", issue_number=7, body="Hi")
    assert said.effects[0].fields["body"] == "Hi"


def test_the_second_run_sees_what_others_did() -> None:
    """Payload and ``meanwhile`` lie over World 1; what run 1 wrote stays."""
    world = seed_world(ROUTINE, firing_of(PAYLOAD), case_of(), CONNECTORS)
    world = call(world, "add_issue_comment", owner="acme", repo="core", issue_number=7, body="Mine").world
    pushed = {**PAYLOAD, "pull_request": {**PAYLOAD["pull_request"], "title": "Retitled"}}
    meanwhile = {
        "github": {
            "comments": [{"repository": "acme/core", "number": 7, "user": "dana", "body": "I'll take it"}]
        }
    }
    later = reseed_world(world, firing_of(pushed, at=AT + 600), meanwhile, CONNECTORS)
    read = call(later, "pull_request_read", method="get_comments", owner="acme", repo="core", pullNumber=7)
    assert [comment["body"] for comment in read.result.json()] == ["Mine", "I'll take it"]
    assert (title_of(later), later.clock) == ("Retitled", AT + 600)


def test_a_payload_that_says_nothing_new_takes_nothing_back() -> None:
    """The same payload again undoes neither what the case's world says nor what run 1 did."""
    first = firing_of(PAYLOAD)
    world = seed_world(ROUTINE, first, case_of(layer("Inline")), CONNECTORS)
    where = {"owner": "acme", "repo": "core"}
    world = call(world, "issue_write", method="update", issue_number=7, labels=["seen"], **where).world
    later = reseed_world(world, firing_of(PAYLOAD, at=AT + 60), {}, CONNECTORS, before=first)
    again = call(later, "issue_write", method="update", issue_number=7, labels=["seen"], **where)
    assert title_of(later) == "Inline"
    assert [effect.outcome for effect in again.effects] == ["unchanged"]

    retitled = {**PAYLOAD, "pull_request": {**PAYLOAD["pull_request"], "title": "Retitled"}}
    later = reseed_world(world, firing_of(retitled, at=AT + 60), {}, CONNECTORS, before=first)
    again = call(later, "issue_write", method="update", issue_number=7, labels=["seen"], **where)
    assert title_of(later) == "Retitled"
    assert [effect.outcome for effect in again.effects] == ["unchanged"]


def test_the_same_inputs_give_the_same_world() -> None:
    """Seeding is a function of its inputs."""
    worlds = [seed_world(ROUTINE, firing_of(PAYLOAD), case_of(layer("X")), CONNECTORS) for _ in range(2)]
    assert worlds[0] == worlds[1]


PATCHED = {
    **PAYLOAD,
    "pull_request": {**PAYLOAD["pull_request"], "head": {"ref": "feature/x", "sha": "1" * 40}},
}
FILES = {
    "github": {
        "repositories": [{"full_name": "acme/core", "default_branch": "main", "files": {"a.txt": "one\n"}}],
        "pulls": [
            {
                "repository": "acme/core", "number": 7, "head": "feature/x", "base": "main",
                "files": [{"filename": "a.txt", "patch": "@@ -1 +1 @@\n-one\n+two"}],
            }
        ],
    }
}  # fmt: skip
ON_TOP = {
    "github": {"branches": [{"repository": "acme/core", "name": "feature/x", "files": {"b.txt": "new\n"}}]}
}
HERE = {"owner": "acme", "repo": "core"}


def test_files_given_to_a_branch_meanwhile_are_a_commit_on_top() -> None:
    """The pull request follows its branch, keeps what it had, and shows the new file beside it."""
    first = firing_of(PATCHED)
    world = seed_world(ROUTINE, first, case_of(FILES), CONNECTORS)
    later = reseed_world(world, firing_of(PATCHED, at=AT + 60), ON_TOP, CONNECTORS, before=first)
    again = reseed_world(world, firing_of(PATCHED, at=AT + 60), ON_TOP, CONNECTORS, before=first)
    assert later == again
    read = call(later, "pull_request_read", method="get", pullNumber=7, **HERE).result.json()
    tip = call(later, "list_commits", sha="feature/x", perPage=1, **HERE).result.json()[0]["sha"]
    assert read["head"]["sha"] == tip != "1" * 40
    files = call(later, "pull_request_read", method="get_files", pullNumber=7, **HERE).result.json()
    assert [file["filename"] for file in files] == ["a.txt", "b.txt"]


def test_a_commit_has_the_id_that_the_second_payload_names() -> None:
    """The head of the second payload is the commit that ``meanwhile`` adds."""
    first = firing_of(PATCHED)
    moved = {**PATCHED["pull_request"], "head": {"ref": "feature/x", "sha": "2" * 40}}
    second = firing_of({**PATCHED, "pull_request": moved}, at=AT + 60)
    world = seed_world(ROUTINE, first, case_of(FILES), CONNECTORS)
    later = reseed_world(world, second, ON_TOP, CONNECTORS, before=first)
    read = call(later, "get_file_contents", path="b.txt", sha="2" * 40, **HERE)
    assert "new" in str(read.result)


def test_a_merge_meanwhile_moves_the_base() -> None:
    """What a pull request that others merged brought is on its base, under the id that is given."""
    first = firing_of(PATCHED)
    world = seed_world(ROUTINE, first, case_of(FILES), CONNECTORS)
    merged = {"repository": "acme/core", "number": 7, "merged": True, "merge_commit_sha": "3" * 40}
    meanwhile = {"github": {"pulls": [{**merged, "merged_by": "dana"}]}}
    later = reseed_world(world, firing_of(PATCHED, at=AT + 60), meanwhile, CONNECTORS, before=first)
    newest = call(later, "list_commits", perPage=1, **HERE).result.json()[0]
    assert (newest["sha"], newest["author"]["login"]) == ("3" * 40, "dana")
    read = call(later, "pull_request_read", method="get", pullNumber=7, **HERE).result.json()
    assert (read["state"], read["merged"]) == ("closed", True)
    assert "two" in str(call(later, "get_file_contents", path="a.txt", **HERE).result)
