"""What a second run may do: the ``allow`` entries of ``rerun``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from routine_harness.plain import Json
from routine_harness.routine.form import Form, Short, key
from routine_harness.routine.reader import Reader
from routine_harness.verdict.file_parts import EFFECT, ONE_EFFECT, WHERE
from routine_harness.verdict.vocabulary import Vocabulary, fields_of, read_kinds
from routine_harness.verdict.where import Where, read_where


class Allowed(msgspec.Struct, frozen=True):
    """Effects that run 2 may have: of ``kinds``, matching ``where``, ``at_most`` so many (None: any)."""

    kinds: tuple[str, ...]
    where: Where = ()
    at_most: int | None = None
    reason: str = ""
    line: int = 0

    @property
    def is_bare(self) -> bool:
        """Whether it names kinds and nothing more."""
        return not self.where and self.at_most is None


class AllowedForm(Form, frozen=True, kw_only=True):
    """An effect that the second run may have."""

    what = "an allowed effect"
    plural = "effects"
    short = Short(lambda text, note: {"effect": text}, ONE_EFFECT, "an allowed effect as a mapping")

    effect: Annotated[
        Json,
        EFFECT,
        key("The kind of effect that may come again.", "comment.updated", needs="such as message.posted"),
    ]
    where: Annotated[
        Json, WHERE, key("Only where its fields satisfy these.", {"body": {"contains": "Triage"}})
    ] = None
    at_most: Annotated[int | None, key("How often in the second run.", 1)] = None
    reason: Annotated[str, key("Why it may come again.", "one summary comment")] = ""


class RerunDefaultsForm(Form, frozen=True, kw_only=True):
    """What a policy says of the second run of every case that does not say otherwise."""

    what = "rerun"

    allow: Annotated[tuple[AllowedForm, ...] | None, key("Effects that the second run may have.")] = None
    strict: Annotated[
        bool | UnsetType,
        key("Whether bringing the first run's record up to date is an error as well.", False),
    ] = UNSET


def read_allowed(
    reader: Reader, forms: Iterable[AllowedForm], vocabulary: Vocabulary | None = None
) -> tuple[Allowed, ...]:
    """The effects that the second run may have; problems are noted."""
    found = []
    for form in forms:
        if form.effect is None:
            continue
        kinds = read_kinds(reader, form.effect, form.below("effect"))
        where = read_where(reader, form.where, form.below("where"), fields_of(kinds))
        for condition in where:
            if condition.field == "connector" and vocabulary:
                vocabulary.check_connector(reader, condition.data, form.below("where", "connector"))
        line = reader.source.line(*form.place)
        found.append(Allowed(kinds, where, form.at_most, form.reason, line))
    return tuple(found)
