"""References between blocks: ``${tickets.url}``, ``${event.pull_request.user.login}``.

A reference to the records of a block stands for any of them, ``${tickets.*.url}`` for every one.
``event`` is the payload of the firing; ``first`` leads a block of ``second:`` back to the first run.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json

_REFERENCE: Final = lazy_pattern(r"\$\{([^{}$]*)\}")
_MISSPELT: Final = lazy_pattern(r"\$?\{\{\s*([^{}$\s]+\.[^{}$\s]+)\s*\}\}")
_SPECIAL: Final = lazy_pattern(r"[\\.+*?()|\[\]{}^$]")
_MOST = 1000
"""Combinations of values that one text with several references may stand for."""

Lookup = Callable[[str], list[Json]]
"""A reference without its braces → the values it stands for; none if there is no such thing."""


def references_in(data: Json) -> Iterator[str]:
    """Every reference in the texts of a predicate's data, without braces."""
    for text in texts_in(data):
        yield from (found[1].strip() for found in _REFERENCE.finditer(text))


def misspelt_references(data: Json) -> Iterator[tuple[str, str]]:
    """What looks like a reference with the braces of a prompt (``{{tickets.url}}``) or of a workflow
    (``${{tickets.url}}``): as it is written, and without braces."""
    for text in texts_in(data):
        yield from ((found[0], found[1]) for found in _MISSPELT.finditer(text))


def texts_in(data: Json) -> Iterator[str]:
    """Every text in the data of a predicate."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from texts_in(value)


def resolve(data: Json, lookup: Lookup) -> Json:
    """The predicate's data with every reference replaced by its values.

    A text whose references stand for several values becomes ``any_of`` (``all_of`` with ``*``);
    where a reference stands for nothing, the predicate becomes one that nothing satisfies.
    """
    if isinstance(data, Mapping):
        [(operator, operand)] = data.items()
        return _resolve_operator(operator, operand, lookup)
    if isinstance(data, str) and _REFERENCE.search(data):
        return _resolve_operator("equals", data, lookup)
    return data


def _resolve_operator(operator: str, operand: Json, lookup: Lookup) -> Json:
    if operator == "not":
        return {"not": resolve(operand, lookup)}
    if operator in ("all_of", "any_of"):
        return {operator: [resolve(part, lookup) for part in operand]}
    if isinstance(operand, list):
        values = [value for part in operand for value in _values(part, lookup, escape=False)]
        return {operator: values} if values or not operand else _NOTHING
    if not isinstance(operand, str) or not _REFERENCE.search(operand):
        return {operator: operand}
    values = _values(operand, lookup, escape=operator == "matches_regex")
    if not values:
        return _NOTHING
    if len(values) == 1:
        return {operator: values[0]}
    every = any(".*." in f"{name}." for name in references_in(operand))
    return {"all_of" if every else "any_of": [{operator: value} for value in values]}


_NOTHING: Final = {"all_of": [{"equals": None}, {"not": {"equals": None}}]}


def _values(text: Json, lookup: Lookup, *, escape: bool) -> list[Json]:
    """``text`` with each combination of what its references stand for."""
    if not isinstance(text, str):
        return [text]
    pieces = _REFERENCE.split(text)
    if len(pieces) == 1:
        return [text]
    found = [lookup(name.strip()) for name in pieces[1::2]]
    if len(pieces) == 3 and not pieces[0] and not pieces[2] and not escape:
        return found[0]
    combinations = itertools.islice(itertools.product(*found), _MOST)
    return ["".join(_weave(pieces[::2], values, escape)) for values in combinations]


def _weave(texts: list[str], values: tuple[Json, ...], escape: bool) -> Iterator[str]:
    for text, value in itertools.zip_longest(texts, values):
        yield text
        if value is not None:
            yield _SPECIAL.sub(r"\\\g<0>", str(value)) if escape else str(value)


def descend(value: Json, path: list[str]) -> Json:
    """The value at ``path`` in nested mappings and lists; None where there is none."""
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list | tuple) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
