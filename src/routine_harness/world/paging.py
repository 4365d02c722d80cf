"""Pages of a list: a cursor names the list it belongs to and the last row it showed.

Rows that arrive between two pages neither repeat nor hide others; a cursor of another list, or one
whose row is gone, is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from routine_harness.plain import Json

Row = TypeVar("Row")


class InvalidCursor(ValueError):  # noqa: N818 - named as services name it
    """The cursor is none of this list's."""


class Page(msgspec.Struct, Generic[Row], frozen=True):
    """One page, and the cursor of the next one (None at the end)."""

    rows: list[Row]
    cursor: str | None


def page_of(
    rows: Sequence[Row],
    key: Callable[[Row], str],
    limit: int,
    cursor: str | None,
    identity: Json,
    refused: Exception | None = None,
) -> Page[Row]:
    """The ``limit`` rows after ``cursor``.

    ``key`` is a row's unique name in the list; ``identity`` (JSON values) is what makes this list
    this one: the tool and its filters. A cursor that belongs to another list, or to nothing, raises
    ``refused``, the service's own words for it.

    Raises:
        InvalidCursor: such a cursor, where nobody says how the service refuses it.
    """
    try:
        start = _start(rows, key, cursor, identity) if cursor else 0
    except InvalidCursor as error:
        raise refused or error from None
    shown = list(rows[start : start + limit])
    more = start + limit < len(rows)
    return Page(shown, encode_cursor(identity, key(shown[-1])) if more and shown else None)


def encode_cursor(identity: Json, last: str) -> str:
    """The cursor after the row ``last`` of the list ``identity``."""
    return base64.urlsafe_b64encode(f"{_digest(identity)}:{last}".encode()).decode()


def _start(rows: Sequence[Row], key: Callable[[Row], str], cursor: str, identity: Json) -> int:
    try:
        digest, _, last = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
    except (binascii.Error, UnicodeError) as error:
        raise InvalidCursor(cursor) from error
    if digest == _digest(identity):
        for index, row in enumerate(rows):
            if key(row) == last:
                return index + 1
    raise InvalidCursor(cursor)


def _digest(identity: Json) -> str:
    return hashlib.sha256(msgspec.json.encode(identity, order="deterministic")).hexdigest()[:12]
