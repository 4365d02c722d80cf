"""What a claimed act is done to: ids, things by their names, and how many of them."""

from __future__ import annotations

import functools
import re
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.verdict.claims import claim_words as words

ID_FORM: Final = (
    r"https?://[^\s<>()\[\]|\"']+|(?<![\w/#])(?:[\w.-]+/[\w.-]+)?#\d+\b|\b[A-Z][A-Z0-9]{1,9}-\d+\b(?![-.]\d)"
    r"|\bclaude/[\w./-]*\w|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b"
)
ID: Final = lazy_pattern(ID_FORM)
"""The ids of services, in any language: a link, ``#7``, ``SEC-4``, a branch of the agent's, a commit."""


def ids_in(objects: str) -> tuple[str, ...]:
    """The ids that ``objects`` names, each once."""
    return tuple(dict.fromkeys(found.rstrip(".,:;") for found in ID.findall(objects)))


def object_in(part: str) -> str:
    """``part`` up to a word after which no object stands."""
    ids = [range(*found.span()) for found in ID.finditer(part)]
    for found in re.finditer(r"[^\W\d_]+", part):
        if found[0].lower() in words.AWAY and not any(found.start() in span for span in ids):
            rest = part[found.start() :]
            if re.match(r"with (?:the )?(?:id|key|number|name)\b", rest, re.IGNORECASE):
                continue
            return part[: found.start()]
    return part


def thing_in(objects: str) -> tuple[str, tuple[str, ...]]:
    """The first thing that ``objects`` names, and the kinds of which it is one."""
    found = [(match.start(), match[0], kinds) for form, kinds in _things() if (match := form.search(objects))]
    return min(found)[1:] if found else ("", ())


@functools.cache
def _things() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple((re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), kinds) for pattern, kinds in words.THINGS)


def names_content(objects: str) -> bool:
    """Whether something is named that is said or pushed, and is no record by its name."""
    return re.search(rf"\b(?:{words.CONTENTS})\b", objects, re.IGNORECASE) is not None


def count_in(objects: str) -> int:
    """The number directly before a thing, or two words before it at most."""
    found = _counted().search(objects)
    if found is None:
        return 0
    return int(found[1]) if found[1].isdigit() else words.NUMBERS[found[1].lower()]


@functools.cache
def _counted() -> re.Pattern[str]:
    things = "|".join(pattern for pattern, _ in words.THINGS)
    number = rf"\d{{1,5}}|{'|'.join(words.NUMBERS)}"
    between = r"(?:[^\W\d_]+(?:-[^\W\d_]+)*\s+){0,2}"
    return re.compile(rf"(?<![\w#.,:/-])({number})\s+{between}(?:{things})\b", re.IGNORECASE)


def is_thing(before: str) -> bool:
    """Whether what stands before a verb, up to the first preposition, ends in something that is made or
    said, or in an id."""
    phrase = _idle_end().sub("", _preposition().split(before, maxsplit=1)[0])
    ids = list(ID.finditer(phrase))
    return bool(ids and ids[-1].end() == len(phrase)) or _any_thing().search(phrase) is not None


@functools.cache
def _idle_end() -> re.Pattern[str]:
    """The helpers at the end of a phrase: ``was``, ``has been``."""
    known = words.LANGUAGES.values()
    idle = frozenset().union(*(each.helpers | each.passive | each.third for each in known)) | {"is", "are"}
    return re.compile(rf"(?:\b(?:{'|'.join(map(re.escape, sorted(idle)))})\b|[\s.,:#])*$", re.IGNORECASE)


@functools.cache
def _any_thing() -> re.Pattern[str]:
    things = "|".join(pattern for pattern, _ in words.THINGS)
    return re.compile(rf"\b(?:{things}|{words.CONTENTS}|{words.TESTS})(?:\s\S*\d\S*)?$", re.IGNORECASE)


@functools.cache
def _preposition() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words.PREPOSITIONS)})\b", re.IGNORECASE)


def names_tests(objects: str) -> bool:
    """Whether something that is run to check the code is named."""
    return re.search(rf"(?<!\w)(?:{words.TESTS})(?!\w)", objects, re.IGNORECASE) is not None


def without_noun(clause: str) -> str:
    """A clause without the thing before its id: ``issue #6`` → ``#6``."""
    return _leading_thing().sub("", clause).lstrip()


@functools.cache
def _leading_thing() -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:{'|'.join(pattern for pattern, _ in words.THINGS)})\s+", re.IGNORECASE)
