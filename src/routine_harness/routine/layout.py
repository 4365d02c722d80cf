"""A routine's folder: what its files are called, and the folders beside ``routine.yaml``."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

ROUTINE: Final = "routine.yaml"
"""The name that a routine's file gets where the harness writes it."""
POLICY: Final = "policy.yaml"
"""The name that a policy's file gets where the harness writes it."""
POLICIES: Final = (POLICY, "policy.yml", "policy.json")
"""What a policy's file may be called; the first name that is there wins."""
SUFFIXES: Final = (".yaml", ".yml")

CASES: Final = "cases"
AGENTS: Final = "agents"
RECORDINGS: Final = "recordings"
ATTEMPTS: Final = "attempts"
"""The folder below ``recordings/`` for what ``record --repeat`` tried."""
SNAPSHOTS: Final = "snapshots"
CASSETTES: Final = "cassettes"
WORLDS: Final = "worlds"
PAYLOADS: Final = "payloads"

TESTED: Final = (CASES, AGENTS, RECORDINGS, SNAPSHOTS, CASSETTES, WORLDS)
"""What lies beside a routine and is tested with it."""
SCANNED: Final = (RECORDINGS, SNAPSHOTS, CASSETTES, WORLDS, CASES, PAYLOADS)
"""The folders that are searched for secrets: a recorder or a person may have put one there."""


def is_routine_file(path: PurePath) -> bool:
    """Whether ``path`` is named like a routine."""
    name = path.name
    stem, dot, suffix = name.rpartition(".")
    if f"{dot}{suffix}" not in SUFFIXES or name.startswith("."):
        return False
    return (
        stem == "routine" or (stem.startswith("routine-") and stem != "routine-") or stem.endswith(".routine")
    )
