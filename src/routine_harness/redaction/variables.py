"""Variables of an environment: which of them are secret, going by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from routine_harness.pattern import lazy_pattern

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
