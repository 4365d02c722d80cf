"""Whether a message is one that a query asks for: yes, no, or not to be told from what the world holds.

Three-valued: the words of a reason stand for "not known". Words are compared whole; an unquoted word that
only another form of it would find is not known, because Gmail's own forms are unpublished.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable

from routine_harness.plain import Record
from routine_harness.predicate import conjunction, disjunction
from routine_harness.world.gmail.query import Every, Not, Part, Term
from routine_harness.world.gmail.records import text_of
from routine_harness.world.words_in_text import alike_in, said_in

Truth = bool | str
"""Whether something holds; a text says why that is not known."""
Test = Callable[[Record], Truth]


def combined(part: Part, test_of: Callable[[Term], Test]) -> Test:
    """The test of a whole query, of the tests of its terms."""
    if isinstance(part, Term):
        return test_of(part)
    if isinstance(part, Not):
        return _negated(combined(part.part, test_of))
    tests = [combined(one, test_of) for one in part.parts]
    if isinstance(part, Every):
        return lambda record: conjunction(test(record) for test in tests)
    return lambda record: disjunction(test(record) for test in tests)


def wording(term: Term, texts: Callable[[Record], Iterable[str | None]]) -> Test:
    """Whether one of a record's texts holds the words of ``term``; None among them is a text that the
    world does not hold."""

    def test(record: Record) -> Truth:
        unknown: Truth = False
        for text in texts(record):
            if text is None:
                unknown = unknown or f"the message {record['id']} has no plaintextBody in the world"
            elif said_in(text, term.value):
                return True
            elif not term.exact and alike_in(text, term.value):
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


def _negated(test: Test) -> Test:
    def negated(record: Record) -> Truth:
        truth = test(record)
        return truth if isinstance(truth, str) else not truth

    return negated
