"""The pages of our file formats, written from their JSON Schemas: a table of keys and an example each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from routine_harness.plain import Json
from routine_harness.report.reference import WRITTEN

EXPECTATIONS: Final = ("expect", "effects_block", "calls_block", "call", "world_block", "row", "changed_row",
                       "says",
                       "budget_block", "when", "where", "predicate")  # fmt: skip
"""The definitions of a case's schema that spell what it expects."""

DECLARED: Final = ("declared_table", "page", "tool", "kind")
"""The definitions of a declaration, which have their place under the file of a connector."""

Schema = Mapping[str, Json]

_COLUMNS: Final = 80
_NARROWEST: Final = 56
"""Columns of an example, which no page makes anybody scroll for."""


def schema_page(name: str, schema: Schema) -> str:
    """The keys of one kind of file, from its JSON Schema."""
    lines = [f"## {schema.get('title', name)} {{#{name}}}", ""]
    lines += _said(schema)
    lines += [f"Schema: `routine-harness schema {name}`", "", *_part(schema)]
    for defined, part in shown_parts(name, schema).items():
        if defined:
            lines += [f"### {defined.replace('_', ' ')} in {schema.get('title', name).lower()}", ""]
            lines += [*_said(part), *_part(part)]
    return "\n".join((*lines, ""))


def shown_parts(name: str, schema: Schema) -> dict[str, Schema]:
    """The parts of a file that its page shows with a table, by definition; the file itself under ``""``.

    What a case expects has a page of its own, and so have the tables of each connector.
    """
    found: dict[str, Schema] = {"": schema}
    for defined, part in schema.get("$defs", {}).items():
        if name in ("case", "world") and defined in DECLARED:
            continue
        if name == "world" and (defined in schema["properties"] or "." in defined):
            continue
        if list(key_rows(part)) and not (name == "case" and defined in EXPECTATIONS):
            found[defined] = part
    return found


REFERENCES: Final = (
    "## References {#references}",
    "",
    "A text of a predicate may name what only a run tells: `${tickets.url}` is the address of a ticket that",
    "the run created. A failing check prints what each reference stands for.",
    "",
    "| reference | stands for |",
    "|---|---|",
    "| `${tickets.url}` | the field `url` of any ticket of the run; so with each noun above |",
    "| `${tickets.*.url}` | that of every ticket: the predicate has to hold for each of them |",
    "| `${tickets[high].url}` | that of the tickets that the block named `high` counts |",
    "| `${effects[notes].path}` | a field of the effects that the block named `notes` counts |",
    "| `${event.pull_request.user.login}` | a value of the payload that started the run |",
    "| `${first.tickets.url}` | in `second:`, the first run's |",
    "",
    "The braces of a prompt (`{{repository}}`) and of a workflow (`${{ … }}`) are none: they stand for",
    "themselves. A reference that stands for nothing in a run is satisfied by nothing.",
    "",
)


def expectations_page(schema: Schema) -> str:
    """What a case may expect, from the schema of a case."""
    lines = [
        "# Expectations",
        "",
        WRITTEN,
        "",
        "Expectations judge the first run; a `second:` block judges the second. Each is a pytest item of its",
        "own, so that `-k tickets` runs one of them. Several blocks of a kind are a list with `name:`.",
        "",
    ]
    for name in EXPECTATIONS:
        part = schema.get("$defs", {}).get(name)
        if part is not None:
            lines += [f"## {name.replace('_', ' ')} {{#{name}}}", "", *_said(part)]
            lines += _part(part) or [f"{_shape(part, 0)}.".capitalize(), ""]
    return "\n".join((*lines, *REFERENCES))


def _said(part: Schema) -> list[str]:
    return [str(part["description"]), ""] if part.get("description") else []


def _part(part: Schema) -> list[str]:
    """The table of a part's keys, and its examples."""
    rows = [f"| {_escaped(key)} | {shape} | {said} |" for key, shape, said in key_rows(part)]
    table = ["| key | value | meaning |", "|---|---|---|", *rows, ""] if rows else []
    return [*table, *_examples(part)]


def _escaped(key: str) -> str:
    name, _, star = key.partition(" ")
    return f"`{name}`{f' {star}' if star else ''}"


def key_rows(part: Schema, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Key, shape and sentence of each key of a part; of a mapping within, ``outer.inner``; of a list of
    mappings, ``outer[].inner``. A required key carries a star. Each key comes once, although several
    alternatives have it."""
    seen: set[str] = set()
    for holder in _holders(part):
        required = holder.get("required", ())
        for key, value in holder.get("properties", {}).items():
            if key in seen:
                continue
            seen.add(key)
            said = str(value.get("description", "")).replace("|", "\\|").replace("\n", " ")
            yield f"{prefix}{key}{' *' if key in required else ''}", _values(part, key), said
            yield from key_rows(value, f"{prefix}{key}.")
            items = value.get("items")
            if isinstance(items, Mapping):
                yield from key_rows(items, f"{prefix}{key}[].")


def _holders(part: Schema) -> Iterator[Schema]:
    """The part and those of its alternatives that have keys."""
    if part.get("properties"):
        yield part
    for key in ("anyOf", "oneOf"):
        for each in part.get(key, ()):
            yield from _holders(each)
            yield from _holders(each.get("items", {}))


def _values(part: Schema, key: str) -> str:
    """What the values of ``key`` may be, over all alternatives that have it."""
    own = part.get("properties", {}).get(key)
    if own is not None:
        return _shape(own)
    shapes = dict.fromkeys(
        _shape(each["properties"][key]) for each in _holders(part) if key in each["properties"]
    )
    return ", ".join(shapes)


def _examples(part: Schema) -> list[str]:
    """The examples of a part, and further ones of its keys, as YAML."""
    lines = [line for value in part.get("examples", ()) for line in _yaml(value)]
    for key, inner in part.get("properties", {}).items():
        for value in inner.get("examples", ()):
            lines += [f"An example of `{key}`:", "", *_yaml({key: value})]
    return lines


def _yaml(value: Json) -> list[str]:
    # Imported here: only the pages need it.
    from routine_harness.routine.yaml_writer import shown_yaml

    for width in range(_COLUMNS, _NARROWEST, -2):  # the writer breaks a line only after it is too wide
        lines = shown_yaml(value, width).rstrip().splitlines()
        if all(len(line) <= _COLUMNS for line in lines):
            break
    return ["```yaml", *lines, "```", ""]


def _shape(value: Json, depth: int = 0) -> str:
    """What a value may be, in a few words."""
    if not isinstance(value, Mapping) or depth > 3:
        return "any"
    if "$ref" in value:
        target = str(value["$ref"]).split("/")[2]  # of a part of a definition, the whole
        return f"{_article(target)} {target.replace('_', ' ')}"
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    for key in ("oneOf", "anyOf"):
        if key in value and "type" not in value:
            shapes = dict.fromkeys(_shape(each, depth + 1) for each in value[key])
            return " or ".join(shapes)
    kind = value.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(_shape({**value, "type": each}, depth) for each in kind)
    if kind == "array":
        return f"a list of {_shape(value.get('items', {}), depth + 1).removeprefix('a ')}"
    return _word(kind)


def _article(name: str) -> str:
    return "an" if name[:1] in "aeiou" else "a"


def _word(kind: str) -> str:
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return words.get(kind, {"object": "a mapping", "null": "nothing", "array": "a list"}.get(kind, kind))
