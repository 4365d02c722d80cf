"""The guard in a repository: what belongs there, whether it is there, and how it gets there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.errors import Problem, SpecError, UsageError
from routine_harness.finding import Finding, Location
from routine_harness.guard.frozen import Frozen, Guarded, freeze, frozen_text
from routine_harness.guard.settings import (
    FILE,
    FOLDER,
    LOCAL_SETTINGS,
    LOG,
    POLICY,
    SETTINGS,
    has_hooks,
    read_settings,
    with_hooks,
)
from routine_harness.guard.stub import stub_text
from routine_harness.store.files import read_bytes, shown, write_bytes
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
        SpecError: its settings are malformed.
    """
    settings = folder / SETTINGS
    return {
        folder / FILE: stub_text(remote_only=remote_only),
        folder / POLICY: frozen_text(freeze_for(guarded, folder, LOG)),
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
    settings = folder / SETTINGS
    expected = {folder / FILE: stub_text(remote_only=remote_only)}
    expected[folder / POLICY] = frozen_text(freeze_for(guarded, folder, LOG))
    for file, text in expected.items():
        if not file.is_file():
            findings.append(_finding("absent", file, "there is no guard here"))
        elif _text(file) != text:
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


def freeze_for(guarded: Sequence[Guarded], folder: Path, log: str) -> Frozen:
    """What the guard of the repository at ``folder`` holds; rules stand where they are from there on.

    Raises:
        SpecError: the repository's own servers cannot be read.
    """

    def place(location: Location) -> Location:
        path = Path(location.file).resolve()
        if not location.line or not path.is_relative_to(folder.resolve()):
            return location
        return msgspec.structs.replace(location, file=path.relative_to(folder.resolve()).as_posix())

    return freeze(guarded, own_servers=_own_servers(folder), log=log, place=place)


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
