"""What a command of a script sees: variables, functions, aliases, positional words, its input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from routine_harness.world.shell.acts import Word


@dataclass(slots=True)
class Text:
    """What a command reads or writes: ``text`` where it is known. ``given`` says that there is
    any; ``decoded`` that it went through a decoder, so that nobody could read it as it stood."""

    text: str | None = None
    given: bool = False
    decoded: bool = False


@dataclass(slots=True)
class Scope:
    """Names in force. ``variables`` holds None for a value that only the run will tell."""

    variables: dict[str, str | None]
    functions: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    positional: list[Word] | None = None
    files: dict[str, str | None] = field(default_factory=dict)
    """Scripts that the command itself wrote, by path; None where the text is not known."""

    def copy(self) -> Scope:
        positional = None if self.positional is None else list(self.positional)
        return Scope(
            dict(self.variables), dict(self.functions), dict(self.aliases), positional, dict(self.files)
        )

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
