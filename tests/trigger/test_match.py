"""Events against triggers, clause by clause."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.triggers import clause, github, routine

from routine_harness.errors import SpecError
from routine_harness.routine.edition import EDITIONS, load_edition
from routine_harness.routine.glob import compile_glob, match_globs
from routine_harness.routine.spec import ApiTrigger, GithubTrigger, Repository, Routine, ScheduleTrigger
from routine_harness.trigger.arrivals import parse_arrival
from routine_harness.trigger.event import Event
from routine_harness.trigger.facts import Facts, event_of
from routine_harness.trigger.match import (
    Fired,
    Skipped,
    Undecided,
    match_record,
    match_routine,
    match_trigger,
)

OCTOBER = load_edition("2026-10")


def _outcome(trigger: GithubTrigger, facts: Facts, **settings: Any) -> str:
    return match_trigger(trigger, event_of(facts), load_edition("2026-10", {"settings": settings})).outcome


OPENED = Facts("pull_request.opened", title="Fix the login", labels=("bug", "security"), author="alice")


@pytest.mark.parametrize(
    ("filters", "outcome"),
    [
        ([clause("author", "equals", "alice")], "fired"),
        ([clause("author", "is_not_one_of", ["alice"])], "skipped"),
        ([clause("title", "contains", "login")], "fired"),
        ([clause("title", "starts_with", "fix")], "skipped"),
        ([clause("title", "matches_regex", "Fix")], "skipped"),
        ([clause("title", "matches_regex", "Fix.*")], "fired"),
        ([clause("labels", "contains", "bug")], "fired"),
        ([clause("labels", "contains", "bu")], "skipped"),
        ([clause("labels", "starts_with", "sec")], "fired"),
        ([clause("labels", "is_not_one_of", ["wip"])], "fired"),
        ([clause("labels", "is_not_one_of", ["wip", "bug"])], "skipped"),
        ([clause("is_draft", "equals", False)], "fired"),
        ([clause("is_merged", "equals", True)], "skipped"),
        ([clause("from_fork", "equals", False)], "fired"),
        (
            [clause("head_branch", "starts_with", "feature/"), clause("base_branch", "equals", "main")],
            "fired",
        ),
        (
            [clause("head_branch", "starts_with", "feature/"), clause("base_branch", "equals", "dev")],
            "skipped",
        ),
    ],
)
def test_every_field_and_operator(filters: list[Any], outcome: str) -> None:
    """Filters are ANDed, regular expressions match the whole value, lists match by any element."""
    assert _outcome(github(*filters), OPENED) == outcome


def test_a_field_that_the_event_does_not_carry_is_undecided_but_a_failed_clause_still_skips() -> None:
    """Since October 2025 archives lack title and author: the answer is unknown, not no."""
    line = {
        "id": "1",
        "type": "PullRequestEvent",
        "repo": {"id": 1, "name": "acme/core"},
        "payload": {"action": "opened", "number": 1, "pull_request": {"base": {"ref": "main"}, "number": 1}},
        "created_at": "2025-10-10T00:00:00Z",
    }
    event = parse_arrival(json.dumps(line).encode(), "archive:1")
    undecided = match_trigger(github(clause("title", "contains", "x")), event, OCTOBER)
    assert isinstance(undecided, Undecided)
    assert undecided.reason == "title is not in the event, wanted x in it"
    both = github(clause("title", "contains", "x"), branches=("dev",))
    assert isinstance(match_trigger(both, event, OCTOBER), Skipped)


@pytest.mark.parametrize(("action", "outcome"), [("merged", "fired"), ("closed", "skipped")])
def test_an_archive_that_says_merged_means_a_pull_request_closed_by_merging(
    action: str, outcome: str
) -> None:
    """The slim schema tells by its action what the webhook tells by ``merged``."""
    line = {
        "type": "PullRequestEvent",
        "repo": {"id": 1, "name": "acme/core"},
        "payload": {"action": action, "pull_request": {"number": 1}},
    }
    event = parse_arrival(json.dumps(line).encode(), "archive:1")
    trigger = github(clause("is_merged", "equals", True), events=("pull_request.closed",))
    assert (event.name, match_trigger(trigger, event, OCTOBER).outcome) == ("pull_request.closed", outcome)


def test_undocumented_points_are_settings_and_the_match_says_when_it_depends_on_one() -> None:
    """Another answer to an open question would change the outcome: its name is in ``depends_on``."""
    case = match_trigger(github(clause("title", "starts_with", "fix")), event_of(OPENED), OCTOBER)
    assert (case.outcome, case.depends_on) == ("skipped", ("case_sensitive",))
    empty = Facts("pull_request.opened", body=None)
    pattern = github(clause("body", "matches_regex", ".*"))
    found = match_trigger(pattern, event_of(empty), OCTOBER)
    assert (found.outcome, found.depends_on) == ("fired", ("empty_value",))
    assert _outcome(pattern, empty, empty_value="undecided") == "undecided"
    assert _outcome(pattern, empty, empty_value="no_match") == "skipped"
    labels = github(clause("labels", "is_one_of", ["bug"]))
    assert match_trigger(labels, event_of(OPENED), OCTOBER).depends_on == ("label_operators",)
    assert _outcome(labels, OPENED, label_operators="all") == "skipped"
    stated = load_edition("2026-10", {"settings": {"case_sensitive": True}})
    assert not match_trigger(
        github(clause("title", "starts_with", "fix")), event_of(OPENED), stated
    ).depends_on


def test_filters_on_issues_and_releases_are_an_assumption_and_told_as_one() -> None:
    """Filters are documented for pull requests alone: an issue that one skips may fire after all."""
    issue = Facts("issues.opened", labels=("question",))
    filtered = github(clause("labels", "contains", "bug"), events=("issues.opened",), branches=("main",))
    match = match_trigger(filtered, event_of(issue), OCTOBER)
    assert (match.outcome, match.depends_on) == ("skipped", ("filters_elsewhere",))
    ignored = load_edition("2026-10", {"settings": {"filters_elsewhere": "ignored"}})
    fired = match_trigger(filtered, event_of(issue), ignored)
    assert (fired.outcome, [each.actual for each in fired.clauses[1:]]) == ("fired", [None, None])
    assert [str(each).endswith("ignored on this kind of event") for each in fired.clauses[1:]] == [True] * 2
    pulls = github(clause("labels", "contains", "nothing"))
    assert match_trigger(pulls, event_of(OPENED), ignored).outcome == "skipped"
    assert match_trigger(pulls, event_of(OPENED), OCTOBER).depends_on == ()


def test_only_events_that_the_platform_sends_fire() -> None:
    """A bare category and a misspelt action are accepted by the platform and never fire."""
    for name in ("pull_request", "pull_request.synchronized", "push"):
        event = Event("github", name, event_of(OPENED).payload)
        assert match_trigger(github(events=(name,)), event, OCTOBER).outcome == "skipped"
    assert _outcome(github(events=("pull_request",)), OPENED, bare_event_fires=True) == "fired"


def test_only_the_routines_own_repositories_reach_its_triggers() -> None:
    """The repository is a clause like any other; a trigger may narrow it down further."""
    own = routine(github(), repositories=(Repository("acme/other"),))
    [match] = match_routine(own, event_of(OPENED), OCTOBER)
    assert (match.outcome, match.clauses[1].field) == ("skipped", "repository")
    [widened] = match_routine(own, event_of(OPENED), OCTOBER.with_setting("repository_scope", "any"))
    assert widened.outcome == "fired"
    same = routine(github(), repositories=(Repository("Acme/Core"),))
    assert isinstance(match_routine(same, event_of(OPENED), OCTOBER)[0], Fired)


def test_a_paused_routine_keeps_its_github_triggers_but_neither_schedule_nor_api() -> None:
    """Pausing stops the schedule and makes fire requests fail; a manual start always works."""
    paused = Routine(
        name="x",
        prompt="x",
        enabled=False,
        triggers=(github(), ScheduleTrigger(cron="7 9 * * *"), ApiTrigger()),
    )
    outcomes = {
        kind: [match.outcome for match in match_routine(paused, Event(kind, kind), OCTOBER)]
        for kind in ("schedule", "api", "manual")
    }
    assert outcomes == {"schedule": ["skipped"] * 3, "api": ["skipped"] * 3, "manual": ["fired"]}
    assert match_routine(paused, event_of(OPENED), OCTOBER)[0].outcome == "fired"


def test_a_fire_text_that_is_too_long_is_refused() -> None:
    """The endpoint takes 65,536 characters."""
    texts = ("x" * 65536, "x" * 65537)
    outcomes = [match_trigger(ApiTrigger(), Event("api", "api", {"text": t}), OCTOBER).outcome for t in texts]
    assert outcomes == ["fired", "skipped"]


def test_a_payload_that_no_webhook_looks_like_is_the_callers_error() -> None:
    """A title that is a number is named with its path."""
    event = Event("github", "pull_request.opened", {"pull_request": {"title": 5}}, source="x.json")
    with pytest.raises(SpecError, match="title"):
        match_trigger(github(), event, OCTOBER)


def test_a_record_has_the_keys_that_are_promised() -> None:
    """``fires --json`` prints event, source, routine, trigger, outcome and the clauses."""
    match = match_trigger(github(clause("title", "contains", "zz")), event_of(OPENED), OCTOBER, index=0)
    record = match_record(match, "triage")
    assert record["clauses"][1] == {
        "field": "title",
        "operator": "contains",
        "expected": "zz",
        "actual": "Fix the login",
        "matches": False,
    }
    assert {"event", "source", "routine", "trigger", "outcome"} <= set(record)
    assert msgspec.json.decode(msgspec.json.encode(record)) == record


@pytest.mark.parametrize(
    ("globs", "matching", "other"),
    [
        (("release/*",), "release/1", "release/1/2"),
        (("release/**",), "release/1/2", "main"),
        (("*",), "main", "feature/x"),
        (("**",), "feature/x", ""),
        (("v[12].[0-9]+.x",), "v1.10.x", "v3.1.x"),
        (("releases?/1",), "release/1", "releasess/1"),
        (("release/**", "!release/**-alpha"), "release/1", "release/1-alpha"),
        (("a.b",), "a.b", "axb"),
        ((r"\*",), "*", "x"),
    ],
)
def test_branch_globs_are_githubs(globs: tuple[str, ...], matching: str, other: str) -> None:
    """``*`` stops at a slash, ``**`` does not, ``?`` and ``+`` repeat, ``!`` takes back."""
    assert match_globs(globs, matching)
    assert not other or not match_globs(globs, other)


@pytest.mark.parametrize("pattern", ["", "[x", "+a", "a++", "x\\", "[z-a]"])
def test_a_malformed_glob_is_refused(pattern: str) -> None:
    """Each says what is wrong with it."""
    with pytest.raises(ValueError, match=r"branch pattern|has|ends"):
        compile_glob(pattern)


def test_a_catastrophic_pattern_is_matched_in_linear_time() -> None:
    """RE2 has no backtracking: ``(a+)+$`` on a long title is decided at once."""
    facts = Facts("pull_request.opened", title="a" * 5000 + "!")
    assert _outcome(github(clause("title", "matches_regex", "(a+)+$")), facts) == "skipped"


EIGHT = {
    "opened": github(),
    "master": github(branches=("master",), events=("pull_request.opened", "pull_request.closed")),
    "drafts": github(clause("is_draft", "equals", True), events=("pull_request.converted_to_draft",)),
    "merged": github(clause("is_merged", "equals", True), events=("pull_request.closed",)),
    "labelled": github(clause("labels", "contains", "bug"), events=("pull_request.labeled",)),
    "no-body": github(clause("body", "equals", "")),
    "releases": github(events=("release.published", "release.prereleased")),
    "issues": github(clause("title", "contains", "Spelling"), events=("issues.opened", "issues.labeled")),
}
EXPECTED = {
    "opened": {"pull_request/opened.payload.json", "pull_request/opened.with-null-body.json"},
    "master": {
        "pull_request/opened.payload.json",
        "pull_request/opened.with-null-body.json",
        "pull_request/closed.payload.json",
    },
    "drafts": {"pull_request/converted_to_draft.payload.json"},
    "merged": set(),
    "labelled": {"pull_request/labeled.payload.json"},
    "no-body": {"pull_request/opened.with-null-body.json"},
    "releases": {"release/published.payload.json", "release/prereleased.payload.json"},
    "issues": {"issues/opened.payload.json", "issues/labeled.payload.json"},
}


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_recorded_webhooks_fire_what_they_should(shared_data: Path, edition: str) -> None:
    """Every recorded delivery against eight triggers gives the table of expected outcomes."""
    folder = shared_data / "webhooks"
    files = sorted(folder.glob("*/*.json"))
    rules = load_edition(edition)
    fired: dict[str, set[str]] = {name: set() for name in EIGHT}
    for file in files:
        event = parse_arrival(file.read_bytes(), str(file))
        for name, trigger in EIGHT.items():
            match = match_trigger(trigger, event, rules)
            assert match.outcome != "undecided"
            if isinstance(match, Fired):
                fired[name].add(str(file.relative_to(folder)))
    assert fired == EXPECTED


def test_a_paused_routine_says_that_an_event_starts_it_even_so() -> None:
    """Pausing stops schedules and fire requests in this edition; the match tells that of a GitHub event."""
    trigger = GithubTrigger(("pull_request.opened",))
    for enabled in (True, False):
        routine = Routine("r", "p", enabled=enabled, triggers=(trigger,))
        [match] = match_routine(routine, event_of(OPENED), OCTOBER)
        told = [str(clause) for clause in match.clauses if clause.field == "routine.enabled"]
        assert match.outcome == "fired"
        said = "the routine is paused, which stops schedule and api: this event starts it even so"
        assert told == ([] if enabled else [said])
