"""Programs that run another program for each of many words: ``xargs``, ``find -exec``, ``parallel``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routine_harness.world.shell.acts import Word, spelt
from routine_harness.world.shell.options import Options, parse_options
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.scripts import SHELLS, joined_script

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader


_EVERYTHING = ("-delete", "-depth", "-mindepth", "-type", "-xdev")
"""Words of ``find`` that leave hardly anything out."""


def xargs(reader: Reader, argv: list[Word], stdin: Text) -> Text:
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


def find(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    del stdin
    texts = [word.text for word in argv]
    for at, text in enumerate(texts):
        if text in ("-exec", "-execdir", "-ok", "-okdir"):
            end = next((n for n in range(at + 1, len(texts)) if texts[n] in (";", "+")), len(texts))
            reader.command([_filled(word, "{}", None) for word in argv[at + 1 : end]], Text(""))
    if "-delete" in texts and (found := _found(argv)) is not None:
        reader.command([Word("rm"), found], Text(""))
    return Text()


def _found(argv: list[Word]) -> Word | None:
    """What ``find`` finds, as one word; None where it is part of the folder that the shell is in."""
    root = argv[1] if len(argv) > 1 and not argv[1].text.startswith("-") else Word(".")
    texts = [word.text for word in argv]
    named = next((argv[at + 1] for at, text in enumerate(texts[:-1]) if text in ("-name", "-iname")), None)
    if named is not None:
        return Word(f"{root.text}/**/{named.text}", root.known and named.known)
    chosen = any(text.startswith("-") and text not in _EVERYTHING for text in texts)
    return None if chosen and root.text in (".", "./") else root


def parallel(reader: Reader, argv: list[Word], stdin: Text) -> Text:
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
        joined_script(reader, words, argv, Text(""))
    return Text()
