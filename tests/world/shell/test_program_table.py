"""The table of programs that the shell's reader knows by name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args

from routine_harness.world.shell import program_table
from routine_harness.world.shell.program_table import PROGRAMS, Trait, parse_table

TEXT = Path(program_table.__file__).with_name("programs.txt").read_text("utf-8")


def test_a_program_has_one_row() -> None:
    """What is known of a program by name stands in one place."""
    lines = TEXT.replace("\n" + " " * 8, " ").splitlines()
    heads = [line.partition(" : ")[0] for line in lines if line and line[0] not in " #"]
    twice = [name for name, count in Counter(", ".join(heads).split(", ")).items() if count > 1]
    assert twice == []


def test_a_row_has_known_traits_and_ways_to_wrap() -> None:
    """A misspelt word of a row is no silent gap."""
    assert {trait for row in PROGRAMS.values() for trait in row.traits} == set(get_args(Trait))
    assert {row.wraps.way for row in PROGRAMS.values() if row.wraps} == {"plain", "words", "script"}


def test_a_row_says_all_of_a_program() -> None:
    """A row is read part by part; lines that are indented by eight go on."""
    table = parse_table(
        "tool, t : -n\n    is = quiet blind\n    wraps = words after 1 : -k\n        --kill\n"
        "    writes = -o\n    package.published = push,\n        image push\n    nothing = (none)\n"
    )
    row = table["t"]
    assert row is table["tool"]
    assert (row.valued, row.traits, row.writes) == ({"-n"}, {"quiet", "blind"}, {"-o"})
    assert row.wraps is not None
    assert (row.wraps.way, row.wraps.skipped, row.wraps.valued) == ("words", 1, {"-k", "--kill"})
    assert row.commands == {
        "*": "", "push": "package.published", "image push": "package.published", "": ""
    }  # fmt: skip
