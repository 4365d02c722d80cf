"""Writes ``docs/connectors`` and the columns in the schema of a world; a test holds both to the code."""

from __future__ import annotations

import json
from pathlib import Path

from routine_harness.report.connector_pages import connector_pages
from routine_harness.report.world_schema import with_columns
from routine_harness.routine.schema import parse_schema

SCHEMA = Path(__file__).parents[1] / "src" / "routine_harness" / "schemas" / "world.json"


def main() -> None:
    """Write the schema and every page, and remove the pages that have no connector any more."""
    schema = with_columns(parse_schema("world"), declared=parse_schema("connector"))
    SCHEMA.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
    folder = Path(__file__).parent / "connectors"
    folder.mkdir(exist_ok=True)
    pages = connector_pages()
    for stale in set(folder.glob("*.md")) - {folder / name for name in pages}:
        stale.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
