"""Redirections: what feeds a command, and what becomes of what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routine_harness.world.shell.acts import effect
from routine_harness.world.shell.files import outside, resolve
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.words import text_of

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader


_SOCKETS = ("/dev/tcp/", "/dev/udp/")


def redirected_input(reader: Reader, node: Any, stdin: Text) -> Text:
    if node.type == "herestring_redirect":
        return reader.herestring(node.children[-1])
    operator = next((text_of(child) for child in node.children if not child.is_named), "")
    if node.type != "file_redirect" or not operator.startswith("<"):
        return Text(None, True) if node.type == "heredoc_redirect" else stdin
    heredoc = reader.heredoc(node.children[-1])
    if heredoc is not None:
        return heredoc
    words = reader.expand(node.children[-1])
    path = words[0].text if words else ""
    return Text(reader.file(resolve(reader.context.directory, path)), True)


def redirected_output(reader: Reader, node: Any, output: Text) -> Text:
    operator = next((text_of(child) for child in node.children if not child.is_named), "")
    if node.type != "file_redirect" or ">" not in operator or operator.endswith("&"):
        return output
    descriptor = node.children[0].type == "file_descriptor" and text_of(node.children[0])
    target = reader.expand(node.children[-1])
    if node.children[-1].type == "process_substitution" or not target:
        return output
    word = target[0]
    if word.text.startswith(_SOCKETS):
        reader.undecided("what goes over this connection is read by whoever listens", word.text, word.text)
        return Text("")
    path = resolve(reader.context.directory, word.text)
    if outside(path, reader.context) if word.known else not word.text.startswith("$TMP"):
        reader.acts.append(effect("file.changed", path=path if word.known else None))
    if descriptor == "2":
        return output
    if word.known and operator in (">", ">|", ">>"):
        before = reader.file(path)
        grown = None if before is None or output.text is None else before + output.text
        reader.scope.files[path] = output.text if operator != ">>" else grown
    return Text("")
