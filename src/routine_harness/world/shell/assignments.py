"""Assignments: of variables, arrays and their elements, by declarations and within loops."""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from routine_harness.world.holes import hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.command_settings import runs_by_environment
from routine_harness.world.shell.expansion import text_of
from routine_harness.world.shell.scope import Scope, Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.syntax import source_of


def keep_read(scope: Scope, inner: Scope, argv: list[Word]) -> None:
    """``IFS=, read a b`` assigns a and b for good, though IFS is back to what it was (bash 5.2)."""
    if argv and argv[0].text in ("read", "mapfile", "readarray", "printf", "export"):
        for word in argv[1:]:
            if word.text in inner.variables:
                scope.variables[word.text] = inner.variables[word.text]
            if word.text in inner.arrays:
                scope.arrays[word.text] = inner.arrays[word.text]


def assign(reader: Reader, node: Node, stdin: Text) -> None:
    """``x=…``, ``x+=…``, ``x[1]=…``, ``x=(…)``."""
    target, appended = node.children[0], any(child.type == "+=" for child in node.children)
    name, scope = text_of(target.children[0] if target.type == "subscript" else target), reader.scope
    given = node.children[2:]
    if given and given[0].type == "array":
        words = [word.text for word in reader.expand([c for c in given[0].children if c.is_named])]
        held = scope.arrays.get(name, []) if appended else []
        scope.assign_array(name, None if held is None else [*held, *words])
        return
    text = reader.value(given) if given else ""
    if target.type == "subscript":
        _assign_element(scope, name, text_of(target)[len(name) + 1 : -1], text)
        return
    if appended:
        before = scope.variables.get(name)
        text = None if before is None and text is None else (
            (hole(f"${name}") if before is None else before) + (hole(text_of(node)) if text is None else text)
        )  # fmt: skip
    scope.assign(name, text)
    runs_by_environment(reader, name, text)


def _assign_element(scope: Scope, name: str, index: str, text: str | None) -> None:
    listed = scope.arrays.get(name, [])
    if listed is None or not index.isdecimal() or len(index) > 3 or int(index) > len(listed):
        scope.assign_array(name, None)
        return
    element = hole(f"${{{name}[{index}]}}") if text is None else text
    scope.assign_array(name, [*listed[: int(index)], element, *listed[int(index) + 1 :]])


def assignment(reader: Reader, node: Node, stdin: Text) -> Text:
    assign(reader, node, stdin)
    return Text("")


def declaration(reader: Reader, node: Node, stdin: Text) -> Text:
    for group in reader.groups([child for child in node.children if child.is_named]):
        if group[0].type == "variable_assignment":
            assign(reader, group[0], stdin)
            continue
        if group[0].type in ("variable_name", "word"):
            continue
        for word in reader.expand(group):
            name, equals, value = word.text.partition("=")
            if equals:
                reader.scope.assign(name, value)
                runs_by_environment(reader, name, value)
    return Text("")


def unset(reader: Reader, node: Node, stdin: Text) -> Text:
    del stdin
    for child in node.children:
        if child.type in ("variable_name", "word"):
            reader.scope.assign(text_of(child), "")
            reader.scope.functions.pop(text_of(child), None)
    return Text("")


_CHANGED: Final = re.compile(
    r"\b([A-Za-z_]\w*)\s*(?:\+\+|--|[-+*/%&|^]?=(?!=)|<<=|>>=)|(?:\+\+|--)\s*([A-Za-z_]\w*)"
)


_ASSIGNING: Final = (b"read ", b"mapfile ", b"readarray ", b"printf -v ")


def forget_assigned(reader: Reader, nodes: list[Node], keep: str = "") -> None:
    """What a loop's body assigns is not known at the start of its next round."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        for name in _assigned_names(node):
            if name != keep:
                reader.scope.assign(name, None)
        pending.extend(node.children)


def _assigned_names(node: Node) -> list[str]:
    """The names that a node itself, without what is in it, gives values to."""
    if node.type == "variable_assignment":
        return [re.split(r"\W", text_of(node.children[0]), maxsplit=1)[0]]
    if node.type.endswith("_expression") or (node.type == "command" and source_of(node).startswith(b"let ")):
        return [found[1] or found[2] for found in _CHANGED.finditer(text_of(node))]
    if node.type == "command" and source_of(node).startswith(_ASSIGNING):
        return [word for word in text_of(node).split()[1:] if word.isidentifier()]
    return []
