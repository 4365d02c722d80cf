"""graphql-core, loaded module by module: its parser alone is a fraction of the package."""

from __future__ import annotations

import importlib.util
import sys
import types


def graphql_in_parts() -> None:
    """Let modules of graphql-core be loaded one by one: a decision parses, and the whole takes far longer.

    Only for a process that ends with the hook: the package itself stays empty.
    """
    found = importlib.util.find_spec("graphql")
    if found is not None and found.submodule_search_locations is not None:
        package = types.ModuleType("graphql")
        package.__path__ = list(found.submodule_search_locations)
        sys.modules["graphql"] = package
