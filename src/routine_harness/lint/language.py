"""Whether a prompt is written in English, the language of the words that some rules look for.

Told by the short words that every text is full of, and by the script. What is too short to tell
passes for English.
"""

from __future__ import annotations

from typing import Final

from routine_harness.pattern import lazy_pattern


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH: Final = _words(
    """the of and to is it for that you if not on with each are or when be this as from by all do then your
    an any only never what which has have was at its their them into no every there"""
)
_GERMANIC: Final = _words(
    """der das den dem ein eine einen einem einer eines und oder nicht ist sind wird werden mit für auf von
    vom zu zum zur im bei nach aus wenn jede jeden jedes jeder alle keine keinen nur auch noch dass sich nie
    het een en niet van voor met bij als elke alleen naar wordt zijn geen og ikke er som til av på med att
    och för inte hver kun alla varje"""
)
_ROMANCE: Final = _words(
    """le la les un une des du et ou est sont dans avec sur par que qui ne pas chaque si au aux ce cette tous
    toutes el los las una unos del al y es son por para con cada lo se su sus todos todas os uma da dos das
    em não são il gli dei delle della che di è ogni tutti și"""
)
_FURTHER: Final = _words(
    """nie jest oraz dla każdy każde się czy jeśli tylko wszystkie jsou není každý pokud nebo ve bir için her
    ile değil yeni ja ei jokainen kun tai yang dan untuk dengan setiap jangan ke jika"""
)
"""Polish, Czech, Turkish, Finnish, Indonesian."""

_OTHERS: Final = (_GERMANIC | _ROMANCE | _FURTHER) - _ENGLISH
_WORD: Final = lazy_pattern(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LATIN: Final = 0x250
"""Letters below are Latin ones, with or without accents."""


def is_english(prose: str) -> bool:
    """Whether nothing speaks against English: most letters are Latin, and its short words prevail."""
    letters = [letter for letter in prose if letter.isalpha()]
    other_script = sum(ord(letter) >= _LATIN for letter in letters)
    if 3 * other_script > len(letters):
        return False
    words = [word.lower() for word in _WORD.findall(prose)]
    english = sum(word in _ENGLISH for word in words)
    others = sum(word in _OTHERS or not word.replace("’", "").isascii() for word in words)
    return others < 2 or others <= english
