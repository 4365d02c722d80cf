"""A text of which parts are known only when a run makes them, under every operator."""

import copy
import json
import pickle
import re

import pytest

from routine_harness.predicate import ABSENT, Partly, parse_predicate
from routine_harness.routine.regex import compile_regex as whole_regex

FIX = Partly("claude/fix-$X", ("claude/fix-", None))
ANY = Partly("$N")
ENDED = Partly("$DAY-report.md", (None, "-report.md"))


def compile_regex(pattern):
    return re.compile(pattern).fullmatch


@pytest.mark.parametrize(
    ("predicate", "value", "answer"),
    [
        ("main", FIX, False),
        ("claude/fix-3", FIX, None),
        ("claude/fix-", FIX, None),
        ("main", ANY, None),
        (7, ANY, None),
        (7, FIX, False),
        (True, ANY, None),
        (None, ANY, False),
        ("monday-report.md", ENDED, None),
        ("monday-report.txt", ENDED, False),
        ({"equals": ["main"]}, ANY, None),
        ({"equals": ["main", "x"]}, [ANY, "y"], False),
        ({"equals": ["main", "x"]}, [ANY, "x"], None),
        ({"starts_with": "claude/"}, FIX, True),
        ({"starts_with": "claude/fix-3"}, FIX, None),
        ({"starts_with": "main"}, FIX, False),
        ({"starts_with": "claude/"}, ENDED, None),
        ({"not": {"starts_with": "claude/"}}, FIX, False),
        ({"not": "main"}, FIX, True),
        ({"not": "main"}, ANY, None),
        ({"contains": "fix"}, FIX, True),
        ({"contains": "wip"}, FIX, None),
        ({"contains": "main"}, ["x", ANY], None),
        ({"contains": "main"}, ["main", ANY], True),
        ({"contains": "main"}, ["x", FIX], False),
        ({"is_one_of": ["main", "master"]}, FIX, False),
        ({"is_one_of": ["main", "claude/fix-9"]}, FIX, None),
        ({"is_not_one_of": ["main", "master"]}, FIX, True),
        ({"is_not_one_of": ["main", "master"]}, ANY, None),
        ({"matches_regex": "claude/.*"}, ANY, None),
        ({"all_of": [{"starts_with": "claude/"}, {"contains": "wip"}]}, FIX, None),
        ({"all_of": [{"starts_with": "x"}, {"contains": "wip"}]}, FIX, False),
        ({"any_of": ["main", {"starts_with": "claude/"}]}, FIX, True),
        ({"any_of": ["main", {"contains": "wip"}]}, FIX, None),
        ({"is_one_of": ["main"]}, ["x", "main"], True),
        ({"is_one_of": ["main"]}, ABSENT, None),
    ],
)
def test_what_is_known_of_a_text_decides_where_it_can(predicate, value, answer):
    """A known part makes a predicate true or false; a hole that matters leaves it undecided."""
    assert parse_predicate(predicate, compile_regex).match(value) is answer


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("claude/.*", True),
        (".*", True),
        ("main|master|release/.*", False),
        ("claude/fix-[0-9]+", None),
        ("(?i)CLAUDE/.*", True),
        (".*-hotfix", None),
        ("[^/]+", False),
        (r"\bclaude\b.*", True),
    ],
)
def test_a_pattern_decides_by_what_is_known(pattern, answer):
    """An automaton tells whether all, none or some of the texts that it may be match."""
    assert parse_predicate({"matches_regex": pattern}, whole_regex).match(FIX) is answer


@pytest.mark.parametrize(
    ("pieces", "text", "answer"),
    [
        (("a", None, "b"), "ab", True),
        (("a", None, "b"), "aXbYb", True),
        (("a", None, "b"), "aXbY", False),
        (("a", None, "a"), "a", False),
        ((None, "b", None, "b"), "b", False),
        ((None, "b", None, "b"), "xbb", True),
        (("a", None), "ba", False),
    ],
)
def test_a_text_may_be_another_where_the_holes_can_be_filled(pieces, text, answer):
    """Known pieces stand in order, the first at the start and the last at the end."""
    assert Partly("", pieces).may_be(text) is answer


def test_it_prints_as_spelt_and_survives_a_copy():
    """JSON shows the spelling; copies and pickles keep the pieces, neighbours as one."""
    text = Partly("a$X$Y-b", ("a", "", None, None, "-", "b"))
    assert json.dumps({"branch": text}) == '{"branch": "a$X$Y-b"}'
    for made in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert (made, made.pieces) == ("a$X$Y-b", ("a", None, "-b"))
    assert ANY.unknown
    assert not FIX.unknown
