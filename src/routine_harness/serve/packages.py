"""The packages of other people that serving takes: they come with an extra."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from routine_harness.errors import AgentError

PACKAGES: Final = ("mcp", "starlette", "uvicorn")
"""What the extra ``[serve]`` brings."""


def check_serving() -> None:
    """All packages are installed; none is imported, as that takes a second.

    Raises:
        AgentError: one is missing.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        many = "packages" if len(missing) > 1 else "package"
        verb = "are" if len(missing) > 1 else "is"
        hint = "pip install 'routine-harness[serve]': what serves, and what asks servers, needs it"
        raise AgentError.at("", 0, f"the {many} {', '.join(missing)} {verb} not installed", hint)
