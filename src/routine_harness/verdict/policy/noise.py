"""Noise: how much a run says, against the limits of the policy. Limits per day are the backtest's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from routine_harness.finding import Finding
from routine_harness.pattern import lazy_pattern
from routine_harness.session.run import Run
from routine_harness.verdict.policy.rules import Limit, Policy
from routine_harness.world.effect import Effect

_EVERYONE: Final = lazy_pattern(
    r"<!(?:everyone|channel|here)(?:\|[^<>]{0,80})?>|(?<![\w@.])@(?:everyone|channel|here)\b"
)
_MESSAGES: Final = ("message.posted", "message.scheduled")
COUNTED: Final = {
    "messages_per_run": (_MESSAGES, "messages"),
    "tickets_per_run": (("ticket.created",), "tickets"),
    "comments_per_run": (("comment.created",), "comments"),
    "pull_requests_per_run": (("pull_request.created",), "pull requests"),
}


def judge_noise(run: Run, policy: Policy) -> tuple[Finding, ...]:
    """A finding for every limit per run or message that is passed."""
    return noise_of(run.applied, policy, run.number)


def noise_of(effects: Sequence[Effect], policy: Policy, run: int = 1) -> tuple[Finding, ...]:
    """The same for the effects that a run has had so far."""
    return tuple(_judge(effects, policy, run)) if policy.noise else ()


def mentions_of_everyone(text: str) -> int:
    """How often a message calls everyone of a channel."""
    return len(_EVERYONE.findall(text))


def _judge(effects: Sequence[Effect], policy: Policy, run: int) -> Iterator[Finding]:
    for name, limit in policy.noise.items():
        if name in COUNTED:
            kinds, words = COUNTED[name]
            found = [effect for effect in effects if effect.kind in kinds]
            if len(found) > limit.most:
                message = f"{_some(len(found), words)} in one run, at most {limit.most}"
                yield _finding(run, name, limit, message, found)
        elif name in _MEASURED:
            measure, words = _MEASURED[name]
            messages = (effect for effect in effects if effect.kind in _MESSAGES)
            loud = [effect for effect in messages if measure(_text(effect)) > limit.most]
            if loud:
                most = max(measure(_text(effect)) for effect in loud)
                message = f"a message with {_some(most, words)}, at most {limit.most}"
                yield _finding(run, name, limit, message, loud)


_MEASURED: Final[dict[str, tuple[Callable[[str], int], str]]] = {
    "characters_per_message": (len, "characters"),
    "mentions_of_everyone": (mentions_of_everyone, "mentions of everyone"),
}


def _some(number: int, words: str) -> str:
    """``1 mention of everyone``, ``2 mentions of everyone``."""
    noun, of, rest = words.partition(" of ")
    return f"1 {noun.removesuffix('s')}{of}{rest}" if number == 1 else f"{number} {words}"


def _text(effect: Effect) -> str:
    return str(effect.fields.get("text", ""))


def _finding(run: int, name: str, limit: Limit, message: str, effects: list[Effect]) -> Finding:
    return Finding(
        code=f"noise.{name.replace('_', '-')}",
        message=f"{message} by {limit.location}",
        location=limit.location,
        hint="state in the prompt how much it may say, or when to stay silent",
        run=run,
        calls=tuple(effect.call for effect in effects),
    )
