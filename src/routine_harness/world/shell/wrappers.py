"""Programs that run other programs: what they run is read in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from routine_harness.world.shell.acts import Word, spelt
from routine_harness.world.shell.files import resolve
from routine_harness.world.shell.options import Options, parse_options
from routine_harness.world.shell.reader import quoted
from routine_harness.world.shell.scope import Text

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

Wrapper = Callable[["Reader", list[Word], Text], Text]

_VALUED: Final[dict[str, tuple[str, ...]]] = {
    "sudo": ("-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "-r", "-t", "--user", "--group", "--host",
             "--prompt", "--chdir"),
    "doas": ("-u", "-C"),
    "timeout": ("-k", "-s", "--kill-after", "--signal"),
    "nice": ("-n", "--adjustment"),
    "ionice": ("-c", "-n", "-p", "--class", "--classdata"),
    "chrt": ("-p",),
    "taskset": (),
    "stdbuf": ("-i", "-o", "-e", "--input", "--output", "--error"),
    "time": ("-o", "-f", "--output", "--format"),
    "strace": ("-e", "-o", "-p", "-s", "-u", "-E"),
    "ltrace": ("-e", "-o", "-p", "-s", "-u"),
    "flock": ("-w", "-E", "--timeout", "--wait"),
    "chroot": (),
    "watch": ("-n", "--interval"),
    "retry": ("-t", "-d", "-m", "--times", "--delay"),
    "caffeinate": ("-t", "-w"),
    "xvfb-run": ("-n", "-s", "-e", "-f", "-w", "-p", "--server-args", "--server-num"),
    "dotenv": ("-f", "-e"),
    "op": ("--env-file", "--account"),
    "doppler": ("-p", "-c", "--project", "--config"),
    "aws-vault": ("--duration",),
    "direnv": (),
}  # fmt: skip
_SKIPPED: Final = {"timeout": 1, "taskset": 1, "chrt": 1, "flock": 1, "chroot": 1, "aws-vault": 2, "direnv": 2,
                   "op": 1, "doppler": 1, "dotenv": 0}  # fmt: skip
"""Positional words before the program: a duration, a mask, a lock file, a subcommand."""

_PLAIN: Final = ("nohup", "setsid", "unbuffer", "command", "builtin", "exec", "coproc", "noglob", "nocorrect", "-",
                 "catchsegv", "torsocks", "proxychains", "proxychains4", "rlwrap", "busybox", "fakeroot", "eatmydata",
                 "winpty", "systemd-inhibit", "!", "then", "do", "else")  # fmt: skip
SHELLS: Final = ("bash", "sh", "zsh", "dash", "ksh", "ash", "rbash", "fish", "mksh")


def _plain(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    name = argv[0].text
    parsed = parse_options(argv[1:], ("-a",) if name == "exec" else (), stop_early=True)
    if name == "command" and ("-v" in parsed or "-V" in parsed):
        return Text()
    return reader.command(parsed.rest, stdin)


def _with_options(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    name = argv[0].text
    parsed = parse_options(argv[1:], _VALUED[name], stop_early=True)
    if name == "flock" and (script := parsed.last("-c", "--command")):
        return script_word(reader, script, argv, stdin)
    rest = parsed.rest[_SKIPPED.get(name, 0) :]
    while rest and name in ("sudo", "doas") and _is_assignment(rest[0]):
        rest = rest[1:]
    if name in ("sudo", "doas") and not rest and ("-s" in parsed or "-i" in parsed):
        return shell(reader, [Word("sh")], stdin)
    if name in ("flock", "watch") and len(rest) >= 1 and (name == "watch" or rest[0].text == "-c"):
        return _joined_script(reader, rest[1:] if rest[0].text == "-c" else rest, argv, stdin)
    return reader.command(rest, stdin)


def _is_assignment(word: Word) -> bool:
    name, equals, _ = word.text.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and not name[0].isdigit()


def _env(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(
        argv[1:], ("-u", "-C", "-S", "--unset", "--chdir", "--split-string"), stop_early=True
    )
    if (split := parsed.last("-S", "--split-string")) is not None:
        return _joined_script(reader, [split, *parsed.rest], argv, stdin)
    rest = parsed.rest
    with reader.aside():
        if (folder := parsed.text("-C", "--chdir")) is not None:
            reader.context = replace(reader.context, directory=resolve(reader.context.directory, folder))
        while rest and _is_assignment(rest[0]):
            name, _, value = rest[0].text.partition("=")
            reader.scope.variables[name] = value if rest[0].known else None
            rest = rest[1:]
        return reader.command(rest, stdin)


def shell(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``bash -c SCRIPT``, ``bash FILE``, ``… | bash``."""
    parsed = parse_options(argv[1:], ("-c", "-o", "-O", "--rcfile", "--init-file"), stop_early=True)
    if "-n" in parsed or "--version" in parsed or "--help" in parsed:
        return Text()
    if "-c" in parsed:
        script = parsed.last("-c")
        with reader.aside():
            reader.scope.positional = parsed.rest[1:]
            return Text() if script is None else script_word(reader, script, argv, stdin)
    if parsed.rest and "-s" not in parsed and parsed.rest[0].text not in ("-", "/dev/stdin"):
        return script_file(reader, argv[0].text, parsed.rest, argv, stdin)
    if not stdin.given:
        return Text()
    if stdin.decoded or stdin.text is None:
        reader.undecided("a shell reads a script that only exists when it runs", spelt(argv), argv[0].text)
    if stdin.text is None:
        return Text()
    with reader.aside():
        return reader.read(stdin.text)


def script_word(reader: Reader, script: Word, argv: list[Word], stdin: Text) -> Text:
    """Read a word as a script; with parts that are not known it is also undecided."""
    if not script.known:
        reader.undecided(f"the script depends on {unknown_part(script)}", spelt(argv), argv[0].text)
    return reader.read(script.text, stdin)


def script_file(reader: Reader, program: str, rest: list[Word], argv: list[Word], stdin: Text) -> Text:
    """Read a script that this very command wrote; any other is opaque."""
    text = reader.scope.files.get(resolve(reader.context.directory, rest[0].text)) if rest[0].known else None
    if text is None:
        reader.opaque(program, argv)
        return Text()
    with reader.aside():
        reader.scope.positional = rest[1:]
        return reader.read(text, stdin)


def _joined_script(reader: Reader, rest: list[Word], argv: list[Word], stdin: Text) -> Text:
    return script_word(
        reader, Word(" ".join(word.text for word in rest), all(word.known for word in rest)), argv, stdin
    )


def unknown_part(word: Word) -> str:
    """What of a word is not known, for a message."""
    return f"{word.text[:80]!r}, which is known only when it runs"


def _eval(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    reader.undecided("eval runs what it is given as a script", spelt(argv), "eval")
    words = [word for word in argv[1:] if word.known]
    return (
        reader.read(" ".join(word.text for word in words), stdin) if len(words) == len(argv) - 1 else Text()
    )


def _source(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    if len(argv) < 2:
        return Text()
    path = argv[1].text
    text = reader.scope.files.get(resolve(reader.context.directory, path))
    if text is not None:
        return reader.read(text, stdin)
    if not path.endswith(("/activate", "nvm.sh", ".env")):
        reader.opaque(argv[0].text, argv)
    return Text()


def _xargs(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    valued = ("-I", "-n", "-P", "-d", "-L", "-s", "-a", "-E", "--max-args", "--max-procs", "--delimiter",
              "--replace", "--max-lines", "--arg-file")  # fmt: skip
    parsed = parse_options(argv[1:], valued, {"--replace": "-I"}, stop_early=True)
    rest = parsed.rest or [Word("echo")]
    if stdin.text is None:
        items = None
    else:
        delimiter = parsed.text("-d", "--delimiter")
        items = stdin.text.split("\0") if "-0" in parsed else stdin.text.split(delimiter)
    if "-I" in parsed:
        return _replaced(reader, rest, parsed, stdin.text)
    fed = [Word("$(xargs)", False, True)] if items is None else [Word(item) for item in items if item]
    if rest[0].text in SHELLS and items is None:
        reader.undecided("arguments of a shell come from its input", spelt(argv), rest[0].text)
    size = parsed.text("-n", "--max-args") or ("1" if "-L" in parsed else "")
    step = int(size) if size.isdigit() and int(size) else max(len(fed), 1)
    for start in range(0, min(len(fed), 64 * step) or 1, step):
        reader.command([*rest, *fed[start : start + step]], Text(""))
    return Text()


def _replaced(reader: Reader, rest: list[Word], parsed: Options, text: str | None) -> Text:
    holder = parsed.text("-I") or "{}"
    lines: list[str | None] = (
        [None] if text is None else [line.strip() for line in text.splitlines() if line.strip()]
    )
    for line in lines[:64]:
        reader.command([_filled(word, holder, line) for word in rest], Text(""))
    return Text()


def _filled(word: Word, holder: str, line: str | None) -> Word:
    if holder not in word.text:
        return word
    return Word(word.text.replace(holder, holder if line is None else line), word.known and line is not None)


def _find(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    texts = [word.text for word in argv]
    for at, text in enumerate(texts):
        if text in ("-exec", "-execdir", "-ok", "-okdir"):
            end = next((n for n in range(at + 1, len(texts)) if texts[n] in (";", "+")), len(texts))
            reader.command([_filled(word, "{}", None) for word in argv[at + 1 : end]], Text(""))
    if "-delete" in texts:
        reader.command([Word("rm"), *(word for word in argv[1:2] if not word.text.startswith("-"))], Text(""))
    return Text()


def _parallel(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(
        argv[1:], ("-j", "--jobs", "-n", "-I", "--delay", "--timeout", "--retries"), stop_early=True
    )
    texts = [word.text for word in parsed.rest]
    at = next((n for n, text in enumerate(texts) if text.startswith(":::")), len(texts))
    items = parsed.rest[at + 1 :] or (
        [Word("{}", False)]
        if stdin.text is None
        else [Word(line) for line in stdin.text.splitlines() if line]
    )
    command = parsed.rest[:at]
    for item in items[:64]:
        if any("{}" in word.text for word in command):
            words = [Word(word.text.replace("{}", item.text), word.known and item.known) for word in command]
        else:
            words = [*command, item]
        _joined_script(reader, words, argv, Text(""))
    return Text()


def _trap(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    if len(argv) > 2 and argv[1].text not in ("-", "-p", "-l", ""):
        script_word(reader, argv[1], argv, stdin)
    return Text("")


def _su(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(argv[1:], ("-c", "-s", "-g", "--command", "--shell"))
    script = parsed.last("-c", "--command")
    return script_word(reader, script, argv, stdin) if script else shell(reader, [Word("sh")], stdin)


def _alias(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    for word in argv[1:]:
        name, equals, value = word.text.partition("=")
        if equals and word.known:
            reader.scope.aliases[name] = value
    return Text("")


def _script(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(argv[1:], ("-c", "--command"))
    script = parsed.last("-c", "--command")
    return script_word(reader, script, argv, stdin) if script else shell(reader, [Word("sh")], stdin)


def quoted_line(words: list[Word]) -> str:
    """Words as one script that means the same."""
    return " ".join(quoted(word) for word in words)


WRAPPERS: Final[dict[str, Wrapper]] = {
    **dict.fromkeys(_PLAIN, _plain),
    **dict.fromkeys(_VALUED, _with_options),
    **dict.fromkeys(SHELLS, shell),
    "env": _env,
    "eval": _eval,
    "source": _source,
    ".": _source,
    "xargs": _xargs,
    "gxargs": _xargs,
    "find": _find,
    "gfind": _find,
    "parallel": _parallel,
    "trap": _trap,
    "su": _su,
    "runuser": _su,
    "alias": _alias,
    "script": _script,
}
