"""``{{repository}}``, ``{{trigger_type}}`` and ``{{routine: Name}}`` in a prompt.

An unknown placeholder stays as it is written; ``${{…}}`` is none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern

PLACEHOLDERS: Final = ("repository", "trigger_type", "routine")

_PLACEHOLDER = lazy_pattern(r"(?<!\$)\{\{[ \t]*([^{}\n]*?)[ \t]*\}\}")
_ROUTINE = lazy_pattern(r"routine[ \t]*:[ \t]*(\S.*)\Z")


class Placeholder(msgspec.Struct, frozen=True):
    """One placeholder of a text: ``name`` as written, ``argument`` the name after ``routine:``.

    ``start`` and ``end`` are offsets in the text; ``line`` counts from 1 in it.
    """

    name: str
    argument: str
    start: int
    end: int
    line: int

    @property
    def known(self) -> bool:
        """Whether the platform's templates replace it."""
        return bool(self.argument) or self.name in ("repository", "trigger_type")


def find_placeholders(text: str) -> Iterator[Placeholder]:
    """Every placeholder in ``text``, unknown ones included, in order."""
    line, counted = 1, 0
    for found in _PLACEHOLDER.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        routine = _ROUTINE.match(found[1])
        name, argument = ("routine", routine[1]) if routine else (found[1], "")
        yield Placeholder(name, argument, found.start(), found.end(), line)


def fill_placeholders(text: str, values: Mapping[str, str]) -> str:
    """``text`` with the known placeholders replaced; one without a value stays as it is.

    What is filled in is not read again. A routine's name becomes its id (``routine_id``).
    """
    pieces, position = [], 0
    for found in find_placeholders(text):
        value = routine_id(found.argument) if found.argument else values.get(found.name)
        if found.known and value:
            pieces += [text[position : found.start], value]
            position = found.end
    return "".join((*pieces, text[position:]))


def routine_id(name: str) -> str:
    """The id under which a routine of this name is known in the simulated account."""
    return "trig_" + hashlib.sha256(name.encode()).hexdigest()[:24]
