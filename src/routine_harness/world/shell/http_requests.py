"""What a request comes to: GitHub's tool that does the same, a message, a read, or ``http.requested``.

A request to this very machine is no effect.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from routine_harness.plain import Json, Record
from routine_harness.world.github.rest.rest_requests import rest_call
from routine_harness.world.holes import fasten, has_hole, holes_of, is_hole
from routine_harness.world.shell.acts import HTTP_READ, Act, Word, effect, line_of
from routine_harness.world.shell.graphql_requests import graphql_request
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.scripts import unknown_part

API_HOST: Final = "api.github.com"
READING: Final = ("GET", "HEAD", "OPTIONS", "TRACE")
_SLACK_CALLS: Final = {
    "chat.postmessage": "message.posted",
    "chat.memessage": "message.posted",
    "chat.postephemeral": "message.posted",
    "chat.schedulemessage": "message.scheduled",
    "chat.update": "message.updated",
    "chat.delete": "message.deleted",
    "reactions.add": "reaction.added",
    "reactions.remove": "reaction.removed",
}
_MARK: Final = 90_000_000_000_000_000
"""Numbers that stand for the holes of a path while it is matched."""


class Request(NamedTuple):
    """One request; ``hosts`` are others that it is led to, ``query_fields`` says that its fields go into
    the address."""

    method: str
    url: str
    body: Json = None
    hosts: tuple[str, ...] = ()
    query_fields: bool = False
    query: Mapping[str, str] = {}


def request(reader: Reader, argv: list[Word], asked: Request) -> None:
    """Note what a request does."""
    if has_hole(asked.method):
        if not is_loopback(_split(asked.url).hostname or ""):
            reason = f"the method is {unknown_part(Word(asked.method))}"
            reader.undecided(reason, line_of(argv), argv[0].text)
        return
    parts = _split(fasten(asked.url, loose=False))
    host = _host(parts, asked.hosts)
    path = _normal(parts.path)
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **asked.query}
    body = asked.body
    if asked.query_fields and isinstance(body, Mapping):
        query, body = {**query, **body}, None
    if host == API_HOST and path.strip("/") in ("graphql", "api/graphql"):
        if asked.method not in READING:
            graphql_request(reader, argv, body if isinstance(body, Mapping) else None)
        return
    if is_loopback(host):
        reader.looked = reader.looked or asked.method in READING
        return
    if host == API_HOST or path.startswith("/api/v3/") or (has_hole(host) and path.startswith("/repos/")):
        call = _github_call(asked.method, path.removeprefix("/api/v3"), query, body)
        if call is not None:
            reader.acts.append(call)
            return
    if asked.method in READING:
        reader.looked = True
        if not has_hole(asked.url):
            reader.acts.append(Act(HTTP_READ, {"method": asked.method, "url": asked.url}))
        return
    if message := slack_act(host, path, body):
        reader.acts.append(message)
        return
    _requested(reader, asked.method, host, path or "/", body=body)


def _requested(reader: Reader, method: str, host: str, path: str | None, body: Json = None) -> None:
    """Note a request to a host that counts."""
    if is_loopback(host):
        return
    text = body if isinstance(body, str) or body is None else json.dumps(body, ensure_ascii=False)
    reader.acts.append(effect("http.requested", method=method, host=host, path=path, body=text))


def _requested_by_hand(reader: Reader, host: str, text: str) -> bool:
    """Whether bytes that are sent to ``host`` are a request of HTTP; what it does is noted."""
    lines = text.replace("\r", "").split("\n")
    found = re.match(r"([A-Z]+) (\S+) HTTP/\d", lines[0]) if lines else None
    if found is None:
        return False
    named = next((line[5:].strip() for line in lines if line.lower().startswith("host:")), "")
    body = text.replace("\r", "").partition("\n\n")[2] or None
    url = found[2] if found[2].startswith("http") else f"https://{host}{found[2]}"
    request(reader, [Word(host)], Request(found[1], url, with_json(body), (named,) if named else ()))
    return True


def send(reader: Reader, host: str, stdin: Text) -> None:
    """Bytes go to a host in a form of their own; a request of HTTP among them is read as one."""
    if not stdin.given or stdin.text == "":
        return
    if stdin.text is None or not _requested_by_hand(reader, host, stdin.text):
        _requested(reader, "SEND", host, None, stdin.text)


def _host(parts: SplitResult, others: tuple[str, ...]) -> str:
    """The host that counts: the one of the address, unless it is led to another one that counts more."""
    host = (parts.hostname or "").rstrip(".")
    named = [
        other.partition(":")[0].lower().rstrip(".") if other.count(":") < 2 else other for other in others
    ]
    if API_HOST in (host, *named):
        return API_HOST
    if is_loopback(host):
        return next((other for other in named if other and not is_loopback(other)), host)
    return host


def _normal(path: str) -> str:
    """A path as servers read it: no doubled slashes, no dots, letters that are written out."""
    path = re.sub(r"%([0-9A-Fa-f]{2})", _unescaped_letter, path)
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts) if parts else path[:1]


def _unescaped_letter(found: re.Match[str]) -> str:
    character = unquote(found[0], errors="replace")
    return character if character.isalnum() or character in "-_.~" else found[0]


def _github_call(method: str, path: str, query: Mapping[str, Json], body: Json) -> Act | None:
    """The call of GitHub's tool that a request of its REST interface stands for; a hole of the path is the
    argument that it stands for."""
    holes = list(dict.fromkeys(holes_of(path)))
    given = body if isinstance(body, Mapping | list) else None
    for whole in (False, True):
        numbered, marks = path, {}
        for number, each in enumerate(holes):
            mark = str(_MARK + number)
            # `repos/$GITHUB_REPOSITORY/pulls`: the one hole is owner and name.
            owner_and_name = whole and f"{path}/".startswith(f"/repos/{each}/")
            place = f"{mark}/{mark}" if owner_and_name else mark
            numbered = numbered.replace(each, place)
            marks[mark] = each
        found = rest_call(method, numbered, query, given)
        if found is not None:
            arguments = {name: _unmarked(value, marks) for name, value in found.arguments.items()}
            return Act(connector=found.connector, tool=found.tool, server=found.server, arguments=arguments)
    return None


def _unmarked(value: Json, marks: Mapping[str, str]) -> Json:
    if isinstance(value, str) or type(value) is int:
        text = str(value)
        for mark, each in marks.items():
            text = text.replace(mark, each)
        return text if text != str(value) else value
    if isinstance(value, Mapping):
        return {name: _unmarked(held, marks) for name, held in value.items()}
    return [_unmarked(held, marks) for held in value] if isinstance(value, list) else value


def slack_act(host: str, path: str, body: Json) -> Act | None:
    """What a request says in Slack: an incoming webhook, or a method of its interface."""
    fields = body if isinstance(body, Mapping) else dict(parse_qsl(body)) if isinstance(body, str) else {}
    if host in ("hooks.slack.com", "hooks.slack-gov.com") and path.startswith(
        ("/services/", "/workflows/", "/triggers/")
    ):
        kind = "message.posted"
    elif host == "slack.com" and path.startswith("/api/"):
        kind = _SLACK_CALLS.get(path.removeprefix("/api/").lower(), "")
    else:
        return None
    if not kind:
        return None
    text = fields.get("text") or (json.dumps(fields["blocks"]) if fields.get("blocks") else None)
    if text is None and isinstance(body, str):
        text = body
    channel = fields.get("channel")
    thread = fields.get("thread_ts")
    given: Record = {"channel": channel, "text": text, "thread": thread, "at": fields.get("ts")}
    if kind.startswith("reaction"):
        given = {"channel": channel, "emoji": fields.get("name")}
    return effect(kind, "slack", **given)


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    host = host.strip("[]").lower().rstrip(".")
    if host in ("localhost", "ip6-localhost", "host.docker.internal") or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def counts(address: str) -> bool:
    """Whether an address is of a host outside this machine."""
    host = _split(address).hostname or ""
    return bool(host) and not is_hole(host) and not is_loopback(host)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url if "://" in url else f"http://{url}")
    except ValueError:
        return urlsplit("http:///")


def with_json(body: Json) -> Json:
    """A body as JSON values if it is JSON, else as it stands."""
    if not isinstance(body, str) or not body.lstrip().startswith(("{", "[")):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body
