"""Our own form of a cassette: JSON lines behind an index, so that loading it is reading one line.

Line 1 is a header with the key of every interaction in order; line n + 1 holds interaction n, which
is decoded when it is asked for.
"""

from __future__ import annotations

import base64
from typing import Final

import msgspec

from routine_harness.errors import RecordingError
from routine_harness.plain import Json
from routine_harness.routine.document import NOT_JSON
from routine_harness.store.interactions import Headers, Interaction

FORMAT: Final = "routine-harness/cassette"
VERSION: Final = 1
_HINT: Final = "record it anew; it is not edited by hand"


class Header(msgspec.Struct, frozen=True):
    """The first line."""

    format: str
    version: int
    keys: list[str]


class _Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line. A body is a text or, where it is none, base64."""

    method: str
    url: str
    status: int
    reason: str = ""
    headers: Headers = {}
    text: str = ""
    base64: str = ""
    request_headers: Headers = {}
    request_text: str = ""
    request_base64: str = ""


_HEADER: Final = msgspec.json.Decoder(Header)
_STORED: Final = msgspec.json.Decoder(_Stored)
_ENCODE: Final = msgspec.json.Encoder(order="deterministic").encode


class Indexed:
    """A loaded cassette: keys at once, interactions when they are asked for."""

    __slots__ = ("_file", "_lines", "keys")

    def __init__(self, keys: list[str], lines: list[bytes], file: str) -> None:
        self.keys = keys
        self._lines = lines
        self._file = file

    def __len__(self) -> int:
        return len(self.keys)

    def interaction(self, number: int) -> Interaction:
        """Interaction ``number``, from 0.

        Raises:
            RecordingError: its line is malformed.
        """
        try:
            stored = _STORED.decode(self._lines[number])
            return Interaction(
                stored.method,
                stored.url,
                stored.status,
                _bytes(stored.text, stored.base64),
                stored.headers,
                _bytes(stored.request_text, stored.request_base64),
                stored.request_headers,
                stored.reason,
                number + 2,
            )
        except (*NOT_JSON, ValueError) as error:
            raise RecordingError.at(
                self._file, number + 2, f"malformed interaction: {error}", _HINT
            ) from error

    def interactions(self) -> tuple[Interaction, ...]:
        """All of them, decoded."""
        return tuple(self.interaction(number) for number in range(len(self)))


def is_indexed(data: bytes) -> bool:
    """Whether ``data`` begins like a cassette of ours."""
    return data[:200].lstrip().startswith(b"{") and f'"{FORMAT}"'.encode() in data[:200]


def read_indexed(data: bytes, file: str) -> Indexed:
    """The cassette that ``data`` spells.

    Raises:
        RecordingError: its header is malformed, of another version, or promises other lines.
    """
    lines = data.split(b"\n")
    try:
        head = _HEADER.decode(lines[0])
    except NOT_JSON as error:
        raise RecordingError.at(file, 1, f"malformed header: {error}", _HINT) from error
    if head.version != VERSION:
        hint = "record it anew, or use the routine-harness that wrote it"
        raise RecordingError.at(file, 1, f"expected version {VERSION}, found {head.version}", hint)
    del lines[0]
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) != len(head.keys):
        message = f"the header promises {len(head.keys)} interactions, found {len(lines)}"
        raise RecordingError.at(file, len(lines) + 1, message, "it was cut off or edited; record it anew")
    return Indexed(head.keys, lines, file)


def write_indexed(interactions: tuple[Interaction, ...]) -> bytes:
    """The bytes of a cassette with these interactions; the same ones give the same bytes."""
    head = msgspec.json.encode(
        {"format": FORMAT, "version": VERSION, "keys": [each.key for each in interactions]}
    )
    lines = [_ENCODE(_stored(interaction)) for interaction in interactions]
    return b"\n".join([head, *lines]) + b"\n"


def _stored(interaction: Interaction) -> _Stored:
    text, encoded = _spelt(interaction.body)
    request_text, request_encoded = _spelt(interaction.request_body)
    return _Stored(
        interaction.method,
        interaction.url,
        interaction.status,
        interaction.reason,
        interaction.headers,
        text,
        encoded,
        interaction.request_headers,
        request_text,
        request_encoded,
    )


def _spelt(body: bytes) -> tuple[str, str]:
    try:
        return body.decode("utf-8"), ""
    except UnicodeDecodeError:
        return "", base64.b64encode(body).decode()


def _bytes(text: str, encoded: str) -> Json:
    return base64.b64decode(encoded, validate=True) if encoded else text.encode("utf-8", "surrogatepass")
