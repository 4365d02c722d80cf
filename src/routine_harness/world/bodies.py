"""Bodies of requests and answers: bytes as text, and one spelling for all requests that say the same.

A body's charset is told by its byte order mark, its declared charset, or its ``meta`` element; else it is
UTF-8. That is the order of the WHATWG encoding standard. Labels that the standard maps to windows-1252
(``iso-8859-1``, ``ascii``) are read as that.
"""

from __future__ import annotations

import codecs
import re
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from routine_harness.plain import Json
from routine_harness.redaction.redactor import unnumbered
from routine_harness.routine.document import NOT_JSON

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WINDOWS: Final = frozenset({"iso8859-1", "latin-1", "ascii", "us-ascii"})
_SCANNED: Final = 1024
"""Bytes of a document in which a ``meta`` element may name its charset."""
_META: Final = re.compile(rb"""<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML: Final = re.compile(rb"""\A\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']""", re.IGNORECASE)
_DECLARED: Final = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)


def declared_charset(content_type: str) -> str | None:
    """The codec that a ``Content-Type`` names; None where it names no known one."""
    found = _DECLARED.search(content_type)
    return None if found is None else _codec(found[1])


def decode_body(body: bytes, content_type: str = "") -> str:
    """``body`` as text, without a byte order mark; what its charset does not know is ``U+FFFD``."""
    for mark, marked in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(marked, "replace")
    codec = declared_charset(content_type) or _own_charset(body, content_type)
    if codec == "utf-16":  # without a mark, as the standard reads it
        codec = "utf-16-le"
    return body.decode(codec or "utf-8", "replace")


def encode_body(text: str, content_type: str = "") -> bytes:
    """``text`` as a service that declares ``content_type`` sends it; as UTF-8 where that cannot."""
    codec = declared_charset(content_type) or "utf-8"
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _own_charset(body: bytes, content_type: str) -> str | None:
    """The charset that a document itself names; one that is read byte by byte cannot be UTF-16."""
    kind = content_type.partition(";")[0].strip().lower()
    head = body[:_SCANNED]
    found = _XML.match(head) if "xml" in kind or not kind else None
    if found is None and ("html" in kind or not kind):
        found = _META.search(head)
    codec = None if found is None else _codec(found[1].decode("ascii", "replace"))
    return "utf-8" if codec is not None and codec.startswith("utf-16") else codec


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name
    except LookupError:
        return None
    return "cp1252" if name in _WINDOWS else name


_ENCODE: Final = msgspec.json.Encoder(order="deterministic").encode


def canonical_body(body: bytes | str | None) -> bytes:
    """A request's body in one spelling: JSON with its names sorted and without a JSON-RPC id, a form
    sorted by name, anything else as it stands."""
    if not body:
        return b""
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)
    if b"[redacted:" in raw:
        raw = unnumbered(raw.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    if raw.lstrip()[:1] in (b"{", b"["):
        try:
            return _ENCODE(_without_id(msgspec.json.decode(raw)))
        except NOT_JSON:
            return raw
    if b"=" in raw and b"\n" not in raw and b" " not in raw.strip():
        pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
        if pairs:
            return _ENCODE(sorted(pairs))
    return raw


def _without_id(value: Json) -> Json:
    if isinstance(value, list):
        return [_without_id(element) if isinstance(element, dict) else element for element in value]
    if isinstance(value, dict) and "jsonrpc" in value:
        return {name: held for name, held in value.items() if name != "id"}
    return value


def document_of(body: bytes) -> str | None:
    """The GraphQL document of a request in one spelling, with its variables; None where there is none.

    White space and commas say nothing in it, and an absent variable is as good as none.
    """
    try:
        value = msgspec.json.decode(body)
    except NOT_JSON:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("query"), str):
        return None
    text = value["query"]
    if "{" not in text:
        return None
    variables = {k: v for k, v in (value.get("variables") or {}).items() if v is not None}
    words = text.replace(",", " ").replace("{", " { ").replace("}", " } ").split()
    return f"{' '.join(words)} {_ENCODE([variables, value.get('operationName')]).decode()}"
