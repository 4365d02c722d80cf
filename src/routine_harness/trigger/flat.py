"""Flat records of events, one key for each filter field, as warehouses keep them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from routine_harness.plain import Json, Record

_SUBJECTS: Final = {"pull_request": "pull_request", "issues": "issue", "release": "release"}
_FLAGS: Final = {"is_draft": "draft", "is_merged": "merged"}


def flat_body(value: Mapping[str, Json]) -> Record:
    """The webhook body that a flat record was taken from, as far as it tells."""
    category, _, action = str(value["event"]).partition(".")
    body: Record = {"repository": {"full_name": value["repository"]}}
    if action:
        body["action"] = action
    if isinstance(value.get("actor"), str):
        body["sender"] = {"login": value["actor"]}
    if category in _SUBJECTS:
        body[_SUBJECTS[category]] = _subject(value, category)
    return body


def _subject(value: Mapping[str, Json], category: str) -> Record:
    subject: Record = {key: value[key] for key in ("title", "body") if key in value}
    if "author" in value:
        subject["user"] = {"login": value["author"]}
    if value.get("labels") is not None:
        subject["labels"] = [{"name": label} for label in value["labels"]]
    if category == "pull_request":
        subject |= {new: value[old] for old, new in _FLAGS.items() if old in value}
        fork = value.get("from_fork")
        subject["base"] = {"repo": {"id": 0}, **_ref(value, "base_branch")}
        subject["head"] = _ref(value, "head_branch")
        if fork is not None:
            subject["head"]["repo"] = {"id": int(fork)}
    return subject


def _ref(value: Mapping[str, Json], key: str) -> Record:
    return {"ref": value[key]} if key in value else {}
