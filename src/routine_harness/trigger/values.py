"""Values of one filter field for which its clauses answer as wanted, or the proof that there is none.

Clauses of different fields do not look at each other, so that a trigger can be searched field by
field. Values come from the clauses' own operands first, which read best, else from the languages of
the clauses.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.plain import Json
from routine_harness.routine.automaton import Unproved
from routine_harness.routine.languages import Language, Wanted, find_text
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
_SOME: Final = ((".+", True),)
_NO_BRANCH: Final = (r"(?s:.*(?:\s|\.\.|[~^:?*\[\\]).*|/.*|.*/|refs/.*)", True)
"""Names that git refuses, as far as anyone would write them."""


class Search(msgspec.Struct, frozen=True):
    """``value`` where one was found; else ``proved`` says that there is none, or ``reason`` why that
    could not be decided."""

    found: bool
    value: Json = None
    proved: bool = False
    reason: str = ""


def find_value(field: str, clauses: Sequence[CompiledClause], wanted: Sequence[bool]) -> Search:
    """A value of ``field`` for which each of ``clauses`` answers as ``wanted``: the shortest known."""

    def fits(value: Json) -> bool:
        return all(c.test(value) is want for c, want in zip(clauses, wanted, strict=True))

    for value in sorted(candidates(field, clauses), key=_plainness):
        if fits(value):
            return Search(True, value)
    if _is_flag(field):
        return Search(False, proved=True)
    unknown = next((clause for clause in clauses if clause.language is None), None)
    if unknown is not None:
        return Search(False, reason=f"{unknown.operator} {unknown.expected!r} cannot be proved")
    find = _find_labels if field == "labels" else _find_text
    try:
        value = find(field, clauses, wanted)
    except Unproved as error:
        return Search(False, reason=str(error))
    if value is None:
        return Search(False, proved=True)
    return Search(True, value) if fits(value) else Search(False, reason=f"{value!r} is judged otherwise")


def find_texts(
    field: str, clauses: Sequence[CompiledClause], wanted: Sequence[bool], most: int
) -> Iterator[str]:
    """The shortest texts for which the clauses answer as wanted, as far as that can be decided."""
    languages = [clause.language for clause in clauses if clause.language is not None]
    asked: Wanted = tuple(zip(languages, wanted, strict=False))
    if len(asked) < len(clauses):
        return
    for _ in range(most):
        try:
            found = find_text((*asked, *_shape(field)), _allowed(field))
        except Unproved:
            return
        if found is None:
            return
        yield found
        asked = (*asked, (((re.escape(found), True),), False))


def _find_text(field: str, clauses: Sequence[CompiledClause], wanted: Sequence[bool]) -> str | None:
    asked = [(clause.language or (), want) for clause, want in zip(clauses, wanted, strict=True)]
    return find_text((*asked, *_shape(field)), _allowed(field))


def _find_labels(field: str, clauses: Sequence[CompiledClause], wanted: Sequence[bool]) -> list[str] | None:
    """A list of labels that is not empty: one label for each clause that some label has to satisfy,
    all of them such as every label has to be."""
    each: list[tuple[Language, bool]] = []
    some: list[tuple[Language, bool]] = []
    for clause, want in zip(clauses, wanted, strict=True):
        (each if clause.every is want else some).append((clause.language or (), want))
    names: list[str] = []
    for asked in [[one] for one in some] or [[]]:
        name = find_text((*asked, *each, *_shape(field)), _allowed(field))
        if name is None:
            return None
        names.append(name)
    return list(dict.fromkeys(names))


def _shape(field: str) -> Wanted:
    """What every text of the field is like, whatever the clauses ask."""
    if field == "body":
        return ()
    return ((_SOME, True), ((_NO_BRANCH,), False)) if field in BRANCHES else ((_SOME, True),)


def _allowed(field: str) -> Callable[[str], bool]:
    return {"body": _is_character, "author": _is_in_names}.get(field, str.isprintable)


def _is_character(letter: str) -> bool:
    return not "\ud800" <= letter <= "\udfff"


def _is_in_names(letter: str) -> bool:
    return letter.isprintable() and not letter.isspace()


def _is_flag(field: str) -> bool:
    return field.startswith(("is_", "from_"))


def candidates(field: str, clauses: Sequence[CompiledClause]) -> list[Json]:
    """Values worth trying: ordinary ones, the operands, the operands with something around them."""
    if _is_flag(field):
        return [False, True]
    texts = list(dict.fromkeys(text for clause in clauses for text in operands(clause)))
    if field == "labels":
        return [[], ["x"], *([text] for text in texts), *([text, "x"] for text in texts), texts]
    around = ("", "x", " ") if field in FREE_TEXT else ("", "x")
    parts = [*texts, *(text.swapcase() for text in texts)]
    found = [f"{before}{text}{after}" for text in parts for before in around for after in around]
    found += ["".join(pair) for pair in itertools.permutations(texts[:12], 2)]
    return [text for text in dict.fromkeys((*_ORDINARY.get(field, ("x",)), *found)) if plausible(field, text)]


def operands(clause: CompiledClause) -> Iterable[str]:
    """The texts that a clause compares with; of a pattern, the literal stretches."""
    values = clause.expected if isinstance(clause.expected, list | tuple) else [clause.expected]
    if clause.operator in ("matches_regex", "matches_glob"):
        stretches = (re.split(r"[*?+\[\](){}|\\^$.]+", text) for text in values if isinstance(text, str))
        return [part.removeprefix("!") for parts in stretches for part in parts if part]
    return [text for text in values if isinstance(text, str)]


def plausible(field: str, value: Json) -> bool:
    """Whether GitHub could send this text in this field."""
    if not isinstance(value, str) or field == "body":
        return True
    if not value or "\n" in value or "\r" in value or not value.isprintable():
        return False
    if field in BRANCHES:
        return not re.fullmatch(_NO_BRANCH[0], value)
    return field != "author" or not re.search(r"\s", value)


def _plainness(value: Json) -> tuple[int, str]:
    return (len(value), str(value)) if isinstance(value, str | list) else (0, str(value))
