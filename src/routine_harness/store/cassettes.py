"""Cassettes read: vcrpy's YAML and JSON in both of its dialects, and our indexed JSON lines.

A cassette is untrusted input. Language tags are refused and never executed, and what cannot be read
is an error that names every problem, never an empty cassette.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.errors import Problem, RecordingError, SpecError
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.store.cassette_bodies import part_body
from routine_harness.store.files import read_bytes, shown
from routine_harness.store.indexed import is_indexed, read_indexed
from routine_harness.store.interactions import Headers, Interaction, header

MAX_BYTES: Final = 512 * 1024 * 1024
_IMPORT: Final = "routine-harness import cassette FILE -o FILE.yaml turns it into one"


def load_cassette(path: str | os.PathLike[str], name: str = "") -> tuple[Interaction, ...]:
    """The interactions of the cassette at ``path``, in recorded order.

    Raises:
        RecordingError: with every problem found.
    """
    file = name or shown(path)
    return parse_cassette(read_cassette(path, file), file)


def read_cassette(path: str | os.PathLike[str], file: str) -> bytes:
    """The content of the cassette at ``path``, which messages call ``file``.

    Raises:
        RecordingError: it cannot be read.
    """
    try:
        return read_bytes(path, file, limit=MAX_BYTES)
    except SpecError as error:
        raise RecordingError(*error.problems) from error


def recorded(path: Path) -> bool:
    """Whether the cassette at ``path`` was recorded: an empty file counts as none, as in vcrpy."""
    return path.exists() and path.stat().st_size > 0


def parse_cassette(data: bytes, file: str) -> tuple[Interaction, ...]:
    """The interactions that ``data`` spells; see ``load_cassette``."""
    if is_indexed(data):
        return read_indexed(data, file).interactions()
    value, line_of = read_values(data, file)
    if not isinstance(value, dict) or not isinstance(value.get("interactions"), list):
        hint = _IMPORT if looks_foreign(value) else "a cassette holds a list of interactions"
        raise RecordingError.at(file, 1, f"this is not a cassette of vcrpy: {_describe(value)}", hint)
    problems: list[Problem] = []
    found: list[Interaction] = []
    for number, entry in enumerate(value["interactions"]):
        line = line_of(number)
        try:
            found.append(_interaction(entry, line))
        except ValueError as error:
            problems.append(Problem(file, line, f"interaction {number + 1}: {error}"))
    if problems:
        raise RecordingError(*problems)
    return tuple(found)


def looks_foreign(value: Json) -> bool:
    """Whether these values are a recording of another tool that can be imported."""
    if isinstance(value, dict):
        return "http_interactions" in value
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "scope" in value[0]


def read_values(data: bytes, file: str) -> tuple[Json, Callable[[int], int]]:
    """The YAML or JSON values in ``data``, and the line of each interaction.

    Raises:
        RecordingError: malformed, or a language tag.
    """
    if not data.strip():
        raise RecordingError.at(file, 0, "the cassette is empty", "delete it and record it anew")
    if data.lstrip()[:1] in (b"{", b"["):
        try:
            return msgspec.json.decode(data), lambda _: 0
        except NOT_JSON as error:
            raise RecordingError.at(file, _line(data, error), f"malformed JSON: {error}", _CUT) from error
    return _read_yaml(data, file)


_CUT: Final = "it may have been cut off; record it anew"


def _line(data: bytes, error: Exception) -> int:
    _, found, offset = str(error).rpartition("byte ")
    digits = offset.partition(")")[0]
    return data.count(b"\n", 0, int(digits)) + 1 if found and digits.isdecimal() else 1


def _read_yaml(data: bytes, file: str) -> tuple[Json, Callable[[int], int]]:
    # Imported here: 30 ms that a run without YAML cassettes need not pay.
    import yaml

    from routine_harness.store.cassette_yaml import loader, refused

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RecordingError.at(file, line, "expected UTF-8, found other bytes", _CUT) from error
    reader = loader(text)
    try:
        value = reader.get_single_data()
    except yaml.constructor.ConstructorError as error:
        raise refused(file, error) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"malformed YAML: {error.problem or error}"
        raise RecordingError.at(file, mark.line + 1 if mark else 0, message, _CUT) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise RecordingError.at(file, 0, f"malformed YAML: {' '.join(str(error).split())}", _CUT) from error
    finally:
        reader.dispose()
    lines = reader.lines
    return value, lambda number: lines[number] if number < len(lines) else 0


def _interaction(entry: Json, line: int) -> Interaction:
    request, response = _part(entry, "request"), _part(entry, "response")
    method, url = request.get("method"), request.get("uri", request.get("url"))
    if not isinstance(method, str) or not isinstance(url, str) or "://" not in url:
        raise ValueError(f"expected method and uri of the request, found {method!r} and {url!r}")
    status, reason = _status(response)
    body, parsed = part_body(response, "response")
    asked, _ = part_body(request, "request")
    interaction = Interaction(
        method.upper(),
        url,
        status,
        body,
        read_headers(response.get("headers"), "response"),
        asked,
        read_headers(request.get("headers"), "request"),
        reason,
        line,
    )
    return _truthful(interaction, decoded=parsed or "content" in response)


def _part(entry: Json, name: str) -> Record:
    part = entry.get(name) if isinstance(entry, Mapping) else None
    if not isinstance(part, dict):
        raise ValueError(f"expected a {name}, found {_describe(part)}")
    return part


def _status(response: Record) -> tuple[int, str]:
    """Status and reason, in vcrpy's own dialect or in that of its httpx recorder."""
    if "status_code" in response:
        return read_status(response["status_code"]), ""
    status = response.get("status")
    if isinstance(status, dict):
        return read_status(status.get("code")), str(status.get("message") or "")
    return read_status(status), ""


def read_status(status: Json) -> int:
    """An HTTP status; ValueError if it is none."""
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        raise ValueError(f"expected a status from 100 to 599, found {status!r}")
    return status


def read_headers(headers: Json, whose: str) -> Headers:
    """Headers as name → values; a single value is a list of one."""
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise ValueError(f"expected headers of the {whose} by name, found {_describe(headers)}")
    return {
        str(name): [
            _header_text(value) for value in (values if isinstance(values, list | tuple) else [values])
        ]
        for name, values in headers.items()
    }


def _header_text(value: Json) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _truthful(interaction: Interaction, *, decoded: bool) -> Interaction:
    """The interaction with headers that fit its body: what was decoded when it was recorded is no
    longer compressed, chunked or of the old length."""
    if not header(interaction.headers, "content-encoding"):
        return interaction
    plain = interaction.body if decoded else interaction.plain
    if not decoded and plain != interaction.body:
        return interaction
    dropped = ("content-encoding", "content-length", "transfer-encoding")
    kept = {name: values for name, values in interaction.headers.items() if name.lower() not in dropped}
    return msgspec.structs.replace(interaction, headers=kept, body=plain)


def _describe(value: Json) -> str:
    kinds = {dict: "a mapping", list: "a list", str: "a text", type(None): "nothing", bool: "true or false"}
    if isinstance(value, dict):
        return f"a mapping with {', '.join(sorted(map(str, value))[:6]) or 'no keys'}"
    return kinds.get(type(value), f"{value!r:.40}")
