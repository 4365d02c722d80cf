"""Whether a message is one that a query asks for: yes, no, or not to be told from what the world holds.

Three-valued: the words of a reason stand for "not known". Words are compared whole; an unquoted word that
only another form of it would find is not known, because Gmail's own forms are unpublished.
"""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Iterable
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.world.gmail.query import Every, Not, Part, Term
from routine_harness.world.gmail.records import text_of
from routine_harness.world.state import Record

Truth = bool | str
"""Whether something holds; a text says why that is not known."""
Test = Callable[[Record], Truth]

_TOKEN: Final = lazy_pattern(r"\d+(?:\.\d+)+|[^\W_]+")
_UNSPACED: Final = lazy_pattern("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ENDINGS: Final = ("ing", "ies", "ed", "es", "s", "y", "e")
_SHORTEST: Final = 3


def combined(part: Part, test_of: Callable[[Term], Test]) -> Test:
    """The test of a whole query, of the tests of its terms."""
    if isinstance(part, Term):
        return test_of(part)
    if isinstance(part, Not):
        inner = combined(part.part, test_of)
        return lambda record: _not(inner(record))
    tests = [combined(one, test_of) for one in part.parts]
    if isinstance(part, Every):
        return lambda record: _every(test(record) for test in tests)
    return lambda record: _some(test(record) for test in tests)


def wording(term: Term, texts: Callable[[Record], Iterable[str | None]]) -> Test:
    """Whether one of a record's texts holds the words of ``term``; None among them is a text that the
    world does not hold."""
    wanted, loose = _plain(term.value), _plain(term.value, loose=True)

    def test(record: Record) -> Truth:
        unknown: Truth = False
        for text in texts(record):
            if text is None:
                unknown = unknown or f"the message {record['id']} has no plaintextBody in the world"
            elif _holds(text, term.value, wanted):
                return True
            elif not term.exact and loose in _plain(text, loose=True):
                unknown = f"whether Gmail finds another form of {term.value!r} in the message {record['id']}"
        return unknown

    return test


def everything_said(record: Record) -> list[str | None]:
    """The texts of a message in which a bare word is looked for."""
    people = [str(record.get("sender", "")), *record["toRecipients"]]
    people += [*record.get("ccRecipients", ()), *record.get("bccRecipients", ())]
    names = [str(one["filename"]) for one in record.get("attachments") or ()]
    text = text_of(record)
    return [str(record["subject"]), *people, *names, None if text is None else html.unescape(text)]


def said_in(text: str, value: str) -> bool:
    """Whether ``text`` holds the words of ``value``, one after the other."""
    return _holds(text, value, _plain(value))


def _holds(text: str, value: str, wanted: str) -> bool:
    if _UNSPACED.search(value):  # languages that put no blanks between words
        return value.casefold() in text.casefold()
    return wanted in _plain(text)


@functools.lru_cache(maxsize=8192)
def _plain(text: str, *, loose: bool = False) -> str:
    """The words of ``text`` between blanks; ``loose`` without their commonest endings."""
    words = _TOKEN.findall(text.casefold())
    return f" {' '.join(map(_stem, words) if loose else words)} "


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word


def _not(truth: Truth) -> Truth:
    return truth if isinstance(truth, str) else not truth


def _every(truths: Iterable[Truth]) -> Truth:
    unknown: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if isinstance(truth, str):
            unknown = truth
    return unknown


def _some(truths: Iterable[Truth]) -> Truth:
    unknown: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if isinstance(truth, str):
            unknown = truth
    return unknown
