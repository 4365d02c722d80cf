"""What each construct of the shell's grammar means for a reader that runs nothing."""

from __future__ import annotations

import functools
import re
from typing import Any, Final

from routine_harness.world.holes import hole, is_hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.environment import runs_by_environment
from routine_harness.world.shell.reader import SILENT, Reader, Statement
from routine_harness.world.shell.redirects import redirected_input, redirected_outputs
from routine_harness.world.shell.scope import Scope, Text
from routine_harness.world.shell.words import text_of

MAX_REPEATS: Final = 64
_CERTAIN: Final = ("cd", "true", ":", "set", "export", "pushd", "mkdir", "echo", "source", ".")


def _command(reader: Reader, node: Any, stdin: Text) -> Text:
    argv: list[Word] = []
    scope, redirects = reader.scope, []
    assigned: list[Any] = []
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
        _assign(reader, each, stdin)
    try:
        output = reader.command(argv, stdin)
    finally:
        if reader.scope is not scope:
            _keep_read(scope, reader.scope, argv)
        reader.scope = scope
    output = redirected_outputs(reader, redirects, output)
    reader.errors = [*errors, *reader.errors]
    return output


def _keep_read(scope: Scope, inner: Scope, argv: list[Word]) -> None:
    """``IFS=, read a b`` assigns for good, though its own variables end with it."""
    if argv and argv[0].text in ("read", "mapfile", "readarray", "printf", "export"):
        for word in argv[1:]:
            if word.text in inner.variables:
                scope.variables[word.text] = inner.variables[word.text]
            if word.text in inner.arrays:
                scope.arrays[word.text] = inner.arrays[word.text]


def _assign(reader: Reader, node: Any, stdin: Text) -> None:
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
    runs_by_environment(reader, name, text, stdin)


def _assign_element(scope: Scope, name: str, index: str, text: str | None) -> None:
    listed = scope.arrays.get(name, [])
    if listed is None or not index.isdecimal() or len(index) > 3 or int(index) > len(listed):
        scope.assign_array(name, None)
        return
    element = hole(f"${{{name}[{index}]}}") if text is None else text
    scope.assign_array(name, [*listed[: int(index)], element, *listed[int(index) + 1 :]])


def _assignment(reader: Reader, node: Any, stdin: Text) -> Text:
    _assign(reader, node, stdin)
    return Text("")


def _declaration(reader: Reader, node: Any, stdin: Text) -> Text:
    for group in reader.groups([child for child in node.children if child.is_named]):
        if group[0].type == "variable_assignment":
            _assign(reader, group[0], stdin)
            continue
        if group[0].type in ("variable_name", "word"):
            continue
        for word in reader.expand(group):
            name, equals, value = word.text.partition("=")
            if equals:
                reader.scope.assign(name, value)
                runs_by_environment(reader, name, value, stdin)
    return Text("")


def _unset(reader: Reader, node: Any, stdin: Text) -> Text:
    del stdin
    for child in node.children:
        if child.type in ("variable_name", "word"):
            reader.scope.assign(text_of(child), "")
            reader.scope.functions.pop(text_of(child), None)
    return Text("")


def _redirected(reader: Reader, node: Any, stdin: Text) -> Text:
    redirects = [child for child in node.children if child.type.endswith("_redirect")]
    for redirect in redirects:
        stdin = redirected_input(reader, redirect, stdin)
    errors, reader.errors = reader.errors, []
    output = reader.sequence([child for child in node.children if child not in redirects], stdin)
    output = redirected_outputs(reader, redirects, output)
    reader.errors = [*errors, *reader.errors]
    return output


def _pipeline(reader: Reader, node: Any, stdin: Text) -> Text:
    text = stdin
    for child in (child for child in node.children if child.is_named and child.type not in SILENT):
        with reader.aside():
            text = reader.node(child, text)
        text = text._replace(given=True)
    return text._replace(given=False)


def _list(reader: Reader, node: Any, stdin: Text) -> Text:
    """``a && b || c``, which the grammar nests to the left."""
    parts: list[tuple[str, Any]] = []
    while node.type == "list":
        operator = next((child.type for child in node.children if child.type in ("&&", "||")), "")
        parts.append((operator, [child for child in node.children if child.is_named][1:]))
        node = node.children[0]
    with reader.exits.tested():
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
        return functools.reduce(_joined, written)
    telling = [text for text in written if text.text != ""]
    return telling[0] if len(telling) == 1 else Text("") if not telling else Text(None)


def _is_certain(node: Any) -> bool:
    if node.type.startswith("variable_assignment") or node.type == "declaration_command":
        return True
    return node.type == "command" and text_of(node).partition(" ")[0].strip() in _CERTAIN


def _branches(reader: Reader, node: Any, stdin: Text) -> Text:
    """``if``: the condition runs for certain, each branch may."""
    head: list[Any] = []
    branches: list[list[Any]] = [[]]
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
    reader: Reader, branches: list[list[Any]], stdin: Text, written: Text, *, exhaustive: bool
) -> Text:
    """The branch that the exit code of the condition chooses; those from which nothing is known, all."""
    if reader.status == 0:
        return _joined(written, reader.sequence(branches[0], stdin))
    for at, [clause] in enumerate(branches[1:], 1):
        parts = clause.children
        then = next((number for number, child in enumerate(parts) if child.type == "then"), None)
        if then is None:  # else
            return _joined(written, reader.sequence(parts, stdin))
        with reader.exits.tested():
            written = _joined(written, reader.sequence(parts[:then], stdin))
        if reader.status is None:
            _alternatives(reader, [list(parts[then:]), *branches[at + 1 :]], stdin, exhaustive=exhaustive)
            return Text(None)
        if reader.status == 0:
            return _joined(written, reader.sequence(parts[then:], stdin))
    reader.status = 0
    return written


def _joined(first: Text, second: Text) -> Text:
    known = first.text is not None and second.text is not None
    return Text(f"{first.text}{second.text}" if known else None)


def _negated(reader: Reader, node: Any, stdin: Text) -> Text:
    """``! command``."""
    with reader.exits.tested():
        output = reader.sequence(node.children, stdin)
    reader.status = None if reader.status is None else int(not reader.status)
    return output


def _case(reader: Reader, node: Any, stdin: Text) -> Text:
    for child in node.children:
        if child.is_named and child.type != "case_item":
            reader.expand([child])
    _alternatives(reader, [[child] for child in node.children if child.type == "case_item"], stdin)
    return Text(None)


def _alternatives(
    reader: Reader, branches: list[list[Any]], stdin: Text, *, exhaustive: bool = False
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


def _for(reader: Reader, node: Any, stdin: Text) -> Text:
    name = next((text_of(child) for child in node.children if child.type == "variable_name"), "")
    listed = any(child.type == "in" for child in node.children)
    others = ("variable_name", "do_group", "comment", "compound_statement")
    given = [child for child in node.children if child.is_named or child.type == "$"]
    words = reader.expand([child for child in given if child.type not in others])
    if not listed:
        words = reader.scope.positional or [Word(hole("$@", loose=True))]
    words = [_globbed(word) for word in words]
    if len(words) > MAX_REPEATS:
        words = [Word(hole(f"${name}"))]
    bodies = [child for child in node.children if child.type in ("do_group", "compound_statement")]
    _forget(reader, bodies, name)
    for word in words:
        reader.scope.assign(name, None if is_hole(word.text) else word.text)
        reader.sequence(bodies, stdin)
    return Text(None)


def _globbed(word: Word) -> Word:
    """A pattern of file names, of which the folder alone is known."""
    found = re.search(r"[^/]*[*?\[].*", word.text, re.DOTALL)
    return word if found is None else Word(word.text[: found.start()] + hole(found[0]))


def _while(reader: Reader, node: Any, stdin: Text) -> Text:
    """``while``, ``until``: once for each line of a known input that it reads, else once."""
    _forget(reader, node.children)
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


def _rounds(reader: Reader, node: Any, stdin: Text) -> Text:
    """A loop as long as the exit code of its condition says so; once where that is not known."""
    body = [child for child in node.children if child.type == "do_group"]
    condition = [child for child in node.children if child.type not in ("do_group", "while", "until")]
    until = any(child.type == "until" for child in node.children)
    written = Text("")
    for _ in range(MAX_REPEATS):
        with reader.exits.tested():
            written = _joined(written, reader.sequence(condition, stdin))
        if reader.status is None:
            with reader.exits.perhaps():
                reader.sequence(body, stdin)
            reader.status = None
            return Text(None)
        if (reader.status == 0) is until or reader.exits.ended:
            reader.status = reader.status if reader.exits.ended else 0
            return written
        written = _joined(written, reader.sequence(body, stdin))
    return Text(None)


_COUNTED: Final = re.compile(r"\(\(\s*(\w+)=(\d+)\s*;\s*\1\s*(<=?)\s*(\d+)\s*;\s*(?:\1\+\+|\+\+\1)\s*\)\)")


def _counting(reader: Reader, node: Any, stdin: Text) -> Text:
    """``for ((i=0; i<3; i++))``: unrolled where it counts by one between known numbers."""
    bodies = [child for child in node.children if child.type in ("do_group", "compound_statement")]
    _forget(reader, node.children)
    found = _COUNTED.search(text_of(node))
    rounds = range(int(found[2]), int(found[4]) + (found[3] == "<=")) if found else range(0)
    if found is None or not 0 < len(rounds) <= MAX_REPEATS:
        reader.sequence(bodies, stdin)
        return Text(None)
    for number in rounds:
        reader.scope.assign(found[1], str(number))
        reader.sequence(bodies, stdin)
    return Text(None)


def _compound(reader: Reader, node: Any, stdin: Text) -> Text:
    """``{ …; }``, and ``(( … ))``, after which what it assigns is not known."""
    if not text_of(node).startswith("(("):
        return reader.sequence(node.children, stdin)
    _forget(reader, [node])
    return _test(reader, node, stdin)


_CHANGED: Final = re.compile(
    r"\b([A-Za-z_]\w*)\s*(?:\+\+|--|[-+*/%&|^]?=(?!=)|<<=|>>=)|(?:\+\+|--)\s*([A-Za-z_]\w*)"
)
_ASSIGNING: Final = (b"read ", b"mapfile ", b"readarray ", b"printf -v ")


def _forget(reader: Reader, nodes: list[Any], keep: str = "") -> None:
    """What a loop's body assigns is not known at the start of its next round."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        for name in _assigned_names(node):
            if name != keep:
                reader.scope.assign(name, None)
        pending.extend(node.children)


def _assigned_names(node: Any) -> list[str]:
    """The names that a node itself, without what is in it, gives values to."""
    if node.type == "variable_assignment":
        return [re.split(r"\W", text_of(node.children[0]), maxsplit=1)[0]]
    if node.type.endswith("_expression") or (node.type == "command" and node.text.startswith(b"let ")):
        return [found[1] or found[2] for found in _CHANGED.finditer(text_of(node))]
    if node.type == "command" and node.text.startswith(_ASSIGNING):
        return [word for word in text_of(node).split()[1:] if word.isidentifier()]
    return []


def _function(reader: Reader, node: Any, stdin: Text) -> Text:
    del stdin
    named = [child for child in node.children if child.is_named]
    if len(named) >= 2:
        reader.scope.functions[text_of(named[0])] = named[-1]
    return Text("")


def _subshell(reader: Reader, node: Any, stdin: Text) -> Text:
    with reader.aside():
        return reader.sequence(node.children, stdin)


def _test(reader: Reader, node: Any, stdin: Text) -> Text:
    del stdin
    pending = list(node.children)
    while pending:
        child = pending.pop(0)
        if child.type in ("command_substitution", "process_substitution"):
            reader.substituted(child)
        else:
            pending = [*child.children, *pending]
    return Text("")


def _substitution(reader: Reader, node: Any, stdin: Text) -> Text:
    del stdin
    return Text(reader.substituted(node))


STATEMENTS: Final[dict[str, Statement]] = {
    "command": _command,
    "variable_assignment": _assignment,
    "declaration_command": _declaration,
    "unset_command": _unset,
    "redirected_statement": _redirected,
    "pipeline": _pipeline,
    "list": _list,
    "if_statement": _branches,
    "case_statement": _case,
    "for_statement": _for,
    "c_style_for_statement": _counting,
    "compound_statement": _compound,
    "while_statement": _while,
    "negated_command": _negated,
    "function_definition": _function,
    "subshell": _subshell,
    "test_command": _test,
    "command_substitution": _substitution,
    "process_substitution": _substitution,
}
