"""Parameters of the shell: what ``$x``, ``${x…}``, ``${x[@]}`` and ``$((…))`` stand for, as far as known."""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Callable, Mapping
from typing import Final

from routine_harness.world.holes import has_hole, hole, is_hole

Variables = Mapping[str, str | None]
"""Name → value; ``None`` for a variable whose value only the run will tell."""

Array = list[str] | None
"""The elements of an array; None where only the run will tell them."""

ARRAY: Final = re.compile(
    r"\$(?:\{(?P<keys>!)?(?P<name>\w+)\[(?P<of>[@*])\]|(?P<bare>\{?)(?P<at>[@*]))"
    r"(?::(?P<start>\d+)(?::(?P<count>\d+))?)?\}?"
)
_INDEXED: Final = re.compile(r"\$\{(\w+)\[(-?\w+)\]\}")
_DEFAULT: Final = re.compile(r"\$\{(\w+)(:?[-=+?])(.*)\}", re.DOTALL)
_TRIMMED: Final = re.compile(r"\$\{(\w+)(##?|%%?)(.*)\}", re.DOTALL)
_REPLACED: Final = re.compile(r"\$\{(\w+)(//?)([^/]*)(?:/(.*))?\}", re.DOTALL)
_CUT: Final = re.compile(r"\$\{(\w+):\s*(-?\d+)(?::\s*(-?\d+))?\}")
_CASED: Final = re.compile(r"\$\{(\w+)(\^\^|\^|,,|,)\}")
_MAX_DIGITS: Final = 18
MAX_TRIMMED: Final = 2_000
"""Characters of a value from which a pattern is taken off."""
MAX_REPLACED: Final = 100_000


def array_words(found: re.Match[str], variables: Variables, arrays: Mapping[str, Array]) -> list[str] | None:
    """The words of ``"${x[@]}"`` or ``$@``; None where they are not known."""
    name = found["name"] or "@"
    listed = arrays.get(name)
    if listed is None and name not in arrays and name in variables:
        single = variables[name]
        listed = None if single is None else [single]
    if listed is None:
        return None
    if found["keys"]:
        return [str(number) for number in range(len(listed))]
    if found["start"] is None:
        return listed
    start = int(found["start"]) - (1 if name == "@" else 0)
    end = len(listed) if found["count"] is None else max(start, 0) + int(found["count"])
    return listed[max(start, 0) : end]


def parameter(
    text: str, variables: Variables, arrays: Mapping[str, Array], operand: Callable[[], str | None]
) -> str | None:
    """The value of ``${…}``; ``operand`` gives the word behind its operator."""
    name = text[2:-1]
    if name in variables:
        return variables[name]
    if name in arrays:
        listed = arrays[name]
        return listed[0] if listed else None
    if given := _DEFAULT.fullmatch(text):
        return _defaulted(given[1], given[2], variables, operand)
    if indexed := _INDEXED.fullmatch(text):
        return _element(indexed, variables, arrays)
    for pattern, read in _FORMS:
        if (found := pattern.fullmatch(text)) and (held := variables.get(found[1])) is not None:
            return read(found, held, variables)
    return None


def _defaulted(
    name: str, operator: str, variables: Variables, operand: Callable[[], str | None]
) -> str | None:
    held = variables.get(name)
    if operator.endswith("+"):
        other = operand()
        return other if held else "" if held == "" else None
    if name not in variables or held is None:
        other = operand()  # commands in it may run
        return hole(f"${{{name}{operator}{other}}}") if other is None or is_hole(other or "") else None
    return held or operand()


def _element(found: re.Match[str], variables: Variables, arrays: Mapping[str, Array]) -> str | None:
    listed = arrays.get(found[1])
    index = found[2] if found[2].lstrip("-").isdecimal() else variables.get(found[2])
    if listed is None or index is None or not index.lstrip("-").isdecimal():
        return None
    place = int(index) if len(index) < _MAX_DIGITS else len(listed)
    return listed[place] if -len(listed) <= place < len(listed) else ""


def _trimmed(found: re.Match[str], held: str, variables: Variables) -> str | None:
    pattern = _plain(found[3], variables)
    if pattern is None or has_hole(held) or len(held) > MAX_TRIMMED:
        return None
    ends = range(len(held) + 1)
    if found[2][0] == "#":
        cuts = [end for end in ends if fnmatch.fnmatchcase(held[:end], pattern)]
        return held[(max if found[2] == "##" else min)(cuts) :] if cuts else held
    cuts = [end for end in ends if fnmatch.fnmatchcase(held[end:], pattern)]
    return held[: (min if found[2] == "%%" else max)(cuts)] if cuts else held


def _replaced(found: re.Match[str], held: str, variables: Variables) -> str | None:
    pattern, new = _plain(found[3], variables), _plain(found[4] or "", variables)
    long = len(held) + held.count(pattern or " ") * len(new or "") > MAX_REPLACED
    if not pattern or new is None or long or re.search(r"[*?\[]", pattern):
        return None
    return held.replace(pattern, new, -1 if found[2] == "//" else 1)


def _plain(text: str, variables: Variables) -> str | None:
    """A pattern without expansions that are not known; quotes and backslashes taken off."""
    text = re.sub(r"\$\{?(\w+)\}?", lambda name: variables.get(name[1]) or name[0], text)
    return None if re.search(r"[$`]", text) else re.sub(r"['\"]|\\(?=.)", "", text)


def _cut(found: re.Match[str], held: str, _: Variables) -> str | None:
    if has_hole(held):
        return None
    start = int(found[2])
    rest = held[start:] if abs(start) <= len(held) else ""
    return rest if found[3] is None else rest[: int(found[3])]


def _cased(found: re.Match[str], held: str, _: Variables) -> str | None:
    change = str.upper if found[2][0] == "^" else str.lower
    if has_hole(held):
        return None
    return change(held) if len(found[2]) == 2 else change(held[:1]) + held[1:]


_Form = Callable[[re.Match[str], str, Variables], str | None]
_LENGTH: Final = re.compile(r"\$\{#(\w+)\}")
_INDIRECT: Final = re.compile(r"\$\{!(\w+)\}")
_FORMS: Final[tuple[tuple[re.Pattern[str], _Form], ...]] = (
    (_CUT, _cut),
    (_TRIMMED, _trimmed),
    (_REPLACED, _replaced),
    (_CASED, _cased),
    (_LENGTH, lambda found, held, _: None if has_hole(held) else str(len(held))),
    (_INDIRECT, lambda found, held, variables: variables.get(held)),
)


def calculate(text: str, variables: Variables) -> str | None:
    """The value of an arithmetic expression of known whole numbers."""

    def number(found: re.Match[str]) -> str:
        held = variables.get(found[1])
        return held if held and held.isdecimal() else "x"

    text = re.sub(r"\$?\{?\b([A-Za-z_]\w*)\}?", number, text)
    if len(text) > 100 or not re.fullmatch(r"[\d\s+\-*/%()]+", text) or "**" in text:
        return None
    try:
        return str(_sum(ast.parse(text.strip().replace("/", "//"), mode="eval").body))
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, OverflowError):
        return None


_OPERATIONS: Final[dict[type, Callable[[int, int], int]]] = {
    ast.Add: int.__add__,
    ast.Sub: int.__sub__,
    ast.Mult: int.__mul__,
    ast.FloorDiv: int.__floordiv__,
    ast.Mod: int.__mod__,
}


def _sum(node: ast.AST) -> int:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_sum(node.operand)
    if isinstance(node, ast.BinOp) and (apply := _OPERATIONS.get(type(node.op))):
        return apply(_sum(node.left), _sum(node.right))
    raise ValueError("no whole number")
