"""Brace expansion: ``{a,b}`` and ``{1..3}`` in the unquoted parts of a word."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MAX_BRACES: Final = 256


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
