"""Filters of known text: what ``jq``, ``head``, ``wc``, ``tr``, ``base64`` and their like print.

What such a program is fed is known where the command before it is; everything else stays unknown.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Final

from routine_harness.world.holes import has_hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.builtins import unescape
from routine_harness.world.shell.options import names, parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader

MAX_COUNT: Final = 10_000
_JQ: Final = names("-r -c -s -e -M --raw-output --compact-output --slurp --exit-status")


def jq(reader: Reader, argv: list[Word], stdin: Text) -> Text | None:
    """``jq PROGRAM [FILE]`` on what it is fed; options that are not plain are left open."""
    options = parse_options(argv[1:], ("--arg", "--argjson", "--indent", "-f", "-L"))
    text, given = stdin.whole, set(options.values)
    if len(options.rest) == 2:
        held = reader.file(resolve(reader.context.directory, options.rest[1].text))
        text = None if held is None or has_hole(held) else held
    if text is None or len(options.rest) not in (1, 2) or has_hole(options.rest[0].text) or not given <= _JQ:
        return None
    # Imported here: a compiled library that a run without jq need not load.
    import jq as program

    try:
        found = (
            program.compile(options.rest[0].text)
            .input_text(text, slurp=bool(given & {"-s", "--slurp"}))
            .all()
        )
    except ValueError:
        return Text()
    raw, compact = bool(given & {"-r", "--raw-output"}), bool(given & {"-c", "--compact-output"})
    return Text("".join(f"{_shown(one, raw=raw, compact=compact)}\n" for one in found))


def _shown(value: object, *, raw: bool, compact: bool) -> str:
    if raw and isinstance(value, str):
        return value
    if compact:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(value, ensure_ascii=False, indent=2)


def lines_of(reader: Reader, argv: list[Word], stdin: Text) -> Text | None:
    """``head`` and ``tail``: so many lines of what they are fed."""
    del reader
    words = [argv[0], *(Word(f"-n{word.text[1:]}") if _COUNT.match(word.text) else word for word in argv[1:])]
    options = parse_options(words[1:], ("-n", "--lines", "-c", "--bytes"))  # head -50 is head -n50
    number = options.text("-n", "--lines")
    if options.values.keys() - {"-n", "--lines"}:
        return None
    text = stdin.whole
    if text is None or options.rest or not (number or "10").isdecimal():
        return None
    lines, count = text.splitlines(keepends=True), int(number or 10)
    first = argv[0].text.endswith("head")
    return Text("".join(lines[:count] if first else lines[max(len(lines) - count, 0) :]))


_COUNT: Final = re.compile(r"-\d+\Z")
_PLAIN: Final = re.compile(r"(?:[\w\s.,:;/@#%&=!<>~'\"-]|\^(?=.)|\$\Z|\.\*)*\Z")
"""Patterns that mean the same in every syntax that grep knows."""


def search(reader: Reader, argv: list[Word], stdin: Text) -> Text | None:
    """``grep`` of what it is fed, where its pattern means the same in every syntax: lines, a count, an exit
    code."""
    options = parse_options(argv[1:], ("-e", "-f", "-m", "-A", "-B", "-C"))
    text = stdin.whole
    words = [*options.texts("-e"), *options.rest]
    known = {
        "-i",
        "-v",
        "-c",
        "-q",
        "-E",
        "-F",
        "-e",
        "--quiet",
        "--count",
        "--invert-match",
        "--ignore-case",
    }
    if text is None or len(words) != 1 or not words[0].known or options.values.keys() - known:
        return None
    literal = "-F" in options or argv[0].text.endswith("fgrep")
    if not literal and _PLAIN.match(words[0].text) is None:
        return None
    pattern = re.escape(words[0].text) if literal else words[0].text
    # The pattern is plain: no group, no counted repetition, nothing over which a match could go astray.
    wanted = re.compile(pattern, re.IGNORECASE if {"-i", "--ignore-case"} & options.values.keys() else 0)
    inverted = bool({"-v", "--invert-match"} & options.values.keys())
    found = [line for line in text.splitlines() if (wanted.search(line) is None) is inverted]
    if reader.exits.follows:
        reader.status = int(not found)
    if {"-q", "--quiet"} & options.values.keys():
        return Text("")
    if {"-c", "--count"} & options.values.keys():
        return Text(f"{len(found)}\n")
    return Text("".join(f"{line}\n" for line in found))


def count_lines(reader: Reader, argv: list[Word], stdin: Text) -> Text | None:
    """``wc -l`` of what it is fed."""
    del reader
    text = stdin.whole
    if text is None or [word.text for word in argv[1:]] not in (["-l"], ["--lines"]):
        return None
    return Text(f"{text.count(chr(10))}\n")


def decode_base64(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    options = parse_options(argv[1:], ("-w", "--wrap", "-i", "--input", "-o"))
    text = stdin.whole
    if options.rest and (held := reader.file(resolve(reader.context.directory, options.rest[0].text))):
        text = None if has_hole(held) else held
    if text is None:
        return Text()
    if not {"-d", "-D", "--decode"} & options.values.keys():
        return Text(base64.b64encode(text.encode("utf-8", "replace")).decode() + "\n")
    try:
        return Text(base64.b64decode(text, validate=False).decode("utf-8"))
    except ValueError:
        return Text()


def reverse(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``rev`` turns each line around."""
    del reader
    text = stdin.whole if len(argv) == 1 else None
    return Text() if text is None else Text("".join(f"{line[::-1]}\n" for line in text.splitlines()))


def translate(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``tr SET1 SET2`` and ``tr -d SET`` over plain sets and ranges."""
    del reader
    deletes = any(word.text in ("-d", "--delete") for word in argv[1:])
    sets = [_set(word.text) for word in argv[1:] if not word.text.startswith("-") and word.known]
    text = stdin.whole
    if text is None or len(sets) != (1 if deletes else 2) or None in sets:
        return Text()
    first, second = sets[0] or "", (sets[1] or "") if not deletes else ""
    table = dict.fromkeys(map(ord, first)) if deletes else {
        ord(character): second[min(at, len(second) - 1)] for at, character in enumerate(first) if second
    }  # fmt: skip
    return Text(text.translate(table))


def _set(text: str) -> str | None:
    for name, span in (
        ("[:upper:]", "A-Z"),
        ("[:lower:]", "a-z"),
        ("[:digit:]", "0-9"),
        ("[:space:]", " \t\n"),
    ):
        text = text.replace(name, span)
    if "[:" in text:
        return None
    text = unescape(text)
    return re.sub(
        r"(.)-(.)",
        lambda found: "".join(map(chr, range(ord(found[1]), min(ord(found[2]), ord(found[1]) + 256) + 1))),
        text,
    )


def count(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``seq FIRST STEP LAST`` of whole numbers."""
    del reader, stdin
    texts = [word.text for word in argv[1:]]
    if not 0 < len(texts) < 4 or not all(re.fullmatch(r"-?\d{1,9}", text) for text in texts):
        return Text()
    numbers = [int(text) for text in texts]
    first, step = (1, 1) if len(numbers) == 1 else (numbers[0], numbers[1] if len(numbers) == 3 else 1)
    counted = range(first, numbers[-1] + (1 if step > 0 else -1), step) if step else range(0)
    return Text("".join(f"{number}\n" for number in counted)) if len(counted) <= MAX_COUNT else Text()
