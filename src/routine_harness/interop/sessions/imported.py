"""An imported session as a value: what was asked, called and answered, and what to know of it."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.agents.recording import Recorder
from routine_harness.routine.render import holds_context
from routine_harness.session.transcript import Call, End, Entry, Result, Start, Turn

RUN: Final = 1
"""An import has one run."""


class Imported(msgspec.Struct, frozen=True):
    """An imported session: its entries, what ran it, and what was left behind.

    ``servers`` are MCP servers by their state at the beginning, ``denied`` the tools that a
    permission or hook refused, ``notes`` what a reader should know, a sentence each; ``folder`` is
    where the session worked, ``branch`` what was checked out when it began, ``repository`` the one that
    it is about, where it says so. ``silent`` are connectors that were connected and offered no tool,
    ``tools`` the agent's own tools that it was offered, where it says so; ``condensed``: a log that leaves
    events out tells of it.
    """

    entries: tuple[Entry, ...]
    version: str = ""
    model: str = ""
    session: str = ""
    folder: str = ""
    servers: dict[str, str] = {}
    denied: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    branch: str = ""
    repository: str = ""
    silent: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    condensed: bool = False

    @property
    def recorder(self) -> Recorder:
        """Who was recorded, as a recording's header says it."""
        return Recorder(
            "claude-code", self.version, self.model,
            branch=self.branch, silent=self.silent, folder=self.folder,
        )  # fmt: skip

    @property
    def end(self) -> End:
        """How it ended."""
        [end] = [entry for entry in self.entries if isinstance(entry, End)]
        return end

    @property
    def calls(self) -> tuple[Call, ...]:
        """Its tool calls, in order."""
        return tuple(entry for entry in self.entries if isinstance(entry, Call))

    @property
    def results(self) -> dict[str, Result]:
        """Call id → what was answered."""
        return {entry.id: entry for entry in self.entries if isinstance(entry, Result)}

    @property
    def prompt(self) -> str:
        """What the agent was asked in its first turn."""
        return next(entry.prompt for entry in self.entries if isinstance(entry, Start))

    @property
    def told(self) -> str:
        """What the agent was told in all of its turns, the first one first."""
        turns = (entry.text for entry in self.entries if isinstance(entry, Turn))
        return "\n\n".join((self.prompt, *turns))

    @property
    def context_came_later(self) -> bool:
        """Whether a later turn, and not the first one, told of the firing."""
        later = any(isinstance(entry, Turn) and holds_context(entry.text) for entry in self.entries)
        return later and not holds_context(self.prompt)
