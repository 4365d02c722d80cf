"""Third parties' plugins: modules that packages name by the entry point ``routine_harness``."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from routine_harness.errors import Problem, UsageError
from routine_harness.world.registry import Registry

if TYPE_CHECKING:
    import pluggy

GROUP: Final = "routine_harness"


@functools.cache
def load_plugins() -> pluggy.PluginManager:
    """A manager with every installed plugin registered, read once.

    Raises:
        UsageError: a plugin cannot be imported.
    """
    # Imported here, with what reads the installed packages: two interpreter starts.
    import pluggy

    manager = pluggy.PluginManager(GROUP)
    try:
        manager.load_setuptools_entrypoints(GROUP)
    except Exception as error:  # a stranger's module runs as it is imported
        hint = "uninstall the package that names it, or repair it"
        said = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
        raise UsageError(
            Problem("", 0, f"a plugin of routine-harness cannot be loaded: {said}", hint)
        ) from error
    return manager


@functools.cache
def known_connectors() -> Registry:
    """The simulated connectors and those of the installed plugins.

    Raises:
        UsageError: a plugin cannot be imported, or gives something else than connectors.
    """
    if not _may_have_plugins():
        return Registry()
    # Imported here, as above.
    from routine_harness.world.third_party import collect_connectors

    return Registry(collect_connectors(load_plugins()))


def _may_have_plugins() -> bool:
    """Whether a package on the path names plugins: a look at the texts alone, which costs little."""
    for folder in sys.path:
        for file in Path(folder).glob("*-info/entry_points.txt"):
            try:
                if f"[{GROUP}]" in file.read_text("utf-8", errors="replace"):
                    return True
            except OSError:
                return True  # whoever reads entry points says what is wrong
    return False
