"""Branch globs, as GitHub's: ``*`` stops at a slash, ``**`` does not.

``?`` and ``+`` repeat the character before them (none or one, one or more), ``[…]`` is one
character, ``!`` at the start of a pattern takes back what an earlier one matched, ``\\`` escapes.
Source: GitHub's workflow syntax, filter pattern cheat sheet.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable

Matches = Callable[[str], bool]


@functools.lru_cache(maxsize=1024)
def compile_glob(pattern: str) -> Matches:
    """The whole-name matcher of one pattern without a leading ``!``.

    Raises:
        ValueError: an unclosed ``[``, nothing before ``?`` or ``+``, a trailing backslash.
    """
    # Imported here: a routine without branch globs need not pay for the engine.
    import re2

    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    try:
        compiled = re2.compile(glob_regex(pattern), options)
    except re2.error as error:
        raise ValueError(f"{pattern!r} is no branch pattern: {error}") from error
    return lambda name: compiled.fullmatch(name) is not None


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
        ValueError: the pattern is malformed.
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
        if not follows:
            raise ValueError(f"{pattern!r} has nothing before {character!r} that it could repeat")
        return f"{character}", index + 1
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
    inside = pattern[index + 1 : end].replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
    return f"[{inside}]", end + 1
