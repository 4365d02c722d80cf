"""Bodies of requests in one spelling, so that two which say the same are equal."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from routine_harness.redaction.redactor import unnumbered
from routine_harness.routine.document import NOT_JSON

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


def _without_id(value: Any) -> Any:
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
