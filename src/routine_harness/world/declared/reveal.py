"""What a recorded read of a declared tool says about its table: the answer's template, read backwards.

Services answer in more shapes than a declaration says: a lone list of records is taken for the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from routine_harness.plain import Json, Record
from routine_harness.world.declared.declaration import Declaration, DeclaredTool
from routine_harness.world.declared.operations import is_columns, is_key
from routine_harness.world.reveals import Reveal, Row, reading_json
from routine_harness.world.rule import lookup
from routine_harness.world.template import placeholders


def reveals_of(declaration: Declaration) -> dict[str, Reveal]:
    """For every tool that shows rows, what its answers reveal."""
    return {
        name: reading_json(_Reading(tool, declaration.tables[tool.table].key).rows)
        for name, tool in declaration.tools.items()
        if tool.action in ("lists", "gets")
    }


class _Reading:
    """Reads the answers of one tool."""

    def __init__(self, tool: DeclaredTool, key: str) -> None:
        self._tool, self._key = tool, key
        self._template = None if is_columns(tool.answer) else tool.answer

    def rows(self, arguments: Record, answer: Json) -> list[Row]:
        records = [self._one(arguments, answer)] if self._tool.action == "gets" else self._many(answer)
        sound = (record for record in records if isinstance(record, dict) and is_key(record.get(self._key)))
        return [(self._tool.table, record) for record in sound]

    def _one(self, arguments: Record, answer: Json) -> Record:
        """The one row; where the answer leaves its key out, the call has said it."""
        found = answer if self._template is None else _backwards(self._template, answer, "row")
        return {self._key: lookup(arguments, self._tool.argument_of(self._key)), **found}

    def _many(self, answer: Json) -> list[Record]:
        if self._template is not None:
            for place, inner in _lists_in(self._template, ()):
                found = _at(answer, place)
                if isinstance(found, list):
                    return [each if inner is None else _backwards(inner, each, "row") for each in found]
        named = answer.get(self._tool.table) if isinstance(answer, dict) else answer
        if isinstance(named, list):
            return named
        lists = [value for value in answer.values() if _is_records(value)]
        return lists[0] if len(lists) == 1 else []


def _lists_in(template: Json, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Where in a list's template the rows stand, and the template of each of them, if it has one."""
    if template == "{rows}":
        yield place, None
    elif isinstance(template, list) and len(template) == 1 and isinstance(template[0], Mapping):
        yield place, template[0]
    elif isinstance(template, Mapping):
        for name, value in template.items():
            yield from _lists_in(value, (*place, name))


def _at(answer: Json, place: tuple[str, ...]) -> Json:
    for name in place:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _backwards(template: Json, answer: Json, whole: str) -> Record:
    """The columns whose placeholders stand alone in ``template``, as ``answer`` has them."""
    if template == f"{{{whole}}}":
        return dict(answer) if isinstance(answer, dict) else {}
    if isinstance(template, Mapping):
        found: Record = {}
        for name, value in template.items():
            if isinstance(answer, dict) and name in answer:
                found |= _backwards(value, answer[name], whole)
        return found
    names = placeholders(template) if isinstance(template, str) else []
    if len(names) == 1 and template == f"{{{names[0]}}}" and names[0].isidentifier():
        return {names[0]: answer}
    return {}


def _is_records(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)
