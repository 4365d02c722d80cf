"""Regular expressions: RE2, whole value, and nothing that hangs."""

from __future__ import annotations

import pytest

from routine_harness.predicate import parse_predicate
from routine_harness.routine.regex import compile_filter_regex, compile_regex


def test_a_pattern_matches_the_whole_value() -> None:
    """``.*`` is needed for 'somewhere', as on the platform."""
    assert compile_regex("fix")("fix")
    assert not compile_regex("fix")("a fix")
    assert compile_regex(".*fix.*")("a fix here")


def test_a_dot_matches_a_line_break_only_outside_filters() -> None:
    """Expectations read texts of many lines; a trigger's filter is the platform's."""
    assert compile_regex("a.*z")("a\nz")
    assert not compile_filter_regex("a.*z")("a\nz")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}", "(x+x+)+y"])
def test_a_catastrophic_pattern_does_not_hang(pattern: str) -> None:
    """What hangs a backtracking engine on 24 characters is decided here on 50,000."""
    assert not compile_regex(pattern)("a" * 50_000 + "!")


@pytest.mark.parametrize("pattern", ["(", "[", "a{2,1}", "(?=a)", r"(a)\1", "*", "(?P<n", "\\"])
def test_a_malformed_pattern_is_a_value_error_with_a_reason(pattern: str) -> None:
    """Look-around and back-references are not RE2's."""
    with pytest.raises(ValueError, match=r"\w"):
        compile_regex(pattern)


def test_a_pattern_is_compiled_once() -> None:
    """Hundreds of cases name the same patterns."""
    assert compile_regex("once.*") is compile_regex("once.*")


def test_patterns_serve_in_predicates() -> None:
    """An absent value stays undecided, one that is no text does not match."""
    predicate = parse_predicate({"matches_regex": "a.*"}, compile_regex)
    assert predicate.match("abc") is True
    assert predicate.match(3) is False
