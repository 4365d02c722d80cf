"""Ids in what a run holds: whether a text, an effect or a row of a table speaks of one."""

from __future__ import annotations

import re
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Record
from routine_harness.world.effect import Effect

_NUMBER: Final = lazy_pattern(r"(?:[\w.-]+/[\w.-]+)?#(\d+)")
_PART: Final = lazy_pattern(r"/(?:issues?|pulls?|merge_requests|discussions)/(\d+)")
_SETTLED: Final = ("closed", "merged", "done", "completed", "canceled", "cancelled", "resolved")


def number_of(name: str) -> str:
    """The number of ``acme/core#7`` and of the link to it; empty for another id."""
    if found := _NUMBER.fullmatch(name):
        return found[1]
    found = _PART.search(name) if name.startswith("http") else None
    return found[1] if found else ""


def mention_of(name: str) -> re.Pattern[str]:
    """What shows an id in texts, results and arguments."""
    number = number_of(name)
    if not number:
        plain = name.rstrip("/") if name.startswith("http") else name
        around = ("", "") if "/" in plain else (r"(?<![\w/-])", r"(?![\w-])")
        return re.compile(re.escape(plain).join(around), re.IGNORECASE)
    words = r"pr|pull request|pull|issue|ticket|merge request|number|no\.?"
    return re.compile(
        rf"(?:#|/|[nN]umber\"?\s*[:=]\s*\"?|\b(?:{words})s?\s(?:\w+\s)?|^\s*|\\n){number}(?!\d)",
        re.IGNORECASE | re.MULTILINE,
    )


def is_named(name: str, effect: Effect) -> bool:
    """Whether ``effect`` is on the record called ``name``: by its key, number, link, branch or commit."""
    number = number_of(name)
    fields = effect.fields
    if number and "#" in name and "/" in name and not name.startswith("http"):
        owner = str(fields.get("repository") or effect.target.partition("#")[0]).lower()
        if owner and owner != name.partition("#")[0].lower():
            return False
    wanted = (number or name).lower()
    known = {
        effect.target.lower(),
        effect.target.rpartition("#")[2].lower(),
        effect.target.rpartition("@")[2].lower(),
    }
    for field in ("id", "number", "on", "branch", "head", "sha", "reply_to"):
        value = fields.get(field)
        if isinstance(value, str | int):
            known.add(str(value).lower().rpartition("#")[2])
    url = str(fields.get("url") or "").lower()
    known |= {url, *url.split("/")}
    sha = str(fields.get("sha") or "").lower()
    return wanted in known or (len(wanted) >= 7 and bool(sha) and sha.startswith(wanted))


def is_row_of(row: Record, name: str) -> bool:
    number = number_of(name)
    if number:
        return str(row.get("number")) == number
    return name in (row.get("id"), row.get("identifier"))


def is_closed(row: Record) -> bool:
    return bool(row.get("merged")) or str(row.get("state") or row.get("status")).lower() in _SETTLED
