"""Programs that run other programs: what they run is read in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from routine_harness.world.shell import repeaters, scripts
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.files import resolve
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import SHELLS, joined_script, script_word, shell

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
_SKIPPED: Final = {
    "timeout": 1,
    "taskset": 1,
    "chrt": 1,
    "flock": 1,
    "chroot": 1,
    "aws-vault": 2,
    "direnv": 2,
    "op": 1,
    "doppler": 1,
    "dotenv": 0,
}
"""Positional words before the program: a duration, a mask, a lock file, a subcommand."""

_PLAIN: Final = (
    "nohup",
    "setsid",
    "unbuffer",
    "command",
    "builtin",
    "exec",
    "coproc",
    "noglob",
    "nocorrect",
    "-",
    "catchsegv",
    "torsocks",
    "proxychains",
    "proxychains4",
    "rlwrap",
    "busybox",
    "fakeroot",
    "eatmydata",
    "winpty",
    "systemd-inhibit",
    "!",
    "then",
    "do",
    "else",
)


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
        return joined_script(reader, rest[1:] if rest[0].text == "-c" else rest, argv, stdin)
    return reader.command(rest, stdin)


def _is_assignment(word: Word) -> bool:
    name, equals, _ = word.text.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and not name[0].isdigit()


def _env(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(
        argv[1:], ("-u", "-C", "-S", "--unset", "--chdir", "--split-string"), stop_early=True
    )
    if (split := parsed.last("-S", "--split-string")) is not None:
        return joined_script(reader, [split, *parsed.rest], argv, stdin)
    rest = parsed.rest
    with reader.aside():
        if (folder := parsed.text("-C", "--chdir")) is not None:
            reader.context = reader.context._replace(directory=resolve(reader.context.directory, folder))
        while rest and _is_assignment(rest[0]):
            name, _, value = rest[0].text.partition("=")
            reader.scope.variables[name] = value if rest[0].known else None
            rest = rest[1:]
        return reader.command(rest, stdin)


def _alias(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    for word in argv[1:]:
        name, equals, value = word.text.partition("=")
        if equals and word.known:
            reader.scope.aliases[name] = value
    return Text("")


WRAPPERS: Final[dict[str, Wrapper]] = {
    **dict.fromkeys(_PLAIN, _plain),
    **dict.fromkeys(_VALUED, _with_options),
    **dict.fromkeys(SHELLS, shell),
    "env": _env,
    "eval": scripts.evaluate,
    "source": scripts.source,
    ".": scripts.source,
    "xargs": repeaters.xargs,
    "gxargs": repeaters.xargs,
    "find": repeaters.find,
    "gfind": repeaters.find,
    "parallel": repeaters.parallel,
    "trap": scripts.trap,
    "su": scripts.su,
    "runuser": scripts.su,
    "alias": _alias,
    "script": scripts.script,
}
