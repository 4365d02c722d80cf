"""What an act is aimed at, and what a firing is about: so that one can be held against the other.

A webhook is about a record of GitHub: a pull request, an issue, a release. What free text asks for, of a
fire request say, nobody reads here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.routine.render import github_context_values
from routine_harness.trigger.event import Firing
from routine_harness.verdict.where import texts_of
from routine_harness.world.effect import Effect

_OWN_NUMBER: Final = ("pull_request.created", "ticket.created")
"""Kinds whose number is that of the record which they make, and says nothing of what they are about."""
_PLACES: Final = (
    "repository", "number", "on", "channel", "channel_id", "project", "team", "parent", "tag",
)  # fmt: skip
_MENTION: Final = lazy_pattern(
    r"(?:github\.com/([\w.-]+/[\w.-]+)/(?:pull|issues)/|(?<![\w/])([\w.-]+/[\w.-]+)?#)(\d+)\b"
)


class Subject(msgspec.Struct, frozen=True):
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


def subject_of_firing(firing: Firing) -> Subject:
    """What the firing's webhook is about; an empty subject where it is none, or tells of no record."""
    if firing.event.kind != "github":
        return Subject()
    told = github_context_values(firing.event)
    numbers = [told.get(name) for name in ("number", "issue")]
    number = next((each for each in numbers if isinstance(each, int)), 0)
    return Subject(
        str(told.get("repository") or "").lower(),
        number,
        str(told.get("tag") or ""),
        str(told.get("head") or ""),
    )


def is_aimed(effect: Effect, subject: Subject) -> bool | None:
    """Whether an act is aimed at ``subject``: by its record, its branch, or what its texts name.

    None where it names no record that could be held against it.
    """
    if not subject:
        return None
    repository = str(effect.fields.get("repository") or "").lower()
    number, tag = effect.fields.get("number"), effect.fields.get("tag")
    own = isinstance(number, int) and effect.kind not in _OWN_NUMBER
    if own and subject.number and repository:
        return (repository, number) == (subject.repository, subject.number)
    if isinstance(tag, str) and subject.tag and repository:
        return (repository, tag) == (subject.repository, subject.tag)
    if subject.branch and effect.fields.get("branch") == subject.branch and repository == subject.repository:
        return True
    return True if _names(texts_of(effect), subject, repository) else None


def _names(texts: Iterable[str], subject: Subject, repository: str) -> bool:
    """Whether a text names the subject by its number; a bare ``#42`` is one of the effect's repository."""
    for text in texts:
        for found in _MENTION.finditer(text):
            named = (found[1] or found[2] or repository or subject.repository).lower()
            if (named, int(found[3])) == (subject.repository, subject.number):
                return True
    return False


def place_of(effect: Effect) -> tuple[object, ...]:
    """Where an act was put, whatever it says there; a record that it makes has no number yet."""
    makes = effect.kind in _OWN_NUMBER
    return tuple(effect.fields.get(name) for name in _PLACES if not (makes and name == "number"))


def mark_of(effect: Effect) -> tuple[object, ...]:
    """What a change of a record is, whatever it changes it to."""
    return (effect.kind, effect.connector, effect.target, place_of(effect))


def name_of(effect: Effect) -> str:
    """The record of an act, for a reader."""
    return effect.target or str(effect.fields.get("title") or effect.fields.get("channel") or "")
