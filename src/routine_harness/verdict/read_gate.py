"""The ``gate:`` of a policy file: what must hold before a trigger may be enabled."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.finding import Location
from routine_harness.routine.duration import parse_duration
from routine_harness.routine.reader import Fields, kind_of, suggestion
from routine_harness.routine.spec import Path
from routine_harness.verdict.dates import read_date
from routine_harness.verdict.further import read_placements
from routine_harness.verdict.policy import GATE_LEVELS, GateException

REQUIRE_KEYS: Final = (
    "levels", "freshness", "live_recordings", "attempts", "cases_per_trigger", "contexts",
)  # fmt: skip


def read_gate(top: Fields) -> dict[str, Any]:
    """The fields of ``GateRules`` that the file gives."""
    fields = top.reader.fields(top.mapping("gate"), top.at("gate"), ("require", "exceptions"), "a gate")
    found = _requirements(fields)
    found["exceptions"] = fields.each(
        "exceptions", "exceptions", lambda each, at: _exception(fields, each, at)
    )
    return found


def _requirements(gate: Fields) -> dict[str, Any]:
    fields = gate.reader.fields(gate.mapping("require"), gate.at("require"), REQUIRE_KEYS, "require")
    found: dict[str, Any] = {}
    if "levels" in fields:
        found["levels"] = _levels(fields)
    if "freshness" in fields:
        found["freshness"] = _freshness(fields)
    for key in ("live_recordings", "cases_per_trigger"):
        if key in fields:
            found[key] = fields.whole(key)
    if fields.data.get("contexts") is not None:
        found["contexts"] = read_placements(fields, "contexts")
    if "attempts" in fields:
        found |= _attempts(fields)
    return found


def _levels(fields: Fields) -> tuple[str, ...]:
    names = fields.texts("levels")
    for index, name in enumerate(names):
        if name not in GATE_LEVELS:
            hint = suggestion(name, GATE_LEVELS, "the levels")
            fields.reader.problem((*fields.at("levels"), index), f"unknown level {name!r}", hint)
    return names


def _freshness(fields: Fields) -> int | None:
    if fields.data["freshness"] is None:
        return None
    seconds = parse_duration(fields.text("freshness"))
    if seconds is None or seconds <= 0:
        found = kind_of(fields.data["freshness"])
        fields.problem("freshness", f"expected freshness to be a span of time, found {found}", "write 30d")
    return seconds


def _attempts(require: Fields) -> dict[str, int]:
    value = require.data["attempts"]
    fields = require.reader.fields(value, require.at("attempts"), ("passed", "of"), "attempts")
    if not (fields.require("passed") and fields.require("of")):
        return {}
    passed, of = fields.whole("passed"), fields.whole("of", 1, least=1)
    if passed > of:
        fields.problem("passed", f"{passed} of {of} attempts can never pass")
    return {"passed": passed, "of": of}


def _exception(gate: Fields, value: Any, path: Path) -> GateException | None:
    keys = ("finding", "reason", "owner", "expires", "routines")
    fields = gate.reader.fields(value, path, keys, "an exception")
    given = [fields.require(key, "write finding, reason, owner and expires") for key in keys[:4]]
    if not all(given):
        return None
    source = gate.reader.source
    return GateException(
        finding=fields.text("finding"),
        reason=fields.text("reason"),
        owner=fields.text("owner"),
        expires=read_date(fields, "expires"),
        routines=fields.texts("routines"),
        location=Location(source.file, source.line(*path)),
    )
