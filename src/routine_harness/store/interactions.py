"""One recorded HTTP request with its answer, and the key by which requests are told apart.

Two requests are one if server, method, path, query and body say the same: the order of a query or of
a JSON object's names, and the id of a JSON-RPC call, say nothing.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote

import msgspec

from routine_harness.plain import Json
from routine_harness.redaction.redactor import unnumbered
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.network import split_url
from routine_harness.world import bodies

Headers = dict[str, list[str]]

MAX_BODY: Final = 64 * 1024 * 1024
"""Bytes that a body may have, or come to when it is decompressed."""


class TooLargeError(ValueError):
    """A body is longer than any that is taken."""


_PORTS: Final = {"http": 80, "https": 443}


class Interaction(msgspec.Struct, frozen=True):
    """A request and its answer. Bodies are as they went over the wire; ``line`` is where the
    interaction stands in its file, 0 if unknown."""

    method: str
    url: str
    status: int
    body: bytes = b""
    headers: Headers = {}
    request_body: bytes = b""
    request_headers: Headers = {}
    reason: str = ""
    line: int = 0

    @property
    def key(self) -> str:
        """What identifies the request; see ``request_key``."""
        return request_key(self.method, self.url, self.request_body)

    @property
    def plain(self) -> bytes:
        """The body without its compression.

        Raises:
            ValueError: it is not what its headers say.
        """
        return decompressed(self.body, self.headers)

    def json(self) -> Json:
        """The body as JSON values; None where it is none."""
        try:
            return msgspec.json.decode(self.plain)
        except (*NOT_JSON, ValueError):
            return None


def request_key(method: str, url: str, body: bytes | str | None = None) -> str:
    """``METHOD server/path?query`` and, where there is a body, its digest.

    Placeholders count without their numbers, which differ from file to file.
    """
    url = unnumbered(url)
    parts = split_url(url)
    head = f"{method.upper()} {server_of(url)}{unquote(parts.path) or '/'}"
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    if query:
        head += "?" + "&".join(f"{name}={value}" for name, value in query)
    content = canonical_body(body)
    return f"{head} {hashlib.sha256(content).hexdigest()[:20]}" if content else head


def server_of(url: str) -> str:
    """The host in lower case, with its port unless that is the scheme's own."""
    parts = split_url(url)
    host = (parts.hostname or "").lower()
    try:
        port = parts.port
    except ValueError:
        port = None
    return host if port in (None, _PORTS.get(parts.scheme)) else f"{host}:{port}"


def canonical_body(body: bytes | str | None) -> bytes:
    """A request's body in one spelling (see ``world.bodies``), decompressed."""
    if isinstance(body, bytes | bytearray) and body[:2] == b"\x1f\x8b":
        try:
            body = inflated(bytes(body), "gzip")
        except ValueError:
            return bytes(body)
    return bodies.canonical_body(body)


def header(headers: Mapping[str, list[str]], name: str) -> str:
    """The first value of the header ``name``, whatever its spelling; empty if there is none."""
    for spelt, values in headers.items():
        if spelt.lower() == name:
            return str(values[0]) if values else ""
    return ""


def decompressed(body: bytes, headers: Mapping[str, list[str]]) -> bytes:
    """``body`` without the compression that ``headers`` tell of.

    A text under a header that speaks of compression was decoded by whoever recorded it, and is
    given as it stands.

    Raises:
        ValueError: the body is neither compressed nor text.
    """
    for encoding in reversed(
        [part.strip() for part in header(headers, "content-encoding").lower().split(",")]
    ):
        if encoding in ("", "identity") or not body:
            continue
        body = _decoded(body, encoding)
    return body


def _decoded(body: bytes, encoding: str) -> bytes:
    compressed = encoding in ("gzip", "x-gzip") and body[:2] == b"\x1f\x8b"
    if compressed or encoding == "deflate":
        try:
            return inflated(body, encoding)
        except TooLargeError:
            raise
        except ValueError:
            if compressed:
                raise
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"the body is neither {encoding} nor text") from error
    return body


def inflated(body: bytes, encoding: str) -> bytes:
    """``body`` decompressed, up to ``MAX_BODY`` bytes.

    Raises:
        TooLargeError: it comes to more.
        ValueError: it is damaged.
    """
    try:
        if encoding == "deflate":
            return (
                _limited(zlib.decompressobj(), body)
                if body[:1] == b"\x78"
                else _limited(zlib.decompressobj(-15), body)
            )
        return _limited(zlib.decompressobj(31), body)
    except zlib.error as error:
        raise ValueError(f"the body is damaged: {error}") from error


def _limited(engine: Json, body: bytes) -> bytes:
    text: bytes = engine.decompress(body, MAX_BODY)
    if engine.unconsumed_tail:
        raise TooLargeError(f"a body that comes to more than {MAX_BODY} bytes")
    if not engine.eof:
        raise ValueError("the body is damaged: it breaks off")
    return text


READING: Final = ("GET", "HEAD", "OPTIONS")


def reads(method: str, body: bytes) -> bool:
    """Whether a request reads and changes nothing: by its method, or as a GraphQL query."""
    return method.upper() in READING or (method.upper() == "POST" and is_query(body))


def is_write(interaction: Interaction) -> bool:
    """Whether a recorded request changed something outside; a message of JSON-RPC may have read."""
    if interaction.method != "POST":
        return interaction.method in ("PUT", "PATCH", "DELETE")
    return b'"jsonrpc"' not in interaction.request_body and not is_query(interaction.request_body)


def is_query(body: bytes) -> bool:
    """Whether a POST with this body asks by a GraphQL document that holds no mutation."""
    if b'"query"' not in body:
        return False
    # Imported here: graphql-core takes 0.2 s, which a recording without GraphQL need not pay.
    from graphql.error import GraphQLError

    from routine_harness.world.github.graphql.documents import (
        is_too_deep,
        parse_document,
        read_document,
        read_envelope,
    )

    try:
        envelope = read_envelope(msgspec.json.decode(body))
        if not isinstance(envelope.query, str) or is_too_deep(envelope.query):
            return False
        document = parse_document(envelope.query)
    except (*NOT_JSON, GraphQLError):
        return False
    return not any(top.mutates for top in read_document(document, envelope))
