"""By whom the runs of a case were carried out: on what its verdict rests."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Final, Literal

import msgspec

from routine_harness.agents.recording import Attempts, Header, Recorder

By = Literal["agent", "script", "imported"]
"""The real agent; a script in its place, also where it only stood in for the model; a session or a log
that somebody brought along."""

WORDS: Final[dict[By, str]] = {"agent": "live", "script": "script", "imported": "imported"}
"""One word each, for a column or a row."""
LIVE: Final = "--live"
"""What keeps ``record`` to the real agent."""
Counts = Mapping[str, int]
"""How many cases rest on whom, by word."""


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
_ORDER: Final = ("script", "imported", "live")


def acted_by(header: Header) -> ActedBy:
    """Who is on the recording with this ``header``."""
    if header.made_by == "scripted":
        return SCRIPT
    kind: By = "agent" if header.made_by == "live" else "imported"
    return ActedBy(kind, header.agent.model, header.time.partition("T")[0], header.attempts)


def acted_now(recorder: Recorder, day: str) -> ActedBy:
    """Who has just carried out a pair, on ``day`` (ISO 8601)."""
    stands_in = recorder.name == "scripted" or recorder.played
    return SCRIPT if stands_in else ActedBy("agent", recorder.model, day)


def count_by(whom: Iterable[ActedBy | None]) -> dict[str, int]:
    """How many cases rest on whom; None, where nothing ran, counts for nobody."""
    return count_words(who.word for who in whom if who is not None)


def count_words(words: Iterable[str]) -> dict[str, int]:
    """The words counted, what proves least first."""
    found = Counter(words)
    return {word: found[word] for word in _ORDER if found[word]}


def words_of(counts: Counts) -> str:
    """``script`` where all are alike, else ``2 script, 1 live``; empty where nothing ran."""
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def by_script_only(counts: Counts) -> bool:
    """Whether something ran, and scripts alone did it."""
    return set(counts) == {SCRIPT.word}


def record_command(place: str, *options: str) -> str:
    """The command that records the cases in ``place``, a routine's folder or a file, quoted to be copied."""
    return shlex.join(("routine-harness", "record", place, *options))


def live_command(file: str) -> str:
    """The command that records the cases of the routine in ``file`` with the real agent."""
    return record_command(str(PurePath(file).parent), LIVE)
