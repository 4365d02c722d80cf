"""Third parties' plugins: modules that packages name by the entry point ``routine_harness``."""

from __future__ import annotations

import functools
from typing import Final

import pluggy

from routine_harness.errors import Problem, UsageError
from routine_harness.world.registry import Registry
from routine_harness.world.third_party import collect_connectors

GROUP: Final = "routine_harness"


@functools.cache
def load_plugins() -> pluggy.PluginManager:
    """A manager with every installed plugin registered, read once.

    Raises:
        UsageError: a plugin cannot be imported.
    """
    manager = pluggy.PluginManager(GROUP)
    try:
        manager.load_setuptools_entrypoints(GROUP)
    except ImportError as error:
        hint = "uninstall the package that names it, or repair it"
        raise UsageError(
            Problem("", 0, f"a plugin of routine-harness cannot be loaded: {error}", hint)
        ) from error
    return manager


@functools.cache
def known_connectors() -> Registry:
    """The modelled connectors and those of the installed plugins.

    Raises:
        UsageError: a plugin cannot be imported, or gives something else than connectors.
    """
    return Registry(collect_connectors(load_plugins()))
