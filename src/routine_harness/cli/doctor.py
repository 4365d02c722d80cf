"""``routine-harness doctor``: configured MCP servers against models and recordings."""

from __future__ import annotations

import os
from pathlib import Path

import click

from routine_harness.cli.lines import echo

EPILOG = """\b
Examples:
  routine-harness doctor routines/ --connectors .mcp.json
  routine-harness doctor routines/triage --json
  routine-harness doctor routines/ --reads
  routine-harness doctor --tools servers.json && routine-harness import tools servers.json
"""


@click.command(epilog=EPILOG)
@click.argument("routines", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[ROUTINE]...")
@click.option(
    "--connectors",
    type=click.Path(path_type=Path),
    default=Path(".mcp.json"),
    show_default=True,
    help="The configuration of the servers to start.",
)
@click.option(
    "--tools",
    "keep",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what the servers list to FILE, for `import tools`.",
)
@click.option(
    "--reads",
    is_flag=True,
    help="Make one recorded call of each tool that is known to read, and compare the shape of its result.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(
    routines: tuple[Path, ...], connectors: Path, keep: Path | None, reads: bool, as_json: bool
) -> int:
    """Start each configured MCP server, list its tools, and report what changed.

    Compares with the models of the harness and with calls and results in the recordings of the routines.
    Nothing is called without --reads: servers are only asked what they offer. Exits 1 if something does not
    work.
    """
    # Imported here: --help needs nothing of this.
    from routine_harness.cli.findings import print_plain
    from routine_harness.interop.tool_lists import tool_lists_text
    from routine_harness.live.contract import expected_calls
    from routine_harness.live.doctor import examine, no_servers
    from routine_harness.live.scratch import ended_by_signal
    from routine_harness.live.server_entries import sort_server_file
    from routine_harness.store.connectors import connectors_above
    from routine_harness.store.files import shown, write_text
    from routine_harness.store.recordings import load_recording
    from routine_harness.verdict.words import counted

    servers, problems = sort_server_file(connectors)
    registry = connectors_above(routines[0] if routines else Path())
    files = sorted({file for each in routines for file in _home(each).rglob("recordings/*.jsonl")})
    recordings = [found for file in files if (found := load_recording(file, shown(file))) is not None]
    expected = expected_calls(recordings, registry)
    with ended_by_signal():
        examined = examine(servers, registry, expected, os.environ, reads=reads)
    if keep is not None:
        write_text(keep, tool_lists_text(examined.tools))
    findings = (*no_servers(problems), *examined.findings)
    print_plain(findings, count=len(servers) + len(problems), as_json=as_json)
    if not as_json:
        for name, tools in examined.tools.items():
            echo(f"{name}: {counted(len(tools), 'tool')}")
        if not servers and not problems:
            echo(f"{shown(connectors)} names no server")
    return int(any(finding.fails for finding in findings))


def _home(path: Path) -> Path:
    return path if path.is_dir() else path.parent
