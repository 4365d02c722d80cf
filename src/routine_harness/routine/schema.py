"""The JSON Schemas of our files, for editors and other tools.

They describe structure; what a value means, and every message that a person reads, is the
parser's. The tests hold both in agreement.
"""

from __future__ import annotations

from importlib import resources

import msgspec

from routine_harness.plain import Record


def schema_names() -> tuple[str, ...]:
    """The names of all schemas, in order."""
    folder = resources.files("routine_harness").joinpath("schemas")
    return tuple(sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".json")))


def schema_text(name: str) -> str:
    """The schema called ``name`` as it is shipped.

    Raises:
        KeyError: there is no such schema.
    """
    if name not in schema_names():
        raise KeyError(name)
    return resources.files("routine_harness").joinpath("schemas", f"{name}.json").read_text("utf-8")


def parse_schema(name: str) -> Record:
    """The same as values."""
    schema: Record = msgspec.json.decode(schema_text(name))
    return schema
