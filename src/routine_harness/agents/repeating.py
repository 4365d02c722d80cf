"""The calls of a recording made anew, as a script would make them: the world answers them as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from routine_harness.agents.recording import Recording
from routine_harness.plain import Json
from routine_harness.session.pair import Execute
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.session.transcript import Call, Message, Turn

Make = Callable[[str, Mapping[str, Json]], object]
"""Makes one call: its tool and arguments."""


def repeat_recording(
    recording: Recording, number: int = 0, make: Callable[[Session], Make] | None = None
) -> Execute:
    """Make the calls of run ``number`` again, 0 for those of the session's own number; ``make`` gives other
    hands than the session's."""

    def execute(session: Session) -> Run | None:
        entries = recording.runs.get(number or session.number)
        if not entries:
            return None
        call = make(session) if make is not None else session.handle
        agent = recording.header.agent
        session.stand_on(agent.branch, agent.folder)
        for entry in entries:
            if session.state != "open":
                break
            if isinstance(entry, Call):
                call(entry.tool, entry.arguments)
            elif isinstance(entry, Message):
                session.say(entry.text)
            elif isinstance(entry, Turn):
                session.wake(entry.wake) if entry.wake else session.next_turn()
        return session.finish()

    return execute
