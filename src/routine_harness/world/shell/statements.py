"""Statements of a script that are no branches, loops or assignments, and the table of all."""

from __future__ import annotations

import functools
from typing import Final

from tree_sitter import Node

from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.assignments import (
    assign,
    assignment,
    declaration,
    forget_assigned,
    keep_read,
    unset,
)
from routine_harness.world.shell.control_flow import (
    case_statement,
    counting_statement,
    for_statement,
    if_statement,
    while_statement,
)
from routine_harness.world.shell.expansion import text_of
from routine_harness.world.shell.redirects import redirected_input, redirected_outputs
from routine_harness.world.shell.scope import Text, joined
from routine_harness.world.shell.script_reader import SILENT, Reader, Statement

_CERTAIN: Final = ("cd", "true", ":", "set", "export", "pushd", "mkdir", "echo", "source", ".")


def _command(reader: Reader, node: Node, stdin: Text) -> Text:
    argv: list[Word] = []
    scope, redirects = reader.scope, []
    assigned: list[Node] = []
    parts = [child for child in node.children if child.type != "comment"]
    for group in reader.groups(parts):
        first = group[0]
        if first.type == "variable_assignment":
            assigned.append(first)
        elif first.type in ("herestring_redirect", "file_redirect", "heredoc_redirect"):
            redirects.append(first)
        elif first.is_named or first.text not in (b"", b"(", b")"):
            argv += reader.expand(group)
    for redirect in redirects:
        stdin = redirected_input(reader, redirect, stdin)
    errors, reader.errors = reader.errors, []
    reader.scope = scope.copy() if assigned and argv else scope
    for each in assigned:
        assign(reader, each, stdin)
    try:
        output = reader.command(argv, stdin)
    finally:
        if reader.scope is not scope:
            keep_read(scope, reader.scope, argv)
        reader.scope = scope
    output = redirected_outputs(reader, redirects, output)
    reader.errors = [*errors, *reader.errors]
    return output


def _redirected(reader: Reader, node: Node, stdin: Text) -> Text:
    redirects = [child for child in node.children if child.type.endswith("_redirect")]
    for redirect in redirects:
        stdin = redirected_input(reader, redirect, stdin)
    errors, reader.errors = reader.errors, []
    output = reader.sequence([child for child in node.children if child not in redirects], stdin)
    output = redirected_outputs(reader, redirects, output)
    reader.errors = [*errors, *reader.errors]
    return output


def _pipeline(reader: Reader, node: Node, stdin: Text) -> Text:
    # bash runs each part in a subshell: after `echo 2 | read x`, x is what it was (5.2, without lastpipe).
    text = stdin
    for child in (child for child in node.children if child.is_named and child.type not in SILENT):
        with reader.aside():
            text = reader.node(child, text)
        text = text._replace(given=True)
    return text._replace(given=False)


def _list(reader: Reader, node: Node, stdin: Text) -> Text:
    """``a && b || c``, which the grammar nests to the left."""
    parts: list[tuple[str, list[Node]]] = []
    while node.type == "list":
        operator = next((child.type for child in node.children if child.type in ("&&", "||")), "")
        parts.append((operator, [child for child in node.children if child.is_named][1:]))
        node = node.children[0]
    with reader.exits.tested():  # `set -e` passes over a failure before && and ||
        output = reader.node(node, stdin)
    written = [output]
    certain = _is_certain(node)
    followed = True
    for operator, nodes in reversed(parts):
        for child in nodes:
            decided = None if reader.status is None else (reader.status == 0) is (operator == "&&")
            if decided is False or reader.exits.ended:
                continue
            before = None if decided or (operator == "&&" and certain) else reader.scope.copy()
            with reader.exits.perhaps(certain=bool(decided)), reader.exits.tested():
                written.append(reader.node(child, stdin))
            if before is not None:
                reader.scope.merge([before, reader.scope.copy()])
            if not decided:
                followed, reader.status = False, None
            certain = certain and _is_certain(child)
    if followed:
        return functools.reduce(joined, written)
    telling = [text for text in written if text.text != ""]
    return telling[0] if len(telling) == 1 else Text("") if not telling else Text(None)


def _is_certain(node: Node) -> bool:
    if node.type.startswith("variable_assignment") or node.type == "declaration_command":
        return True
    return node.type == "command" and text_of(node).partition(" ")[0].strip() in _CERTAIN


def _negated(reader: Reader, node: Node, stdin: Text) -> Text:
    """``! command``."""
    with reader.exits.tested():
        output = reader.sequence(node.children, stdin)
    reader.status = None if reader.status is None else int(not reader.status)
    return output


def _compound(reader: Reader, node: Node, stdin: Text) -> Text:
    """``{ …; }``, and ``(( … ))``, after which what it assigns is not known."""
    if not text_of(node).startswith("(("):
        return reader.sequence(node.children, stdin)
    forget_assigned(reader, [node])
    return _test(reader, node, stdin)


def _function(reader: Reader, node: Node, stdin: Text) -> Text:
    del stdin
    named = [child for child in node.children if child.is_named]
    if len(named) >= 2:
        reader.scope.functions[text_of(named[0])] = named[-1]
    return Text("")


def _subshell(reader: Reader, node: Node, stdin: Text) -> Text:
    with reader.aside():
        return reader.sequence(node.children, stdin)


def _test(reader: Reader, node: Node, stdin: Text) -> Text:
    del stdin
    pending = list(node.children)
    while pending:
        child = pending.pop(0)
        if child.type in ("command_substitution", "process_substitution"):
            reader.substituted(child)
        else:
            pending = [*child.children, *pending]
    return Text("")


def _substitution(reader: Reader, node: Node, stdin: Text) -> Text:
    del stdin
    return Text(reader.substituted(node))


STATEMENTS: Final[dict[str, Statement]] = {
    "command": _command,
    "variable_assignment": assignment,
    "declaration_command": declaration,
    "unset_command": unset,
    "redirected_statement": _redirected,
    "pipeline": _pipeline,
    "list": _list,
    "if_statement": if_statement,
    "case_statement": case_statement,
    "for_statement": for_statement,
    "c_style_for_statement": counting_statement,
    "compound_statement": _compound,
    "while_statement": while_statement,
    "negated_command": _negated,
    "function_definition": _function,
    "subshell": _subshell,
    "test_command": _test,
    "command_substitution": _substitution,
    "process_substitution": _substitution,
}
