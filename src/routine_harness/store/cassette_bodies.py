"""Bodies of recorded requests and responses, in the spellings of vcrpy and of serialisers made for it.

A body that stands somewhere else, or under a name that nobody knows, is an error and never an empty body.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Final

import msgspec

from routine_harness.plain import Json, Record

_RAW: Final = ("body", "content")
_PARSED: Final = ("parsed_body", "body_parsed", "json", "json_body", "body_json")
"""Names under which a serialiser keeps the values of a JSON body, so that people can read them."""
_FILES: Final = ("body_file", "body_path", "body_filename")
_ELSEWHERE: Final = (*_FILES, "file", "path", "filename")
"""Names of a file that holds a body, as a part or its body has them."""
_KNOWN: Final = frozenset(
    {*_RAW, *_PARSED, *_FILES, "headers", "status", "status_code", "reason", "http_version", "version",
     "protocol", "url", "uri", "method", "cookies", "history", "elapsed", "encoding", "recorded_at",
     "adapter_metadata", "is_streaming", "request", "type", "extensions", "redirect_url"}
)  # fmt: skip
_INLINE: Final = "put the body into the cassette: `body: {string: …}`, or `{base64_string: …}` for bytes"


def part_body(part: Mapping[str, Json], whose: str) -> tuple[bytes, bool]:
    """The body of a request or response, and whether it was kept as parsed values.

    Raises:
        ValueError: it is not here, or in no known spelling.
    """
    for name in _FILES:
        if part.get(name):
            place = f"({name}: {part[name]!r})"
            raise ValueError(f"the body of the {whose} is in another file {place}; {_INLINE}")
    raw = next((part[name] for name in _RAW if part.get(name) is not None), None)
    body = read_body(raw, whose)
    if body:
        return body, _is_parsed(raw)
    parsed = next((part[name] for name in _PARSED if part.get(name) is not None), None)
    if parsed is not None:
        return _encoded(parsed), True
    strange = [str(name) for name in part if _may_be_body(str(name), whose)]
    if strange and not any(name in part for name in (*_RAW, *_PARSED)):
        names = ", ".join(strange)
        raise ValueError(
            f"expected a body of the {whose}, found {names}, which is no spelling of one here; {_INLINE}"
        )
    return b"", False


def _may_be_body(name: str, whose: str) -> bool:
    """Whether a part's unknown name may hold its body: a response has one, a request says so."""
    if name in _KNOWN:
        return False
    return whose == "response" or any(word in name.lower() for word in ("body", "data", "content", "json"))


def read_body(body: Json, whose: str) -> bytes:
    """A body in any of its spellings: text, bytes, ``{string: …}``, ``{base64_string: …}``, ``{json: …}``.

    Raises:
        ValueError: it is none of these.
    """
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, dict):
        return _of_mapping(body, whose)
    raise ValueError(f"expected a text as body of the {whose}, found {body!r:.40}")


def _of_mapping(body: Record, whose: str) -> bytes:
    encoded = body.get("base64_string", body.get("base64"))
    if isinstance(encoded, str) and (encoded or "string" not in body):
        try:
            return base64.b64decode("".join(encoded.split()), validate=True)
        except binascii.Error as error:
            raise ValueError(f"the body of the {whose} is no base64: {error}") from error
    elsewhere = next((name for name in _ELSEWHERE if body.get(name)), None)
    if elsewhere is not None:  # R's vcr writes `file: true` beside the path
        place = body[elsewhere] if isinstance(body[elsewhere], str) else body.get("string", "")
        raise ValueError(f"the body of the {whose} is in another file ({elsewhere}: {place!r}); {_INLINE}")
    if "string" in body:
        return read_body(body["string"], whose)
    parsed = next((body[name] for name in ("json", "parsed", *_PARSED) if name in body), None)
    if parsed is not None:
        return _encoded(parsed)
    if set(body) - {"encoding"}:
        names = ", ".join(sorted(map(str, body))[:6])
        raise ValueError(f"expected a body of the {whose}, found a mapping with {names}; {_INLINE}")
    return b""


def _is_parsed(body: Json) -> bool:
    return isinstance(body, dict) and not {"string", "base64_string", "base64"} & body.keys()


def _encoded(value: Json) -> bytes:
    """What a client sent or got, of whose JSON a serialiser has kept the values; a text stays as it is."""
    if isinstance(value, str | bytes):
        return value.encode() if isinstance(value, str) else value
    try:
        return msgspec.json.encode(value)
    except (TypeError, msgspec.MsgspecError) as error:
        raise ValueError(f"expected values of JSON, found {value!r:.40}") from error
