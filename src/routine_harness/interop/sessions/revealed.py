"""What the results of an imported session say about the world, and a case to replay it in.

Reads of simulated connectors become records, files that were read become files of the repository, fetched
pages become answers of the network. What cannot be told from a result is left out, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.case.seed import data_of_records
from routine_harness.interop.sessions.imported import Imported
from routine_harness.interop.sessions.revealed_gh import acts_on_github, gh_rows
from routine_harness.interop.sessions.revealed_trigger import revealed_trigger, told_repository
from routine_harness.interop.sessions.revealed_writes import Row, rows_of_writes
from routine_harness.interop.sessions.session_effects import played_calls
from routine_harness.interop.sessions.session_expectations import expected_of
from routine_harness.plain import Record
from routine_harness.routine.spec import Routine
from routine_harness.routine.yaml_writer import yaml_text
from routine_harness.session.lifecycle import DEFAULT_BUDGET
from routine_harness.session.run import CallRecord
from routine_harness.session.transcript import Call, Result, Start
from routine_harness.world.registry import Registry
from routine_harness.world.reveals import revealed_records, sound_rows
from routine_harness.world.times import iso_seconds
from routine_harness.world.tool import ToolCall, ToolResult

_NUMBERED: Final = re.compile(r"^ *(\d+)(?:\t|→)(.*)$")


def revealed_world(
    imported: Imported, registry: Registry, repository: str = "", calls: Sequence[CallRecord] = ()
) -> Record:
    """A world in the shape of a world file, from the reads that succeeded before the first write.

    ``repository`` is the one of the files that were read, where the session does not say. ``calls`` are
    the session's with their effects: what they wrote to was there.
    """
    rows = revealed_rows(imported, registry)
    files: dict[str, str] = {}
    answers: dict[tuple[str, str], Record] = {}
    results = imported.results
    for call in _before_writing(imported, registry):
        result = results[call.id]
        path, text = _file(call, result, imported.folder)
        if path:
            files.setdefault(path, text)
        if call.tool == "WebFetch" and not result.is_error and call.arguments.get("url"):
            url = str(call.arguments["url"])
            answers.setdefault(
                ("GET", url), {"method": "GET", "url": url, "status": 200, "body": result.text}
            )
    world = data_of_records(_merged([*rows, *_unread(rows, sound_rows(rows_of_writes(calls), registry))]))
    repository = _repository(imported, rows) or repository
    if files and repository:
        held = world.setdefault("github", {}).setdefault("repositories", [])
        same = [one for one in held if one.get("full_name") == repository]
        if same:
            same[0]["files"] = {**files, **same[0].get("files", {})}
        else:
            held.append({"full_name": repository, "files": files})
    if answers:
        world["http"] = list(answers.values())
    return world


def revealed_rows(imported: Imported, registry: Registry) -> list[tuple[str, Record]]:
    """Full table name and record for all that reads of simulated connectors say before the first write."""
    calls, results = tuple(_before_writing(imported, registry)), imported.results
    rows = [row for call in calls for row in _rows(call, results[call.id], registry)]
    repository = _repository(imported, rows)
    for call in calls:
        told = gh_rows(call, results[call.id], repository, registry)
        rows += sound_rows(told, registry)
        repository = repository or next((row["repository"] for _, row in told if "repository" in row), "")
    return rows


def suggested_case(
    imported: Imported,
    registry: Registry,
    source: str,
    repository: str = "",
    routine: Routine | None = None,
    replayed: Sequence[CallRecord] = (),
) -> str:
    """The text of a case file: the firing, the world that the results reveal, and what it did.

    It passes as it stands, but for what the session did wrong. See ``revealed_world`` for
    ``repository``; ``routine`` is the one that ran, where it is known. ``replayed`` are the calls as they
    were played in that world: it may tell more of an effect than the session's answers alone.
    """
    start = next(entry for entry in imported.entries if isinstance(entry, Start))
    at = iso_seconds(start.time) if start.time else None
    calls = played_calls(imported, registry, routine)
    case: Record = {
        "description": f"what the session in {source} did",
        "trigger": revealed_trigger(imported.told, at, revealed_rows(imported, registry)),
        **({"context": "later"} if imported.context_came_later else {}),
        "world": revealed_world(imported, registry, repository, calls),
        "agent": "recording",
        "budget": _budget(imported),
        "expect": expected_of(imported, replayed or calls),
    }
    if not case["world"]:
        del case["world"]
    written = yaml_text(case)
    head = f"# Suggested from {source}: read it through, the world is only what its results reveal.\n"
    return head + written


def _before_writing(imported: Imported, registry: Registry) -> Iterator[Call]:
    """The calls whose answers describe the world as the run found it."""
    written: set[str] = set()
    for call in imported.calls:
        connector = call.tool.rpartition(".")[0]
        if connector in written:
            continue
        if connector and registry.access(_asked(call, registry)).kind == "write":
            written.add(connector)
            continue
        if acts_on_github(call, registry):
            written.add("github")
        if registry.command_of(ToolCall("", call.tool, call.arguments)) is None or "github" not in written:
            yield call


def _rows(call: Call, result: Result, registry: Registry) -> list[tuple[str, Record]]:
    """What the answer of a simulated connector's tool says."""
    answer = ToolResult(result.text, result.is_error)
    return sound_rows(revealed_records(_asked(call, registry), answer, registry), registry)


def _asked(call: Call, registry: Registry) -> ToolCall:
    """The call of a transcript under the tool's own name."""
    connector, _, tool = call.tool.rpartition(".")
    return registry.canonical(ToolCall(connector, tool, call.arguments))


def _unread(rows: list[Row], written: list[Row]) -> Iterator[Row]:
    """The records that were written to and that no read has shown, each once; a number of GitHub's is an
    issue or a pull request."""
    seen = {_mark(name, row) for name, row in rows}
    for name, row in written:
        if _mark(name, row) not in seen:
            seen.add(_mark(name, row))
            yield name, row


def _mark(name: str, row: Record) -> tuple[str, ...]:
    connector = name.partition(".")[0]
    if "number" in row:
        return connector, str(row.get("repository")), str(row["number"])
    return name, str(row.get("id") or row.get("name"))


def _merged(rows: list[tuple[str, Record]]) -> list[tuple[str, Record]]:
    """The rows without those that are said again word for word."""
    kept: dict[bytes, tuple[str, Record]] = {}
    for row in rows:
        kept.setdefault(msgspec.json.encode(row, order="sorted"), row)
    return list(kept.values())


def _file(call: Call, result: Result, folder: str) -> tuple[str, str]:
    """Path and text of a file that ``Read`` showed from its first line on; empty if it did not."""
    path = str(call.arguments.get("file_path", ""))
    if call.tool != "Read" or result.is_error or call.arguments.get("offset") or not path:
        return "", ""
    lines = [_NUMBERED.match(line) for line in result.text.split("\n<system-reminder>")[0].splitlines()]
    numbered = [line for line in lines if line is not None]
    if not numbered or len(numbered) != len(lines) or numbered[0][1] != "1":
        return "", ""
    if folder and path.startswith(folder.rstrip("/") + "/"):
        path = path[len(folder.rstrip("/")) + 1 :]
    # A file that ends in a newline is shown with an empty last line.
    return path.lstrip("/"), "\n".join(line[2] for line in numbered).removesuffix("\n") + "\n"


def _repository(imported: Imported, rows: list[tuple[str, Record]]) -> str:
    """The repository that the session is about, where it says so."""
    named = told_repository(imported.prompt)
    shown = (str(row["repository"]) for _, row in rows if isinstance(row.get("repository"), str))
    return named or next(shown, "") or imported.repository


def _budget(imported: Imported) -> dict[str, int]:
    """As many turns as the session took, and its calls where they are more than a run has by default."""
    calls = len(imported.calls)
    turns = max((entry.turn for entry in imported.entries if not isinstance(entry, Start)), default=1)
    return {"turns": max(turns, 1), **({"calls": calls} if calls > DEFAULT_BUDGET.calls else {})}
