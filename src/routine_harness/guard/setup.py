"""Lines for the environment's setup script: the harness itself, pinned, and the guard in the folder of
managed settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from routine_harness.guard.artifact import constraints, pinned_requirement
from routine_harness.guard.frozen import Guarded, frozen_text
from routine_harness.guard.install import freeze_for
from routine_harness.guard.settings import (
    HOME,
    MANAGED,
    MANAGED_FILE,
    MANAGED_LOG,
    MANAGED_POLICY,
    hooks_for,
)
from routine_harness.guard.stub import stub_text

_END: Final = "ROUTINE_HARNESS_GUARD"


def setup_script(guarded: Sequence[Guarded], folder: Path, origin: str = "") -> str:
    """Lines that install the harness from ``origin``, by default from where it came from here, and the
    guard of ``guarded``.

    Raises:
        UsageError: the harness cannot be pinned.
        SpecError: the repository's own servers cannot be read.
    """
    return _SETUP.format(
        home=HOME,
        folder=MANAGED,
        file=MANAGED_FILE,
        log=MANAGED_LOG,
        requirement=pinned_requirement(origin),
        constraints=_written(f"{HOME}/constraints.txt", "\n".join(constraints()) + "\n"),
        guard=_written(MANAGED_FILE, stub_text()),
        policy=_written(MANAGED_POLICY, frozen_text(freeze_for(guarded, folder, MANAGED_LOG))),
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
# It replaces the managed settings of the environment, of which a fresh one has none, and its own.
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
# The log of a session is in {log}.
"""
