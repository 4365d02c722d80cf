"""Reading the blocks of ``expect:`` while collecting every problem; knows nothing of runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from routine_harness.routine.reader import Fields, Reader, kind_of
from routine_harness.routine.spec import Path
from routine_harness.verdict.expectations.blocks import (
    ANY_NUMBER,
    AT_LEAST_ONE,
    BUDGET_KEYS,
    COUNT_KEYS,
    Block,
    BudgetBlock,
    CallPattern,
    CallsBlock,
    EffectBlock,
    Outcome,
    RowPattern,
    SaysBlock,
    When,
    WorldBlock,
    read_bare_count,
    read_count,
)
from routine_harness.verdict.vocabulary import Vocabulary, fields_of, read_kinds
from routine_harness.verdict.where import read_condition, read_where
from routine_harness.world.kinds import ANY_EFFECT, PLURALS, kinds_of_noun

EFFECT_NOUNS: Final = (*PLURALS, "effects")
BLOCK_KEYS: Final = (*EFFECT_NOUNS, "world", "calls", "says", "budget")
OUTCOMES: Final = ("applied", "refused", "unchanged", "attempted")
_CHANGES: Final = ("added", "changed", "removed")
_CALL_LISTS: Final = ("in_order", "any_order", "never")


def read_block(
    reader: Reader, key: str, value: Any, path: Path, vocabulary: Vocabulary, prefix: str = ""
) -> list[Block]:
    """The block or blocks under one key of ``expect:``; a list has one item per ``name``."""
    read = _READERS.get(key, _read_effects)
    if not isinstance(value, list):
        return [read(reader, prefix + key, key, value, path, vocabulary)]
    blocks = []
    for element, at in reader.items(value, path, key):
        name = element.get("name") if isinstance(element, dict) else None
        if not isinstance(name, str) or not name:
            reader.problem(
                at, f"each of several {key} blocks needs a name", f"write - name: …, its item is {key}[…]"
            )
        blocks.append(read(reader, f"{prefix}{key}[{name}]", key, element, at, vocabulary))
    return blocks


def _read_effects(
    reader: Reader, check: str, key: str, value: Any, path: Path, vocabulary: Vocabulary
) -> EffectBlock:
    line = reader.source.line(*path)
    kinds = PLURALS.get(key, (ANY_EFFECT,))
    count = read_bare_count(reader, value, path)
    if count is not None:
        return EffectBlock(check, key, kinds, count, line=line)
    known = ("name", *COUNT_KEYS, "where", "when", "outcome", "effect")
    fields = reader.fields(value, path, known, f"an expectation of {key}")
    if "effect" in fields:
        kinds = _read_effect(fields, key)
    where = read_where(reader, fields.data.get("where"), fields.at("where"), fields_of(kinds))
    for condition in where:
        _check_names(
            reader, condition.field, condition.data, (*fields.at("where"), condition.field), vocabulary
        )
    return EffectBlock(
        check,
        key,
        kinds,
        read_count(fields),
        where,
        cast("Outcome", fields.choice("outcome", OUTCOMES, "applied")),
        _read_when(fields, vocabulary),
        line,
    )


def _read_effect(fields: Fields, key: str) -> tuple[str, ...]:
    """The kinds that ``effect:`` names; beside a noun they are what can be done to it, ``*`` all of that."""
    reader, path = fields.reader, fields.at("effect")
    kinds = read_kinds(reader, fields.data["effect"], path)
    if key not in PLURALS:
        return kinds
    own = kinds_of_noun(key)
    for kind in kinds:
        if kind not in (*own, ANY_EFFECT):
            hint = f"write effects: {{effect: {kind}}}, or one of {', '.join(own)}"
            reader.problem(path, f"{kind} is nothing that is done to {key.replace('_', ' ')}", hint)
    return own if ANY_EFFECT in kinds else kinds


def _check_names(reader: Reader, field: str, data: Any, path: Path, vocabulary: Vocabulary) -> None:
    """Connectors and tools that a predicate names literally must exist."""
    if field not in ("connector", "tool"):
        return
    listed = data if not isinstance(data, dict) else next(iter(data.values()), None)
    if isinstance(data, dict) and not {"equals", "is_one_of", "is_not_one_of"} & set(data):
        return
    for name in listed if isinstance(listed, list) else [listed]:
        if field == "connector":
            vocabulary.check_connector(reader, name, path)
        elif isinstance(name, str):
            vocabulary.check_tool(reader, name, path)


def _read_when(fields: Fields, vocabulary: Vocabulary) -> When | None:
    """``when:`` is a mapping of effect nouns to blocks, and of ``event`` to fields of the payload."""
    if "when" not in fields:
        return None
    reader = fields.reader
    when = reader.fields(fields.data["when"], fields.at("when"), (*EFFECT_NOUNS, "event"), "a condition")
    blocks = tuple(
        _read_effects(reader, f"when.{key}", key, value, when.at(key), vocabulary)
        for key, value in when.data.items()
        if key in EFFECT_NOUNS
    )
    return When(blocks, read_where(reader, when.data.get("event"), when.at("event"), None))


def _read_calls(
    reader: Reader, check: str, _: str, value: Any, path: Path, vocabulary: Vocabulary
) -> CallsBlock:
    line = reader.source.line(*path)
    count = read_bare_count(reader, value, path)
    if count is not None:
        return CallsBlock(check, count=count, line=line)
    known = ("name", *_CALL_LISTS, "counts", *COUNT_KEYS, "when")
    fields = reader.fields(value, path, known, "an expectation of calls")
    lists = {
        key: fields.each(key, "tools", lambda element, at: _read_call(reader, element, at, vocabulary))
        for key in _CALL_LISTS
    }
    return CallsBlock(
        check,
        **lists,
        counts=_read_call_counts(fields, vocabulary),
        count=read_count(fields, ANY_NUMBER),
        when=_read_when(fields, vocabulary),
        line=line,
    )


def _read_call(
    reader: Reader, value: Any, path: Path, vocabulary: Vocabulary, *counts: str
) -> CallPattern | None:
    """A tool's name, or ``{tool, where}``."""
    line = reader.source.line(*path)
    if isinstance(value, str):
        return CallPattern(vocabulary.tool_name(reader, value, path, every=True), line=line)
    if not isinstance(value, dict):
        reader.problem(path, f"expected a tool such as linear.save_issue, found {kind_of(value)}")
        return None
    fields = reader.fields(value, path, ("tool", "where", *counts), "a call")
    if not fields.require("tool", "such as linear.save_issue"):
        return None
    tool = vocabulary.tool_name(reader, fields.text("tool"), fields.at("tool"), every=True)
    where = read_where(reader, fields.data.get("where"), fields.at("where"), None)
    return CallPattern(tool, where, read_count(fields, AT_LEAST_ONE) if counts else AT_LEAST_ONE, line)


def _read_call_counts(fields: Fields, vocabulary: Vocabulary) -> tuple[CallPattern, ...]:
    """``counts`` maps a tool to a number or to bounds; as a list it holds ``{tool, where, count}``."""
    reader, path, value = fields.reader, fields.at("counts"), fields.data.get("counts")
    if value is None:
        return ()
    if isinstance(value, list):
        read = (
            _read_call(reader, element, at, vocabulary, *COUNT_KEYS)
            for element, at in reader.items(value, path, "calls")
        )
        return tuple(pattern for pattern in read if pattern is not None)
    found = []
    for written, bounds in fields.mapping("counts").items():
        at = (*path, written)
        tool = vocabulary.tool_name(reader, str(written), at, every=True)
        count = read_bare_count(reader, bounds, at)
        if count is None:
            count = read_count(reader.fields(bounds, at, COUNT_KEYS, "a count"), AT_LEAST_ONE)
        found.append(CallPattern(tool, (), count, reader.source.line(*at)))
    return tuple(found)


def _read_says(
    reader: Reader, check: str, _: str, value: Any, path: Path, vocabulary: Vocabulary
) -> SaysBlock:
    """A predicate, beside which ``name`` and ``when`` may stand."""
    line = reader.source.line(*path)
    when, predicate = None, value
    if isinstance(value, dict):
        fields = Fields(reader, value, path, "an expectation of says")
        when = _read_when(fields, vocabulary)
        predicate = {key: part for key, part in value.items() if key not in ("name", "when")}
    condition = read_condition(reader, "closing message", predicate, path)
    return SaysBlock(check, () if condition is None else (condition,), when, line)


def _read_world(
    reader: Reader, check: str, _: str, value: Any, path: Path, vocabulary: Vocabulary
) -> WorldBlock:
    known = ("name", *_CHANGES, "any_of", "ignore", "strict", "when")
    fields = reader.fields(value, path, known, "an expectation of world")
    alternatives = fields.each(
        "any_of",
        "accepted outcomes",
        lambda element, at: _read_rows(
            reader.fields(element, at, _CHANGES, "an accepted outcome"), vocabulary
        ),
    )
    ignore = fields.texts("ignore")
    for index, name in enumerate(ignore):
        table = ".".join(name.split(".")[:2])
        vocabulary.check_table(reader, table, (*fields.at("ignore"), index))
    return WorldBlock(
        check,
        _read_rows(fields, vocabulary),
        alternatives,
        ignore,
        fields.flag("strict"),
        _read_when(fields, vocabulary),
        reader.source.line(*path),
    )


def _read_rows(fields: Fields, vocabulary: Vocabulary) -> tuple[RowPattern, ...]:
    """``added: {linear.issues: {count, where}}``; a list holds several patterns of one table."""
    reader, found = fields.reader, []
    for change in _CHANGES:
        for table, value in fields.mapping(change).items():
            at = (*fields.at(change), table)
            vocabulary.check_table(reader, str(table), at)
            patterns = reader.items(value, at, "rows") if isinstance(value, list) else [(value, at)]
            found += [_read_row(reader, change, str(table), pattern, where) for pattern, where in patterns]
    return tuple(found)


def _read_row(reader: Reader, change: Any, table: str, value: Any, path: Path) -> RowPattern:
    line = reader.source.line(*path)
    count = read_bare_count(reader, value, path)
    if count is not None:
        return RowPattern(change, table, count=count, line=line)
    known = (*COUNT_KEYS, "where", *(["before"] if change == "changed" else []))
    fields = reader.fields(value, path, known, f"a pattern of {change} rows")
    where = read_where(reader, fields.data.get("where"), fields.at("where"), None)
    before = read_where(reader, fields.data.get("before"), fields.at("before"), None)
    return RowPattern(change, table, where, before, read_count(fields), line)


def _read_budget(
    reader: Reader, check: str, _: str, value: Any, path: Path, vocabulary: Vocabulary
) -> BudgetBlock:
    fields = reader.fields(value, path, ("name", *BUDGET_KEYS, "when"), "a budget")
    most = {key: fields.number(key) for key in BUDGET_KEYS if key in fields}
    return BudgetBlock(check, most, _read_when(fields, vocabulary), reader.source.line(*path))


_READERS: Final[dict[str, Callable[[Reader, str, str, Any, Path, Vocabulary], Block]]] = {
    "calls": _read_calls,
    "says": _read_says,
    "world": _read_world,
    "budget": _read_budget,
}
