"""The fields of Google Drive's records in a world file."""

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import NUMBER, TEXT, either, short

_TIME: Final = either(TEXT, NUMBER)

SHAPES: Final = {
    "files": {
        **short("id title name mimeType parentId parent owner viewUrl content trashed:b"),
        "createdTime": _TIME,
        "modifiedTime": _TIME,
        "viewedByMeTime": _TIME,
    },
    "permissions": short("file user type role"),
}
NAMES: Final = {"files": "title"}
