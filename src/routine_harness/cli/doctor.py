"""``routine-harness doctor``: configured MCP servers against models and recordings."""

from __future__ import annotations

import os
from pathlib import Path

import click

from routine_harness.cli.lines import echo

DEFAULT = ".mcp.json"
EPILOG = """\b
Examples:
  routine-harness doctor
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
    metavar="FILE",
    help="The configuration of the servers to start; default: .mcp.json, where it is there.",
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
    routines: tuple[Path, ...], connectors: Path | None, keep: Path | None, reads: bool, as_json: bool
) -> int:
    """Say which credential a live run would use; start each MCP server, and report what changed.

    Compares with the models of the harness and with calls and results in the recordings of the routines.
    Nothing is called without --reads: servers are only asked what they offer. No credential is printed, and
    none is tried. Exits 1 if something does not work.
    """
    # Imported here: --help needs nothing of this.
    from routine_harness.cli.findings import print_plain
    from routine_harness.cli.terminal import terminal_width
    from routine_harness.interop.tool_lists import tool_lists_text
    from routine_harness.live.outside.server_entries import ServerFile, sort_server_file
    from routine_harness.live.record.contract import expected_calls
    from routine_harness.live.record.examination import examine, judge_credential, no_servers
    from routine_harness.live.sandbox.scratch import ended_by_signal
    from routine_harness.report.text import fold
    from routine_harness.store.connectors import connectors_above
    from routine_harness.store.files import shown, write_text
    from routine_harness.store.recordings import load_recording
    from routine_harness.verdict.words import counted

    credential, unusable = judge_credential(os.environ)
    for line in fold(f"live runs: {credential}", terminal_width()) if credential else ():
        echo(line, err=as_json)
    wanted = connectors is not None or keep is not None or reads
    connectors = connectors or Path(DEFAULT)
    servers, problems = sort_server_file(connectors) if wanted or connectors.exists() else ServerFile({}, {})
    registry = connectors_above(routines[0] if routines else Path())
    files = sorted({file for each in routines for file in _home(each).rglob("recordings/*.jsonl")})
    recordings = [found for file in files if (found := load_recording(file, shown(file))) is not None]
    expected = expected_calls(recordings, registry)
    with ended_by_signal():
        examined = examine(servers, registry, expected, os.environ, reads=reads)
    if keep is not None:
        write_text(keep, tool_lists_text(examined.tools))
    findings = (*unusable, *no_servers(problems), *examined.findings)
    print_plain(findings, count=len(servers) + len(problems), as_json=as_json)
    if not as_json:
        for name, tools in examined.tools.items():
            echo(f"{name}: {counted(len(tools), 'tool')}")
        if not servers and not problems:
            why = "names no server" if connectors.exists() else "is not here: no server was started"
            echo(f"{shown(connectors)} {why}")
    return int(any(finding.fails for finding in findings))


def _home(path: Path) -> Path:
    return path if path.is_dir() else path.parent
