"""What each construct of the shell's grammar means for a reader that runs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.redirects import redirected_input, redirected_output
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.words import text_of

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

MAX_REPEATS: Final = 64
WORDS: Final = (
    "word",
    "string",
    "raw_string",
    "ansi_c_string",
    "translated_string",
    "concatenation",
    "simple_expansion",
    "expansion",
    "number",
    "brace_expression",
    "regex",
    "extglob_pattern",
    "arithmetic_expansion",
    "variable_name",
    "special_variable_name",
    "test_operator",
)
SILENT: Final = ("comment", "heredoc_start", "heredoc_end", "file_descriptor")
_CERTAIN: Final = ("cd", "true", ":", "set", "export", "pushd", "mkdir", "echo", "source", ".")

Handler = Callable[["Reader", Any, Text], Text]


def _command(reader: Reader, node: Any, stdin: Text) -> Text:
    argv: list[Word] = []
    assigned: dict[str, str | None] = {}
    redirects = []
    for child in node.children:
        if child.type == "variable_assignment":
            name, word = _assigned(reader, child)
            assigned[name] = word.text if word.known else None
        elif child.type in ("herestring_redirect", "file_redirect", "heredoc_redirect"):
            redirects.append(child)
        elif child.is_named and child.type != "comment":
            argv += reader.expand(child)
        elif not child.is_named and child.text not in (b"", b"(", b")"):
            argv.append(Word(text_of(child)))
    for redirect in redirects:
        stdin = redirected_input(reader, redirect, stdin)
    scope = reader.scope
    reader.scope = scope.copy() if assigned else scope
    reader.scope.variables.update(assigned)
    try:
        output = reader.command(argv, stdin)
    finally:
        if assigned:
            scope.files.update(reader.scope.files)
        reader.scope = scope
    for redirect in redirects:
        output = redirected_output(reader, redirect, output)
    return output


def _assigned(reader: Reader, node: Any) -> tuple[str, Word]:
    name = text_of(node.children[0])
    appended = any(child.type == "+=" for child in node.children)
    if len(node.children) < 3 and node.children[-1].type in ("=", "+="):
        word = Word("")
    else:
        word = reader.value(node.children[-1])
    if appended:
        held = reader.scope.variables.get(name)
        word = Word((held or "") + word.text, word.known and held is not None)
    return name, word


def _assignment(reader: Reader, node: Any, stdin: Text) -> Text:
    del stdin
    name, word = _assigned(reader, node)
    reader.scope.variables[name] = word.text if word.known else None
    return Text("")


def _declaration(reader: Reader, node: Any, stdin: Text) -> Text:
    for child in node.children:
        if child.type == "variable_assignment":
            _assignment(reader, child, stdin)
        elif child.type in ("string", "concatenation", "command_substitution", "raw_string"):
            for word in reader.expand(child):
                name, equals, value = word.text.partition("=")
                if equals:
                    reader.scope.variables[name] = value if word.known else None
    return Text("")


def _unset(reader: Reader, node: Any, stdin: Text) -> Text:
    del stdin
    for child in node.children:
        if child.type in ("variable_name", "word"):
            reader.scope.variables[text_of(child)] = ""
            reader.scope.functions.pop(text_of(child), None)
    return Text("")


def _redirected(reader: Reader, node: Any, stdin: Text) -> Text:
    redirects = [child for child in node.children if child.type.endswith("_redirect")]
    for redirect in redirects:
        stdin = redirected_input(reader, redirect, stdin)
    output = reader.sequence([child for child in node.children if child not in redirects], stdin)
    for redirect in redirects:
        output = redirected_output(reader, redirect, output)
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
    output = reader.node(node, stdin)
    written = [output]
    certain = _is_certain(node)
    for operator, nodes in reversed(parts):
        for child in nodes:
            before = None if operator == "&&" and certain else reader.scope.copy()
            written.append(reader.node(child, stdin))
            if before is not None:
                reader.scope.merge([before, reader.scope.copy()])
            certain = certain and _is_certain(child)
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
    reader.sequence(head, stdin)
    _alternatives(reader, branches, stdin, exhaustive=any(c.type == "else_clause" for c in node.children))
    return Text(None)


def _case(reader: Reader, node: Any, stdin: Text) -> Text:
    for child in node.children:
        if child.is_named and child.type != "case_item":
            reader.expand(child)
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
        reader.sequence(branch, stdin)
        after.append(reader.scope)
    if reader.context.branch != context.branch:
        reader.context = reader.context._replace(branch="")
    reader.scope = before.copy()
    reader.scope.merge(after)


def _for(reader: Reader, node: Any, stdin: Text) -> Text:
    name = next((text_of(child) for child in node.children if child.type == "variable_name"), "")
    words: list[Word] = []
    listed = any(child.type == "in" for child in node.children)
    for child in node.children:
        if child.is_named and child.type not in (
            "variable_name",
            "do_group",
            "comment",
            "compound_statement",
        ):
            words += reader.expand(child)
    if not listed:
        words = reader.scope.positional or [Word("$@", False, True)]
    if len(words) > MAX_REPEATS or any(word.split for word in words):
        words = [Word(f"${name}", False)]
    bodies = [child for child in node.children if child.type in ("do_group", "compound_statement")]
    _forget(reader, bodies, name)
    for word in words:
        reader.scope.variables[name] = word.text if word.known else None
        reader.sequence(bodies, stdin)
    return Text(None)


def _while(reader: Reader, node: Any, stdin: Text) -> Text:
    _forget(reader, node.children)
    reader.sequence(node.children, stdin)
    return Text(None)


def _forget(reader: Reader, nodes: list[Any], keep: str = "") -> None:
    """What a loop's body assigns is not known at the start of its next round."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if node.type == "variable_assignment" and (name := text_of(node.children[0])) != keep:
            reader.scope.variables[name] = None
        pending.extend(node.children)


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


NODES: Final[dict[str, Handler]] = {
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
    "c_style_for_statement": _while,
    "while_statement": _while,
    "function_definition": _function,
    "subshell": _subshell,
    "test_command": _test,
    "command_substitution": _substitution,
    "process_substitution": _substitution,
}
