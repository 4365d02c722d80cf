"""By whom the runs of a case were carried out: on what its verdict rests."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final, Literal

import msgspec

from routine_harness.agents.recording import Attempts, Header

By = Literal["agent", "script", "imported"]
"""The real agent; a script in its place, also where it only stood in for the model; a session or a log
that somebody brought along."""

WORDS: Final[dict[By, str]] = {"agent": "live", "script": "script", "imported": "imported"}
"""One word each, for a column or a row."""


class ActedBy(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who carried out both runs. ``model`` is what the real agent ran on, ``date`` the day of the
    recording (ISO 8601); both are empty where nobody wrote them down. ``attempts`` counts the recordings
    under the same digests and those that passed."""

    kind: By
    model: str = ""
    date: str = ""
    attempts: Attempts = Attempts()

    @property
    def word(self) -> str:
        """``live``, ``script`` or ``imported``."""
        return WORDS[self.kind]

    def __str__(self) -> str:
        """``by the real agent (claude-opus-5-5, 2026-11-02, 3 of 3)``, ``by a script``, ``imported``."""
        if self.kind != "agent":
            return "by a script" if self.kind == "script" else "imported"
        counted = f"{self.attempts.passed} of {self.attempts.of}" if self.attempts.of else ""
        told = ", ".join(each for each in (self.model, self.date, counted) if each)
        return f"by the real agent ({told})" if told else "by the real agent"


SCRIPT: Final = ActedBy("script")


def acted_by(header: Header) -> ActedBy:
    """Who is on the recording with this ``header``."""
    if header.made_by == "scripted":
        return SCRIPT
    kind: By = "agent" if header.made_by == "live" else "imported"
    return ActedBy(kind, header.agent.model, header.time.partition("T")[0], header.attempts)


def live_command(file: str) -> str:
    """The command that records the cases of the routine in ``file`` with the real agent."""
    return f"routine-harness record {PurePath(file).parent} --live"
