"""A part of a file that a user writes, as a struct: its keys with type, sentence and example.

`routine.form_reader` reads one, and `routine.form_schema` writes its JSON Schema. Both follow the types of
its keys: a key is said once, in one line of one struct.
"""

# Without `from __future__ import annotations`: the types are read when a file is, and texts would have to be
# compiled for each form anew.
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import msgspec

from routine_harness.routine.reader import Reader
from routine_harness.routine.spec import Path

Schema = dict[str, object]
ALWAYS: Final = "always"
"""Stands beside a key of a struct that has a default and is written all the same."""
Note = Callable[[str, str], None]
"""Notes what is wrong with a text, and how to mend it."""


class Text(msgspec.Struct, frozen=True, eq=False):
    """What a text has to be: ``words`` name it in messages, ``hint`` shows how to write it.

    ``pattern`` matches the whole text. ``fits`` tests what no pattern says; ``schema`` is what a JSON Schema
    can say of that.
    """

    words: str
    pattern: str = ""
    hint: str = ""
    fits: Callable[[str], object] | None = None
    schema: Mapping[str, object] = {}

    def accepts(self, text: str) -> bool:
        if self.pattern and not re.fullmatch(self.pattern, text):
            return False
        return self.fits is None or bool(self.fits(text))


NOT_BLANK: Final[Schema] = {"pattern": r"\S"}
"""What a JSON Schema says of a text that is not blank."""


class OneOf(msgspec.Struct, frozen=True, eq=False):
    """The words that a text is among; ``noun`` is what one of several is called.

    ``instead`` gives, for words that people try, what is wrong with each and what to write instead.
    """

    options: tuple[str, ...]
    noun: str = ""
    instead: Mapping[str, tuple[str, str]] = {}


class Raw(msgspec.Struct, frozen=True, eq=False):
    """Any value, which is read by other rules than those of forms: a predicate, a payload.

    ``part`` is the definition of the JSON Schema that ``schema`` becomes; without one it is spelt out.
    ``needs`` are those that it speaks of. With ``form``, the schema is that of this form.
    """

    schema: Mapping[str, object] = {}
    part: str = ""
    needs: tuple["Raw", ...] = ()
    form: type["Form"] | None = None


class Short(msgspec.Struct, frozen=True):
    """A short way to write a form: ``spelt`` gives the mapping that a text stands for; None, with a problem
    noted, if it stands for none. ``words`` name it in messages. ``takes`` is ``int`` where it is a number."""

    spelt: Callable[[Any, Note], dict[str, Any] | None]
    schema: Schema
    words: str = ""
    takes: type[str] | type[int] = str


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of one mapping.

    ``place`` is where it stands; ``sound`` whether nothing in it was found wrong; ``is_short`` whether it was
    written in short; ``others`` has the keys that an open form does not name; ``written`` has all keys in the
    order of the file. Keys that are wrong have their default.
    """

    what: ClassVar[str] = "a mapping"
    """What a message calls it; ``{}`` stands for the key that holds it."""
    plural: ClassVar[str] = ""
    """What a message calls several; by default the key that holds them."""
    hint: ClassVar[str] = ""
    """How to write one, where something else was found."""
    part: ClassVar[str] = ""
    """The definition of the JSON Schema that it becomes; without one it is spelt out where it stands."""
    said: ClassVar[str] = ""
    """What the JSON Schema says of it."""
    short: ClassVar[Short | None] = None
    lone: ClassVar[bool] = False
    """Whether a lone text stands for a list of one."""
    rules: ClassVar[Schema] = {}
    """What the JSON Schema says beyond the keys: which of them belong together."""
    examples: ClassVar[tuple[object, ...]] = ()
    """Further examples, after the one that is made of the examples of its keys."""
    gone: ClassVar[Mapping[str, Callable[[object], str]]] = {}
    """Keys that were once here: what to write instead."""

    open: ClassVar[bool] = False
    """Whether it takes any other key as well."""
    values: ClassVar[Any] = Any
    """The type of the values of these other keys."""
    names: ClassVar[Text | None] = None
    """What these other keys have to be; without it, any text."""
    shown: ClassVar[Mapping[str, object]] = {}
    """Other keys in the example."""

    place: Path = ()
    sound: bool = True
    is_short: bool = False
    others: dict[str, Any] = {}
    written: tuple[str, ...] = ()

    @classmethod
    def called(cls, path: Path, words: str = "") -> str:
        """What a message calls the one at ``path``; ``words`` are others than usual."""
        return (words or cls.what).format(
            next((part for part in reversed(path) if isinstance(part, str)), "")
        )

    def given(self) -> dict[str, Any]:
        """The values of the keys that are there, of those that have no default."""
        own = self.__struct_fields__[len(Form.__struct_fields__) :]
        values = {name: getattr(self, name) for name in own}
        return {name: value for name, value in values.items() if value is not msgspec.UNSET}

    def below(self, *path: str | int) -> Path:
        """The path of a value within it."""
        return (*self.place, *path)

    def check(self, reader: Reader) -> None:
        """Note what is wrong with keys beside each other."""


class FileForm(Form, frozen=True, kw_only=True):
    """A whole file, which may name its JSON Schema for editors."""

    title: ClassVar[str] = ""


NO_EXTRA: Final[dict[str, Any]] = {"needs": "", "least": 0, "unique": False}
SAID_NOTHING: Final = msgspec.Meta(extra=NO_EXTRA, extra_json_schema={})


def key(
    sentence: str,
    *examples: object,
    needs: str = "",
    least: int = 0,
    unique: bool = False,
    **schema: object,
) -> msgspec.Meta:
    """What is said of a key: its meaning, an example, and how to write it where it is missing.

    Without an example, one follows from the type; ``UNSET`` leaves the key out of the example of its form.

    ``least`` is the least number, or the least length of a list; in a ``unique`` list nothing comes twice.
    ``schema`` is what the JSON Schema says of its values beyond their type.
    """
    extra = {"needs": needs, "least": least, "unique": unique}
    return msgspec.Meta(description=sentence, examples=list(examples), extra=extra, extra_json_schema=schema)
