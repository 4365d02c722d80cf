"""The conditions of a trigger as a person says them: ``merged = true``, ``base_branch = main``."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Json

_WANTED: Final = {
    "equals": "{}",
    "is_one_of": "one of {}",
    "is_not_one_of": "none of {}",
    "matches_glob": "like {}",
    "contains": "{} in it",
    "starts_with": "{} at its start",
    "matches_regex": "all of it like {}",
}
"""How an operator is said; another one is said by its own words."""
_ALONE: Final = {"is_one_of": "{}", "is_not_one_of": "not {}"}
"""How it is said of a single value."""


def wanted_words(operator: str, expected: Json) -> str:
    """What a field has to be: ``false``, ``one of main, develop``."""
    single = isinstance(expected, list | tuple) and len(expected) == 1
    said = _ALONE.get(operator) if single else None
    said = said or _WANTED.get(operator, f"{operator.replace('_', ' ')} {{}}")
    return said.format(shown(expected))


def condition_words(field: str, operator: str, expected: Json) -> str:
    """A whole condition: ``merged = true``, ``labels none of wip, draft``."""
    wanted = wanted_words(operator, expected)
    return f"{spoken_field(field)} {'= ' if wanted == shown(expected) else ''}{wanted}"


def spoken_field(field: str) -> str:
    """A filter's field without the ``is_`` that the platform writes before a question."""
    return field.removeprefix("is_")


def shown(value: Json) -> str:
    """A value as a person writes it: ``false``, ``main``, ``backend, api``."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value)) or "none"
    text = " ".join(str(value).split()) or "''"
    return text if len(text) <= 120 else text[:119] + "…"
