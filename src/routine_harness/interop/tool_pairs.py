"""Guesses, from a server's own list, which tools work on the same rows, and in what way.

A tool is read by its verb and noun, its arguments and the server's hints. What is guessed is told, so
that somebody looks; what nothing pairs with keeps a fixed answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.interop.tool_words import (
    CURSORS,
    EFFECTS,
    FIELDS,
    FREE,
    NUMBERS,
    ORDERS,
    SHAPING,
    SIZES,
    SPANS,
    STATE_COLUMNS,
    STATES,
    VERBS,
    first_of,
    plural,
    singular,
    snake,
)
from routine_harness.plain import Json, Record
from routine_harness.world.access import classify, name_words
from routine_harness.world.declared.columns import meant
from routine_harness.world.declared.declaration import READING, Action
from routine_harness.world.kinds import KINDS
from routine_harness.world.tool import Tool

_PAGE: Final = 50
"""Rows a page where the schema says nothing."""


class Guess(msgspec.Struct):
    """One table or tool as YAML values by key, and what was guessed about it."""

    name: str
    values: Record
    guessed: list[str] = []


class Guesses(msgspec.Struct, frozen=True):
    """A whole declaration."""

    connector: str
    tables: tuple[Guess, ...]
    tools: tuple[Guess, ...]


class _Reading(msgspec.Struct):
    """One tool as its name and schema read: ``noun`` in the singular, ``key`` the argument of the row."""

    tool: Tool
    verb: str
    noun: str
    action: Action | None
    key: str = ""
    conflict: str = ""

    @property
    def arguments(self) -> Mapping[str, Json]:
        found = self.tool.input_schema.get("properties")
        return found if isinstance(found, dict) else {}

    @property
    def required(self) -> Sequence[str]:
        found = self.tool.input_schema.get("required")
        return [name for name in found if name in self.arguments] if isinstance(found, list) else []


def guess_declaration(connector: str, tools: Sequence[Tool]) -> Guesses:
    """The declaration that ``tools`` of a server look like."""
    prefix = _common_prefix(connector, tools)
    readings = [_read(tool, prefix) for tool in tools]
    nouns = _paired(readings)
    tables = {noun: _table(noun, [each for each in readings if each.noun == noun]) for noun in nouns}
    columns = {noun: _columns(readings, noun) for noun in nouns}
    guessed = tuple(_tool(each, tables.get(each.noun), columns.get(each.noun, ())) for each in readings)
    return Guesses(connector, tuple(tables.values()), guessed)


def _common_prefix(connector: str, tools: Sequence[Tool]) -> int:
    """How many words every tool's name begins with that name the server (``slack_…``)."""
    words = [name_words(tool.name) for tool in tools]
    first = {each[0] for each in words if each}
    if len(first) == 1 and not first & VERBS.keys() and all(len(each) > 1 for each in words):
        return 1
    return 1 if first == {connector} else 0


def _read(tool: Tool, prefix: int) -> _Reading:
    words = name_words(tool.name)[prefix:]
    at = next((place for place, word in enumerate(words) if word in VERBS), None)
    if at is None or "or" in words:
        return _Reading(tool, "", "", None)
    verb, rest = words[at], words[:at] + words[at + 1 :]
    while rest and rest[0] in ("all", "my", "a", "the", "new", "to"):
        rest = rest[1:]
    noun = " ".join([*rest[:-1], singular(rest[-1])]) if rest else ""
    many = bool(rest) and rest[-1] != singular(rest[-1])
    reading = _Reading(tool, verb, noun, VERBS[verb])
    method = reading.arguments.get("method")
    if isinstance(method, dict) and method.get("enum"):  # one tool for many deeds: its name says little
        reading.action = None
    access = classify(tool.name, annotations=tool.annotations)
    reading.conflict = access.conflict
    reading.key = _key(reading)
    if reading.action == "gets" and (many or not reading.key):
        reading.action = "lists" if many else None
    if access.kind == "read" and reading.action not in (*READING, None):
        reading.action = None
    if access.kind == "write" and access.ground == "hints" and reading.action in READING:
        reading.action = None
    if reading.action in ("updates", "deletes") and not reading.key:
        reading.action = None
    return reading


def _key(reading: _Reading) -> str:
    """The argument that says which row is meant."""
    noun = reading.noun.replace(" ", "_")
    last = noun.rpartition("_")[2]
    words = dict.fromkeys((noun, last))
    likely = [
        *(f"{word}_{part}" for word in words for part in ("id", "number", "key", "uuid", "iid")),
        "id", "number", "key", "uuid", noun, last, f"{last[:4]}_number",
    ]  # fmt: skip
    if last == "request":
        likely[:0] = ["pull_number", "pull_request_number", "merge_request_iid"]
    found = first_of(likely, reading.arguments)
    if found or reading.action not in ("gets", "updates", "deletes"):
        return found
    named = [name for name in reading.required if snake(name).endswith(("_id", "_number", "_key", "_iid"))]
    return named[-1] if named else ""


def _paired(readings: Sequence[_Reading]) -> list[str]:
    """The nouns that have rows: something lists or gets them, and something else works on them too."""
    actions: dict[str, set[Action]] = {}
    for each in readings:
        if each.action is not None and each.noun:
            actions.setdefault(each.noun, set()).add(each.action)
    paired = [noun for noun, found in actions.items() if found & set(READING) and len(found) > 1]
    for each in readings:  # what lists the issues of a user lists issues
        inner = next((noun for noun in paired if each.noun.endswith(f" {noun}")), "")
        if each.action == "lists" and each.noun not in paired and inner:
            each.noun = inner
        elif each.action == "lists" and each.noun and not _is_search(each):
            paired.append(each.noun)
    return list(dict.fromkeys(paired))


def _is_search(reading: _Reading) -> bool:
    """Whether free words alone select what a tool lists."""
    return any(snake(name) in FREE for name in reading.arguments)


def _table(noun: str, readings: Sequence[_Reading]) -> Guess:
    key = _key_column(readings)
    values: Record = {"key": key}
    names = " and ".join(each.tool.name for each in readings)
    guessed = [f"{names} work on the same rows" if len(readings) > 1 else f"{names} alone shows these rows"]
    if any(each.action == "creates" for each in readings):
        values["new"] = {key: "{n}" if key in ("number", "iid") else f"{noun.replace(' ', '-')}-{{n}}"}
        guessed.append(f"how a new {key} looks")
        column, first = _first_state(readings)
        if column:
            values["new"][column] = first
            guessed.append(f"a new one is {first}")
    return Guess(plural(noun.replace(" ", "_")), values, guessed)


def _key_column(readings: Sequence[_Reading]) -> str:
    for each in readings:
        if each.action in ("gets", "updates", "deletes") and each.key:
            return next(
                (part for part in ("number", "iid", "key", "uuid") if snake(each.key).endswith(part)), "id"
            )
    return "id"


def _first_state(readings: Sequence[_Reading]) -> tuple[str, Json]:
    """The column of a row's state and the first of its states, where a schema lists them."""
    for each in readings:
        for column in STATE_COLUMNS:
            schema = each.arguments.get(column)
            listed = schema.get("enum") if isinstance(schema, dict) else None
            if isinstance(listed, list) and listed:
                return column, listed[0]
    return "", None


def _columns(readings: Sequence[_Reading], noun: str) -> tuple[str, ...]:
    """What the tools that write rows of ``noun`` set."""
    writing = (each for each in readings if each.noun == noun and each.action in ("creates", "updates"))
    return tuple(dict.fromkeys(name for each in writing for name in each.arguments))


def _tool(reading: _Reading, table: Guess | None, columns: Sequence[str]) -> Guess:
    tool = reading.tool
    guess = Guess(tool.name, {"name": tool.name})
    if tool.description:
        guess.values["description"] = tool.description
    if reading.conflict:
        guess.guessed.append(f"the server's hints and the name disagree: {reading.conflict}")
    if table is not None and reading.action is not None:
        guess.values[reading.action] = table.name
        _on_rows(guess, reading, table, columns)
    else:
        _fixed(guess, reading)
    guess.values["input_schema"] = tool.input_schema
    return guess


def _on_rows(guess: Guess, reading: _Reading, table: Guess, columns: Sequence[str]) -> None:
    key = table.values["key"]
    if reading.action == "lists":
        _selecting(guess, reading, (table.values["key"], *table.values.get("new", ()), *columns))
        return
    if reading.action in ("gets", "updates", "deletes") and reading.key != key:
        guess.values["fields"] = {key: reading.key}
        guess.guessed.append(f"{reading.key} says which row")
    if reading.action in ("gets", "updates", "deletes"):
        others = [name for name in reading.required if name != reading.key]
        if reading.action == "gets" and others:
            guess.guessed.append(f"{reading.key} alone says which row, not {' or '.join(others)}")
    if reading.action == "updates" and reading.verb in STATES:
        column = table.values.get("new", {})
        name = next((each for each in STATE_COLUMNS if each in column), STATE_COLUMNS[0])
        guess.values["set"] = {name: STATES[reading.verb]}
        guess.guessed.append(f"{reading.verb} sets {name}")
    _effect(guess, reading)


def _selecting(guess: Guess, reading: _Reading, known: Sequence[str]) -> None:
    """How a list selects its rows by the ``known`` columns and others, and is cut into pages."""
    names = list(reading.arguments)
    cursor, number, size = first_of(CURSORS, names), first_of(NUMBERS, names), first_of(SIZES, names)
    ignored = [name for name in names if snake(name) in ORDERS or snake(name).startswith(SHAPING)]
    free = [name for name in names if snake(name) in FREE or snake(name).startswith(SPANS)]
    taken = {cursor, number, size, *ignored, *free}
    columns = {_column(name, known): name for name in names if name not in taken}
    if columns:
        guess.values["filter_by"] = list(columns)
        renamed = {column: name for column, name in columns.items() if column != name}
        if renamed:
            guess.values["fields"] = renamed
        guess.guessed.append(f"rows are selected by the columns {' and '.join(columns)}")
    if ignored:
        guess.values["ignores"] = ignored
    if cursor or number or size:
        page: Record = {"limit": _limit(reading.arguments.get(size))}
        named = {"cursor": cursor, "number": "" if cursor else number, "size": size}
        guess.values["page"] = {**page, **{name: value for name, value in named.items() if value}}
        guess.guessed.append("how many rows a page holds" if size else "how pages are cut")
    if free:
        guess.guessed.append(
            f"what {' and '.join(free)} selects is not declared: a call with it is incomplete"
        )


def _column(name: str, known: Sequence[str]) -> str:
    """The column by which the argument ``name`` selects: one of ``known`` under another form, or its own."""
    if name in known:
        return name
    alike = (each for each in known if singular(snake(each)) == singular(snake(name)))
    states = (each for each in known if snake(each) in STATE_COLUMNS and snake(name) in STATE_COLUMNS)
    return next(iter((*alike, *states)), None) or meant(name, known) or name


def _limit(schema: Json) -> int:
    """The most rows of a page that the schema of its size allows."""
    bounds = (schema.get("maximum"), schema.get("default")) if isinstance(schema, dict) else ()
    return next((int(each) for each in bounds if isinstance(each, int | float) and each >= 1), _PAGE)


def _effect(guess: Guess, reading: _Reading) -> None:
    """The effect of a writing tool, and which of its fields bear other names here."""
    kind = _kind(reading)
    if not kind:
        guess.guessed.append("no kind of effect fits: it is a tool.called")
        return
    mapped = guess.values.get("fields", {})
    names = [
        name for name in (*reading.arguments, *guess.values.get("set", {})) if name not in mapped.values()
    ]
    renamed = {}
    for field in KINDS[kind]:
        if field in FIELDS and field not in names and (column := first_of(FIELDS[field], names)):
            renamed[field] = column
    guess.values["effect"] = {"kind": kind, "fields": renamed} if renamed else kind
    guess.guessed.append(f"it is a {kind}")


def _kind(reading: _Reading) -> str:
    nouns = [reading.noun, reading.noun.rpartition(" ")[2]]
    noun = next((kind for word in nouns for kind, known in EFFECTS.items() if word in known), "")
    verbs: dict[Json, tuple[str, ...]] = {
        "creates": ("created", "posted", "added", "uploaded"), "updates": ("updated", "moved"),
        "deletes": ("deleted", "removed"),
    }  # fmt: skip
    own = {"close": "closed", "reopen": "reopened", "merge": "merged"}.get(reading.verb)
    wanted = (*((own,) if own else ()), *verbs.get(reading.action, ()))
    return next((f"{noun}.{verb}" for verb in wanted if f"{noun}.{verb}" in KINDS), "") if noun else ""


def _fixed(guess: Guess, reading: _Reading) -> None:
    """A tool that works on no rows that another tool shows."""
    access = classify(reading.tool.name, annotations=reading.tool.annotations)
    if access.kind == "write" and reading.action not in (*READING, None):
        _effect(guess, reading)
    elif access.ground != "name":
        guess.values["access"] = access.kind
        guess.guessed.append(f"it counts as a {access.kind}: {access.reason}")
    if access.kind == "write":
        guess.values["returns"] = {"id": f"{snake(reading.tool.name)}-{{n}}"}
    else:
        lists = reading.action == "lists" and reading.noun
        guess.values["returns"] = {plural(reading.noun.replace(" ", "_")): []} if lists else {}
    guess.guessed.append("nothing pairs with it, so that it answers the same at all times: say what")
