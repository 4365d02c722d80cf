"""Programs that run the program named by the rest of their words: what they run is read in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.world.shell import repeaters, shells
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.command_settings import runs_by_environment
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.program_table import PROGRAMS, Wrapping
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import SHELLS, joined_script, script_word
from routine_harness.world.shell.shells import shell

Wrapper = Callable[[Reader, list[Word], Text], Text | None]


def _wrapping(name: str) -> Wrapping:
    return PROGRAMS[name].wraps or Wrapping("plain")


def _plain(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    name = argv[0].text
    parsed = parse_options(argv[1:], _wrapping(name).valued, stop_early=True)
    if name == "command" and ("-v" in parsed or "-V" in parsed):
        return Text()
    return reader.command(parsed.rest, stdin)


def _with_options(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    name = argv[0].text.rpartition("/")[2]
    wrapping = _wrapping(name)
    parsed = parse_options(argv[1:], wrapping.valued, stop_early=True)
    if name == "flock" and (script := parsed.last("-c", "--command")):
        return script_word(reader, script, argv, stdin)
    if name == "nodemon" and (script := parsed.last("-x", "--exec")):
        return script_word(reader, script, argv, stdin)
    for prepared in parsed.texts("--prepare", "--cleanup") if name == "hyperfine" else ():
        script_word(reader, prepared, argv, stdin)
    rest = parsed.rest[wrapping.skipped :]
    while rest and name in ("sudo", "doas", "systemd-run") and is_assignment(rest[0]):
        rest = rest[1:]
    if name in ("sudo", "doas", "unshare", "chroot", "nsenter") and not rest:
        quiet = name in ("sudo", "doas") and not {"-s", "-i", "--shell", "--login"} & parsed.values.keys()
        return Text() if quiet else shell(reader, [Word("sh")], stdin)
    if not rest:
        return Text()
    if name in ("firejail", "bwrap"):
        return reader.command(_behind_dashes(argv), stdin)
    if wrapping.way == "script" or rest[0].text == "-c":
        return joined_script(reader, rest[1:] if rest[0].text == "-c" else rest, argv, stdin)
    return reader.command(rest, stdin)


def _behind_dashes(argv: list[Word]) -> list[Word]:
    """The command of a program whose options all take what they like: from the first known word on that is
    no option and follows none."""
    texts = [word.text for word in argv]
    if "--" in texts:
        return argv[texts.index("--") + 1 :]
    return next(
        (argv[n:] for n in range(1, len(argv)) if texts[n] in SHELLS or texts[n] in ("git", "gh", "env")), []
    )


def _subcommand(reader: Reader, argv: list[Word], stdin: Text) -> Text | None:
    """``uv run pytest``, ``bundle exec rake``: what they run is read, anything else is the table's."""
    name = argv[0].text.rpartition("/")[2]
    wrapping = _wrapping(name)
    parsed = parse_options(argv[1:], wrapping.valued, stop_early=True)
    if not parsed.rest or parsed.rest[0].text not in wrapping.under:
        return None
    inner = parse_options(parsed.rest[1:], wrapping.valued, stop_early=True)
    script = inner.last("-c", "--call")
    if script is not None:
        return script_word(reader, script, argv, stdin)
    return reader.command(inner.rest, stdin)


def is_assignment(word: Word) -> bool:
    name, equals, _ = word.text.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and name.isascii() and not name[0].isdigit()


def _env(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(
        argv[1:], ("-u", "-C", "-S", "--unset", "--chdir", "--split-string"), stop_early=True
    )
    split = parsed.last("-S", "--split-string")
    if split is not None:
        return joined_script(reader, [split, *parsed.rest], argv, stdin)
    rest = parsed.rest
    with reader.aside():
        if (folder := parsed.text("-C", "--chdir")) is not None:
            reader.context = reader.context._replace(directory=resolve(reader.context.directory, folder))
        while rest and is_assignment(rest[0]):
            name, _, value = rest[0].text.partition("=")
            reader.scope.assign(name, value)
            runs_by_environment(reader, name, value)
            rest = rest[1:]
        return reader.command(rest, stdin)


def _alias(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    for word in argv[1:]:
        name, equals, value = word.text.partition("=")
        if equals:
            reader.scope.aliases[name] = value
    return Text("")


def _busybox(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    return reader.command(argv[1:], stdin)


def _reader_of(wrapping: Wrapping) -> Wrapper:
    if wrapping.under:
        return _subcommand
    return _plain if wrapping.way == "plain" else _with_options


WRAPPERS: Final[dict[str, Wrapper]] = {
    **{name: _reader_of(row.wraps) for name, row in PROGRAMS.items() if row.wraps is not None},
    **dict.fromkeys(SHELLS, shell),
    **dict.fromkeys(("busybox", "toybox"), _busybox),
    "env": _env,
    "eval": shells.evaluate,
    "source": shells.source,
    ".": shells.source,
    **dict.fromkeys(("xargs", "gxargs"), repeaters.xargs),
    **dict.fromkeys(("find", "gfind", "fd", "fdfind"), repeaters.find),
    **dict.fromkeys(("parallel", "rush"), repeaters.parallel),
    "trap": shells.trap,
    **dict.fromkeys(("su", "runuser"), shells.su),
    "alias": _alias,
    "script": shells.script,
}
