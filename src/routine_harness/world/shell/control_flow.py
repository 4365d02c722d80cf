"""Branches and loops: what a reader that runs nothing makes of them.

A known exit code of a condition chooses the branch and counts the rounds. Otherwise every branch may run,
and a loop is read once.
"""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from routine_harness.world.holes import hole, is_hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.assignments import forget_assigned
from routine_harness.world.shell.expansion import text_of
from routine_harness.world.shell.scope import Text, joined
from routine_harness.world.shell.script_reader import Reader

MAX_REPEATS: Final = 64


def if_statement(reader: Reader, node: Node, stdin: Text) -> Text:
    """``if``: the condition runs for certain, each branch may."""
    head: list[Node] = []
    branches: list[list[Node]] = [[]]
    then = False
    for child in node.children:
        if child.type == "then":
            then = True
        elif child.type in ("elif_clause", "else_clause"):
            branches.append([child])
        else:
            (branches[0] if then else head).append(child)
    with reader.exits.tested():
        written = reader.sequence(head, stdin)
    exhaustive = any(child.type == "else_clause" for child in node.children)
    if reader.status is not None and not reader.exits.ended:
        return _chosen(reader, branches, stdin, written, exhaustive=exhaustive)
    _alternatives(reader, branches, stdin, exhaustive=exhaustive)
    return Text(None)


def _chosen(
    reader: Reader, branches: list[list[Node]], stdin: Text, written: Text, *, exhaustive: bool
) -> Text:
    """The branch that the exit code of the condition chooses; those from which nothing is known, all."""
    if reader.status == 0:
        return joined(written, reader.sequence(branches[0], stdin))
    for at, [clause] in enumerate(branches[1:], 1):
        parts = clause.children
        then = next((number for number, child in enumerate(parts) if child.type == "then"), None)
        if then is None:  # else
            return joined(written, reader.sequence(parts, stdin))
        with reader.exits.tested():
            written = joined(written, reader.sequence(parts[:then], stdin))
        if reader.status is None:
            _alternatives(reader, [list(parts[then:]), *branches[at + 1 :]], stdin, exhaustive=exhaustive)
            return Text(None)
        if reader.status == 0:
            return joined(written, reader.sequence(parts[then:], stdin))
    reader.status = 0
    return written


def case_statement(reader: Reader, node: Node, stdin: Text) -> Text:
    for child in node.children:
        if child.is_named and child.type != "case_item":
            reader.expand([child])
    _alternatives(reader, [[child] for child in node.children if child.type == "case_item"], stdin)
    return Text(None)


def _alternatives(
    reader: Reader, branches: list[list[Node]], stdin: Text, *, exhaustive: bool = False
) -> None:
    before = reader.scope.copy()
    after = [] if exhaustive else [before]
    context = reader.context
    for branch in branches:
        reader.scope = before.copy()
        with reader.exits.perhaps():
            reader.sequence(branch, stdin)
        after.append(reader.scope)
    reader.status = None
    if reader.context.branch != context.branch:
        reader.context = reader.context._replace(branch="")
    reader.scope = before.copy()
    reader.scope.merge(after)


def for_statement(reader: Reader, node: Node, stdin: Text) -> Text:
    name = next((text_of(child) for child in node.children if child.type == "variable_name"), "")
    listed = any(child.type == "in" for child in node.children)
    others = ("variable_name", "do_group", "comment", "compound_statement")
    given = [child for child in node.children if child.is_named or child.type == "$"]
    words = reader.expand([child for child in given if child.type not in others])
    if not listed:  # bash: without ``in``, a loop runs over "$@"
        words = reader.scope.positional or [Word(hole("$@", loose=True))]
    words = [_globbed(word) for word in words]
    if len(words) > MAX_REPEATS:
        words = [Word(hole(f"${name}"))]
    bodies = [child for child in node.children if child.type in ("do_group", "compound_statement")]
    forget_assigned(reader, bodies, name)
    for word in words:
        reader.scope.assign(name, None if is_hole(word.text) else word.text)
        reader.sequence(bodies, stdin)
    return Text(None)


def _globbed(word: Word) -> Word:
    """A pattern of file names: only its folder is known."""
    found = re.search(r"[^/]*[*?\[].*", word.text, re.DOTALL)
    return word if found is None else Word(word.text[: found.start()] + hole(found[0]))


def while_statement(reader: Reader, node: Node, stdin: Text) -> Text:
    """``while``, ``until``: once for each line of a known input that it reads, else once."""
    forget_assigned(reader, node.children)
    lines = (stdin.text or "").splitlines(keepends=True) if stdin.given else []
    reads = any(child.type == "command" and text_of(child).find("read ") >= 0 for child in node.children)
    if reader.exits.follows and not reads:
        return _rounds(reader, node, stdin)
    if not reads or len(lines) < 2:
        reader.sequence(node.children, stdin)
    elif len(lines) > MAX_REPEATS:
        reader.sequence(node.children, Text(None, True))
    else:
        for number in range(len(lines)):
            reader.sequence(node.children, Text("".join(lines[number:]), True))
    return Text(None)


def _rounds(reader: Reader, node: Node, stdin: Text) -> Text:
    """A loop as long as the exit code of its condition says so; once where that is not known."""
    body = [child for child in node.children if child.type == "do_group"]
    condition = [child for child in node.children if child.type not in ("do_group", "while", "until")]
    until = any(child.type == "until" for child in node.children)
    written = Text("")
    for _ in range(MAX_REPEATS):
        with reader.exits.tested():
            written = joined(written, reader.sequence(condition, stdin))
        if reader.status is None:
            with reader.exits.perhaps():
                reader.sequence(body, stdin)
            reader.status = None
            return Text(None)
        if (reader.status == 0) is until or reader.exits.ended:
            reader.status = reader.status if reader.exits.ended else 0
            return written
        written = joined(written, reader.sequence(body, stdin))
    return Text(None)


_COUNTED: Final = re.compile(r"\(\(\s*(\w+)=(\d+)\s*;\s*\1\s*(<=?)\s*(\d+)\s*;\s*(?:\1\+\+|\+\+\1)\s*\)\)")


def counting_statement(reader: Reader, node: Node, stdin: Text) -> Text:
    """``for ((i=0; i<3; i++))``: unrolled where it counts by one between known numbers."""
    bodies = [child for child in node.children if child.type in ("do_group", "compound_statement")]
    forget_assigned(reader, node.children)
    found = _COUNTED.search(text_of(node))
    rounds = range(int(found[2]), int(found[4]) + (found[3] == "<=")) if found else range(0)
    if found is None or not 0 < len(rounds) <= MAX_REPEATS:
        reader.sequence(bodies, stdin)
        return Text(None)
    for number in rounds:
        reader.scope.assign(found[1], str(number))
        reader.sequence(bodies, stdin)
    return Text(None)
