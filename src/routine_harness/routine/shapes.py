"""The shapes of values in files: how each is read, beside what a JSON Schema says of it.

Forms, which are mappings with named keys, are `routine.form`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from routine_harness.routine.form import OneOf, Raw, Schema, Text
from routine_harness.routine.reader import Reader, flag_hint, kind_of, plain_text, suggestion
from routine_harness.routine.spec import Path

WRONG: Final = msgspec.UNSET
"""What is read of a value that has another shape; the problem is noted."""


class Parts(Protocol):
    """A JSON Schema while it is written: its definitions, and the forms that they describe."""

    def refer(self, name: str, build: Callable[[], Schema]) -> Schema:
        """A reference to the definition ``name``, which ``build`` gives at its first use."""
        ...

    def form(self, form: Any) -> Schema:
        """The JSON Schema of a form, or a reference to it."""
        ...

    def spelt_out(self, form: Any) -> Schema:
        """The JSON Schema of a form where it stands."""
        ...

    def examples(self, form: Any) -> list[object]:
        """Examples of a form; the first one has all of its keys."""
        ...


class Shape:
    """What a value may be. ``blank`` stands for one that is required and missing."""

    blank: object = None
    takes_nothing = False
    """Whether an empty key (``key:``) is an empty value."""
    word = ""
    """The one word that it takes, if it takes but one."""

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        """What ``value`` spells; ``WRONG``, and a problem noted, if it has another shape."""
        raise NotImplementedError

    def schema(self, parts: Parts) -> Schema:
        raise NotImplementedError

    def example(self, parts: Parts) -> object:
        """An example that follows from the shape; ``UNSET`` if none does."""
        return msgspec.UNSET


def _mismatch(reader: Reader, value: object, path: Path, key: str, words: str, hint: str = "") -> object:
    wanted = f"{key} to be {words}" if key else words
    unquoted = not isinstance(value, dict | list | None)
    reader.problem(path, f"expected {wanted}, found {kind_of(value)}", hint if unquoted else "")
    return WRONG


class TextShape(Shape):
    blank = ""

    def __init__(self, kind: Text | None) -> None:
        self.kind = kind

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if not isinstance(value, str):
            return _mismatch(reader, value, path, key, "a text", "quote it")
        if self.kind is not None and not self.kind.accepts(value):
            reader.problem(path, f"expected {self.kind.words}, found {kind_of(value)}", self.kind.hint)
        return value

    def schema(self, parts: Parts) -> Schema:
        if self.kind is None:
            return {"type": "string"}
        pattern = {"pattern": f"^{self.kind.pattern}$"} if self.kind.pattern else {}
        return {"type": "string", **pattern, **self.kind.schema}


class ChoiceShape(Shape):
    blank = ""

    def __init__(self, choice: OneOf) -> None:
        self.options, self.noun = choice.options, choice.noun
        self.word = choice.options[0] if len(choice.options) == 1 else ""

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if value in self.options and isinstance(value, str):
            return value
        if not isinstance(value, str):
            return _mismatch(reader, value, path, key, "a text", "quote it")
        if key:
            hint = suggestion(value, self.options, "the choices")
            reader.problem(
                path, f"expected {key} to be one of {', '.join(self.options)}, found {value!r}", hint
            )
        else:
            hint = suggestion(value, self.options, f"the {self.noun}s")
            reader.problem(path, f"unknown {self.noun} {value!r}", hint)
        return WRONG

    def schema(self, parts: Parts) -> Schema:
        return {"const": self.word} if self.word else {"enum": list(self.options)}


class EnumShape(ChoiceShape):
    """A word that stands for a member of an enumeration."""

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__(OneOf(tuple(members)))
        self.members = members

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        found = super().read(reader, value, path, key)
        return found if found is WRONG else self.members(str(found))

    def schema(self, parts: Parts) -> Schema:
        return {"enum": [str(each) for each in self.options]}


class FlagShape(Shape):
    blank = False

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if isinstance(value, bool):
            return value
        return _mismatch(reader, value, path, key, "true or false", flag_hint(value))

    def schema(self, parts: Parts) -> Schema:
        return {"type": "boolean"}


class WholeShape(Shape):
    blank = 0

    def __init__(self, least: int) -> None:
        self.least = least

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if not isinstance(value, int):
            return _mismatch(reader, value, path, key, "a whole number")
        if isinstance(value, bool) or value < self.least:
            return _mismatch(reader, value, path, key, f"a whole number from {self.least}")
        return value

    def schema(self, parts: Parts) -> Schema:
        return {"type": "integer", "minimum": self.least}


class NumberShape(Shape):
    blank = 0.0

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            return _mismatch(reader, value, path, key, "a number from 0")
        return value

    def schema(self, parts: Parts) -> Schema:
        return {"type": "number", "minimum": 0}


class ListShape(Shape):
    """A list; with ``lone``, a lone text is a list of one. ``noun`` names what it holds."""

    blank: tuple[object, ...] = ()
    takes_nothing = True

    def __init__(
        self,
        item: Shape,
        noun: str,
        *,
        lone: bool = False,
        least: int = 0,
        unique: bool = False,
        hint: str = "",
    ) -> None:
        self.item, self.noun, self.lone, self.least, self.hint = item, noun, lone, least, hint
        self.unique = unique

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        noun = self.noun or key
        one = (key if noun == "texts" else noun).removesuffix("s")
        if self.lone and isinstance(value, str):
            return tuple(each for each in (self.item.read(reader, value, path),) if each is not WRONG)
        if value == [] and self.least:
            reader.problem(path, f"expected at least one {one}, found none", self.hint)
        found: list[object] = []
        for element, at in reader.items(value, path, noun, self.hint):
            read = self.item.read(reader, element, at)
            if self.unique and read in found:
                reader.problem(at, f"the {one} {read} is here twice")
            elif read is not WRONG:
                found.append(read)
        return tuple(found)

    def schema(self, parts: Parts) -> Schema:
        item = self.item.schema(parts)
        listed: Schema = {"type": "array", "items": item}
        if self.least:
            listed["minItems"] = self.least
        if self.unique:
            listed["uniqueItems"] = True
        if not self.lone:
            return listed
        texts = _listed(item["anyOf"])[:1] if "anyOf" in item else [item]
        return {"anyOf": [*texts, listed]}

    def example(self, parts: Parts) -> object:
        inner = self.item.example(parts)
        return msgspec.UNSET if inner is msgspec.UNSET else [inner]


class TextsByName(Shape):
    """A mapping of texts; numbers and flags are taken as JSON writes them."""

    blank: Mapping[str, str] = {}
    takes_nothing = True

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if not isinstance(value, dict):
            return _mismatch(reader, value, path, key, "a mapping")
        found = {}
        for name, text in value.items():
            if isinstance(text, dict | list):
                reader.problem((*path, name), f"expected a text, found {kind_of(text)}")
            else:
                found[name] = plain_text(text)
        return found

    def schema(self, parts: Parts) -> Schema:
        return {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}


class ByName(Shape):
    """A mapping whose values all have one shape."""

    blank: Mapping[str, object] = {}
    takes_nothing = True

    def __init__(self, item: Shape) -> None:
        self.item = OrNothing(item, item.blank) if item.takes_nothing else item

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if not isinstance(value, dict):
            return _mismatch(reader, value, path, key, "a mapping")
        read = {name: self.item.read(reader, each, (*path, name), name) for name, each in value.items()}
        return {name: each for name, each in read.items() if each is not WRONG}

    def schema(self, parts: Parts) -> Schema:
        item = self.item.schema(parts)
        return {"type": "object", **({"additionalProperties": item} if item else {})}


class RawShape(Shape):
    def __init__(self, raw: Raw) -> None:
        self.raw = raw

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        return value

    def schema(self, parts: Parts) -> Schema:
        for needed in self.raw.needs:
            RawShape(needed).schema(parts)
        if self.raw.part:
            return parts.refer(self.raw.part, lambda: dict(self.raw.schema))
        return dict(self.raw.schema)


class OrNothing(Shape):
    """Another shape, or nothing (``key:``), which stands for ``empty``."""

    def __init__(self, inner: Shape, empty: object = None) -> None:
        self.inner, self.empty = inner, empty

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        return self.empty if value is None else self.inner.read(reader, value, path, key)

    def schema(self, parts: Parts) -> Schema:
        return or_nothing(self.inner.schema(parts))

    def example(self, parts: Parts) -> object:
        return self.inner.example(parts)


def or_nothing(schema: Schema) -> Schema:
    """A JSON Schema that takes null as well."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [*_listed(schema["anyOf"]), {"type": "null"}]}
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
