"""The forms that the lines of an archive take, and where each keeps what triggers ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final

import msgspec

from routine_harness.predicate import ABSENT
from routine_harness.trigger.fields import author_of, base_branch_of, head_branch_of
from routine_harness.trigger.lines import archive_name, archived_payload, flat_payload
from routine_harness.trigger.payload import Payload

Get = Callable[[Any], Any]

_PULL: Final = {
    "author": "payload.pull_request.user.login",
    "title": "payload.pull_request.title",
    "base_branch": "payload.pull_request.base.ref",
    "head_branch": "payload.pull_request.head.ref",
    "is_draft": "payload.pull_request.draft",
}
"""Where a field that is one plain and short value stands in a pull request's event."""

_FLAT: Final = (*_PULL, "repository", "labels", "is_merged", "from_fork")


class Form(msgspec.Struct, frozen=True, eq=False):
    """How lines of one form are read.

    ``kind`` are the attributes that tell an event's name, ``fields`` the paths of filter fields;
    only lines of pull requests have these, unless ``flat``. ``name`` and ``payload`` give the
    qualified name and the webhook's view of a line.
    """

    kind: tuple[str, ...]
    fields: dict[str, str]
    name: Get
    payload: Callable[[Any], Payload]
    flat: bool = False

    def getter(self, category: str, fields: Iterable[str]) -> Get | None:
        """What reads the kind and ``fields`` of a line as a key; None if one of them is no plain value."""
        fields = tuple(fields)
        if not (self.flat or category == "pull_request") or not self.fields.keys() >= set(fields):
            return None
        paths = self.kind + tuple(self.fields[name] for name in fields)
        return attrgetter(*paths) if len(paths) > 1 else _single(attrgetter(*paths))

    def authors(self, lines: list[Any]) -> Iterable[Any]:
        """The authors of the lines' subjects; what is no text is an author that is not told."""
        try:
            return list(map(attrgetter(self.fields["author"]), lines))
        except AttributeError:  # something on the way is absent or null
            return [author_of(line.payload) for line in lines]

    def branches(self, lines: list[Any]) -> Iterable[Any]:
        """The base branch of each line, or its head branch where it has none."""
        try:
            found = list(map(attrgetter(self.fields["base_branch"]), lines))
        except AttributeError:
            found = [base_branch_of(line.payload) for line in lines]
        return found if set(map(type, found)) == {str} else self._heads(lines, found)

    def _heads(self, lines: list[Any], found: list[Any]) -> Iterable[Any]:
        for line, branch in zip(lines, found, strict=True):
            if isinstance(branch, str):
                yield branch
            elif self.flat:
                yield line.head_branch
            else:
                yield head_branch_of(line.payload) if branch is ABSENT or branch is msgspec.UNSET else branch


def _single(get: Get) -> Get:
    return lambda line: (get(line),)


FLAT: Final = Form(("event",), {name: name for name in _FLAT}, attrgetter("event"), flat_payload, True)
ARCHIVE: Final = Form(
    ("type", "payload.action"),
    {**_PULL, "repository": "repo.name"},
    lambda line: archive_name(line.type, line.payload.action),
    archived_payload,
)
ARRIVAL: Final = Form(
    ("name",),
    {**_PULL, "repository": "payload.repository.full_name"},
    attrgetter("name"),
    attrgetter("payload"),
)
