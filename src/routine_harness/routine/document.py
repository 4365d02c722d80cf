"""YAML and JSON text → plain values, with the line of each one.

Our YAML has YAML 1.2's core scalars (`no`, `on` and dates are words) and JSON's data model: keys
are texts, no language tags, no merge keys. Knows nothing of what the values mean.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from routine_harness.errors import Problem, SpecError
from routine_harness.plain import Json
from routine_harness.routine.document_problems import MAX_DEPTH, repeated_key, too_deep
from routine_harness.routine.json_lines import scan_json
from routine_harness.routine.spec import Path, Source
from routine_harness.routine.yaml_reader import YamlReader

MAX_BYTES: Final = 25 * 1024 * 1024
"""GitHub delivers no payload above 25 MB; no file of ours comes near."""


NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises where bytes or a text are no JSON, or are nested deeper than it reads."""


_STEP: Final = re.compile(r"\.[^.\[`]+|\[[^\]]*\]")


class Document(msgspec.Struct, frozen=True, eq=False):
    """A parsed file: its value (plain JSON values) and where each part of it stands."""

    value: Json
    source: Source


def load_document(data: bytes, file: str) -> Document:
    """The one document in ``data``; JSON where ``file`` ends in ``.json``, else YAML.

    Raises:
        SpecError: all problems of syntax, encoding, keys, aliases and tags, with their lines.
    """
    text = decode_text(data, file)
    if file.endswith(".json"):
        value, lines = _read_json(text, file)
    else:
        value, lines = YamlReader(file).build(text)
    return Document(value, Source(file=file, text=text, lines=lines))


def parse_json(data: bytes, file: str) -> Json:
    """The JSON value in ``data``, without lines: for payloads, which may be large.

    Raises:
        SpecError: not UTF-8, not JSON, too large or too deep.
    """
    return _decode_json(decode_text(data, file), file)


def decode_text(data: bytes, file: str) -> str:
    """``data`` as text; a byte order mark of UTF-8 is dropped.

    Raises:
        SpecError: another encoding, NUL bytes, or more than ``MAX_BYTES``.
    """
    if len(data) > MAX_BYTES:
        raise too_large(file, len(data))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise SpecError.at(file, 1, "expected UTF-8, found UTF-16", "save the file as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SpecError.at(
            file, line, f"expected UTF-8, found the byte 0x{data[error.start]:02x}", "save the file as UTF-8"
        ) from error
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        hint = "save the file as UTF-8" if data[1:2] == b"\0" or data[:1] == b"\0" else "remove it"
        raise SpecError.at(file, line, "expected text, found a NUL byte", hint)
    return text


def too_large(file: str, size: int) -> SpecError:
    """The error for a file of ``size`` bytes."""
    limit = MAX_BYTES // (1024 * 1024)
    return SpecError(
        Problem(
            file,
            0,
            f"expected at most {limit} MB, found {size / (1024 * 1024):.1f} MB",
            "GitHub delivers no payload above 25 MB; keep the part that the case needs",
        )
    )


def _decode_json(text: str, file: str) -> Json:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        message, line = _json_error(str(error), text)
        raise SpecError.at(file, line, f"expected JSON: {message}") from error
    except RecursionError as error:
        raise SpecError(too_deep(file, 0)) from error
    if _is_too_deep(value):
        raise SpecError(too_deep(file, 0))
    return value


def explain(data: bytes, error: Exception) -> tuple[str, int]:
    """What the decoder found wrong in ``data`` (see ``NOT_JSON``), and the line of it; 0 if it names none."""
    if isinstance(error, RecursionError):
        return f"nested more than {MAX_DEPTH} levels deep", 0
    try:
        text = data.decode()
    except UnicodeDecodeError as odd:
        line = data.count(b"\n", 0, odd.start) + 1
        return f"expected UTF-8, found the byte 0x{data[odd.start]:02x}", line
    if isinstance(error, msgspec.ValidationError):
        return str(error), line_named(str(error), text)
    return _json_error(str(error), text)


def line_named(message: str, text: str) -> int:
    """The line of the value that a message names (``… - at `$.a[2].b```), as far as its keys are told."""
    steps = _STEP.findall(message.partition("`$")[2].rstrip("`"))
    path = [int(step[1:-1]) if step[1:-1].isdigit() else step.lstrip(".") for step in steps]
    lines, _ = scan_json(text)
    return next(lines[tuple(path[:end])] for end in range(len(path), -1, -1) if tuple(path[:end]) in lines)


def _is_too_deep(value: Json) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        inner = (node.values() if type(node) is dict else node for node in level)
        level = [child for part in inner for child in part if type(child) in (dict, list)]
    return bool(level)


def _json_error(message: str, text: str) -> tuple[str, int]:
    found = re.search(r"^(?:JSON is malformed: )?(.*?)(?: \(byte (\d+)\))?$", message)
    if found is None:
        return message, 0
    if found[2] is None:  # the input ends too early
        return found[1].lower(), text.count("\n") + 1
    before = text.encode()[: int(found[2])]
    return found[1], before.count(b"\n") + 1


def _read_json(text: str, file: str) -> tuple[Json, dict[Path, int]]:
    value = _decode_json(text, file)
    lines, repeated = scan_json(text)
    problems = [repeated_key(file, line, path[-1], lines[path]) for path, line in repeated]
    if problems:
        raise SpecError(*problems)
    return value, lines
