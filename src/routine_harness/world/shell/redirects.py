"""Redirections: what feeds a command, and what becomes of what it writes."""

from __future__ import annotations

from tree_sitter import Node

from routine_harness.world.shell.expansion import text_of
from routine_harness.world.shell.http_requests import send
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader

_SOCKETS = ("/dev/tcp/", "/dev/udp/")


def redirected_input(reader: Reader, node: Node, stdin: Text) -> Text:
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
        send(reader, path.split("/")[3], Text(None, "<>" in _operator(node)))
        return Text(None, True)
    reader.looked = reader.looked or not path.startswith("/dev/")
    return Text(reader.file(resolve(reader.context.directory, path)), True)


def redirected_outputs(reader: Reader, nodes: list[Node], output: Text) -> Text:
    """What is left on standard output after redirections, one after the other.

    What the command wrote to standard error goes where it is sent; it is known of answered commands alone.
    """
    gone = ""
    # In their order: `>f 2>&1` sends both to f, `2>&1 >f` only the output (bash 5.2).
    for node in nodes:
        joined = _joins_errors(node)
        if joined and reader.errors and node.type == "file_redirect":
            said, reader.errors = "".join(reader.errors), []
            if joined == "&1" and not gone:
                output = output._replace(text=None if output.text is None else output.text + said)
            elif joined == "&1":
                reader.write(gone, Text(said), appends=True)
            elif joined == "&":  # &>FILE takes both
                output = output._replace(text=None if output.text is None else output.text + said)
            else:
                reader.write(_target(reader, node), Text(said), appends=_operator(node) == ">>")
                continue
        if _sends_output(node):
            gone = _target(reader, node)
        output = redirected_output(reader, node, output)
    return output


def _joins_errors(node: Node) -> str:
    """Where standard error goes by a redirection: ``&1``, ``&`` (with the output), ``2``; empty: nowhere."""
    if node.type != "file_redirect":
        return ""
    operator = _operator(node)
    descriptor = _descriptor(node)
    if descriptor == "2" and operator == ">&":
        return "&1" if text_of(node.children[-1]) == "1" else ""
    if operator in ("&>", "&>>"):
        return "&"
    return "2" if descriptor == "2" and operator in (">", ">>", ">|") else ""


def _sends_output(node: Node) -> bool:
    return node.type == "file_redirect" and _operator(node) in (">", ">>", ">|") and _descriptor(node) != "2"


def _descriptor(node: Node) -> str:
    return text_of(node.children[0]) if node.children[0].type == "file_descriptor" else ""


def redirected_output(reader: Reader, node: Node, output: Text) -> Text:
    operator = _operator(node)
    if node.type != "file_redirect" or ">" not in operator:
        return output
    target = _target(reader, node)
    if target.startswith(_SOCKETS):
        send(reader, target.split("/")[3], output._replace(given=True))
        return Text("")
    if (operator.endswith("&") and target.isdecimal()) or target == "-" or not target:
        return output
    reader.write(target, output, appends=operator in (">>", "&>>"))
    return output if _descriptor(node) == "2" else Text("")


def _operator(node: Node) -> str:
    return next((text_of(child) for child in node.children if not child.is_named), "")


def _target(reader: Reader, node: Node) -> str:
    at = next(number for number, child in enumerate(node.children) if not child.is_named)
    words = reader.expand(node.children[at + 1 :])
    return words[0].text if words else ""
