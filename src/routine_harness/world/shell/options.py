"""Arguments of a program told apart: options, their values, and what is left.

Knows nothing of any program: which options take a value is passed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from routine_harness.world.shell.acts import Word


class Options:
    """``values`` holds each option's words in order (none for a flag), by its canonical name;
    ``rest`` the positional words."""

    def __init__(self) -> None:
        self.values: dict[str, list[Word]] = {}
        self.rest: list[Word] = []

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def last(self, *names: str) -> Word | None:
        """The last value given to any of ``names``."""
        for name in names:
            if self.values.get(name):
                return self.values[name][-1]
        return None

    def text(self, *names: str) -> str | None:
        """The text of the last value."""
        word = self.last(*names)
        return None if word is None else word.text

    def texts(self, *names: str) -> list[Word]:
        """Every value of ``names``, in the order of the names."""
        return [word for name in names for word in self.values.get(name, ())]


def parse_options(
    argv: list[Word],
    valued: Collection[str],
    aliases: Mapping[str, str] | None = None,
    *,
    stop_early: bool = False,
) -> Options:
    """``argv`` (without the program) told apart.

    ``valued`` are the options that take a value, with their dashes; ``aliases`` maps one spelling
    to another (``-X`` → ``--method``). With ``stop_early`` the first positional word ends the
    options, as it does for wrappers (``sudo -u x cmd -y``).
    """
    parsed, words = Options(), iter(argv)
    aliases = aliases or {}
    for word in words:
        if word.text == "--":
            parsed.rest.extend(words)
        elif word.text.startswith("--"):
            _long(parsed, word, words, valued, aliases)
        elif word.text.startswith("-") and len(word.text) > 1:
            _short(parsed, word, words, valued, aliases)
        else:
            parsed.rest.append(word)
            if stop_early:
                parsed.rest.extend(words)
    return parsed


def _long(
    parsed: Options, word: Word, words: Iterator[Word], valued: Collection[str], aliases: Mapping[str, str]
) -> None:
    name, equals, value = word.text.partition("=")
    name = aliases.get(name, name)
    held = parsed.values.setdefault(name, [])
    if equals:
        held.append(Word(value))
    elif name in valued and (following := next(words, None)) is not None:
        held.append(following)


def _short(
    parsed: Options, word: Word, words: Iterator[Word], valued: Collection[str], aliases: Mapping[str, str]
) -> None:
    if "=" in word.text and word.text.index("=") > 2:  # terraform's -chdir=infra
        _long(parsed, word, words, valued, aliases)
        return
    whole = aliases.get(word.text, word.text)
    if len(word.text) > 2 and whole in valued:  # a single-dash long option: terraform's -target
        held = parsed.values.setdefault(whole, [])
        if (following := next(words, None)) is not None:
            held.append(following)
        return
    letters = word.text[1:]
    for at, letter in enumerate(letters):
        name = aliases.get("-" + letter, "-" + letter)
        held = parsed.values.setdefault(name, [])
        if name not in valued:
            continue
        attached = letters[at + 1 :]
        if attached:
            held.append(Word(attached.removeprefix("=")))
        elif (following := next(words, None)) is not None:
            held.append(following)
        return


def names(text: str) -> frozenset[str]:
    """The words of ``text`` as a set: how long lists of options and programs are written."""
    return frozenset(text.split())
