"""``routine-harness guard``: the policy at run time, as hooks of a repository."""

from __future__ import annotations

from pathlib import Path

import click

from routine_harness.cli.lines import echo

EPILOG = """\b
Examples:
  routine-harness guard install routines/triage
  routine-harness guard install routines/triage --check
"""
INSTALL_EPILOG = """\b
Examples:
  routine-harness guard install routines/triage
  routine-harness guard install routines/triage --check
  routine-harness guard install routines/triage --setup >> setup.sh
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """Hold the policy against a session while it runs."""


@command.command(name="install", epilog=INSTALL_EPILOG)
@click.argument("routines", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="ROUTINE...")
@click.option(
    "--into",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The repository; by default the one that holds the first routine.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if what is there does not match.")
@click.option("--setup", is_flag=True, help="Print lines for the environment's setup script instead.")
@click.option(
    "--from",
    "origin",
    metavar="URL",
    default="",
    help="With --setup: the harness to install, by commit (git+https://…@COMMIT) or by hash "
    "(https://….whl#sha256=HASH); by default what is installed here.",
)
@click.option("--remote-only", is_flag=True, help="Guard cloud sessions alone, not those on your machine.")
@click.option("--json", "as_json", is_flag=True, help="Print findings or paths as JSON.")
def install(
    routines: tuple[Path, ...],
    into: Path | None,
    check: bool,
    setup: bool,
    origin: str,
    remote_only: bool,
    as_json: bool,
) -> int:
    """Install the guard of the routines that run in a repository.

    Freezes the policy into .claude/routine-harness and adds hooks to .claude/settings.json, for you to
    commit. A seat belt against mistakes, not against an attacker: see the how-to.
    """
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.cli.findings import print_plain
    from routine_harness.guard import install as guard
    from routine_harness.store.files import shown

    guarded = guard.load_guarded(routines)
    folder = into or _repository(routines[0])
    if setup:
        from routine_harness.cli.installation import constraints, pinned_requirement

        lines = guard.setup_script(guarded, folder, pinned_requirement(origin), constraints())
        echo(lines, nl=False)
        return 0
    if check:
        findings = guard.check_installed(guarded, folder, remote_only=remote_only)
        print_plain(findings, count=len(guarded), as_json=as_json)
        if not findings and not as_json:
            echo("the guard is there and matches the policy")
        return 1 if findings else 0
    changed = guard.install(guarded, folder, remote_only=remote_only)
    if as_json:
        echo(msgspec.json.encode([shown(path) for path in changed]).decode())
        return 0
    for path in changed:
        echo(f"wrote {shown(path)}")
    if not changed:
        echo("the guard is there and matches the policy")
        return 0
    echo("commit these files")
    echo("where they run, the harness has to be installed: see --setup")
    return 0


def _repository(routine: Path) -> Path:
    """The folder with ``.git`` above the routine, else the working directory."""
    for folder in (routine.resolve(), *routine.resolve().parents):
        if (folder / ".git").exists():
            return folder
    return Path.cwd()
