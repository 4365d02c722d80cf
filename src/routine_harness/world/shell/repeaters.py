"""Programs that run another program for each of many words: ``xargs``, ``find -exec``, ``parallel``."""

from __future__ import annotations

from typing import Final

from routine_harness.world.holes import hole
from routine_harness.world.shell.acts import Word
from routine_harness.world.shell.options import Options, parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import joined_script

MAX_ROUNDS: Final = 64
_XARGS: Final = ("-I", "-n", "-P", "-d", "-L", "-s", "-a", "-E", "--max-args", "--max-procs", "--delimiter",
                 "--replace", "--max-lines", "--arg-file")  # fmt: skip
_PARALLEL: Final = ("-j", "--jobs", "-n", "-I", "--delay", "--timeout", "--retries", "-a", "--arg-file", "-C",
                    "--colsep", "--joblog", "--results", "--tmpdir", "-S", "--sshlogin")  # fmt: skip


def xargs(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(
        argv[1:], _XARGS, {"--replace": "-I", "--max-args": "-n", "--delimiter": "-d", "--arg-file": "-a",
                           "--max-lines": "-L"}, stop_early=True
    )  # fmt: skip
    rest = parsed.rest or [Word("echo")]
    text = stdin.text
    if (listed := parsed.text("-a")) is not None:
        text = reader.file(resolve(reader.context.directory, listed))
    if "-I" in parsed:
        return _replaced(reader, rest, parsed, text)
    if text is None:
        fed = [Word(hole("{}", loose="-n" not in parsed and "-L" not in parsed))]
    else:
        items = text.split("\0") if "-0" in parsed else text.split(parsed.text("-d"))
        fed = [Word(item) for item in items if item]
    size = parsed.text("-n") or ("1" if "-L" in parsed else "")
    step = int(size) if size.isdecimal() and int(size) else max(len(fed), 1)
    # GNU xargs runs its command once where it is fed nothing.
    written = [
        reader.command([*rest, *fed[start : start + step]], Text(""))
        for start in range(0, min(len(fed), MAX_ROUNDS * step) or 1, step)
    ]
    return written[0] if len(written) == 1 else Text()


def _replaced(reader: Reader, rest: list[Word], parsed: Options, text: str | None) -> Text:
    holder = parsed.text("-I") or "{}"
    lines = [hole(holder)] if text is None else [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines[:MAX_ROUNDS]:
        reader.command([Word(word.text.replace(holder, line)) for word in rest], Text(""))
    return Text()


def find(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``find``, and ``fd`` with ``-x``: what they run is given paths below the first folder."""
    del stdin
    texts = [word.text for word in argv]
    reader.looked = True
    first = texts[1] if len(texts) > 1 and not texts[1].startswith("-") and texts[0] != "fd" else "."
    found = f"{first}/{hole('{}')}"
    for at, text in enumerate(texts):
        if text in ("-exec", "-execdir", "-ok", "-okdir", "-x", "--exec", "-X", "--exec-batch"):
            end = next((n for n in range(at + 1, len(texts)) if texts[n] in (";", "+")), len(texts))
            command = [Word(word.text.replace("{}", found)) for word in argv[at + 1 : end]]
            reader.command(command, Text(""))
    if "-delete" in texts and (deleted := _found(argv)) is not None:
        reader.command([Word("rm"), deleted], Text(""))
    return Text()


_EVERYTHING: Final = ("-delete", "-depth", "-mindepth", "-type", "-xdev")
"""Words of ``find`` that leave hardly anything out."""


def _found(argv: list[Word]) -> Word | None:
    """What ``find`` finds, as one word; None where it is part of the folder that the shell is in."""
    root = argv[1] if len(argv) > 1 and not argv[1].text.startswith("-") else Word(".")
    texts = [word.text for word in argv]
    named = next((argv[at + 1] for at, text in enumerate(texts[:-1]) if text in ("-name", "-iname")), None)
    if named is not None:
        return Word(f"{root.text}/**/{named.text}")
    chosen = any(text.startswith("-") and text not in _EVERYTHING for text in texts)
    return None if chosen and root.text in (".", "./") else root


def parallel(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(argv[1:], _PARALLEL, stop_early=True)
    texts = [word.text for word in parsed.rest]
    at = next((n for n, text in enumerate(texts) if text.startswith(":::")), len(texts))
    command, items = parsed.rest[:at], [word.text for word in parsed.rest[at + 1 :]]
    if not items:
        items = [hole("{}")] if stdin.text is None else [line for line in stdin.text.splitlines() if line]
    for item in items[:MAX_ROUNDS]:
        if any("{}" in word.text for word in command):
            words = [Word(word.text.replace("{}", item)) for word in command]
        else:
            words = [*command, Word(item)]
        joined_script(reader, words, argv, Text(""))
    return Text()
