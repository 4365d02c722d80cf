"""One simple command: which reader of programs knows it, and what it comes to."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Final

from routine_harness.world.holes import has_hole, is_hole, spelt
from routine_harness.world.shell import (
    builtins,
    carriers,
    connections,
    curl,
    date_program,
    filesystem,
    filters,
    http_clients,
)
from routine_harness.world.shell.acts import Word, line_of, opaque
from routine_harness.world.shell.answers import answered_command
from routine_harness.world.shell.filesystem import note_written
from routine_harness.world.shell.gh import gh
from routine_harness.world.shell.git import git
from routine_harness.world.shell.interpreters import interpreter
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.program_table import PROGRAMS, having, is_a
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import script_file, unknown_part
from routine_harness.world.shell.tabled_programs import read_tabled
from routine_harness.world.shell.wrappers import WRAPPERS

ReadProgram = Callable[[Reader, list[Word], Text], Text | None]
"""Reads a command of one program; None where a table tells the rest."""


def run_command(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read ``argv``; what it writes, where that is known."""
    told = answered_command(reader, argv, stdin, _read_command)
    return _read_command(reader, argv, stdin) if told is None else told


def _read_command(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    head = argv[0].text
    if has_hole(head):
        _unknown_program(reader, argv, stdin)
        return Text()
    name = posixpath.basename(head) or head
    if "/" in head and reader.file(resolve(reader.context.directory, head)) is not None:
        return script_file(reader, head, argv, argv, stdin)
    carriers.read_carried(reader, name, argv, stdin)
    note_written(reader, name, argv)
    program = READERS.get(name)
    if program is not None and not head.startswith("./"):
        output = program(reader, argv, stdin)
        if output is not None:
            return output
    if is_a(name, "quiet"):
        looks = not is_a(name, "blind") and not (is_a(name, "filter") and stdin.given)
        reader.looked = reader.looked or looks
    elif not read_tabled(reader, name, argv) and (program is None or head.startswith("./")):
        _opaque(reader, head if head.startswith(".") else name, argv)
    return Text("" if is_a(name, "silent") else None)


def _is_tabled(name: str) -> bool:
    """Whether the table says what commands of a program do outside."""
    row = PROGRAMS.get(name)
    return row is not None and bool(row.commands)


def _unknown_program(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """A program that a variable names is opaque; where all of a command is unknown, nothing can be told.

    A variable before a known program is empty or a prefix such as ``sudo``: that program runs.
    """
    head = argv[0]
    inside = any(head.text in script for script in reader.scripts)
    if is_hole(head.text) and (inside or spelt(head.text).strip("${}[]") in ("@", "*")):
        reader.undecided(f"the program is {unknown_part(head)}", line_of(argv))
    else:
        _opaque(reader, spelt(head.text), argv)
        if is_hole(head.text) and len(argv) > 1 and (argv[1].text in READERS or _is_tabled(argv[1].text)):
            reader.command(argv[1:], stdin)


def _opaque(reader: Reader, name: str, argv: list[Word]) -> None:
    asks = ("--version", "-V", "-v", "--help", "-h", "version")
    if not argv[1:] or not all(word.text in asks for word in argv[1:]):
        reader.acts.append(opaque(name, line_of(argv)))


def _opaque_program(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    _opaque(reader, posixpath.basename(argv[0].text), argv)
    return Text()


def _interpreter(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """A program that runs code; what asks for its version is quiet, ``-m MODULE`` is a program."""
    texts = [word.text for word in argv[1:]]
    if texts and all(text in ("--version", "-V", "-v", "--help", "-h", "version") for text in texts):
        return Text()
    if "-m" in texts[:3] and len(texts) > texts.index("-m") + 1:
        module, rest = texts[texts.index("-m") + 1], argv[texts.index("-m") + 3 :]
        if module in READERS or module in _MODULES or is_a(module, "quiet") or _is_tabled(module):
            return reader.command([Word(_MODULES.get(module, module)), *rest], stdin)
    return interpreter(reader, argv, stdin)


_MODULES: Final = {
    "json.tool": "jq",
    "py_compile": "true",
    "compileall": "true",
    "venv": "true",
    "pip": "pip",
    "build": "true",
    "ensurepip": "true",
    "httpx": "http",
}


def _hub(reader: Reader, argv: list[Word], stdin: Text) -> Text | None:
    """``hub`` is git with commands of its own."""
    own = PROGRAMS["hub"].commands
    return None if len(argv) < 2 or argv[1].text in own else git(reader, argv, stdin)


def _bun(reader: Reader, argv: list[Word], stdin: Text) -> Text | None:
    """``bun`` runs code and files as an interpreter; its other commands are those of a package manager."""
    first = argv[1].text if len(argv) > 1 else ""
    code = first in ("-e", "--eval", "-p", "--print") or first.endswith((".ts", ".tsx", ".js", ".mjs"))
    return _interpreter(reader, argv, stdin) if code else None


def _npx(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    options = parse_options(
        argv[1:], ("-p", "--package", "-c", "--call", "--from", "--with", "--python"), stop_early=True
    )
    if (script := options.last("-c", "--call")) is not None:
        return reader.read(script.text)
    rest = options.rest
    if argv[0].text == "pipx" and rest and rest[0].text == "run":
        rest = rest[1:]
    if rest:
        name = rest[0].text
        bare = name[:1] + name[1:].partition("@")[0]
        return reader.command([Word(bare.rpartition("/")[2] or bare), *rest[1:]], stdin)
    return Text()


def _which(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``$(which python3)`` is the program that it finds."""
    del reader, stdin
    words = [word for word in argv[1:] if not word.text.startswith("-")]
    return Text(f"/usr/bin/{words[0].text}\n" if len(words) == 1 and words[0].known else None)


READERS: Final[dict[str, ReadProgram]] = {
    **dict.fromkeys(having("opaque"), _interpreter),
    **WRAPPERS,
    "git": git,
    "gh": gh,
    "hub": _hub,
    "bun": _bun,
    "curl": curl.curl,
    "wget": http_clients.wget,
    **dict.fromkeys(("http", "https", "xh", "xhs"), http_clients.httpie),
    **dict.fromkeys(("cd", "pushd"), builtins.change_directory),
    "echo": builtins.echo,
    "printf": builtins.printf,
    "cat": builtins.cat,
    "tee": builtins.tee,
    "base64": filters.decode_base64,
    "jq": filters.jq,
    **dict.fromkeys(("head", "tail"), filters.lines_of),
    **dict.fromkeys(("grep", "egrep", "fgrep"), filters.search),
    "wc": filters.count_lines,
    "rev": filters.reverse,
    "tr": filters.translate,
    "let": builtins.evaluate_let,
    "seq": filters.count,
    "mktemp": builtins.unknown_path,
    **dict.fromkeys(("date", "gdate"), date_program.date),
    **dict.fromkeys(("which", "whence"), _which),
    **dict.fromkeys(("rm", "rmdir", "unlink", "shred", "trash", "rimraf"), filesystem.remove),
    **dict.fromkeys(
        ("mv", "cp", "ln", "install", "chmod", "chown", "chgrp", "touch", "mkdir", "truncate"),
        filesystem.move,
    ),
    "dd": filesystem.dd,
    **dict.fromkeys(("sed", "gsed"), filesystem.edit_in_place),
    **dict.fromkeys(("scp", "rsync"), filesystem.copy),
    **dict.fromkeys(("crontab", "at", "batch"), carriers.later),
    **dict.fromkeys(("ssh", "mosh", "autossh", "slogin"), connections.ssh),
    **dict.fromkeys(("nc", "ncat", "netcat"), connections.netcat),
    "telnet": connections.telnet,
    "socat": connections.socat,
    "openssl": connections.openssl,
    **dict.fromkeys(("sftp", "ftp", "psql", "mysql", "mongosh", "sqlcmd"), _opaque_program),
    **dict.fromkeys(("npx", "pnpx", "bunx", "uvx", "pipx"), _npx),
    "read": builtins.read_variable,
    **dict.fromkeys(("mapfile", "readarray"), builtins.read_lines),
    "set": builtins.set_positional,
    "shift": builtins.shift,
    **dict.fromkeys(
        ("true", ":", "false", "exit", "return", "break", "continue", "popd", "wait", "sleep"),
        builtins.nothing,
    ),
}
