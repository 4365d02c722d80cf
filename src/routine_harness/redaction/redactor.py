"""Secrets replaced by placeholders: text in, text out.

Pure; the caller passes in what the environment holds. A placeholder is numbered by first appearance,
and one secret has one placeholder for as long as a redactor lives: one file, one redactor.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from routine_harness.plain import Json
from routine_harness.redaction.kinds import EMAIL, KINDS, SECRET_HEADERS, SecretKind
from routine_harness.redaction.values import MIN_SECRET, is_code, is_placeholder, spellings_of

PLACEHOLDER: Final = re.compile(r"\[redacted:([a-z0-9-]+)#\d+\]")


class Match(NamedTuple):
    """A secret in a text: its kind and where it stands, in bytes of UTF-8; ``certain`` as in
    ``SecretKind``, of a variable's value where it stands there plainly."""

    kind: str
    start: int
    end: int
    certain: bool = True


class Redactor:
    """Replaces secrets in the texts of one file.

    ``variables`` are secret values by name; ``patterns`` further kinds by name, in RE2 syntax, that
    add to the known ones; ``emails`` asks for e-mail addresses to go as well.

    Raises:
        ValueError: a pattern is not RE2 syntax.
    """

    def __init__(
        self,
        variables: Mapping[str, str] | None = None,
        patterns: Mapping[str, str] | None = None,
        *,
        emails: bool = False,
    ) -> None:
        self._numbers: dict[str, dict[bytes, int]] = {}
        self._literals = tuple(_literals(variables or {}))
        extra = tuple(SecretKind(slug(name), "", pattern) for name, pattern in (patterns or {}).items())
        self._kinds = (*extra, *KINDS, EMAIL) if emails else (*extra, *KINDS)
        self._engine = _engine(self._kinds, tuple(literal for _, literal, _ in self._literals))

    def text(self, text: str) -> str:
        """``text`` without secrets."""
        data = text.encode("utf-8", "surrogatepass")
        clean = self.data(data)
        return text if clean is data else clean.decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """The same for UTF-8; the very same object where there is nothing to redact."""
        matched = self._engine.matched(data)
        for number in matched:
            if number < len(self._literals):
                name, literal, _ = self._literals[number]
                data = data.replace(literal, self._placeholder(name, literal))
            else:
                kind, pattern = self._engine.pattern(number - len(self._literals))
                data = self._replaced(kind, pattern, data)
        return data

    def value(self, value: Json) -> Json:
        """A JSON value without secrets, keys included; what stands under the name of a secret
        header goes whole."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.value(name): self._field(name, held) for name, held in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(element) for element in value]
        return value

    def find(self, data: bytes) -> list[Match]:
        """The secrets in ``data`` in order, none inside another."""
        found: list[Match] = []
        for number in self._engine.matched(data):
            if number < len(self._literals):
                name, literal, plain = self._literals[number]
                found += [Match(name, at, at + len(literal), plain) for at in _occurrences(data, literal)]
            else:
                kind, pattern = self._engine.pattern(number - len(self._literals))
                found += [
                    Match(kind.name, *_span(match), kind.certain)
                    for match in pattern.finditer(data)
                    if _is_secret(kind, data, match)
                ]
        return _apart(found)

    def _field(self, name: Json, held: Json) -> Json:
        if not isinstance(name, str) or name.lower() not in SECRET_HEADERS:
            return self.value(held)
        if isinstance(held, str):
            return self._header(name.lower(), held)
        if isinstance(held, list | tuple):
            return [
                self._header(name.lower(), part) if isinstance(part, str) else self.value(part)
                for part in held
            ]
        return self.value(held)

    def _header(self, name: str, held: str) -> str:
        known = self.text(held)
        if not held or known != held or PLACEHOLDER.search(held):
            return known
        kind = "cookie" if "cookie" in name else "authorization" if "authorization" in name else "header"
        return self._placeholder(kind, held.encode("utf-8", "surrogatepass")).decode()

    def _replaced(self, kind: SecretKind, pattern: Json, data: bytes) -> bytes:
        parts: list[bytes] = []
        offset = 0
        for match in pattern.finditer(data):
            start, end = _span(match)
            if start == end or start < offset or not _is_secret(kind, data, match):
                continue
            parts += [data[offset:start], self._placeholder(kind.name, data[start:end])]
            offset = end
        return b"".join([*parts, data[offset:]]) if parts else data

    def _placeholder(self, kind: str, secret: bytes) -> bytes:
        numbers = self._numbers.setdefault(kind, {})
        number = numbers.setdefault(secret, len(numbers) + 1)
        return f"[redacted:{kind}#{number}]".encode()


class _Engine:
    """Literals and the compiled patterns of some kinds, behind one pass that says which may match."""

    def __init__(self, kinds: tuple[SecretKind, ...], literals: tuple[bytes, ...]) -> None:
        # Imported here: the engine takes 10 ms to load, and most runs write nothing.
        import re2

        options = re2.Options()
        options.log_errors = False
        self._kinds, self._re2, self._options = kinds, re2, options
        self._patterns: dict[int, Json] = {}
        for number, kind in enumerate(kinds):
            if not kind.trigger:  # somebody else's, which may be malformed
                self.pattern(number)
        self._triggers = re2.Set.SearchSet(options)
        self._odd: list[tuple[int, bytes]] = []
        for number, literal in enumerate(literals):
            try:
                self._triggers.Add(re2.escape(literal.decode()))
            except UnicodeDecodeError:  # half a surrogate pair, which no pattern holds
                self._odd.append((number, literal))
                self._triggers.Add(_NEVER)
        for kind in kinds:
            self._triggers.Add(kind.trigger or kind.pattern)
        self._triggers.Compile()

    def pattern(self, number: int) -> tuple[SecretKind, Json]:
        """The kind of that number and its pattern, compiled when it is first asked for: few ever match."""
        kind = self._kinds[number]
        if number not in self._patterns:
            self._patterns[number] = _compiled(self._re2, kind, self._options)
        return kind, self._patterns[number]

    def matched(self, data: bytes) -> list[int]:
        """The numbers of the literals, and after them of the kinds, that ``data`` may hold, in order."""
        matched = list(self._triggers.Match(data) or ())
        odd = [number for number, literal in self._odd if literal in data]
        return sorted(matched + odd) if matched or odd else []


_NEVER: Final = r"[^\x00-\x{10FFFF}]"
"""A pattern that matches nothing."""


def _compiled(re2: Json, kind: SecretKind, options: Json) -> Json:
    try:
        return re2.compile(kind.pattern.encode(), options)
    except re2.error as error:
        raise ValueError(f"{kind.name}: {error}") from error


@functools.lru_cache(maxsize=16)
def _engine(kinds: tuple[SecretKind, ...], literals: tuple[bytes, ...]) -> _Engine:
    return _Engine(kinds, literals)


def _span(match: Json) -> tuple[int, int]:
    start, end = match.span(1) if match.re.groups and match.start(1) >= 0 else match.span()
    return start, end


def _is_secret(kind: SecretKind, data: bytes, match: Json) -> bool:
    """Whether a match is one indeed: no placeholder of ours, and of an uncertain kind nobody else's."""
    if _redacted(data, match):
        return False
    if kind.certain:
        return True
    start, end = _span(match)
    value = data[start:end].decode("utf-8", "replace")
    if is_placeholder(value):
        return False
    if kind.name == "url-token":
        return any(letter.isdigit() for letter in value)
    if kind.name != "secret-value":
        return True
    name = data[match.start() : start]
    given = name[-1:] in (b'"', b"'") or (name.endswith(b"=") and name.isupper())
    return not is_code(value, data[end : end + 1].decode("utf-8", "replace"), given=given)


def _redacted(data: bytes, match: Json) -> bool:
    """Whether the match is, or is a part of, a placeholder."""
    start, end = _span(match)
    return b"[redacted:" in data[max(0, start - 10) : end]


def _occurrences(data: bytes, literal: bytes) -> Iterable[int]:
    at = data.find(literal)
    while at >= 0:
        yield at
        at = data.find(literal, at + len(literal))


def _apart(found: list[Match]) -> list[Match]:
    apart: list[Match] = []
    for match in sorted(found, key=lambda match: (match.start, -match.end)):
        if not apart or match.start >= apart[-1].end:
            apart.append(match)
    return apart


def slug(name: str) -> str:
    """A name as a placeholder carries it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "secret"


def _literals(variables: Mapping[str, str]) -> Iterable[tuple[str, bytes, bool]]:
    """Kind and bytes of every spelling of every value, and whether it is the plain one; longest first, so
    that none cuts another."""
    spelt: dict[bytes, tuple[str, bool]] = {}
    for name in sorted(variables):
        value = variables[name]
        if len(value) < MIN_SECRET:
            continue
        for spelling in spellings_of(value):
            literal = spelling.encode("utf-8", "surrogatepass")
            spelt.setdefault(literal, (f"variable-{slug(name)}", spelling == value))
    ordered = sorted(spelt, key=lambda literal: (-len(literal), literal))
    return ((spelt[literal][0], literal, spelt[literal][1]) for literal in ordered)


def unnumbered(text: str) -> str:
    """``text`` with its placeholders' numbers left out, for comparing what two redactors wrote."""
    return PLACEHOLDER.sub(r"[redacted:\1]", text) if "[redacted:" in text else text
