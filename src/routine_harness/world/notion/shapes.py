"""The fields of Notion's records in a world file."""

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import NUMBER, TEXT, either, short

_TIME: Final = either(TEXT, NUMBER)
_TIMES: Final = {"created_time": _TIME, "last_edited_time": _TIME}

SHAPES: Final = {
    "pages": {**short("id title parent content icon:? created_by properties:o"), **_TIMES},
    "databases": {**short("id title description parent data_source schema:o in_trash:b"), **_TIMES},
    "comments": {**short("id page discussion text user"), **_TIMES},
    "users": short("id type name email"),
    "teams": short("id name"),
}
NAMES: Final = {"pages": "title", "users": "name", "teams": "name"}
