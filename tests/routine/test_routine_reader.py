"""Reading values into fields: each getter's words, and what it gives instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.errors import SpecError
from routine_harness.routine.duration import parse_duration
from routine_harness.routine.reader import Fields, Reader, kind_of, nearest, suggestion
from routine_harness.routine.spec import Source


def fields(data: dict[str, Any]) -> Fields:
    source = Source("x.yaml", lines={("key",): 3, ("key", 1): 5})
    return Fields(Reader(source), data, (), "a thing")


@pytest.mark.parametrize(
    ("get", "bad", "instead", "message"),
    [
        (lambda f: f.text("key"), 3, "", "expected key to be a text, found the number 3"),
        (lambda f: f.text("key", "d"), None, "d", "expected key to be a text, found nothing"),
        (
            lambda f: f.flag("key", True),
            "off",
            True,
            "expected key to be true or false, found the text 'off'",
        ),
        (lambda f: f.whole("key", 2), True, 2, "expected key to be a whole number from 0, found true"),
        (lambda f: f.whole("key", 2), 1.5, 2, "expected key to be a whole number, found the number 1.5"),
        (lambda f: f.number("key"), -1, 0.0, "expected key to be a number from 0, found the number -1"),
        (lambda f: f.choice("key", ("a", "b"), "a"), "c", "a", "expected key to be one of a, b, found 'c'"),
        (lambda f: f.texts("key"), {"a": 1}, (), "expected a list of texts, found a mapping"),
        (lambda f: f.mapping("key"), [], {}, "expected key to be a mapping, found a list"),
        (lambda f: f.text_map("key"), "x", {}, "expected key to be a mapping, found the text 'x'"),
    ],
)
def test_a_wrong_value_is_noted_with_its_line_and_the_default_given(
    get: Callable[[Fields], Any], bad: Any, instead: Any, message: str
) -> None:
    """Reading goes on, so that everything is reported at once."""
    read = fields({"key": bad})
    assert get(read) == instead
    [problem] = read.reader.problems
    assert (problem.file, problem.line, problem.message) == ("x.yaml", 3, message)


def test_an_element_of_a_list_is_noted_on_its_own_line() -> None:
    """The good elements are kept."""
    read = fields({"key": ["a", 2, "c"]})
    assert read.texts("key") == ("a", "c")
    assert [problem.line for problem in read.reader.problems] == [5]


def test_a_lone_text_is_a_list_of_one() -> None:
    """And an empty key an empty list."""
    assert fields({"key": "a"}).texts("key") == ("a",)
    assert fields({"key": None}).texts("key") == ()


def test_no_problem_raises_nothing() -> None:
    """Only what was noted is raised, all of it."""
    reader = Reader(Source("x.yaml"))
    reader.raise_problems()
    reader.problem((), "one")
    reader.problem((), "two")
    with pytest.raises(SpecError) as caught:
        reader.raise_problems()
    assert [problem.message for problem in caught.value.problems] == ["one", "two"]


def test_a_suggestion_names_the_nearest_or_the_few() -> None:
    """Nothing near and too many: no hint at all."""
    assert suggestion("tickts", ("tickets", "messages"), "they") == "did you mean tickets?"
    assert suggestion("zzz", ("a", "b"), "they") == "they are a, b"
    assert suggestion("zzz", tuple("abcdefghijklmnop"), "they") == ""
    assert nearest("x", ()) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [("a", "the text 'a'"), ("a" * 99, "a long text"), (True, "true"), (None, "nothing"),
     (2.5, "the number 2.5"),
     ({}, "a mapping"), ([], "a list")],
)  # fmt: skip
def test_a_value_in_words(value: Any, words: str) -> None:
    """As messages say what was found."""
    assert kind_of(value) == words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90m", 5400), ("2d", 172800), ("1h 30m", 5400), ("-90m", -5400), ("1w", 604800),
     ("+5s", 5), (" 3h ", 10800)],
)  # fmt: skip
def test_spans_of_time_are_read(text: str, seconds: int) -> None:
    """Units may be combined, and a sign stands before all of them."""
    assert parse_duration(text) == seconds


@given(st.text(st.sampled_from("0123456789smhdw +-x"), max_size=12))
def test_any_text_is_a_span_or_none(text: str) -> None:
    """No text raises anything, and what is a span has a number."""
    seconds = parse_duration(text)
    assert seconds is None or any(char.isdigit() for char in text)
