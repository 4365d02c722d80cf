"""Gmail's reads: threads and drafts that a query finds, threads, messages, drafts and labels by id."""

from __future__ import annotations

from collections.abc import Callable

from routine_harness.plain import Json, Record
from routine_harness.world.gmail.display import (
    NotHeld,
    incomplete,
    invalid_token,
    page_size,
    shown_draft,
    shown_message,
    shown_thread,
    without_empty,
)
from routine_harness.world.gmail.matching import Truth, combined
from routine_harness.world.gmail.operators import KNOWN, places_of, test_of
from routine_harness.world.gmail.query import Beyond, named, parse_query
from routine_harness.world.gmail.records import (
    SERVICE,
    SYSTEM_LABELS,
    find_draft,
    find_message,
    messages_of,
)
from routine_harness.world.paging import page_of
from routine_harness.world.simulated import Answer, Arguments, Refused
from routine_harness.world.state import World

_PREVIEW = int(SERVICE.point("preview"))
_ALWAYS_DRAFTS = SERVICE.point("search_finds_drafts") == "yes"
_FULL, _METADATA, _MINIMAL = "FULL_CONTENT", "METADATA_ONLY", "MINIMAL"


def search_threads(world: World, arguments: Arguments) -> Answer:
    """Threads in which a message is found, the latest first, each with its oldest messages."""
    query = arguments.get("query") or ""
    try:
        part = parse_query(query)
        test = combined(part, lambda term: test_of(world, term))
    except Beyond as beyond:
        return incomplete(world, f"the query {query!r}: {beyond}", KNOWN)
    hidden = {"TRASH", "SPAM"}.difference(*(places_of(term) for term in named(part)))
    if arguments.get("includeTrash"):
        hidden.discard("TRASH")
    drafts = _ALWAYS_DRAFTS or any("DRAFT" in places_of(term) for term in named(part))
    threads: dict[str, list[Record]] = {}
    for record in (*world.table("gmail.messages"), *(_as_messages(world) if drafts else ())):
        if not hidden & set(record["labelIds"]):
            threads.setdefault(record["threadId"], []).append(record)
    found, unknown = _found(threads, test)
    if unknown:
        return incomplete(world, f"the query {query!r}: {unknown}", KNOWN)
    view = arguments.get("view") or ""
    form = _METADATA if view == "THREAD_VIEW_METADATA_ONLY" else _MINIMAL
    identity = ["search_threads", query, arguments.get("includeTrash")]
    return _listing(
        world, "threads", found, arguments, identity, lambda key: _preview(key, threads[key], form)
    )


def list_drafts(world: World, arguments: Arguments) -> Answer:
    """Drafts that a query finds, the latest first."""
    query = arguments.get("query") or ""
    try:
        test = combined(parse_query(query), lambda term: test_of(world, term))
    except Beyond as beyond:
        return incomplete(world, f"the query {query!r}: {beyond}", KNOWN)
    drafts = {one["draftId"]: [one] for one in _as_messages(world)}
    found, unknown = _found(drafts, test)
    if unknown:
        return incomplete(world, f"the query {query!r}: {unknown}", KNOWN)
    view = arguments.get("view") or ""
    known = view if view in ("DRAFT_VIEW_FULL", "DRAFT_VIEW_METADATA_ONLY") else SERVICE.point("drafts_view")
    form = "PLAIN_TEXT" if known == "DRAFT_VIEW_FULL" else _METADATA

    def shown(key: str) -> Record:
        return shown_draft(find_draft(world, key), form)

    return _listing(world, "drafts", found, arguments, ["list_drafts", query], shown)


def get_thread(world: World, arguments: Arguments) -> Answer:
    """A thread with all its messages; drafts are left out."""
    messages = messages_of(world, arguments["threadId"])
    if not messages:
        raise Refused("Requested entity was not found.")
    return _in_form(
        world, arguments, lambda form: shown_thread(arguments["threadId"], messages, form), raw=False
    )


def get_message(world: World, arguments: Arguments) -> Answer:
    """One message."""
    found = find_message(world, arguments["messageId"])
    return _in_form(world, arguments, lambda form: shown_message(found, form))


def get_draft(world: World, arguments: Arguments) -> Answer:
    """One draft."""
    found = find_draft(world, arguments["draftId"])
    return _in_form(world, arguments, lambda form: shown_draft(found, form))


def list_labels(world: World, arguments: Arguments) -> Answer:
    """The labels with their ids, the user's first."""
    own = [{**one, "labelType": "USER"} for one in world.table("gmail.labels")]
    every = [*own, *({"labelId": one, "name": one, "labelType": "SYSTEM"} for one in SYSTEM_LABELS)]
    size = int(arguments.get("pageSize") or 0)
    if size <= 0:
        return Answer(world, {"labels": every})
    token = arguments.get("pageToken") or None
    page = page_of(every, lambda one: str(one["labelId"]), size, token, "list_labels", invalid_token())
    return Answer(world, without_empty({"labels": page.rows, "nextPageToken": page.cursor}))


def _found(groups: dict[str, list[Record]], test: Callable[[Record], Truth]) -> tuple[list[str], str]:
    """The groups in which a record passes, the latest first; and why another one might."""
    found: list[str] = []
    for key, records in groups.items():
        truths = [test(record) for record in records]
        if any(truth is True for truth in truths):
            found.append(key)
            continue
        unknown = next((truth for truth in truths if isinstance(truth, str)), "")
        if unknown:
            return [], unknown
    found.sort(key=lambda key: (max(one["date"] for one in groups[key]), key), reverse=True)
    return found, ""


def _as_messages(world: World) -> list[Record]:
    """The drafts as the messages that they will be."""
    return [
        {**one, "id": one["messageId"], "draftId": one["id"], "labelIds": ["DRAFT"]}
        for one in world.table("gmail.drafts")
    ]


def _preview(thread: str, messages: list[Record], form: str) -> Record:
    """A thread as a search shows it: its oldest messages, and none of the later ones."""
    ordered = sorted(messages, key=lambda one: (one["date"], one["id"]))
    return shown_thread(thread, ordered[:_PREVIEW], form)


def _listing(
    world: World,
    name: str,
    keys: list[str],
    arguments: Arguments,
    identity: Json,
    shown: Callable[[str], Record],
) -> Answer:
    token = arguments.get("pageToken") or None
    page = page_of(keys, str, page_size(arguments.get("pageSize")), token, identity, invalid_token())
    try:
        rows = [shown(key) for key in page.rows]
    except NotHeld as missing:
        return incomplete(world, str(missing))
    # Nothing found is an empty object, says the tool's own description.
    return Answer(world, without_empty({name: rows, "nextPageToken": page.cursor}))


def _in_form(
    world: World, arguments: Arguments, shown: Callable[[str], Record], *, raw: bool = True
) -> Answer:
    form = arguments.get("messageFormat") or _FULL
    if form == "RAW":
        if not raw:
            raise Refused("Request contains an invalid argument. messageFormat: RAW is not supported here.")
        return incomplete(
            world, "the message as it was sent (RAW)", "MINIMAL, METADATA_ONLY, PLAIN_TEXT and FULL_CONTENT"
        )
    try:
        return Answer(world, shown(_FULL if form == "MESSAGE_FORMAT_UNSPECIFIED" else form))
    except NotHeld as missing:
        return incomplete(world, str(missing))
