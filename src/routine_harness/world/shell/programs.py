"""One simple command: which reader of programs knows it, and what it comes to."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final

from routine_harness.world.shell import builtins
from routine_harness.world.shell.acts import Word, opaque, spelt
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.quiet import OPAQUE, QUIET
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import script_file, unknown_part
from routine_harness.world.shell.wrappers import WRAPPERS

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

Program = Callable[["Reader", list[Word], Text], Text]


def run_command(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """Read ``argv``; what it writes, where that is known."""
    head = argv[0]
    if not head.known:
        reader.undecided(f"the program is {unknown_part(head)}", spelt(argv))
        return Text()
    name = posixpath.basename(head.text) or head.text
    program = PROGRAMS.get(name)
    if program is not None and not head.text.startswith("./"):
        return program(reader, argv, stdin)
    if _in_table(reader, name, argv):
        return Text()
    if "/" in head.text and (head.text.startswith(".") or head.text in _written(reader)):
        return script_file(reader, head.text, argv, argv, stdin)
    if name not in QUIET:
        _opaque(reader, name, argv)
    return Text()


def _in_table(reader: Reader, name: str, argv: list[Word]) -> bool:
    # Imported here: the table is large, and the programs that runs name most are not in it.
    from routine_harness.world.shell.tabled import read_tabled

    return read_tabled(reader, name, argv)


def _written(reader: Reader) -> set[str]:
    return set(reader.scope.files)


def _opaque(reader: Reader, name: str, argv: list[Word]) -> None:
    if argv[1:] and all(
        word.text in ("--version", "-V", "-v", "--help", "-h", "version") for word in argv[1:]
    ):
        return
    reader.acts.append(opaque(name, spelt(argv)))


def _remote(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``ssh host cmd``, ``psql`` …: something is told to another machine."""
    del stdin
    _opaque(reader, posixpath.basename(argv[0].text), argv)
    return Text()


def _interpreter(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """A program that runs code of another language; only what asks for its version is quiet."""
    texts = [word.text for word in argv[1:]]
    if "-m" in texts[:3]:
        module = texts[texts.index("-m") + 1 : texts.index("-m") + 2]
        rest = argv[texts.index("-m") + 3 :]
        if module and _is_known(module[0]):
            name = _MODULES.get(module[0], module[0])
            return reader.command([Word(name), *rest], stdin)
    _opaque(reader, posixpath.basename(argv[0].text), argv)
    return Text()


def _is_known(module: str) -> bool:
    from routine_harness.world.shell.table import TABLE

    return any(module in names for names in (QUIET, PROGRAMS, TABLE, _MODULES))


_MODULES: Final = {
    "json.tool": "jq",
    "py_compile": "true",
    "compileall": "true",
    "venv": "true",
    "pip": "pip",
    "build": "true",
    "ensurepip": "true",
}


def _awk(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    if any("system(" in word.text or "| getline" in word.text or '| "' in word.text for word in argv[1:]):
        reader.undecided("an awk program starts commands", spelt(argv), "awk")
    return Text()


def _npx(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    options = parse_options(
        argv[1:], ("-p", "--package", "-c", "--call", "--from", "--with", "--python"), stop_early=True
    )
    if (script := options.last("-c", "--call")) is not None:
        return reader.read(script.text) if script.known else Text()
    if options.rest:
        name = options.rest[0].text
        bare = name[:1] + name[1:].partition("@")[0]
        return reader.command([options.rest[0]._replace(text=bare), *options.rest[1:]], stdin)
    return Text()


def _in(module: str, name: str) -> Program:
    """A reader of programs in another module, which is imported when a command first needs it: a guard
    that is asked about one command pays for no other."""

    def read(reader: Reader, argv: list[Word], stdin: Text) -> Text:
        program: Program = getattr(import_module(f"routine_harness.world.shell.{module}"), name)
        return program(reader, argv, stdin)

    return read


PROGRAMS: Final[dict[str, Program]] = {
    **WRAPPERS,
    "git": _in("git", "git"),
    "gh": _in("gh", "gh"),
    "curl": _in("http", "curl"),
    "wget": _in("http", "wget"),
    **dict.fromkeys(("http", "https", "xh", "xhs"), _in("http", "httpie")),
    **dict.fromkeys(("cd", "pushd"), builtins.change_directory),
    "echo": builtins.echo,
    "printf": builtins.printf,
    "cat": builtins.cat,
    "tee": builtins.tee,
    "base64": builtins.decode_base64,
    **dict.fromkeys(("rm", "rmdir", "unlink", "shred", "trash", "rimraf"), _in("filesystem", "remove")),
    **dict.fromkeys(
        ("mv", "cp", "ln", "install", "chmod", "chown", "chgrp", "touch", "mkdir", "truncate"),
        _in("filesystem", "move"),
    ),
    "dd": _in("filesystem", "dd"),
    **dict.fromkeys(("sed", "gsed"), _in("filesystem", "edit_in_place")),
    **dict.fromkeys(("scp", "rsync"), _in("filesystem", "copy")),
    **dict.fromkeys(OPAQUE, _interpreter),
    **dict.fromkeys(
        ("ssh", "sftp", "ftp", "nc", "ncat", "telnet", "socat", "psql", "mysql", "mongosh", "sqlcmd"), _remote
    ),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    **dict.fromkeys(("npx", "pnpx", "bunx", "uvx", "pipx"), _npx),
    **dict.fromkeys(("read", "mapfile", "readarray"), builtins.read_variable),
    "set": builtins.set_positional,
    "shift": builtins.shift,
    **dict.fromkeys(
        ("true", ":", "false", "exit", "return", "break", "continue", "popd", "wait", "sleep"),
        builtins.nothing,
    ),
}
