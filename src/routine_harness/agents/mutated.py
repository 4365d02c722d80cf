"""An agent with one thing wrong: its calls pass through hands that do something else with one of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

from routine_harness.agents.protocol import Hands
from routine_harness.agents.recording import Recording
from routine_harness.agents.repeating import repeat_recording
from routine_harness.agents.scripted import DEFAULT_SECONDS, Script
from routine_harness.plain import Json
from routine_harness.session.pair import Execute
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.world.tool import ToolResult

Twist = Callable[[Session, str, int, Mapping[str, Json]], ToolResult | None]
"""What is done instead of the nth call of a tool in a session; None: the call itself."""
Voice = Callable[[str], str]
"""What is said instead of a text."""


class TwistedHands:
    """Hands that ask ``twist`` before each call, and ``voice`` before they say something."""

    seconds = DEFAULT_SECONDS
    trouble = ""

    def __init__(self, session: Session, twist: Twist, voice: Voice = str) -> None:
        self._session = session
        self._twist = twist
        self._voice = voice
        self._seen: dict[str, int] = {}

    def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
        self._seen[tool] = self._seen.get(tool, 0) + 1
        result = self._twist(self._session, tool, self._seen[tool], arguments)
        return self._session.handle(tool, arguments) if result is None else result

    def say(self, text: str) -> None:
        self._session.say(self._voice(text))

    def shown(self, text: str) -> str:
        return text


def mutate_script(script: Script, twist: Twist, voice: Voice = str) -> Execute:
    """``script`` with the calls that ``twist`` changes and the words that ``voice`` changes."""

    def execute(session: Session) -> Run:
        hands: Hands = TwistedHands(session, twist, voice)
        return script.run_with(session, contextlib.nullcontext(hands))

    return execute


def mutate_recording(recording: Recording, twist: Twist) -> Execute:
    """``recording`` made anew with the calls that ``twist`` changes: what follows from a change is in the
    answers as well."""
    return repeat_recording(recording, make=lambda session: TwistedHands(session, twist).call)
