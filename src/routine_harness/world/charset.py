"""Bytes of a body as text: by byte order mark, declared charset, ``meta`` element, else UTF-8.

The order is that of the WHATWG encoding standard; labels that it maps to windows-1252
(``iso-8859-1``, ``ascii``) are read as that.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

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
    """The codec that a ``Content-Type`` names; None where it names none that is known."""
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
