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
    index = 0
    while index < len(pattern):
        part, index = _part(pattern, index, bool(parts))
        parts.append(part)
    return "".join(parts)


def _part(pattern: str, index: int, follows: bool) -> tuple[str, int]:
    character = pattern[index]
    if pattern.startswith("**", index):
        while pattern.startswith("*", index):
            index += 1
        return ".*", index
    if character == "*":
        return "[^/]*", index + 1
    if character in "?+":
        if not follows or pattern[index - 1] in "?+*" and pattern[index - 2 : index - 1] != "\\":
            raise ValueError(f"{pattern!r} has nothing before {character!r} that it could repeat")
        return character, index + 1
    if character == "[":
        return _class(pattern, index)
    if character == "\\":
        if index + 1 == len(pattern):
            raise ValueError(f"{pattern!r} ends with a backslash that escapes nothing")
        return re.escape(pattern[index + 1]), index + 2
    return re.escape(character), index + 1


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
