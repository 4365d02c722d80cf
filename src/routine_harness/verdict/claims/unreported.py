"""Outward writes that failed for good, and that no message mentions.

Messages are read clause by clause for words of failure. The words are taken generously: a reader would be
warned by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.finding import Finding, Severity
from routine_harness.pattern import lazy_pattern
from routine_harness.session.run import CallRecord, Run
from routine_harness.verdict.looking import is_outward
from routine_harness.verdict.where import texts_of
from routine_harness.verdict.words import clip, counted
from routine_harness.world.effect import Effect

_PLACES: Final = ("repository", "channel", "on", "id", "project", "team", "host")
"""The fields that say where a write goes, from the widest of GitHub on."""
_CLAUSES: Final = lazy_pattern(r"(?:[.;!?](?=\s|$)|\n|,? (?:but|however|so|although|while|because) )+")
_NO_FAILURE: Final = lazy_pattern(
    r"\b(?:no|without(?: any)?|0|zero) (?:\w+ )?(?:errors?|failures?|problems?|issues|failed)\b",
    re.IGNORECASE,
)
_FAILED: Final = lazy_pattern(
    r"\b(?:fail(?:ed|s|ing|ures?)?|unable|can ?not|(?:could|did) ?not|(?:can|could|did|was|were)n?['’]t"
    r"|(?:was|were|is|are|has|have|been) not|not (?:able|possible|allowed|permitted|yet)|refus\w+|reject\w+"
    r"|denied|forbidden|block(?:ed|s|ing)|timed? ?out|timeouts?|unsuccessful\w*|unauthori[sz]ed|unavailable"
    r"|no (?:access|permissions?|rights?)|(?:lacks?|lacking|missing) (?:\w+ )?(?:access|permissions?|scopes?)"
    r"|errored|error(?:s)? (?:when|while|on|from|code|response|message)|error:"
    r"|(?:an|with|returned|got|hit|received|api|server) (?:\w+ )?errors?"
    r"|not (?:posted|sent|pushed|created|filed|opened|updated|commented|merged|delivered|published|closed)"
    r"|40[0-9]|41[0-9]|42[0-9]|5[0-9][0-9])\b|[❌✗✘⛔🚫]",
    re.IGNORECASE,
)
_ELSEWHERE: Final = lazy_pattern(
    r"nicht (?:möglich|gepostet|gepusht|erstellt|angelegt|gesendet)|fehlgeschlagen|verweigert|abgelehnt"
    r"|konnte\w*\b.*\bnicht|\bno (?:se )?(?:pudo|pude|pudieron|ha sido)|falló|fallado|rechazad|denegad"
    r"|échou|impossible|n['’]a pas pu|n['’]ai pas pu|refusé|não (?:foi|consegui|pôde)|falhou|recusad"
    r"|non (?:è stato|sono riuscit|ho potuto)|fallit|rifiutat|mislukt|niet gelukt|geweigerd"
    r"|nie udało|odmówiono|не удалось|не смог|ошибка|отказано"
    r"|失敗|できません|できなかった|拒否|エラー|失败|无法|未能|拒绝|错误|실패|거부|오류",
    re.IGNORECASE,
)
"""The same in other languages, where the subject is not looked for."""
_ANYTHING: Final = lazy_pattern(
    r"\b(?:it|this|that|steps?|actions?|requests?|calls?|writ(?:e|es|ing)|complet\w+|finish\w*|proceed|deliver\w*"
    r"|publish\w*|updat\w+|creat\w+|api|token|credentials?|permissions?|access|report\w*|do so)\b",
    re.IGNORECASE,
)
_SUBJECTS: Final = {
    "branch": r"push\w*|branch\w*|commits?|git|remote|changes?",
    "tag": r"push\w*|tags?|git",
    "message": r"post\w*|messages?|slack|channels?|e-?mails?|sen[dt]\w*|notif\w*|alerts?|summar\w+"
    r"|announc\w*",
    "draft": r"drafts?|repl\w+|e-?mails?|messages?",
    "ticket": r"tickets?|issues?|linear|fil(?:e|ed|ing)|bugs?|label\w*|assign\w*|clos\w+",
    "comment": r"comment\w*|repl\w+|post\w*",
    "pull_request": r"pull requests?|prs?|mrs?|merg\w+|open\w*|clos\w+",
    "review": r"review\w*|approv\w*|prs?|pull requests?",
    "release": r"releas\w+|tags?",
    "label": r"label\w*",
    "document": r"documents?|pages?|docs?|notion|drive|files?",
}
_TRANSIENT: Final = lazy_pattern(r"timed? ?out|timeout|\b(?:429|5\d\d)\b|rate.?limit|temporar", re.IGNORECASE)
_OFTEN: Final = 3


def check_told(run: Run) -> Iterator[Finding]:
    """``run.failure-untold`` for every kind of write that failed and that no message mentions."""
    if run.status != "finished":
        return
    said = [run.closing, *(text for effect in run.applied if is_outward(effect) for text in texts_of(effect))]
    told_by_us = {number for finding in run.findings if finding.fails for number in finding.calls}
    untold: dict[tuple[str, str], list[Effect]] = {}
    for effect in lost_writes(run):
        record = run.calls[effect.call - 1]
        if effect.call not in told_by_us and not tells_of(said, effect, record):
            untold.setdefault((effect.kind, _place(effect)), []).append(effect)
    for (kind, _), effects in untold.items():
        record = run.calls[effects[-1].call - 1]
        why = clip(record.failure or record.result.text, 100)
        times = "" if len(effects) == 1 else f" ({counted(len(effects), 'attempt')})"
        yield Finding(
            code="run.failure-untold",
            message=f"{kind} {effects[-1].target} failed and no message says so{times}: {why}".replace(
                "  ", " "
            ),
            hint="have the prompt say in its last message, or where people read it, what could not be done",
            run=run.number,
            calls=tuple(dict.fromkeys(effect.call for effect in effects)),
        )


def lost_writes(run: Run) -> tuple[Effect, ...]:
    """The outward writes that failed and did not succeed at the same place later."""
    effects = [effect for effect in run.effects if is_outward(effect) and effect.kind != "commit.created"]
    return tuple(
        effect
        for at, effect in enumerate(effects)
        if effect.outcome == "refused"
        and not any(
            later.outcome != "refused" and later.kind == effect.kind and _same_place(effect, later)
            for later in effects[at + 1 :]
        )
    )


def tells_of(said: Iterable[str], effect: Effect, record: CallRecord) -> bool:
    """Whether one of the texts says that the write failed."""
    words = rf"\b(?:{_SUBJECTS.get(effect.noun, effect.noun.replace('_', ' '))})\b"
    subject = re.compile(words, re.IGNORECASE)
    names = [name.lower() for name in (effect.connector, effect.target, _place(effect)) if len(name) > 1]
    why = {word for word in re.findall(r"\w{3,}", record.failure.lower()) if "_" in word or word.isdigit()}

    def about(clause: str) -> bool:
        lowered = clause.lower()
        return bool(
            subject.search(clause)
            or _ANYTHING.search(clause)
            or any(name in lowered for name in names)
            or any(word in lowered for word in why)
        )

    return any(
        _ELSEWHERE.search(clause) or (_FAILED.search(clause) and about(clause))
        for text in said
        for clause in _CLAUSES.split(_NO_FAILURE.sub("", text))
    )


def tells_of_failure(text: str) -> bool:
    """Whether a text says that something could not be done."""
    plain = _NO_FAILURE.sub("", text)
    return bool(_FAILED.search(plain) or _ELSEWHERE.search(plain))


def check_retries(run: Run) -> Iterator[Finding]:
    """``run.retried-refusal`` for a call that was made and refused three times, with the same words."""
    refused: dict[bytes, list[CallRecord]] = {}
    for record in run.calls:
        why = record.failure or (record.result.text if record.result.is_error else "")
        if why and not _TRANSIENT.search(why):
            asked = (record.call.name, record.call.arguments, why)
            refused.setdefault(msgspec.json.encode(asked, order="deterministic"), []).append(record)
    for records in refused.values():
        if len(records) >= _OFTEN:
            yield _retried(run, records)


def _retried(run: Run, records: Sequence[CallRecord]) -> Finding:
    why = clip(records[0].failure or records[0].result.text, 80)
    return Finding(
        code="run.retried-refusal",
        message=f"{records[0].call.name} was refused {len(records)} times alike: {why}",
        severity=Severity.WARNING,
        hint="a refusal does not change by asking again: have the prompt name another way, or stop",
        run=run.number,
        calls=tuple(record.number for record in records),
    )


def _place(effect: Effect) -> str:
    """Where a write goes: a repository, a channel, a record."""
    found = next((effect.fields[name] for name in _PLACES if effect.fields.get(name)), "")
    return str(found).lstrip("#")


def _same_place(first: Effect, second: Effect) -> bool:
    if first.connector != second.connector:
        return False
    given = [name for name in _PLACES if first.fields.get(name) and second.fields.get(name)]
    return not given or first.fields[given[0]] == second.fields[given[0]]
