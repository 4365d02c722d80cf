"""Recordings of nock, Betamax and Ruby VCR as interactions, from which cassettes are written.

Input of others: what is missing or of the wrong type is named, and nothing of it is executed.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, Literal, NamedTuple
from urllib.parse import quote

import msgspec

from routine_harness.errors import Problem, RecordingError
from routine_harness.plain import Json, Record
from routine_harness.store.cassette_bodies import part_body
from routine_harness.store.cassettes import parse_cassette, read_headers, read_status, read_values
from routine_harness.store.indexed import is_indexed
from routine_harness.store.interactions import Headers, Interaction, header

Kind = Literal["nock", "betamax", "ruby-vcr", "vcrpy", "routine-harness"]
_KNOWN: Final = "known are recordings of nock (JSON), Betamax, Ruby VCR (JSON or YAML) and vcrpy"


class Imported(NamedTuple):
    """The interactions of a file, and which tool wrote it."""

    kind: Kind
    interactions: tuple[Interaction, ...]


def import_recording(data: bytes, file: str) -> Imported:
    """The interactions in a recording of any known tool.

    Raises:
        RecordingError: with every problem found; also for a file of something else altogether.
    """
    if is_indexed(data):
        return Imported("routine-harness", parse_cassette(data, file))
    value, line_of = read_values(data, file)
    if (
        isinstance(value, list)
        and value
        and all(isinstance(entry, dict) and "scope" in entry for entry in value)
    ):
        return Imported("nock", _each(value, _nock, line_of, file))
    if isinstance(value, dict) and isinstance(value.get("http_interactions"), list):
        ruby = str(value.get("recorded_with", "")).upper().startswith("VCR")
        read = _each(value["http_interactions"], _interaction, line_of, file)
        return Imported("ruby-vcr" if ruby else "betamax", read)
    if isinstance(value, dict) and "interactions" in value:
        return Imported("vcrpy", parse_cassette(data, file))
    found = (
        "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)[:40]
    )
    raise RecordingError.at(file, 1, f"expected recorded HTTP interactions, found {found}", _KNOWN)


def _each(
    entries: list[Json], read: Callable[[Json, int], Interaction], line_of: Callable[[int], int], file: str
) -> tuple[Interaction, ...]:
    problems: list[Problem] = []
    found: list[Interaction] = []
    for number, entry in enumerate(entries):
        line = line_of(number)
        try:
            interaction = read(entry, line)
            interaction.plain  # noqa: B018 - a body that does not decompress is a problem of this file
            found.append(interaction)
        except ValueError as error:
            problems.append(Problem(file, line, f"interaction {number + 1}: {error}"))
    if problems:
        raise RecordingError(*problems)
    return tuple(found)


def _interaction(entry: Json, line: int) -> Interaction:
    """One interaction of Betamax or of Ruby VCR, which share a form."""
    request, response = (
        entry.get(name) if isinstance(entry, dict) else None for name in ("request", "response")
    )
    if not isinstance(request, dict) or not isinstance(response, dict):
        raise ValueError("expected a request and a response")
    method, url = request.get("method"), request.get("uri")
    if not isinstance(method, str) or not isinstance(url, str) or "://" not in url:
        raise ValueError(f"expected method and uri of the request, found {method!r} and {url!r}")
    status = response.get("status")
    code, reason = (status.get("code"), status.get("message")) if isinstance(status, dict) else (status, "")
    headers = read_headers(response.get("headers"), "response")
    body, _ = part_body(response, "response")
    return Interaction(
        method.upper(),
        _legal(url),
        read_status(code),
        body,
        _marked(headers, body),
        part_body(request, "request")[0],
        read_headers(request.get("headers"), "request"),
        str(reason or ""),
        line,
    )


def _legal(url: str) -> str:
    """``url`` as a client sends it: what may not stand in one is escaped."""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~")


def _marked(headers: Headers, body: bytes) -> Headers:
    """Headers that say gzip where the body is gzip: some recorders keep the body and drop the header."""
    if body[:2] == b"\x1f\x8b" and not header(headers, "content-encoding"):
        return {**headers, "Content-Encoding": ["gzip"]}
    return headers


def _nock(entry: Json, line: int) -> Interaction:
    scope, path, method = entry.get("scope"), entry.get("path"), entry.get("method")
    if (
        not isinstance(scope, str)
        or "://" not in scope
        or not isinstance(path, str)
        or not isinstance(method, str)
    ):
        raise ValueError(f"expected scope, method and path, found {scope!r}, {method!r} and {path!r}")
    status = read_status(entry.get("status", 200))
    headers = _nock_headers(entry)
    body = _nock_body(entry.get("response", ""), entry, headers)
    return Interaction(
        method.upper(),
        _legal(_without_port(scope) + path),
        status,
        body,
        headers,
        _nock_body(entry.get("body", ""), {}, {}),
        read_headers(entry.get("reqheaders"), "request"),
        _reason(status),
        line,
    )


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _without_port(scope: str) -> str:
    scheme, _, host = scope.rstrip("/").partition("://")
    return f"{scheme}://{host.removesuffix({'https': ':443', 'http': ':80'}.get(scheme, chr(0)))}"


def _nock_headers(entry: Record) -> Headers:
    """``rawHeaders`` as a flat list or by name; ``headers`` in older recordings."""
    raw = entry.get("rawHeaders", entry.get("headers"))
    if not isinstance(raw, list):
        return read_headers(raw, "response")
    if len(raw) % 2:
        raise ValueError("expected rawHeaders in pairs, found a name without a value")
    headers: Headers = {}
    for name, value in zip(raw[::2], raw[1::2], strict=True):
        headers.setdefault(str(name), []).append(str(value))
    return headers


def _nock_body(body: Json, entry: Record, headers: Headers) -> bytes:
    """JSON as values, text as it stands, binary as hexadecimal digits."""
    if body in ("", None):
        return b""
    encoded = bool(header(headers, "content-encoding"))
    if isinstance(body, list) and body and encoded and all(isinstance(part, str) for part in body):
        return _unhex("".join(body))
    if isinstance(body, str):
        return _unhex(body) if entry.get("responseIsBinary") else body.encode("utf-8", "surrogatepass")
    return msgspec.json.encode(body)


def _unhex(text: str) -> bytes:
    try:
        return binascii.unhexlify(text)
    except binascii.Error as error:
        raise ValueError(f"expected a binary body in hexadecimal digits: {error}") from error
