"""The columns of a world's tables: what their records may say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from routine_harness.routine.reader import nearest

Schema = dict[str, Any]


class Columns(NamedTuple):
    """What the records of a connector's tables may say.

    ``by_table`` holds table → column → the JSON Schema of its value (empty: anything); ``nested`` the
    lists of records that may stand inside a record, table → column → the table that they fill;
    ``passed_over`` are patterns of names that records pasted from the service hold besides.
    """

    by_table: Mapping[str, Mapping[str, Schema]]
    nested: Mapping[str, Mapping[str, str]] = {}
    passed_over: tuple[str, ...] = ()

    def has(self, table: str, column: str) -> bool:
        """Whether a record of ``table`` may say ``column``."""
        known = self.by_table.get(table)
        return (
            known is None
            or column in known
            or any(fnmatchcase(column, pattern) for pattern in self.passed_over)
        )


def missing_table(connector: str, table: Any, known: Iterable[str]) -> tuple[str, str]:
    """Message and hint for a table that a connector does not have."""
    near = nearest(str(table), known)
    hint = f"did you mean {near}?" if near else f"its tables are {', '.join(known)}"
    return f"{connector} has no table {table!r}", hint
