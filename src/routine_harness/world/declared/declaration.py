"""A declared connector as values: its tables, its tools, and what each tool does to a table.

Built by ``declared.parse``; nothing downstream checks these values again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.world.kinds import KINDS
from routine_harness.world.rule import arguments_in

Action = Literal["creates", "lists", "gets", "updates", "deletes"]
ACTIONS: Final[tuple[Action, ...]] = ("creates", "lists", "gets", "updates", "deletes")
READING: Final = ("lists", "gets")
_NEVER_A_COLUMN: Final = ("connector", "tool", "target")
"""Fields of an effect that the harness fills in."""


class DeclaredTable(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows of one kind, known by the column ``key``.

    ``new`` holds what a new row has besides what the call says: values, or templates with ``{n}``
    (a number that no row has yet), ``{now}`` and other columns. ``columns`` lists all of them, where the
    declaration says so; else it is empty, and rows may have more.
    """

    name: str
    key: str = "id"
    new: Record = {}
    columns: tuple[str, ...] = ()


class Page(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a list is cut: ``limit`` rows a page, fewer where the argument ``size`` asks for fewer;
    ``cursor`` is the argument that takes the ``next`` of an answer, ``number`` one that counts pages from
    1."""

    limit: int
    cursor: str = ""
    size: str = ""
    number: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """What the page's arguments are called, by their part."""
        named = {"cursor": self.cursor, "size": self.size, "number": self.number}
        return {part: name for part, name in named.items() if name}


class DeclaredEffect(msgspec.Struct, frozen=True, omit_defaults=True):
    """The kind of a tool's effect, and the columns of those fields that bear another name."""

    kind: str
    fields: dict[str, str] = {}

    def columns(self) -> dict[str, str]:
        """Field of the effect → column of the row."""
        return {
            field: self.fields.get(field, field) for field in KINDS[self.kind] if field not in _NEVER_A_COLUMN
        }


class DeclaredTool(msgspec.Struct, frozen=True, omit_defaults=True):
    """One tool: ``action`` on ``table``, or neither and a fixed answer.

    ``fields`` maps columns to the arguments that set them (paths, as in ``world.rule``); an argument
    without an entry sets the column of its own name. ``answer`` is a list of columns or a template;
    ``returns`` the template of a fixed answer, ``error`` the text of a fixed refusal. ``ignores`` names
    arguments of a list that select no rows (an order, say).
    """

    name: str
    description: str = ""
    schema: Record = {}
    access: Literal["read", "write"] | None = None
    action: Action | None = None
    table: str = ""
    fields: dict[str, str] = {}
    filter_by: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    page: Page | None = None
    set: Record = {}
    answer: Json = None
    missing: str = ""
    effect: DeclaredEffect | None = None
    returns: Json = None
    error: str = ""

    @property
    def arguments(self) -> Mapping[str, Json] | None:
        """The properties of the tool's schema; None where it has none, so that any may come."""
        properties = self.schema.get("properties")
        return properties if isinstance(properties, dict) and properties else None

    def argument_of(self, column: str) -> str:
        """The argument (or path in the arguments) that sets or selects by ``column``."""
        return self.fields.get(column, column)


class Declaration(msgspec.Struct, frozen=True, omit_defaults=True):
    """A connector: what a file of ``connectors/``, the worlds of a case or a package declare.

    ``origin`` says where (``connectors/pagerduty.yaml``).
    """

    name: str
    tables: dict[str, DeclaredTable] = {}
    tools: dict[str, DeclaredTool] = {}
    origin: str = ""
    description: str = ""

    def acting_on(self, table: str) -> tuple[DeclaredTool, ...]:
        """The tools that read or write the rows of ``table``."""
        return tuple(tool for tool in self.tools.values() if tool.table == table)

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of ``table`` that the declaration speaks of."""
        own = self.tables[table]
        found = dict.fromkeys((own.key, *own.columns, *own.new))
        for tool in self.acting_on(table):
            found.update(dict.fromkeys((*tool.fields, *tool.set)))
            if tool.action in ("creates", "updates"):
                mapped = {name for path in tool.fields.values() for name in arguments_in(path)}
                found.update(dict.fromkeys(name for name in tool.arguments or () if name not in mapped))
        return tuple(found)

    def is_closed(self, table: str) -> bool:
        """Whether no row of ``table`` has a column beyond ``columns``: they are listed, or every tool
        that writes rows has a schema."""
        if self.tables[table].columns:
            return True
        writing = [tool for tool in self.acting_on(table) if tool.action in ("creates", "updates")]
        return bool(writing) and all(tool.arguments is not None for tool in writing)
