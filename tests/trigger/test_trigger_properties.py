"""What must hold of every trigger, and the strategies that users build their own properties on."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import find, given
from support.triggers import clause, github, parsed, routine

from routine_harness import strategies
from routine_harness.finding import Finding
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import GithubTrigger
from routine_harness.trigger.event import Event
from routine_harness.trigger.facts import Facts, event_of
from routine_harness.trigger.match import match_trigger
from routine_harness.trigger.properties import check_trigger_properties

OCTOBER = load_edition("2026-10")
ANSWERED = load_edition("2026-10", {"settings": {k: v.default for k, v in OCTOBER.settings.items()}})
IGNORED = load_edition("2026-10", {"settings": {"filters_elsewhere": "ignored"}})
MIXED = ("issues.opened", "pull_request.labeled")


def _check(*triggers: Any) -> tuple[Finding, ...]:
    return check_trigger_properties(routine(*triggers), OCTOBER)


def _codes(*triggers: Any) -> list[str]:
    return [finding.code for finding in _check(*triggers)]


GOOD = github(
    clause("author", "is_not_one_of", ["dependabot[bot]"]),
    clause("is_draft", "equals", False),
    clause("title", "matches_regex", "(?i).*fix.*"),
    clause("labels", "contains", "security"),
    events=("pull_request.opened", "pull_request.synchronize"),
    branches=("main", "release/*"),
)


def test_a_sound_trigger_has_no_finding() -> None:
    """Every clause of it can be the one that decides, and something fires it."""
    assert _codes(GOOD) == []


def test_a_dead_clause_is_found_with_an_event_that_passes_it_anyway() -> None:
    """What starts with ``fix:`` contains ``fix``: leaving the second clause out changes nothing."""
    trigger = github(clause("title", "starts_with", "fix:"), clause("title", "contains", "fix"))
    [finding] = _check(trigger)
    assert finding.code == "trigger.dead-clause"
    assert finding.message.endswith("""passes it too; witness: title "fix:\"""")
    witness = event_of(Facts(**finding.data["witness"]))
    assert match_trigger(trigger, witness, OCTOBER).outcome == "fired"


@pytest.mark.parametrize(
    "filters",
    [
        [clause("title", "starts_with", "fix"), clause("title", "starts_with", "feat")],
        [clause("author", "equals", "bob"), clause("author", "is_one_of", ["alice"])],
        [clause("is_draft", "equals", True), clause("is_draft", "equals", False)],
        [clause("labels", "contains", "wip"), clause("labels", "is_not_one_of", ["wip"])],
        [clause("base_branch", "equals", "main"), clause("base_branch", "starts_with", "release/")],
    ],
)
def test_clauses_that_contradict_each_other_are_an_error_with_events_for_one_of_them(
    filters: list[Any],
) -> None:
    """The finding names both clauses and shows values that satisfy only one."""
    [finding] = _check(github(*filters, events=("pull_request.edited",)))
    assert (finding.code, finding.fails) == ("trigger.contradiction", True)
    assert any("satisfies only one" in line for line in finding.detail)
    trigger = github(filters[0], events=("pull_request.edited",))
    assert match_trigger(trigger, event_of(Facts(**finding.data["witness"])), OCTOBER).outcome == "fired"


def test_a_regex_that_forgets_the_wildcards_is_found_with_a_title_that_it_misses() -> None:
    """``hotfix`` matches the title ``hotfix`` alone."""
    trigger = github(clause("title", "matches_regex", "hotfix|bugfix"))
    [finding] = _check(trigger)
    assert (finding.code, finding.hint) == (
        "trigger.regex-whole",
        "write '.*(hotfix|bugfix).*', or use contains",
    )
    witness = event_of(Facts(**finding.data["witness"]))
    assert "fix" in witness.payload["pull_request"]["title"]
    assert match_trigger(trigger, witness, OCTOBER).outcome == "skipped"


@pytest.mark.parametrize("pattern", [".*hotfix.*", "^hotfix$", "feat: .*", ".+fix"])
def test_a_regex_that_says_what_is_around_it_is_left_alone(pattern: str) -> None:
    """A wildcard or an anchor shows that the whole value was thought of."""
    assert "trigger.regex-whole" not in _codes(github(clause("title", "matches_regex", pattern)))


def test_a_witness_shows_what_the_clauses_look_at_even_where_it_is_ordinary() -> None:
    """``main`` is the ordinary base branch, and the point of this contradiction."""
    filters = [clause("base_branch", "equals", "main"), clause("base_branch", "starts_with", "release/")]
    [finding] = _check(github(*filters))
    assert finding.data["witness"]["base_branch"] == "main"
    assert finding.detail[-1].startswith('witness: {"event": "pull_request.opened", "base_branch": "main"')


def test_what_was_just_opened_is_never_merged() -> None:
    """Filters that no event of the listed names can satisfy are found, and proved where they can be."""
    [finding] = _check(github(clause("is_merged", "equals", True)))
    assert (finding.code, finding.fails) == ("trigger.never-fires", True)
    assert _codes(github(clause("is_merged", "equals", True), events=("pull_request.closed",))) == []


def test_events_that_never_come_are_found() -> None:
    """The platform accepts misspelt names silently; a bare category was never seen to fire."""
    assert _codes(github(events=("pull_request.synchronized", "pull_request"))) == [
        "trigger.unknown-event",
        "trigger.bare-event",
    ]
    hints = [finding.hint for finding in _check(github(events=("issue.opened", "push")))]
    assert hints == ["did you mean issues.opened?", ""]


def test_a_trigger_inside_another_is_found_once() -> None:
    """A trigger whose events all fire another one adds nothing; of two equal ones the later is told."""
    wide, narrow = github(clause("title", "starts_with", "a")), github(clause("title", "starts_with", "ab"))
    [finding] = _check(wide, narrow)
    assert (finding.code, finding.data["trigger"]) == ("trigger.subset", 1)
    assert [finding.data["trigger"] for finding in _check(wide, wide)] == [1]
    assert _codes(wide, github(clause("title", "starts_with", "b"))) == []
    assert _codes(wide, github(clause("title", "starts_with", "ab"), events=("pull_request.reopened",))) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("title", "contains", "fix"), ("title", "contains", "fix")),
        (("author", "equals", "bob"), ("author", "is_one_of", ["bob"])),
        (("title", "matches_regex", "fix: .*"), ("title", "starts_with", "fix: ")),
    ],
)
def test_clauses_that_ask_the_same_are_told_together(first: Any, second: Any) -> None:
    """Each is dead beside the other, but only one of them is to go."""
    [finding] = _check(github(clause("is_draft", "equals", False), clause(*first), clause(*second)))
    assert (finding.code, finding.fails) == ("trigger.duplicate-clause", False)
    assert "(filter 2) and " in finding.message
    assert "(filter 3) ask the same" in finding.message
    assert "witness: " in finding.message
    both = github(clause("base_branch", "equals", "main"), branches=("main",))
    assert ["(branches) and" in finding.message for finding in _check(both)] == [True]


def test_filters_that_are_ignored_elsewhere_are_judged_on_pull_requests_alone() -> None:
    """Under ``filters_elsewhere: ignored`` every issue fires: on issues no filter decides anything."""
    bug, wip = clause("labels", "contains", "bug"), clause("labels", "is_not_one_of", ["bug"])

    def found(*filters: Any, events: tuple[str, ...]) -> list[Finding]:
        return list(check_trigger_properties(routine(github(*filters, events=events)), IGNORED))

    [dead] = found(bug, wip, events=("issues.opened",))
    assert (dead.code, "ignored on issues.opened" in dead.message) == ("trigger.dead-clause", True)
    witness = event_of(Facts(**dead.data["witness"]))
    trigger = github(bug, wip, events=("issues.opened",))
    assert match_trigger(trigger, witness, IGNORED).outcome == "fired"
    assert found(bug, events=("issues.opened", "pull_request.labeled")) == []
    assert found(clause("is_draft", "equals", False), events=("issues.opened", "pull_request.opened")) == []
    [both] = found(bug, wip, events=("issues.opened", "pull_request.labeled"))
    assert both.code == "trigger.contradiction"
    assert both.data["witness"]["event"] == "pull_request.labeled"


def test_events_that_lack_what_a_filter_reads_are_named_beside_those_that_carry_it() -> None:
    """Issues have no draft: the other event is judged whatever the order of the list."""
    draft, never = clause("is_draft", "equals", False), clause("is_merged", "equals", True)
    for events in (("issues.opened", "pull_request.opened"), ("pull_request.opened", "issues.opened")):
        [finding] = _check(github(draft, events=events))
        assert finding.code == "trigger.undecidable"
        assert finding.message.startswith("issues.opened does not carry is_draft")
        assert _codes(github(never, events=events)) == ["trigger.undecidable", "trigger.never-fires"]
    [both] = _check(github(draft, events=("issues.opened", "release.published")))
    assert both.message.startswith("issues.opened, release.published do not carry is_draft")


def test_a_trigger_for_more_repositories_is_no_part_of_one_for_fewer() -> None:
    """What reaches it from the others fires nothing else."""
    some = GithubTrigger(events=("pull_request.opened",), repositories=("acme/a",))
    more = GithubTrigger(events=("pull_request.opened",), repositories=("acme/a", "acme/b"))
    assert [(f.code, f.data["trigger"]) for f in _check(more, some)] == [("trigger.subset", 1)]


def test_a_bare_event_is_no_finding_where_it_is_known_to_fire() -> None:
    """Whoever answers ``bare_event_fires`` has seen it."""
    edition = load_edition("2026-10", {"settings": {"bare_event_fires": True}})
    assert check_trigger_properties(routine(github(events=("pull_request",))), edition) == ()


@pytest.mark.parametrize(
    ("first", "second", "code", "setting"),
    [
        (("author", "equals", "bob"), ("author", "equals", "BOB"), "trigger.contradiction", "case_sensitive"),
        (("labels", "equals", "a"), ("labels", "equals", "b"), None, "label_operators"),
        (("title", "contains", "fix"), ("title", "contains", "FIX"), None, "case_sensitive"),
        (("title", "starts_with", "fix:"), ("title", "contains", "fix"), "trigger.dead-clause", None),
    ],
)
def test_a_finding_says_which_undocumented_point_it_depends_on(
    first: Any, second: Any, code: str | None, setting: str | None
) -> None:
    """It would not be there under another answer; once the answer is given, it depends on nothing."""
    trigger = github(clause(*first), clause(*second), events=("pull_request.labeled",))
    found = _check(trigger)
    assert [finding.code for finding in found] == ([code] if code else [])
    for finding in found:
        assert finding.data.get("depends_on", []) == ([setting] if setting else [])
        assert (f"(depends on undocumented: {setting})" in finding.message) is (setting is not None)
    answered = load_edition("2026-10", {"settings": {"case_sensitive": True, "empty_value": "no_match"}})
    assert not any("depends" in each.message for each in check_trigger_properties(routine(trigger), answered))


def test_a_filter_that_the_edition_does_not_have_is_named() -> None:
    """``from_fork`` was gone three days after launch; an operator may be taken out by a policy's table."""
    fork = github(clause("from_fork", "equals", True), clause("title", "contains", "x"))
    [finding] = _check(fork)
    assert (finding.code, "no filter from_fork under the rules of 2026-10" in finding.message) == (
        "trigger.unknown-filter",
        True,
    )
    assert check_trigger_properties(routine(fork), load_edition("2026-04")) == ()
    fewer = msgspec.structs.replace(
        load_edition("2026-04"), operators={"equals": OCTOBER.operators["equals"]}
    )
    assert [each.code for each in check_trigger_properties(routine(fork), fewer)] == [
        "trigger.unknown-filter"
    ]


def test_findings_stand_at_the_lines_of_the_file() -> None:
    """The clause, not the trigger, is where to look."""
    text = """name: x
triggers:
  - type: github
    events: [pull_request.opened]
    filters:
      - {field: title, operator: starts_with, value: fix}
      - {field: title, operator: contains, value: fix}
prompt: Look.
"""
    [finding] = check_trigger_properties(parsed(text), OCTOBER)
    assert str(finding.location) == "routine.yaml:7"


def test_findings_are_the_same_every_time() -> None:
    """The search draws no random number of its own."""
    trigger = github(
        clause("title", "matches_regex", r"[A-Z]{2,5}-\d+: .*"), clause("title", "is_not_one_of", ["x"])
    )
    assert _check(trigger) == _check(trigger)


@given(strategies.events())
def test_every_made_event_is_one_that_a_trigger_can_judge(event: Event) -> None:
    """The payload has the shape of a webhook of its name, and the trigger of that event fires.

    A label on a draft fires nothing.
    """
    quiet = event.name == "pull_request.labeled" and event.payload["pull_request"]["draft"]
    match = match_trigger(github(events=(event.name,)), event, OCTOBER)
    assert match.outcome == ("skipped" if quiet else "fired")
    assert match.depends_on == (("labeled_draft",) if quiet else ())


def test_a_label_on_a_draft_is_the_only_event_that_nothing_fires() -> None:
    """A trigger for drafts never fires on labels, as far as that was seen."""
    [never] = _check(github(clause("is_draft", "equals", True), events=("pull_request.labeled",)))
    assert (never.code, never.data["depends_on"]) == ("trigger.never-fires", ["labeled_draft"])
    sound = github(clause("is_draft", "equals", False), events=("pull_request.labeled",))
    assert _check(sound) == ()
    assert find(strategies.near_misses(sound, OCTOBER), lambda drawn: drawn[1] == "is_draft")
    assert not find(strategies.firing_events(sound), lambda _: True).payload["pull_request"]["draft"]


@given(strategies.firing_events(GOOD))
def test_a_firing_event_fires(event: Event) -> None:
    """Whatever the strategy draws satisfies every clause."""
    assert match_trigger(GOOD, event, OCTOBER).outcome == "fired"


@given(strategies.near_misses(GOOD))
def test_a_near_miss_fails_in_one_clause_alone(drawn: tuple[Event, str]) -> None:
    """All failing clauses read the field that the strategy names."""
    event, field = drawn
    match = match_trigger(GOOD, event, OCTOBER)
    assert match.outcome == "skipped"
    assert {each.field for each in match.clauses if each.matches is False} == {field}


@pytest.mark.parametrize(
    "trigger",
    [
        github(clause("is_merged", "equals", True)),
        github(clause("is_draft", "equals", False), events=("issues.opened",)),
    ],
)
def test_a_trigger_whose_events_cannot_satisfy_it_has_no_strategy(trigger: GithubTrigger) -> None:
    """What was just opened is not merged, and an issue is no draft."""
    with pytest.raises(ValueError, match="can satisfy its filters"):
        strategies.firing_events(trigger)


@given(strategies.near_misses(github(clause("labels", "contains", "a"), events=MIXED), IGNORED))
def test_only_pull_requests_miss_a_filter_that_is_ignored_elsewhere(drawn: tuple[Event, str]) -> None:
    """An issue fires, whatever its labels."""
    assert drawn[0].name == "pull_request.labeled"


@given(strategies.firing_events(github(clause("is_draft", "equals", False), events=MIXED), IGNORED))
def test_what_ignores_a_filter_fires_as_well(event: Event) -> None:
    """The issue for want of a filter, the pull request by passing it."""
    trigger = github(clause("is_draft", "equals", False), events=MIXED)
    assert match_trigger(trigger, event, IGNORED).outcome == "fired"


def test_a_trigger_that_nothing_fires_has_no_strategy() -> None:
    """The error comes when the strategy is made, not after a thousand rejected draws."""
    with pytest.raises(ValueError, match="title"):
        strategies.firing_events(
            github(clause("title", "starts_with", "a"), clause("title", "starts_with", "b"))
        )


_OPERATORS = ("equals", "contains", "starts_with", "is_one_of", "is_not_one_of", "matches_regex")
_TEXTS = ("fix", "fix: x", "feat", "a", ".*", "x.*", "[ab]+", "Fix")
_TITLES = ("fix", "fix: x", "feat", "a", "b", "x", "ab", "Fix", "fixa", "a fix", "zz", "x y", ".*")


@pytest.mark.parametrize("seed", range(12))
def test_no_finding_claims_what_an_event_disproves(seed: int) -> None:
    """A clause that is called dead decides for none of many titles; a proved contradiction holds."""
    random = Random(seed)
    drawn = [(random.choice(_OPERATORS), random.choice(_TEXTS)) for _ in range(random.randint(1, 3))]
    filters = [clause("title", op, [text] if op.startswith("is_") else text) for op, text in drawn]
    answers = [[each.predicate.match(title) for each in filters] for title in _TITLES]
    source = "\n".join(
        f"  - {{field: title, operator: {each.operator}, value: {json.dumps(each.value)}}}"
        for each in filters
    )
    head = "name: x\nprompt: x\ntriggers:\n- type: github\n  events: [pull_request.opened]\n  filters:\n"
    for finding in check_trigger_properties(parsed(head + source), ANSWERED):
        if finding.code == "trigger.dead-clause":
            assert finding.location is not None
            dead = finding.location.line - 7
            assert not any(
                not row[dead] and all(a for n, a in enumerate(row) if n != dead) for row in answers
            )
        if finding.code in ("trigger.contradiction", "trigger.never-fires") and finding.fails:
            assert not any(all(row) for row in answers)


def test_a_failing_property_shows_a_small_event(pytester: pytest.Pytester) -> None:
    """The example is printed as the facts that differ from an ordinary event, shrunk."""
    pytester.makepyfile(
        """
        from hypothesis import given
        from routine_harness.strategies import events

        @given(events(["pull_request.opened"]))
        def test_wrong(event):
            assert "x" not in event.payload["pull_request"]["title"]
        """
    )
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "no:routine_harness")
    result.assert_outcomes(failed=1)
    text = "".join(line.strip("E ") for line in result.outlines)
    assert re.search(r"event=event_of\(Facts\('pull_request.opened', title='x'[^()]{,80}\)", text)


@pytest.mark.parametrize("name", MIXED)
def test_every_event_that_can_fire_a_trigger_is_drawn(name: str) -> None:
    """Those that a filter lets pass, and those on which it is ignored."""
    drawn = strategies.firing_events(github(clause("is_draft", "equals", False), events=MIXED), IGNORED)
    assert find(drawn, lambda event: event.name == name).name == name
