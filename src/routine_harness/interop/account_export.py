"""What an account says of its own routines: ``RemoteTrigger`` and ``/v1/code/triggers`` → plain records.

The answers come as one routine, as a page of them, or wrapped in the answer of the tool that asked.
Nothing is concluded from half a list: a page that says that there are more, and one that repeats another,
are ``export.incomplete``. Shapes: public captures of August to November 2026; they are not documented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.errors import Problem
from routine_harness.interop.routine_draft import listed, settings_of
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.spec import Path
from routine_harness.verdict.words import counted

INCOMPLETE: Final = "export.incomplete"
_WRAPPERS: Final = ("trigger", "routine", "data", "triggers", "routines", "items", "results", "result",
                    "response", "body", "content", "structuredContent", "text")  # fmt: skip
_STATUS: Final = re.compile(r"\s*HTTP(?:/[\d.]+)? \d{3}[^\n{\[]*")
_CURSORS: Final = ("next_cursor", "nextCursor", "next_page", "next_page_token")
_TOTALS: Final = ("total", "total_count")
_CONTEXTS: Final = (
    ("job_config", "ccr"),
    ("job_config", "ccr", "session_context"),
    ("session_request",),
    ("session_request", "config"),
    ("session_request", "session_context"),
)
"""Where a record keeps what its sessions are started with, in the shapes of two months."""

_MOVED: Final = {"cron_expression": "cron", "environment_id": "env_id"}
_QUIET: Final = (
    "id", "events", "ccr", "session_context", "config", "job_config", "session_request", "next_run_at",
    "last_run", "last_run_at", "created_at", "updated_at", "creator", "account_uuid", "organization_uuid",
    "created_by", "ended_reason", "type", "object", "prompt",
)  # fmt: skip
"""What the account keeps for itself and restricts nothing."""


class Exported(msgspec.Struct, frozen=True):
    """One routine: its id, where it stood, its values by the names of ``account_routines`` with their places,
    and its prompt.

    ``misplaced`` is the path of a prompt in a place that the platform ignores.
    """

    identity: str
    path: Path
    data: Record
    prompt: str
    places: dict[str, Path]
    misplaced: Path | None = None


class Page(msgspec.Struct, frozen=True):
    """A list of routines: their ids, whether it says that there are more, and how many in all."""

    ids: tuple[str, ...]
    more: bool = False
    total: int = 0
    cursor: str = ""
    after: str = ""


def is_export(value: Json) -> bool:
    """Whether ``value`` holds routines as the account tells them, or a list that could."""
    return any(True for _ in _records(value, ())) or any(True for _ in pages(value))


def unwrapped(text: str) -> Json:
    """The JSON in an answer that a tool printed with its status; None where it is none."""
    status = _STATUS.match(text)
    try:
        return msgspec.json.decode((text[status.end() :] if status else text).strip())
    except NOT_JSON:
        return None


def exported(value: Json) -> list[Exported]:
    """The routines in ``value``, in the order of the file."""
    return [_exported(record, path) for path, record in _records(value, ())]


def pages(value: Json) -> Iterator[Page]:
    """The lists in ``value`` that are pages of an account."""
    if isinstance(value, str):
        value = unwrapped(value) if value.lstrip()[:1] in ("{", "[") or _STATUS.match(value) else None
    if isinstance(value, list):
        if value and all(_is_record(each) for each in value):
            yield Page(_ids(value))
            return
        for each in value:
            yield from pages(each)
    if not isinstance(value, dict) or _is_record(value):
        return
    rows = next((value[key] for key in _WRAPPERS if isinstance(value.get(key), list)), None)
    if rows is not None and all(_is_record(row) for row in rows) and (rows or "has_more" in value):
        after = next((str(value[key]) for key in _CURSORS if value.get(key)), "")
        total = next((value[key] for key in _TOTALS if isinstance(value.get(key), int)), 0)
        more = value.get("has_more") is True or ("has_more" not in value and bool(after))
        yield Page(_ids(rows), more, total, str(value.get("cursor") or ""), after)
        return
    for key in _WRAPPERS:
        yield from pages(value[key]) if key in value else ()


def what_is_missing(lists: Sequence[tuple[str, Page]], known: Sequence[str]) -> list[Problem]:
    """What shows that the pages (each with its file) are not all; ``known`` are the ids of all files."""
    found = [_incomplete(file, f"this page repeats the one in {other}: its cursor failed")
             for file, other in _repeats(lists)]  # fmt: skip
    if found:
        return found
    begun = {page.cursor for _, page in lists if page.cursor}
    open_ends = [(file, page) for file, page in lists if page.more]
    if begun:
        open_ends = [each for each in open_ends if each[1].after not in begun]
    elif len(open_ends) < len(lists):
        open_ends = []
    found = [_incomplete(file, f"it says that there are more than its {counted(len(page.ids), 'routine')}, "
                         "and the next page is not among the files")
             for file, page in open_ends]  # fmt: skip
    total = max((page.total for _, page in lists), default=0)
    if not found and total > len(set(known)):
        told = f"it counts {counted(total, 'routine')}, and the files hold {len(set(known))}"
        found.append(_incomplete(lists[0][0], told))
    return found


def _repeats(lists: Sequence[tuple[str, Page]]) -> Iterator[tuple[str, str]]:
    """Each file with a page that another one holds already, and that other one."""
    for place, (file, page) in enumerate(lists):
        other = next((name for name, each in lists[:place] if set(page.ids) <= set(each.ids)), None)
        if page.ids and other is not None:
            yield file, other


def _incomplete(file: str, told: str) -> Problem:
    hint = "import all pages at once; --partial takes what is there and calls nothing deleted"
    return Problem(file, 0, f"{INCOMPLETE}: {told}", hint)


def _is_record(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    if "job_config" in value or "session_request" in value:
        return True
    return "name" in value and "cron_expression" in value


def _records(value: Json, path: Path) -> Iterator[tuple[Path, Record]]:
    if isinstance(value, str) and (value.lstrip()[:1] in ("{", "[") or _STATUS.match(value)):
        yield from ((path, record) for _, record in _records(unwrapped(value), ()))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _records(each, (*path, place))
    elif _is_record(value):
        yield path, value
    elif isinstance(value, dict):
        for key in _WRAPPERS:
            yield from _records(value[key], (*path, key)) if key in value else ()


def _ids(rows: Sequence[Record]) -> tuple[str, ...]:
    return tuple(identity(row) for row in rows)


def identity(record: Record) -> str:
    """What the account calls a routine: its id, else its name."""
    return str(record.get("id") or record.get("trigger_id") or record.get("name") or "")


def _exported(record: Record, path: Path) -> Exported:
    data: Record = {}
    places: dict[str, Path] = {}
    for inner in ((), *_CONTEXTS):
        held: Json = record
        for key in inner:
            held = settings_of(held.get(key))
        for key, value in held.items():
            name = _MOVED.get(key, key)
            if key not in _QUIET and name not in data and value not in (None, [], {}):
                data[name] = value
                places[name] = (*path, *inner, key)
    prompts = [text for place in _CONTEXTS for text in _prompts(_at(record, place))]
    data.setdefault("name", identity(record) or "routine")
    wrong = next(
        (inner for inner in ((), *_CONTEXTS) if isinstance(_at(record, inner).get("prompt"), str)), None
    )
    misplaced = None if wrong is None or prompts else (*path, *wrong, "prompt")
    return Exported(identity(record), path, data, "\n\n".join(prompts), places, misplaced)


def _at(record: Record, place: tuple[str, ...]) -> Record:
    held: Json = record
    for key in place:
        held = settings_of(held.get(key))
    return settings_of(held)


def _prompts(held: Record) -> list[str]:
    """The texts of the user's events, each with a line's end."""
    found = []
    for event in listed(held.get("events")):
        inner = settings_of(event)
        said = settings_of(inner.get("data") or inner.get("payload"))
        message = settings_of(said.get("message"))
        if said.get("type", "user") == "user" and message.get("role", "user") == "user":
            content = message.get("content")
            parts = [content] if isinstance(content, str) else [
                str(settings_of(part).get("text") or "") for part in listed(content)]  # fmt: skip
            text = "\n".join(part for part in parts if part)
            found += [text.rstrip("\n") + "\n"] if text.strip() else []
    return found
