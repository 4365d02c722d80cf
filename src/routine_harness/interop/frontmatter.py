"""Markdown with YAML between two lines of ``---``: the values, their lines, and the body."""

from __future__ import annotations

import msgspec

from routine_harness.errors import SpecError
from routine_harness.plain import Record
from routine_harness.routine.document import Document, decode_text, load_document
from routine_harness.routine.reader import kind_of
from routine_harness.routine.spec import Source

_FENCE = "---"


class Frontmatter(msgspec.Struct, frozen=True):
    """The values, where they stand, and the text below; ``body_line`` is where that begins."""

    data: Record
    source: Source
    body: str
    body_line: int = 1

    def line(self, *path: str | int) -> int:
        """The line of the value at ``path``."""
        return self.source.line(*path)


def has_frontmatter(text: str) -> bool:
    """Whether ``text`` begins with a fence and has another one."""
    lines = text.splitlines()
    return bool(lines) and lines[0].rstrip() == _FENCE and any(line.rstrip() == _FENCE for line in lines[1:])


def read_frontmatter(data: bytes, file: str) -> Frontmatter:
    """The parts of a Markdown file.

    Raises:
        SpecError: there is no frontmatter, or it is no mapping of YAML.
    """
    text = decode_text(data, file)
    if not has_frontmatter(text):
        hint = "the file begins with a line of ---, YAML, and another line of ---"
        raise SpecError.at(file, 1, "expected Markdown with frontmatter", hint)
    lines = text.splitlines(keepends=True)
    end = next(place for place, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE)
    # The first fence stays as an empty line, so that lines are counted as in the file.
    document = load_document(("\n" + "".join(lines[1:end])).encode(), file)
    return Frontmatter(
        mapping_of(document), document.source, "".join(lines[end + 1 :]).strip() + "\n", end + 2
    )


def mapping_of(document: Document) -> Record:
    """The document's value, which has to be a mapping.

    Raises:
        SpecError: it is none.
    """
    if not isinstance(document.value, dict):
        found = kind_of(document.value)
        raise SpecError.at(document.source.file, 1, f"expected a routine as a mapping, found {found}")
    return document.value
