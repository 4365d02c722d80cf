"""The fields of Sentry's records in a world file."""

# ruff: noqa: E501 - a line is a table

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import NUMBER, OBJECT, TEXT, TEXTS, either, or_null, short

_TIME: Final = either(TEXT, NUMBER)

SHAPES: Final = {
    "organizations": short("slug name"),
    "teams": short("organization slug name id"),
    "projects": short("organization slug name id platform:? teams:[]"),
    "issues": {
        **short(
            "id shortId title culprit status:unresolved|resolved|ignored substatus assignedTo:? level issueType issueCategory platform project organization count:i userCount:i"
        ),
        "firstSeen": _TIME,
        "lastSeen": _TIME,
        "tags": OBJECT,
    },
    "events": {
        **short("id issue title type message dataset tags:o"),
        "timestamp": _TIME,
        "stacktrace": either(TEXT, TEXTS),
    },
    "notes": {**short("id issue text author"), "dateCreated": _TIME},
    "activity": {**short("id issue type author text"), "dateCreated": _TIME},
    "releases": {
        **short("organization version project projects:[]"),
        "dateCreated": _TIME,
        "dateReleased": or_null(_TIME),
    },
}
NAMES: Final = {"organizations": "slug", "teams": "slug", "projects": "slug", "releases": "version"}
