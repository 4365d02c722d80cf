"""The guard in a repository: what belongs there, whether it is there, and how it gets there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.errors import Problem, UsageError
from routine_harness.finding import Finding, Location
from routine_harness.guard import stub
from routine_harness.guard.frozen import Frozen, Guarded, freeze, frozen_text
from routine_harness.guard.hook_settings import (
    FILE,
    FOLDER,
    HOME,
    LOCAL_SETTINGS,
    LOG,
    MANAGED,
    POLICY,
    SECONDS,
    SETTINGS,
    has_hooks,
    hooks_for,
    read_settings,
    with_hooks,
)
from routine_harness.live.client.configuration import server_names
from routine_harness.routine.document import decode_text
from routine_harness.store.files import read_bytes, shown, write_bytes
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import load_routine

IGNORED: Final = f"{FOLDER}/.gitignore"
MANAGED_FILE: Final = f"{MANAGED}/routine-harness-guard.py"
MANAGED_POLICY: Final = f"{MANAGED}/routine-harness-guard.json"
MANAGED_LOG: Final = "~/.claude/routine-harness-log"
_END: Final = "ROUTINE_HARNESS_GUARD"


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
    settings, frozen = folder / SETTINGS, freeze_for(guarded, folder, LOG)
    return {
        folder / FILE: stub_text(frozen, remote_only=remote_only),
        folder / POLICY: frozen_text(frozen),
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
    expected = expected_files(guarded, folder, remote_only=remote_only)
    changed = [path for path, text in expected.items() if _text(path) != text]
    for path in changed:
        write_bytes(path, expected[path].encode())
    return changed


def check_installed(
    guarded: Sequence[Guarded], folder: Path, *, remote_only: bool = False
) -> tuple[Finding, ...]:
    """What differs from what should be installed: an older policy, hooks that are gone or switched off."""
    findings = list(multi_repository(guarded))
    settings = folder / SETTINGS
    expected = expected_files(guarded, folder, remote_only=remote_only)
    for file in (folder / FILE, folder / POLICY):
        if not file.is_file():
            findings.append(_finding("absent", file, "there is no guard here"))
        elif _text(file) != expected[file]:
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


def setup_script(
    guarded: Sequence[Guarded], folder: Path, requirement: str, constraints: Sequence[str]
) -> str:
    """Lines that install the harness as ``requirement`` says, with what it needs as ``constraints`` say, and
    the guard of ``guarded``."""
    frozen = freeze_for(guarded, folder, MANAGED_LOG)
    return _SETUP.format(
        home=HOME,
        folder=MANAGED,
        file=MANAGED_FILE,
        requirement=requirement,
        constraints=_written(f"{HOME}/constraints.txt", "".join(f"{line}\n" for line in constraints)),
        guard=_written(MANAGED_FILE, stub_text(frozen)),
        policy=_written(MANAGED_POLICY, frozen_text(frozen)),
        settings=_written(
            f"{MANAGED}/managed-settings.json",
            json.dumps({"hooks": hooks_for(MANAGED_FILE)}, indent=2) + "\n",
        ),
    )


def _written(path: str, text: str) -> str:
    """The lines that write ``text`` to ``path``."""
    return f"cat > {path} <<'{_END}'\n{text}{_END}"


_SETUP: Final = """\
# The routine-harness guard, for the environment's setup script.
# Known: a hook in this folder survives disableAllHooks in local settings and a checkout of a branch
# without the repository's own hooks. Not known: whether every cloud environment reads this folder, and
# whether the agent's shell may write to it; if it may, it can disarm this form too.
# It replaces the managed settings of the environment (a fresh one has none), and its own.
set -e
if [ -e {folder}/managed-settings.json ] && ! grep -q {file} {folder}/managed-settings.json; then
  echo 'routine-harness: {folder}/managed-settings.json is there already, and not ours' >&2
  exit 1
fi
python3 -m venv {home}
{constraints}
{home}/bin/python -m pip install --quiet --constraint {home}/constraints.txt '{requirement}'
mkdir -p {folder}
{guard}
{policy}
{settings}
"""


def stub_text(frozen: Frozen, *, remote_only: bool = False) -> str:
    """The file that a hook starts: ``stub``, which knows nothing of the harness, with all that filled in."""
    text = Path(stub.__file__).read_text("utf-8")
    passive = "".join(f"\n    {tool!r}," for tool in frozen.passive)
    text = text.replace('HOME = ""', f'HOME = "{HOME}"').replace("SECONDS = 0", f"SECONDS = {SECONDS}")
    text = text.replace('PASSIVE: "list[str]" = []', f'PASSIVE: "list[str]" = [{passive}\n]')
    return text.replace("REMOTE_ONLY = False", f"REMOTE_ONLY = {remote_only}")


def freeze_for(guarded: Sequence[Guarded], folder: Path, log: str) -> Frozen:
    """What the guard of the repository at ``folder`` holds; rules stand where they are from there on."""

    def place(location: Location) -> Location:
        path = Path(location.file).resolve()
        if not location.line or not path.is_relative_to(folder.resolve()):
            return location
        return msgspec.structs.replace(location, file=path.relative_to(folder.resolve()).as_posix())

    return freeze(guarded, own_servers=server_names(folder), log=log, place=place)


def _text(path: Path) -> str:
    """The text of a file, its byte order mark with it; empty where there is none."""
    if not path.exists():
        return ""
    data = read_bytes(path)
    decode_text(data, shown(path))
    return data.decode()
