"""By whom a case was carried out, as plain values for JSON."""

from __future__ import annotations

from typing import Any

from routine_harness.agents.acted import ActedBy


def by_data(by: ActedBy | None) -> dict[str, Any] | None:
    """The word, the sentence and what stands in it; None where nothing ran."""
    if by is None:
        return None
    return {
        "who": by.word,
        "text": str(by),
        "model": by.model,
        "date": by.date,
        "attempts": {"passed": by.attempts.passed, "of": by.attempts.of},
    }
