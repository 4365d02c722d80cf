"""Values that may be secrets: by the name of their variable, by their spellings; or mere placeholders."""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from routine_harness.pattern import lazy_pattern

_LEAST_PART: Final = 12
"""Characters of base64 that stand inside a longer text; fewer are found by chance."""

_STAND_IN: Final = (
    r"<.*>|\[.*\]|\{.*\}|\$[({]?\w+.*|%\w+%|[x*.#…_-]+|(?:your|my|the|some|an?)[-_ ].*|.*(?:example|changeme|"
    r"change[-_]me|placeholder|dummy|redacted|replace[-_]?me|insert).*|proxy-injected|password\d{0,4}|passwd|"
    r"passw0rd|p@ssw0rd|secret\d{0,4}|token|required|optional|disabled|enabled|undefined|incorrect|invalid|protected|"
    r"encrypted|forgotten|username|https?://.*|(?:~|\.{1,2})?(?:/[\w.@+-]+)+/?|(?:true|false|none|null|unset|empty)"
)


@functools.cache
def _stand_in() -> re.Pattern[str]:
    return re.compile(_STAND_IN, re.IGNORECASE | re.DOTALL)


def is_placeholder(value: str) -> bool:
    """Whether ``value`` only shows where a secret would stand: ``<token>``, ``$TOKEN``, ``xxxx``."""
    return len(set(value)) < 3 or _stand_in().fullmatch(value) is not None


def is_code(value: str, after: str, *, given: bool) -> bool:
    """Whether ``value`` is an expression that gives a secret: ``os.environ[…]``, ``get_password()``,
    ``SecretStr``. ``after`` is what stands behind it; a value that is ``given`` in quotes or to a
    variable of a shell is none for being a word."""
    if after[:1] in ("(", "[") and re.fullmatch(r"[A-Za-z_][\w.]*", value):
        return True
    return not given and re.fullmatch(r"[A-Za-z_][A-Za-z_.-]*", value) is not None


def spellings_of(value: str) -> tuple[str, ...]:
    """``value`` plainly first, then as JSON, URLs, hexadecimal and base64 write it."""
    plain = value.encode("utf-8", "surrogatepass")
    found = [
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote(value, safe=""),
    ]
    found += [quote(value), plain.hex(), plain.hex().upper(), value[::-1]]
    whole = base64.b64encode(plain).decode()
    found += [whole, whole.rstrip("=")]
    found += [part for offset in range(3) if len(part := _phase(plain, offset)) >= _LEAST_PART]
    safe = [text.translate(_URL_SAFE) for text in found[8:]]
    return tuple(dict.fromkeys((*found, *safe)))


_URL_SAFE: Final = str.maketrans("+/", "-_")


def _phase(plain: bytes, offset: int) -> str:
    """What of the base64 of a longer text shows ``plain``, which begins ``offset`` bytes after a group."""
    text = base64.b64encode(bytes(offset) + plain).decode()
    return text[4 if offset else 0 : -4]


MIN_SECRET: Final = 6
"""Shorter values of variables are words as often as secrets and are left alone."""
MODEL_CREDENTIALS: Final = (
    "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "AWS_BEARER_TOKEN_BEDROCK",
)  # fmt: skip
"""The variables that hold a credential for the model: secret even where the value is a plain word."""
_SECRET_NAME: Final = lazy_pattern(
    r"(?i)(?:^|_)(?:tokens?|secrets?|passw(?:or)?d|passwd|pwd|pass|passphrase|api_?keys?|apikey|private_?key|"
    r"access_?key|signing_?key|encryption_?key|credentials?|auth|authorization|pat|dsn|cookies?|session|"
    r"webhook(?:_url)?|database_url|connection_string|bearer|jwt|key)(?:$|_)"
)
_HARMLESS: Final = lazy_pattern(
    r"(?i)proxy-injected|true|false|none|null|yes|no|on|off|\d{1,5}|/[\w./-]*|\$\{?\w+\}?|[a-z]+"
)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name looks like it holds a secret."""
    return _SECRET_NAME.search(name) is not None


def secret_variables(environment: Mapping[str, str], named: Iterable[str] = ()) -> dict[str, str]:
    """The variables whose values are secret, going by their names; ``named`` are so in any case."""
    always = frozenset(named)
    return {
        name: value
        for name, value in environment.items()
        if name in always
        or (is_secret_name(name) and len(value) >= MIN_SECRET and not _is_harmless(name, value))
    }


def _is_harmless(name: str, value: str) -> bool:
    """Whether a value is no secret although its variable's name is one's."""
    if name in MODEL_CREDENTIALS:
        return value == "proxy-injected"  # what the platform itself puts there
    return _HARMLESS.fullmatch(value) is not None
