"""What is found several times and said once: with a count, or with the calls of both runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from routine_harness.finding import SECOND_CALLS, Finding
from routine_harness.verdict.words import counted

_SHOWN: Final = 5
_BOTH: Final = "; in both runs"


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


def join_repeated(findings: Iterable[Finding]) -> list[Finding]:
    """``findings`` in their order, those of one code, message and detail as one."""
    found: dict[tuple[str, str, tuple[str, ...]], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.message, finding.detail)
        found[key] = _joined(found[key], finding) if key in found else finding
    return list(found.values())


def _joined(first: Finding, again: Finding) -> Finding:
    """One finding for the same thing found again: in the same run, or in the second one too."""
    if first.run == again.run:
        calls = tuple(dict.fromkeys((*first.calls, *again.calls)))
        return msgspec.structs.replace(first, calls=calls)
    message = first.message.removesuffix(_BOTH) + _BOTH
    met = dict.fromkeys((*first.calls_in(again.run), *again.calls))
    data = {**first.data, SECOND_CALLS: list(met)} if met else first.data
    return msgspec.structs.replace(first, message=message, data=data)
