"""Bodies are read by byte order mark, declared charset, or what the document says of itself."""

from __future__ import annotations

import codecs

import pytest

from routine_harness.world.bodies import decode_body, encode_body

BODIES = {
    "utf-8": ("Grüße".encode(), "text/plain"),
    "latin-1 by header": ("Grüße".encode("latin-1"), "text/plain; charset=iso-8859-1"),
    "quoted and shouted": ("Grüße".encode("latin-1"), 'text/html; CHARSET="ISO-8859-15"'),
    "utf-16 with a mark": (codecs.BOM_UTF16_LE + "Grüße".encode("utf-16-le"), "text/plain"),
    "utf-16 big with a mark": (codecs.BOM_UTF16_BE + "Grüße".encode("utf-16-be"), "text/plain"),
    "utf-16 without a mark": ("Grüße".encode("utf-16-le"), "text/plain; charset=utf-16"),
    "a mark beats the header": (codecs.BOM_UTF8 + "Grüße".encode(), "text/plain; charset=iso-8859-1"),
    "meta charset": (b'<meta charset="windows-1252">' + "Grüße".encode("cp1252"), "text/html"),
    "meta http-equiv": (
        b'<META http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'
        + "Grüße".encode("latin-1"),
        "text/html",
    ),
    "xml": (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + "Grüße".encode("latin-1"), "application/xml"),
    "shift-jis beside it": ("Grüße 日本".encode("gb18030"), "text/plain;charset=gb18030"),
    "an unknown label": ("Grüße".encode(), "text/plain; charset=klingon"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_read_by_its_charset(name: str) -> None:
    """However the charset is told, the text is the same."""
    body, kind = BODIES[name]
    assert "Grüße" in decode_body(body, kind)
    assert "\ufeff" not in decode_body(body, kind)


def test_a_header_beats_meta_and_meta_is_no_business_of_plain_text() -> None:
    """What the server says counts; a text that talks of charsets is a text."""
    assert decode_body('<meta charset="latin-1">ü'.encode(), "text/html; charset=utf-8").endswith("ü")
    assert decode_body('<meta charset="latin-1">ü'.encode(), "text/plain").endswith("ü")


def test_what_a_charset_lacks_is_shown_as_such() -> None:
    """Bytes that are no text of their charset leave a mark and no error."""
    assert decode_body(b"a\xffb", "text/plain") == "a\ufffdb"
    assert encode_body("ü", "text/plain; charset=iso-8859-1") == b"\xfc"
    assert encode_body("日", "text/plain; charset=iso-8859-1") == "日".encode()
