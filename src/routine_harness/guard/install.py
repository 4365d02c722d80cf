"""The guard in a repository: what belongs there, whether it is there, and the setup script's lines."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from routine_harness.errors import Problem, SpecError, UsageError
from routine_harness.finding import Finding, Location
from routine_harness.guard.bundle import bundle
from routine_harness.guard.compiled import Guarded, compile_guard
from routine_harness.guard.settings import (
    FILE,
    FOLDER,
    LOCAL_SETTINGS,
    LOG,
    MANAGED,
    MANAGED_FILE,
    MANAGED_LOG,
    SETTINGS,
    has_hooks,
    hooks_for,
    read_settings,
    with_hooks,
)
from routine_harness.store.files import read_bytes, shown, write_bytes
from routine_harness.store.plugins import known_connectors
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import load_routine

IGNORED: Final = f"{FOLDER}/.gitignore"
_ENCODING: Final = "utf-8"


def load_guarded(paths: Sequence[Path]) -> tuple[Guarded, ...]:
    """The routines at ``paths`` with the policies that hold for them.

    Raises:
        SpecError: one of them is malformed.
    """
    return tuple(Guarded(load_routine(path), load_policy(path)) for path in paths)


def multi_repository(guarded: Sequence[Guarded]) -> tuple[Finding, ...]:
    """A finding for each routine that has no guard, because it has several repositories."""
    return tuple(
        Finding(
            code="guard.none",
            message=f"{one.routine.name} has {len(one.routine.repositories)} repositories, and so no guard: "
            "hooks of a repository run in sessions of that repository alone",
            hint="keep the routine to one repository, or try the managed settings folder (--setup)",
            location=Location(one.routine.source.file, one.routine.source.line("repositories")),
        )
        for one in guarded
        if len(one.routine.repositories) > 1
    )


def expected_files(guarded: Sequence[Guarded], folder: Path, *, remote_only: bool = False) -> dict[Path, str]:
    """What the repository at ``folder`` should hold: path → text.

    Raises:
        SpecError: a pattern cannot be proved, or its settings are malformed.
    """
    data = _compiled(guarded, folder, LOG, remote_only=remote_only)
    settings = folder / SETTINGS
    return {
        folder / FILE: bundle(data),
        folder / IGNORED: "log/\n",
        settings: with_hooks(_text(settings), shown(settings)),
    }


def install(guarded: Sequence[Guarded], folder: Path, *, remote_only: bool = False) -> list[Path]:
    """Write what belongs into ``folder``; the paths that changed.

    Raises:
        UsageError: no routine has a guard, or a file cannot be written.
        SpecError: see ``expected_files``.
    """
    without = multi_repository(guarded)
    if without:
        raise UsageError(*(Problem(str(one.location or ""), 0, one.message, one.hint) for one in without))
    changed = []
    for path, text in expected_files(guarded, folder, remote_only=remote_only).items():
        if _text(path) != text:
            write_bytes(path, text.encode(_ENCODING))
            changed.append(path)
    return changed


def check_installed(
    guarded: Sequence[Guarded], folder: Path, *, remote_only: bool = False
) -> tuple[Finding, ...]:
    """What differs from what should be installed: an older policy, hooks that are gone or switched off."""
    findings = list(multi_repository(guarded))
    file, settings = folder / FILE, folder / SETTINGS
    data = _compiled(guarded, folder, LOG, remote_only=remote_only)
    if not file.is_file():
        findings.append(_finding("absent", file, "there is no guard here"))
    elif _text(file) != bundle(data):
        findings.append(_finding("stale", file, "the guard does not match the policy"))
    if not has_hooks(read_settings(_text(settings), shown(settings))):
        findings.append(_finding("not-hooked", settings, "the guard's hooks are not in the settings"))
    findings += [
        _finding("disarmed", place, "disableAllHooks switches the guard off")
        for place in (settings, folder / LOCAL_SETTINGS)
        if read_settings(_text(place), shown(place)).get("disableAllHooks")
    ]
    return tuple(findings)


def _finding(kind: str, path: Path, message: str) -> Finding:
    hint = "routine-harness guard install" if kind != "disarmed" else "take disableAllHooks out"
    return Finding(code=f"guard.{kind}", message=message, location=Location(shown(path)), hint=hint)


def setup_script(guarded: Sequence[Guarded], folder: Path) -> str:
    """Lines for the environment's setup script that install the guard in the managed settings folder.

    Raises:
        SpecError: see ``expected_files``.
    """
    text = bundle(_compiled(guarded, folder, MANAGED_LOG, remote_only=False))
    packed = base64.encodebytes(gzip.compress(text.encode(_ENCODING), mtime=0)).decode()
    hooks = json.dumps({"hooks": hooks_for(MANAGED_FILE)}, indent=2)
    return _SETUP.format(folder=MANAGED, file=MANAGED_FILE, packed=packed, hooks=hooks, log=MANAGED_LOG)


_SETUP: Final = """\
# The routine-harness guard, for the environment's setup script.
# Known: a hook in this folder survives disableAllHooks in local settings and a checkout of a branch
# without the repository's own hooks. Not known: whether every cloud environment reads this folder, and
# whether the agent's shell may write to it; if it may, it can disarm this form too.
# It replaces the managed settings of the environment, of which a fresh one has none, and its own.
set -e
if [ -e {folder}/managed-settings.json ] && ! grep -q {file} {folder}/managed-settings.json; then
  echo 'routine-harness: {folder}/managed-settings.json is there already, and not ours' >&2
  exit 1
fi
mkdir -p {folder}
base64 -d > {file}.gz <<'ROUTINE_HARNESS_GUARD'
{packed}ROUTINE_HARNESS_GUARD
gzip -df {file}.gz
cat > {folder}/managed-settings.json <<'ROUTINE_HARNESS_GUARD'
{hooks}
ROUTINE_HARNESS_GUARD
chmod 644 {file} {folder}/managed-settings.json
# The log of a session is in {log}.
"""


def _compiled(guarded: Sequence[Guarded], folder: Path, log: str, *, remote_only: bool) -> dict[str, Any]:
    def place(location: Location) -> str:
        """Where a rule stands, from the repository's folder on."""
        path = Path(location.file).resolve()
        if not location.line or not path.is_relative_to(folder.resolve()):
            return str(location)
        return f"{path.relative_to(folder.resolve()).as_posix()}:{location.line}"

    return compile_guard(
        guarded,
        known_connectors(),
        own_servers=_own_servers(folder),
        log=log,
        remote_only=remote_only,
        place=place,
    )


def _own_servers(folder: Path) -> list[str]:
    """The servers of the repository's own ``.mcp.json``, which are no connectors."""
    path = folder / ".mcp.json"
    try:
        servers = json.loads(_text(path) or "{}").get("mcpServers", {})
    except (ValueError, AttributeError) as error:
        raise SpecError.at(shown(path), 0, f"expected an MCP configuration: {error}") from error
    return sorted(servers)


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    data = read_bytes(path)
    try:
        return data.decode(_ENCODING)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SpecError.at(shown(path), line, "expected UTF-8", "save the file as UTF-8") from error
