"""An imported session as a value: what was asked, called and answered, and what to know of it."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.agents.recording import Recorder
from routine_harness.session.transcript import Call, End, Entry, Result, Start

RUN: Final = 1
"""An import has one run."""


class Imported(msgspec.Struct, frozen=True):
    """An imported session: its entries, what ran it, and what was left behind.

    ``servers`` are MCP servers by their state at the beginning, ``denied`` the tools that a
    permission or hook refused, ``notes`` what a reader should know, a sentence each; ``folder`` is
    where the session worked, ``branch`` what was checked out when it began, ``repository`` the one that
    it is about, where it says so. ``silent`` are connectors that were connected and offered no tool.
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

    @property
    def recorder(self) -> Recorder:
        """Who was recorded, as a recording's header says it."""
        return Recorder("claude-code", self.version, self.model, branch=self.branch, silent=self.silent)

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
        """What the agent was asked."""
        return next(entry.prompt for entry in self.entries if isinstance(entry, Start))
