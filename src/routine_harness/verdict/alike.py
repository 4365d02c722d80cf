"""Warnings of a run that say the same of many calls: one finding with a count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from routine_harness.finding import Finding
from routine_harness.verdict.words import counted

_SHOWN: Final = 5


def gather_alike(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """``findings`` in their order, the warnings of one code and one hint as one with a count.

    Errors stay apart, and so does what carries data: each of them is read by itself.
    """
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        apart = finding.fails or finding.data
        key = id(finding) if apart else (finding.code, finding.hint, finding.run, finding.location)
        groups.setdefault(key, []).append(finding)
    return tuple(group[0] if len(group) == 1 else _one(group) for group in groups.values())


def _one(group: list[Finding]) -> Finding:
    first, others = group[0], list(dict.fromkeys(finding.message for finding in group))[1:]
    more = [f"and {len(others) - _SHOWN} more"] if len(others) > _SHOWN else []
    return msgspec.structs.replace(
        first,
        message=f"{first.message} ({counted(len(group), 'finding')} of this kind)",
        detail=(*first.detail, *others[:_SHOWN], *more),
        calls=tuple(dict.fromkeys(number for finding in group for number in finding.calls)),
    )
