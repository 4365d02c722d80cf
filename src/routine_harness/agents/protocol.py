"""What an agent is to the harness: something that is handed a session and acts through it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from routine_harness.trigger.event import Firing
from routine_harness.world.tool import ToolResult


class AgentSession(Protocol):
    """What a scripted agent sees of a session."""

    @property
    def prompt(self) -> str:
        """The rendered prompt with the context blocks that the platform injects."""
        ...

    @property
    def firing(self) -> Firing: ...

    @property
    def now(self) -> datetime:
        """The world's time, in UTC: what a clock would show the agent."""
        ...

    def call(self, tool: str, /, **arguments: Any) -> ToolResult:
        """Call ``connector.tool``, or one of the agent's own tools by its bare name.

        Always a result, never an exception: what is refused is a result with ``is_error``.
        """
        ...

    def say(self, text: str) -> None:
        """Say something; the last thing said is the closing message."""
        ...


ScriptedAgent = Callable[[AgentSession], object]
