"""What an agent is to the harness: something that is handed a session and acts through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from routine_harness.plain import Json
from routine_harness.trigger.event import Firing
from routine_harness.world.tool import ToolResult


class AgentSession(Protocol):
    """What a scripted agent sees of a session: the argument of the function that a case names in ``agent`` or
    ``record_with``, as ``{scripted: ../agents/triage.py::triage}``.

    The function is called once for each run, from a file that is loaded afresh, so that nothing is
    remembered from one run to the next. Its return value does not count; what it raises ends the run as
    ``failed``, and is the finding ``agent.raised`` with the line.
    """

    @property
    def prompt(self) -> str:
        """The first turn: the rendered prompt with the context blocks that the platform injects, save
        those that come later or never (``context`` of the case).

        A script need not read it. One that does can follow the prompt: take a repository's name from it, say.
        """
        ...

    @property
    def firing(self) -> Firing:
        """What fired: its event with kind, name, payload and time.

        Before the context has come, no agent knows more than its kind and its time.
        """
        ...

    def next_turn(self) -> str | None:
        """End this turn: the text of the next one that waits, None where no further one comes."""
        ...

    def wait(self) -> str | None:
        """End this turn and wait: the text of what comes next, None where nothing more comes.

        A turn that waits already comes first, then the ``wakes`` of the case, each at its time on the
        world's clock.
        """
        ...

    @property
    def now(self) -> datetime:
        """The world's time, in UTC: what a clock would show the agent."""
        ...

    def call(self, tool: str, /, **arguments: Json) -> ToolResult:
        """Call ``connector.tool``, or one of the agent's own tools by its bare name, with its arguments:
        ``call("linear.save_issue", title="A thing")``, ``call("Bash", command="gh pr list")``.

        Always a result, never an exception: what is refused is a result with ``is_error``. A read after a
        write sees it.
        """
        ...

    def say(self, text: str) -> None:
        """Say something; the last thing said is the closing message."""
        ...


ScriptedAgent = Callable[[AgentSession], object]


class Hands(Protocol):
    """What carries out the calls of a script: its session, or a sandbox that stands around it.

    ``seconds`` is how long one run may take in real time, where the case does not say.
    """

    @property
    def seconds(self) -> float: ...

    @property
    def trouble(self) -> str:
        """Why the run cannot have ended well, whatever the script has made of it; empty if it can."""
        ...

    def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult: ...

    def say(self, text: str) -> None: ...

    def shown(self, text: str) -> str:
        """A text of the session as it is read where the script works."""
        ...
