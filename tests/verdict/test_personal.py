"""What belongs to a person and leaves: found by its form, never repeated, as grave as the policy says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.desk import run_desk

from routine_harness.verdict.policy.personal import (
    find_accounts,
    find_addresses,
    find_cards,
    find_phones,
    judge_personal,
)
from routine_harness.verdict.policy.rules import LeakRules


def posted(text: str, rules: LeakRules = LeakRules(), **more: Any) -> list[tuple[str, str]]:  # noqa: B008
    run = run_desk(lambda session: session.call("desk.post_message", channel="dev", text=text, **more))
    return [(finding.code, finding.severity.value) for finding in judge_personal(run, rules)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ask jane.doe@acme-corp.io", ["leak.email"]),
        ("call +49 30 901820 today", ["leak.phone"]),
        ("card 4111 1111 1111 1111 was charged", ["leak.card"]),
        ("paid from DE89 3704 0044 0532 0130 00", ["leak.account"]),
        ("ask jane.doe@acme-corp.io or +1 650-253-0000", ["leak.email", "leak.phone"]),
    ],
)
def test_each_kind_is_a_warning(text: str, codes: list[str]) -> None:
    assert posted(text) == [(code, "warning") for code in codes]


@pytest.mark.parametrize(
    "text",
    [
        "Co-Authored-By: Claude <noreply@anthropic.com>",
        "42+dana@users.noreply.github.com merged it",
        "write to you@example.com",
        "git@github.com:acme/core.git",
        "run 25123456789012345 of 2026-05-04T09:00:00Z took 1714813200.000100",
        "the order 4111 1111 1111 1112 has a wrong last digit",
        "DE89 3704 0044 0532 0130 01 has wrong check digits",
        "sha 313d29ef3bd17bdeef8c84599bd792f4257c7d84, +120 -44 lines, v1.2.3+build.5",
        "https://github.com/acme-platform/core-api/actions/runs/9876543210123",
        "@dana and @acme/reviewers",
        "C0SECURITY 7f3a 0xdeadbeef 1+1=2",
    ],
)
def test_what_only_looks_alike_is_none(text: str) -> None:
    assert posted(text) == []


def test_the_policy_says_how_grave_it_is_and_whose_names_stay_here() -> None:
    rules = LeakRules(email="error", phone="off", people=("Jane Doe",), name="error")
    text = "jane doe (jane@acme-corp.io, +49 30 901820) reported it; Janedoer did not"
    assert posted(text, rules) == [("leak.email", "error"), ("leak.name", "error")]


def test_who_is_written_to_may_read_the_own_address() -> None:
    assert posted("Dear jane@acme-corp.io", to="Jane <jane@acme-corp.io>") == []
    assert posted("Dear john@acme-corp.io", to="jane@acme-corp.io") == [("leak.email", "warning")]


def test_what_leaked_is_not_repeated() -> None:
    run = run_desk(lambda session: session.call("desk.post_message", channel="dev", text="jane@acme-corp.io"))
    assert "jane" not in " ".join(finding.message for finding in judge_personal(run, LeakRules()))


@given(st.integers(10**13, 10**14 - 1))
def test_one_of_ten_last_digits_makes_a_card(number: int) -> None:
    numbers = [f"4{number}{last}" for last in range(10)]
    assert sum(bool(list(find_cards(each))) for each in numbers) == 1


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    for find in (find_addresses, find_phones, find_cards, find_accounts):
        assert all(one in text for one in find(text))
