"""What the output of ``gh`` in a session's shell commands says about the world of GitHub.

A JSON value is taken for a command's own where its records have just the fields that ``--json`` asked for,
so that other output of the command line is passed over. ``gh api`` and ``gh pr diff`` are believed
only where nothing can have changed what they print.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlencode

from routine_harness.interop.sessions.gh_fields import TABLES, read_shown
from routine_harness.plain import Json, Record
from routine_harness.session.transcript import Call, Result
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.github.gh.command_line import URL
from routine_harness.world.github.gh.gh_plan import Plan
from routine_harness.world.github.gh.gh_print import record_of
from routine_harness.world.github.records.rest_records import records_from_rest
from routine_harness.world.holes import has_hole
from routine_harness.world.registry import Registry
from routine_harness.world.shell.acts import Context, Word
from routine_harness.world.shell.programs import run_command
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Reader
from routine_harness.world.shell.statements import STATEMENTS
from routine_harness.world.tool import ToolCall

Row = tuple[str, Record]
_SILENT: Final = frozenset({"gh", "cd", "export", "set", "true", ":", "unset", "sleep", "mkdir"})
"""Programs that print nothing, or only what ``gh`` is asked for."""
_DIFF: Final = "application/vnd.github.diff"


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
    programs, plans = _planned(command, repository)
    told: list[Row] = []
    values = _json_values(result.text)
    for plan in plans:
        if plan.asked.has("json") and not plan.asked.has("jq", "template"):
            told += _selected(plan, values)
    alone = programs.count("gh") == len(plans) == 1 and _SILENT.issuperset(programs)
    return told + _printed(plans[0], result.text) if alone else told


def _planned(command: str, repository: str) -> tuple[list[str], list[Plan]]:
    """The programs of a command line, and the plans of those of its ``gh`` commands that are known whole."""
    programs: list[str] = []

    def run(reader: Reader, argv: list[Word], stdin: Text) -> Text:
        programs.append(argv[0].text)
        return run_command(reader, argv, stdin)

    reader = Reader(STATEMENTS, run, Context(repository=repository), {})
    try:
        reader.read(command)
    except RecursionError:
        return programs, []
    plans = {id(act.plan): act.plan for act in reader.acts if isinstance(act.plan, Plan)}
    return programs, [plan for plan in plans.values() if _is_known(plan)]


def _is_known(plan: Plan) -> bool:
    asked = plan.asked
    return not any(
        map(has_hole, (*asked.words, *(text for given in asked.options.values() for text in given)))
    )


def _json_values(text: str) -> list[Json]:
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


def _selected(plan: Plan, values: list[Json]) -> Iterator[Row]:
    """The records of the first value that is this command's answer, which it uses up."""
    fields = set(plan.asked.listed("json") or ())
    for place, value in enumerate(values):
        records = value if isinstance(value, list) else [value]
        if fields and all(isinstance(one, dict) and fields == one.keys() for one in records):
            del values[place]
            for shown in records:
                yield from _row(plan, shown)
            return


def _row(plan: Plan, shown: Mapping[str, Json]) -> Iterator[Row]:
    record = record_of(plan)
    table = "pulls" if plan.asked.command.name == "search prs" else TABLES.get(record)
    try:
        row = read_shown(record, shown)
    except (AttributeError, KeyError, TypeError):  # of another make than gh's
        return
    if table == "repositories" and "full_name" in row:
        yield "github.repositories", row
    repository, number = _subject(plan, shown, row)
    if table in (None, "repositories") or not repository:
        return
    row["repository"] = repository
    if table in ("pulls", "issues"):
        if not number:
            return
        row["number"] = number
    yield f"github.{table}", row


def _subject(plan: Plan, shown: Mapping[str, Json], row: Record) -> tuple[str, int]:
    """Repository and number of a record: its own address counts first, then what the command names."""
    url = URL.match(str(shown.get("url")))
    inside, given = row.get("repository"), row.get("number")
    home, number = _named(plan)
    if url is not None:
        home, number = url[1], int(url[2] or 0) or number
    return str(inside or home), given if type(given) is int else number


def _named(plan: Plan) -> tuple[str, int]:
    """Repository and number that a command names; else empty and 0."""
    arguments = plan.steps[-1][1] if plan.steps else {}
    repository, number = str(arguments.get("repository") or ""), arguments.get("number")
    return "" if has_hole(repository) else repository, number if type(number) is int else 0


def _printed(plan: Plan, text: str) -> list[Row]:
    """What the whole output of one command says: an answer of the REST interface, or a diff."""
    if plan.asked.command.name == "pr diff":
        whole = not plan.asked.has("name-only", "patch", "exclude") and "truncated]" not in text
        return _diff(plan, text) if whole else []
    request = plan.request
    if request is None or request.method != "GET" or plan.asked.has("jq", "template", "include", "silent"):
        return []
    if request.accept == _DIFF:
        return _diff(plan, text)
    if request.accept and not request.accept.endswith("json"):
        return []
    address = request.path + (f"?{urlencode(request.query)}" if request.query else "")
    values = _json_values(text)
    pages = [page for value in values for page in value] if plan.asked.has("slurp") else values
    return [row for page in pages for row in records_from_rest("GET", address, 200, page)]


def _diff(plan: Plan, text: str) -> list[Row]:
    repository, number = _named(plan)
    if not text.startswith("diff --git") or not repository or not number:
        return []
    return records_from_rest("GET", f"/repos/{repository}/pulls/{number}", 200, f"{text.rstrip()}\n")
