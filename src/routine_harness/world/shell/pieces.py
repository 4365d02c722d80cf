"""The pieces of a word, quoted or not: brace expansion (``{a,b}``, ``{1..3}``) and splitting at blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from routine_harness.world.holes import hole
from routine_harness.world.shell.acts import Word

MAX_BRACES: Final = 256
BLANKS: Final = " \t\n"
MAX_TEXT: Final = 1_000_000
"""Characters that a variable, or a word, may have."""


class Piece(NamedTuple):
    """A run of characters of one word; ``splits`` where blanks in it part the word."""

    text: str
    quoted: bool
    splits: bool = False

    @property
    def written(self) -> bool:
        """Whether it stands in the command as it is, without quotes."""
        return not (self.quoted or self.splits)


def join_pieces(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring written pieces as one, so that ``{a,b}`` is seen whole."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].written and piece.written:
            joined[-1] = Piece(joined[-1].text + piece.text, quoted=False)
        else:
            joined.append(piece)
    return joined


def expand_braces(pieces: list[Piece]) -> list[list[Piece]]:
    variants = [pieces]
    for _ in range(8):
        following = [other for variant in variants for other in _brace(variant)]
        if len(following) == len(variants) or len(following) > MAX_BRACES:
            break
        variants = following
    return variants


def _brace(pieces: list[Piece]) -> list[list[Piece]]:
    for at, piece in enumerate(pieces):
        found = re.search(r"\{([^{}]*[,.][^{}]*)\}", piece.text) if piece.written else None
        choices = _choices(found[1]) if found else ()
        if found and choices:
            before, after = piece.text[: found.start()], piece.text[found.end() :]
            return [
                [*pieces[:at], Piece(before + choice + after, quoted=False), *pieces[at + 1 :]]
                for choice in choices
            ]
    return [pieces]


def _choices(text: str) -> tuple[str, ...]:
    if "," in text:
        return tuple(text.split(","))
    numbers = re.fullmatch(r"(\d{1,6})\.\.(\d{1,6})", text)
    if not numbers or abs(int(numbers[2]) - int(numbers[1])) >= MAX_BRACES:
        return ()
    first, last = int(numbers[1]), int(numbers[2])
    step = 1 if last >= first else -1
    return tuple(str(number) for number in range(first, last + step, step))


def joined_text(pieces: Iterable[Piece]) -> str:
    """The text of pieces; a hole where it grows beyond all reason."""
    texts, left = [], MAX_TEXT
    for piece in pieces:
        texts.append(piece.text)
        left -= len(piece.text)
        if left < 0:
            return hole("a text of more than a million characters")
    return "".join(texts)


def unquoted_pieces(text: str) -> Iterator[Piece]:
    """An unquoted run: a backslash quotes the character after it."""
    start = 0
    while (at := text.find("\\", start)) >= 0 and at + 1 < len(text):
        if at > start:
            yield Piece(text[start:at], quoted=False)
        if text[at + 1] != "\n":
            yield Piece(text[at + 1], quoted=True)
        start = at + 2
    if start < len(text) or not text:
        yield Piece(text[start:], quoted=False)


def split_word(pieces: list[Piece], blanks: str) -> list[Word]:
    """Word splitting on the unquoted values of variables."""
    if not any(piece.splits and not set(blanks).isdisjoint(piece.text) for piece in pieces):
        text = joined_text(pieces)
        return [Word(text)] if text or any(piece.quoted for piece in pieces) else []
    parted = re.compile(f"[{re.escape(blanks)}]+")
    words: list[str] = [""]
    fresh = started = False
    for piece in pieces:
        parts = parted.split(piece.text) if piece.splits else [piece.text]
        for number, part in enumerate(parts):
            fresh = fresh or number > 0
            if not part and not piece.quoted:
                continue
            if fresh and started:
                words.append("")
            words[-1] += part
            fresh, started = False, True
    return [Word(word) for word in words] if started else []
