"""What commands do to files, and by following each other, read without a parser; see ``rough``."""

from __future__ import annotations

from typing import Any

from routine_harness.guard.decide import ANYTHING
from routine_harness.guard.pieces import SHELLS

FILES = frozenset("mkdir touch cp mv rm ln chmod chown tee install rmdir dd truncate unlink shred".split())  # noqa: SIM905


def read_together(commands: Any, effects: Any) -> list[Any]:
    """What commands may do by following each other: a script is written and run, a tag made and pushed, a
    folder left before something in it goes."""
    words = [[text.rpartition("/")[2] for text, _ in command] for command in commands]
    used = {word for one in words for word in one[:3]}
    left = any(one[0] in ("cd", "pushd") and not all(stays(word) for word in rest[1:])
               for one, rest in zip(words, commands, strict=True))  # fmt: skip
    found: list[Any] = []
    if left and not FILES.isdisjoint(used):
        found += [("file.changed", "", {}), ("file.deleted", "", {})]
    if "tag" in used and "push" in used:
        found.append((ANYTHING, "github", {}))
    if (
        not SHELLS.isdisjoint(used)
        and "tee" in used
        and any(kind == "command.opaque" for kind, _, _ in effects)
    ):
        found.append((ANYTHING, "", {}))
    return found


def stays(word: Any) -> bool:
    """Whether a word is an option, or as a path certainly stays in the session's folder."""
    text, known = word
    return known and text != "" and text[0] not in "/~" and ".." not in text and "=/" not in text


def read_files(rest: Any) -> list[Any]:
    """What a program does to files: the session's own are nobody's business."""
    if all(stays(word) or word == ("/dev/null", True) for word in rest):
        return []
    if any(word[0].startswith(("/dev/tcp/", "/dev/udp/")) for word in rest):
        return [(ANYTHING, "", {})]
    effects: list[Any] = [("file.changed", "", {}), ("file.deleted", "", {})]
    return effects if all(word[1] for word in rest) else [*effects, ("command.undecided", "", {})]
