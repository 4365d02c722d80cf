"""What gives a secret away in a file that a person wrote; the shapes are those of ``redaction``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from routine_harness.redaction.redactor import Redactor
from routine_harness.redaction.values import secret_variables

_SAMPLE: Final = re.compile(
    r"(?i)example|placeholder|xxxx|your[-_]|<[^>]*>|\.\.\.|redacted|dummy|changeme|1234567890"
)
_HARMLESS_NAME: Final = re.compile(
    r"(?i)max_|_(?:budget|limit|count|ttl|file|path|name|length|min|max|id)$|^git_|tokens$"
)


class Secret(NamedTuple):
    """What looks like a secret: its kind in words, the words, and where they stand."""

    kind: str
    words: str
    offset: int


def find_secrets(text: str) -> Iterator[Secret]:
    """What looks like a secret in ``text``; obvious samples are let through."""
    data = text.encode("utf-8", "surrogatepass")
    for match in Redactor().find(data):
        words = data[match.start : match.end].decode("utf-8", "surrogatepass")
        if not _SAMPLE.search(words):
            offset = len(data[: match.start].decode("utf-8", "surrogatepass"))
            yield Secret(match.kind.replace("-", " "), words, offset)


def is_secret_variable(name: str, value: str) -> bool:
    """Whether an environment variable holds a secret, going by its name or its value."""
    if any(find_secrets(value)):
        return True
    return bool(secret_variables({name: value})) and not _HARMLESS_NAME.search(name)
