"""Dates in texts, which tell two records of one matter apart in nothing."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

from routine_harness.pattern import lazy_pattern

_MONTHS: Final = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct",
    "nov", "dec", "januar", "februar", "märz", "mai", "juni", "juli", "oktober", "dezember", "janvier",
    "février", "mars", "avril", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
    "octubre", "noviembre", "diciembre", "gennaio", "febbraio", "aprile", "maggio", "giugno", "luglio",
    "settembre", "ottobre", "dicembre", "janeiro", "fevereiro", "março", "maio", "junho", "julho",
    "setembro", "outubro", "novembro", "dezembro", "januari", "februari", "maart", "mei", "augustus",
]  # fmt: skip
_WEEKDAYS: Final = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "montag", "dienstag",
    "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "lundi", "mardi", "mercredi", "jeudi",
    "vendredi", "samedi", "dimanche", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado",
    "domingo",
]  # fmt: skip
_WEEK: Final = r"(?:week|calendar week|wk|cw|kw|kalenderwoche|woche|semaine|semana|settimana)"
_SHORT_DAY: Final = r"(?:mon|tues?|wed|thu|thurs|fri|sat|sun)\.?,?\s"
_DAY: Final = r"\d{1,2}(?:st|nd|rd|th|er|\.)?"
_CLOCK: Final = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:\s?[ap]\.?m\b\.?)?"
_ZONE: Final = r"(?:\s?(?:z|utc|gmt|[+-]\d\d:?\d\d)\b)?"
_IGNORED: Final = lazy_pattern("[\u200b-\u200d\u2060\ufeff\u00ad\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Zero-width characters and variation selectors: two texts that differ in these look the same."""


@functools.cache
def _forms() -> tuple[str, str]:
    """What names a day, a week, a month or a quarter: the forms that begin with a digit, and with a letter.

    Each is tried only where a run of digits or of letters begins: four times as fast.
    """
    month = f"(?:{_any_of(_MONTHS)})\\b\\.?"
    numbers = (
        r"\d{4}-\d\d-\d\d",
        r"\d{4}-?w\d\d(?:-?\d)?\b",
        r"\d{4}[-/ ]?q[1-4]\b",
        rf"\d{{1,2}}(?:st|nd|rd|th|\.)\s{_WEEK}\b",
        r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[t_-]?\d{4}(?:\d\d)?z?)?(?!\d)",
        r"(?<!\d[./])(?:\d{4}[./]\d{1,2}[./]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{1,2}/\d{1,2}/\d\d)(?![\d/])",
        rf"{_DAY}[\s-](?:of\s|de\s)?{month}(?:[\s,-]+(?:de\s)?\d{{4}}\b)?",
        r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?",
        r"\d{1,2}\.\s?\d{1,2}\.(?!\d)",
        r"\d{4}-(?:0[1-9]|1[0-2])\b(?!-)",
    )
    letters = (
        r"q[1-4][-/ ]?\d{4}",
        rf"{_WEEK}\.?\s?(?:no\.?\s?|nr\.?\s?|\#)?\d{{1,2}}\b(?:\s?(?:/|,|of|in|de)?\s?\d{{4}}\b)?",
        r"w\d\d\b",
        rf"{month}(?:[\s-]\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}}\b)?|,?\s(?:de\s)?\d{{4}}\b)",
        rf"(?:{_any_of(_WEEKDAYS)})s?\b",
    )
    return "|".join(numbers), "|".join(letters)


def _any_of(words: list[str]) -> str:
    return "|".join(sorted(map(_folded, words), key=len, reverse=True))


@functools.cache
def _days() -> re.Pattern[str]:
    numbers, letters = _forms()
    return re.compile(rf"(?<!\d)(?=\d)(?:{numbers})|(?<![a-z])(?=[a-z])(?:{letters})")


@functools.cache
def _instants() -> re.Pattern[str]:
    """Days, times of day and seconds since the epoch, as many as stand side by side."""
    numbers, letters = _forms()
    clock = rf"{_CLOCK}{_ZONE}"
    more = rf"(?:(?:[t ]|,? at ){clock})?"
    digits = rf"(?:(?:{numbers}){more}|{clock}|1[6-9]\d{{8}}(?:\d{{3}})?\b)"
    words = rf"(?:{_SHORT_DAY}(?:{numbers}|{letters})|{letters}){more}"
    return re.compile(
        rf"(?:(?<!\d)(?=\d){digits}|(?<![a-z])(?=[a-z]){words})(?:[\s,]+\(?(?:{digits}|{words})\)?)*"
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def same_letters(text: str) -> str:
    """``text`` in one Unicode form, without what does not show."""
    return text if text.isascii() else _IGNORED.sub("", unicodedata.normalize("NFKC", text))


def undated(text: str) -> str:
    """``text`` as two records are compared: without case, Unicode form, extra spaces, dates and times."""
    return " ".join(_instants().sub("‹time›", _folded(same_letters(text))).split())


def dates_in(text: str) -> list[str]:
    """The dates that ``text`` names, as they are spelt."""
    return _days().findall(_folded(same_letters(text)))
