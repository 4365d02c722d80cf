"""The network as the world knows it: pages by method, address and body of the request.

A row of ``http.answers`` holds one answer, or ``answers`` that are given one after the other, the last
of them again and again. How often each was given is counted in the world, so that asking is pure.
"""

from __future__ import annotations

import base64
import binascii
import functools
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlunsplit

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.network import DENIED, denial, is_allowed, is_loopback, split_url
from routine_harness.routine.spec import Environment
from routine_harness.world.bodies import canonical_body, decode_body, document_of, encode_body
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolResult

TABLE: Final = "http.answers"
_TURN: Final = "http.turn "
"""How the counters begin that count the answers of a row."""


class Page(msgspec.Struct, frozen=True):
    """One answer: its status, its headers in order, its body as it went over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reason: str = ""

    def header(self, name: str) -> str:
        """The first value of a header; empty if there is none."""
        return next((value for held, value in self.headers if held.lower() == name), "")

    @property
    def text(self) -> str:
        """The body by its charset."""
        return decode_body(self.body, self.header("content-type"))

    @property
    def phrase(self) -> str:
        """The words beside the status; empty for one that HTTP does not know."""
        if self.reason:
            return self.reason
        from http import HTTPStatus  # a replayed case without HTTP has no need of it

        known = self.status in HTTPStatus._value2member_map_
        return HTTPStatus(self.status).phrase if known else ""


@functools.lru_cache(maxsize=16_384)
def canonical_url(url: str) -> str:
    """``url`` with its host in lower case, its query sorted, and no fragment or default port."""
    parts = split_url(url if "://" in url else f"https://{url}")
    host = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme)
    try:
        port = parts.port
    except ValueError:
        port = None
    place = host if port in (None, default) else f"{host}:{port}"
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return urlunsplit((parts.scheme, place, parts.path or "/", query, ""))


def answer_key(record: Record) -> tuple[str, ...]:
    """What identifies a row: method and address and, where it says one, the body of the request."""
    key = (str(record["method"]), str(record["url"]))
    return (*key, request_of(record).decode(errors="replace")) if "request" in record else key


def request_of(record: Record) -> bytes:
    """The body of the request that a row answers."""
    return canonical_body(_bytes(record.get("request") or "", ""))


def find_answer(world: World, method: str, url: str, body: bytes | None = b"") -> Record | None:
    """The row that answers this request; the nearest layer of a world's has the last word.

    A URL that the table holds without a query answers every query; http and https are one. A HEAD is
    answered by what answers the GET. ``body`` is None where nobody knows it. A write whose body was
    not recorded is answered by what the same address answered, save a GraphQL document, which alone
    says what is asked for.
    """
    table = world.table(TABLE)
    if not len(table):
        return None
    wanted = canonical_url(url).partition("://")[2]
    bare = wanted.partition("?")[0]
    exact: list[Record] = []
    wide: list[Record] = []
    for record in table:
        if record.get("method", "GET") != method:
            continue
        held = canonical_url(str(record["url"])).partition("://")[2]
        if held == wanted:
            exact.append(record)
        elif held == bare:
            wide.append(record)
    found = _by_body(world, exact, body) or _by_body(world, wide, body)
    return find_answer(world, "GET", url, body) if found is None and method == "HEAD" else found


def _by_body(world: World, rows: list[Record], body: bytes | None) -> Record | None:
    """The row whose request had this body; else one that says nothing of a body, or the next one."""
    spoken = [row for row in rows if "request" in row]
    if not spoken:
        return rows[-1] if rows else None
    asked = canonical_body(body)
    for row in spoken if body is not None else ():
        if request_of(row) == asked:
            return row
    document = document_of(asked)
    if document is not None:
        return next((row for row in spoken if document_of(request_of(row)) == document), None)
    plain = [row for row in rows if "request" not in row]
    if plain:
        return plain[-1]
    others = [row for row in spoken if document_of(request_of(row)) is None]
    left = (row for row in others if turns(world, row) < len(_listed(row)))
    return next(left, others[-1] if others else None)


def take_page(world: World, record: Record) -> tuple[World, Page]:
    """The answer that is due, and the world in which it was given."""
    page = due_page(world, record)
    if "answers" in record or "source" in record:
        world, _ = world.next_id(_counter(record), 0)
    return world, page


def due_page(world: World, record: Record) -> Page:
    """The answer that is due, without giving it."""
    pages = _listed(record)
    return page_of(pages[min(turns(world, record), len(pages) - 1)])


def take_recorded(world: World, method: str, url: str, body: bytes | None = b"") -> tuple[World, Page] | None:
    """The answer that is due to this request; None where the table has none."""
    record = find_answer(world, method, url, body)
    return None if record is None else take_page(world, record)


def page_of(answer: Mapping[str, Json]) -> Page:
    """The page that an answer spells; a body that is no text is JSON, or bytes in ``base64``."""
    given = answer.get("headers") or {}
    headers = tuple(
        (str(name), str(value))
        for name, values in given.items()
        for value in (values if isinstance(values, list) else [values])
    )
    page = Page(int(answer.get("status", 200)), headers, reason=str(answer.get("reason") or ""))
    body = answer.get("body", "")
    if not isinstance(body, str) and not page.header("content-type"):
        page = msgspec.structs.replace(page, headers=(*headers, ("content-type", "application/json")))
    return msgspec.structs.replace(page, body=_bytes(body, page.header("content-type")))


def pages_of(record: Record) -> list[Page]:
    """All answers of a row, in their order."""
    return [page_of(one) for one in _listed(record)]


def _listed(record: Record) -> list[Mapping[str, Json]]:
    answers = record.get("answers")
    return [{**record, **one} for one in answers] if isinstance(answers, list) and answers else [record]


def _bytes(body: Json, content_type: str) -> bytes:
    if isinstance(body, str):
        return encode_body(body, content_type)
    if isinstance(body, dict) and body.keys() == {"base64"}:
        try:
            return base64.b64decode(body["base64"])
        except (binascii.Error, TypeError, ValueError):
            return b""
    return msgspec.json.encode(body)


def spelt_body(body: bytes) -> Json:
    """``body`` as a row holds it: a text, or bytes in ``base64``."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _counter(record: Record) -> str:
    return _TURN + " ".join(answer_key(record))


def turns(world: World, record: Record) -> int:
    """How often a recorded row has answered."""
    return world.counters.get(_counter(record), 0)


def rewound(world: World) -> World:
    """``world`` as if no page had been given yet."""
    counters = world.counters
    for name in [name for name in counters if name.startswith(_TURN)]:
        counters = counters.delete(name)
    return world if counters is world.counters else World(world.tables, world.clock, counters)


def unplayed(world: World) -> Iterator[tuple[str, int]]:
    """The recorded requests of which answers were not given, a line each, with the number of those.

    What a model answers as well is part of the world, and nobody has to ask for it.
    """
    for record in world.table(TABLE):
        left = len(_listed(record)) - turns(world, record)
        if "source" in record and not record.get("model") and left > 0:
            yield f"{record['method']} {record['url']} {record['source']}", left


def denied(world: World, url: str, environment: Environment) -> Outcome | None:
    """The proxy's answer to a request that ``environment`` does not let through; None where it does.

    A client that cannot reach the host gets no answer of its own, recorded ones included.
    """
    host = split_url(url if "://" in url else f"https://{url}").hostname or ""
    if not host or is_loopback(host) or is_allowed(host, environment):
        return None
    text = f"HTTP 403\nx-deny-reason: {DENIED}\n{denial(host)}".rstrip()
    return Outcome(world, ToolResult(text, is_error=True))


def fetch(world: World, method: str, url: str, body: bytes | None = b"") -> Outcome:
    """What a client reads at ``url``, as ``found`` the page; an address that the world does not know
    is incomplete."""
    record = find_answer(world, method, url, body)
    if record is None:
        missing = f"{method} {url}"
        return Outcome(
            world, ToolResult(f"The world has no answer to {missing}.", is_error=True), (), missing
        )
    world, page = take_page(world, record)
    return Outcome(world, page_result(page), found=page)


def page_result(page: Page) -> ToolResult:
    """A page as the agent's own tool tells of it."""
    if page.status >= 400:
        text = f"Request failed with status code {page.status}\n{page.text}".rstrip()
        return ToolResult(text, is_error=True)
    return ToolResult(page.text)
