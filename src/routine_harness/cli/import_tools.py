"""``routine-harness import tools``: a server's own list turned into a declared connector."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from routine_harness.cli.lines import echo, say
from routine_harness.errors import Problem, UsageError
from routine_harness.plain import Json, Record

EPILOG = """\b
Examples:
  routine-harness import tools .mcp.json -o connectors/
  routine-harness import tools servers.json -o connectors/
  routine-harness import tools pagerduty-tools.json --name pagerduty -o connectors/pagerduty.yaml
  routine-harness import tools recordings/checkout-down.jsonl -o connectors/

FILE is an answer to tools/list, what `doctor --tools servers.json` kept, a folder of such files, a recording,
a cassette, or an .mcp.json: its servers are started and asked what they offer. No tool is called.
"""
_NO_ANSWER = "routine-harness doctor looks at each server of the configuration"


class Written(msgspec.Struct, frozen=True):
    """One declaration that was written."""

    connector: str
    output: str
    tools: int
    tables: tuple[str, ...]
    guesses: int


@click.command(name="tools", epilog=EPILOG)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("connectors"),
    show_default=True,
    help="The file, or the folder for a file of each connector.",
)
@click.option("--name", help="What the connector is called, where there is one.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def command(files: tuple[Path, ...], output: Path, name: str | None, force: bool, as_json: bool) -> None:
    """Write the declaration of a connector from what its server offers.

    Tools are paired by their names, schemas and hints: which create, list, get, update and delete the same
    rows. A comment marks each guess. Simulated connectors are left out.
    """
    # Imported here: --help needs nothing of this.
    from routine_harness.store.connectors import connectors_above
    from routine_harness.store.files import shown, write_text
    from routine_harness.store.restoring import refuse_replacing
    from routine_harness.verdict.words import counted

    registry = connectors_above(output if output.suffix == "" else output.parent)
    lists: dict[str, Record] = {}
    sources: dict[str, list[str]] = {}
    for file in files:
        for server, tools in _lists(file, registry).items():
            connector = name or server
            lists.setdefault(connector, {}).update({tool.name: tool for tool in tools})
            sources.setdefault(connector, []).append(file.name)
    found = _declarable(lists, registry, named=name is not None)
    if output.suffix and len(found) != 1:
        hint = f"{output.parent}/ takes a file of each" if found else "nothing is left to declare"
        raise UsageError(Problem(shown(output), 0, f"one file, and {counted(len(found), 'connector')}", hint))
    places = {each: output if output.suffix else output / f"{each}.yaml" for each in found}
    refuse_replacing(places.values(), force=force)
    written = []
    for connector, own in found.items():
        text, told = _text(connector, own.values(), sources[connector])
        write_text(places[connector], text)
        written.append(msgspec.structs.replace(told, output=shown(places[connector])))
    if as_json:
        echo(msgspec.json.encode(written).decode())
        return
    for each in written:
        rows = f", rows of {' and '.join(each.tables)}" if each.tables else ""
        echo(f"{each.output}: {counted(each.tools, 'tool')}{rows}")
        say(f"  {_guesses(each.guesses)} to look at: the comments that begin with guessed")


def _guesses(count: int) -> str:
    return "1 guess" if count == 1 else f"{count:,} guesses"


def _text(connector: str, tools: Iterable[Json], sources: list[str]) -> tuple[str, Written]:
    from routine_harness.interop.declaration_text import declaration_text
    from routine_harness.interop.tool_pairs import guess_declaration

    guesses = guess_declaration(connector, tuple(tools))
    count = sum(len(each.guessed) for each in (*guesses.tables, *guesses.tools))
    tables = tuple(each.name for each in guesses.tables)
    told = Written(connector, "", len(guesses.tools), tables, count)
    return declaration_text(guesses, " and ".join(sources)), told


def _declarable(lists: dict[str, Record], registry: Json, *, named: bool) -> dict[str, Record]:
    """The connectors of which there is no model.

    Raises:
        UsageError: one has no name, or the only one is simulated.
    """
    from routine_harness.world.declared.connector import DeclaredConnector

    found = {}
    for connector, tools in lists.items():
        if not connector:
            hint = "say what it is called: --name pagerduty"
            raise UsageError(Problem("", 0, "the file does not name the server of its tools", hint))
        known = registry.get(registry.name_of(connector))
        if known is None or isinstance(known, DeclaredConnector):
            found[connector] = tools
        elif named or len(lists) == 1:
            hint = "the harness simulates this connector; --name gives it another name"
            raise UsageError(Problem("", 0, f"{connector} is simulated and needs no declaration", hint))
        else:
            echo(f"{connector} is simulated and needs no declaration", err=True)
    return found


def _lists(file: Path, registry: Json) -> dict[str, tuple[Json, ...]]:
    """The tools in one file or folder, by server."""
    from routine_harness.interop.tool_lists import parse_tool_lists, server_named
    from routine_harness.store.files import read_bytes, shown

    if file.is_dir():
        return _of_folder(file, registry)
    data, name = read_bytes(file), shown(file)
    if file.suffix in (".yaml", ".yml", ".jsonl"):
        return _recorded(data, name, registry)
    lists = parse_tool_lists(data, name)
    if lists is None:
        return _of_servers(file, registry)
    stem = server_named(file.name.removeprefix(".").partition(".")[0])
    return {server or stem: tools for server, tools in lists.items()}


def _of_folder(folder: Path, registry: Json) -> dict[str, tuple[Json, ...]]:
    """All lists in the JSON files of a folder, those without a server's name under the folder's."""
    from routine_harness.interop.tool_lists import parse_tool_lists, server_named
    from routine_harness.store.files import read_bytes, shown

    found: dict[str, tuple[Json, ...]] = {}
    for file in sorted(folder.glob("*.json")):
        for server, tools in (parse_tool_lists(read_bytes(file), shown(file)) or {}).items():
            own = server or server_named(folder.resolve().name)
            found[own] = (*found.get(own, ()), *tools)
    if not found:
        raise UsageError(
            Problem(shown(folder), 0, "the folder holds no list of tools", "it has *.json files")
        )
    return found


def _recorded(data: bytes, name: str, registry: Json) -> dict[str, tuple[Json, ...]]:
    """The tools that a recording called, or that a cassette listed or called."""
    from routine_harness.interop.tool_lists import tools_of_recording, with_seen
    from routine_harness.store.cassettes import parse_cassette
    from routine_harness.store.indexed import is_indexed
    from routine_harness.store.mcp_interactions import listed_tools, recorded_calls
    from routine_harness.store.recordings import parse_recording

    if name.endswith(".jsonl") and not is_indexed(data):
        return dict(tools_of_recording(parse_recording(data, name), registry))
    found: dict[str, Record] = {}
    held = parse_cassette(data, name)
    for connector, tool in listed_tools(held, registry):
        found.setdefault(connector, {})[tool.name] = tool
    listed = {(connector, tool) for connector, tools in found.items() for tool in tools}
    for one in recorded_calls(held, registry):
        if (one.server, one.tool) not in listed:
            tools = found.setdefault(one.server, {})
            tools[one.tool] = with_seen(tools.get(one.tool), one.tool, one.arguments)
    if not found:
        raise UsageError(Problem(name, 0, "it holds no call of a connector without a model"))
    return {connector: tuple(tools.values()) for connector, tools in found.items()}


def _of_servers(file: Path, registry: Json) -> dict[str, tuple[Json, ...]]:
    """What the servers of an .mcp.json offer; one that does not answer is told of."""
    from routine_harness.interop.tool_lists import server_named
    from routine_harness.live.outside.server_entries import load_servers
    from routine_harness.live.record.examination import examine
    from routine_harness.live.sandbox.scratch import ended_by_signal
    from routine_harness.store.files import shown

    with ended_by_signal():
        examined = examine(load_servers(file), registry, (), os.environ)
    for finding in examined.findings:
        if finding.fails:
            echo(f"{finding.code}: {finding.message}", err=True)
    if not examined.tools:
        raise UsageError(Problem(shown(file), 0, "no server lists its tools", _NO_ANSWER))
    return {server_named(name) or name: tools for name, tools in examined.tools.items()}
