"""A prompt as sentences, with offsets and with what is negated; knows no routine and no rule.

Markdown is taken as it is written by hand: headings, list items and paragraphs that may be
wrapped. Fenced code is no prose and gives no sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from routine_harness.pattern import lazy_pattern

_FENCE: Final = lazy_pattern(
    r"^[ \t]*(?:`{3,}|~{3,})[^\n`]*\n.*?^[ \t]*(?:`{3,}|~{3,})[ \t]*$", re.MULTILINE | re.DOTALL
)
_MARKER: Final = lazy_pattern(r"[ \t]*(?:(?:[-*+•]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|#{1,6}|>)[ \t]+)*")
_ITEM: Final = lazy_pattern(r"[ \t]*(?:[-*+•]|\(?\d{1,3}[.)]|[a-zA-Z][.)])[ \t]")
_LABEL: Final = lazy_pattern(r"[ \t]*[*_]*[A-Z][^.!?\n]{0,40}:[*_]*[ \t]*$")
_STEP: Final = lazy_pattern(
    r"[ \t]*[*_]*(?:job|task|step|phase|part|check|action|duty|rule) (?:\d{1,2}|[a-h])\b[*_]*[ \t]*[-:.)–—]",
    re.IGNORECASE,
)
_LIMITS: Final = lazy_pattern(
    r"\b(?:don['’]ts|prohibitions?|prohibited|out of scope|off limits)\b", re.IGNORECASE
)
_SENTENCE_END: Final = lazy_pattern(r"[.!?][\"')*`_]*\s+(?=[\"'(*`_]*[A-Z0-9])|[.!?;]?\n[ \t]*\n")

_NEGATION: Final = lazy_pattern(
    r"\b(?:do(?:es)? not|don['’]t|doesn['’]t|never|must not|mustn['’]t|can ?not|can['’]t|should not|"
    r"shouldn['’]t|"
    r"may not|will not|won['’]t|without|not allowed|forbidden|prohibited|instead of|rather than|avoid|"
    r"refrain|"
    r"is not your|are not your|no need to|neither|nor|not to|nothing to|out of scope)\b",
    re.IGNORECASE,
)
_CONTRAST: Final = lazy_pattern(
    r"\b(?:but|instead,|then|only|however|otherwise|except)\b|;| — | - ", re.IGNORECASE
)


class Sentence(NamedTuple):
    """One sentence or list item; ``start`` is its offset in the prompt.

    ``item`` says that it stands in a list, ``opens`` that it is the first one of its line or item,
    ``forbidden`` that it stands under a heading or lead-in that negates (``Never:``).
    """

    text: str
    start: int
    item: bool
    opens: bool
    forbidden: bool


def split_sentences(prompt: str) -> tuple[Sentence, ...]:
    """The sentences of ``prompt`` in order."""
    return tuple(_sentences(mask_code(prompt)))


def mask_code(prompt: str) -> str:
    """``prompt`` with fenced code blanked out, character for character."""
    if "```" not in prompt and "~~~" not in prompt:
        return prompt
    return _FENCE.sub(lambda fence: re.sub(r"[^\n]", " ", fence[0]), prompt)


def is_negated(sentence: Sentence, offset: int) -> bool:
    """Whether what stands at ``offset`` in the sentence is forbidden or denied rather than asked for."""
    if sentence.forbidden:
        return True
    last = None
    for last in _NEGATION.finditer(sentence.text, 0, offset):  # noqa: B007 - the last one counts
        pass
    return last is not None and _CONTRAST.search(sentence.text, last.end(), offset) is None


def prohibits(sentence: Sentence) -> bool:
    """Whether the sentence forbids anything."""
    return sentence.forbidden or _NEGATION.search(sentence.text) is not None


def asserted(
    pattern: re.Pattern[str], sentences: tuple[Sentence, ...]
) -> Iterator[tuple[Sentence, re.Match[str]]]:
    """Every match of ``pattern`` that no negation governs, with its sentence."""
    for sentence in sentences:
        for match in pattern.finditer(sentence.text):
            if not is_negated(sentence, match.start()):
                yield sentence, match


def _sentences(prompt: str) -> Iterator[Sentence]:
    lead: int | None = None
    for start, end in _blocks(prompt):
        block = prompt[start:end]
        indent = len(block) - len(block.lstrip(" \t"))
        item = _ITEM.match(block) is not None
        if lead is not None and (indent < lead or (indent == lead and not item)):
            lead = None
        marker = _MARKER.match(block)
        begin = marker.end() if marker else 0
        last = ""
        for left, right in _cut(block, begin):
            last = block[left:right]
            yield Sentence(last, start + left, item, left == begin, lead is not None)
        if lead is None and _forbids_what_follows(last, heading=block.lstrip().startswith("#")):
            lead = indent + 1 if item else indent


def _forbids_what_follows(sentence: str, *, heading: bool) -> bool:
    """Whether a heading or lead-in (``You must never:``) negates the list under it."""
    if not heading and not sentence.rstrip("*_ \t").endswith(":"):
        return False
    if _LIMITS.search(sentence):
        return True
    negations = list(_NEGATION.finditer(sentence))
    return bool(negations) and _CONTRAST.search(sentence, negations[-1].end()) is None


def _blocks(prompt: str) -> Iterator[tuple[int, int]]:
    """Offsets of paragraphs, headings and list items; a wrapped line belongs to what it continues."""
    start, end, position, indent, closed = -1, 0, 0, 0, False
    for line in prompt.splitlines(keepends=True):
        bare = line.strip()
        margin = len(line) - len(line.lstrip(" \t"))
        if start >= 0 and (closed or margin < indent or _opens_block(line)):
            yield start, end
            start = -1
        if bare:
            if start < 0:
                start, indent = position, margin
            end = position + len(line.rstrip())
        closed = not bare or bare.rstrip("*_").endswith(":") or bare.startswith("#")
        position += len(line)
    if start >= 0:
        yield start, end


def _opens_block(line: str) -> bool:
    return line.lstrip().startswith("#") or any(start.match(line) for start in (_ITEM, _LABEL, _STEP))


def _cut(block: str, begin: int) -> Iterator[tuple[int, int]]:
    position = begin
    for boundary in _SENTENCE_END.finditer(block, begin):
        if block[position : boundary.start() + 1].strip():
            yield position, boundary.start() + 1
        position = boundary.end()
    if block[position:].strip():
        yield position, len(block)
