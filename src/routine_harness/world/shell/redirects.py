"""Redirections: what feeds a command, and what becomes of what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routine_harness.world.shell.acts import effect
from routine_harness.world.shell.files import is_scratch, outside, resolve
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.words import text_of

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader


_SOCKETS = ("/dev/tcp/", "/dev/udp/")


def redirected_input(reader: Reader, node: Any, stdin: Text) -> Text:
    if node.type == "herestring_redirect":
        return reader.herestring([child for child in node.children[1:] if child.is_named])
    if node.type != "file_redirect" or not _operator(node).startswith("<"):
        return Text(None, True) if node.type == "heredoc_redirect" else stdin
    heredoc = reader.heredoc(node.children[-1])
    if heredoc is not None:
        return heredoc
    path = _target(reader, node)
    if path == "/dev/null":
        return Text("", True)
    if path.startswith(_SOCKETS):  # exec 3<>/dev/tcp/HOST/PORT: what is written to it is not followed
        from routine_harness.world.shell.connections import send

        send(reader, path.split("/")[3], Text(None, "<>" in _operator(node)))
        return Text(None, True)
    reader.looked = reader.looked or not path.startswith("/dev/")
    return Text(reader.file(resolve(reader.context.directory, path)), True)


def redirected_output(reader: Reader, node: Any, output: Text) -> Text:
    operator = _operator(node)
    if node.type != "file_redirect" or ">" not in operator:
        return output
    target = _target(reader, node)
    if target.startswith(_SOCKETS):
        # Imported here: redirections and the programs that send know each other.
        from routine_harness.world.shell.connections import send

        send(reader, target.split("/")[3], output._replace(given=True))
        return Text("")
    if (operator.endswith("&") and target.isdecimal()) or target == "-" or not target:
        return output
    write_file(reader, target, output, appends=operator in (">>", "&>>"))
    descriptor = node.children[0].type == "file_descriptor" and text_of(node.children[0])
    return output if descriptor == "2" else Text("")


def write_file(reader: Reader, target: str, output: Text, *, appends: bool) -> None:
    """Text goes to a file: it may be a script that runs later, or lie outside the workspace."""
    path = resolve(reader.context.directory, target)
    if outside(path, reader.context) and not is_scratch(path):
        reader.acts.append(effect("file.changed", path=path))
    before = reader.file(path) if appends else ""
    reader.scope.files[path] = None if before is None or output.text is None else before + output.text


def _operator(node: Any) -> str:
    return next((text_of(child) for child in node.children if not child.is_named), "")


def _target(reader: Reader, node: Any) -> str:
    at = next(number for number, child in enumerate(node.children) if not child.is_named)
    words = reader.expand(node.children[at + 1 :])
    return words[0].text if words else ""
