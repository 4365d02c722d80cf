"""Acts that came before the context of their run: what they are aimed at, and whether they were right.

A webhook is about a record of GitHub: a pull request, an issue, a release. The free text of a
fire request is not read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.routine.render import github_context_values
from routine_harness.trigger.event import Firing
from routine_harness.verdict.expectations.blocks import EffectBlock
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.idempotency.duplicates import COUNTED_ONCE
from routine_harness.verdict.idempotency.identity import Record, alike
from routine_harness.verdict.where import texts_of
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import is_of, makes_record

_OWN_NUMBER: Final = ("pull_request.created", "ticket.created")
"""Kinds whose number is that of the new record: it does not say what the act is about."""
_PLACES: Final = (
    "repository", "number", "on", "channel", "channel_id", "project", "team", "parent", "tag",
)  # fmt: skip
_MENTION: Final = lazy_pattern(
    r"(?:github\.com/([\w.-]+/[\w.-]+)/(?:pull|issues)/|(?<![\w/])([\w.-]+/[\w.-]+)?#)(\d+)\b"
)


class Topic(msgspec.Struct, frozen=True):
    """The record of GitHub that a firing is about: ``repository`` in lower case, ``numbers`` of a pull
    request or an issue, ``tag`` of a release, ``branch`` of a pull request's head."""

    repository: str = ""
    number: int = 0
    tag: str = ""
    branch: str = ""

    def __bool__(self) -> bool:
        return bool(self.repository and (self.number or self.tag))

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}" if self.number else f"{self.repository} {self.tag}".strip()


def topic_of_firing(firing: Firing) -> Topic:
    """The record that the firing's webhook is about; an empty topic where there is none."""
    if firing.event.kind != "github":
        return Topic()
    told = github_context_values(firing.event)
    numbers = [told.get(name) for name in ("number", "issue")]
    number = next((each for each in numbers if isinstance(each, int)), 0)
    return Topic(
        str(told.get("repository") or "").lower(),
        number,
        str(told.get("tag") or ""),
        str(told.get("head") or ""),
    )


def is_aimed(effect: Effect, topic: Topic) -> bool | None:
    """Whether an act is aimed at ``topic``: by its record, its branch, or what its texts name.

    None where it names no record, so that nothing can be compared.
    """
    if not topic:
        return None
    repository = str(effect.fields.get("repository") or "").lower()
    number, tag = effect.fields.get("number"), effect.fields.get("tag")
    own = isinstance(number, int) and effect.kind not in _OWN_NUMBER
    if own and topic.number and repository:
        return (repository, number) == (topic.repository, topic.number)
    if isinstance(tag, str) and topic.tag and repository:
        return (repository, tag) == (topic.repository, topic.tag)
    if topic.branch and effect.fields.get("branch") == topic.branch and repository == topic.repository:
        return True
    return True if _names(texts_of(effect), topic, repository) else None


def _names(texts: Iterable[str], topic: Topic, repository: str) -> bool:
    """Whether a text names the topic by its number; a bare ``#42`` is one of the effect's repository."""
    for text in texts:
        for found in _MENTION.finditer(text):
            named = (found[1] or found[2] or repository or topic.repository).lower()
            if (named, int(found[3])) == (topic.repository, topic.number):
                return True
    return False


def place_of(effect: Effect) -> tuple[object, ...]:
    """Where an act was put; what it says there does not count. A new record has no number yet."""
    makes = effect.kind in _OWN_NUMBER
    return tuple(effect.fields.get(name) for name in _PLACES if not (makes and name == "number"))


def mark_of(effect: Effect) -> tuple[object, ...]:
    """Which change of which record an act is; the new values do not count."""
    return (effect.kind, effect.connector, effect.target, place_of(effect))


def name_of(effect: Effect) -> str:
    """The record of an act, for a reader."""
    return effect.target or str(effect.fields.get("title") or effect.fields.get("channel") or "")


class EarlyActs:
    """Judges the early acts of one run.

    They are compared with what the case expects, with what the firing is about, and with what the same run
    does with its context in the first turn.
    """

    def __init__(
        self,
        context: RunContext,
        expect: Expectations,
        topic: Topic,
        known: Sequence[Effect] | None,
        identity: Mapping[str, tuple[str, ...]],
    ) -> None:
        """``known`` are the acts of the run with its context in the first turn; None without such a run."""
        self._context = context
        self._blocks = [block for block in expect.blocks if isinstance(block, EffectBlock)]
        self._topic = topic
        self._known = known
        self._identity = identity

    def is_right(self, effect: Effect, acts: Sequence[Effect]) -> tuple[bool | None, str]:
        """Whether an early act is right for the context that came after it, and why not; None where nothing
        shows it. ``acts`` are all acts of its run."""
        speaking = [block for block in self._blocks if is_of(effect.kind, block.kinds)]
        met = [block for block in speaking if self._meets(effect, block)]
        for block in met:
            most = block.count.at_most
            if most is not None and sum(self._meets(act, block) for act in acts) > most:
                return False, f"::{block.check} expects {block.count.of('such act')}"
        if any(self.is_alike(effect, known) for known in self._known or ()):
            return True, ""
        aimed, wanted = is_aimed(effect, self._topic), any(block.where for block in met)
        if aimed is False and not wanted:
            return False, f"its context is about {self._topic}"
        if aimed or wanted:
            return True, ""
        return self._by_kind(effect, speaking, met=bool(met))

    def _by_kind(
        self, effect: Effect, speaking: Sequence[EffectBlock], *, met: bool
    ) -> tuple[bool | None, str]:
        """The same, for an act whose target and words show nothing."""
        other = next((block for block in speaking if block.where and block.count.at_most != 0), None)
        if other is not None and not met:
            return False, f"with its context ::{other.check} expects another one"
        if self._known is None:
            return (True if met else None), ""
        if not any(
            known.kind == effect.kind and place_of(known) == place_of(effect) for known in self._known
        ):
            return False, "with its context in the first turn it does no such thing"
        return None, ""

    def done_again(self, effect: Effect, acts: Sequence[Effect], late: Sequence[Effect]) -> Effect | None:
        """The first act after the context that repeats ``effect``, if the run does it more often than the run
        with its context in the first turn. ``acts`` are all acts, ``late`` those after the context."""
        if effect.noun not in COUNTED_ONCE:
            return None
        sure = self._known is None
        again = [act for act in late if self.is_alike(effect, act, sure=sure)]
        done = sum(self.is_alike(effect, act, sure=sure) for act in acts)
        known = sum(self.is_alike(effect, act, sure=sure) for act in self._known or ())
        return again[0] if again and done > max(known, 1) else None

    def is_alike(self, one: Effect, other: Effect, *, sure: bool = False) -> bool:
        """Whether two acts are the same matter: new records by their identity, changes by their target.
        ``sure`` leaves out what is only likely."""
        if not makes_record(one.kind):
            return mark_of(one) == mark_of(other)
        return one is other or alike(Record(one), Record(other), self._identity, sure=sure) is not None

    def _meets(self, effect: Effect, block: EffectBlock) -> bool:
        return is_of(effect.kind, block.kinds) and self._context.matches(effect, block.kinds, block.where)
