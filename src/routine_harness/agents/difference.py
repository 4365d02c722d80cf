"""What differs between two values, in lines that a person can read.

Equality is decided by ``==``; only what differs is walked, and deepdiff sees nothing but the
lists whose elements have shifted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from routine_harness.plain import Json

_WIDTH: Final = 68
_MOST_NODES: Final = 500


def describe_difference(before: Json, after: Json, *, most: int = 6, path: str = "") -> tuple[str, ...]:
    """Up to ``most`` lines such as ``issues[0].title: 'a' → 'b'``; none where both are equal."""
    if before == after and type(before) is type(after):
        return ()
    lines = list(_walk(before, after, path))
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], f"… and {len(lines) - most + 1} more differences")


def describe_text_difference(before: str, after: str, *, most: int = 6) -> tuple[str, ...]:
    """The same for two texts, by their values where both are JSON, else by line."""
    if before == after:
        return ()
    first, second = _parsed(before), _parsed(after)
    if first is not None and second is not None and first != second:
        return describe_difference(first, second, most=most)
    return describe_difference(
        before.splitlines() or [""], after.splitlines() or [""], most=most, path="line"
    )


def _walk(before: Json, after: Json, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            place = f"{path}.{key}" if path else str(key)
            if key not in after:
                yield f"{place}: {_short(before[key])} is gone"
            elif key not in before:
                yield f"{place}: {_short(after[key])} is new"
            elif before[key] != after[key]:
                yield from _walk(before[key], after[key], place)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                yield from _walk(old, new, f"{path}[{index}]")
    elif isinstance(before, list) and isinstance(after, list):
        yield from _walk_shifted(before, after, path)
    else:
        yield f"{path or 'value'}: {_short(before)} → {_short(after)}"


def _walk_shifted(before: list[Json], after: list[Json], path: str) -> Iterator[str]:
    """Lists of different lengths: deepdiff finds what was put in and taken out."""
    if len(before) + len(after) > _MOST_NODES:
        yield f"{path}: {len(before)} elements → {len(after)}"
        return
    # Imported here: 110 ms that only a failed comparison pays.
    from deepdiff import DeepDiff

    found = DeepDiff(before, after, view="tree")
    for kind, word in (("iterable_item_removed", "is gone"), ("iterable_item_added", "is new")):
        for level in found.get(kind, ()):
            value = level.t1 if kind == "iterable_item_removed" else level.t2
            yield f"{path}{level.path(root='')}: {_short(value)} {word}"
    for level in found.get("values_changed", ()):
        yield f"{path}{level.path(root='')}: {_short(level.t1)} → {_short(level.t2)}"


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
