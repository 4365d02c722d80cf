"""What a closing message claims to have been done, by whom, to what.

A claim is an act of the agent's own in the past: what is negated, possible, of earlier or of others is
none. The words are those of ``claim_words``; an id is an id in any language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, TypeGuard

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.verdict.claims import claim_words as words
from routine_harness.verdict.claims.claim_objects import (
    ID,
    count_in,
    ids_in,
    names_content,
    names_tests,
    object_in,
    thing_in,
    without_noun,
)
from routine_harness.verdict.claims.claim_verbs import (
    FILED_AS,
    Verb,
    is_by_others,
    is_dated,
    is_passive,
    is_unreal,
    manner_of,
    verb_in,
)
from routine_harness.verdict.claims.sentences import Sentence, sentences_of
from routine_harness.verdict.words import clip

_NEED_AN_OBJECT: Final = ("made", "merged", "closed", "reopened", "approved", "deleted", "changed")
_PUSHED_AWAY: Final = lazy_pattern(r"\s*(?:back|for|hard|through|against)\b")
_THIS: Final = lazy_pattern(r"\s*(?:this|diese[rs]?|cette?|este|esta)\b", re.IGNORECASE)
_CONDITIONS: Final = frozenset({"if", "unless", "whether", "falls", "wenn"})
_TAKEN_BACK: Final = words.UNREAL | words.NEGATIONS | words.HISTORY
_SHOWN: Final = 80

Manner = Literal["active", "passive"]


class Claim(msgspec.Struct, frozen=True):
    """One act that a sentence claims: ``ids`` are its objects, ``count`` how many there are said to be.

    ``kinds`` begin the kinds of the effects that would bear it out; ``wording`` is false where only
    its ids and its count say anything.
    """

    words: str
    sentence: str
    act: str
    manner: Manner
    kinds: tuple[str, ...]
    ids: tuple[str, ...] = ()
    count: int = 0
    wording: bool = True


class _State(msgspec.Struct, frozen=True):
    """What a clause without a subject takes over from the one before: who acts, and whether at all."""

    other: bool = False
    unreal: bool = False


def claims_of(text: str) -> Iterator[Claim]:
    """The claims of a message, in order."""
    head: Claim | None = None
    for sentence in sentences_of(text):
        found = list(_claims_in(sentence))
        listed = _listed_ids(sentence) if head is not None and sentence.item and not found else ()
        if head is not None and listed:
            yield msgspec.structs.replace(
                head, words=_clipped(f"{head.words}: {sentence.text}"), ids=listed, count=0, wording=False
            )
            continue
        head = msgspec.structs.replace(found[-1], wording=False) if found and sentence.heads else None
        yield from found if head is None else (*found[:-1], head)


def _listed_ids(sentence: Sentence) -> tuple[str, ...]:
    """The id with which an item of a list begins."""
    found = ID.match(sentence.text)
    return (found[0],) if found else ()


def _claims_in(sentence: Sentence) -> Iterator[Claim]:
    label, _, value = sentence.text.partition(":")
    if value and words.NONE_OF_IT.fullmatch(value.lower()):
        return
    if words.SPANS.search(sentence.text) or is_unreal(sentence.text, _CONDITIONS):
        return
    state, pending, labels = _State(), None, list[str]()
    for clause in sentence.clauses:
        verb = verb_in(clause)
        if verb is None:
            if pending is not None and (listed := ID.match(without_noun(clause))):
                pending = msgspec.structs.replace(pending, ids=(*pending.ids, listed[0]))
            elif pending is not None and clause.isdigit() and f"{label}: {clause}" in sentence.text:
                pending = msgspec.structs.replace(pending, count=int(clause))
            labels += ID.findall(clause)
            continue
        if _says_something(pending):
            yield pending
        pending, state = _claim(clause, verb, sentence, state)
        if pending is not None and not (pending.wording or pending.ids):
            pending = msgspec.structs.replace(pending, ids=tuple(labels), manner="passive")
        labels = []
    if _says_something(pending):
        yield pending


def _says_something(claim: Claim | None) -> TypeGuard[Claim]:
    """Whether a verb has found an object: alone it says nothing."""
    return claim is not None and (claim.wording or bool(claim.ids) or claim.count > 0)


def _claim(clause: str, verb: Verb, sentence: Sentence, state: _State) -> tuple[Claim | None, _State]:
    """The claim of a clause, if it is one, and what the next clause may take over."""
    manner = manner_of(verb)
    if manner == "adjective":
        return None, state
    unreal = is_dated(clause) or is_unreal(clause, _TAKEN_BACK)
    if manner != "bare":
        state = _State(manner == "other", unreal)
    else:
        state = _State(state.other, state.unreal or unreal)
    if state.other or state.unreal or is_by_others(f"{verb.before} {verb.after}"):
        return None, state
    return _said(clause, verb, "passive" if manner == "passive" else "active", sentence), state


def _said(clause: str, verb: Verb, manner: Manner, sentence: Sentence) -> Claim | None:
    if verb.after.strip() and words.NONE_OF_IT.fullmatch(re.sub(r"^\s*(?:on|to)\b", "", verb.after.lower())):
        return None
    before = verb.before if manner == "passive" or verb.language != "en" else ""
    objects = f"{object_in(before)} {object_in(verb.after)}".strip()
    thing, kinds = thing_in(objects)
    ids = ids_in(objects)
    if verb.act == "made" and (filed := FILED_AS.match(verb.after)):
        ids = (filed[1],)
    count = count_in(objects) if thing or verb.act == "commented" else 0
    if _is_of_another_kind(verb, manner, before, objects, kinds):
        return None
    return Claim(
        words=_clipped(clause),
        sentence=sentence.text,
        act=verb.act,
        manner=manner,
        kinds=_kinds(verb.act, kinds),
        ids=ids,
        count=count,
        wording=_is_worded(verb, manner, objects, named=bool(thing or ids), ids=bool(ids)),
    )


def _is_of_another_kind(
    verb: Verb, manner: Manner, before: str, objects: str, kinds: tuple[str, ...]
) -> bool:
    """Whether the verb means something that reaches nobody outside."""
    if verb.act == "ran":
        return not names_tests(objects) or (manner == "passive" and not is_passive(verb))
    if verb.act == "pushed" and _PUSHED_AWAY.match(verb.after):
        return True
    if verb.act == "added" and not set(kinds) & set(words.ACTS["added"]):
        return True
    return manner == "passive" and _THIS.match(before) is not None


def _kinds(act: str, named: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds that would bear out an act on what is named."""
    if named and act in ("made", "deleted"):
        return named
    return (*words.ACTS[act], *named) if act in ("posted", "told", "commented") else words.ACTS[act]


def _is_worded(verb: Verb, manner: Manner, objects: str, *, named: bool, ids: bool) -> bool:
    """Whether the words alone say what was done."""
    if manner == "passive" and verb.act not in ("told", "ran"):
        return named or names_content(objects)
    return verb.act not in _NEED_AN_OBJECT or (ids if verb.act == "changed" else named)


def _clipped(text: str) -> str:
    return clip(" ".join(text.split()).strip(" .!"), _SHOWN)
