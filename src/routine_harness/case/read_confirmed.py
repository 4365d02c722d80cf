"""``agents/confirmed.yaml``, read: entries by script, and the texts that they were confirmed for."""

from __future__ import annotations

import re
from typing import Any, Final

from routine_harness.case.confirmation import Confirmation, Confirmations
from routine_harness.case.digests import digest
from routine_harness.routine.document import Document
from routine_harness.routine.reader import Fields, Reader, kind_of
from routine_harness.routine.spec import Path
from routine_harness.verdict.dates import read_date

TEXTS: Final = "texts"
ENTRY_KEYS: Final = ("prompt", "confirmed", "reads_files", "routine")
_SCRIPT: Final = re.compile(r"\S.*::\w+")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_AGAIN: Final = "the command `routine-harness confirm` writes this file"


def parse_confirmations(document: Document) -> Confirmations:
    """What the file says; an empty one says nothing.

    Raises:
        SpecError: with every problem of it.
    """
    reader, value = Reader(document.source), document.value
    if value is None:
        return Confirmations()
    if not isinstance(value, dict):
        reader.problem((), f"expected scripts by name, found {kind_of(value)}", _AGAIN)
        value = {}
    entries = {
        name: _entries(reader, name, each)
        for name, each in value.items()
        if name not in (TEXTS, "$schema") and _is_script(reader, name)
    }
    texts = _texts(Fields(reader, value, (), "the file"))
    reader.raise_problems()
    return Confirmations(entries, texts)


def _is_script(reader: Reader, name: str) -> bool:
    if _SCRIPT.fullmatch(name):
        return True
    hint = "write triage.py::triage or package.module::function"
    reader.problem((name,), f"expected a script, found {name!r}, which names no function", hint)
    return False


def _entries(reader: Reader, script: str, value: Any) -> tuple[Confirmation, ...]:
    """What one script was confirmed for: one entry, or a list with one for each routine."""
    if not isinstance(value, list):
        return _known(_entry(reader, value, (script,)))
    found: list[Confirmation] = []
    for index, each in enumerate(value):
        entry = _entry(reader, each, (script, index))
        if entry is not None and entry.routine in {other.routine for other in found}:
            named = f"the routine {entry.routine}" if entry.routine else "every routine"
            reader.problem((script, index), f"there is an entry for {named} already", "keep one of them")
        found += _known(entry)
    return tuple(found)


def _known(entry: Confirmation | None) -> tuple[Confirmation, ...]:
    return () if entry is None else (entry,)


def _entry(reader: Reader, value: Any, at: Path) -> Confirmation | None:
    fields = reader.fields(value, at, ENTRY_KEYS, "an entry")
    given = [fields.require(key, _AGAIN) for key in ENTRY_KEYS[:2]]
    if not all(given):
        return None
    files = {name: _digest(fields, name, each) for name, each in fields.mapping("reads_files").items()}
    return Confirmation(
        prompt=_digest(fields, "prompt", fields.data["prompt"]),
        confirmed=read_date(fields, "confirmed"),
        reads_files=files,
        routine=fields.text("routine"),
    )


def _digest(fields: Fields, key: str, value: Any) -> str:
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return value
    at = (key,) if key == "prompt" else ("reads_files", key)
    fields.reader.problem(
        (*fields.path, *at), f"expected a digest as sha256:…, found {kind_of(value)}", _AGAIN
    )
    return ""


def _texts(fields: Fields) -> dict[str, str]:
    """The texts by digest; one that is not what its digest says would show a false difference."""
    found: dict[str, str] = {}
    for key, text in fields.mapping(TEXTS).items():
        if not isinstance(text, str):
            fields.reader.problem((TEXTS, key), f"expected a text, found {kind_of(text)}", "quote it")
        elif digest(text) != key:
            message = "the text is not the one that its digest stands for"
            fields.reader.problem((TEXTS, key), message, "take both out, and confirm the script again")
        else:
            found[key] = text
    return found
