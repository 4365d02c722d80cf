"""The policy of a routine that came from a session: what it did, where the default policy wants it named.

What a policy calls ``never``, and what cannot be read, nobody but its owner takes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from routine_harness.case.result import CaseResult
from routine_harness.plain import Json
from routine_harness.store.files import read_bytes
from routine_harness.store.policy_edit import LIVE, with_allows

_NAMED: Final = "named"


def policy_after(result: CaseResult, policy: Path, source: str) -> tuple[str, tuple[str, ...]]:
    """The text of the outermost ``policy`` with what the verdict found forbidden allowed by name, and what it
    allows; one that is new demands a recording of the real agent. The text is empty where it stays as it is.

    Raises:
        SpecError: the policy that is there cannot be read.
    """
    entries: list[Mapping[str, Json]] = [
        {**finding.data["allow"], "reason": f"the session in {source} did it: keep it if the routine may"}
        for finding in result.check("policy").findings
        if finding.fails and finding.data.get("tier") == _NAMED
    ]
    there = policy.exists()
    if not entries:
        return ("" if there else LIVE), ()
    text = read_bytes(policy).decode() if there else LIVE
    return with_allows(text, entries, policy.name), tuple(map(_said, entries))


def _said(entry: Mapping[str, Json]) -> str:
    kinds = entry.get("effect", entry.get("tool", ""))
    where = ", ".join(f"{name}: {value}" for name, value in entry.get("where", {}).items())
    named = ", ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{named} ({where})" if where else named
