"""``routine-harness schema``: the JSON Schema of a file that you write."""

from __future__ import annotations

from pathlib import Path

import click

from routine_harness.cli.lines import echo
from routine_harness.errors import Problem, UsageError
from routine_harness.routine.reader import suggestion
from routine_harness.routine.schema import parse_schema, schema_names, schema_text

EPILOG = """\b
Examples:
  routine-harness schema
  routine-harness schema routine -o .schemas/routine.json

Put `# yaml-language-server: $schema=…` into the first line of routine.yaml: an editor then checks the file.
"""


@click.command(epilog=EPILOG)
@click.argument("name", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it to this file.")
@click.option("--json", "as_json", is_flag=True, help="List the names and titles as JSON.")
def command(name: str | None, output: Path | None, as_json: bool) -> None:
    """Print the JSON Schema called NAME; without one, list them."""
    if name is None:
        if output is not None:
            raise UsageError(Problem("", 0, "--output needs the NAME of a schema"))
        _list(as_json)
        return
    names = schema_names()
    if name not in names:
        raise UsageError(
            Problem("", 0, f"there is no schema {name!r}", suggestion(name, names, "the schemas"))
        )
    if output is None:
        echo(schema_text(name), nl=False)
        return
    # Imported here: printing needs nothing of the store.
    from routine_harness.store.files import write_text

    write_text(output, schema_text(name))


def _list(as_json: bool) -> None:
    titles = {name: str(parse_schema(name).get("title", "")) for name in schema_names()}
    if as_json:
        import msgspec

        echo(msgspec.json.encode([{"name": n, "title": t} for n, t in titles.items()]).decode())
        return
    width = max(map(len, titles))
    for name, title in titles.items():
        echo(f"{name:<{width}}  {title}")
