"""Cassettes written: redacted, whole or not at all, in the form that the file's name asks for."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from routine_harness.errors import Problem, UsageError
from routine_harness.plain import Record
from routine_harness.redaction.redactor import Redactor
from routine_harness.store.indexed import write_indexed
from routine_harness.store.interactions import Headers, Interaction, header
from routine_harness.store.redact import write_redacted

_STALE = ("content-encoding", "content-length", "transfer-encoding")


def save_cassette(
    path: str | os.PathLike[str], interactions: tuple[Interaction, ...], redactor: Redactor | None = None
) -> None:
    """Write a cassette: ``.yaml`` and ``.yml`` as vcrpy's YAML, ``.json`` as its JSON, ``.jsonl`` as
    ours. Bodies are stored without compression, so that secrets in them are found.

    Raises:
        UsageError: the name ends otherwise, or the place cannot be written.
    """
    redactor = redactor or Redactor()
    clean = tuple(clean_interaction(interaction, redactor) for interaction in interactions)
    write_redacted(path, _spell(Path(path), clean), redactor)


def _spell(path: Path, interactions: tuple[Interaction, ...]) -> bytes:
    match path.suffix.lower():
        case ".jsonl":
            return write_indexed(interactions)
        case ".json":
            return _write_json(interactions)
        case ".yaml" | ".yml":
            # Imported here: 30 ms that a run without YAML cassettes need not pay.
            from routine_harness.store.cassette_yaml import write_yaml

            return write_yaml(interactions)
    hint = "write .yaml or .json for vcrpy, .jsonl for our own"
    raise UsageError(Problem(str(path), 0, f"no cassette ends in {path.suffix or 'nothing'}", hint))


def _write_json(interactions: tuple[Interaction, ...]) -> bytes:
    from routine_harness.store.cassette_yaml import vcr_data

    problems = [
        f"{each.method} {each.url}"
        for each in interactions
        if not (_is_text(each.body) and _is_text(each.request_body))
    ]
    if problems:
        message = f"JSON cassettes of vcrpy hold no binary bodies: {problems[0]}"
        raise UsageError(Problem("", 0, message, "write .yaml or .jsonl"))
    data = vcr_data(interactions, binary=lambda body: body.decode("utf-8"))
    return msgspec.json.format(msgspec.json.encode(data, order="sorted"), indent=1) + b"\n"


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def clean_interaction(interaction: Interaction, redactor: Redactor) -> Interaction:
    """The interaction decompressed and without secrets, its headers true to its body."""
    body = _clean_body(interaction.plain, redactor)
    return Interaction(
        interaction.method,
        redactor.text(interaction.url),
        interaction.status,
        body,
        _clean_headers(interaction.headers, len(body), redactor, head=interaction.method == "HEAD"),
        _clean_body(interaction.request_body, redactor),
        redactor.value(interaction.request_headers),
        interaction.reason,
    )


def _clean_headers(headers: Headers, length: int, redactor: Redactor, *, head: bool) -> Headers:
    kept: Record = {name: values for name, values in headers.items() if name.lower() not in _STALE}
    if head:
        return redactor.value({**kept, **{n: v for n, v in headers.items() if n.lower() == "content-length"}})  # type: ignore[no-any-return]
    if header(headers, "content-length"):
        kept["Content-Length"] = [str(length)]
    return redactor.value(kept)  # type: ignore[no-any-return]


def _clean_body(body: bytes, redactor: Redactor) -> bytes:
    return redactor.data(body)
