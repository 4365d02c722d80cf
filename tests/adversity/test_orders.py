"""In which orders two sessions' steps interleave, and which of those make no difference."""

from __future__ import annotations

import functools
import itertools
import math
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routine_harness.adversity.orders import MOST, Meets, Order, always, interleavings, number_of, shortest
from routine_harness.adversity.overlap import Alone, check_overlap
from routine_harness.agents.overlapping import Side
from routine_harness.agents.scripted import Script
from routine_harness.case.plan import Setting
from routine_harness.execution import interleaving
from routine_harness.execution.companions import fired_setting
from routine_harness.execution.interleaving import Ended, Interleaving, openings_of
from routine_harness.finding import Finding
from routine_harness.session.run import RunPair
from routine_harness.store.cases import load_case_file
from routine_harness.verdict.idempotency.duplicates import Terms

CASE = Path(__file__).parents[2] / "fixtures/adversity/overlap/cases/careless.yaml"
PLACE = {"owner": "acme-platform", "repo": "core-api"}
READS, WRITES = (False, "slack"), (True, "slack")
Step = tuple[bool, str]


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 1), (3, 2), (6, 6), (9, 9)])
def test_every_order_is_tried_up_to_a_limit_and_the_fewest_changes_first(first: int, second: int) -> None:
    orders = list(interleavings(first, second))
    every = math.comb(first + second, first)
    assert len(orders) == len(set(orders))
    assert len(orders) == every if every <= MOST else 0 < len(orders) <= MOST
    changes = [sum(a != b for a, b in itertools.pairwise(order)) for order in orders]
    assert changes == sorted(changes)


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5))
def test_an_order_gives_every_session_its_steps(first: int, second: int, seed: int) -> None:
    for order in interleavings(first, second, 50, seed):
        assert (order.count(0), order.count(1)) == (first, second)
    assert list(interleavings(first, second, 50, seed)) == list(interleavings(first, second, 50, seed))


meetings = st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=5, max_size=5)


def every(first: int, second: int) -> list[Order]:
    return list(interleavings(first, second, 10**6))


def classes(orders: list[Order], meets: Meets) -> list[set[Order]]:
    """The orders that swapping neighbours that commute turns into each other."""
    left, found = set(orders), []
    while left:
        waiting, alike = [left.pop()], set()
        while waiting:
            order = waiting.pop()
            alike.add(order)
            for at in range(len(order) - 1):
                one, other = order[at : at + 2]
                if one == other:
                    continue
                own, others = order[:at].count(0), order[:at].count(1)
                if not meets(own, others):
                    swapped = (*order[:at], other, one, *order[at + 2 :])
                    if swapped not in alike:
                        waiting.append(swapped)
        left -= alike
        found.append(alike)
    return found


@given(st.integers(0, 5), st.integers(0, 5), meetings)
def test_of_orders_that_differ_in_steps_that_commute_one_is_tried(
    first: int, second: int, met: list[list[bool]]
) -> None:
    def meets(one: int, other: int) -> bool:
        return met[one][other]

    alike = classes(every(first, second), meets)
    tried = list(interleavings(first, second, 10**6, meets=meets))
    assert len(tried) == len(alike) == number_of(first, second, meets)
    for each in alike:
        [only] = each & set(tried)
        fewest = min(sum(a != b for a, b in itertools.pairwise(order)) for order in each)
        assert sum(a != b for a, b in itertools.pairwise(only)) == fewest
        assert all(shortest(order, meets) == only for order in each)


def test_two_times_ten_steps_on_two_connectors_are_all_covered() -> None:
    """Of 184,756 orders a thousand would be drawn; those that make a difference are few enough to try all."""

    def meets(one: int, other: int) -> bool:
        return (one < 9) == (other >= 9)

    assert number_of(10, 10) == 184_756
    assert number_of(10, 10, meets) == len(list(interleavings(10, 10, meets=meets))) <= MOST


@functools.cache
def overlapping() -> Setting:
    """The setting of the fixture's case."""
    loaded = load_case_file(CASE)
    found = fired_setting(loaded.cases[0], loaded.routine)
    assert found is not None
    return found


calls = st.lists(st.sampled_from(["read", "look", "post", "branch", "comment"]), max_size=3)


def script(names: list[str], stops: bool) -> Script:
    """A script that makes these calls; what it has read decides if it goes on, or takes another turn."""

    def run(session) -> None:  # type: ignore[no-untyped-def]
        for name in names:
            if name == "read":
                told = session.call("slack.slack_read_channel", channel_id="C0DEV")
                if "bug" in told.text:
                    if stops:
                        return
                    session.call("github.add_issue_comment", issue_number=7, body="told", **PLACE)
            elif name == "look":
                seen = session.call("github.list_branches", **PLACE)
                if "claude/a" in seen.text and stops:
                    session.call("slack.slack_send_message", channel_id="C0DEV", message="taken")
            elif name == "post":
                session.call("slack.slack_send_message", channel_id="C0DEV", message="a bug")
            elif name == "branch":
                taken = session.call("github.create_branch", branch="claude/a", **PLACE)
                if taken.is_error:
                    return
            else:
                session.call("github.add_issue_comment", issue_number=7, body="seen", **PLACE)
        session.say("Done.")

    return Script("run", lambda: run)


def outcomes(setting: Setting, names: list[str], stops: bool, seen: Callable[[set[str]], object]) -> Ended:
    """Search, and tell ``seen`` the findings of every order that is tried."""

    def check(alone: Alone, pair: RunPair, made: Order) -> tuple[Finding, ...]:
        found = tuple(check_overlap(alone, pair, made, Terms(), setting.case.expect))
        seen({f"{finding.code} {finding.message}" for finding in found if finding.fails})
        return ()

    agent = script(names, stops)
    [one, other] = openings_of(setting, agent, None)
    return Interleaving((one, other), check).beside_itself(agent.run(one.session()))


@settings(max_examples=30, deadline=None)
@given(names=calls, stops=st.booleans())
def test_the_pruned_search_finds_what_the_full_one_finds(names: list[str], stops: bool) -> None:
    setting = overlapping()
    pruned: list[set[str]] = []
    outcomes(setting, names, stops, pruned.append)
    whole: list[set[str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interleaving, "meeting", lambda *_: always)
        outcomes(setting, names, stops, whole.append)
    assert {frozenset(each) for each in pruned} == {frozenset(each) for each in whole}


def test_a_thousand_orders_leave_no_thread_behind() -> None:
    setting = overlapping()
    before = threading.active_count()
    tried: list[set[str]] = []
    outcomes(setting, ["post"] * 6, False, tried.append)
    assert len(tried) == math.comb(12, 6)
    assert threading.active_count() == before


def test_a_script_that_hangs_beside_the_other_ends_the_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Side, "seconds", 0.3)
    setting = overlapping()

    def run(session) -> None:  # type: ignore[no-untyped-def]
        if "bug" in session.call("slack.slack_read_channel", channel_id="C0DEV").text:
            while True:
                pass
        session.call("slack.slack_send_message", channel_id="C0DEV", message="a bug")

    agent, before = Script("run", lambda: run), threading.active_count()

    def check(alone: Alone, pair: RunPair, made: Order) -> tuple[Finding, ...]:
        return tuple(check_overlap(alone, pair, made, Terms(), setting.case.expect))

    [one, other] = openings_of(setting, agent, None)
    ended = Interleaving((one, other), check).beside_itself(agent.run(one.session()))
    assert [finding.code for finding in ended.findings] == ["overlap.failed"]
    assert threading.active_count() == before
