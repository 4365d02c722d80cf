"""The verb of a clause: which act it claims, and whose that is.

Who acts is the agent, somebody else, nobody who is named, or whoever acted in the clause before.
"""

from __future__ import annotations

import functools
import re
from typing import Final, Literal

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.verdict.claims import claim_words as words
from routine_harness.verdict.claims.claim_objects import ID, ID_FORM, is_thing
from routine_harness.verdict.dates import dates_in

FILED_AS: Final = lazy_pattern(rf"\s*(?:as|under)\s+({ID_FORM})")
_WORD: Final = lazy_pattern(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CLOCK: Final = lazy_pattern(r"\b\d{1,2}:\d\d\b")
_ON_SOMETHING: Final = lazy_pattern(
    r"\s*(?:the|a|an|its|their|our|my|two|three|\d+|all|every|each)\b", re.IGNORECASE
)
"""How what follows a verb begins where somebody does it to something."""
_QUALIFIES: Final = lazy_pattern(r"\s*\S+\s+(?:are|is|was|were|have|has|needs?|looks?)\b", re.IGNORECASE)
"""What follows a participle that says which records are meant: ``merged branches are listed``."""
_PHRASES: Final = (
    ("told", lazy_pattern(r"\blet\s+(?:\S+\s+){1,4}?know\b|\bmade\s+(?:\S+\s+){1,4}?aware\b", re.IGNORECASE)),
    ("ran", lazy_pattern(r"(?<=\bwas )run\b|(?<=\bwere )run\b|(?<=\bbeen )run\b", re.IGNORECASE)),
)
_ADVERBS: Final = frozenset({"also", "just", "now", "successfully", "then", "both"})
_MOST_WORDS: Final = 12

Manner = Literal["active", "passive", "bare", "other", "adjective"]


class Verb(msgspec.Struct, frozen=True):
    """An act of ``claim_words.ACTS`` with what stands before and after it; ``language`` is empty where
    the words have no spaces."""

    act: str
    language: str
    before: str
    after: str


def verb_in(clause: str) -> Verb | None:
    """The first act of a clause."""
    for act, phrase in _PHRASES:
        if found := phrase.search(clause):
            return Verb(act, "en", clause[: found.start()], clause[found.end() :])
    for sign, act in _signs().items():
        if sign in clause and not any(no in clause for no in words.NOT_IN_SIGNS):
            before, _, after = clause.partition(sign)
            return Verb(act, "", before, after)
    for found in _WORD.finditer(clause):
        for act, language in _verbs().get(found[0].lower(), ()):
            verb = Verb(act, language, clause[: found.start()], clause[found.end() :])
            if len(_verbs()[found[0].lower()]) == 1 or _speaks(language, verb.before):
                return verb
    return None


_verbs = functools.cache(words.verbs)
_signs = functools.cache(words.signs)


def _speaks(language: str, before: str) -> bool:
    """Whether the words before a verb that several languages know are of this one."""
    known = words.LANGUAGES[language]
    said = set(_words(before))
    return bool(said & (known.own | known.third | known.passive | known.helpers))


def manner_of(verb: Verb) -> Manner:
    """Who acts: the agent (``active``), nobody who is named (``passive``), somebody else, or whoever
    acted in the clause before (``bare``)."""
    if not verb.language:
        return "active"
    language = words.LANGUAGES[verb.language]
    said = _words(verb.before)
    if verb.language == "en" and said and said[-1] in words.PREPOSITIONS:
        return "adjective"
    if set(said) & language.own or _is_this_run(said):
        return "active"
    passive = is_passive(verb)
    if verb.language == "en" and not passive and {"is", "are"} & set(said):
        return "adjective"
    if not passive and set(said) & language.third:
        return "other"
    idle = language.helpers | language.passive | language.third | {"is", "are", "now"}
    rest = [word for word in said if word not in idle and not word.endswith("ly")]
    if not rest and not ID.search(verb.before):
        return _bare(verb, said, passive=passive)
    if not passive and _ON_SOMETHING.match(verb.after):
        return "other"
    done_to = is_thing(verb.before) or (passive and _takes_anything(verb))
    return "passive" if done_to and len(said) <= _MOST_WORDS else "other"


def _bare(verb: Verb, said: list[str], *, passive: bool) -> Manner:
    if passive:
        return "passive"
    helpers = words.LANGUAGES[verb.language].helpers
    if _QUALIFIES.match(verb.after):
        return "adjective"
    return "adjective" if said and said[-1] in helpers - _ADVERBS else "bare"


def is_passive(verb: Verb) -> bool:
    """``was closed``, ``is now closed``; of English ``is closed`` says what is, and not what was done."""
    said = set(_words(verb.before))
    now = verb.language == "en" and "now" in said and bool({"is", "are"} & said)
    return now or bool(verb.language and said & words.LANGUAGES[verb.language].passive)


def _takes_anything(verb: Verb) -> bool:
    """Whether the act may be done to what is no record: somebody is told, something is filed as one."""
    return verb.act == "told" or (verb.act == "made" and FILED_AS.match(verb.after) is not None)


def _is_this_run(said: list[str]) -> bool:
    return (
        len(said) <= 3
        and bool(said)
        and said[-1] in words.OURSELVES
        and said[0] in ("this", "the", "diese", "der")
    )


def is_by_others(clause: str) -> bool:
    """Whether somebody else is named as who did it."""
    said = _words(clause)
    for place, word in enumerate(said[:-1]):
        if word in words.BY_OTHERS:
            return not set(said[place + 1 : place + 3]) & words.OURSELVES
    return False


def is_unreal(clause: str, signs: frozenset[str]) -> bool:
    """Whether one of ``signs`` takes back what a clause says, or a sign does."""
    said = clause.lower()
    return bool(set(_words(clause)) & signs) or any(
        sign in said for sign in ("n/a", "dry run", "❌", "✗", "✘", "⏭")
    )


def is_dated(clause: str) -> bool:
    """Whether a clause is dated: then it tells of earlier."""
    return bool(dates_in(ID.sub(" ", clause))) or _CLOCK.search(clause) is not None


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
