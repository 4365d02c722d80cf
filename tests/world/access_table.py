"""Prints how ``tools/list`` files classify: ``python -m world.access_table FILE_OR_FOLDER …`` in tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall


def listed(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of a file: a list of tools, one under ``tools`` or ``result.tools``, or one tool."""
    value = json.loads(path.read_text())
    if isinstance(value, dict):
        value = value.get("result", value)
        value = value.get("tools", [value])
    yield from value


def render_access(name: str, entries: Iterable[dict[str, Any]], registry: Registry) -> Iterator[str]:
    """A line a tool: read or write, why, and what contradicts it."""
    for entry in entries:
        found = registry.access(ToolCall(name, entry["name"]), entry.get("annotations") or {})
        conflict = f"  CONFLICT {found.conflict}" if found.conflict else ""
        yield f"{name}.{entry['name']:44} {found.kind:6} {found.ground:8} {found.reason}{conflict}"


def main(places: list[str]) -> int:
    """Print every tool of the files given."""
    registry, count = Registry(), 0
    for place in map(Path, places):
        files = sorted(place.glob("*.json")) or sorted(place.glob("*.snap")) if place.is_dir() else [place]
        for file in files:
            name = "github" if file.parent.name == "github" else file.stem
            for line in render_access(name, listed(file), registry):
                count += 1
                sys.stdout.write(line + "\n")
    sys.stdout.write(f"{count} tools\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
