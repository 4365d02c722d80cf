"""The ``faults`` of a case → Fault values."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.routine.reader import Fields, Reader
from routine_harness.routine.spec import Path
from routine_harness.session.faults import Fault
from routine_harness.verdict.vocabulary import Vocabulary

FAULT_KEYS: Final = (
    "call", "connector", "where", "nth", "error", "timeout", "status", "headers", "missing", "applied",
    "from",
)  # fmt: skip
_OUTCOMES: Final = ("error", "timeout", "status", "missing")


def read_faults(top: Fields, known: Vocabulary) -> tuple[Fault, ...]:
    """The faults under ``faults:``."""
    return top.each("faults", "faults", lambda each, at: _fault(top.reader, each, at, known))


def _fault(reader: Reader, value: Any, path: Path, known: Vocabulary) -> Fault | None:
    fields = reader.fields(value, path, FAULT_KEYS, "a fault")
    if not isinstance(value, dict):
        return None
    tool, connector, missing = fields.text("call"), fields.text("connector"), fields.flag("missing")
    if tool:
        tool = known.tool_name(reader, tool, fields.at("call"))
    if connector:
        known.check_connector(reader, connector, fields.at("connector"))
    if not tool and not connector:
        reader.problem(path, "a fault needs call or connector", "write {call: linear.save_issue, error: …}")
    if not any(key in fields for key in _OUTCOMES):
        hint = "write {call: …, timeout: true} or {connector: …, missing: true}"
        reader.problem(path, f"a fault needs one of {', '.join(_OUTCOMES)}", hint)
    if missing and tool:
        fields.problem(
            "missing", "missing is said of a whole connector", "write {connector: slack, missing: true}"
        )
    if missing and fields.flag("applied"):
        fields.problem("applied", "a connector that is missing applies nothing", "leave applied out")
    if "nth" in fields and "from" in fields:
        fields.problem(
            "from", "a fault says nth or from, not both", "write from: 2 for every call but the first"
        )
    return Fault(
        tool=tool,
        connector=connector,
        where=_where(fields),
        nth=fields.whole("nth", 1, least=1) if "nth" in fields else 0,
        error=fields.text("error"),
        timeout=fields.flag("timeout"),
        status=_status(fields),
        headers=fields.text_map("headers"),
        missing=missing,
        applied=fields.flag("applied"),
        from_nth=fields.whole("from", 1, least=1) if "from" in fields else 0,
    )


def _where(fields: Fields) -> dict[str, Any]:
    where = fields.mapping("where")
    for name, data in where.items():
        fields.reader.predicate(data, (*fields.at("where"), name))
    return where


def _status(fields: Fields) -> int:
    if "status" not in fields:
        return 0
    status = fields.whole("status")
    if not 100 <= status <= 599:
        fields.problem("status", f"expected an HTTP status, found {status}")
    return status
