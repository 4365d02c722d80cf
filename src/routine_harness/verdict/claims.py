"""Does the closing message claim what the effects do not show?

Only plain claims are taken: a sentence that says, of this run, that something was posted, created,
opened … Whatever is negated, conditional, of earlier or of others is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.finding import Finding, Severity
from routine_harness.session.run import Run
from routine_harness.world.effect import Effect


class Claim(msgspec.Struct, frozen=True):
    """``words`` as they were said; ``kinds`` any of which would bear them out; ``name`` the record."""

    words: str
    verb: str
    kinds: tuple[str, ...]
    name: str = ""


_VERBS: Final = (
    "created|filed|opened|raised|posted|sent|shared|commented|replied|merged|closed|pushed|"
    "notified|messaged|alerted"
)
_ID: Final = re.compile(r"\b[A-Z][A-Z0-9]{1,9}-\d+\b|(?<![\w/])(?:[\w.-]+/[\w.-]+)?#\d+\b")
_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s|\n")
_LEFT_ALONE: Final = re.compile(
    r"\b(?:not|no|never|nothing|none|neither|nor|without|cannot|can't|couldn't|didn't|wasn't|weren't|hasn't|haven't|"
    r"won't|don't|doesn't|failed|unable|refused|would|will|should|could|can|may|might|must|please|if|unless|when|"
    r"whether|already|previous(?:ly)?|earlier|before|existing|last|yesterday|ago|since|by|skipp?(?:ed|ing)?|zero|0|"
    r"attempted|tried|to be|going to|plan(?:ned)?|recommend(?:ed)?|suggest(?:ed)?|dry run)\b",
    re.IGNORECASE,
)
_ACTIVE: Final = re.compile(
    rf"(?:^\W*|: |\b(?:I|we)(?:'ve| have)? |\band |, )(?:\w+ly |also |then |just )?(?P<verb>{_VERBS})\b"
    rf"(?P<rest>(?:(?!\s(?:and|then)\s+(?:\w+ly |also |then )?(?:{_VERBS})\b)[^,])*)",
    re.IGNORECASE,
)
"""``Created SEC-4``, ``I've posted …``, ``… and commented on #42``."""
_PASSIVE: Final = re.compile(
    r"^\W*(?P<rest>[^,:]*?)\s(?:(?:has|have|was|were)\s(?:been\s)?)?(?:\w+ly )?"
    r"(?P<verb>created|filed|raised|posted|sent|shared)\b",
    re.IGNORECASE,
)
"""``SEC-4 was created``, ``The message has been posted``, ``Ticket SEC-4 created``. That something
was opened, merged or closed is as often news of others."""
_BORNE_OUT: Final[dict[str, tuple[str, ...]]] = {
    "posted": ("message.", "comment.", "review.", "document.", "draft.", "status_update."),
    "sent": ("message.", "comment.", "notification."),
    "shared": ("message.", "document.", "comment."),
    "commented": ("comment.", "review."),
    "replied": ("comment.", "message.", "review."),
    "notified": ("message.", "comment.", "notification.", "review.", "ticket."),
    "messaged": ("message.",),
    "alerted": ("message.", "comment.", "notification.", "ticket."),
    "merged": ("pull_request.merged", "branch."),
    "closed": ("ticket.", "pull_request.", "thread."),
    "pushed": ("branch.", "commit.", "tag."),
}
_OBJECTS: Final = (
    (re.compile(r"\b(?:pull request|PR|MR)s?\b", re.IGNORECASE), ("pull_request.",)),
    (re.compile(r"\b(?:ticket|issue|bug|task)s?\b", re.IGNORECASE), ("ticket.",)),
    (re.compile(r"\bcomments?\b", re.IGNORECASE), ("comment.", "review.")),
    (re.compile(r"\bbranch(?:es)?\b", re.IGNORECASE), ("branch.",)),
    (re.compile(r"\b(?:messages?|posts?)\b", re.IGNORECASE), ("message.",)),
    (re.compile(r"\b(?:document|doc|page|canvas)s?\b", re.IGNORECASE), ("document.",)),
    (re.compile(r"\breleases?\b", re.IGNORECASE), ("release.",)),
)
_MOST_WORDS: Final = 5
_MOST_TEXT: Final = 20_000
_LONGEST: Final = 400
"""A sentence longer than that is a log or a diff, and claims nothing."""
_MAKES: Final = ("created", "filed", "opened", "raised")


def judge_claims(run: Run) -> tuple[Finding, ...]:
    """A finding for each claim of the closing message that no effect of the run bears out."""
    if not run.closing or run.status != "finished":
        return ()
    effects = [effect for effect in run.effects if effect.outcome != "refused"]
    unseen = any(effect.kind in ("command.opaque", "command.undecided", "tool.called") for effect in effects)
    return tuple(
        Finding(
            code="run.claims-unseen",
            message=f"the closing message says {claim.words!r}, but {_instead(claim, effects)}",
            severity=Severity.WARNING if unseen and not claim.name else Severity.ERROR,
            hint="have the prompt report only what the tools have confirmed",
            run=run.number,
        )
        for claim in dict.fromkeys(claims_of(run.closing))
        if not _is_borne_out(claim, effects) and not _is_given(claim, run) and not _is_confirmed(claim, run)
    )


def _is_given(claim: Claim, run: Run) -> bool:
    """Whether the firing itself is about what is said to be made: then nobody claims to have made it."""
    payload = run.firing.event.payload
    given = (payload.get(name) for name in ("pull_request", "issue", "release"))
    numbers = {str(one["number"]) for one in given if isinstance(one, dict) and "number" in one}
    return claim.verb in _MAKES and claim.name.rpartition("#")[2] in numbers


def _is_confirmed(claim: Claim, run: Run) -> bool:
    """Whether a tool that had such an effect answered with the name: in an import the service gave it,
    and no world knows it."""
    if not claim.name:
        return False
    named = re.compile(rf"(?<![\w-]){re.escape(claim.name.rpartition('#')[2])}(?![\w-])", re.IGNORECASE)
    return any(
        named.search(call.result.text)
        for call in run.calls
        for effect in call.effects
        if effect.outcome != "refused" and (not claim.kinds or effect.kind.startswith(claim.kinds))
    )


def claims_of(text: str) -> Iterator[Claim]:
    """The plain claims of a message."""
    for part in _SENTENCE.split(text[:_MOST_TEXT]):
        sentence = " ".join(part.split())
        if not sentence or len(sentence) > _LONGEST or _LEFT_ALONE.search(sentence):
            continue
        active = list(_ACTIVE.finditer(sentence))
        passive = None if active and active[0].start() == 0 else _PASSIVE.match(sentence)
        if passive is not None and _is_object(passive["rest"]):
            words = " ".join(passive.group().split()).lstrip("-*• ✅")
            yield from _claims(words, passive["verb"].lower(), passive["rest"])
        for found in active:
            words = " ".join(f"{found['verb']}{found['rest']}".split()).rstrip(".!")
            yield from _claims(words, found["verb"].lower(), found["rest"])


def _claims(words: str, verb: str, rest: str) -> Iterator[Claim]:
    kinds = _kinds(verb, rest)
    names = _ID.findall(rest) if verb in (*_MAKES, "merged", "closed") else []
    if names:
        yield from (Claim(words, verb, kinds, name) for name in names)
    elif kinds:
        yield Claim(words, verb, kinds)


def _is_object(words: str) -> bool:
    """Whether ``words`` are something that is made, and little else: not somebody who makes it."""
    few = len(words.split()) <= _MOST_WORDS
    return few and bool(_ID.search(words) or any(pattern.search(words) for pattern, _ in _OBJECTS))


def _kinds(verb: str, rest: str) -> tuple[str, ...]:
    """What would bear out ``verb``; nothing where it is not said of what."""
    if verb in _BORNE_OUT:
        return _BORNE_OUT[verb]
    return next((kinds for pattern, kinds in _OBJECTS if pattern.search(rest)), ())


def _is_borne_out(claim: Claim, effects: list[Effect]) -> bool:
    fitting = [effect for effect in effects if not claim.kinds or effect.kind.startswith(claim.kinds)]
    if not claim.name:
        return bool(fitting)
    wanted = claim.name.lower().rpartition("#")[2] if "#" in claim.name else claim.name.lower()
    return any(wanted in _names(effect) for effect in fitting)


def _names(effect: Effect) -> set[str]:
    """What a record may be called: its key, its number, the end of its link."""
    found = {effect.target.lower(), effect.target.rpartition("#")[2].lower()}
    for field in ("id", "number", "on"):
        value = effect.fields.get(field)
        if isinstance(value, str | int):
            found.add(str(value).lower().rpartition("#")[2])
    url = effect.fields.get("url")
    if isinstance(url, str):
        found.update(url.lower().split("/"))
    return found


def _instead(claim: Claim, effects: list[Effect]) -> str:
    if not effects:
        return "the run had no effect"
    made = ", ".join(dict.fromkeys(f"{effect.kind} {effect.target}".strip() for effect in effects[:4]))
    return f"the effects are: {made}"
