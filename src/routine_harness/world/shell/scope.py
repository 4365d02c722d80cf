"""What a command of a script sees: variables, arrays, functions, aliases, files, its input."""

from __future__ import annotations

from typing import NamedTuple

from tree_sitter import Node

from routine_harness.world.holes import has_hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.expansion import Names, Substitute
from routine_harness.world.shell.parameters import Array
from routine_harness.world.shell.pieces import BLANKS, MAX_TEXT


class Text(NamedTuple):
    """What a command reads or writes: ``text`` where anything of it is known, else None. ``given``
    says that there is any."""

    text: str | None = None
    given: bool = False

    @property
    def whole(self) -> str | None:
        """The text where all of it is known."""
        return None if self.text is None or has_hole(self.text) else self.text


def joined(first: Text, second: Text) -> Text:
    """What is written by one statement after another."""
    known = first.text is not None and second.text is not None
    return Text(f"{first.text}{second.text}" if known else None)


class Scope:
    """Names in force. ``variables`` holds None for a value that only the run will tell."""

    def __init__(self, variables: dict[str, str | None]) -> None:
        self.variables: dict[str, str | None] = {"IFS": BLANKS, **variables}
        self.arrays: dict[str, Array] = {}
        self.functions: dict[str, Node] = {}
        self.aliases: dict[str, str] = {}
        self.positional: list[Word] | None = None
        self.files: dict[str, str | None] = {}
        """Files that commands wrote, by path; None where the text is not known."""

    def copy(self) -> Scope:
        other = Scope(self.variables)
        other.arrays = dict(self.arrays)
        other.functions, other.aliases = dict(self.functions), dict(self.aliases)
        other.positional = None if self.positional is None else list(self.positional)
        other.files = self.files  # files that a subshell writes are still there after it
        return other

    def assign(self, name: str, value: str | None) -> None:
        """Give a variable its value; an array of that name is gone."""
        self.variables[name] = None if value is not None and len(value) > MAX_TEXT else value
        self.arrays.pop(name, None)

    def assign_array(self, name: str, words: Array) -> None:
        self.variables.pop(name, None)
        self.arrays[name] = words

    def names(self, substitute: Substitute) -> Names:
        """What words are expanded with: variables and arrays, the positional words among them."""
        if self.positional is None:
            return Names(self.variables, self.arrays, substitute)
        variables = dict(self.variables)
        for number, word in enumerate(self.positional, 1):
            variables[str(number)] = word.text
        variables["#"] = str(len(self.positional))
        arrays = {**self.arrays, "@": [word.text for word in self.positional]}
        return Names(variables, arrays, substitute)

    def merge(self, others: list[Scope]) -> None:
        """After branches, one of them ran: where they differ, a value is no longer known."""
        for name in {name for other in others for name in other.variables}:
            values = {other.variables.get(name) for other in others}
            self.variables[name] = values.pop() if len(values) == 1 else None
        for name in {name for other in others for name in other.arrays}:
            first = others[0].arrays.get(name)
            self.arrays[name] = first if all(other.arrays.get(name) == first for other in others) else None
        for other in others:
            self.functions.update(other.functions)
