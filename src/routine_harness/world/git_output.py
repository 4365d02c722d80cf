"""What git and gh print of what they have done: refs that moved, the branch, addresses of records.

Evidence, where reading a command can only say what it tries.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from routine_harness.pattern import lazy_pattern

Moved = Literal["pushed", "deleted", "rejected", "same"]

_TO: Final = lazy_pattern(r"^To (\S+)$")
_ORIGIN: Final = lazy_pattern(r"^origin\t(\S+) \((?:fetch|push)\)$")
_ON_GITHUB: Final = lazy_pattern(r"\bgithub\.com[:/]|@github\.com:")
_REF: Final = lazy_pattern(
    r"^ (?P<flag>[ +\-*!=]) (?:\[(?P<note>[^\]]+)\]|(?P<range>[0-9a-f]{4,40}\.{2,3}[0-9a-f]{4,40})) +"
    r"(?:(?P<source>\S+) +-> +)?(?P<target>[^\s(]+)(?: +\((?P<why>[^)]*)\))?$"
)
_URL: Final = lazy_pattern(r"\w+://|[\w.-]+@[\w.-]+:")
_HOME: Final = lazy_pattern(r"[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
_BRANCH: Final = lazy_pattern(
    r"^(?:On branch (?P<status>\S+)|## (?P<short>[^\s.]+(?:\.[^\s.]+)*?)(?:\.\.\.\S+)?(?: \[.*\])?"
    r"|Switched to (?:a new )?branch '(?P<switched>[^']+)'|Already on '(?P<on>[^']+)'"
    r"|\[(?P<commit>[^\s\]]+)(?: \(root-commit\))? [0-9a-f]{6,40}\] .*)$",
    re.MULTILINE,
)
_ADDRESS: Final = lazy_pattern(
    r"https://github\.com/(?P<repository>[\w.-]+/[\w.-]+)/(?P<kind>pull|issues)/(?P<number>\d+)\b\S*"
)
_SUBJECT: Final = lazy_pattern(
    r"\b(?P<noun>issue|pull request) (?P<repository>[\w.-]+/[\w.-]+)#(?P<number>\d+) \((?P<title>.*)\)",
    re.IGNORECASE,
)
"""``✓ Closed issue acme/core#3 (title)``, as gh prints it."""


class PushedRef(NamedTuple):
    """A line of what ``git push`` printed. ``repository`` is empty where the remote's line is cut off."""

    moved: Moved
    name: str
    tag: bool = False
    force: bool = False
    repository: str = ""
    why: str = ""


class Subject(NamedTuple):
    """A record of GitHub whose address or name was printed; ``table`` is empty where it may be either."""

    repository: str
    number: int
    table: Literal["pulls", "issues", ""] = ""
    title: str = ""
    url: str = ""


def pushed_refs(text: str) -> tuple[PushedRef, ...]:
    """The refs that a push moved or could not move; those that a fetch brought in are passed over."""
    found: list[PushedRef] = []
    home, fetched = "", False
    for line in text.splitlines():
        if line.startswith("From "):
            fetched = True
        elif remote := _TO.match(line):
            named = _HOME.search(remote[1]) if _URL.match(remote[1]) else None
            home, fetched = named[1] if named else "", False
        elif not fetched and (ref := _REF.match(line)):
            found.append(_pushed(ref, home))
    return tuple(found)


def printed_origin(text: str) -> str:
    """The repository of GitHub that a clone has as its origin, as ``git remote -v`` or a push printed it;
    empty where there is none."""
    for line in text.splitlines():
        told = _ORIGIN.match(line) or _TO.match(line)
        if told is not None and _ON_GITHUB.search(told[1]) and (named := _HOME.search(told[1])):
            return str(named[1])
    return ""


def _pushed(ref: re.Match[str], home: str) -> PushedRef:
    moved: Moved = {"!": "rejected", "-": "deleted", "=": "same"}.get(ref["flag"], "pushed")  # type: ignore[assignment]
    name, note = ref["target"], ref["note"] or ""
    tag = "tag" in note or name.startswith("refs/tags/")
    plain = name.removeprefix("refs/heads/").removeprefix("refs/tags/")
    return PushedRef(moved, plain, tag, ref["flag"] == "+", home, ref["why"] or note)


def told_branch(text: str, *, before: bool = False) -> str:
    """The branch that git says is checked out; empty where it says nothing.

    The last word counts; ``before``: the first one, unless git tells of changing the branch.
    """
    told = [match for match in _BRANCH.finditer(text) if _name(match) not in ("HEAD", "detached")]
    if before:
        return "" if not told or told[0]["switched"] else _name(told[0])
    return _name(told[-1]) if told else ""


def _name(match: re.Match[str]) -> str:
    return next(value for value in match.groups() if value)


def printed_subjects(text: str) -> tuple[Subject, ...]:
    """The issues and pull requests whose addresses or names stand in ``text``."""
    found: dict[tuple[str, int], Subject] = {}
    for line in text.splitlines():
        for address in _ADDRESS.finditer(line):
            table: Literal["pulls", "issues"] = "pulls" if address["kind"] == "pull" else "issues"
            key = (address["repository"], int(address["number"]))
            found.setdefault(key, Subject(*key, table, url=address.group()))
        if named := _SUBJECT.search(line):
            key = (named["repository"], int(named["number"]))
            table_of = "pulls" if "pull request" in named["noun"].lower() else "issues"
            found.setdefault(key, Subject(*key, table_of, named["title"]))  # type: ignore[arg-type]
    return tuple(found.values())
