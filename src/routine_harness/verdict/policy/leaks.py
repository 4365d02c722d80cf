"""Secrets in what a run did outside: a value of a known kind, or of a secret variable, is a leak.

A recording was written without its secrets: the placeholder that stands for one in an outward effect
tells as much as the value.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.finding import Finding, Severity
from routine_harness.plain import Json
from routine_harness.predicate import as_spelt
from routine_harness.redaction.kinds import KINDS
from routine_harness.redaction.redactor import PLACEHOLDER, Match, Redactor
from routine_harness.redaction.values import spellings_of
from routine_harness.session.run import CallRecord, Run
from routine_harness.verdict.looking import is_outward
from routine_harness.verdict.policy.rules import Permitted
from routine_harness.world.effect import Effect

RULE: Final = "secret.leaked"


_UNSAID: Final = frozenset({"id", "url", "sha", "author", "number", "at", "headers", "host", "path"})
"""Fields that no agent fills with words, and the parts of a request that are there for secrets."""
_CERTAIN: Final = {kind.name: kind.certain for kind in KINDS}
_HARMLESS: Final = ("email",)


@functools.cache
def _suspicious() -> re.Pattern[bytes]:
    """What every secret has: a long run of letters and digits, or a word that gives it away. It is
    looked for first, because the redactor costs more than all the rest of a small case."""
    return re.compile(
        rb"(?i:[a-z0-9+_=]{16,}|-----BEGIN |://[^\s/@]*@|passw|pwd|secret|key|token|authorization|cookie|sig)"
    )


class Secrets:
    """What is secret besides the known kinds: ``variables`` by name, and the patterns of a policy."""

    def __init__(
        self, variables: Mapping[str, str] | None = None, patterns: Mapping[str, str] | None = None
    ) -> None:
        self._variables = dict(variables or {})
        self._patterns = dict(patterns or {})

    def find(self, data: bytes) -> Sequence[Match]:
        """The secrets in ``data``."""
        if self._patterns or _suspicious().search(data) or any(each in data for each in self._spellings):
            return self._redactor.find(data)
        return ()

    @functools.cached_property
    def _redactor(self) -> Redactor:
        return Redactor(self._variables, self._patterns)

    @functools.cached_property
    def _spellings(self) -> tuple[bytes, ...]:
        values = self._variables.values()
        return tuple(
            form.encode("utf-8", "surrogatepass") for value in values for form in spellings_of(value)
        )


def judge_leaks(
    run: Run, secrets: Secrets, permits: Iterable[Permitted] = (), routine: str = ""
) -> tuple[Finding, ...]:
    """``secret.leaked`` for every secret in an outward effect: an error for a value of a known kind or of
    a variable, a warning where only its name or its code gives it away.

    ``permits`` are what a policy takes back for ``routine``.
    """
    if any(
        RULE in permit.kinds and (not permit.routines or routine in permit.routines) for permit in permits
    ):
        return ()
    told = {call for finding in run.findings if finding.code == RULE for call in finding.calls}
    return tuple(
        finding
        for record in run.calls
        if record.number not in told and (said := _said(record)) is not None
        for finding in _leaks(record, said, secrets, run.number)
    )


def _said(record: CallRecord) -> bytes | None:
    """What a call carried outside; None where that is nothing."""
    outward = [effect for effect in record.effects if is_outward(effect) and effect.noun != "command"]
    if not outward or record.answered_by == "refused":
        return None
    fields = [
        {name: value for name, value in effect.fields.items() if name not in _UNSAID} for effect in outward
    ]
    arguments: Json = record.call.arguments if record.call.connector else None
    return msgspec.json.encode((fields, arguments), enc_hook=as_spelt)


def _leaks(record: CallRecord, said: bytes, secrets: Secrets, run: int) -> Iterator[Finding]:
    found = {match.kind: match.certain for match in secrets.find(said)}
    for match in PLACEHOLDER.finditer(said.decode("utf-8", "replace")):
        found.setdefault(match[1], _CERTAIN.get(match[1], True))
    outward = next(effect for effect in record.effects if is_outward(effect))
    for kind, certain in found.items():
        if kind not in _HARMLESS:
            yield _finding(record, outward, kind, run, certain=certain)


def _finding(record: CallRecord, effect: Effect, kind: str, run: int, *, certain: bool) -> Finding:
    what = (
        f"the value of the {kind.replace('-', ' ', 1)}"
        if kind.startswith("variable-")
        else f"a secret ({kind})"
    )
    return Finding(
        code=RULE,
        message=f"{what} left with {record.call.name}, in {effect.kind} {effect.target}".rstrip(),
        severity=Severity.ERROR if certain else Severity.WARNING,
        hint="change the secret, and tell the agent in the prompt to name no values",
        run=run,
        calls=(record.number,),
        data={"kind": kind},
    )
