"""Why scripts close a trigger: nobody has confirmed that they do what the prompt of today says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from routine_harness.case.confirmation import Binding
from routine_harness.finding import Finding
from routine_harness.gate.decision import Reason
from routine_harness.gate.outcome import CaseOutcome


def unconfirmed_reasons(cases: Iterable[CaseOutcome]) -> Iterator[Reason]:
    """A reason for each script on which some of ``cases`` rest and that is not confirmed for the prompt.

    A script without an entry closes as well: it has no memory of the prompt that it was written for, so that
    whoever replaces the prompt would be left with an open gate.
    """
    resting: dict[str, tuple[Binding, list[str]]] = {}
    for case in cases:
        if case.script is not None and case.script.standing != "confirmed":
            resting.setdefault(case.script.script, (case.script, []))[1].append(case.id)
    for binding, names in resting.values():
        finding = Finding(
            code="gate.unconfirmed",
            message=binding.message,
            location=binding.place,
            hint="read the script beside the prompt, and change what it must do otherwise",
            detail=binding.shown_difference,
            data={"script": binding.script, "cases": names},
        )
        yield Reason(finding=finding, next=binding.command)
