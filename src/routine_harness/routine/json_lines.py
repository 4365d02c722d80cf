"""The line of each value in a JSON text that is known to be valid."""

from __future__ import annotations

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.routine.spec import Path

_TOKEN = lazy_pattern(r'[{}\[\],]|"(?:[^"\\]|\\.)*"|\n|[^\s{}\[\],":]+')


def scan_json(text: str) -> tuple[dict[Path, int], list[tuple[Path, int]]]:
    """Path → line for every value of valid JSON, and the keys that occur again with their lines."""
    lines: dict[Path, int] = {(): 1}
    repeated: list[tuple[Path, int]] = []
    stack: list[tuple[bool, Path]] = []  # (is a mapping, its path)
    position: list[str | int | None] = []  # the key or index that the next value takes
    line = 1
    for token in _TOKEN.findall(text):
        first = token[0]
        if first == "\n":
            line += 1
        elif first == ",":
            index = position[-1]
            position[-1] = index + 1 if isinstance(index, int) else None
        elif first in "}]":
            stack.pop()
            position.pop()
        elif stack and stack[-1][0] and position[-1] is None:  # a key
            key: str = msgspec.json.decode(token)
            path = (*stack[-1][1], key)
            if path in lines:
                repeated.append((path, line))
            else:
                lines[path] = line
            position[-1] = key
        else:
            path = (*stack[-1][1], position[-1]) if stack and position[-1] is not None else ()
            lines.setdefault(path, line)
            if first in "{[":
                stack.append((first == "{", path))
                position.append(None if first == "{" else 0)
    return lines, repeated
