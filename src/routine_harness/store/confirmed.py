"""``agents/confirmed.yaml`` beside a routine: which scripts were confirmed for which prompt.

The texts are kept in it, not only their digests: what changed can then be shown anywhere, also in a
checkout without history, and also where somebody has committed the new prompt already.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final

import msgspec

from routine_harness.case.confirmation import Binding, Confirmations, bind_script, prompt_texts
from routine_harness.case.read_confirmed import TEXTS, parse_confirmations
from routine_harness.plain import Record
from routine_harness.routine.layout import AGENTS
from routine_harness.routine.spec import Routine, Source
from routine_harness.store.files import beside, read_document
from routine_harness.store.routines import routine_files
from routine_harness.store.stamped import Stamped

CONFIRMED: Final = "confirmed.yaml"
_HEAD: Final = """\
# The prompt that each script was confirmed for. `routine-harness confirm` writes this file anew: comments
# are not kept.
"""


def confirmed_path(routine: Routine) -> Path:
    """Where the confirmations of a routine's scripts lie."""
    return Path(routine.source.path).parent / AGENTS / CONFIRMED


def load_confirmations(routine: Routine) -> Confirmations:
    """What is confirmed of the routine's scripts; nothing where there is no file.

    Raises:
        SpecError: the file is malformed.
    """
    path = confirmed_path(routine)
    return _files.get(os.fspath(path)) if os.path.lexists(path) else Confirmations()


def script_name(target: str, routine: Routine, source: Source | None = None) -> str:
    """The script ``target`` as ``confirmed.yaml`` names it: a file relative to the folder ``agents``.

    ``source`` is the file that names it, to which its path is relative; else the working directory.
    """
    place, _, function = target.rpartition("::")
    if not place.endswith(".py"):
        return target
    path = os.path.abspath(place) if source is None else beside(source, place)  # noqa: PTH100 - links are kept
    return f"{Path(os.path.relpath(path, confirmed_path(routine).parent)).as_posix()}::{function}"


def binding_of(script: str, routine: Routine) -> Binding:
    """How ``script`` (see ``script_name``) stands to the routine's prompt.

    Raises:
        SpecError: ``confirmed.yaml`` is malformed.
    """
    return bind_script(script, routine, load_confirmations(routine), command=confirm_command(routine))


def confirm_command(routine: Routine) -> str:
    """The command that confirms the scripts of ``routine``."""
    file = PurePath(routine.source.file)
    return f"routine-harness confirm {shlex.quote(str(file if _has_neighbours(routine) else file.parent))}"


def confirm_scripts(routine: Routine, scripts: Iterable[str], day: str) -> tuple[Path, str]:
    """The file of ``routine`` and its text once ``scripts`` (see ``script_name``) are confirmed for today's
    prompt. For those who write the scripts themselves, for that prompt.

    Raises:
        SpecError: the file that is there is malformed.
    """
    held = load_confirmations(routine)
    return confirmed_path(routine), confirmed_text(confirming(held, routine, scripts, day))


def confirming(held: Confirmations, routine: Routine, scripts: Iterable[str], day: str) -> Confirmations:
    """``held`` with ``scripts`` of ``routine`` confirmed for today's prompt."""
    name = routine.name if _has_neighbours(routine) else ""
    return held.confirming(scripts, prompt_texts(routine), day, name)


def confirmed_text(confirmations: Confirmations) -> str:
    """The file's text; the texts that no entry names are left out."""
    # Imported here: only who writes needs it.
    from routine_harness.routine.yaml_writer import yaml_text

    data: Record = {}
    named: dict[str, None] = {}
    for script, entries in sorted(confirmations.entries.items()):
        data[script] = [msgspec.to_builtins(entry) for entry in entries]
        if len(entries) == 1:
            data[script] = data[script][0]
        named |= dict.fromkeys(value for entry in entries for value in entry.digests.values())
    kept = {value: confirmations.texts[value] for value in named if value in confirmations.texts}
    if kept:
        data[TEXTS] = kept
    return _HEAD + (yaml_text(data, literal=True) if data else "")


def _has_neighbours(routine: Routine) -> bool:
    """Whether other routines lie in its folder, with which it shares the file."""
    return len(routine_files(Path(routine.source.path).parent)) > 1


def _load(path: str) -> Confirmations:
    return parse_confirmations(read_document(path))


_files: Final = Stamped(_load)
