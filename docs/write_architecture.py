"""Draws the rooms of the code with their arrows, ``docs/assets/architecture.svg``; a test compares both."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from html import escape
from pathlib import Path

import grimp

PROJECT = Path(__file__).parents[1]
PACKAGE = "routine_harness"
DRAWING = Path(__file__).parent / "assets" / "architecture.svg"
LEFT, WIDTH, ROW, BOX = 190, 810, 30, 22
STYLE = (
    "text{font:13px sans-serif;fill:#222}.name{font-weight:bold}.what{fill:#555}"
    "rect.room{fill:#eef2ff;stroke:#4051b5}path.arrow{fill:none;stroke:#4051b5;stroke-opacity:.55}"
)

HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 0L8 4L0 8z" fill="#4051b5"/></marker></defs>'
)


def room_names() -> list[str]:
    """The rooms from top to bottom, as the contract of import-linter lists them."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract.get("containers") == [PACKAGE])
    return [name.strip() for layer in layers for name in layer.split("|")]


def room_arrows(rooms: list[str]) -> list[tuple[str, str]]:
    """Which room imports which; an arrow is left out where a way through other rooms says the same."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    for room in rooms:
        graph.squash_module(f"{PACKAGE}.{room}")
    imports = {
        room: {
            other
            for other in rooms
            if other != room
            and graph.direct_import_exists(importer=f"{PACKAGE}.{room}", imported=f"{PACKAGE}.{other}")
        }
        for room in rooms
    }
    below: dict[str, set[str]] = {}
    for room in reversed(rooms):
        below[room] = imports[room].union(*(below.get(other, set()) for other in imports[room]))
    return [
        (room, other)
        for room in rooms
        for other in rooms
        if other in imports[room] and not any(other in below[between] for between in imports[room])
    ]


def room_summary(room: str) -> str:
    """The first clause of the room's docstring."""
    folder = PROJECT / "src" / PACKAGE / room
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return re.split(r"[:;.\n]", text, maxsplit=1)[0]


def drawing() -> str:
    """The rooms in a column, each importer above what it imports."""
    rooms = room_names()
    middle = {room: 20 + ROW * number + BOX // 2 for number, room in enumerate(rooms)}
    height = ROW * len(rooms) + 30
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>The rooms of routine-harness: an arrow leads from a room to one that it imports</title>",
        f"<style>{STYLE}</style>",
        HEAD,
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for upper, lower in room_arrows(rooms):
        lines.append(_arrow(middle[upper] + 4, middle[lower] - 4))
    for room in rooms:
        lines += _box(room, middle[room])
    return "\n".join([*lines, "</svg>", ""])


def _arrow(start: int, end: int) -> str:
    reach = LEFT - min(LEFT + 40, 24 + (end - start) // 3)
    way = f"M{LEFT} {start}C{reach} {start} {reach} {end} {LEFT - 1} {end}"
    return f'<path class="arrow" d="{way}" marker-end="url(#head)"/>'


def _box(room: str, middle: int) -> list[str]:
    top = middle - BOX // 2
    return [
        f'<rect class="room" x="{LEFT}" y="{top}" width="120" height="{BOX}" rx="4"/>',
        f'<text class="name" x="{LEFT + 10}" y="{middle + 5}">{escape(room)}</text>',
        f'<text class="what" x="{LEFT + 132}" y="{middle + 5}">{escape(room_summary(room))}</text>',
    ]


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else DRAWING).write_text(drawing(), encoding="utf-8")
