"""The limits of noise, by the words of ``verdict.noise``: carried along by the guard."""

from __future__ import annotations

from typing import Any


def everyone_in(text: str) -> int:
    """How often a message calls on everyone."""
    if "@" not in text and "<!" not in text:
        return 0
    import re  # only here: it takes half as long as a bare start

    everyone = r"<!(?:everyone|channel|here)(?:\|[^>]*)?>|(?<![\w@.])@(?:everyone|channel|here)\b"
    return len(re.findall(everyone, text))


def too_loud(data: Any, effects: Any, counted: Any) -> str:
    """Which noise limit one more call would pass; ``counted`` are the effects so far, by kind."""
    for name, (most, place) in data["noise"].items():
        kinds, words = data["counted"].get(name, ((), ""))
        more = sum(kind in kinds for kind, _, _ in effects)
        if more and sum(counted.get(kind, 0) for kind in kinds) + more > most:
            number = sum(counted.get(kind, 0) for kind in kinds) + more
            return f"{number} {words} in one run, at most {most} by {place}"
        for kind, _, fields in effects:
            if kind not in data["counted"]["messages_per_run"][0]:
                continue
            text = str(fields.get("text", ""))
            if name == "characters_per_message" and len(text) > most:
                return f"a message with {len(text)} characters, at most {most} by {place}"
            if name == "mentions_of_everyone" and everyone_in(text) > most:
                return f"a message with {everyone_in(text)} mentions of everyone, at most {most} by {place}"
    return ""
