"""Programs that read scripts: ``bash -c``, ``eval``, ``source``, ``su -c``, a script fed to a shell."""

from __future__ import annotations

from typing import Final

from routine_harness.world.holes import spelt
from routine_harness.world.shell.acts import Word, line_of
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import MAX_FILE, joined_script, read_within, script_file, script_word

_ENVIRONMENTS: Final = ("/activate", "nvm.sh", ".env", ".bashrc", ".profile", "/etc/profile")
"""Files that are sourced for the variables in them."""


def shell(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``bash -c SCRIPT``, ``bash FILE``, ``… | bash``."""
    options, rest = _shell_options(argv[1:])
    if options & {"n", "--version", "--help"}:
        return Text()
    if "c" in options:
        with reader.aside():
            reader.scope.variables["0"] = rest[1].text if len(rest) > 1 else argv[0].text
            reader.scope.positional = rest[2:]
            return script_word(reader, rest[0], argv, stdin) if rest else Text()
    if rest and "s" not in options and rest[0].text not in ("-", "/dev/stdin"):
        return script_file(reader, argv[0].text, rest, argv, stdin)
    if not stdin.given:
        return Text()
    if stdin.text is None:
        reader.undecided("a shell reads a script that only exists when it runs", line_of(argv), argv[0].text)
        return Text()
    with reader.aside():
        reader.scope.positional = rest if "s" in options else rest[1:]
        return script_word(reader, Word(stdin.text), argv, Text())


def _shell_options(words: list[Word]) -> tuple[set[str], list[Word]]:
    """The options of a shell, which end at the first word that is none, and that word with the rest."""
    options: set[str] = set()
    at = 0
    while at < len(words) and words[at].text[:1] in "-+" and words[at].text not in ("", "-"):
        text = words[at].text
        at += 1
        if text == "--":
            break
        if text.startswith("--"):
            options.add(text)
            at += text in ("--rcfile", "--init-file")
        else:
            options |= set(text[1:])
            at += text[-1] in "oO"
    return options, words[at:]


def evaluate(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    rest = argv[2:] if len(argv) > 1 and argv[1].text == "--" else argv[1:]
    return joined_script(reader, rest, argv, stdin) if rest else Text("")


def source(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    if len(argv) < 2:
        return Text()
    path = argv[1].text
    if path in ("/dev/stdin", "-") and stdin.given:
        return (
            script_word(reader, Word(stdin.text), argv, Text())
            if stdin.text is not None
            else _from_stream(reader, argv)
        )
    resolved = resolve(reader.context.directory, path)
    text = reader.file(resolved)
    if text is not None and len(text) <= MAX_FILE and text not in reader.within:
        return read_within(reader, text, argv, stdin)
    if resolved.startswith("/dev/fd/"):
        return _from_stream(reader, argv)
    if not spelt(path).endswith(_ENVIRONMENTS):
        reader.opaque(argv[0].text, argv)
    return Text()


def _from_stream(reader: Reader, argv: list[Word]) -> Text:
    reader.undecided("a shell reads a script that only exists when it runs", line_of(argv), argv[0].text)
    return Text()


def trap(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    if len(argv) > 2 and argv[1].text not in ("-", "-p", "-l", ""):
        script_word(reader, argv[1], argv, stdin)
    return Text("")


def su(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(
        argv[1:], ("-c", "-s", "-g", "-u", "--command", "--shell", "--user"), stop_early=True
    )
    script = parsed.last("-c", "--command")
    if script is None and argv[0].text == "su":
        parsed = parse_options(argv[1:], ("-c", "-s", "-g", "--command", "--shell"))
        script = parsed.last("-c", "--command")
    if script is not None:
        return script_word(reader, script, argv, stdin)
    if argv[0].text != "su" and parsed.rest:
        return reader.command(parsed.rest, stdin)
    return shell(reader, [Word("sh")], stdin)


def script(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(argv[1:], ("-c", "--command"))
    script = parsed.last("-c", "--command")
    return script_word(reader, script, argv, stdin) if script else shell(reader, [Word("sh")], stdin)
