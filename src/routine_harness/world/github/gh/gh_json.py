"""``--json``, ``--jq`` and ``--template`` of ``gh``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.world.github.gh.command_line import Asked, GhFailed, GhUnknown
from routine_harness.world.github.graphql.graphql_kinds import KINDS, LAZY
from routine_harness.world.github.records.fields import fields_of
from routine_harness.world.state import World


def as_json(world: World, asked: Asked, record: str, rows: Json) -> str:
    names = asked.listed("json") or []
    known = {field.name for field in fields_of(record, "gh")}
    available = "".join(f"\n  {name}" for name in sorted(known))
    if not names:
        raise GhFailed(f"Specify one or more comma-separated fields for `--json`:{available}")
    unknown = [name for name in names if name not in known]
    if unknown:
        raise GhFailed(f'Unknown JSON field: "{unknown[0]}"\nAvailable fields:{available}')
    kinds = {**KINDS, **LAZY}
    chosen = [field for field in fields_of(record, "gh") if field.name in names]

    def shown(row: Record) -> Record:
        values = {
            f.name: kinds[f.kind](world, row, row.get(f.row)) if f.kind in kinds else row.get(f.row)
            for f in chosen
        }
        return {name: values[name] for name in sorted(values)}

    value = [shown(row) for row in rows] if isinstance(rows, list) else shown(rows)
    return print_json(value, asked.one("jq"), asked.one("template"))


def print_json(value: Json, expression: str | None = None, template: str | None = None) -> str:
    """JSON on a line, or what a jq expression or a template makes of it.

    Raises:
        GhFailed: the expression is wrong.
        GhUnknown: the template needs more than is understood here.
    """
    if template is not None:
        return templated(value, template)
    text = msgspec.json.encode(value).decode()
    return f"{text}\n" if expression is None else "".join(f"{line}\n" for line in jq_lines(text, expression))


def jq_lines(text: str, expression: str) -> list[str]:
    """The results of a jq expression on JSON: texts bare, the rest as JSON.

    Raises:
        GhFailed: jq does not take the expression, or fails on the value.
    """
    # Imported here: a compiled library that a run without --jq need not load.
    import jq

    try:
        found = jq.compile(expression).input_text(text).all()
    except ValueError as error:
        raise GhFailed(f"failed to parse jq expression ({expression}): {error}") from error
    return [one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in found]


_TAG: Final = lazy_pattern(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)


def templated(value: Json, template: str) -> str:
    """The part of Go's templates that scripts use: fields, ``range`` and literal texts."""
    parts = _TAG.split(template)
    return "".join(_rendered(value, iter(enumerate(parts)), value))


def _rendered(root: Json, parts: Iterator[tuple[int, str]], here: Json) -> Iterator[str]:
    for at, part in parts:
        if at % 2 == 0:
            yield part
        elif part == "end":
            return
        elif part.startswith("range "):
            inner = list(_until_end(parts))
            for one in _reached(here, part[6:].strip()) or ():
                yield from _rendered(root, iter(inner), one)
        elif re.fullmatch(r'"(?:[^"\\]|\\.)*"', part):
            yield msgspec.json.decode(part)
        elif re.fullmatch(r"\.[\w.]*", part):
            found = _reached(here, part)
            yield (
                "<no value>"
                if found is None
                else found
                if isinstance(found, str)
                else msgspec.json.encode(found).decode()
            )
        else:
            raise GhUnknown(f"--template with {{{{{part}}}}}")


def _until_end(parts: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    depth = 0
    for at, part in parts:
        if at % 2:
            depth += part.startswith("range ")
            if part == "end":
                if not depth:
                    return
                depth -= 1
        yield at, part


def _reached(here: Json, path: str) -> Json:
    for name in filter(None, path.split(".")):
        here = here.get(name) if isinstance(here, dict) else None
    return here
