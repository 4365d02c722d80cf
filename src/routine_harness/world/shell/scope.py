"""What a command of a script sees: variables, functions, aliases, positional words, its input."""

from __future__ import annotations

from typing import Any, NamedTuple

from routine_harness.world.shell.acts import Word


class Text(NamedTuple):
    """What a command reads or writes: ``text`` where it is known. ``given`` says that there is
    any; ``decoded`` that it went through a decoder, so that nobody could read it as it stood."""

    text: str | None = None
    given: bool = False
    decoded: bool = False


class Scope:
    """Names in force. ``variables`` holds None for a value that only the run will tell."""

    def __init__(self, variables: dict[str, str | None]) -> None:
        self.variables = variables
        self.functions: dict[str, Any] = {}
        self.aliases: dict[str, str] = {}
        self.positional: list[Word] | None = None
        self.files: dict[str, str | None] = {}
        """Scripts that the command itself wrote, by path; None where the text is not known."""

    def copy(self) -> Scope:
        other = Scope(dict(self.variables))
        other.functions, other.aliases = dict(self.functions), dict(self.aliases)
        other.positional = None if self.positional is None else list(self.positional)
        other.files = dict(self.files)
        return other

    def lookup(self) -> dict[str, str | None]:
        """The variables together with the positional words."""
        if self.positional is None:
            return self.variables
        found = dict(self.variables)
        for number, word in enumerate(self.positional, 1):
            found[str(number)] = word.text if word.known else None
        if all(word.known for word in self.positional):
            found["@"] = found["*"] = " ".join(word.text for word in self.positional)
        return found

    def merge(self, others: list[Scope]) -> None:
        """After branches of which one ran: a variable on which they differ is no longer known."""
        names = {name for other in others for name in other.variables}
        for name in names:
            values = {other.variables.get(name) for other in others}
            self.variables[name] = values.pop() if len(values) == 1 else None
        for other in others:
            self.functions.update(other.functions)
            self.files.update(other.files)
