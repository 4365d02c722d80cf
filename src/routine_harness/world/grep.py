"""What ``Glob`` and ``Grep`` find, and how Claude Code words it (seen with its CLI 2.1.332, November 2026).

Paths match by pattern and lines by regex, as ripgrep matches them for the CLI; any pattern takes linear time.
Whose files they are is the caller's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from routine_harness.plain import Json
from routine_harness.world.own_answers import NO_FILES
from routine_harness.world.tool import ToolResult

_TYPES: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(globs.split())
    for name, globs in {
        "c": "*.c *.h",
        "cpp": "*.cc *.cpp *.cxx *.h *.hh *.hpp *.hxx *.inl",
        "cs": "*.cs",
        "css": "*.css *.scss",
        "docker": "*Dockerfile*",
        "go": "*.go",
        "html": "*.htm *.html *.ejs",
        "java": "*.java *.jsp",
        "js": "*.js *.jsx *.cjs *.mjs *.vue",
        "json": "*.json composer.lock *.sarif",
        "kotlin": "*.kt *.kts",
        "lua": "*.lua",
        "make": "[Gg][Nn][Uu]makefile [Mm]akefile *.mk *.mak",
        "markdown": "*.md *.markdown *.mdown *.mdx",
        "md": "*.md *.markdown *.mdown *.mdx",
        "php": "*.php *.php3 *.php4 *.php5 *.phtml",
        "py": "*.py *.pyi",
        "python": "*.py *.pyi",
        "ruby": "*.rb *.gemspec config.ru Gemfile Rakefile",
        "rust": "*.rs",
        "scala": "*.scala *.sbt",
        "sh": "*.sh *.bash *.zsh *.ksh .bashrc .profile .zshrc",
        "sql": "*.sql *.psql",
        "swift": "*.swift",
        "toml": "*.toml Cargo.lock",
        "ts": "*.ts *.tsx *.cts *.mts",
        "txt": "*.txt",
        "typescript": "*.ts *.tsx *.cts *.mts",
        "xml": "*.xml *.xsd *.xsl *.svg *.dtd *.rng *.xhtml",
        "yaml": "*.yaml *.yml",
    }.items()
}
"""ripgrep's file types, those that people name."""
_NEW_LINE: Final = (
    'the literal "\\n" is not allowed in a regex\n\nConsider enabling multiline mode with the --multiline'
    " flag (or -U for short).\nWhen multiline mode is enabled, new line characters can be matched."
)


class Search:
    """One search of ``Grep``: which files it wants, and their lines that match."""

    def __init__(self, arguments: Mapping[str, Json], pattern: Json) -> None:
        """``pattern`` is what ``search_of`` has compiled."""
        self._pattern = pattern
        self._spans = bool(arguments.get("multiline"))
        self._parts = bool(arguments.get("-o")) and not self._spans
        around = arguments.get("-C") or arguments.get("context") or 0
        self._before = int(arguments.get("-B") or around)
        self._after = int(arguments.get("-A") or around)
        self._globs = str(arguments.get("glob") or "").split()
        self._named = _TYPES.get(str(arguments.get("type") or ""))

    def wants(self, path: str) -> bool:
        """Whether the file at ``path``, as it is seen from where the search begins, is looked at."""
        if self._named is not None and not any(names_path(path, one) for one in self._named):
            return False
        wanted = [one for one in self._globs if not one.startswith("!")]
        if any(names_path(path, one[1:]) for one in self._globs if one.startswith("!")):
            return False
        return not wanted or any(names_path(path, one) for one in wanted)

    def hits(self, path: str, text: str) -> Iterator[Hit]:
        """The lines of a file that match, with those around them that were asked for; none of a binary."""
        if "\0" in text:
            return
        lines = text.split("\n")
        if lines and not lines[-1]:
            lines.pop()
        found = set(self._spanned(text, len(lines)) if self._spans else self._matching(lines))
        if self._parts:
            yield from self._matched_parts(path, lines)
            return
        shown = {near for at in found for near in range(at - self._before, at + self._after + 1)}
        for at in sorted(shown):
            if 0 <= at < len(lines):
                yield Hit(path, at + 1, lines[at].removesuffix("\r"), at in found)

    def _matching(self, lines: list[str]) -> Iterator[int]:
        return (at for at, line in enumerate(lines) if self._pattern.search(line))

    def _matched_parts(self, path: str, lines: list[str]) -> Iterator[Hit]:
        """What matches of each line, by itself."""
        for at, line in enumerate(lines):
            yield from (Hit(path, at + 1, match[0]) for match in self._pattern.finditer(line) if match[0])

    def _spanned(self, text: str, count: int) -> Iterator[int]:
        """The lines that a match over several of them touches."""
        for match in self._pattern.finditer(text):
            first = text.count("\n", 0, match.start())
            last = first + text.count("\n", match.start(), max(match.start(), match.end() - 1))
            yield from range(first, min(last + 1, count))


def search_of(arguments: Mapping[str, Json]) -> Search | ToolResult:
    """The search that the arguments of ``Grep`` mean, or what the tool answers where they mean none."""
    # Imported here: 10 ms that a run without a search need not pay.
    import re2

    written = str(arguments.get("pattern", ""))
    kind, spans = arguments.get("type"), bool(arguments.get("multiline"))
    if kind and str(kind) not in _TYPES:
        return bad_search(f"unrecognized file type: {kind}")
    if not spans and ("\n" in written or re.search(r"(?<!\\)(?:\\\\)*\\n", written)):
        return bad_search(_NEW_LINE)
    flags = ("i" if arguments.get("-i") else "") + ("ms" if spans else "")
    try:
        return Search(arguments, re2.compile(f"(?{flags}){written}" if flags else written))
    except re2.error as error:
        said = error.args[0] if error.args else ""
        why = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        return bad_search(f"regex parse error:\n    (?:{written})\nerror: {why}")


def names_path(path: str, pattern: str) -> bool:
    """Whether a glob names ``path`` as ripgrep takes it: without a slash it is about the name alone."""
    if "/" not in pattern:
        return matches_glob(path.rpartition("/")[2], pattern) or pattern == "**"
    return matches_glob(path, pattern.removeprefix("/"))


def matches_glob(path: str, pattern: str) -> bool:
    """Whether ``pattern`` names ``path``: ``*`` stops at a slash, ``**`` does not, ``{a,b}`` is either."""
    if braces := re.search(r"\{([^{}]*)\}", pattern):
        before, after = pattern[: braces.start()], pattern[braces.end() :]
        return any(matches_glob(path, before + choice + after) for choice in braces[1].split(","))
    return _matches(path.split("/"), pattern.removeprefix("./").split("/"))


def _matches(parts: list[str], patterns: list[str]) -> bool:
    reached = {0}
    for pattern in patterns:
        if pattern == "**":
            reached = set(range(min(reached, default=len(parts) + 1), len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], pattern)}
    return len(parts) in reached


NO_MATCHES: Final = "No matches found"
MOST_FOUND: Final = 250
LONGEST_LINE: Final = 500
"""A matching line that is longer is left out by ``Grep``."""


class Hit(NamedTuple):
    """A line of a file that matches, or stands beside one that does."""

    path: str
    number: int
    line: str
    matches: bool = True


def searched(hits: Iterable[Hit], mode: str, arguments: Mapping[str, Json], *, one_file: bool) -> ToolResult:
    """The answer of ``Grep`` in its ``mode``: ``content``, ``count`` or ``files_with_matches``.

    ``hits`` are in the order to be shown; ``one_file``: no path stands before the lines of a single file.
    """
    if mode == "content":
        lines, page = _page(list(_lines(hits, arguments, one_file)), arguments)
        page = f"\n\n[Showing results with pagination = {page}]" if page else ""
        return ToolResult(("\n".join(lines) or NO_MATCHES) + page)
    counted: dict[str, int] = {}
    for hit in hits:
        if hit.matches:
            counted[hit.path] = counted.get(hit.path, 0) + 1
    if mode == "count":
        return _counts(counted, arguments)
    paths, page = _page(list(counted), arguments)
    if not paths:
        return ToolResult(NO_FILES)
    limited = f" {page}" if page else ""
    return ToolResult("\n".join([f"Found {_several(len(paths), 'file')}{limited}", *paths]))


def _counts(counted: Mapping[str, int], arguments: Mapping[str, Json]) -> ToolResult:
    lines, page = _page([f"{path}:{count}" for path, count in counted.items()], arguments)
    total = _several(sum(counted.values()), "total occurrence")
    said = f"Found {total} across {_several(len(counted), 'file')}."
    limited = f" with pagination = {page}" if page else ""
    return ToolResult(("\n".join(lines) or NO_MATCHES) + f"\n\n{said}{limited}")


def _lines(hits: Iterable[Hit], arguments: Mapping[str, Json], one_file: bool) -> Iterable[str]:
    with_number, around = arguments.get("-n", True), _has_context(arguments)
    before: Hit | None = None
    for hit in hits:
        if around and before is not None and (hit.path, hit.number) != (before.path, before.number + 1):
            yield "--"
        before = hit
        mark = ":" if hit.matches else "-"
        parts = ([] if one_file else [hit.path]) + ([str(hit.number)] if with_number else [])
        kind = "matching" if hit.matches else "context"
        line = hit.line if len(hit.line) <= LONGEST_LINE else f"[Omitted long {kind} line]"
        yield mark.join([*parts, line])


def _has_context(arguments: Mapping[str, Json]) -> bool:
    return any(arguments.get(name) for name in ("-A", "-B", "-C", "context"))


def _page(lines: list[str], arguments: Mapping[str, Json]) -> tuple[list[str], str]:
    """The lines that are shown, and how they were limited, where they were."""
    offset, limit = int(arguments.get("offset") or 0), arguments.get("head_limit")
    most = MOST_FOUND if limit is None else int(limit)
    left = lines[offset:]
    cut = most > 0 and len(left) > most
    said = [f"limit: {most}"] * cut + [f"offset: {offset}"] * bool(offset)
    return left[:most] if cut else left, ", ".join(said)


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def bad_search(said: str) -> ToolResult:
    """The pattern, glob or file type is none."""
    why = "Search failed — ripgrep rejected the pattern, glob, or file type without searching:"
    return ToolResult(f"{why}\nrg: {said}", is_error=True)
