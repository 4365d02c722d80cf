"""Programs that read scripts: ``bash -c``, ``eval``, ``source``, ``su -c``, a script fed to a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from routine_harness.world.shell.acts import Word, spelt
from routine_harness.world.shell.files import resolve
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.scope import Text

if TYPE_CHECKING:
    from routine_harness.world.shell.reader import Reader

SHELLS: Final = ("bash", "sh", "zsh", "dash", "ksh", "ash", "rbash", "fish", "mksh")

_ENVIRONMENTS: Final = ("/activate", "nvm.sh", ".env")
"""Files that are sourced for the variables in them."""


def shell(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    """``bash -c SCRIPT``, ``bash FILE``, ``… | bash``."""
    options, rest = _shell_options(argv[1:])
    if options & {"n", "--version", "--help"}:
        return Text()
    if "c" in options:
        with reader.aside():
            reader.scope.positional = rest[2:]
            return script_word(reader, rest[0], argv, stdin) if rest else Text()
    if rest and "s" not in options and rest[0].text not in ("-", "/dev/stdin"):
        return script_file(reader, argv[0].text, rest, argv, stdin)
    if not stdin.given:
        return Text()
    if stdin.decoded or stdin.text is None:
        reader.undecided("a shell reads a script that only exists when it runs", spelt(argv), argv[0].text)
    if stdin.text is None:
        return Text()
    with reader.aside():
        return reader.read(stdin.text)


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


def script_word(reader: Reader, script: Word, argv: list[Word], stdin: Text) -> Text:
    """Read a word as a script; with parts that are not known it is also undecided."""
    if not script.known:
        reader.undecided(f"the script depends on {unknown_part(script)}", spelt(argv), argv[0].text)
    return reader.read(script.text, stdin)


def script_file(reader: Reader, program: str, rest: list[Word], argv: list[Word], stdin: Text) -> Text:
    """Read a script that this very command wrote; any other is opaque."""
    if not rest[0].known:
        reader.undecided(f"the script is {unknown_part(rest[0])}", spelt(argv), program)
        return Text()
    text = reader.file(resolve(reader.context.directory, rest[0].text))
    if text is None:
        reader.opaque(program, argv)
        return Text()
    with reader.aside():
        reader.scope.positional = rest[1:]
        return reader.read(text, stdin)


def joined_script(reader: Reader, rest: list[Word], argv: list[Word], stdin: Text) -> Text:
    return script_word(
        reader, Word(" ".join(word.text for word in rest), all(word.known for word in rest)), argv, stdin
    )


def unknown_part(word: Word) -> str:
    """What of a word is not known, for a message."""
    return f"{word.text[:80]!r}, which is known only when it runs"


def evaluate(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    reader.undecided("eval runs what it is given as a script", spelt(argv), "eval")
    words = [word for word in argv[1:] if word.known]
    return (
        reader.read(" ".join(word.text for word in words), stdin) if len(words) == len(argv) - 1 else Text()
    )


def source(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    if len(argv) < 2:
        return Text()
    path = argv[1].text
    if not argv[1].known and not path.endswith(_ENVIRONMENTS):
        reader.undecided(f"the script is {unknown_part(argv[1])}", spelt(argv), argv[0].text)
        return Text()
    text = reader.file(resolve(reader.context.directory, path))
    if text is not None:
        return reader.read(text, stdin)
    if not path.endswith(_ENVIRONMENTS):
        reader.opaque(argv[0].text, argv)
    return Text()


def trap(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    if len(argv) > 2 and argv[1].text not in ("-", "-p", "-l", ""):
        script_word(reader, argv[1], argv, stdin)
    return Text("")


def su(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(argv[1:], ("-c", "-s", "-g", "--command", "--shell"))
    script = parsed.last("-c", "--command")
    return script_word(reader, script, argv, stdin) if script else shell(reader, [Word("sh")], stdin)


def script(reader: Reader, argv: list[Word], stdin: Text) -> Text:
    parsed = parse_options(argv[1:], ("-c", "--command"))
    script = parsed.last("-c", "--command")
    return script_word(reader, script, argv, stdin) if script else shell(reader, [Word("sh")], stdin)
