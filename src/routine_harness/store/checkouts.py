"""The clone in a folder of this machine: which repository of GitHub is its origin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from routine_harness.world.git_output import printed_origin

_SECTION: Final = re.compile(r'^\[remote "origin"\]\s*$(?P<body>(?:\n(?!\[).*)*)', re.MULTILINE)
_URL: Final = re.compile(r"^\s*url\s*=\s*(\S+)\s*$", re.MULTILINE)


def origin_of(folder: Path) -> str:
    """``owner/name`` of the origin of the clone in ``folder`` or above it; empty where there is none, or it
    lies elsewhere."""
    for place in (folder, *folder.parents) if folder.is_dir() else ():
        config = place / ".git" / "config"
        if not config.is_file():
            continue
        try:
            section = _SECTION.search(config.read_text("utf-8", "replace"))
        except OSError:  # somebody else's: what cannot be looked at is not told
            return ""
        url = _URL.search(section["body"]) if section is not None else None
        return printed_origin(f"origin\t{url[1]} (fetch)") if url is not None else ""
    return ""
