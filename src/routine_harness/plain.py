"""Plain values, as JSON and YAML give them, by the names under which the house speaks of them."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A text, a number, a flag, None, or a list or a mapping of such. What one holds is known to whoever has
checked it: a type that says all that JSON may be would have to be cast at every step."""

Record: TypeAlias = dict[str, Any]
"""A mapping of such by name: a row of a world, a payload, the arguments of a call."""
