"""A settings file as text: our hooks put in, taken out, and every other character left as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODE: Final = json.JSONDecoder().raw_decode


class _Part(NamedTuple):
    """A member of an object or an element of a list: its key (empty in a list), where its value begins
    and ends in the text, and the value."""

    key: str
    start: int
    end: int
    value: Any


def put_hooks(text: str, hooks: Mapping[str, list[Any]], strip: Callable[[Any], Any]) -> str:
    """``text``, a JSON object, with ``hooks`` at the end of their events' lists.

    ``strip`` gives an entry without what is ours, None if nothing is left: what it changes is taken out.
    """
    unit = _unit(text)
    if not any(part.key == "hooks" for part in _parts(text, _after(text, 0))):
        text = _added(text, _after(text, 0), '"hooks": {}', unit, 1)
    for event, ours in hooks.items():
        at = _value(text, _after(text, 0), "hooks").start
        if not any(part.key == event for part in _parts(text, at)):
            text = _added(text, at, f"{json.dumps(event)}: []", unit, 2)
        text = _stripped(text, event, strip)
        for entry in ours:
            at = _value(text, _value(text, _after(text, 0), "hooks").start, event).start
            text = _added(text, at, json.dumps(entry, indent=unit), unit, 3)
    return text


def _stripped(text: str, event: str, strip: Callable[[Any], Any]) -> str:
    """The text with each entry of the event as ``strip`` leaves it, from the last one backwards."""
    at = _value(text, _value(text, _after(text, 0), "hooks").start, event).start
    parts = list(_parts(text, at))
    for place in range(len(parts) - 1, -1, -1):
        part, left = parts[place], strip(parts[place].value)
        if left == part.value:  # nothing of ours
            continue
        if left is not None:
            text = text[: part.start] + json.dumps(left, ensure_ascii=False) + text[part.end :]
            continue
        start, end = part.start, part.end
        if place:
            start = parts[place - 1].end
        elif len(parts) > 1:
            end = parts[1].start
        else:
            start, end = at + 1, _after(text, part.end)
        text = text[:start] + text[end:]
        parts = list(_parts(text, at))
    return text


def _value(text: str, at: int, key: str) -> _Part:
    """The member ``key`` of the object at ``at``; of several the last, as a reader takes it."""
    return [part for part in _parts(text, at) if part.key == key][-1]


def _parts(text: str, at: int) -> Iterator[_Part]:
    """The members or elements of the object or list that begins at ``at``."""
    is_object = text[at] == "{"
    at = _after(text, at + 1)
    while text[at] not in "]}":
        key = ""
        if is_object:
            key, at = _DECODE(text, at)
            at = _after(text, _after(text, at) + 1)
        value, end = _DECODE(text, at)
        yield _Part(key, at, end, value)
        at = _after(text, end)
        if text[at] == ",":
            at = _after(text, at + 1)


def _added(text: str, at: int, words: str, unit: str, level: int) -> str:
    """``words`` as the last thing in the object or list at ``at``, on a line of their own."""
    line = "\r\n" if "\r\n" in text else "\n"
    words = words.replace("\n", line + unit * level)
    parts = list(_parts(text, at))
    if parts:
        end = parts[-1].end
        return f"{text[:end]},{line}{unit * level}{words}{text[end:]}"
    inner = f"{line}{unit * level}{words}{line}{unit * (level - 1)}"
    return text[: at + 1] + inner + text[_after(text, at + 1) :]


def _after(text: str, at: int) -> int:
    """The place of the next character that is no space."""
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


def _unit(text: str) -> str:
    """What one level is indented by."""
    found = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return found[1] if found else "  "
