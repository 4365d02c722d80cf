"""Lines are decoded as far as the triggers ask: what is stepped over never changes an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from support.triggers import clause, github, routine

from routine_harness import strategies
from routine_harness.backtest.forms import ARCHIVE, FLAT, Form
from routine_harness.backtest.run import run_backtest
from routine_harness.trigger.fields import FIELDS, PATHS
from routine_harness.trigger.lines import ArchiveLine, Line
from routine_harness.trigger.narrowed import narrowed
from routine_harness.trigger.webhooks import ARCHIVE_TYPES

SUBJECTS = (
    "pull_request.opened",
    "pull_request.closed",
    "issues.opened",
    "issues.labeled",
    "release.published",
)
_TYPES = {webhook: kind for kind, webhook in ARCHIVE_TYPES.items()}


def _archived(name: str, payload: Any) -> dict[str, Any]:
    category = name.partition(".")[0]
    repository = payload.get("repository") or {"id": 1, "full_name": "acme/core"}
    return {
        "id": "1",
        "type": _TYPES[category],
        "actor": {"login": "alice"},
        "repo": {"id": repository["id"], "name": repository["full_name"]},
        "payload": payload,
        "created_at": "2026-05-04T10:00:00Z",
    }


def _read(form: Form, line: Any) -> dict[str, Any]:
    payload = form.payload(line)
    return {name: read(payload) for name, read in FIELDS.items()}


@given(strategies.events(SUBJECTS), st.sets(st.sampled_from(sorted(FIELDS))))
def test_a_line_narrowed_to_some_fields_reads_as_the_whole_one(event: Any, fields: set[str]) -> None:
    text = json.dumps(_archived(event.name, event.payload)).encode()
    whole = _read(ARCHIVE, msgspec.json.decode(text, type=Line))
    line = ARCHIVE.decoder(fields).decode(text)
    narrow = _read(ARCHIVE, line)
    assert {name: narrow[name] for name in fields} == {name: whole[name] for name in fields}
    assert ARCHIVE.name(line) == event.name


@given(
    st.fixed_dictionaries(
        {
            "id": st.just("7"),
            "event": st.sampled_from(SUBJECTS),
            "created_at": st.just("2026-05-04T10:00:00Z"),
        }
        | {"repository": st.just("acme/core")},
        optional={
            "author": st.text(max_size=5),
            "title": st.none() | st.text(max_size=5),
            "body": st.none() | st.text(max_size=5),
            "base_branch": st.text(max_size=5),
            "head_branch": st.text(max_size=5),
            "labels": st.lists(st.text(max_size=3), max_size=2),
            "is_draft": st.booleans(),
            "is_merged": st.booleans(),
            "from_fork": st.booleans(),
        },
    ),
    st.sets(st.sampled_from(sorted(FIELDS))),
)
def test_a_flat_record_narrowed_to_some_fields_reads_as_the_whole_one(
    record: dict[str, Any], fields: set[str]
) -> None:
    text = json.dumps(record).encode()
    whole, narrow = (
        _read(FLAT, each)
        for each in (msgspec.json.decode(text, type=Line), FLAT.decoder(fields).decode(text))
    )
    assert {name: narrow[name] for name in fields} == {name: whole[name] for name in fields}


def test_every_field_tells_where_it_stands() -> None:
    assert PATHS.keys() == FIELDS.keys()
    assert ARCHIVE.paths.keys() == FLAT.paths.keys() == {*FIELDS, "repository"}


def test_fields_that_are_left_out_answer_as_if_absent() -> None:
    kind = narrowed(ArchiveLine, ("id", "payload.pull_request.labels.name"))
    text = b'{"id": "1", "type": 5, "payload": {"action": 7, "pull_request": {"labels": [{"name": "x"}]}}}'
    line = msgspec.json.decode(text, type=kind)
    assert [each.name for each in line.payload.pull_request.labels] == ["x"]
    assert (line.type, line.payload.action, line.payload.pull_request.title) == (UNSET, UNSET, UNSET)


def test_a_path_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="PullRequest has no field 'titel'"):
        narrowed(ArchiveLine, ("payload.pull_request.titel",))


def test_what_nobody_reads_breaks_no_line_whatever_its_neighbours_are(tmp_path: Path) -> None:
    """An odd actor is nothing to a trigger; next to a broken line it is the same."""
    good = _archived("pull_request.opened", {"action": "opened", "pull_request": {"draft": False}})
    lines = [{**good, "id": "1", "actor": 5}, {**good, "id": "2"}]
    texts = [json.dumps(line) for line in lines]
    drafts = routine(github(clause("is_draft", "equals", False), events=("pull_request.opened",)))
    fired = []
    for broken in ([], ["{nonsense"]):
        path = tmp_path / f"{len(broken)}.jsonl"
        path.write_text("\n".join([*texts, *broken]) + "\n")
        result = run_backtest([drafts], [path])
        fired.append((result.events, result.routines[0].fired, result.errors - len(broken)))
    assert fired == [(2, 2, 0), (2, 2, 0)]
