"""Programs that carry commands in their arguments: ``sed e``, ``awk system()``, ``vim -c '!…'``.

The commands in such an argument are read as well as the program itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from routine_harness.world.shell.acts import Word, effect, line_of
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.program_table import PROGRAMS
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import SHELLS, read_possible, script_word

_ESCAPED: Final = re.compile(
    r"^\s*(?:shell\s+|!!?|\\!|\.shell\s+|\.system\s+|:?!|platform shell\s+|process launch)\s*(.*)", re.DOTALL
)
"""A line with which gdb, psql, sqlite3, ftp or less starts a shell."""


def read_carried(reader: Reader, name: str, argv: list[Word], stdin: Text) -> None:
    """Read the commands in the arguments of ``name``."""
    row = PROGRAMS.get(name)
    if row is not None and row.runs:
        options = parse_options(argv[1:], row.runs)
        for word in options.texts(*sorted(row.runs)):
            _carried(reader, name, word.text)
    carrier = CARRIERS.get(name)
    if carrier is not None:
        carrier(reader, argv, stdin)


def _tar(reader: Reader, argv: list[Word], stdin: Text) -> None:
    del stdin
    text = " ".join(word.text for word in argv[1:])
    if "checkpoint-action" in text and "exec=" in text:
        read_possible(reader, next(word.text for word in argv if "exec=" in word.text).partition("exec=")[2])


def _shells_out(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """``ed``, ``dc``, ``psql``, ``sqlite3``, ``gdb``: a line of their input may start a shell."""
    given = [word.text for word in argv[1:] if word.text.startswith((".", "!", "\\!"))]
    for line in [*given, *(stdin.text or "").splitlines()]:
        if found := _ESCAPED.match(line):
            read_possible(reader, found[1])


def _pager(reader: Reader, argv: list[Word], stdin: Text) -> None:
    del stdin
    for word in argv[1:]:
        if word.text.startswith("+!"):
            read_possible(reader, word.text[2:])


def _carried(reader: Reader, name: str, text: str) -> None:
    if name in ("gdb", "lldb", "psql", "sqlite3", "mysql"):
        found = _ESCAPED.match(text)
        if found is None:
            return
        text = found[1]
    read_possible(reader, text)


def _multiplexer(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """``tmux new -d 'cmd'``, ``tmux send-keys 'cmd' Enter``, ``screen -dm cmd``."""
    del stdin
    options = parse_options(
        argv[1:], ("-s", "-t", "-n", "-c", "-x", "-y", "-S", "-h", "-p", "-L", "-f", "-e", "-F")
    )
    words = options.rest
    if argv[0].text.endswith("tmux"):
        words = [word for word in words[1:] if word.text not in ("Enter", "C-m", "ENTER")]
    if words:
        read_possible(reader, " ".join(word.text for word in words))


def _sed(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """``sed``: its command ``e`` and the flag ``e`` of ``s`` run what they are given."""
    options = parse_options(argv[1:], ("-e", "-f", "-l", "--expression", "--file", "--line-length"))
    given = options.texts("-e", "--expression")
    if (path := options.text("-f", "--file")) is not None:
        given = [*given, Word(reader.file(resolve(reader.context.directory, path)) or "")]
    elif not given:
        given = options.rest[:1]
    for word in given:
        for line in re.split(r"\n", word.text):
            if found := re.match(r"^\s*(?:\d+|\$|/(?:[^/\\]|\\.)*/)?(?:,\S+)?!?\s*e\s+(.+)$", line):
                read_possible(reader, found[1])
            elif _runs_replacement(line):
                _replacement(reader, line, stdin, argv)


def _replacement_parts(line: str) -> list[str]:
    found = re.search(r"(?:^|[;{\d$/\s])s([^\w\s\\])", line)
    if found is None:
        return []
    mark = re.escape(found[1])
    return re.findall(rf"((?:[^{mark}\\]|\\.)*){mark}", line[found.end() :] + found[1])[:3]


def _runs_replacement(line: str) -> bool:
    parts = _replacement_parts(line)
    return (
        len(parts) == 3 and re.fullmatch(r"[giImM\d]*e[gepiImM\d]*(?:[;}].*)?", parts[2].strip()) is not None
    )


def _replacement(reader: Reader, line: str, stdin: Text, argv: list[Word]) -> None:
    parts = _replacement_parts(line)
    if parts[0] in (".*", "^.*$", "^.*", ".*$", "^", "$", "^$", "x") or "&" not in parts[1]:
        read_possible(reader, parts[1])
        return
    if stdin.text is None:
        reader.undecided("sed runs lines that only exist when it runs", line_of(argv), "sed")
    else:
        read_possible(reader, stdin.text)


def _awk(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """``awk``: ``system("…")``, ``"…" | getline`` and ``print … | "…"`` run commands."""
    del stdin
    options = parse_options(
        argv[1:], ("-F", "-v", "-f", "--field-separator", "--assign", "--file"), stop_early=True
    )
    path = options.text("-f", "--file")
    text = reader.file(resolve(reader.context.directory, path)) if path else None
    program = text if text is not None else options.rest[0].text if options.rest and not path else ""
    literal = r'"((?:[^"\\]|\\.)*)"'
    for found in re.finditer(
        rf"\bsystem\s*\(\s*{literal}|{literal}\s*\|&?\s*getline|\|&?\s*{literal}", program
    ):
        read_possible(
            reader, re.sub(r"\\(.)", r"\1", next(part for part in found.groups() if part is not None))
        )
    if re.search(r"\bsystem\s*\(\s*[^\")\s]|\|\s*getline|\|\s*(?!getline)[A-Za-z$(]", program) and re.search(
        r"\bsystem\s*\(\s*(?:\$\d|[A-Za-z_])|\$\d\s*\|\s*getline", program
    ):
        reader.undecided("awk starts commands that only exist when it runs", line_of(argv), "awk")


def _editor(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """``vim -c '!cmd'``, ``ex``, ``emacs --eval '(shell-command "cmd")'``."""
    options = parse_options(argv[1:], ("-c", "--cmd", "-S", "-s", "--eval", "-eval", "--exec", "-u"))
    given = [word.text for word in options.texts("-c", "--cmd", "--eval", "-eval", "--exec")]
    given += [word.text[1:] for word in argv[1:] if word.text.startswith("+")]
    given += (stdin.text or "").splitlines()
    for text in given:
        if found := re.match(r"\s*:?(?:silent!?\s+|sil\s+|%|\d+|r(?:ead)?\s*|w(?:rite)?\s*)*!+(.+)", text):
            read_possible(reader, found[1])
        for inner in re.findall(
            r"""(?:system|shell-command(?:-to-string)?|call-process-shell-command)\s*\(?\s*["']((?:[^"'\\]|\\.)*)["']""",
            text,
        ):
            read_possible(reader, inner)


def later(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``crontab``, ``at`` and ``batch``: what they start later is done by this run, too."""
    name = argv[0].text.rpartition("/")[2]
    options = parse_options(argv[1:], ("-u", "-f", "-q", "-t"))
    if {"-l", "-r", "-e"} & options.values.keys():
        return Text()
    reader.acts.append(effect("schedule.created", text=line_of(argv), program=name, command=line_of(argv)))
    path = options.text("-f") or (options.rest[0].text if name == "crontab" and options.rest else "-")
    text = stdin.text if path == "-" else reader.file(resolve(reader.context.directory, path))
    if text is None:
        if stdin.given and path == "-":
            reader.undecided("what is scheduled only exists when it runs", line_of(argv), name)
        return Text()
    if name == "crontab":
        text = "\n".join(filter(None, map(_cron_command, text.splitlines())))
    read_possible(reader, text)
    return Text()


def _cron_command(line: str) -> str:
    line = line.strip()
    if not line or line.startswith("#") or re.match(r"[A-Za-z_]\w*\s*=", line):
        return ""
    parts = line.split(None, 1 if line.startswith("@") else 5)
    return parts[-1] if len(parts) == (2 if line.startswith("@") else 6) else ""


def _make(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """``make -f -``: the recipes that stand on its input; of a file in the repository nothing is read."""
    options = parse_options(
        argv[1:], ("-f", "-C", "-j", "-I", "-o", "-W", "--file", "--makefile", "--directory", "--eval")
    )
    for word in options.texts("-f", "--file", "--makefile"):
        path = resolve(reader.context.directory, word.text)
        written = word.text in ("-", "/dev/stdin")
        text = stdin.text if written else reader.scope.files.get(path)
        for line in (text or "").splitlines():
            if line.startswith("\t"):
                read_possible(reader, re.sub(r"^[@\-+\s]+", "", line).replace("$$", "$"))
            elif found := re.search(r"\$\(shell (.*)\)|^[^#=:]+:[^=;]*;(.*)$", line):
                read_possible(reader, found[1] or found[2])
    for word in options.texts("--eval"):
        for inner in re.findall(r"\$\(shell ([^)]*)\)", word.text):
            read_possible(reader, inner)


def _expect(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """``expect -c 'spawn git push'``."""
    options = parse_options(argv[1:], ("-c",))
    for text in [*(word.text for word in options.texts("-c")), stdin.text or ""]:
        for found in re.findall(r"\b(?:spawn|exec|system)\s+([^;\n}\]]+)", text):
            read_possible(reader, found)


def _docker(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """``docker run IMAGE sh -c '…'``, ``kubectl exec POD -- cmd``: what reaches outside counts."""
    texts = [word.text for word in argv]
    if not {"run", "exec", "attach", "ssh"} & set(texts[1:4]):
        return
    named = (n for n, text in enumerate(texts) if n > 2 and text.rpartition("/")[2] in _CONTAINED)
    at = texts.index("--") + 1 if "--" in texts else next(named, 0)
    if at:
        with reader.possible():
            reader.command(argv[at:], stdin)


def _scripted(reader: Reader, argv: list[Word], stdin: Text) -> None:
    """``vagrant ssh -c CMD``, ``npm exec -c CMD``: an option holds a script."""
    options = parse_options(argv[1:], ("-c", "--command", "--call"))
    for word in options.texts("-c", "--command", "--call"):
        script_word(reader, word, argv, stdin)


_CONTAINED: Final = (*SHELLS, "git", "gh", "curl", "wget", "npm", "env", "twine", "aws")
"""Programs that begin the command behind an image's name."""

Carrier = Callable[[Reader, list[Word], Text], None]

CARRIERS: Final[dict[str, Carrier]] = {
    **dict.fromkeys(("tar", "gtar", "bsdtar"), _tar),
    **dict.fromkeys(("ed", "dc", "psql", "sqlite3", "ftp", "gdb", "lldb"), _shells_out),
    **dict.fromkeys(("less", "more"), _pager),
    **dict.fromkeys(("tmux", "screen"), _multiplexer),
    **dict.fromkeys(("sed", "gsed"), _sed),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), _awk),
    **dict.fromkeys(("vim", "vi", "nvim", "ex", "view", "emacs", "emacsclient"), _editor),
    **dict.fromkeys(("make", "gmake"), _make),
    "expect": _expect,
    **dict.fromkeys(("docker", "podman", "nerdctl", "kubectl", "oc", "fly", "flyctl", "heroku"), _docker),
    **dict.fromkeys(("vagrant", "npm", "pnpm", "yarn"), _scripted),
}
