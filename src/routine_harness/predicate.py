"""The one matcher language: filters, expectations, policies, guard and backtests.

A predicate is a literal (equals) or one operator. Whoever parses says what a dot of a pattern
matches, and so passes the engine in: that of filters stops at a line break.

Matching is three-valued. A value that is absent makes a predicate *undecided* (``None``);
a trigger reports that, an expectation takes it for no match, ``forbid`` for a match. So does a
text that is known in part (``Partly``), where what is known does not decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from routine_harness.plain import Json

Undecided = TypeVar("Undecided", None, str)
"""Neither true nor false: ``None``, or a text with the reason."""
Match = Callable[[str], object]
Test = Callable[[Json], bool | None]
RegexCompiler = Callable[[str], Match]
"""Pattern → a function that is truthy when it matches the *whole* text; ``ValueError`` if malformed."""


class _Absent:
    """The value of a field that is not there; unlike ``None``, which is a value."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()


class Partly(str):
    """A text that only a run tells whole: ``claude/fix-$X`` starts with ``claude/`` and is not ``main``.

    As a string it is the text as somebody spelt it. ``pieces`` are what is known, in order, and None
    for each hole; a hole may be any text, the empty one too.
    """

    __slots__ = ("pieces",)
    pieces: tuple[str | None, ...]

    def __new__(cls, spelling: str, pieces: Iterable[str | None] = (None,)) -> Partly:
        made = super().__new__(cls, spelling)
        joined: list[str | None] = []
        for piece in pieces:
            if piece == "" or (piece is None and joined[-1:] == [None]):
                continue
            if piece is not None and joined and (before := joined[-1]) is not None:
                joined[-1] = before + piece
            else:
                joined.append(piece)
        made.pieces = tuple(joined)
        return made

    def __getnewargs__(self) -> tuple[str, tuple[str | None, ...]]:  # type: ignore[override]
        return str(self), self.pieces

    @property
    def unknown(self) -> bool:
        """Whether nothing of it is known."""
        return not any(self.pieces)

    def may_be(self, text: str) -> bool:
        """Whether the holes can be filled so that ``text`` comes about."""
        at, holed = 0, False
        last = len(self.pieces) - 1
        for number, piece in enumerate(self.pieces):
            if piece is None:
                holed = True
                continue
            found = text.rfind(piece, at) if holed and number == last else text.find(piece, at)
            if found < 0 or (found > at and not holed):
                return False
            at, holed = found + len(piece), False
        return holed or at == len(text)


def as_spelt(value: Json) -> str:
    """What an encoder of JSON writes for a text that is known in part.

    Raises:
        NotImplementedError: ``value`` is something else.
    """
    if isinstance(value, Partly):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def join_texts(*parts: str) -> str:
    """The parts as one text, known in part where one of them is."""
    text = "".join(map(str, parts))
    if not any(isinstance(part, Partly) for part in parts):
        return text
    return Partly(text, (p for part in parts for p in (part.pieces if isinstance(part, Partly) else (part,))))


class PredicateError(ValueError):
    """A predicate is malformed; ``path`` leads to the part that is wrong."""

    def __init__(self, message: str, hint: str = "", path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.hint, self.path = message, hint, path


class Predicate:
    """One parsed predicate; equal to another with the same data."""

    __slots__ = ("_test", "data", "operand", "operator")

    def __init__(self, data: Json, operator: str, operand: Json, test: Callable[[Json], bool | None]) -> None:
        self.data = data
        self.operator = operator
        self.operand = operand
        self._test = test

    def match(self, value: Json) -> bool | None:
        """True, False, or None where ``value`` is ``ABSENT`` and that leaves it undecided."""
        return self._test(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Predicate) and self.data == other.data

    def __hash__(self) -> int:
        return hash(repr(self.data))

    def __repr__(self) -> str:
        return f"Predicate({self.data!r})"

    def __str__(self) -> str:
        return describe(self.data)


def parse_predicate(data: Json, compile_regex: RegexCompiler) -> Predicate:
    """The predicate that ``data`` (plain YAML or JSON values) spells.

    A mapping must have exactly one key, an operator; anything else is a literal.

    Raises:
        PredicateError: unknown operator, operand of the wrong type, malformed pattern.
    """
    if not isinstance(data, Mapping):
        return Predicate(data, "equals", data, _equals(data))
    if len(data) != 1:
        raise PredicateError(
            f"expected one operator, found {len(data)} keys: {', '.join(map(str, data)) or 'none'}",
            "combine several with all_of: [{…}, {…}]",
        )
    [(name, operand)] = data.items()
    build = _BUILDERS.get(name)
    if build is None:
        raise PredicateError(
            f"unknown operator {name!r}", f"the operators are {', '.join(OPERATORS)}", (name,)
        )
    try:
        return Predicate(data, name, operand, build(operand, compile_regex))
    except PredicateError as error:
        raise PredicateError(error.message, error.hint, (name, *error.path)) from error


def describe(data: Json) -> str:
    """A predicate's data in one line of words: ``starts with 'claude/'``."""
    if not isinstance(data, Mapping) or len(data) != 1:
        return repr(data)
    [(name, operand)] = data.items()
    if name == "not":
        return f"not ({describe(operand)})"
    if name in ("all_of", "any_of"):
        word = " and " if name == "all_of" else " or "
        return word.join(f"({describe(part)})" for part in operand)
    return f"{name.replace('_', ' ')} {operand!r}"


def _same(left: Json, right: Json) -> bool:
    """Equality without Python's ``True == 1``."""
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _over(test: Test, partly: Callable[[Partly], bool | None]) -> Test:
    """``test`` for a value or, on a list, for any of its elements; undecided when absent.

    ``partly`` decides for a text that is known in part.
    """

    def decide(value: Json) -> bool | None:
        return partly(value) if isinstance(value, Partly) else test(value)

    def matches(value: Json) -> bool | None:
        if value is ABSENT:
            return None
        if isinstance(value, list | tuple):
            return disjunction(decide(element) for element in value)
        return decide(value)

    return matches


def _equals(operand: Json) -> Test:
    if isinstance(operand, list | tuple):
        return lambda value: _equal_lists(value, operand)
    return _over(lambda value: _same(value, operand), lambda value: _may_equal(value, operand))


def _equal_lists(value: Json, operand: Sequence[Json]) -> bool | None:
    if value is ABSENT or (isinstance(value, Partly) and value.unknown):
        return None
    if not isinstance(value, list | tuple) or len(value) != len(operand):
        return False
    return conjunction(
        _may_equal(element, wanted) if isinstance(element, Partly) else bool(element == wanted)
        for element, wanted in zip(value, operand, strict=True)
    )


def _may_equal(value: Partly, operand: Json) -> bool | None:
    """Undecided or false: a text with a hole is never certain to equal another."""
    if operand is None:
        return False
    if isinstance(operand, Mapping | list | tuple):
        return None if value.unknown else False
    written = str(operand).lower() if isinstance(operand, bool) else str(operand)
    return None if value.may_be(written) else False


def _build_equals(operand: Json, _: RegexCompiler) -> Test:
    return _equals(operand)


def _build_contains(operand: Json, _: RegexCompiler) -> Test:
    def equals(element: Json) -> bool | None:
        return _may_equal(element, operand) if isinstance(element, Partly) else _same(element, operand)

    def matches(value: Json) -> bool | None:
        if value is ABSENT:
            return None
        if isinstance(value, list | tuple):
            return disjunction(map(equals, value))
        if isinstance(value, Partly):
            return any(str(operand) in piece for piece in value.pieces if piece is not None) or None
        return isinstance(value, str) and isinstance(operand, str) and operand in value

    return matches


def _build_starts_with(operand: Json, _: RegexCompiler) -> Test:
    if not isinstance(operand, str):
        raise PredicateError(f"starts_with takes a text, not {_kind(operand)}")

    def begins(value: Partly) -> bool | None:
        first = value.pieces[0] or ""
        if first.startswith(operand):
            return True
        return None if operand.startswith(first) else False

    return _over(lambda value: isinstance(value, str) and value.startswith(operand), begins)


def _listed(operand: Json, name: str) -> Sequence[Json]:
    if not isinstance(operand, list | tuple) or not operand:
        raise PredicateError(f"{name} takes a list, not {_kind(operand)}", f"write {name}: [a, b]")
    return operand


def _build_is_one_of(operand: Json, _: RegexCompiler) -> Test:
    listed = _listed(operand, "is_one_of")
    return _over(
        lambda value: any(_same(value, element) for element in listed),
        lambda value: disjunction(_may_equal(value, element) for element in listed),
    )


def _build_is_not_one_of(operand: Json, compile_regex: RegexCompiler) -> Test:
    return _negate(_build_is_one_of(_listed(operand, "is_not_one_of"), compile_regex))


def _build_matches_regex(operand: Json, compile_regex: RegexCompiler) -> Test:
    if not isinstance(operand, str):
        raise PredicateError(f"matches_regex takes a pattern, not {_kind(operand)}", "quote it")
    try:
        match = compile_regex(operand)
    except ValueError as error:
        raise PredicateError(
            f"malformed regular expression {operand!r}: {error}",
            "the syntax is RE2's: no look-around, no back-references",
        ) from error
    partly: Callable[[Partly], bool | None] = getattr(match, "partly", lambda _: None)
    return _over(lambda value: isinstance(value, str) and bool(match(value)), partly)


def _negate(test: Test) -> Test:
    def matches(value: Json) -> bool | None:
        answer = test(value)
        return None if answer is None else not answer

    return matches


def _build_not(operand: Json, compile_regex: RegexCompiler) -> Test:
    return _negate(parse_predicate(operand, compile_regex).match)


def _parts(operand: Json, name: str, compile_regex: RegexCompiler) -> list[Test]:
    return [parse_predicate(part, compile_regex).match for part in _listed(operand, name)]


def _build_all_of(operand: Json, compile_regex: RegexCompiler) -> Test:
    parts = _parts(operand, "all_of", compile_regex)

    def matches(value: Json) -> bool | None:
        return conjunction(part(value) for part in parts)

    return matches


def _build_any_of(operand: Json, compile_regex: RegexCompiler) -> Test:
    parts = _parts(operand, "any_of", compile_regex)

    def matches(value: Json) -> bool | None:
        return disjunction(part(value) for part in parts)

    return matches


def conjunction(answers: Iterable[bool | Undecided]) -> bool | Undecided:
    """Whether all are true: False wins over the undecided, the last undecided one over True; nothing is asked
    after a False."""
    found: bool | Undecided = True
    for answer in answers:
        if answer is False:
            return False
        if answer is not True:
            found = answer
    return found


def disjunction(answers: Iterable[bool | Undecided]) -> bool | Undecided:
    """Whether one is true: True wins over the undecided, the last undecided one over False; nothing is asked
    after a True."""
    found: bool | Undecided = False
    for answer in answers:
        if answer is True:
            return True
        if answer is not False:
            found = answer
    return found


def _kind(value: Json) -> str:
    names = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), f"the number {value!r}")


_BUILDERS: Final[dict[str, Callable[[Json, RegexCompiler], Test]]] = {
    "equals": _build_equals,
    "contains": _build_contains,
    "starts_with": _build_starts_with,
    "is_one_of": _build_is_one_of,
    "is_not_one_of": _build_is_not_one_of,
    "matches_regex": _build_matches_regex,
    "not": _build_not,
    "all_of": _build_all_of,
    "any_of": _build_any_of,
}
OPERATORS: Final = tuple(_BUILDERS)
