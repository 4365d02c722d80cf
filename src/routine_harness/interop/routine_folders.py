"""Imported routines as folders on the disk: one for each, written whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from routine_harness.errors import Problem, UsageError
from routine_harness.interop.routine_files import ImportedRoutine
from routine_harness.routine.layout import CASES
from routine_harness.store.files import shown, write_text
from routine_harness.store.policy_edit import LIVE, name_mandates, outermost_policy
from routine_harness.store.restoring import refuse_replacing, restoring


def lost_by_most(imported: Sequence[ImportedRoutine]) -> dict[tuple[str, str], int]:
    """What three routines or more have lost alike, with their number; restrictions are told one by one."""
    found = Counter(
        kind for one in imported for kind in {each.kind for each in one.lost if not each.restriction}
    )
    return {kind: found[kind] for one in imported for each in one.lost if found[kind := each.kind] > 2}


def write_routines(imported: Sequence[ImportedRoutine], folder: Path, *, force: bool = False) -> list[Path]:
    """Write one routine into ``folder``, several and those of a list into folders of their names below it.

    Nothing is written if a file is there already (unless ``force``), or if one cannot be written.

    Raises:
        UsageError: which, and why.
    """
    names = [one.name for one in imported]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"two of the files are called {', '.join(twice)}"
        raise UsageError(Problem(shown(folder), 0, message, "import them one by one"))
    homes = homes_of(imported, folder)
    texts = {
        home / name: text
        for home, one in zip(homes, imported, strict=True)
        for name, text in _kept(one, home).items()
    }
    refuse_replacing(texts, force=force)
    outermost = outermost_policy(folder)
    if outermost in texts or not outermost.exists():
        texts[outermost] = texts.get(outermost, "") + LIVE
    prompts = {one.name: one.prompt for one in imported}
    texts |= name_mandates(prompts, folder, texts)
    with restoring(texts):
        for path, text in texts.items():
            write_text(path, text)
    return homes


def _kept(one: ImportedRoutine, home: Path) -> dict[str, str]:
    """The texts to write: a routine that has cases needs no first ones, and keeps what it has."""
    if not any((home / CASES).glob("*.y*ml")):
        return one.texts
    return {name: text for name, text in one.texts.items() if "/" not in name}


def homes_of(imported: Sequence[ImportedRoutine], folder: Path) -> list[Path]:
    """The folder of each routine."""
    alone = len(imported) == 1 and not imported[0].listed
    return [folder] if alone else [folder / one.name for one in imported]
