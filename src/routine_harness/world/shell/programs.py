"""One simple command: which reader of programs knows it, and what it comes to."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from routine_harness.world.kinds import KINDS
from routine_harness.world.shell import gh, git, http
from routine_harness.world.shell.acts import Act, Word, effect, opaque, spelt
from routine_harness.world.shell.files import outside, resolve
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.quiet import OPAQUE, QUIET
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.table import DELETE_VERBS, READ_VERBS, TABLE
from routine_harness.world.shell.wrappers import WRAPPERS, script_file, unknown_part

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
        reader.acts.append(_tabled_effect(kind, name, argv))
    if options.open and not kind:
        reader.undecided(f"{name} is given words that are known only when it runs", spelt(argv), name)


def _tabled_effect(kind: str, name: str, argv: list[Word]) -> Act:
    known = KINDS.get(kind, ())
    fields: dict[str, Any] = {"program": name, "command": spelt(argv), "path": argv[-1].text if argv[-1].known else None}
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


def _cd(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    target = next((word for word in argv[1:] if not word.text.startswith("-") or word.text == "-"), Word("~"))
    if target.known and target.text != "-":
        reader.context = replace(reader.context, directory=resolve(reader.context.directory, target.text))
    return Text("")


def _echo(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader, stdin
    words = argv[1:]
    end, escapes = "\n", False
    while words and words[0].text in ("-n", "-e", "-E", "-ne", "-en"):
        end = "" if "n" in words[0].text else end
        escapes = escapes or "e" in words[0].text
        words = words[1:]
    if not all(word.known for word in words):
        return Text()
    text = " ".join(word.text for word in words)
    return Text((text.replace("\\n", "\n").replace("\\t", "\t") if escapes else text) + end)


def _printf(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader, stdin
    words = [word for word in argv[1:] if word.text != "--"]
    if not words or not all(word.known for word in words):
        return Text()
    pattern = words[0].text.replace("\\n", "\n").replace("\\t", "\t").replace("%%", "\0")
    values = [word.text for word in words[1:]]
    holes = pattern.count("%s") + pattern.count("%d")
    if pattern.count("%") != holes:
        return Text()
    if not holes:
        return Text(pattern.replace("\0", "%"))
    written = []
    for start in range(0, max(len(values), 1), holes):
        line = pattern
        for value in [*values[start : start + holes], *[""] * holes][:holes]:
            line = _filled(line, value)
        written.append(line)
    return Text("".join(written).replace("\0", "%"))


def _filled(line: str, value: str) -> str:
    at = min((found for found in (line.find("%s"), line.find("%d")) if found >= 0), default=-1)
    return line if at < 0 else line[:at] + value.replace("%", "\0") + line[at + 2 :]


def _cat(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    names = [word for word in argv[1:] if word.text == "-" or not word.text.startswith("-")]
    if not names:
        return stdin
    texts = []
    for word in names:
        path = resolve(reader.context.directory, word.text)
        texts.append(stdin.text if word.text == "-" else reader.scope.files.get(path))
    known = [text for text in texts if text is not None]
    return Text("".join(known) if len(known) == len(texts) else None)


def _tee(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    appends = any(word.text in ("-a", "--append") for word in argv[1:])
    for word in argv[1:]:
        if word.text.startswith("-"):
            continue
        path = resolve(reader.context.directory, word.text)
        if outside(path, reader.context) if word.known else not word.text.startswith("$TMP"):
            reader.acts.append(effect("file.changed", path=path if word.known else None))
        reader.scope.files[path] = None if appends else stdin.text
    return stdin


def _base64(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader
    if not any(word.text in ("-d", "-D", "--decode", "-di") for word in argv[1:]) or stdin.text is None:
        return Text(None, decoded=True)
    try:
        return Text(base64.b64decode(stdin.text, validate=False).decode("utf-8"), decoded=True)
    except ValueError:
        return Text(None, decoded=True)


def _remove(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    options = parse_options(argv[1:], ("-s", "-n") if argv[0].text == "shred" else ())
    unknown = None
    for word in options.rest:
        path = resolve(reader.context.directory, word.text)
        if not word.known:
            unknown = word
        elif outside(path, reader.context):
            reader.acts.append(effect("file.deleted", path=path))
    if unknown is not None and not unknown.text.startswith(("$TMP", "${TMP", "$(mktemp")):
        reader.undecided(f"what is removed depends on {unknown_part(unknown)}", spelt(argv), argv[0].text)
    return Text("")


def _moved(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``mv``, ``cp``, ``ln``, ``install``, ``chmod`` …: a target outside is changed."""
    del stdin
    options = parse_options(argv[1:], ("-t", "--target-directory", "-m", "-o", "-g", "-S"))
    words = options.rest
    named = argv[0].text.rpartition("/")[2]
    targets = words[1:] if named in ("chmod", "chown", "chgrp") else words[-1:]
    if (folder := options.last("-t", "--target-directory")) is not None:
        targets = [folder]
    if named in ("touch", "mkdir", "truncate"):
        targets = words
    for word in targets:
        path = resolve(reader.context.directory, word.text)
        if word.known and outside(path, reader.context):
            reader.acts.append(effect("file.changed", path=path))
    if named == "mv":
        for word in words[:-1]:
            path = resolve(reader.context.directory, word.text)
            if word.known and outside(path, reader.context):
                reader.acts.append(effect("file.deleted", path=path))
    if named == "cp" and len(words) == 2:
        source, target = (resolve(reader.context.directory, word.text) for word in words)
        reader.scope.files[target] = reader.scope.files.get(source)
    return Text("")


def _dd(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    for word in argv[1:]:
        path = resolve(reader.context.directory, word.text.removeprefix("of="))
        if word.text.startswith("of=") and outside(path, replace(reader.context, workspace=())):
            reader.acts.append(effect("file.changed", path=path))
    return Text()


def _remote(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``ssh host cmd``, ``psql`` …: something is told to another machine."""
    del stdin
    _opaque(reader, posixpath.basename(argv[0].text), argv)
    return Text()


def _copied(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``scp``, ``rsync``, ``sftp``: a last word with a host is an upload."""
    del stdin
    options = parse_options(
        argv[1:], ("-e", "-i", "-P", "-o", "-F", "--exclude", "--include", "--rsh", "-l", "-c")
    )
    words = options.rest
    if "-n" in options or "--dry-run" in options:
        return Text()
    if words and not words[-1].known:
        reader.undecided(f"the target is {unknown_part(words[-1])}", spelt(argv), argv[0].text)
    elif len(words) > 1 and ":" in words[-1].text.partition("/")[0]:
        reader.acts.append(effect("file.uploaded", path=words[-1].text))
    elif len(words) > 1 and outside(
        path := resolve(reader.context.directory, words[-1].text), reader.context
    ):
        reader.acts.append(effect("file.changed", path=path))
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


_MODULES: Final = {"json.tool": "jq", "py_compile": "true", "compileall": "true", "venv": "true", "pip": "pip",
                   "build": "true", "ensurepip": "true"}  # fmt: skip


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


def _read(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    for word in argv[1:]:
        if not word.text.startswith("-"):
            one = stdin.text.strip() if stdin.given and stdin.text is not None and len(argv) == 2 else None
            reader.scope.variables[word.text] = one if one is None or "\n" not in one else None
    return Text("")


def _set(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    texts = [word.text for word in argv]
    if "--" in texts:
        reader.scope.positional = argv[texts.index("--") + 1 :]
    return Text("")


def _shift(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    count = int(argv[1].text) if len(argv) > 1 and argv[1].text.isdecimal() else 1
    if reader.scope.positional is not None:
        reader.scope.positional = reader.scope.positional[count:]
    return Text("")


def _nothing(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader, argv, stdin
    return Text("")


PROGRAMS: Final[dict[str, Program]] = {
    **WRAPPERS,
    "git": git.git,
    "gh": gh.gh,
    "curl": http.curl,
    "wget": http.wget,
    **dict.fromkeys(("http", "https", "xh", "xhs"), http.httpie),
    **dict.fromkeys(("cd", "pushd"), _cd),
    "echo": _echo,
    "printf": _printf,
    "cat": _cat,
    "tee": _tee,
    "base64": _base64,
    **dict.fromkeys(("rm", "rmdir", "unlink", "shred", "trash", "rimraf"), _remove),
    **dict.fromkeys(("mv", "cp", "ln", "install", "chmod", "chown", "chgrp", "touch", "mkdir", "truncate"), _moved),
    "dd": _dd,
    **dict.fromkeys(("scp", "rsync"), _copied),
    **dict.fromkeys(OPAQUE, _interpreter),
    **dict.fromkeys(("ssh", "sftp", "ftp", "nc", "ncat", "telnet", "socat", "psql", "mysql", "mongosh", "sqlcmd"), _remote),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    **dict.fromkeys(("npx", "pnpx", "bunx", "uvx", "pipx"), _npx),
    **dict.fromkeys(("read", "mapfile", "readarray"), _read),
    "set": _set,
    "shift": _shift,
    **dict.fromkeys(("true", ":", "false", "exit", "return", "break", "continue", "popd", "wait", "sleep"), _nothing),
}  # fmt: skip
