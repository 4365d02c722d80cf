"""The plan of effects: what a run would do to the outside, read like a change plan.

``+`` creates, ``~`` changes, ``-`` removes, ``!`` is forbidden, ``?`` cannot be decided. What was
refused is listed as refused, what changed nothing as unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from routine_harness.report.text import clip, one_line
from routine_harness.world.effect import Effect

_SIGNS: Final = {
    "created": "+", "posted": "+", "pushed": "+", "added": "+", "scheduled": "+", "submitted": "+",
    "published": "+", "uploaded": "+", "sent": "+", "started": "+", "requested": "+", "forked": "+",
    "granted": "+", "fired": "+", "starred": "+",
    "deleted": "-", "removed": "-", "revoked": "-", "dismissed": "-", "unstarred": "-", "cancelled": "-",
    "undecided": "?", "opaque": "?", "called": "?",
}  # fmt: skip
_TOTALS: Final = {
    "+": "to create", "~": "to change", "-": "to remove", "!": "forbidden", "?": "undecided",
    "refused": "refused", "unchanged": "unchanged", "opaque": "opaque",
}  # fmt: skip
_WORDS: Final = ("title", "text", "body", "name", "branch", "path", "command", "emoji", "tag", "host")


def sign(effect: Effect, forbidden: Collection[int] = ()) -> str:
    """The plan's sign for ``effect``; ``forbidden`` are numbers of calls that policy forbids."""
    if effect.call in forbidden:
        return "!"
    return _SIGNS.get(effect.kind.partition(".")[2], "~")


def render_effect(effect: Effect, *, width: int = 80, forbidden: Collection[int] = ()) -> str:
    """One line: ``+ ticket SEC-1 "SQL injection in app/db.py"``."""
    noun, _, verb = effect.kind.partition(".")
    mark = sign(effect, forbidden)
    words = noun.replace("_", " ")
    if mark in "~?!":
        words += f" {verb}"
    parts = [mark, words]
    # A tool without an entry in the table is known by its name alone.
    target = effect.target or (effect.tool if effect.kind == "tool.called" else "")
    if target:
        parts.append(target)
    said = next((effect.fields[field] for field in _WORDS if effect.fields.get(field)), "")
    if said and str(said) != target:
        parts.append(f'"{one_line(str(said))}"')
    if effect.outcome != "applied":
        parts.insert(2, f"({effect.outcome})")
    return clip(" ".join(parts), width)


def render_plan(
    effects: Iterable[Effect], *, width: int = 80, forbidden: Collection[int] = ()
) -> Iterator[str]:
    """The lines of a plan, and its one-line total."""
    counted: Counter[str] = Counter()
    for effect in effects:
        if effect.kind == "command.opaque":
            counted["opaque"] += 1
        elif effect.outcome == "applied":
            counted[sign(effect, forbidden)] += 1
        else:
            counted["!" if effect.call in forbidden else effect.outcome] += 1
        yield "  " + render_effect(effect, width=width - 2, forbidden=forbidden)
    yield f"Plan: {_total(counted)}."


def _total(counted: Counter[str]) -> str:
    said = [f"{counted[key]} {words}" for key, words in _TOTALS.items() if counted[key]]
    return ", ".join(said) if said else "nothing to do"
