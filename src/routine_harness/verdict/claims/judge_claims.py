"""Does the closing message claim what nothing shows?

Evidence without language comes first. An id that is the object of a claimed act, and that neither
prompt, payload and results nor the run itself hold, was made up; so was a count that is higher than what
the run did. Both are errors. Where the wording alone speaks against an act it is a warning, and nothing
where a program ran of which nobody knows what it did.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from routine_harness.finding import Finding, Severity
from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.predicate import Predicate, as_spelt
from routine_harness.routine.spec import Routine
from routine_harness.session.run import Run
from routine_harness.verdict.claims.claim import Claim, claims_of
from routine_harness.verdict.claims.mentions import is_closed, is_named, is_row_of, mention_of, number_of
from routine_harness.world.effect import Effect

_UNKNOWN: Final = ("command.opaque", "command.undecided", "tool.called", "http.requested")
"""Effects of which it is not known what they did outside."""
_KEY: Final = lazy_pattern(r"([A-Z][A-Z0-9]{1,9})-\d+")
_NEWS: Final = ("closed", "merged", "reopened")
"""Acts that are told in the passive as often of others."""


def judge_claims(
    run: Run, ignore: Sequence[Predicate] = (), routine: Routine | None = None
) -> tuple[Finding, ...]:
    """A finding for each claim of the closing message that nothing bears out.

    ``ignore`` are the patterns of sentences that a policy accepts; ``routine`` says which teams it is
    granted.
    """
    if not run.closing or run.status != "finished":
        return ()
    claims = [
        claim
        for claim in dict.fromkeys(claims_of(run.closing))
        if not any(pattern.match(form) for pattern in ignore for form in _forms(claim.sentence))
    ]
    if not claims:
        return ()
    evidence = _Evidence(run, routine)
    found = (evidence.finding(claim) for claim in claims)
    return tuple({each.message: each for each in found if each is not None}.values())


def _forms(sentence: str) -> tuple[str, str]:
    return sentence, sentence.rstrip(".!")


class _Evidence:
    """What a run holds for and against a claim."""

    def __init__(self, run: Run, routine: Routine | None) -> None:
        self._run = run
        self._routine = routine
        self._effects = [effect for effect in run.effects if effect.outcome != "refused"]
        self._unknown = any(effect.kind in _UNKNOWN for effect in self._effects)

    def finding(self, claim: Claim) -> Finding | None:
        """What speaks against ``claim``; None where nothing does."""
        fitting = [effect for effect in self._effects if _fits(claim, effect)]
        unknown = [name for name in claim.ids if self._is_id(name) and not self._holds(name)]
        if unknown:
            are = "is" if len(unknown) == 1 else "are"
            what = f"{', '.join(unknown)} {are} in nothing that the run was given, read or did"
            return self._finding(claim, f"{what}; {self._instead([])}", Severity.ERROR)
        if claim.count > len(fitting) and not self._unknown and self._counts(claim):
            return self._finding(claim, self._instead(fitting), Severity.ERROR)
        if self._unknown or not claim.wording or self._is_borne_out(claim, fitting):
            return None
        return self._finding(claim, self._instead(fitting), Severity.WARNING)

    def _finding(self, claim: Claim, against: str, severity: Severity) -> Finding:
        return Finding(
            code="run.claims-unseen",
            message=f"the closing message says {claim.words!r}, but {against}",
            severity=severity,
            hint="have the prompt report only what the tools have confirmed; "
            "claims: {ignore: [pattern]} in the policy accepts a sentence",
            run=self._run.number,
        )

    def _counts(self, claim: Claim) -> bool:
        """Whether the count is one of the run's acts: in the passive, closing and merging is as often
        the news of the day."""
        return (
            claim.act != "ran" and bool(claim.kinds) and (claim.manner == "active" or claim.act not in _NEWS)
        )

    def _is_borne_out(self, claim: Claim, fitting: list[Effect]) -> bool:
        if claim.act == "ran":
            return any(not call.call.connector for call in self._run.calls)
        if not claim.ids:
            return bool(fitting) or (claim.manner == "passive" and claim.act in _NEWS)
        return all(self._is_done(claim, name, fitting) for name in claim.ids if self._is_id(name)) or (
            not any(self._is_id(name) for name in claim.ids) and bool(fitting)
        )

    def _is_done(self, claim: Claim, name: str, fitting: list[Effect]) -> bool:
        """Whether the act was done to the record called ``name``, or is no act of this run's."""
        if any(is_named(name, effect) for effect in fitting) or self._is_answered(claim, name):
            return True
        if claim.act in _NEWS:
            return claim.manner == "passive" and self._is_settled(name)
        return claim.manner == "passive" or self._is_given(claim, name) or self._is_place(claim, fitting)

    def _is_answered(self, claim: Claim, name: str) -> bool:
        """Whether a tool that had such an effect answered with the name: in an import the service gave
        it, and no world knows it."""
        mention = mention_of(name)
        return any(
            mention.search(call.result.text)
            for call in self._run.calls
            if any(effect.outcome != "refused" and _fits(claim, effect) for effect in call.effects)
        )

    def _is_place(self, claim: Claim, fitting: list[Effect]) -> bool:
        """Whether the id says where something was posted or pushed, in words that an effect has not."""
        return claim.act in ("posted", "told", "commented", "pushed") and bool(fitting)

    def _is_given(self, claim: Claim, name: str) -> bool:
        """Whether the firing itself is about what is said to be made: then nobody claims to have made it."""
        payload = self._run.firing.event.payload
        given = (payload.get(each) for each in ("pull_request", "issue", "release"))
        numbers = {str(one["number"]) for one in given if isinstance(one, dict) and "number" in one}
        return claim.act == "made" and number_of(name) in numbers

    def _is_settled(self, name: str) -> bool:
        """Whether the record is closed in the world already, so that this is news and no act; true
        where the world does not know it."""
        rows = [row for row in self._rows() if is_row_of(row, name)]
        return not rows or any(is_closed(row) for row in rows)

    def _rows(self) -> Iterable[Record]:
        for table, rows in self._run.world.tables.items():
            if table.rpartition(".")[2] in ("issues", "pulls", "tickets"):
                yield from rows

    def _is_id(self, name: str) -> bool:
        """Whether ``name`` has the form of an id of a service; a key only where its team is known."""
        key = _KEY.fullmatch(name)
        return key is None or key[1] in self._teams

    @functools.cached_property
    def _teams(self) -> frozenset[str]:
        world = self._run.world
        keys = {
            str(row["key"]) for table, rows in world.tables.items() if table.endswith((".teams", ".projects"))
            for row in rows if row.get("key")
        }  # fmt: skip
        keys |= {found[1] for effect in self._effects if (found := _KEY.fullmatch(effect.target))}
        keys |= {
            found[1]
            for row in self._rows()
            for name in ("id", "identifier")
            if (found := _KEY.fullmatch(str(row.get(name) or "")))
        }
        grants = self._routine.connectors if self._routine is not None else ()
        return frozenset(keys | {binding.name for grant in grants for binding in grant.bindings})

    def _holds(self, name: str) -> bool:
        """Whether anything that the run was given, read or did has the id ``name``."""
        if any(is_named(name, effect) for effect in self._effects):
            return True
        return mention_of(name).search(self._text) is not None

    @functools.cached_property
    def _text(self) -> str:
        run = self._run
        parts = [run.prompt, _json(run.firing.event.payload)]
        for record in run.calls:
            parts += [_json(record.call.arguments), record.result.text]
            if record.result.structured is not None:
                parts.append(_json(record.result.structured))
        parts += [_json(effect) for effect in self._effects]
        return "\n".join(parts)

    def _instead(self, fitting: list[Effect]) -> str:
        effects = fitting or self._effects
        if not effects:
            return "the run had no effect"
        made = ", ".join(dict.fromkeys(f"{effect.kind} {effect.target}".strip() for effect in effects[:4]))
        return f"the effects are: {made}"


def _json(value: Json) -> str:
    return msgspec.json.encode(value, enc_hook=as_spelt).decode()


def _fits(claim: Claim, effect: Effect) -> bool:
    return not claim.kinds or effect.kind.startswith(claim.kinds)
