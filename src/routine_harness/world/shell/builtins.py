"""Programs that pass text along or move the shell itself: ``cd``, ``echo``, ``cat``, ``tee``, ``read`` …"""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.holes import fasten, has_hole, hole, is_hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.command_settings import runs_by_environment
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.pieces import BLANKS
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader

_ESCAPES: Final = {
    "\\n": "\n",
    "\\t": "\t",
    "\\r": "\r",
    "\\a": "\a",
    "\\b": "\b",
    "\\\\": "\\",
    "\\e": "\x1b",
}
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|0?([0-7]{3})|.)", re.DOTALL)
_HOLDER: Final = re.compile(r"%(?:%|(-?0?\d*(?:\.\d+)?)([sdibqc]))")


def change_directory(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    target = next((word for word in argv[1:] if not word.text.startswith("-") or word.text == "-"), Word("~"))
    if target.known and target.text != "-":
        reader.context = reader.context._replace(directory=resolve(reader.context.directory, target.text))
    return Text("")


def echo(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader, stdin
    words = argv[1:]
    end, escapes = "\n", False
    while words and re.fullmatch("-[neE]+", words[0].text):
        end = "" if "n" in words[0].text else end
        escapes = escapes or "e" in words[0].text
        words = words[1:]
    text = " ".join(word.text for word in words)
    return Text(fasten(unescape(text) if escapes else text, loose=False) + end)


def unescape(text: str) -> str:
    """The characters that backslashes stand for, as ``printf`` has them."""

    def character(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        return chr(int(found[2], 8)) if found[2] else _ESCAPES.get(found[0], found[0])

    return _ESCAPE.sub(character, text)


def printf(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``printf FORMAT …``; with ``-v`` it assigns what it would write."""
    words = argv[1:]
    target = ""
    if len(words) > 1 and words[0].text == "-v":
        target, words = words[1].text, words[2:]
    words = words[1:] if words and words[0].text == "--" else words
    text = _formatted(words[0].text, [word.text for word in words[1:]]) if words else ""
    if not target:
        return Text(text)
    reader.scope.assign(target, text)
    runs_by_environment(reader, target, text)
    return Text("")


def _formatted(pattern: str, values: list[str]) -> str | None:
    """What ``printf`` writes; None where the pattern holds what is not followed."""
    if has_hole(pattern) or re.search(r"%(?![%\-0-9.sdibqc])", pattern):
        return None
    pattern = unescape(pattern)
    holders = sum(found[0] != "%%" for found in _HOLDER.finditer(pattern))
    left = list(values)
    # The pattern is used again until no value is left: printf '%s-%s;' a b c prints a-b;c-;
    written: list[str] = []
    for _ in range(512):
        written.append(_HOLDER.sub(lambda found: _filled(found, left), pattern))
        if not holders or not left:
            break
    return fasten("".join(written), loose=False)


def _filled(found: re.Match[str], left: list[str]) -> str:
    if found[0] == "%%":
        return "%"
    value = left.pop(0) if left else ""
    if found[2] == "c":
        value = value[:1]
    if has_hole(value) or not found[1]:
        return unescape(value) if found[2] == "b" else value
    if found[2] in "di" and value.lstrip("-").isdecimal() and len(value) < 18:
        return f"%{found[1]}d" % int(value) if len(found[1]) < 4 else value
    return f"%{found[1]}s" % value if len(found[1]) < 6 else value


def cat(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    names = [word for word in argv[1:] if word.text == "-" or not word.text.startswith("-")]
    if not names:
        return stdin
    reader.looked = True
    texts = []
    for word in names:
        path = resolve(reader.context.directory, word.text)
        texts.append(stdin.text if word.text in ("-", "/dev/stdin") else reader.file(path))
    known = [text for text in texts if text is not None]
    return Text("".join(known) if len(known) == len(texts) else None)


def tee(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    appends = any(word.text in ("-a", "--append") for word in argv[1:])
    for word in argv[1:]:
        if not word.text.startswith("-"):
            reader.write(word.text, stdin, appends=appends)
    return stdin


def read_variable(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``read a b``: the first line's words; what has no known input is not known."""
    options = parse_options(argv[1:], ("-d", "-p", "-n", "-N", "-t", "-u", "-i", "-a"))
    text = stdin.text if stdin.given else None
    blanks = reader.scope.variables.get("IFS")
    blanks = BLANKS if blanks is None else blanks
    line = None if text is None else text if "-d" in options else text.partition("\n")[0]
    if (array := options.last("-a")) is not None:
        reader.scope.assign_array(array.text, None if line is None else _fields(line, blanks, 0))
        return Text("")
    targets = [word.text for word in options.rest] or ["REPLY"]
    values = [] if line is None else _fields(line, blanks, len(targets))
    for number, name in enumerate(targets):
        known = None if line is None else values[number] if number < len(values) else ""
        reader.scope.assign(name, known)
        runs_by_environment(reader, name, known)
    return Text("")


def _fields(line: str, blanks: str, count: int) -> list[str]:
    """A line by the characters of ``IFS``; the last of ``count`` fields holds the rest."""
    white = "".join(character for character in blanks if character in BLANKS)
    line = line.strip(white) if white else line
    if not blanks or not line:
        return [line]
    pattern = f"[{re.escape(blanks)}]+" if white == blanks else f"[{re.escape(white)}]*[{re.escape(blanks)}]"
    return re.split(pattern if white else f"[{re.escape(blanks)}]", line, maxsplit=max(count - 1, 0))


def read_lines(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``mapfile``: an array of lines."""
    options = parse_options(argv[1:], ("-d", "-n", "-O", "-s", "-u", "-C", "-c"))
    name = options.rest[0].text if options.rest else "MAPFILE"
    lines = None if stdin.text is None else stdin.text.splitlines(keepends="-t" not in options)
    reader.scope.assign_array(name, lines if stdin.given else None)
    if (callback := options.last("-C")) is not None:
        reader.read(callback.text)
    return Text("")


def set_positional(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    texts = [word.text for word in argv]
    if "--" in texts:
        reader.scope.positional = argv[texts.index("--") + 1 :]
    elif len(argv) > 1 and argv[1].text[:1] not in ("-", "+") and not is_hole(argv[1].text):
        reader.scope.positional = argv[1:]
    return Text("")


def shift(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    count = int(argv[1].text) if len(argv) > 1 and argv[1].text.isdecimal() else 1
    if reader.scope.positional is not None:
        reader.scope.positional = reader.scope.positional[count:]
    return Text("")


def nothing(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del reader, argv, stdin
    return Text("")


def evaluate_let(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``let x=1``: what it assigns is not followed."""
    del stdin
    for word in argv[1:]:
        name = re.match(r"[A-Za-z_]\w*", word.text)
        if name:
            reader.scope.assign(name[0], None)
    return Text("")


def unknown_path(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``mktemp``: a path of the run's own."""
    del reader, stdin
    return Text(hole(f"$({argv[0].text})") + "\n")
