"""The plain scalars of YAML 1.2's core schema, as far as JSON can hold them."""

from __future__ import annotations

from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record

_INT = lazy_pattern(r"[-+]?[0-9]+\Z")
_OCTAL_OR_HEX = lazy_pattern(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = lazy_pattern(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL_FLOAT = lazy_pattern(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_WORDS: Final[Record] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NUMBER_STARTS: Final = frozenset("+-.0123456789")
_INT_RANGE: Final = range(-(2**63), 2**64)


def resolve_scalar(text: str) -> Json:
    """The value of a plain scalar under YAML 1.2's core schema.

    Raises:
        ValueError: a number that JSON cannot hold.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INT.match(text):
        return _int(text, 10)
    if _FLOAT.match(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise ValueError(text)
        return number
    if _OCTAL_OR_HEX.match(text):
        return _int(text, 0)
    if _SPECIAL_FLOAT.match(text):
        raise ValueError(text)
    return text


def _int(text: str, base: int) -> int:
    number = int(text, base) if len(text) <= 64 else 2**64
    if number not in _INT_RANGE:
        raise ValueError(text)
    return number
