"""JSON by the accelerator that the standard library's ``json`` wraps; carried along by the guard.

``json`` builds regular expressions when it is imported, which takes longer than half a bare start.
"""

from __future__ import annotations

from typing import Any


class Strict:
    """How the accelerator reads; the attributes are those of ``json.JSONDecoder``."""

    strict = True
    object_hook = object_pairs_hook = array_hook = None
    parse_float, parse_int, parse_constant = float, int, float


def unwritable(value: Any) -> Any:
    """What JSON has no word for cannot be written down."""
    raise TypeError(f"{type(value).__name__} is no JSON value")


STRICT: Any = Strict

try:
    from _json import encode_basestring, make_encoder, make_scanner

    SCAN: Any = make_scanner(STRICT)
    CHUNKS: Any = make_encoder(None, unwritable, encode_basestring, None, ": ", ", ", False, False, True)
except (ImportError, AttributeError, TypeError):  # another interpreter than CPython, or a later one
    SCAN = CHUNKS = None


def parse_json(text: str) -> Any:
    """The value that ``text`` spells.

    Raises:
        ValueError: it is not JSON.
    """
    if SCAN is None:
        import json

        return json.loads(text)
    start, end = len(text) - len(text.lstrip(" \t\r\n")), len(text.rstrip(" \t\r\n"))
    try:
        value, stop = SCAN(text, start)
    except StopIteration:
        raise ValueError("expected JSON") from None
    if stop != end:
        raise ValueError("more than one JSON value")
    return value


def json_text(value: Any) -> str:
    """A value as JSON on one line."""
    if CHUNKS is None:
        import json

        return json.dumps(value, ensure_ascii=False)
    return "".join(CHUNKS(value, 0))
