"""Patterns as automata: the same answers as RE2's, in linear time, or a refusal."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from routine_harness.guard.automaton import compile_automaton
from routine_harness.guard.decide import run_automaton
from routine_harness.routine.regex import compile_regex

ATOMS = st.sampled_from(
    ["a", "b", "A", ".", " ", "-", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\B", "^", "$", "[ab]",
     "[^a-c]", r"[\w-]", r"[^\s]", "é", r"\.", "\\n", "k", "S", r"\t", r"\A"]
)  # fmt: skip


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeat = st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?"])
    return (
        st.lists(inner, min_size=2, max_size=4).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})")
        | st.tuples(inner, repeat).map(lambda pair: f"(?:{pair[0]}){pair[1]}")
        | inner.map(lambda part: f"({part})")
        | inner.map(lambda part: f"(?i:{part})")
        | inner.map(lambda part: f"(?-s:{part})")
    )


PATTERNS = st.recursive(ATOMS, grown, max_leaves=8)
TEXTS = st.text(st.sampled_from("abcABkKsS_09 -.\n\té\u017f\u212a"), max_size=8)


@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=6))
def test_an_automaton_answers_as_re2_does(pattern: str, texts: list[str]) -> None:
    """Whatever pattern can be proved takes exactly the texts that RE2 takes."""
    try:
        match = compile_regex(pattern)
        automaton = compile_automaton(pattern)
    except ValueError:
        assume(False)
    for text in texts:
        assert run_automaton(automaton, text) == bool(match(text)), (pattern, text)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*b", "(.*)*x", r".*\bterraform\s+apply\b.*", "(?i).*drop table.*"]
)
def test_what_hangs_re_is_linear_here(pattern: str) -> None:
    """Patterns that send a backtracking engine into exponential time are done in an instant."""
    automaton = compile_automaton(pattern)
    started = time.perf_counter()
    run_automaton(automaton, "a" * 100_000 + "!")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("(?:a|b)*a(?:a|b){16}", "states"),
        ("[[:alpha:]]+", "cannot be proved"),
        (r"\pL+", "cannot be proved"),
        ("(?m)^a$", "line breaks"),
        ("(", "missing"),
        (r"(a)\1", "invalid escape"),
    ],
)
def test_what_cannot_be_proved_is_refused(pattern: str, word: str) -> None:
    """A pattern that grows too large, or that the two dialects read differently, is no automaton."""
    with pytest.raises(ValueError, match=word):
        compile_automaton(pattern)
