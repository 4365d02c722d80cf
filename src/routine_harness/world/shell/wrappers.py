"""Programs that run the program named by the rest of their words: what they run is read in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.world.shell import repeaters, shells
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.options import names, parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.reader import Reader
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import SHELLS, joined_script, script_word
from routine_harness.world.shell.settings import runs_by_environment
from routine_harness.world.shell.shells import shell

Wrapper = Callable[[Reader, list[Word], Text], Text | None]

_VALUED: Final = {
    program: names(options)
    for program, options in {
        "sudo": "-u -g -h -p -C -D -R -T -U -r -t --user --group --host --prompt --chdir",
        "doas": "-u -C",
        "timeout": "-k -s --kill-after --signal",
        "gtimeout": "-k -s --kill-after --signal",
        "nice": "-n --adjustment",
        "ionice": "-c -n -p --class --classdata",
        "chrt": "-p -T -P -D",
        "taskset": "",
        "stdbuf": "-i -o -e --input --output --error",
        "time": "-o -f --output --format",
        "strace": "-e -o -p -s -u -E -P -I -O -S -a -b -X",
        "ltrace": "-e -o -p -s -u -a -n",
        "flock": "-w -E --timeout --wait --conflict-exit-code",
        "chroot": "--userspec --groups",
        "watch": "-n --interval -d -q",
        "retry": "-t -d -m --times --delay",
        "caffeinate": "-t -w",
        "xvfb-run": "-n -s -e -f -w -p --server-args --server-num",
        "dotenv": "-f -e",
        "op": "--env-file --account",
        "doppler": "-p -c --project --config",
        "aws-vault": "--duration",
        "direnv": "",
        "setpriv": "--reuid --regid --groups --inh-caps --ambient-caps --bounding-set --securebits "
        "--pdeathsig "
        "--selinux-label --apparmor-profile --ruid --euid --rgid --egid --rlimit",
        "systemd-run": "-p -u -t -E -H -M -G --unit --property --description --slice --uid --gid --nice "
        "--working-directory --setenv --on-active --on-calendar --on-boot --timer-property",
        "unshare": "-S -G -R -w --setuid --setgid --root --wd --map-user --map-group --propagation",
        "nsenter": "-t -S -G --target --setuid --setgid",
        "prlimit": "-p --pid -o --output",
        "firejail": "",
        "bwrap": "",
        "gosu": "",
        "su-exec": "",
        "setarch": "",
        "ssh-agent": "-a -t",
        "dbus-run-session": "--config-file --dbus-daemon",
        "entr": "",
        "runcon": "-t -u -r -l",
        "cgexec": "-g",
        "sem": "-j --id",
        "daemonize": "-a -c -e -o -p -l -u -E",
        "numactl": "-m -N -C --membind --cpunodebind --physcpubind",
        "perf": "-e -o -F",
        "valgrind": "",
        "hyperfine": "-r -m -M -w -p -c -n --runs --warmup --prepare --cleanup --export-json",
        "poetry": "-C --directory -P --project",
        "pipenv": "",
        "uv": "--with --python -p --project --directory --group --extra --env-file --with-requirements "
        "--index",
        "hatch": "-e --env -p --project",
        "pdm": "-p --project",
        "rye": "",
        "conda": "-n -p --name --prefix --cwd",
        "mamba": "-n -p --name --prefix --cwd",
        "micromamba": "-n -p --name --prefix --cwd",
        "bundle": "",
        "pixi": "-e --environment --manifest-path",
        "mise": "-C -E",
        "asdf": "",
        "nvm": "",
        "volta": "--node --npm --yarn",
        "devbox": "-c --config",
        "vault-exec": "",
        "chamber": "",
        "infisical": "--env --path --projectId",
        "wsl": "-d -u --distribution --user --cd",
        "concurrently": "-n -c --names --prefix-colors",
        "nodemon": "-e -w --ext --watch --delay",
        "watchexec": "-e -w -f -i --exts --watch --filter --ignore",
        "dumb-init": "",
        "tini": "",
        "start-stop-daemon": "",
    }.items()
}  # fmt: skip
_SKIPPED: Final = {
    **dict.fromkeys(("timeout", "gtimeout", "taskset", "chrt", "flock", "chroot", "op", "doppler", "gosu",
                     "su-exec", "setarch"), 1),
    "aws-vault": 2,
    "direnv": 2,
    "chamber": 2,
}  # fmt: skip
"""Positional words before the program: a duration, a mask, a lock file, a subcommand."""

_SUBCOMMAND: Final = {
    **dict.fromkeys(("poetry", "pipenv", "uv", "hatch", "pdm", "rye", "conda", "mamba", "micromamba", "pixi",
                     "nvm", "volta", "devbox", "infisical"), ("run", "exec")),
    **dict.fromkeys(("bundle", "mise", "asdf"), ("exec", "x")),
    "perf": ("stat", "record", "trace"),
}  # fmt: skip
"""Programs that run another under one subcommand only; under any other they are what a table says."""

_SCRIPTS: Final = frozenset({"watch", "hyperfine", "concurrently", "nodemon", "watchexec", "sem", "entr"})
"""Programs that hand their words, joined, to a shell."""

_PLAIN: Final = names(
    "nohup setsid unbuffer command builtin exec coproc noglob nocorrect - catchsegv torsocks proxychains "
    "proxychains4 rlwrap busybox toybox fakeroot eatmydata winpty systemd-inhibit ! then do else "
    "chronic ts ifne "
    "linux32 linux64 tsocks faketime trickle cpulimit stdoutisatty script-exec with-contenv "
    "s6-setuidgid rbash-exec"
)


def _plain(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    name = argv[0].text
    parsed = parse_options(argv[1:], ("-a",) if name == "exec" else (), stop_early=True)
    if name == "command" and ("-v" in parsed or "-V" in parsed):
        return Text()
    return reader.command(parsed.rest, stdin)


def _with_options(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    name = argv[0].text.rpartition("/")[2]
    parsed = parse_options(argv[1:], _VALUED[name], stop_early=True)
    if name == "flock" and (script := parsed.last("-c", "--command")):
        return script_word(reader, script, argv, stdin)
    if name == "nodemon" and (script := parsed.last("-x", "--exec")):
        return script_word(reader, script, argv, stdin)
    for prepared in parsed.texts("--prepare", "--cleanup") if name == "hyperfine" else ():
        script_word(reader, prepared, argv, stdin)
    rest = parsed.rest[_SKIPPED.get(name, 0) :]
    while rest and name in ("sudo", "doas", "systemd-run") and is_assignment(rest[0]):
        rest = rest[1:]
    if name in ("sudo", "doas", "unshare", "chroot", "nsenter") and not rest:
        quiet = name in ("sudo", "doas") and not {"-s", "-i", "--shell", "--login"} & parsed.values.keys()
        return Text() if quiet else shell(reader, [Word("sh")], stdin)
    if not rest:
        return Text()
    if name in ("firejail", "bwrap"):
        return reader.command(_behind_dashes(argv), stdin)
    if name in _SCRIPTS or rest[0].text == "-c":
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
    parsed = parse_options(argv[1:], _VALUED[name], stop_early=True)
    if not parsed.rest or parsed.rest[0].text not in _SUBCOMMAND[name]:
        return None
    inner = parse_options(parsed.rest[1:], _VALUED[name], stop_early=True)
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
            runs_by_environment(reader, name, value, stdin)
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


WRAPPERS: Final[dict[str, Wrapper]] = {
    **dict.fromkeys(_PLAIN, _plain),
    **dict.fromkeys(_VALUED.keys() - _SUBCOMMAND.keys(), _with_options),
    **dict.fromkeys(_SUBCOMMAND, _subcommand),
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
