"""The limits of the platform over streams of starts, storms and chains."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.triggers import clause, github, routine

from routine_harness.routine.edition import EDITIONS, load_edition
from routine_harness.routine.spec import ApiTrigger
from routine_harness.trigger.acts import Act, sent_by
from routine_harness.trigger.chains import Link, check_chains, find_chains, find_loops
from routine_harness.trigger.event import Event
from routine_harness.trigger.facts import Facts, event_of
from routine_harness.trigger.quota import StartRequest, simulate_quota, total_quota
from routine_harness.trigger.storms import (
    redelivered,
    retried_fire,
    simulate_events,
    storm_of,
)

HOUR = 1_800_000_000 // 3600 * 3600


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        ("2026-04", {("ran", ""): 25, ("failed", "runs-per-day"): 275}),
        ("2026-08", {("ran", ""): 25, ("failed", "runs-per-day"): 275}),
        ("2026-10", {("ran", ""): 30, ("dropped", "github-per-routine"): 270}),
    ],
)
def test_the_storm_of_300_pushes_in_ten_minutes(edition: str, expected: dict[tuple[str, str], int]) -> None:
    """Daily caps used them up until August; since October the hourly limit drops all but 30."""
    first = event_of(Facts("pull_request.synchronize"))
    storm = storm_of(first, 300, 600)
    assert (len(storm), storm[-1].at - storm[0].at) == (300, 598)
    listening = routine(github(events=("pull_request.synchronize",)))
    settled = simulate_events([listening], storm, load_edition(edition))
    assert Counter((each.outcome, each.limit) for each in settled) == expected


def test_what_waits_runs_in_the_first_hour_that_has_room() -> None:
    """250 schedules in one hour: 100 run, 100 wait an hour, 50 wait two."""
    starts = [StartRequest(HOUR + second, "nightly", "schedule") for second in range(250)]
    settled = list(simulate_quota(starts, load_edition("2026-10")))
    hours = Counter((each.outcome, (each.runs_at or 0) // 3600 - HOUR // 3600) for each in settled)
    assert hours == {("ran", 0): 100, ("waited", 1): 100, ("waited", 2): 50}


def test_limits_are_counted_per_routine_and_per_account() -> None:
    """Two routines may start 30 api runs each; the account's 100 hold for four together."""
    edition = load_edition("2026-10")
    starts = [StartRequest(HOUR + n, f"r{n % 4}", "api") for n in range(160)]
    totals = total_quota(simulate_quota(starts, edition))
    assert {name: total.ran for name, total in totals.items()} == {"r0": 25, "r1": 25, "r2": 25, "r3": 25}
    assert sum(total.limits.get("api-per-account", 0) for total in totals.values()) == 60
    alone = total_quota(simulate_quota([StartRequest(HOUR + n, "r0", "api") for n in range(40)], edition))
    assert (alone["r0"].ran, alone["r0"].limits) == (30, {"started-per-routine": 10})


def test_one_offs_are_exempt_from_the_daily_cap() -> None:
    """April to August: the cap counts every run but those."""
    starts = [StartRequest(HOUR + n, "r", "once") for n in range(40)]
    assert total_quota(simulate_quota(starts, load_edition("2026-04"), "pro"))["r"].ran == 40


@given(
    st.lists(st.integers(0, 20_000), max_size=120),
    st.sampled_from(["fixed", "rolling"]),
    st.sampled_from(EDITIONS),
)
def test_no_window_ever_holds_more_runs_than_its_limit(offsets: list[int], window: str, name: str) -> None:
    """Whatever comes, what runs stays within every amount, and every start has an outcome."""
    edition = load_edition(name, {"settings": {"limit_window": window}, "limits": {"github-per-routine": 7}})
    starts = [StartRequest(HOUR + offset, "r") for offset in sorted(offsets)]
    settled = list(simulate_quota(starts, edition))
    runs = [each.runs_at for each in settled if each.runs_at is not None]
    assert len(settled) == len(starts)
    for at in runs:
        inside = [r for r in runs if (r // 3600 == at // 3600 if window == "fixed" else at - 3600 < r <= at)]
        assert len(inside) <= 7


def test_retries_of_a_fire_request_each_start_a_session() -> None:
    """No idempotency key exists: one alert sent again after 1, 2, 4 and 8 seconds makes five runs."""
    triage = routine(ApiTrigger())
    settled = simulate_events([triage], retried_fire("alert", HOUR), load_edition("2026-10"))
    assert [each.request.at - HOUR for each in settled if each.outcome == "ran"] == [0, 1, 3, 7, 15]


@pytest.mark.parametrize(
    "event",
    [
        event_of(Facts("pull_request.opened")),
        event_of(Facts("pull_request.synchronize")),
        event_of(Facts("issues.opened")),
        event_of(Facts("release.published")),
        Event("api", "api", {"text": "alert"}, HOUR),
    ],
)
def test_a_storm_multiplies_the_event_that_it_was_given(event: Event) -> None:
    """Each arrival is that event again, as a delivery of its own; a push has another head."""
    storm = storm_of(event, 7, 600)
    assert [each.name for each in storm] == [event.name] * 7
    assert storm[0].at == event.at
    assert 500 <= storm[-1].at - storm[0].at < 600
    assert len({each.id for each in storm}) == (7 if event.kind == "github" else 1)
    heads = {str(each.payload.get("pull_request", {}).get("head")) for each in storm}
    assert len(heads) == (7 if event.name == "pull_request.synchronize" else 1)
    if event.name != "pull_request.synchronize":
        assert all(each.payload == event.payload for each in storm)


def test_a_redelivered_webhook_fires_again_unless_the_setting_says_otherwise() -> None:
    """Whether the platform knows a delivery again is undocumented."""
    events = redelivered(event_of(Facts("pull_request.opened")), 2)
    events = tuple(type(event)(event.kind, event.name, event.payload, event.at, "guid") for event in events)
    again = list(simulate_events([routine(github())], events, load_edition("2026-10")))
    ignored = load_edition("2026-10", {"settings": {"redelivery": "ignored"}})
    once = list(simulate_events([routine(github())], events, ignored))
    assert (len(again), len(once)) == (3, 1)


def test_an_event_starts_one_session_of_a_routine_however_many_of_its_triggers_it_fires() -> None:
    """One session per event, as the backtest counts too."""
    twice = routine(github(), github(events=("pull_request.opened", "pull_request.closed")))
    [settled] = simulate_events([twice], [event_of(Facts("pull_request.opened"))], load_edition())
    assert settled.outcome == "ran"


FIXER = routine(github(clause("labels", "contains", "bug"), events=("issues.labeled",)), name="fixer")
REVIEWER = routine(github(), name="reviewer")


def test_a_chain_leads_from_an_act_to_the_triggers_it_fires() -> None:
    """The fixer's pull request fires the reviewer; who else acts is told from the act's own fields."""
    acts = [Act("fixer", "pull_request.created", {"title": "Fix", "head": "claude/fix", "base": "main"})]
    [link] = find_chains([FIXER, REVIEWER], acts, load_edition(), "me")
    assert (link.source, link.event, link.target, link.outcome) == (
        "fixer",
        "pull_request.opened",
        "reviewer",
        "fired",
    )
    [finding] = check_chains([FIXER, REVIEWER], acts, load_edition(), "me")
    assert (finding.code, finding.fails) == ("trigger.chain", False)
    assert finding.detail == ("depends on undocumented: chained_fires",)
    answered = load_edition("2026-10", {"settings": {"chained_fires": True}})
    assert [each.detail for each in check_chains([FIXER, REVIEWER], acts, answered, "me")] == [()]


def test_a_loop_is_named_once_with_every_step() -> None:
    """The reviewer files a labelled issue, which fires the fixer, whose pull request fires the reviewer."""
    acts = [
        Act("fixer", "pull_request.created", {"title": "Fix"}),
        Act("reviewer", "ticket.created", {"title": "Broken", "labels": ["bug"]}),
    ]
    assert find_loops(find_chains([FIXER, REVIEWER], acts, load_edition(), "me")) == (("fixer", "reviewer"),)
    [finding] = check_chains([FIXER, REVIEWER], acts, load_edition(), "me")
    assert (finding.code, finding.fails) == ("trigger.loop", True)
    assert "fixer → reviewer → fixer" in finding.message
    assert len(finding.detail) == 3


def test_of_many_routines_that_fire_each_other_each_link_is_in_a_loop_that_is_told() -> None:
    """Twelve have more than a hundred million loops; the shortest through each link are told."""
    names = [f"r{number:02}" for number in range(12)]
    links = [Link(a, "x", "x", b, 0, "fired") for a in names for b in names if a != b]
    loops = find_loops(links)
    assert len(loops) == 66
    assert {pair for a, b in loops for pair in ((a, b), (b, a))} == {(x.source, x.target) for x in links}
    ring = [Link(a, "x", "x", b, 0, "fired") for a, b in pairwise([*names[3:], *names[:4]])]
    assert find_loops(ring) == (tuple(names),)


def test_a_routine_that_fires_itself_is_a_loop_unless_it_filters_on_its_author() -> None:
    """A push to its own pull request fires ``synchronize`` again."""
    acts = [Act("x", "branch.pushed", {"branch": "claude/x"})]
    itself = routine(github(events=("pull_request.synchronize",)), name="x")
    assert [f.code for f in check_chains([itself], acts, load_edition(), "me")] == ["trigger.loop"]
    other = routine(
        github(clause("author", "is_not_one_of", ["me"]), events=("pull_request.synchronize",)), name="x"
    )
    assert check_chains([other], acts, load_edition(), "me") == ()


@pytest.mark.parametrize(
    ("fields", "filters", "events", "expected"),
    [
        ({"labels": ["bug"]}, [("labels", "contains", "bug")], "issues.labeled", ["fired"]),
        ({"labels": ["bug"]}, [], "issues.edited", []),
        ({"labels": ["bug"]}, [("labels", "contains", "bug")], "pull_request.labeled", ["undecided"]),
        ({"title": "x"}, [], "issues.edited", ["fired"]),
        ({"title": "x"}, [("author", "equals", "me")], "issues.edited", ["undecided"]),
        ({"state": "closed"}, [], "issues.closed", ["fired"]),
        ({}, [], "issues.unlabeled", ["undecided"]),
    ],
)
def test_an_update_sends_what_it_changes_and_tells_no_more_than_it_says(
    fields: dict[str, Any], filters: list[tuple[str, str, str]], events: str, expected: list[str]
) -> None:
    """Labels send ``labeled``, of a pull request perhaps; who wrote the issue is not the act's to tell."""
    listener = routine(github(*(clause(*each) for each in filters), events=(events,)), name="listener")
    acts = [Act("fixer", "ticket.updated", fields)]
    assert [link.outcome for link in find_chains([listener], acts, load_edition(), "me")] == expected


@pytest.mark.parametrize(
    ("branch", "field", "value", "expected"),
    [
        ("claude/x", "author", "bob", []),
        ("feature/x", "author", "bob", ["undecided"]),
        ("feature/x", "title", "fix", ["undecided"]),
        ("feature/x", "head_branch", "main", []),
        ("feature/x", "is_merged", True, []),
    ],
)
def test_a_push_leaves_undecided_what_the_pull_request_alone_would_tell(
    branch: str, field: str, value: Any, expected: list[str]
) -> None:
    """Whose it is, is known of the routines' own branches; what it is called of none, nor if there is one."""
    listener = routine(github(clause(field, "equals", value), events=("pull_request.synchronize",)), name="l")
    links = find_chains([listener], [Act("x", "branch.pushed", {"branch": branch})], load_edition(), "me")
    assert [link.outcome for link in links] == expected


def test_a_loop_of_which_a_step_is_not_certain_is_a_warning() -> None:
    """A push to somebody's branch may fire what looks at the title."""
    itself = routine(github(clause("title", "contains", "a"), events=("pull_request.synchronize",)), name="x")
    acts = [Act("x", "branch.pushed", {"branch": "feature/x"})]
    [finding] = check_chains([itself], acts, load_edition(), "me")
    assert (finding.code, finding.fails, "may fire" in finding.detail[0]) == ("trigger.loop", False, True)


def test_a_draft_of_a_release_is_only_created() -> None:
    """Nothing is published yet; what comes before a release is ``prereleased``."""

    def sent(**fields: bool) -> list[str]:
        act = Act("x", "release.created", dict(fields))
        return [each.event.name for each in sent_by(act, load_edition(), "me")]

    assert sent() == ["release.created", "release.published", "release.released"]
    assert sent(draft=True) == ["release.created"]
    assert sent(prerelease=True) == ["release.created", "release.published", "release.prereleased"]


def test_a_chain_is_judged_by_the_rules_of_the_routine_that_it_reaches() -> None:
    """One routine's policy says that its account's acts fire nothing; the other's leaves it open."""
    acts = [Act("fixer", "pull_request.created", {"title": "Fix"})]
    other = routine(github(), name="other")
    never = load_edition("2026-10", {"settings": {"chained_fires": False}})
    rules = {"fixer": never, "reviewer": never, "other": load_edition()}
    assert [link.target for link in find_chains([FIXER, REVIEWER, other], acts, rules, "me")] == ["other"]


def test_chains_end_where_the_setting_says_that_own_acts_fire_nothing() -> None:
    """A user reports that an issue opened by a routine fired none."""
    acts = [Act("fixer", "pull_request.created", {"title": "Fix"})]
    quiet = load_edition("2026-10", {"settings": {"chained_fires": False}})
    assert find_chains([FIXER, REVIEWER], acts, quiet, "me") == ()
