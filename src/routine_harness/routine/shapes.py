"""The shapes of single values in files: how each is read, beside what a JSON Schema says of it.

Lists and mappings are `routine.container_shapes`'.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from routine_harness.plain import Json
from routine_harness.routine.form import OneOf, Raw, Schema, Text
from routine_harness.routine.reader import Reader, flag_hint, kind_of, suggestion
from routine_harness.routine.spec import Path

WRONG: Final = msgspec.UNSET
"""What is read of a value that has another shape; the problem is noted."""


class Parts(Protocol):
    """A JSON Schema while it is written: its definitions, and the forms that they describe."""

    def refer(self, name: str, build: Callable[[], Schema]) -> Schema:
        """A reference to the definition ``name``, which ``build`` gives at its first use."""
        ...

    def form(self, form: Json) -> Schema:
        """The JSON Schema of a form, or a reference to it."""
        ...

    def spelt_out(self, form: Json) -> Schema:
        """The JSON Schema of a form where it stands."""
        ...

    def examples(self, form: Json) -> list[object]:
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


def mismatch(reader: Reader, value: object, path: Path, key: str, words: str, hint: str = "") -> object:
    """Note that ``value`` is not what ``words`` say."""
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
            return mismatch(reader, value, path, key, "a text", "quote it")
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
        self.options, self.noun, self.instead = choice.options, choice.noun, choice.instead
        self.word = choice.options[0] if len(choice.options) == 1 else ""

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if value in self.options and isinstance(value, str):
            return value
        if not isinstance(value, str):
            return mismatch(reader, value, path, key, "a text", "quote it")
        if value in self.instead:
            reader.problem(path, *self.instead[value])
        elif key:
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
        return mismatch(reader, value, path, key, "true or false", flag_hint(value))

    def schema(self, parts: Parts) -> Schema:
        return {"type": "boolean"}


class WholeShape(Shape):
    blank = 0

    def __init__(self, least: int) -> None:
        self.least = least

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if not isinstance(value, int):
            return mismatch(reader, value, path, key, "a whole number")
        if isinstance(value, bool) or value < self.least:
            return mismatch(reader, value, path, key, f"a whole number from {self.least}")
        return value

    def schema(self, parts: Parts) -> Schema:
        return {"type": "integer", "minimum": self.least}


class NumberShape(Shape):
    blank = 0.0

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            return mismatch(reader, value, path, key, "a number from 0")
        return value

    def schema(self, parts: Parts) -> Schema:
        return {"type": "number", "minimum": 0}


class RawShape(Shape):
    def __init__(self, raw: Raw) -> None:
        self.raw = raw

    def read(self, reader: Reader, value: object, path: Path, key: str = "") -> object:
        return value

    def schema(self, parts: Parts) -> Schema:
        for needed in self.raw.needs:
            RawShape(needed).schema(parts)
        if self.raw.form is not None:
            return parts.form(self.raw.form)
        if self.raw.part:
            return parts.refer(self.raw.part, lambda: dict(self.raw.schema))
        return dict(self.raw.schema)
