"""A policy's overrides put into an edition's table; what no table has is a problem in words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from routine_harness.plain import Json, Record

OverrideProblem = tuple[tuple[str, ...], str]
"""The keys that lead to what is wrong, and what is wrong with it."""


def override_table(table: Record, overrides: Mapping[str, Json], problems: list[OverrideProblem]) -> Record:
    """The table with ``overrides`` in its shape; whatever is wrong with them is added to ``problems``."""
    merged = dict(table)
    for key, value in overrides.items():
        if key not in table or key in ("edition", "since"):
            problems.append(((key,), f"no rule {key!r} can be overridden{_nearest(key, table)}"))
        elif key == "limits":
            merged[key] = _override_limits(table[key], value, problems)
        elif key == "settings":
            merged[key] = _override_settings(table[key], value, problems)
        else:
            merged[key] = _merge(table[key], value)
    return merged


def _override_limits(limits: list[Record], changes: Json, problems: list[OverrideProblem]) -> list[Record]:
    if not isinstance(changes, Mapping):
        problems.append((("limits",), "limits must map a limit's name to its amount"))
        return limits
    known = {limit["name"]: limit for limit in limits}
    for name, change in changes.items():
        if name not in known:
            problems.append((("limits", name), f"unknown limit {name!r}{_nearest(name, known)}"))
            continue
        fields = change if isinstance(change, Mapping) else {"amount": change}
        if "amount" in fields or "amount_by_plan" in fields:  # whoever gives a figure has it from somewhere
            known[name] = {**known[name], "amount_by_plan": {}, "published": True, "assumed_plans": []}
        known[name] = {**known[name], **fields}
    return list(known.values())


def _override_settings(
    settings: dict[str, Record], changes: Json, problems: list[OverrideProblem]
) -> dict[str, Record]:
    if not isinstance(changes, Mapping):
        problems.append((("settings",), "settings must map a setting's name to a value"))
        return settings
    merged = dict(settings)
    for name, value in changes.items():
        if name not in settings:
            problems.append((("settings", name), f"unknown setting {name!r}{_nearest(name, settings)}"))
        elif not any(value is choice or value == choice for choice in settings[name]["choices"]):
            choices = ", ".join(map(_shown, settings[name]["choices"]))
            problems.append((("settings", name), f"setting {name} is one of {choices}, not {_shown(value)}"))
        else:
            merged[name] = {**settings[name], "value": value}
    return merged


def locate_error(message: str, table: Mapping[str, Json]) -> OverrideProblem:
    """The decoder's words about a table (``… - at `$.limits[2].amount```) with the keys that they name."""
    words, _, place = message.partition(" - at `$.")
    keys: list[str] = []
    for part in place.rstrip("`").split("."):
        key, _, position = part.partition("[")
        keys.append(key)
        if key == "limits" and position[:-1].isdigit():
            keys.append(table["limits"][int(position[:-1])]["name"])
    told = " → ".join(keys)
    return tuple(keys), f"{told}: {words[:1].lower()}{words[1:]}" if place else message


def _merge(value: Json, change: Json) -> Json:
    if isinstance(value, Mapping) and isinstance(change, Mapping):
        return {**value, **{key: _merge(value.get(key), part) for key, part in change.items()}}
    return change


def _nearest(name: object, known: Mapping[str, Json]) -> str:
    close = difflib.get_close_matches(str(name), list(known), 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
