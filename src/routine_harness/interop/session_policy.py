"""What an imported session did and the default policy leaves to whoever names it, as entries of ``allow``.

What a policy calls ``never``, and what cannot be read, nobody but its owner takes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from routine_harness.case.result import CaseResult
from routine_harness.store.files import read_bytes
from routine_harness.store.policy_edit import with_allows

_HEAD: Final = "# What an imported session did and the default policy leaves to whoever names it.\n"
_NAMED: Final = "named"


def allowing_what_it_did(result: CaseResult, policy: Path, source: str) -> tuple[str, tuple[str, ...]]:
    """The text of ``policy`` that allows by name what the verdict found forbidden, and what it allows.

    Raises:
        SpecError: the policy that is there cannot be read.
    """
    entries: list[Mapping[str, Any]] = [
        {**finding.data["allow"], "reason": f"the session in {source} did it: keep it if the routine may"}
        for finding in result.check("policy").findings
        if finding.fails and finding.data.get("tier") == _NAMED
    ]
    if not entries:
        return "", ()
    text = read_bytes(policy).decode() if policy.exists() else _HEAD
    return with_allows(text, entries, policy.name), tuple(map(_said, entries))


def _said(entry: Mapping[str, Any]) -> str:
    kinds = entry.get("effect", entry.get("tool", ""))
    where = ", ".join(f"{name}: {value}" for name, value in entry.get("where", {}).items())
    named = ", ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{named} ({where})" if where else named
