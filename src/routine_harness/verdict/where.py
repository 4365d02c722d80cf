"""``where``: fields with predicates, in which values of other blocks may be named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.plain import Json
from routine_harness.predicate import (
    ABSENT,
    Predicate,
    PredicateError,
    conjunction,
    describe,
    disjunction,
    parse_predicate,
)
from routine_harness.routine.reader import Reader, kind_of, suggestion
from routine_harness.routine.regex import compile_regex
from routine_harness.routine.spec import Path
from routine_harness.verdict.reference import Lookup, misspelt_references, references_in, resolve, texts_in
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import ANY_EFFECT, PLURALS, TEXT_FIELDS

ROOTS: Final = ("event", "first", *PLURALS, "effects")
"""What a reference may start with."""


class Condition(msgspec.Struct, frozen=True):
    """One field and what it must satisfy; ``predicate`` is None where ``data`` has references."""

    field: str
    data: Json
    predicate: Predicate | None = None
    line: int = 0

    def resolved(self, lookup: Lookup) -> Predicate:
        """The predicate with its references replaced."""
        return self.predicate or parse_predicate(resolve(self.data, lookup), compile_regex)

    def __str__(self) -> str:
        data = self.data
        return f"{self.field} {describe(data) if isinstance(data, Mapping) else f'= {data!r}'}"


Where = tuple[Condition, ...]


class AnyText(list[str]):
    """Several texts, any of which may satisfy a predicate (a list as a value is looked at whole)."""


def read_where(reader: Reader, value: Json, path: Path, known: Sequence[str] | None) -> Where:
    """The conditions that the mapping at ``path`` spells; fields must be ``known`` unless None."""
    if value is None:
        return ()
    if not isinstance(value, dict):
        reader.problem(
            path, f"expected fields with predicates, found {kind_of(value)}", "write where: {field: value}"
        )
        return ()
    found = []
    for field, data in value.items():
        at = (*path, field)
        if field == "channel":
            data = without_hash(data)
        if known is not None and field not in known:
            reader.problem(at, f"unknown field {field!r}", suggestion(str(field), known, "the fields"))
        elif (condition := read_condition(reader, str(field), data, at)) is not None:
            found.append(condition)
    return tuple(found)


def read_condition(reader: Reader, field: str, data: Json, path: Path) -> Condition | None:
    """One field's predicate, references allowed; None, and a problem noted, if malformed."""
    line = reader.source.line(*path)
    named = list(references_in(data))
    for written, reference in misspelt_references(data):
        if _root(reference) in ROOTS:
            reader.problem(path, f"{written} stands for itself", f"a reference is written ${{{reference}}}")
            return None
    for reference in named:
        if _root(reference) not in ROOTS:
            hint = suggestion(reference.split(".")[0], ROOTS, "a reference starts with one of")
            reader.problem(path, f"unknown reference ${{{reference}}}", hint)
            return None
    if not named:
        predicate = reader.predicate(data, path)
        return None if predicate is None else Condition(field, data, predicate, line)
    try:
        parse_predicate(resolve(data, lambda _: ["x"]), compile_regex)
    except (PredicateError, ValueError) as error:
        message, hint = getattr(error, "message", str(error)), getattr(error, "hint", "")
        reader.problem(path, message, hint)
        return None
    return Condition(field, data, None, line)


def _root(reference: str) -> str:
    return reference.split(".")[0].partition("[")[0]


def match_where(where: Where, value_of: Callable[[str], Json], lookup: Lookup) -> bool | None:
    """Whether all conditions hold; None where that hangs on a field that is absent."""
    return conjunction(_holds(each.resolved(lookup), _value(each, value_of)) for each in where)


def _value(condition: Condition, value_of: Callable[[str], Json]) -> Json:
    """The value that a condition looks at; of a channel the id, where the condition speaks of that id."""
    value = value_of(condition.field)
    if condition.field != "channel":
        return value
    id_ = value_of("channel_id")
    if isinstance(id_, str) and id_ in texts_in(condition.data):
        return id_
    return value.removeprefix("#") if isinstance(value, str) else value


def without_hash(data: Json) -> Json:
    """The data of a predicate on a channel, whose name may be written as people write it."""
    if isinstance(data, str):
        return data.removeprefix("#")
    if isinstance(data, list):
        return [without_hash(part) for part in data]
    if isinstance(data, Mapping):
        return {name: part if name == "matches_regex" else without_hash(part) for name, part in data.items()}
    return data


def _holds(predicate: Predicate, value: Json) -> bool | None:
    if isinstance(value, AnyText):
        return disjunction(map(predicate.match, value))
    return predicate.match(value)


def effect_value(effect: Effect, field: str) -> Json:
    """A field of an effect; ``ABSENT`` if it carries none."""
    if field in effect.fields:
        return effect.fields[field]
    if field in ("connector", "tool", "target"):
        return getattr(effect, field) or ABSENT
    return ABSENT


def field_of(effect: Effect, kinds: tuple[str, ...], field: str) -> Json:
    """A field's value; under ``*``, ``text`` is every text that the effect carries, none maybe."""
    if field == "text" and ANY_EFFECT in kinds:
        return AnyText(texts_of(effect))
    return effect_value(effect, field)


def texts_of(effect: Effect) -> list[str]:
    """Every text for people that an effect carries, commit messages included."""
    found = []
    for field in TEXT_FIELDS:
        value = effect.fields.get(field)
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, str):
                found.append(part)
            elif isinstance(part, Mapping) and isinstance(part.get("message"), str):
                found.append(part["message"])
    return found


def nothing_to_look_up(_: str) -> list[Json]:
    """The lookup of a place where references stand for nothing."""
    return []
