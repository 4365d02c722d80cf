"""What a second run may do: the ``allow`` entries of ``rerun``."""

from __future__ import annotations

from typing import Any

import msgspec

from routine_harness.routine.reader import Fields, Reader
from routine_harness.routine.spec import Path
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


def read_rerun_defaults(top: Fields, vocabulary: Vocabulary | None = None) -> dict[str, Any]:
    """The keys that the ``rerun`` of a policy gives, for every case that does not give its own."""
    fields = top.reader.fields(top.mapping("rerun"), top.at("rerun"), ("allow", "strict"), "rerun")
    found: dict[str, Any] = {}
    if fields.data.get("allow") is not None:
        found["allow"] = parse_allowed(fields.data["allow"], top.reader, fields.at("allow"), vocabulary)
    if "strict" in fields:
        found["strict"] = fields.flag("strict")
    return found


def parse_allowed(
    value: Any, reader: Reader, path: Path, vocabulary: Vocabulary | None = None
) -> tuple[Allowed, ...]:
    """The list at ``path``: kinds by name, or ``{effect, where, at_most, reason}``.

    Problems are noted on ``reader``.
    """
    found = []
    for element, at in reader.items(value, path, "effects"):
        line = reader.source.line(*at)
        if isinstance(element, str):
            found.append(Allowed(read_kinds(reader, element, at), line=line))
            continue
        fields = reader.fields(element, at, ("effect", "where", "at_most", "reason"), "an allowed effect")
        if not fields.require("effect", "such as message.posted"):
            continue
        kinds = read_kinds(reader, fields.data["effect"], fields.at("effect"))
        where = read_where(reader, fields.data.get("where"), fields.at("where"), fields_of(kinds))
        for condition in where:
            if condition.field == "connector" and vocabulary:
                vocabulary.check_connector(reader, condition.data, (*fields.at("where"), "connector"))
        most = fields.whole("at_most") if "at_most" in fields else None
        found.append(Allowed(kinds, where, most, fields.text("reason"), line))
    return tuple(found)
