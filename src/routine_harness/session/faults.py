"""Faults: what goes wrong on purpose, so that "could not look" can be told from "found nothing"."""

from __future__ import annotations

from typing import Any

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """What goes wrong: for the ``nth`` call (from 1; 0 means every one) of ``tool`` whose arguments
    match ``where``, or for a whole connector that is ``missing``."""

    tool: str = ""
    connector: str = ""
    where: dict[str, Any] = {}
    nth: int = 0
    error: str = ""
    timeout: bool = False
    status: int = 0
    headers: dict[str, str] = {}
    missing: bool = False
