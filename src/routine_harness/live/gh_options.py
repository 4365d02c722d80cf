"""The command line of ``gh``: words and options, told apart per command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

SHORT: Final = {
    "R": "repo", "t": "title", "b": "body", "F": "body-file", "B": "base", "H": "head", "l": "label",
    "a": "assignee", "r": "reviewer", "m": "milestone", "q": "jq", "L": "limit", "s": "state", "A": "author",
    "S": "search", "d": "draft", "c": "comment", "w": "web",
}  # fmt: skip
FLAGS: Final = frozenset({
    "draft", "comments", "web", "fill", "approve", "request-changes", "comment", "squash", "merge",
    "rebase", "auto", "delete-branch", "admin", "yes", "include", "silent", "paginate", "slurp",
    "name-only", "patch", "undo", "detach", "force", "fill-first", "fill-verbose", "editor",
    "edit-last",
})  # fmt: skip
VALUES: Final = frozenset({
    "repo", "title", "body", "body-file", "base", "head", "label", "assignee", "reviewer",
    "milestone", "jq", "json", "limit", "state", "author", "search", "subject", "reason",
    "add-label", "remove-label", "add-assignee", "remove-assignee", "add-reviewer",
    "remove-reviewer", "method", "field", "raw-field", "header", "input", "hostname", "color",
    "template", "branch", "match-head-commit", "project", "cache", "preview",
})  # fmt: skip

Shorts = Mapping[str, str]


class UnknownOption(ValueError):  # noqa: N818 - named after what was met
    """An option that the shim does not know; the message is gh's own."""


class Parsed(msgspec.Struct, frozen=True):
    """Positional words, and every option's values in order; a flag's value is ``""``."""

    words: tuple[str, ...]
    options: dict[str, list[str]]

    def has(self, name: str) -> bool:
        return name in self.options

    def one(self, name: str, default: str = "") -> str:
        """The option's last value."""
        return self.options[name][-1] if name in self.options else default

    def listed(self, name: str) -> list[str]:
        """Comma-separated values of an option that may be repeated."""
        return [
            part.strip() for value in self.options.get(name, []) for part in value.split(",") if part.strip()
        ]


def parse_arguments(arguments: list[str], shorts: Shorts = SHORT, flags: frozenset[str] = FLAGS) -> Parsed:
    """Words and options of one command.

    Raises:
        UnknownOption: an option is unknown, or lacks its value.
    """
    words: list[str] = []
    options: dict[str, list[str]] = {}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            words += rest
            break
        if not argument.startswith("-") or argument == "-":
            words.append(argument)
            continue
        name, value = _named(argument, shorts, flags)
        if name in flags:
            options.setdefault(name, []).append("")
            continue
        if name not in VALUES:
            raise UnknownOption(f"unknown flag: {argument}")
        if value is None:
            if not rest:
                raise UnknownOption(f"flag needs an argument: {argument}")
            value = rest.pop(0)
        options.setdefault(name, []).append(value)
    return Parsed(tuple(words), options)


def _named(argument: str, shorts: Shorts, flags: frozenset[str]) -> tuple[str, str | None]:
    if argument.startswith("--"):
        name, separator, value = argument[2:].partition("=")
        return name, value if separator else None
    name = shorts.get(argument[1], argument[1])
    rest = argument[2:].removeprefix("=")
    if name in flags and rest:
        raise UnknownOption(f"unknown shorthand flag: {argument}")
    return name, rest or None
