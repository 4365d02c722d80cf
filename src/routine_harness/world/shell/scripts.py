"""Programs that read scripts: ``bash -c``, ``eval``, ``source``, ``su -c``, a script fed to a shell."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.world.holes import is_hole, spelt
from routine_harness.world.shell.acts import Word, line_of
from routine_harness.world.shell.files import resolve
from routine_harness.world.shell.options import parse_options
from routine_harness.world.shell.reader import Reader
from routine_harness.world.shell.scope import Text

SHELLS: Final = ("bash", "sh", "zsh", "dash", "ksh", "ash", "rbash", "fish", "mksh")
MAX_FILE: Final = 200_000
"""Characters of a script in a file that are read."""

_ENVIRONMENTS: Final = ("/activate", "nvm.sh", ".env", ".bashrc", ".profile", "/etc/profile")
"""Files that are sourced for the variables in them."""

_PRINTS_ENVIRONMENT: Final = re.compile(
    r"\$\(\s*(?:ssh-agent|direnv|pyenv|rbenv|nodenv|goenv|jenv|brew|conda|mamba|micromamba|fnm|mise|asdf|opam|"
    r"luarocks|dircolors|lesspipe|keychain|gpg-agent|docker-machine|minikube|starship|zoxide|thefuck|register-\S+|"
    r"tset|resize|vcvars|saml2aws|aws configure|devbox|poetry env|ghcup|rustup|sdk|volta|"
    r"(?:npm|kubectl|gh|helm|pip) completion|locale|getopt)\b"
)
"""Programs whose output is an environment: ``eval "$(ssh-agent -s)"`` is the documented use of each."""


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
        return _within(reader, text, argv, stdin)


def _is_shell_script(text: str) -> bool:
    """Whether the first line, if it names a program, names a shell."""
    first = text.partition("\n")[0]
    return not first.startswith("#!") or any(re.search(rf"\b{name}\b", first) for name in SHELLS)


def _within(reader: Reader, text: str, argv: list[Word], stdin: Text) -> Text:
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
        return _within(reader, text, argv, stdin)
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
