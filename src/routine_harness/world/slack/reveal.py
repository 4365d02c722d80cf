"""What Slack's answers say about its world: Markdown back into the records that it was made from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.reveals import Row, reading_json

_HEADING: Final = re.compile(r"^Channel: #?(\S+) \(([CGD][A-Z0-9]+)\)")
_MESSAGE: Final = re.compile(
    r"^=== Message from ([^\n]+?) \((\w+)\) at [^\n]*? === *\nMessage TS: ([\d.]+)\n"
    r"(.*?)(?=\n\n=== Message from |\Z)",
    re.MULTILINE | re.DOTALL,
)
_IN_THREAD: Final = re.compile(
    r"^From: ([^\n]+?) \((\w+)\)\nTime: [^\n]*\nMessage TS: ([\d.]+)\n"
    r"(.*?)(?=\n\n=== THREAD REPLIES|\n\n?--- Reply|\n\nNo thread|\Z)",
    re.MULTILINE | re.DOTALL,
)
_RESULT: Final = re.compile(r"^### Result \d+ of \d+\n(.*?)(?=\n\n---\n|\Z)", re.MULTILINE | re.DOTALL)
_FOUND: Final = re.compile(
    r"Channel: #?(\S+) \((?:ID: )?(\w+)\)\nFrom: ([^\n]+?) \((?:ID: )?(\w+)\) *\nTime: [^\n]*\n"
    r"(?:Message_ts|TS): ([\d.]+)\n(?:Permalink: [^\n]*\n)?Text: ?\n?(.*)",
    re.DOTALL,
)
_TAIL: Final = re.compile(r"\n(?:Thread: \d+ replies .*|Reactions: .*)$")


def _channel(_: Record, answer: Json) -> list[Row]:
    text = answer["messages"]
    heading = _HEADING.match(text)
    if heading is None:
        return []
    rows: list[Row] = [("channels", {"name": heading[1], "id": heading[2]})]
    for author, user, ts, said in _MESSAGE.findall(text):
        rows += [_user(author, user), ("messages", _message(heading[1], user, ts, said))]
    return rows


def _thread(arguments: Record, answer: Json) -> list[Row]:
    rows: list[Row] = []
    for author, user, ts, said in _IN_THREAD.findall(answer["messages"]):
        record = _message(arguments["channel_id"], user, ts, said)
        if ts != arguments["message_ts"]:
            record["thread_ts"] = arguments["message_ts"]
        rows += [_user(author, user), ("messages", record)]
    return rows


def _search(_: Record, answer: Json) -> list[Row]:
    rows: list[Row] = []
    for part in _RESULT.findall(answer["results"]):
        match = _FOUND.match(part)
        if match is not None:
            name, channel, author, user, ts, said = match.groups()
            record = _message(name, user, ts, said.partition("\nContext ")[0])
            thread = re.search(r"thread_ts=([\d.]+)", part)
            if thread:
                record["thread_ts"] = thread[1]
            rows += [("channels", {"name": name, "id": channel}), _user(author, user), ("messages", record)]
    return rows


def _channels(_: Record, answer: Json) -> list[Row]:
    rows: list[Row] = []
    for fields in _results(answer):
        link = re.search(r"/archives/(\w+)", fields.get("Permalink", ""))
        if "Name" in fields and link:
            known = {"topic": fields.get("Topic", ""), "purpose": fields.get("Purpose", "")}
            archived = fields.get("Is Archived") == "true"
            rows.append(
                ("channels", {"name": fields["Name"], "id": link[1], **known, "is_archived": archived})
            )
    return rows


def _users(_: Record, answer: Json) -> list[Row]:
    return [
        ("users", {"id": fields["User ID"], "real_name": fields["Name"], **_named(fields)})
        for fields in _results(answer)
        if "User ID" in fields and "Name" in fields
    ]


def _named(fields: dict[str, str]) -> Record:
    names = {"Email": "email", "Title": "title", "Timezone": "tz"}
    return {name: fields[label] for label, name in names.items() if label in fields}


def _results(answer: Json) -> Iterator[dict[str, str]]:
    for part in _RESULT.findall(answer["results"]):
        yield dict(line.split(": ", 1) for line in part.splitlines() if ": " in line)


def _user(author: str, user: str) -> Row:
    match = re.fullmatch(r"(.*?)(?: <([^>]*)>)?", author)
    record: Record = {"id": user, "real_name": match[1] if match else author}
    return ("users", {**record, "email": match[2]} if match and match[2] else record)


def _message(channel: str, user: str, ts: str, said: str) -> Record:
    text = said
    while _TAIL.search(text):
        text = _TAIL.sub("", text)
    return {"channel": channel, "user": user, "ts": ts, "text": text.rstrip("\n")}


REVEALS: Final = {
    "slack_read_channel": reading_json(_channel),
    "slack_read_thread": reading_json(_thread),
    "slack_search_public": reading_json(_search),
    "slack_search_public_and_private": reading_json(_search),
    "slack_search_channels": reading_json(_channels),
    "slack_search_users": reading_json(_users),
}
