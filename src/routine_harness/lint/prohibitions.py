"""What a prompt forbids, as effects that a policy can forbid, each with the sentence that says it.

The one reader of prohibitions: lint asks it what policy and prompt say of each other, the import draws a
policy from it. Only what holds in every run is one; what hangs on a condition, or names a target that no
field of an effect shows, is ``unheld``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from routine_harness.lint.branch_names import branches_in, clause_of, one_or_any
from routine_harness.lint.mandates import quoted
from routine_harness.lint.mentions import SERVICES
from routine_harness.lint.prohibition_words import (
    ALWAYS,
    CLAUSE_END,
    CONDITION,
    GOVERNS,
    LEAD,
    NO_TARGET,
    NOUNS,
    OF_SOMETHING,
    ON_ONE,
    ONLY,
    ONLY_BRANCHES,
    OPENS,
    ORDERED,
    READ_ONLY,
    REPORTED,
    REPORTS,
    SAID,
    SENT_TO,
    THE_RUN,
    TO_BRANCHES,
    WHOLE,
)
from routine_harness.lint.prose import Sentence, asserted, is_negated, prohibits, split_sentences
from routine_harness.plain import Record
from routine_harness.predicate import parse_predicate
from routine_harness.routine.regex import compile_regex
from routine_harness.world.kinds import ANY_EFFECT


class Prohibition(msgspec.Struct, frozen=True):
    """Effects of ``kinds`` (those that match ``where``) that the prompt forbids, and its sentence."""

    kinds: tuple[str, ...]
    sentence: Sentence
    where: Record = {}

    def is_about(self, connector: str) -> bool:
        """Whether effects of ``connector`` are meant."""
        if "connector" not in self.where:
            return True
        return parse_predicate(self.where["connector"], compile_regex).match(connector) is True

    def rule(self) -> Record:
        """The entry of ``forbid`` that holds the run to it."""
        effect = self.kinds[0] if len(self.kinds) == 1 else list(self.kinds)
        where = {"where": self.where} if self.where else {}
        return {"effect": effect, **where, "reason": f"the prompt says: {quoted(self.sentence.text)}"}


def prohibitions_of(prompt: str) -> tuple[Prohibition, ...]:
    """What ``prompt`` forbids in every run, each once, in its order."""
    whole = split_sentences(prompt)
    written = {sentence.start: sentence for sentence in whole}
    sentences = tuple(each._replace(text=" ".join(each.text.split())) for each in whole)
    found: dict[tuple[tuple[str, ...], str], Prohibition] = {}
    for sentence, governed in _governed(sentences):
        for each in _read(sentence, sentences, governed=governed):
            said = msgspec.structs.replace(each, sentence=written[sentence.start])
            found.setdefault((each.kinds, str(each.where)), said)
    return tuple(found.values())


def promise_to_read(text: str) -> re.Match[str] | None:
    """Where a sentence says that the run only reads; a database or a token may be read-only, too."""
    for match in READ_ONLY.finditer(text):
        if not OF_SOMETHING.match(match[0]) or THE_RUN.search(text[: match.start()]):
            return match
    return None


def forbid_of(prompt: str) -> list[Record]:
    """The entries of ``forbid`` that hold a run to what ``prompt`` forbids: one for each sentence and target.

    What a promise to read alone spells out (``read-only: never commit``) needs no rule of its own.
    """
    told = prohibitions_of(prompt)
    reading = {each.sentence.start for each in told if each.kinds == (ANY_EFFECT,)}
    found: dict[tuple[int, str], Prohibition] = {}
    for each in told:
        at = each.sentence.start
        if at in reading and each.kinds != (ANY_EFFECT,) and not each.where:
            continue
        same = found.get((at, str(each.where)))
        kinds = each.kinds if same is None else tuple(dict.fromkeys((*same.kinds, *each.kinds)))
        found[at, str(each.where)] = msgspec.structs.replace(each, kinds=kinds)
    return [each.rule() for each in found.values()]


def unheld_of(prompt: str) -> tuple[Sentence, ...]:
    """The sentences that forbid something of which ``prohibitions_of`` makes no rule."""
    held = {each.sentence.start for each in prohibitions_of(prompt)}
    return tuple(
        sentence
        for sentence in split_sentences(prompt)
        if sentence.start not in held
        and not sentence.text.rstrip("*_ \n").endswith(":")
        and (sentence.forbidden or (prohibits(sentence) and ORDERED.search(sentence.text)))
    )


def _is_forbidden(sentence: Sentence, offset: int) -> bool:
    """Whether a negation governs what stands at ``offset``; after ``do not X, Y`` it does in a list alone."""
    if not is_negated(sentence, offset):
        return False
    listed = re.search(r"\b(?:or|nor)\b", CLAUSE_END.split(sentence.text[offset:])[0])
    spliced = sentence.text[:offset].rstrip().endswith(",")
    return sentence.forbidden or not spliced or listed is not None


def _governed(sentences: tuple[Sentence, ...]) -> Iterator[tuple[Sentence, bool]]:
    """Each sentence, and whether the one before it or the lead-in of its list says when it holds."""
    lead = before = False
    for sentence in sentences:
        conditional = GOVERNS.match(sentence.text) is not None
        if not sentence.item:
            lead = False
        yield sentence, lead or (before and not sentence.opens)
        before = conditional
        if sentence.text.rstrip("*_ ").endswith(":") and not sentence.item:
            lead = any(each.search(sentence.text) for each in (GOVERNS, CONDITION, LEAD))


def _read(sentence: Sentence, sentences: tuple[Sentence, ...], *, governed: bool) -> Iterator[Prohibition]:
    text = sentence.text
    asked = (asserted(asks, sentences) for asks in REPORTED.values())
    if promise_to_read(text) and not any(map(any, asked)):
        yield _reading(sentence, sentences)
    yield from _reporting(sentence, sentences)
    yield from _pushing_only(sentence)
    if CONDITION.search(text) or (governed and not ALWAYS.search(text)):
        return
    yield from _forbidden(sentence, sentences)
    yield from _sending(sentence)
    yield from _pushing(sentence)


def _forbidden(sentence: Sentence, sentences: tuple[Sentence, ...]) -> Iterator[Prohibition]:
    """The kinds that the sentence forbids whatever their target, and that no other one asks for."""
    for kinds, words, asks in WHOLE:
        match = words.search(sentence.text)
        if match is None or not _is_forbidden(sentence, match.start()):
            continue
        if asks is None or not any(asserted(asks, sentences)):
            name = match.groupdict().get("name")
            yield Prohibition(kinds, sentence, {"workflow": name} if name else {})
    asked = [match["listed"] for _, match in asserted(OPENS, sentences)]
    for match in OPENS.finditer(sentence.text):
        if not _is_forbidden(sentence, match.start()) or not re.match(
            NO_TARGET, sentence.text[match.end() :]
        ):
            continue
        for words_of, kinds in NOUNS.items():
            noun = re.compile(rf"\b(?:{words_of})\b", re.IGNORECASE)
            if noun.search(match["listed"]) and not any(map(noun.search, asked)):
                yield Prohibition(kinds, sentence)


def _reading(sentence: Sentence, sentences: tuple[Sentence, ...]) -> Prohibition:
    """A promise to read alone; what the run reports is none of what it promises not to write."""
    match = promise_to_read(sentence.text)
    one = ON_ONE.match(sentence.text, match.end()) if match else None
    if one is not None:
        return Prohibition((ANY_EFFECT,), sentence, {"connector": _connector(one["service"])})
    told = dict.fromkeys(_service(found) for _, found in asserted(REPORTS, sentences))
    told.pop("github", None)
    if not told:
        return Prohibition((ANY_EFFECT,), sentence)
    return Prohibition((ANY_EFFECT,), sentence, {"connector": {"is_not_one_of": sorted(told)}})


def _reporting(sentence: Sentence, sentences: tuple[Sentence, ...]) -> Iterator[Prohibition]:
    """``Report to Slack only``: no message elsewhere, nor what else a report may be."""
    for pattern in ONLY:
        for match in pattern.finditer(sentence.text):
            if _is_forbidden(sentence, match.start()):
                continue
            channel = match["channel"] or match["named"]
            if channel:
                yield Prohibition(SAID, sentence, {"channel": {"is_not_one_of": [channel[1:]]}})
            else:
                others = [kind for kind, asked in REPORTED.items() if not any(asserted(asked, sentences))]
                yield Prohibition((*SAID, *others), sentence, {"connector": {"not": _service(match)}})
            return


def _sending(sentence: Sentence) -> Iterator[Prohibition]:
    """``never post to Slack``, ``do not send e-mails``."""
    for match in SENT_TO.finditer(sentence.text):
        if not _is_forbidden(sentence, match.start()):
            continue
        channel = match["channel"] or match["named"]
        if channel:
            yield Prohibition(SAID, sentence, {"channel": {"is_one_of": [channel[1:]]}})
        else:
            connector = "gmail" if match["mail"] else _service(match)
            kinds = ("comment.created", "ticket.created") if connector == "github" else SAID
            yield Prohibition(kinds, sentence, {"connector": connector})


def _pushing(sentence: Sentence) -> Iterator[Prohibition]:
    """``never push to `main` or `release/**` ``."""
    for match in TO_BRANCHES.finditer(sentence.text):
        if _is_forbidden(sentence, match.start()) and re.match(r"[^.;]{0,40}?\bto\b", match["rest"]):
            named = branches_in(clause_of(match["rest"]))
            if named:
                yield Prohibition(("branch.pushed",), sentence, {"branch": one_or_any(named)})


def _pushing_only(sentence: Sentence) -> Iterator[Prohibition]:
    """``push only to `claude/…` ``."""
    for match in ONLY_BRANCHES.finditer(sentence.text):
        named = branches_in(match["rest"] or match["after"] or "")
        if named and not _is_forbidden(sentence, match.start()):
            yield Prohibition(("branch.pushed",), sentence, {"branch": {"not": one_or_any(named)}})


def _service(match: re.Match[str]) -> str:
    return _connector(match["service"]) if match["service"] else "slack"


def _connector(service: str) -> str:
    said = service.lower()
    if said in ("email", "e-mail"):
        return "gmail"
    for connector, name in SERVICES.items():
        if re.fullmatch(name, service, re.IGNORECASE):
            return connector
    return said
