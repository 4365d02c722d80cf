"""Branch globs, as GitHub's: ``*`` stops at a slash, ``**`` does not.

``?`` and ``+`` repeat the character before them (none or one, one or more), ``[…]`` is one
character, ``!`` at the start of a pattern takes back what an earlier one matched, ``\\`` escapes.
Source: GitHub's workflow syntax, filter pattern cheat sheet.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable

from routine_harness.routine.regex import compile_regex

Matches = Callable[[str], bool]


@functools.lru_cache(maxsize=1024)
def compile_glob(pattern: str) -> Matches:
    """The whole-name matcher of one pattern without a leading ``!``.

    Raises:
        ValueError: the pattern is malformed, as ``glob_regex`` says.
    """
    regex = glob_regex(pattern)
    if regex == re.escape(pattern):
        return lambda name: name == pattern
    matches = compile_regex(regex)
    return lambda name: bool(matches(name))


def match_globs(patterns: Iterable[str], name: str) -> bool:
    """Whether ``name`` is matched: the last pattern that says anything about it decides."""
    matched = False
    for pattern in patterns:
        negative = pattern.startswith("!")
        if matched == negative and compile_glob(pattern[negative:])(name):
            matched = not negative
    return matched


def glob_regex(pattern: str) -> str:
    """The regular expression (RE2 syntax, whole value) that ``pattern`` stands for.

    Raises:
        ValueError: an unclosed ``[``, nothing before ``?`` or ``+``, a trailing backslash.
    """
    if not pattern:
        raise ValueError("an empty branch pattern matches nothing")
    parts: list[str] = []
    index, repeatable = 0, False
    while index < len(pattern):
        if pattern[index] in "?+":
            if not repeatable:
                raise ValueError(f"{pattern!r} has nothing before {pattern[index]!r} that it could repeat")
            part, index, repeatable = pattern[index], index + 1, False
        else:
            part, index, repeatable = _part(pattern, index)
        parts.append(part)
    return "".join(parts)


def _part(pattern: str, index: int) -> tuple[str, int, bool]:
    """The regular expression of what starts at ``index``, where it ends, and if it can be repeated."""
    character = pattern[index]
    if character == "*":
        end = index + 1
        while pattern.startswith("*", end):
            end += 1
        return ("[^/]*" if end == index + 1 else ".*"), end, False
    if character == "[":
        return (*_class(pattern, index), True)
    if character == "\\":
        if index + 1 == len(pattern):
            raise ValueError(f"{pattern!r} ends with a backslash that escapes nothing")
        return re.escape(pattern[index + 1]), index + 2, True
    return re.escape(character), index + 1, True


def _class(pattern: str, index: int) -> tuple[str, int]:
    end = pattern.find("]", index + 2)
    if end < 0:
        raise ValueError(f"{pattern!r} has a '[' without a ']'")
    inside = pattern[index + 1 : end]
    for first, last in re.findall(r"(.)-(.)", inside):
        if first > last:
            raise ValueError(f"{pattern!r} has a range {first}-{last} that runs backwards")
    escaped = inside.replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
    return f"[{escaped}]", end + 1
