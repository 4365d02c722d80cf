"""The blocks of ``expect:`` from their forms, while every problem is collected; knows nothing of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeVar

from msgspec import UNSET

from routine_harness.plain import Json
from routine_harness.routine.form import Form
from routine_harness.routine.reader import Reader
from routine_harness.verdict.expect_form import (
    BoundsForm,
    BudgetBlockForm,
    CallForm,
    CallsForm,
    ChangedRowForm,
    ChangesForm,
    CountedCallForm,
    EffectsForm,
    RowForm,
    SaysForm,
    WhenForm,
    WorldBlockForm,
)
from routine_harness.verdict.expectations.blocks import (
    ANY_NUMBER,
    AT_LEAST_ONE,
    BUDGET_KEYS,
    Block,
    BudgetBlock,
    CallPattern,
    CallsBlock,
    Count,
    EffectBlock,
    RowPattern,
    SaysBlock,
    When,
    WorldBlock,
)
from routine_harness.verdict.vocabulary import Vocabulary, fields_of, read_kinds
from routine_harness.verdict.where import read_condition, read_where
from routine_harness.world.kinds import ANY_EFFECT, PLURALS, kinds_of_noun

EFFECT_NOUNS: Final = (*PLURALS, "effects")
_CHANGES: Final[tuple[Literal["added", "changed", "removed"], ...]] = ("added", "changed", "removed")
_One = TypeVar("_One")
BlockForm = EffectsForm | CallsForm | SaysForm | WorldBlockForm | BudgetBlockForm


def read_block(
    reader: Reader, key: str, given: BlockForm | tuple[BlockForm, ...], vocabulary: Vocabulary, prefix: str
) -> list[Block]:
    """The block or blocks under one key of ``expect:``; a list has one item per ``name``."""
    if not isinstance(given, tuple):
        return [_READERS[type(given)](reader, prefix + key, key, given, vocabulary)]
    blocks: list[Block] = []
    for form in given:
        if not form.name:
            hint = f"write - name: …, its item is {key}[…]"
            reader.problem(form.place, f"each of several {key} blocks needs a name", hint)
        check = f"{prefix}{key}[{form.name or ''}]"
        blocks.append(_READERS[type(form)](reader, check, key, form, vocabulary))
    return blocks


def _listed(value: _One | tuple[_One, ...]) -> tuple[_One, ...]:
    return value if isinstance(value, tuple) else (value,)


def _count(
    reader: Reader,
    form: EffectsForm | CallsForm | RowForm | CountedCallForm | BoundsForm,
    default: Count = AT_LEAST_ONE,
) -> Count:
    """The bounds that a form names; ``default`` where it names none."""
    exact, least, most = form.count, form.at_least, form.at_most
    if exact is not UNSET:
        if least is not UNSET or most is not UNSET:
            hint = "use count alone, or the other two"
            reader.problem(form.below("count"), "count stands beside at_least or at_most", hint)
        return Count(exact, exact)
    if least is UNSET and most is UNSET:
        return default
    count = Count(0 if least is UNSET else least, None if most is UNSET else most)
    if count.at_most is not None and count.at_most < count.at_least:
        reader.problem(form.below("at_most"), f"at_most {count.at_most} is below at_least {count.at_least}")
    return count


def _read_effects(
    reader: Reader, check: str, key: str, form: EffectsForm, vocabulary: Vocabulary
) -> EffectBlock:
    kinds = PLURALS.get(key, (ANY_EFFECT,))
    if form.effect is not UNSET:
        kinds = _read_effect(reader, form, key)
    where = read_where(reader, form.where, form.below("where"), fields_of(kinds))
    for condition in where:
        _check_names(reader, condition.field, condition.data, form, vocabulary)
    return EffectBlock(
        check,
        key,
        kinds,
        _count(reader, form),
        where,
        form.outcome,
        _read_when(reader, form.when, vocabulary),
        reader.source.line(*form.place),
    )


def _read_effect(reader: Reader, form: EffectsForm, key: str) -> tuple[str, ...]:
    """The kinds that ``effect:`` names; beside a noun they are what can be done to it, ``*`` all of that."""
    path = form.below("effect")
    kinds = read_kinds(reader, form.effect, path)
    if key not in PLURALS:
        return kinds
    own = kinds_of_noun(key)
    for kind in kinds:
        if kind not in (*own, ANY_EFFECT):
            hint = f"write effects: {{effect: {kind}}}, or one of {', '.join(own)}"
            reader.problem(path, f"{kind} is nothing that is done to {key.replace('_', ' ')}", hint)
    return own if ANY_EFFECT in kinds else kinds


def _check_names(reader: Reader, field: str, data: Json, form: EffectsForm, vocabulary: Vocabulary) -> None:
    """Connectors and tools that a predicate names literally must exist."""
    if field not in ("connector", "tool"):
        return
    listed = data if not isinstance(data, dict) else next(iter(data.values()), None)
    if isinstance(data, dict) and not {"equals", "is_one_of", "is_not_one_of"} & set(data):
        return
    path = form.below("where", field)
    for name in listed if isinstance(listed, list) else [listed]:
        if field == "connector":
            vocabulary.check_connector(reader, name, path)
        elif isinstance(name, str):
            vocabulary.check_tool(reader, name, path)


def _read_when(reader: Reader, form: WhenForm | None, vocabulary: Vocabulary) -> When | None:
    """``when:`` has blocks by effect nouns, and under ``event`` fields of the payload."""
    if form is None:
        return None
    given = form.given()
    blocks = tuple(
        _read_effects(reader, f"when.{key}", key, given[key], vocabulary)
        for key in form.written
        if key in EFFECT_NOUNS and key in given
    )
    return When(blocks, read_where(reader, form.event, form.below("event"), None))


def _read_calls(reader: Reader, check: str, _: str, form: CallsForm, vocabulary: Vocabulary) -> CallsBlock:
    return CallsBlock(
        check,
        _read_listed_calls(reader, form.in_order, vocabulary),
        _read_listed_calls(reader, form.any_order, vocabulary),
        _read_listed_calls(reader, form.never, vocabulary),
        _read_call_counts(reader, form, vocabulary),
        _count(reader, form, ANY_NUMBER),
        _read_when(reader, form.when, vocabulary),
        reader.source.line(*form.place),
    )


def _read_listed_calls(
    reader: Reader, forms: Iterable[CallForm | CountedCallForm], vocabulary: Vocabulary
) -> tuple[CallPattern, ...]:
    return tuple(_read_call(reader, form, vocabulary) for form in forms if form.tool)


def _read_call(reader: Reader, form: CallForm | CountedCallForm, vocabulary: Vocabulary) -> CallPattern:
    """A tool's name, or ``{tool, where}``."""
    path = form.place if form.is_short else form.below("tool")
    tool = vocabulary.tool_name(reader, form.tool, path, every=True)
    where = read_where(reader, form.where, form.below("where"), None)
    count = _count(reader, form) if isinstance(form, CountedCallForm) else AT_LEAST_ONE
    return CallPattern(tool, where, count, reader.source.line(*form.place))


def _read_call_counts(reader: Reader, form: CallsForm, vocabulary: Vocabulary) -> tuple[CallPattern, ...]:
    """``counts`` maps a tool to a number or to bounds; as a list it holds ``{tool, where, count}``."""
    if isinstance(form.counts, tuple):
        return _read_listed_calls(reader, form.counts, vocabulary)
    found = []
    for written, bounds in form.counts.items():
        tool = vocabulary.tool_name(reader, str(written), bounds.place, every=True)
        found.append(CallPattern(tool, (), _count(reader, bounds), reader.source.line(*bounds.place)))
    return tuple(found)


def _read_says(reader: Reader, check: str, _: str, form: SaysForm, vocabulary: Vocabulary) -> SaysBlock:
    """A predicate, beside which ``name`` and ``when`` may stand."""
    predicate = form.others["equals"] if form.is_short else form.others
    condition = read_condition(reader, "closing message", predicate, form.place)
    when = _read_when(reader, form.when, vocabulary)
    return SaysBlock(check, () if condition is None else (condition,), when, reader.source.line(*form.place))


def _read_world(
    reader: Reader, check: str, _: str, form: WorldBlockForm, vocabulary: Vocabulary
) -> WorldBlock:
    for index, name in enumerate(form.ignore):
        table = ".".join(name.split(".")[:2])
        vocabulary.check_table(reader, table, form.below("ignore", index))
    return WorldBlock(
        check,
        _read_rows(reader, form, vocabulary),
        tuple(_read_rows(reader, each, vocabulary) for each in form.any_of),
        form.ignore,
        form.strict,
        _read_when(reader, form.when, vocabulary),
        reader.source.line(*form.place),
    )


def _read_rows(reader: Reader, form: ChangesForm, vocabulary: Vocabulary) -> tuple[RowPattern, ...]:
    """``added: {linear.issues: {count, where}}``; a list holds several patterns of one table."""
    found = []
    for change in _CHANGES:
        tables: dict[str, RowForm | tuple[RowForm, ...]] = getattr(form, change)
        for table, given in tables.items():
            vocabulary.check_table(reader, str(table), form.below(change, table))
            found += [_read_row(reader, change, str(table), each) for each in _listed(given)]
    return tuple(found)


def _read_row(
    reader: Reader, change: Literal["added", "changed", "removed"], table: str, form: RowForm
) -> RowPattern:
    where = read_where(reader, form.where, form.below("where"), None)
    was = form.before if isinstance(form, ChangedRowForm) else None
    before = read_where(reader, was, form.below("before"), None)
    return RowPattern(change, table, where, before, _count(reader, form), reader.source.line(*form.place))


def _read_budget(
    reader: Reader, check: str, _: str, form: BudgetBlockForm, vocabulary: Vocabulary
) -> BudgetBlock:
    most = {key: value for key, value in form.given().items() if key in BUDGET_KEYS}
    when = _read_when(reader, form.when, vocabulary)
    return BudgetBlock(check, most, when, reader.source.line(*form.place))


_READERS: Final[dict[type[Form], Callable[[Reader, str, str, Json, Vocabulary], Block]]] = {
    EffectsForm: _read_effects,
    CallsForm: _read_calls,
    SaysForm: _read_says,
    WorldBlockForm: _read_world,
    BudgetBlockForm: _read_budget,
}
