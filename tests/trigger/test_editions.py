"""The dated tables of the platform's rules."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from routine_harness.errors import UsageError
from routine_harness.routine.edition import (
    EDITIONS,
    Edition,
    check_overrides,
    load_attribution,
    load_captures,
    load_edition,
)
from routine_harness.routine.edition_rules import Rule


def _rules(edition: Edition) -> list[Rule]:
    found: list[Rule] = [edition.push, edition.payload, edition.schedule, edition.paused]
    found += [edition.banner, edition.github_context, edition.reminder, *edition.limits]
    for table in (
        edition.events,
        edition.filter_fields,
        edition.operators,
        edition.appended,
        edition.settings,
    ):
        found += table.values()
    return found


@pytest.mark.parametrize("name", EDITIONS)
def test_every_rule_names_a_source_that_the_table_explains(name: str) -> None:
    """Each rule carries a source of the table's list and a trust label."""
    edition = load_edition(name)
    assert all(rule.source in edition.sources and rule.trust for rule in _rules(edition))


@pytest.mark.parametrize("name", EDITIONS)
def test_a_figure_that_nobody_has_published_is_called_assumed_until_a_policy_gives_one(name: str) -> None:
    """The hourly figures of GitHub events are ours, and so is the daily one of Enterprise until August."""
    edition = load_edition(name)
    assumed = {limit.name for limit in edition.limits if limit.assumed("team")}
    assert assumed == {"github-per-routine", "github-per-account"}
    daily = {limit.name for limit in edition.limits if limit.assumed("enterprise")} - assumed
    assert daily == ({"runs-per-day"} if name != "2026-10" else set())
    given = dict.fromkeys((*assumed, *daily), 60)
    changed = load_edition(name, {"limits": given})
    assert {
        limit.name: limit.amount_for("enterprise") for limit in changed.limits if limit.name in given
    } == given
    assert not any(limit.assumed(plan) for limit in changed.limits for plan in ("team", "enterprise"))


@pytest.mark.parametrize("name", EDITIONS)
def test_what_is_told_of_issues_and_releases_is_by_analogy(name: str) -> None:
    """The context of a pull request was observed; the lines for the others are labelled as inferred."""
    context = load_edition(name).github_context
    assert {line.strip() for line in context.inferred} == {"Issue: #{issue}", "Release: {tag}"}
    assert set(context.inferred) <= set(context.lines)
    told = context.fill({"event": "issues.opened", "repository": "acme/core", "issue": 7})
    assert ("Issue: #7" in told, "PR:" in told, "Release:" in told) == (True, False, False)


@pytest.mark.parametrize("name", EDITIONS)
def test_the_catalogue_has_the_observed_number_of_actions(name: str) -> None:
    """21 actions of pull requests, 7 of releases and 18 of issues were observed."""
    events = load_edition(name).events
    assert {key: len(category.actions) for key, category in events.items()} == {
        "pull_request": 21,
        "release": 7,
        "issues": 18,
    }


def test_editions_differ_where_the_documents_changed() -> None:
    """The fork filter is of April alone, the push rule and the limits changed with the seasons."""
    april, august, october = (load_edition(name) for name in EDITIONS)
    assert ["from_fork" in each.filter_fields for each in (april, august, october)] == [True, False, False]
    assert [each.push.rule for each in (april, august, october)] == ["claude-only", "checked", "repository"]
    assert [each.payload.opt_in for each in (april, august, october)] == [False, True, True]
    daily = [limit.amount_for("pro") for limit in april.limits if limit.per == "day"]
    assert daily == [5]
    assert not [limit for limit in october.limits if limit.per == "day"]


def test_an_override_changes_one_rule_and_leaves_the_others() -> None:
    """Limits are addressed by name, settings by value, the rest is merged key by key."""
    plain = load_edition("2026-10")
    changed = load_edition(
        "2026-10",
        {
            "limits": {"github-per-routine": 60},
            "settings": {"case_sensitive": False},
            "push": {"prefix": "bot/"},
        },
    )
    limits = {limit.name: limit for limit in changed.limits}
    assert (limits["github-per-routine"].amount, limits["github-per-routine"].published) == (60, True)
    assert (changed.setting("case_sensitive"), changed.settings["case_sensitive"].assumed) == (False, False)
    assert (changed.push.prefix, changed.push.rule) == ("bot/", plain.push.rule)
    assert changed.events == plain.events


@pytest.mark.parametrize(
    ("change", "amount"),
    [
        (60, 60),
        ({"amount": 60}, 60),
        ({"amount_by_plan": {"team": 60}}, 60),
        ({"beyond": "waits"}, 25),
        ({"amount": None}, None),
    ],
)
def test_a_limits_figure_is_given_in_any_of_three_ways(change: Any, amount: int | None) -> None:
    """A figure replaces those by plan; another consequence leaves it, and whose it is, alone."""
    limits = {limit.name: limit for limit in load_edition("2026-04").limits}
    changed = {
        limit.name: limit
        for limit in load_edition(
            "2026-04", {"limits": {"runs-per-day": change, "github-per-routine": {"beyond": "waits"}}}
        ).limits
    }
    daily = changed["runs-per-day"]
    assert (daily.amount_for("team"), daily.assumed("team")) == (amount, False)
    assert changed["github-per-routine"].assumed("team")
    assert changed["github-per-routine"].amount == limits["github-per-routine"].amount


def test_an_override_that_no_table_has_names_the_nearest_rule() -> None:
    """Misspelt limits, settings and keys are all reported, with what was probably meant."""
    overrides = {"limit": {}, "limits": {"github-per-rutine": 1}, "settings": {"case_sensitiv": True}}
    with pytest.raises(UsageError) as caught:
        load_edition("2026-10", overrides)
    text = str(caught.value)
    assert all(word in text for word in ("'limits'", "'github-per-routine'", "'case_sensitive'"))


def test_every_wrong_override_is_told_with_the_keys_that_lead_to_it() -> None:
    """So that a policy's error names the line; a value of a wrong type is told beside unknown keys."""
    overrides = {
        "settings": {"case_sensitiv": True, "empty_value": 3},
        "limits": {"github-per-account": {"amount": "often"}},
        "event": {},
    }
    places = [path for path, _ in check_overrides("2026-10", overrides)]
    assert places == [
        ("settings", "case_sensitiv"),
        ("settings", "empty_value"),
        ("event",),
        ("limits", "github-per-account", "amount"),
    ]
    assert check_overrides("2026-10", {"schedule": {"minimum_interval": 1800}}) == []


def test_an_unknown_edition_is_refused_with_those_that_exist() -> None:
    """The error lists the editions."""
    with pytest.raises(UsageError, match="2026-04, 2026-08, 2026-10"):
        load_edition("2026-12")


def test_a_block_leaves_out_lines_that_it_cannot_fill_and_never_fills_twice() -> None:
    """A release has no pull request; a value that looks like a placeholder stays as it is."""
    context = load_edition().github_context
    filled = context.fill({"event": "release.published", "repository": "{number}"})
    assert "PR:" not in filled
    assert "Repository: {number}" in filled


def test_captures_and_attribution_say_where_they_are_known_from() -> None:
    """Each observation of when a context came has its day, its source and what was seen."""
    captures = load_captures()
    assert {each.placement for each in captures} == {"together", "later"}
    assert all(each.source and each.what and each.trust == "OBS" for each in captures)
    assert [each.date for each in captures] == sorted(each.date for each in captures)
    assert all(each.line and each.source for each in load_attribution())


def test_editions_are_values() -> None:
    """Two loads are equal, and a changed setting makes another value."""
    assert load_edition() == load_edition()
    assert msgspec.to_builtins(load_edition().with_setting("empty_value", "no_match")) != msgspec.to_builtins(
        load_edition()
    )
