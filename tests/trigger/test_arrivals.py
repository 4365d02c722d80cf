"""What arrives, read whole by ``fires`` and narrowly by ``backtest``: the same event, or none at all."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.errors import SpecError
from routine_harness.trigger.arrivals import parse_arrival, parse_instant
from routine_harness.trigger.lines import Line, arrival_of

PULL = {
    "action": "opened",
    "pull_request": {"title": "Fix", "updated_at": "2026-05-04T09:00:00Z"},
    "repository": {"full_name": "acme/core"},
}
_BODIES = (PULL, json.dumps(PULL), "payload=" + json.dumps(PULL), "nonsense", None, 5, [], {})
_ODD = st.sampled_from([None, "", "x", 5, -1, 1e300, 10**15, True, [], ["pull_request"], {}, "2026-05-04"])
_HEADERS = st.dictionaries(
    st.sampled_from(["X-GitHub-Event", "x-github-event", "X-GitHub-Delivery", "Date"]),
    _ODD | st.just("pull_request"),
)
_REQUEST = st.fixed_dictionaries(
    {}, optional={"headers": _HEADERS | _ODD, "payload": st.sampled_from(_BODIES)}
)
_DELIVERIES = st.fixed_dictionaries(
    {"headers": _HEADERS, "url": st.just("https://example.com")},
    optional={
        "body": st.sampled_from(_BODIES),
        "guid": st.sampled_from(["a", "b", None]),
        "delivered_at": st.sampled_from(["2026-05-04T10:00:00Z", 1777885200, 1777885200000, None, 1e300]),
        "timestamp": _ODD,
    },
)
_ANYTHING = st.dictionaries(
    st.sampled_from([name for name in Line.__struct_fields__ if name != "kind"]),
    _ODD | _HEADERS | _REQUEST | st.sampled_from(_BODIES),
    max_size=6,
)


def _whole(value: Any) -> tuple[str, int, str] | None:
    try:
        event = parse_arrival(json.dumps(value).encode(), "x")
    except SpecError:
        return None
    return event.name, event.at, event.id


def _narrow(value: Any) -> tuple[str, int, str] | None:
    try:
        arrival = arrival_of(msgspec.json.decode(json.dumps(value).encode(), type=Line))
    except (msgspec.MsgspecError, ValueError):
        return None
    return arrival and (arrival.name, arrival.at, arrival.id)


@given(_DELIVERIES)
def test_a_delivery_is_the_same_event_to_both_readers(value: dict[str, Any]) -> None:
    """Headers in lists, bodies as forms and texts, ids and times that are none."""
    assert _whole(value) == _narrow(value)


@given(_ANYTHING)
def test_whatever_arrives_is_an_event_or_refused(value: dict[str, Any]) -> None:
    """Nothing that is JSON makes a reader fail otherwise."""
    for found in (_whole(value), _narrow(value)):
        assert found is None or isinstance(found[0], str)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-05-04T09:00:00Z", 1777885200),
        ("2026-05-04T11:00:00+02:00", 1777885200),
        ("Mon, 04 May 2026 09:00:00 GMT", 1777885200),
        (1777885200, 1777885200),
        (1777885200000, 1777885200),
        (1e300, 0),
        (-5, 0),
        (True, 0),
        ("0001-01-01T00:00:00+14:00", 0),
        ("9999-12-31T23:59:59Z", 0),
        ("Tue, 1 Jan 99999999999999 00:00:00 GMT", 0),
        ("soon", 0),
    ],
)
def test_an_instant_is_read_or_there_is_none(value: Any, at: int) -> None:
    """ISO 8601, an HTTP date, seconds and milliseconds; never a year that nothing can tell."""
    assert parse_instant(value) == at


def test_an_event_without_an_id_has_none() -> None:
    """A null is no id: two such events are not one event that came twice."""
    event = {"id": None, "type": "PullRequestEvent", "repo": {"name": "acme/core"}, "payload": PULL}
    assert parse_arrival(json.dumps(event).encode(), "x").id == ""
