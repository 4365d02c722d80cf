"""The forms that the lines of an archive take, and where each keeps what triggers ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final

import msgspec

from routine_harness.plain import Json
from routine_harness.predicate import ABSENT
from routine_harness.trigger.fields import FIELDS, PATHS, author_of, base_branch_of, head_branch_of
from routine_harness.trigger.lines import ArchiveLine, FlatLine, archive_name, archived_payload, flat_payload
from routine_harness.trigger.narrowed import narrowed
from routine_harness.trigger.payload import Arrival, Payload

Get = Callable[[Json], Json]

_PULL: Final = ("author", "title", "base_branch", "head_branch", "is_draft")
"""The fields that are one plain and short value of a pull request."""

_FLAT: Final = (*_PULL, "repository", "labels", "is_merged", "from_fork")


class Form(msgspec.Struct, frozen=True, eq=False):
    """How lines of one form are read.

    ``line`` is a line that is as it should be, and ``always`` the paths in it that are read of every
    one; ``paths`` has those of each filter field. ``kind`` are the attributes that tell an event's
    name, ``fields`` the paths of filter fields that are plain values; only lines of pull requests
    have these, unless ``flat``. ``name`` and ``payload`` give the qualified name and the webhook's
    view of a line.
    """

    line: type[Any]
    always: tuple[str, ...]
    paths: dict[str, tuple[str, ...]]
    kind: tuple[str, ...]
    fields: dict[str, str]
    name: Get
    payload: Callable[[Json], Payload]
    flat: bool = False

    def decoder(self, fields: Iterable[str]) -> msgspec.json.Decoder[Any]:
        """What decodes a line of this form, as far as triggers that read ``fields`` need it."""
        asked = (path for name in fields for path in self.paths[name])
        return msgspec.json.Decoder(narrowed(self.line, dict.fromkeys((*self.always, *asked))))

    def getter(self, category: str, fields: Iterable[str]) -> Get | None:
        """What reads the kind and ``fields`` of a line as a key; None if one of them is no plain value."""
        fields = tuple(fields)
        if not (self.flat or category == "pull_request") or not self.fields.keys() >= set(fields):
            return None
        paths = self.kind + tuple(self.fields[name] for name in fields)
        return attrgetter(*paths) if len(paths) > 1 else _single(attrgetter(*paths))

    def authors(self, lines: list[Json]) -> Iterable[Json]:
        """The authors of the lines' subjects; what is no text is an author that is not told."""
        try:
            return list(map(attrgetter(self.fields["author"]), lines))
        except AttributeError:  # something on the way is absent or null
            return [author_of(line.payload) for line in lines]

    def branches(self, lines: list[Json]) -> Iterable[Json]:
        """The base branch of each line, or its head branch where it has none."""
        try:
            found = list(map(attrgetter(self.fields["base_branch"]), lines))
        except AttributeError:
            found = [base_branch_of(line.payload) for line in lines]
        return found if set(map(type, found)) == {str} else self._heads(lines, found)

    def _heads(self, lines: list[Json], found: list[Json]) -> Iterable[Json]:
        for line, branch in zip(lines, found, strict=True):
            if isinstance(branch, str):
                yield branch
            elif self.flat:
                yield line.head_branch
            else:
                yield head_branch_of(line.payload) if branch is ABSENT or branch is msgspec.UNSET else branch


def _single(get: Get) -> Get:
    return lambda line: (get(line),)


def _inside(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"payload.{path}" for path in paths)


_STATISTICS: Final = ("author", "base_branch", "head_branch")
_SLIM: Final = ("pull_request.merged", "pull_request.merged_at", "pull_request.title")
"""By these a line of the slim schema is told from one that says whether it is merged."""

FLAT: Final = Form(
    FlatLine,
    ("id", "event", "created_at", "repository", "type", *_STATISTICS),
    {name: (name,) for name in FIELDS} | {"repository": ()},
    ("event",),
    {name: name for name in _FLAT},
    attrgetter("event"),
    flat_payload,
    True,
)
_PLACES: Final = {name: f"payload.{PATHS[name][0]}" for name in _PULL}
ARCHIVE: Final = Form(
    ArchiveLine,
    (
        *("id", "type", "created_at", "payload.action", "payload.repository", "payload.sender"),
        *_inside(("pull_request.merged", *(path for name in _STATISTICS for path in PATHS[name]))),
    ),
    {name: _inside(paths) for name, paths in PATHS.items()}
    | {"repository": ("repo.id", "repo.name"), "is_merged": _inside(_SLIM)},
    ("type", "payload.action"),
    {**_PLACES, "repository": "repo.name"},
    lambda line: archive_name(line.type, line.payload.action),
    archived_payload,
)
ARRIVAL: Final = Form(
    Arrival,
    (),
    {},
    ("name",),
    {**_PLACES, "repository": "payload.repository.full_name"},
    attrgetter("name"),
    attrgetter("payload"),
)
