"""What gives a secret away in a file that a person wrote: shapes of tokens, names of variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

SHAPES: Final[tuple[tuple[str, str, re.Pattern[str]], ...]] = tuple(
    (kind, literal, re.compile(pattern))
    for kind, literal, pattern in (
        ("a GitHub token", "", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})\b"),
        ("a Slack token", "xox", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
        (
            "a Slack webhook",
            "hooks.slack",
            r"https://hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{16,}",
        ),
        ("an Anthropic key", "sk-ant-", r"\bsk-ant-[a-z0-9]+-[A-Za-z0-9_-]{16,}"),
        ("an API key", "sk-", r"\bsk-(?:proj-)?[A-Za-z0-9]{32,}\b"),
        ("a Linear key", "lin_", r"\blin_(?:api|oauth)_[A-Za-z0-9]{24,}"),
        ("a Notion token", "", r"\b(?:ntn_|secret_)[A-Za-z0-9]{36,}"),
        ("an AWS key", "", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
        ("a Google key", "AIza", r"\bAIza[A-Za-z0-9_-]{35}\b"),
        ("a Stripe key", "k_live_", r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
        ("an npm or PyPI token", "", r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,})"),
        ("a private key", "-----BEGIN", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
        ("a signed token (JWT)", "eyJ", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
        (
            "a password in a URL",
            "://",
            r"\b[a-z][a-z0-9+.-]{1,12}://[^\s/:@'\"<>{}]{1,64}:[^\s/@'\"<>{}$]{3,128}@[a-zA-Z0-9]",
        ),
        (
            "a password",
            "",
            (
                r"(?i)\b(?:password|passwd|api[_-]?key|access[_-]?token|client[_-]?secret)\b\s*(?:is|[:=])\s*"
                r"['\"`]?(?=[^\s'\"`]*\d)(?=[^\s'\"`]*[a-zA-Z])[A-Za-z0-9+/_!@%^&*-]{12,}"
            ),
        ),
    )
)
"""What it is, a literal that every one contains, its shape."""

_PLACEHOLDER: Final = re.compile(
    r"(?i)example|placeholder|xxxx|your[-_]|<[^>]*>|\.\.\.|redacted|dummy|changeme|1234567890"
)

_SECRET_NAME: Final = re.compile(
    r"(?i)(?:^|_)(?:token|secret|password|passwd|pwd|api_?key|apikey|private_?key|access_?key|credentials?|"
    r"auth|pat|dsn)(?:$|_(?!budget|limit|count|ttl|url|file|name|id$))"
)
_HARMLESS_NAME: Final = re.compile(
    r"(?i)max_|_(?:budget|limit|count|ttl|file|path|name|length|min|max)$|^git_|tokens$"
)
_HARMLESS_VALUE: Final = re.compile(r"(?i)|proxy-injected|true|false|none|yes|no|on|off|\d{1,9}|[<$].*")


def find_secrets(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """What looks like a secret in ``text``, each with its kind; obvious placeholders are let through."""
    for kind, literal, shape in SHAPES:
        for match in shape.finditer(text) if literal in text else ():
            if not _PLACEHOLDER.search(match[0]):
                yield kind, match


def is_secret_variable(name: str, value: str) -> bool:
    """Whether an environment variable holds a secret, going by its name or its value."""
    if any(find_secrets(value)):
        return True
    return bool(
        _SECRET_NAME.search(name) and not _HARMLESS_NAME.search(name) and not _HARMLESS_VALUE.fullmatch(value)
    )
