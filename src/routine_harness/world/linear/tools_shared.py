"""Arguments that many of Linear's tools share."""

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import TEXT, Schema, between, one_of

PRIORITY: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 4}
PAGE: Final = {
    "limit": between(1, 250),
    "cursor": TEXT,
    "orderBy": one_of("createdAt", "updatedAt"),
}
AGES: Final = {"createdAt": TEXT, "updatedAt": TEXT}
