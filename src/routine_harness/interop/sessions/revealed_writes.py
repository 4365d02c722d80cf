"""What the writes of an imported session say about the world: the records that they were on were there.

Only what succeeded says so; what a write has made was not there before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from routine_harness.plain import Record
from routine_harness.predicate import Partly
from routine_harness.session.run import CallRecord
from routine_harness.verdict.looking import is_outward
from routine_harness.world.effect import Effect
from routine_harness.world.git_output import Subject, printed_subjects

Row = tuple[str, Record]
_KEYS: Final = ("repository", "channel", "channel_id", "id")
_PULLS: Final = ("pull_request", "review", "thread")
_MAKING: Final = ("ticket.created", "pull_request.created", "issue.created")


def rows_of_writes(calls: Sequence[CallRecord]) -> list[Row]:
    """Full table name and record, by its key and title, for everything that was written to."""
    return [row for record in calls for row in _rows(record)]


def _rows(record: CallRecord) -> Iterator[Row]:
    subjects = {(one.repository, one.number): one for one in printed_subjects(record.result.text)}
    for effect in record.effects:
        if effect.outcome == "refused" or not is_outward(effect) or effect.kind in _MAKING:
            continue
        if any(isinstance(effect.fields.get(name), Partly) for name in _KEYS):
            continue  # only the command's run knows whereon it was
        if effect.connector == "github":
            yield from _github(effect, subjects)
        elif effect.connector == "slack" and effect.fields.get("channel"):
            yield from _channel(effect)
        elif effect.connector == "linear" and effect.kind == "ticket.updated" and effect.fields.get("id"):
            yield "linear.issues", {"id": str(effect.fields["id"])}


def _github(effect: Effect, subjects: dict[tuple[str, int], Subject]) -> Iterator[Row]:
    repository, number = effect.fields.get("repository"), effect.fields.get("number")
    if not isinstance(repository, str) or not isinstance(number, int):
        return
    told = subjects.get((repository, number))
    table = told.table if told is not None and told.table else ""
    table = table or ("pulls" if effect.noun in _PULLS else "issues")
    title = {"title": told.title} if told is not None and told.title else {}
    yield f"github.{table}", {"repository": repository, "number": number, **title}


def _channel(effect: Effect) -> Iterator[Row]:
    """The channel of a message, which goes by its id or its name."""
    named = str(effect.fields["channel"]).removeprefix("#")
    mark = str(effect.fields.get("channel_id") or named)
    if mark[:1] in "CGD" and mark.isupper() and mark.isalnum():
        yield "slack.channels", {"id": mark, "name": named.lower()}
    else:
        yield "slack.channels", {"name": named}
