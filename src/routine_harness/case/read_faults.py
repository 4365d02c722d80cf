"""The ``faults`` of a case → Fault values."""

from __future__ import annotations

from typing import Any, Final, cast

from routine_harness.routine.duration import parse_duration
from routine_harness.routine.reader import Fields, Reader, kind_of
from routine_harness.routine.spec import Path
from routine_harness.session.faults import Fault, Lapse, Malformed, RateLimit
from routine_harness.verdict.vocabulary import Vocabulary

OUTCOMES: Final = (
    "error", "timeout", "status", "disconnect", "slow", "malformed", "missing", "offers", "lapses",
    "rate_limit",
)  # fmt: skip
"""What can go wrong."""
FAULT_KEYS: Final = (
    "call", "connector", "where", "nth", "from", "every", "times", "headers", "applied", *OUTCOMES,
)  # fmt: skip
_COUNTED: Final = ("nth", "from", "every")
_WHOLE: Final = ("missing", "offers")
"""What is said of a connector, not of one of its tools."""
_MALFORMED: Final = ("truncated", "html", "empty", "wrong_type")


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
    _check_outcome(fields, path)
    for key in _WHOLE:
        if key in fields and tool:
            fields.problem(key, f"{key} is said of a whole connector", _EXAMPLES[key])
        if key in fields and fields.flag("applied"):
            fields.problem("applied", "a tool that is missing applies nothing", "leave applied out")
    counted = [key for key in _COUNTED if key in fields]
    if len(counted) > 1:
        hint = "write from: 2 for every call but the first, every: 2 for each second one"
        fields.problem(counted[-1], f"a fault says {' or '.join(counted)}, not both", hint)
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
        every=fields.whole("every", 1, least=1) if "every" in fields else 0,
        times=fields.whole("times", 1, least=1) if "times" in fields else 0,
        disconnect=fields.flag("disconnect"),
        slow=_slow(fields),
        malformed=_malformed(fields),
        offers=fields.texts("offers") if "offers" in fields else None,
        lapses=_lapse(fields),
        rate_limit=_rate_limit(fields),
    )


_EXAMPLES: Final = {
    "missing": "write {connector: slack, missing: true}",
    "offers": "write {connector: slack, offers: [slack_read_channel]}",
}


def _check_outcome(fields: Fields, path: Path) -> None:
    """Note it where nothing goes wrong, or more than one thing at once."""
    named = [key for key in OUTCOMES if key in fields]
    if not named:
        hint = "write {call: …, timeout: true} or {connector: …, missing: true}"
        fields.reader.problem(path, f"a fault needs one of {', '.join(OUTCOMES)}", hint)
    # The words of an error may stand beside what they explain.
    apart = [key for key in named if key != "error"]
    if len(apart) > 1:
        fields.problem(apart[1], f"a fault is {apart[0]} or {apart[1]}, not both", "write two faults")


def _slow(fields: Fields) -> int:
    """The seconds of ``slow: 90s``."""
    if "slow" not in fields:
        return 0
    written = fields.data["slow"]
    seconds = parse_duration(written) if isinstance(written, str) else None
    if seconds is None or seconds <= 0:
        fields.problem("slow", f"expected a duration, found {kind_of(written)}", "write slow: 90s")
        return 0
    return seconds


def _malformed(fields: Fields) -> Malformed | None:
    if "malformed" not in fields:
        return None
    named = fields.choice("malformed", _MALFORMED, _MALFORMED[0])
    return cast(Malformed, named)


def _lapse(fields: Fields) -> Lapse | None:
    if "lapses" not in fields:
        return None
    inner = fields.reader.fields(
        fields.data["lapses"], fields.at("lapses"), ("after_call", "between_runs"), "lapses"
    )
    if ("after_call" in inner) == inner.flag("between_runs"):
        fields.problem("lapses", "a grant lapses after_call or between_runs", "write {after_call: 2}")
    return Lapse(inner.whole("after_call") if "after_call" in inner else 0, inner.flag("between_runs"))


def _rate_limit(fields: Fields) -> RateLimit | None:
    if "rate_limit" not in fields:
        return None
    inner = fields.reader.fields(
        fields.data["rate_limit"], fields.at("rate_limit"), ("per_minute", "retry_after"), "rate_limit"
    )
    inner.require("per_minute", "write {per_minute: 30, retry_after: 30}")
    return RateLimit(
        inner.whole("per_minute", 1, least=1) if "per_minute" in inner else 1,
        inner.whole("retry_after", 60, least=1) if "retry_after" in inner else 60,
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
