"""Scripts that a command is given: as a word, in a file, or as one that may run later."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.holes import is_hole, spelt
from routine_harness.world.shell.acts import Word, line_of
from routine_harness.world.shell.paths import resolve
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader

SHELLS: Final = ("bash", "sh", "zsh", "dash", "ksh", "ash", "rbash", "fish", "mksh")
MAX_FILE: Final = 200_000
"""Characters of a script in a file that are read."""


_PRINTS_ENVIRONMENT: Final = re.compile(
    r"\$\(\s*(?:ssh-agent|direnv|pyenv|rbenv|nodenv|goenv|jenv|brew|conda|mamba|micromamba|fnm|mise|asdf|opam|"
    r"luarocks|dircolors|lesspipe|keychain|gpg-agent|docker-machine|minikube|starship|zoxide|thefuck|register-\S+|"
    r"tset|resize|vcvars|saml2aws|aws configure|devbox|poetry env|ghcup|rustup|sdk|volta|"
    r"(?:npm|kubectl|gh|helm|pip) completion|locale|getopt)\b"
)
"""Programs whose output is an environment: ``eval "$(ssh-agent -s)"`` is the documented use of each."""


def script_word(reader: Reader, script: Word, argv: list[Word], stdin: Text) -> Text:
    """Read a word as a script; one that is not known at all is undecided."""
    if is_hole(script.text.strip()):
        if _PRINTS_ENVIRONMENT.match(spelt(script.text).strip()):
            reader.opaque(spelt(script.text).strip("$() ").split()[0], argv)
        else:
            reader.undecided(f"the script is {unknown_part(script)}", line_of(argv), argv[0].text)
        return Text()
    reader.scripts.append(script.text)
    try:
        return reader.read(script.text, stdin)
    finally:
        reader.scripts.pop()


def script_file(reader: Reader, program: str, rest: list[Word], argv: list[Word], stdin: Text) -> Text:
    """Read a script in a file whose text is known; any other is opaque."""
    path = resolve(reader.context.directory, rest[0].text)
    text = reader.file(path)
    if text is None and path.startswith("/dev/fd/"):
        reader.undecided("a shell reads a script that only exists when it runs", line_of(argv), argv[0].text)
        return Text()
    if text is None or len(text) > MAX_FILE or text in reader.within or not _is_shell_script(text):
        reader.opaque(program, argv)
        return Text()
    with reader.aside():
        reader.scope.positional = rest[1:]
        return read_within(reader, text, argv, stdin)


def _is_shell_script(text: str) -> bool:
    """Whether the first line, if it names a program, names a shell."""
    first = text.partition("\n")[0]
    return not first.startswith("#!") or any(re.search(rf"\b{name}\b", first) for name in SHELLS)


def read_within(reader: Reader, text: str, argv: list[Word], stdin: Text) -> Text:
    """Read the text of a file as a script; a file that is inside itself is not read again."""
    reader.within.append(text)
    try:
        return script_word(reader, Word(text), argv, stdin) if text.strip() else Text("")
    finally:
        reader.within.pop()


def joined_script(reader: Reader, rest: list[Word], argv: list[Word], stdin: Text) -> Text:
    """The words, joined by blanks, as one script: how ``eval`` and ``ssh`` take theirs."""
    return script_word(reader, Word(" ".join(word.text for word in rest)), argv, stdin)


def unknown_part(word: Word) -> str:
    """What of a word is not known, for a message."""
    return f"{spelt(word.text)[:80]!r}, which is known only when it runs"


def read_possible(reader: Reader, script: str) -> None:
    """Read a script that may run once or never."""
    with reader.possible():
        reader.read(script, Text(None, given=True))
