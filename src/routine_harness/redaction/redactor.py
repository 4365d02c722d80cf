"""Secrets replaced by placeholders: text in, text out.

Pure; the caller passes in what the environment holds. A placeholder is numbered by first appearance,
and one secret has one placeholder for as long as a redactor lives: one file, one redactor.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from routine_harness.redaction.kinds import EMAIL, KINDS, SECRET_HEADERS, SecretKind

MIN_SECRET: Final = 6
"""Shorter values of variables are words as often as secrets and are left alone."""

PLACEHOLDER: Final = re.compile(r"\[redacted:([a-z0-9-]+)#\d+\]")
_SECRET_NAME: Final = re.compile(
    r"(?i)(?:^|_)(?:tokens?|secrets?|passw(?:or)?d|passwd|pwd|pass|passphrase|api_?keys?|apikey|private_?key|"
    r"access_?key|signing_?key|encryption_?key|credentials?|auth|authorization|pat|dsn|cookies?|session|"
    r"webhook(?:_url)?|database_url|connection_string|bearer|jwt|key)(?:$|_)"
)
_HARMLESS: Final = re.compile(
    r"(?i)proxy-injected|true|false|none|null|yes|no|on|off|\d{1,5}|/[\w./-]*|\$\{?\w+\}?|[a-z]+"
)


class Match(NamedTuple):
    """A secret in a text: its kind and where it stands, in bytes of UTF-8."""

    kind: str
    start: int
    end: int


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
        self._engine = _engine(self._kinds)

    def text(self, text: str) -> str:
        """``text`` without secrets."""
        data = text.encode("utf-8", "surrogatepass")
        clean = self.data(data)
        return text if clean is data else clean.decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """The same for UTF-8; the very same object where there is nothing to redact."""
        for kind, literal in self._literals:
            if literal in data:
                data = data.replace(literal, self._placeholder(kind, literal))
        for kind, pattern in self._engine.candidates(data):
            data = self._replaced(kind, pattern, data)
        return data

    def value(self, value: Any) -> Any:
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
        found = [
            Match(kind, at, at + len(literal))
            for kind, literal in self._literals
            for at in _occurrences(data, literal)
        ]
        for kind, pattern in self._engine.candidates(data):
            found += [
                Match(kind, *_span(match)) for match in pattern.finditer(data) if not _redacted(data, match)
            ]
        return _apart(found)

    def _field(self, name: Any, held: Any) -> Any:
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

    def _replaced(self, kind: str, pattern: Any, data: bytes) -> bytes:
        parts: list[bytes] = []
        offset = 0
        for match in pattern.finditer(data):
            start, end = _span(match)
            if start == end or start < offset or _redacted(data, match):
                continue
            parts += [data[offset:start], self._placeholder(kind, data[start:end])]
            offset = end
        return b"".join([*parts, data[offset:]]) if parts else data

    def _placeholder(self, kind: str, secret: bytes) -> bytes:
        numbers = self._numbers.setdefault(kind, {})
        number = numbers.setdefault(secret, len(numbers) + 1)
        return f"[redacted:{kind}#{number}]".encode()


class _Engine:
    """The compiled patterns of some kinds, behind one pass that says which may match at all."""

    def __init__(self, kinds: tuple[SecretKind, ...]) -> None:
        # Imported here: the engine takes 10 ms to load, and most runs write nothing.
        import re2

        options = re2.Options()
        options.log_errors = False
        self._patterns = [(kind.name, _compiled(re2, kind, options)) for kind in kinds]
        self._triggers = re2.Set.SearchSet(options)
        for kind in kinds:
            self._triggers.Add(kind.trigger or kind.pattern)
        self._triggers.Compile()

    def candidates(self, data: bytes) -> list[tuple[str, Any]]:
        """Name and pattern of each kind that ``data`` may hold, in the order of the table."""
        matched = self._triggers.Match(data)
        return [self._patterns[number] for number in sorted(matched)] if matched else []


def _compiled(re2: Any, kind: SecretKind, options: Any) -> Any:
    try:
        return re2.compile(kind.pattern.encode(), options)
    except re2.error as error:
        raise ValueError(f"{kind.name}: {error}") from error


@functools.lru_cache(maxsize=16)
def _engine(kinds: tuple[SecretKind, ...]) -> _Engine:
    return _Engine(kinds)


def _span(match: Any) -> tuple[int, int]:
    start, end = match.span(1) if match.re.groups and match.start(1) >= 0 else match.span()
    return start, end


def _redacted(data: bytes, match: Any) -> bool:
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


def secret_variables(environment: Mapping[str, str], named: Iterable[str] = ()) -> dict[str, str]:
    """The variables whose values are secret, going by their names; ``named`` are so in any case."""
    always = frozenset(named)
    return {
        name: value
        for name, value in environment.items()
        if name in always
        or (_SECRET_NAME.search(name) and len(value) >= MIN_SECRET and not _HARMLESS.fullmatch(value))
    }


def _literals(variables: Mapping[str, str]) -> Iterable[tuple[str, bytes]]:
    """Kind and bytes of every spelling of every value, longest first, so that none cuts another."""
    spelt: dict[bytes, str] = {}
    for name in sorted(variables):
        value = variables[name]
        if len(value) < MIN_SECRET:
            continue
        for spelling in _spellings(value):
            spelt.setdefault(spelling.encode("utf-8", "surrogatepass"), f"variable-{slug(name)}")
    return (
        (spelt[literal], literal) for literal in sorted(spelt, key=lambda literal: (-len(literal), literal))
    )


def _spellings(value: str) -> tuple[str, ...]:
    plain = value.encode("utf-8", "surrogatepass")
    return (
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote(value, safe=""),
        base64.b64encode(plain).decode(),
    )


def unnumbered(text: str) -> str:
    """``text`` with its placeholders' numbers left out, for comparing what two redactors wrote."""
    return PLACEHOLDER.sub(r"[redacted:\1]", text) if "[redacted:" in text else text
