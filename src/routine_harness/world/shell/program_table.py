"""What is known of programs by name: the rows of ``programs.txt``, which says how they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

Trait = Literal[
    "quiet", "opaque", "blind", "silent", "filter", "succeeds", "passive", "slashed", "ticked"
]  # fmt: skip
_NONE: Final[frozenset[str]] = frozenset()


class Wrapping(NamedTuple):
    """How a program runs the one that the rest of its words name.

    ``valued`` are its own options that take a value, ``skipped`` the words before the other program,
    ``under`` the subcommands under which it runs one; none: always.
    """

    way: str
    valued: frozenset[str] = _NONE
    skipped: int = 0
    under: tuple[str, ...] = ()


class Program(NamedTuple):
    """One row. ``commands`` is empty where the row names no effects."""

    valued: frozenset[str]
    traits: frozenset[str]
    wraps: Wrapping | None
    code: frozenset[str]
    runs: frozenset[str]
    writes: frozenset[str]
    in_place: frozenset[str]
    commands: dict[str, str]


def parse_table(text: str) -> dict[str, Program]:
    """Program → its row."""
    table: dict[str, Program] = {}
    head, parts = "", dict[str, str]()
    for line in _joined(text):
        if line[0] == " ":
            key, _, value = line.strip().partition(" = ")
            parts[key] = value
            continue
        if head:
            table |= _row(head, parts)
        head, parts = line, {}
    return table | _row(head, parts)


def _row(head: str, parts: dict[str, str]) -> dict[str, Program]:
    programs, _, valued = head.partition(" : ")
    row = Program(
        valued=_words(valued),
        traits=_words(parts.pop("is", "")),
        wraps=_wrapping(parts.pop("wraps")) if "wraps" in parts else None,
        code=_words(parts.pop("code", "")),
        runs=_words(parts.pop("runs", "")),
        writes=_words(parts.pop("writes", "")),
        in_place=_words(parts.pop("in place", "")),
        commands=_commands(parts),  # what is left of the row
    )
    return dict.fromkeys(programs.split(", "), row)


def _commands(kinds: dict[str, str]) -> dict[str, str]:
    """Command → kind of effect, from kind → commands."""
    found = {"*": ""} if kinds else {}
    for kind, commands in kinds.items():
        for command in commands.split(", "):
            found["" if command == "(none)" else command] = "" if kind == "nothing" else kind
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split()) if text else _NONE


def _wrapping(text: str) -> Wrapping:
    way, _, valued = text.partition(" : ")
    options = _words(valued)
    if way.startswith("under "):
        return Wrapping("words", options, under=tuple(way.removeprefix("under ").split(", ")))
    way, _, skipped = way.partition(" after ")
    return Wrapping(way, options, int(skipped or 0))


def _joined(text: str) -> Iterator[str]:
    """The lines without comments, each with its continuations, which are indented by eight."""
    for line in text.replace("\n" + " " * 8, " ").split("\n"):
        if line and line[0] != "#":
            yield line


PROGRAMS: Final = parse_table(Path(__file__).with_name("programs.txt").read_text("utf-8"))


def is_a(name: str, trait: Trait) -> bool:
    """Whether the table says ``trait`` of the program ``name``."""
    row = PROGRAMS.get(name)
    return row is not None and trait in row.traits


def having(trait: Trait) -> tuple[str, ...]:
    """The programs of a trait."""
    return tuple(name for name, row in PROGRAMS.items() if trait in row.traits)
