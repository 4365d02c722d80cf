"""What a record is about: the things outside that its texts name.

Pull requests and issues, files, links, ticket keys, commits, runs. Two records that name the same things are
about the same matter, however they are worded.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.verdict.where import texts_of
from routine_harness.world.effect import Effect

_BREAKS: Final = lazy_pattern(r"[\s()<>\[\]{}'\"`|,;*]+")
_LONGEST: Final = 300
"""Words longer than that name nothing that a person would look up."""
_URL: Final = lazy_pattern(r"https?://(\S+)")
_PLATFORM: Final = lazy_pattern(r"https://claude\.ai/code(?:/\S*)?")
"""The link that the platform appends to every text: it says nothing about the matter."""
_GITHUB: Final = lazy_pattern(
    r"(?:https?://)?github\.com/([\w.-]+/[\w.-]+)/(?:pull|issues)/(\d+)(?:[/#?].*)?"
)
_NUMBER: Final = lazy_pattern(r"([\w.-]+/[\w.-]+)?#(\d+)")
_WORDED: Final = lazy_pattern(r"\b(?:PR|pull request|issue)\s#?(\d+)\b", re.IGNORECASE)
_KEY: Final = lazy_pattern(r"([A-Z][A-Z0-9]{1,9})-(\d+)")
_FILE: Final = lazy_pattern(r"/?((?:[\w.-]+/)*[\w.-]*\w\.([A-Za-z]\w{0,5}))(?::\d+(?:[-:]\d+)?|#L\d+)?")
_SHA: Final = lazy_pattern(r"(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}")
_RUN: Final = lazy_pattern(r"\bruns?:?\s#?(\d{5,})\b", re.IGNORECASE)
_NO_KEYS: Final = frozenset(
    {"UTF", "SHA", "ISO", "MD", "AES", "RFC", "TLS", "HTTP", "RSA", "PEP", "CWE", "COVID"}
)
_EXTENSIONS: Final = frozenset({
    "py", "js", "ts", "tsx", "jsx", "go", "rs", "rb", "java", "kt", "c", "h", "cc", "cpp", "hpp", "cs", "php",
    "swift", "scala", "sh", "bash", "sql", "html", "css", "scss", "vue", "json", "yaml", "yml", "toml", "ini",
    "cfg", "conf", "md", "rst", "txt", "xml", "lock", "tf", "proto", "gradle", "env", "tpl", "j2", "ipynb",
})  # fmt: skip


class Subject(msgspec.Struct, frozen=True):
    """The things that a record names: ``items`` (pull requests, issues, tickets), ``files``, and
    whatever else can be looked up."""

    items: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.items or self.files or self.others)

    def shared(self, other: Subject) -> list[str]:
        """What shows that both are about the same matter; empty where nothing does.

        Where both name files, they must have one in common: two risks in two files of one pull
        request are two matters.
        """
        files = self.files & other.files
        if self.files and other.files and not files:
            return []
        items = self.items & other.items
        if not items and self.items and other.items:
            return []
        return sorted(items) + sorted(files) + sorted(self.others & other.others)


def subject_of(effect: Effect, own: frozenset[str] = frozenset()) -> Subject:
    """The subject of a record; ``own`` are the names and links of records made in the same run, in
    lower case, which tell runs apart and not matters."""
    repository = str(effect.fields.get("repository", ""))
    found = _Named(repository)
    for text in _texts(effect):
        for word in _BREAKS.split(text):
            if 1 < len(word) <= _LONGEST:
                found.add(word.rstrip(".:!?"))
        found.items.update(f"{repository}#{number}".lower() for number in _WORDED.findall(text))
        found.others.update(f"run {number}" for number in _RUN.findall(text))
    return Subject(frozenset(found.items - own), frozenset(found.files), frozenset(found.others - own))


class _Named:
    """What the words of a text name, collected word by word."""

    def __init__(self, repository: str) -> None:
        self._repository = repository
        self.items: set[str] = set()
        self.files: set[str] = set()
        self.others: set[str] = set()

    def add(self, word: str) -> None:
        """Take ``word`` for what it is, if it names anything."""
        if found := _GITHUB.fullmatch(word):
            self.items.add(f"{found[1]}#{found[2]}".lower())
        elif _URL.match(word):
            if not _PLATFORM.fullmatch(word):
                self.others.add(word.lower())
        elif found := _NUMBER.fullmatch(word):
            self.items.add(f"{found[1] or self._repository}#{found[2]}".lower())
        elif found := _KEY.fullmatch(word):
            if found[1] not in _NO_KEYS:
                self.items.add(word.lower())
        elif (found := _FILE.fullmatch(word)) and found[2].lower() in _EXTENSIONS:
            self.files.add(found[1])
        elif _SHA.fullmatch(word):
            self.others.add(word)


def _texts(effect: Effect) -> list[str]:
    texts = texts_of(effect)
    for field in ("links", "files"):
        value = effect.fields.get(field)
        for part in value if isinstance(value, list) else ():
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, dict):
                texts += [
                    str(part[key]) for key in ("url", "path", "filename") if isinstance(part.get(key), str)
                ]
    return texts
