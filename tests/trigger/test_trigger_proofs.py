"""Whether filters can hold together: a witness, a proof that none can be, or said to be undecided."""

from __future__ import annotations

from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st
from support.triggers import clause, github, routine

from routine_harness.finding import Finding
from routine_harness.routine.character_sets import case_folded
from routine_harness.routine.edition import load_edition
from routine_harness.trigger.clauses import compile_filter
from routine_harness.trigger.properties import check_trigger_properties
from routine_harness.trigger.values import find_value

OCTOBER = load_edition("2026-10")
ANSWERED = load_edition("2026-10", {"settings": {k: v.default for k, v in OCTOBER.settings.items()}})


def _check(*filters: Any, events: tuple[str, ...] = ("pull_request.opened",)) -> tuple[Finding, ...]:
    return check_trigger_properties(routine(github(*filters, events=events)), OCTOBER)


def _titles(*patterns: str) -> list[Any]:
    return [clause("title", "matches_regex", pattern) for pattern in patterns]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("title", "contains", "hotfix"), ("title", "contains", "fix")),
        (("title", "starts_with", "fix: "), ("title", "starts_with", "fix")),
        (("author", "is_not_one_of", ["a", "b"]), ("author", "is_not_one_of", ["b"])),
        (("author", "equals", "bob"), ("author", "is_not_one_of", ["alice"])),
        (("title", "matches_regex", "fix.*"), ("title", "contains", "fix")),
        (("title", "matches_regex", r"[A-Z]{2}-\d+ .*"), ("title", "matches_regex", r".*\b\d+\b.*")),
    ],
)
def test_a_clause_that_decides_nothing_is_proved_to(first: Any, second: Any) -> None:
    """Whatever passes the other one passes it too, patterns included."""
    [finding] = _check(clause(*first), clause(*second))
    assert finding.code == "trigger.dead-clause"
    assert "every event that passes the other clauses passes it too" in finding.message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (r"^(feat|fix)(\([a-z]+\))?: .+", r".*\b[A-Z]{2,5}-[0-9]+\b.*"),
        (r".*\bfix\b.*", r".*\Bfix\B.*"),
        (r"(?i)wip: .*", r"[A-Z]+: .*"),
        ("é+", "(?i)É"),
        (r"(a|b)*a(a|b){8}", r"(a|b)*b(a|b){7}"),
        (r"\D{3}\d{3}", "...007"),
    ],
)
def test_patterns_that_hold_together_are_no_contradiction(first: str, second: str) -> None:
    """There is a title that both match, and it is the witness."""
    both = _titles(first, second)
    codes = {finding.code for finding in _check(*both)}
    assert not {"trigger.contradiction", "trigger.never-fires", "trigger.unproved"} & codes
    found = find_value("title", [compile_filter(each, OCTOBER) for each in both], (True, True))
    assert found.found
    assert all(re2.compile(pattern).fullmatch(found.value) for pattern in (first, second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("feat: .*", "fix: .*"),
        (r"\d+", r"\D+"),
        (r"[a-z ]*", r".*\b[A-Z]{2,5}-[0-9]+\b.*"),
        (r".*\bfix\b.*", r"\w+fix\w+"),
        ("(ab)+", "(ba)+"),
        ("(?:..)+", "(?:..)*."),
        ("(?i)straße", "STRASSE"),
    ],
)
def test_patterns_that_exclude_each_other_are_a_contradiction(first: str, second: str) -> None:
    """No title matches both: that is proved, with titles that match one of them, and an error."""
    [finding] = [each for each in _check(*_titles(first, second)) if each.code == "trigger.contradiction"]
    assert finding.fails
    assert len([line for line in finding.detail if "satisfies only one" in line]) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (r"\pL+", r"\d{9}"),
        ("[[:alpha:]]+", r"\d{9}"),
        ("(?m)^a$", r"\d{9}"),
        ("(?:a|b)*a(?:a|b){16}", "(?:a|b)*b(?:a|b){16}"),
    ],
)
def test_what_cannot_be_decided_is_undecided(first: str, second: str) -> None:
    """A pattern without an automaton of bearable size is in no contradiction, and the reason is given."""
    found = [finding for finding in _check(*_titles(first, second)) if finding.code != "trigger.regex-whole"]
    assert {finding.code for finding in found} == {"trigger.unproved"}
    assert not any(finding.fails for finding in found)
    assert all("is not decided: " in finding.message for finding in found)


def test_a_witness_decides_what_no_automaton_can() -> None:
    """The operands themselves are tried, whatever the patterns."""
    filters = [*_titles(r".*\pL.*"), clause("title", "contains", "fix")]
    assert "trigger.contradiction" not in {finding.code for finding in _check(*filters)}
    assert (
        find_value("title", [compile_filter(each, OCTOBER) for each in filters], (True, True)).value == "fix"
    )


@pytest.mark.parametrize(
    ("filters", "together"),
    [
        ([("contains", "a"), ("contains", "b")], True),
        ([("matches_regex", "a.*"), ("is_not_one_of", ["a", "ab"])], True),
        ([("matches_regex", "a|b"), ("is_not_one_of", ["a", "b"])], False),
        ([("starts_with", "area/"), ("matches_regex", "[a-z]+")], True),
    ],
)
def test_labels_are_a_list(filters: list[tuple[str, Any]], together: bool) -> None:
    """Each label may satisfy another filter; what no label may be excludes what one has to be."""
    clauses = [clause("labels", *each) for each in filters]
    codes = [finding.code for finding in _check(*clauses, events=("pull_request.labeled",))]
    assert ("trigger.contradiction" not in codes) is together
    compiled = [compile_filter(each, OCTOBER) for each in clauses]
    assert find_value("labels", compiled, (True, True)).found is together


def test_branches_are_names_that_git_takes() -> None:
    """Two patterns that only a name with a space or two dots satisfies exclude each other."""
    filters = [clause("head_branch", "matches_regex", pattern) for pattern in (r"a.*b", r".(\.\.| ).")]
    assert [finding.code for finding in _check(*filters)] == ["trigger.contradiction"]
    taken_back = github(
        clause("base_branch", "starts_with", "release/x"), branches=("release/**", "!release/x**")
    )
    [finding] = check_trigger_properties(routine(taken_back), OCTOBER)
    assert finding.code == "trigger.contradiction"


TEXTS = st.text(st.sampled_from("abAB-0 \n\u017f"), min_size=1, max_size=6)
ATOMS = ["a", "b", "A", ".", "-", r"\d", r"\w", r"\s", r"\b", r"\B", "^", "$", "[^a]", "s"]
PATTERNS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map("".join)
        | st.lists(inner, min_size=2, max_size=2).map(lambda parts: f"(?:{'|'.join(parts)})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}"])).map("(?:{0[0]}){0[1]}".format)
        | inner.map("(?i:{})".format)
    ),
    max_leaves=6,
)


@given(st.lists(PATTERNS, min_size=1, max_size=3), st.lists(TEXTS, max_size=6))
def test_no_text_disproves_what_is_proved(patterns: list[str], texts: list[str]) -> None:
    """RE2 takes the text that is found; where there is none, it takes none of many."""
    clauses = [compile_filter(clause("body", "matches_regex", pattern), ANSWERED) for pattern in patterns]
    found = find_value("body", clauses, [True] * len(clauses))
    assert not found.reason
    if found.proved:
        assert not any(all(each.test(text) for each in clauses) for text in ("", *texts))


def test_case_is_folded_as_re2_folds_it() -> None:
    """A letter stands for exactly the letters for which it stands in RE2."""
    letters = [chr(code) for code in range(0x1E944) if chr(code).lower() != chr(code).upper()]
    for letter in letters[::7]:
        pattern = re2.compile(f"(?i){letter}")
        ours = {chr(first) for first, _ in case_folded([(ord(letter), ord(letter))])}
        near = {letter, letter.lower(), letter.upper(), letter.title(), letter.casefold(), letter.swapcase()}
        assert all(pattern.fullmatch(other) for other in ours), letter
        assert {other for other in near if len(other) == 1 and pattern.fullmatch(other)} <= ours, letter
