"""One simple command: which reader of programs knows it, and what it comes to."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from routine_harness.world.kinds import KINDS
from routine_harness.world.shell import builtins, filesystem, gh, git, http
from routine_harness.world.shell.acts import Act, Word, effect, opaque, spelt
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.quiet import OPAQUE, QUIET
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import script_file, unknown_part
from routine_harness.world.shell.table import DELETE_VERBS, READ_VERBS, TABLE
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
    if name in TABLE:
        _tabled(reader, name, argv)
    elif "/" in head.text and (head.text.startswith(".") or head.text in _written(reader)):
        return script_file(reader, head.text, argv, argv, stdin)
    elif name not in QUIET:
        _opaque(reader, name, argv)
    return Text()


def _written(reader: Reader) -> set[str]:
    return set(reader.scope.files)


def _opaque(reader: Reader, name: str, argv: list[Word]) -> None:
    if argv[1:] and all(
        word.text in ("--version", "-V", "-v", "--help", "-h", "version") for word in argv[1:]
    ):
        return
    reader.acts.append(opaque(name, spelt(argv)))


def _tabled(reader: Reader, name: str, argv: list[Word]) -> None:
    valued, commands = TABLE[name]
    options = parse_options(argv[1:], valued)
    words = [word for word in options.rest if not word.text.startswith("-")]
    if any(
        flag in options for flag in ("--help", "--dry-run", "--dryrun", "-h", "--version", "--check-only")
    ):
        dry = options.text("--dry-run")
        if dry not in ("none", "false"):
            return
    if words and not words[0].known and len(commands) > 1:
        reader.undecided(f"{name}'s command is {unknown_part(words[0])}", spelt(argv), name)
        return
    kind = _kind(commands, [word.text for word in words], [word.text for word in argv[1:]])
    if kind == "?":
        kind = _by_verb([word.text for word in words])
    if kind == "command.opaque":
        reader.acts.append(opaque(name, spelt(argv)))
    elif kind == "command.undecided":
        reader.undecided(f"what {name} is asked to do", spelt(argv), name)
    elif kind:
        reader.acts.append(_tabled_effect(kind, name, argv, words[-1] if words else argv[-1]))
    if options.open and not kind:
        reader.undecided(f"{name} is given words that are known only when it runs", spelt(argv), name)


def _tabled_effect(kind: str, name: str, argv: list[Word], target: Word) -> Act:
    known = KINDS.get(kind, ())
    fields: dict[str, Any] = {
        "program": name,
        "command": spelt(argv),
        "path": target.text if target.known else None,
    }
    if "program" not in known and "path" not in known:
        fields["body"] = fields["text"] = spelt(argv)
    return effect(kind, **{field: value for field, value in fields.items() if field in known})


def _kind(commands: dict[str, str], words: list[str], argv: list[str]) -> str:
    for size in (3, 2, 1):
        found = commands.get(" ".join(words[:size]))
        if found is not None and len(words) >= size:
            return found
    if not words and "" in commands:
        return commands[""]
    flagged = next((commands[text] for text in argv if text in commands), None)
    if flagged is not None:
        return flagged
    named = next((commands[word] for word in words if word in commands), None) if "*" in commands else None
    return commands.get("*", "") if named is None else named


def _by_verb(words: list[str]) -> str:
    """Cloud tools whose commands end in a verb: ``aws ec2 terminate-instances``."""
    if not words:
        return ""
    parts = [word for word in words[:6] if word]
    heads = [part.split("-")[0].split(".")[-1] for part in parts] + parts
    if any(head in DELETE_VERBS for head in heads):
        return "infrastructure.deleted"
    return "" if any(head in READ_VERBS for head in heads) else "infrastructure.changed"


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
        rest = argv[texts.index("-m") + 2 :]
        if module and (
            module[0] in QUIET or module[0] in PROGRAMS or module[0] in TABLE or module[0] in _MODULES
        ):
            name = _MODULES.get(module[0], module[0])
            return reader.command([Word(name), *rest], stdin)
    _opaque(reader, posixpath.basename(argv[0].text), argv)
    return Text()


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


PROGRAMS: Final[dict[str, Program]] = {
    **WRAPPERS,
    "git": git.git,
    "gh": gh.gh,
    "curl": http.curl,
    "wget": http.wget,
    **dict.fromkeys(("http", "https", "xh", "xhs"), http.httpie),
    **dict.fromkeys(("cd", "pushd"), builtins.change_directory),
    "echo": builtins.echo,
    "printf": builtins.printf,
    "cat": builtins.cat,
    "tee": builtins.tee,
    "base64": builtins.decode_base64,
    **dict.fromkeys(("rm", "rmdir", "unlink", "shred", "trash", "rimraf"), filesystem.remove),
    **dict.fromkeys(
        ("mv", "cp", "ln", "install", "chmod", "chown", "chgrp", "touch", "mkdir", "truncate"),
        filesystem.move,
    ),
    "dd": filesystem.dd,
    **dict.fromkeys(("scp", "rsync"), filesystem.copy),
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
