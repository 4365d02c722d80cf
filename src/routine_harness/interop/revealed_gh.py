"""What the output of ``gh`` in a session's shell commands says about the world of GitHub.

A JSON value is taken for a command's own where its records have just the fields that ``--json`` asked for,
so that whatever else the command line prints is passed over. ``gh api`` and ``gh pr diff`` are believed
only where nothing can have changed what they print.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from routine_harness.interop.gh_fields import item_of, place_of, repository_of
from routine_harness.session.transcript import Call, Result
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.github.rest_records import records_from_rest
from routine_harness.world.registry import Registry
from routine_harness.world.shell.acts import Context, Word
from routine_harness.world.shell.options import Options, names, parse_options
from routine_harness.world.shell.programs import run_command
from routine_harness.world.shell.reader import Reader
from routine_harness.world.shell.scope import Text
from routine_harness.world.state import Record
from routine_harness.world.tool import ToolCall

Row = tuple[str, Record]
_ITEMS: Final = {
    "pr": "github.pulls",
    "prs": "github.pulls",
    "issue": "github.issues",
    "issues": "github.issues",
}
_LISTED: Final = frozenset({"view", "list", "prs", "issues"})
_SILENT: Final = frozenset({"gh", "cd", "export", "set", "true", ":", "unset", "sleep", "mkdir"})
"""Programs that print nothing, or only what ``gh`` is asked for."""
_ALIASES: Final = {"--repo": "-R", "--jq": "-q", "--template": "-t", "--method": "-X", "--field": "-F",
                   "--raw-field": "-f"}  # fmt: skip
_VALUED: Final = names(
    "-R -q -t -X -F -f -H -L -s -S -A -l -a -B -b -m -p -u --json --header --input --hostname --cache "
    "--limit --preview --state --search --author --label --assignee --base --head --milestone --mention "
    "--app --owner"
)


class _Asked(msgspec.Struct, frozen=True):
    """One ``gh`` command whose words are all known."""

    group: str
    name: str
    options: Options

    @property
    def words(self) -> list[str]:
        return [word.text for word in self.options.rest]

    @property
    def fields(self) -> frozenset[str]:
        """What ``--json`` asks for."""
        given = ",".join(word.text for word in self.options.texts("--json"))
        return frozenset(part.strip() for part in given.split(",") if part.strip())

    @property
    def filtered(self) -> bool:
        return "-q" in self.options or "-t" in self.options


def acts_on_github(call: Call, registry: Registry) -> bool:
    """Whether a shell command changes something at GitHub, so that later reads tell of that."""
    asked = ToolCall("", call.tool, call.arguments)
    return registry.command_of(asked) is not None and any(
        effect.connector == "github" for effect in attempted_effects(asked, registry)
    )


def gh_rows(call: Call, result: Result, repository: str, registry: Registry) -> list[Row]:
    """Full table name and record for all that the output of a shell command shows.

    ``repository`` is the one that the session works in, where that is known.
    """
    command = registry.command_of(ToolCall("", call.tool, call.arguments)) or ""
    if result.is_error or "gh" not in command:
        return []
    programs, asked = _commands(command, repository)
    told: list[Row] = []
    values = _json_values(result.text)
    for one in asked:
        if one.fields and not one.filtered:
            told += _selected(one, values, repository)
    alone = len(asked) == 1 and programs <= _SILENT and not asked[0].filtered
    return told + _printed(asked[0], result.text, repository) if alone else told


def _commands(command: str, repository: str) -> tuple[set[str], list[_Asked]]:
    """The programs of a command line, and those of its commands that are ``gh``'s."""
    programs: set[str] = set()
    found: list[_Asked] = []

    def run(reader: Reader, argv: list[Word], stdin: Text) -> Text:
        programs.add(argv[0].text)
        if argv[0].text == "gh" and all(word.known for word in argv):
            found.append(_asked(argv[1:]))
        return run_command(reader, argv, stdin)

    try:
        Reader(run, Context(repository=repository), {}).read(command)
    except RecursionError:
        return programs, []
    return programs, found


def _asked(argv: list[Word]) -> _Asked:
    options = parse_options(argv, _VALUED, _ALIASES)
    group = options.rest.pop(0).text if options.rest else ""
    name = options.rest.pop(0).text if options.rest and group != "api" else ""
    return _Asked(group, name, options)


def _json_values(text: str) -> list[Any]:
    """The JSON objects and lists that begin a line of ``text``, in order."""
    decoder, values, at = json.JSONDecoder(), [], 0
    for start in re.finditer(r"^\s*(?=[\[{])", text, re.MULTILINE):
        if start.end() < at:
            continue
        try:
            value, at = decoder.raw_decode(text, start.end())
        except (ValueError, RecursionError):
            continue
        values.append(value)
    return values


def _selected(asked: _Asked, values: list[Any], repository: str) -> Iterator[Row]:
    """The records of the first value that is this command's answer, which it uses up."""
    for place, value in enumerate(values):
        records = value if isinstance(value, list) else [value]
        if all(isinstance(one, dict) and asked.fields == one.keys() for one in records):
            del values[place]
            for record in records:
                yield from _row(asked, record, repository)
            return


def _row(asked: _Asked, shown: Mapping[str, Any], repository: str) -> Iterator[Row]:
    if asked.group == "repo" and isinstance(shown.get("nameWithOwner"), str):
        yield "github.repositories", repository_of(shown)
    table = _ITEMS.get(asked.name if asked.group == "search" else asked.group)
    home, number = _subject(asked, shown, repository)
    if table is None or asked.name not in _LISTED or not home or not number:
        return
    try:
        row = item_of(shown)
    except (AttributeError, KeyError, TypeError):  # of another make than gh's
        return
    yield table, {"repository": home, **row, "number": number}


def _subject(asked: _Asked, shown: Mapping[str, Any], repository: str) -> tuple[str, int]:
    """Repository and number of a record: its own address counts first, then what the command names."""
    told, numbered = place_of(shown.get("url"))
    home, number = _place(asked, repository)
    inside = shown.get("repository")
    named = inside.get("nameWithOwner") if isinstance(inside, dict) else None
    given = shown.get("number")
    return told or str(named or home), given if type(given) is int else numbered or number


def _place(asked: _Asked, repository: str) -> tuple[str, int]:
    """Repository and number that a command names."""
    word = asked.words[0] if asked.words else ""
    told, number = place_of(word)
    if told:
        return told, number
    given = asked.options.text("-R") or ""
    digits = word.removeprefix("#")
    number = int(digits) if digits.isdecimal() and len(digits) < 12 else 0
    return "/".join(given.removeprefix("https://").split("/")[-2:]) or repository, number


def _printed(asked: _Asked, text: str, repository: str) -> list[Row]:
    """What the whole output of one command says: an answer of the REST interface, or a diff."""
    if (asked.group, asked.name) == ("pr", "diff") and text.startswith("diff --git"):
        home, number = _place(asked, repository)
        whole = not {"--name-only", "--stat"} & asked.options.values.keys() and "truncated]" not in text
        address = f"/repos/{home}/pulls/{number}"
        return (
            records_from_rest("GET", address, 200, f"{text.rstrip()}\n") if home and number and whole else []
        )
    if asked.group != "api" or len(asked.words) != 1 or not _reads(asked):
        return []
    address = asked.words[0].replace("{owner}/{repo}", repository).removeprefix("https://api.github.com")
    return [
        row
        for page in _json_values(text)
        for row in records_from_rest("GET", f"/{address.lstrip('/')}", 200, page)
    ]


def _reads(asked: _Asked) -> bool:
    """Whether ``gh api`` asks by GET, for JSON, and prints nothing but the body."""
    method = (asked.options.text("-X") or "").upper()
    changed = {"-f", "-F", "--input", "-i", "--include", "--slurp", "-H", "--header"}
    return not changed & asked.options.values.keys() and method in ("", "GET")
