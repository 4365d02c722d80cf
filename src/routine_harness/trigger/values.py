"""Values of one filter field for which its clauses answer as wanted: a search, and where it can, a proof.

Clauses of different fields do not look at each other, so that a trigger can be searched field by
field. Values come from the clauses' own operands first, from Hypothesis where those do not do.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from routine_harness.routine.glob import glob_regex
from routine_harness.trigger.clauses import CompiledClause

FREE_TEXT: Final = ("title", "body")
BRANCHES: Final = ("base_branch", "head_branch")
_ORDINARY: Final[dict[str, tuple[str, ...]]] = {
    "author": ("alice", "bob", "dependabot[bot]"),
    "title": ("Add a button", "x"),
    "body": ("It was asked for.", "", "x"),
    "base_branch": ("main", "x", "release/1"),
    "head_branch": ("feature/button", "x"),
    "repository": ("acme/core", "acme/other"),
}
_EXAMPLES: Final = 300
_SAMPLES: Final = 6


class Search(msgspec.Struct, frozen=True):
    """``value`` where one was found; else ``proved`` says whether there can be none."""

    found: bool
    value: Any = None
    proved: bool = False


def find_value(field: str, clauses: Sequence[CompiledClause], wanted: Sequence[bool]) -> Search:
    """A value of ``field`` for which each of ``clauses`` answers as ``wanted``: the shortest known."""

    def fits(value: Any) -> bool:
        return all(c.test(value) is want for c, want in zip(clauses, wanted, strict=True))

    pool = sorted(candidates(field, clauses), key=_plainness)
    for value in pool:
        if fits(value):
            return Search(True, value)
    if is_finite(field, clauses, wanted):
        return Search(False, proved=True)
    return _search(field, clauses, fits)


def is_finite(field: str, clauses: Sequence[CompiledClause], wanted: Sequence[bool]) -> bool:
    """Whether the candidates are all there is: a flag, or a text that some clause pins to a list."""
    if field.startswith(("is_", "from_")):
        return True
    if field == "labels":
        return False
    return any(want and clause.operator in ("equals", "is_one_of") for clause, want in zip(clauses, wanted))  # noqa: B905


def disjoint(one: CompiledClause, other: CompiledClause) -> bool:
    """Whether it is proved that nothing satisfies both clauses, which read the same field."""
    if is_finite(one.field, (one, other), (True, True)):
        return not find_value(one.field, (one, other), (True, True)).found
    kinds = {one.operator: one.expected, other.operator: other.expected}
    if one.operator == other.operator == "starts_with" and one.field != "labels":
        return not (one.expected.startswith(other.expected) or other.expected.startswith(one.expected))
    asked = kinds.get("contains") or kinds.get("equals")
    return one.field == "labels" and "is_not_one_of" in kinds and asked in kinds["is_not_one_of"]


def implies(one: CompiledClause, other: CompiledClause) -> bool:
    """Whether it is proved that what satisfies ``one`` satisfies ``other``, which reads the same field."""
    if (one.operator, one.expected) == (other.operator, other.expected):
        return True
    if one.operator == other.operator == "is_not_one_of":
        return set(other.expected) <= set(one.expected)
    if one.operator not in ("starts_with", "contains") or one.field == "labels":
        return False
    if other.operator == "contains":
        return str(other.expected) in str(one.expected)
    return one.operator == other.operator == "starts_with" and one.expected.startswith(other.expected)


def candidates(field: str, clauses: Sequence[CompiledClause]) -> list[Any]:
    """Values worth trying: ordinary ones, the operands, the operands with something around them."""
    if field.startswith(("is_", "from_")):
        return [False, True]
    texts = list(dict.fromkeys(text for clause in clauses for text in operands(clause)))
    if field == "labels":
        return [[], ["x"], *([text] for text in texts), *([text, "x"] for text in texts), texts]
    around = ("", "x", " ") if field in FREE_TEXT else ("", "x")
    parts = [*texts, *(text.swapcase() for text in texts)]
    found = [f"{before}{text}{after}" for text in parts for before in around for after in around]
    found += ["".join(pair) for pair in itertools.permutations(texts[:12], 2)]
    found += [sample for clause in clauses for sample in _samples(clause)]
    return [text for text in dict.fromkeys((*_ORDINARY.get(field, ("x",)), *found)) if plausible(field, text)]


def operands(clause: CompiledClause) -> Iterable[str]:
    """The texts that a clause compares with; of a pattern, the literal stretches."""
    values = clause.expected if isinstance(clause.expected, list | tuple) else [clause.expected]
    if clause.operator in ("matches_regex", "matches_glob"):
        stretches = (re.split(r"[*?+\[\](){}|\\^$.]+", text) for text in values if isinstance(text, str))
        return [part.removeprefix("!") for parts in stretches for part in parts if part]
    return [text for text in values if isinstance(text, str)]


def plausible(field: str, value: Any) -> bool:
    """Whether GitHub could send this text in this field."""
    if not isinstance(value, str) or field == "body":
        return True
    if not value or "\n" in value or "\r" in value or not value.isprintable():
        return False
    if field in BRANCHES:
        return not re.search(r"\s|\.\.|^/|/$|^refs/|[~^:?*\[\\]", value)
    return field != "author" or not re.search(r"\s", value)


def pattern_of(clause: CompiledClause) -> list[str]:
    """The Python patterns of which whole matches satisfy the clause; none if it has no such."""
    if clause.operator == "matches_regex":
        found = [str(clause.expected)]
    elif clause.operator == "matches_glob":
        found = [glob_regex(each) for each in clause.expected if not each.startswith("!")]
    else:
        return []
    return [pattern for pattern in found if _compiles(pattern)]


def _samples(clause: CompiledClause) -> list[str]:
    """Some texts that a pattern matches whole, the simplest first; always the same."""
    texts = [text for pattern in pattern_of(clause) for text in _sampled(pattern)]
    return [text for text in texts if clause.test(text) is True]


@functools.lru_cache(maxsize=256)
def _sampled(pattern: str) -> tuple[str, ...]:
    found: list[str] = []
    while (
        len(found) < _SAMPLES and (text := _find(_texts(pattern), lambda text: text not in found)) is not None
    ):
        found.append(text)
    return tuple(found)


def _search(field: str, clauses: Sequence[CompiledClause], fits: Callable[[Any], bool]) -> Search:
    # Imported here: an extra, and only this search needs it.
    from hypothesis import strategies as st

    pool = [value for value in candidates(field, clauses) if value]
    if field == "labels":
        names = st.sampled_from(sorted({name for value in pool for name in value})) | st.text(
            "abc", min_size=1
        )
        strategy: Any = st.lists(names, max_size=4)
    else:
        pieces: Any = st.sampled_from(pool) | st.text("abcXYZ019-_/ .", max_size=4)
        strategy = st.lists(pieces, min_size=1, max_size=3).map("".join)
        for pattern in (pattern for clause in clauses for pattern in pattern_of(clause)):
            strategy |= _texts(pattern)
        strategy = strategy.filter(lambda text: plausible(field, text))
    value = _find(strategy, fits)
    return Search(value is not None, value)


def _texts(pattern: str) -> Any:
    from hypothesis import strategies as st

    return st.from_regex(pattern, fullmatch=True, alphabet=st.characters(min_codepoint=32, max_codepoint=126))


def _find(strategy: Any, fits: Callable[[Any], bool]) -> Any:
    """The simplest value that fits, or None; the same at every call, and nothing is written."""
    from random import Random

    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis.errors import NoSuchExample, Unsatisfiable

    rules = settings(
        max_examples=_EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    try:
        return find(strategy, fits, settings=rules, random=Random(0))  # noqa: S311 - no secret is made
    except (NoSuchExample, Unsatisfiable):
        return None


def _compiles(pattern: str) -> bool:
    """Whether Python can read a pattern of RE2's: nearly all, and the others are searched otherwise."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _plainness(value: Any) -> tuple[int, str]:
    return (len(value), str(value)) if isinstance(value, str | list) else (0, str(value))
