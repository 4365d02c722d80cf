"""The keys of a policy's gate: what must hold before a trigger may be enabled."""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from typing import Annotated

from msgspec import UNSET, UnsetType

from routine_harness.routine.duration import parse_duration
from routine_harness.routine.form import Form, OneOf, Text, key
from routine_harness.routine.reader import Reader
from routine_harness.verdict.file_parts import Date, Placement
from routine_harness.verdict.policy.rules import GATE_LEVELS

Level = Annotated[str, OneOf(GATE_LEVELS, "level")]
Freshness = Annotated[
    str,
    Text(
        "freshness to be a span of time",
        hint="write 30d",
        fits=lambda text: (parse_duration(text) or 0) > 0,
        schema={"pattern": r"^\s*[+-]?\s*\d+[smhdw](\s*\d+[smhdw])*\s*$"},
    ),
]
_NEEDS = "write finding, reason, owner and expires"


class AttemptsForm(Form, frozen=True, kw_only=True):
    what = "attempts"

    passed: Annotated[int, key("So many recordings of a case have to pass …", 3)]
    of: Annotated[int, key("… of so many that were made under the same files.", 3, least=1)]

    def check(self, reader: Reader) -> None:
        if self.sound and self.passed > self.of:
            message = f"{self.passed} of {self.of} attempts can never pass"
            reader.problem(self.below("passed"), message)


class RequireForm(Form, frozen=True, kw_only=True):
    what = "require"
    part = "require"

    levels: Annotated[tuple[Level, ...] | UnsetType, key("What must be green.", list(GATE_LEVELS))] = UNSET
    freshness: Annotated[
        Freshness | UnsetType | None, key("The oldest that a recording may be: 30d.", "30d")
    ] = UNSET
    live_recordings: Annotated[int | UnsetType, key("The least number of live recordings a routine.", 1)] = (
        UNSET
    )
    attempts: Annotated[AttemptsForm | UnsetType, key("How many of the last attempts must have passed.")] = (
        UNSET
    )
    pass_rate: Annotated[
        float | UnsetType, key("The pass rate that the attempts at a case have to prove, below 1.", 0.9)
    ] = UNSET
    confidence: Annotated[
        float | UnsetType, key("How sure the proof of pass_rate has to be, below 1; 0.9 by default.", 0.9)
    ] = UNSET
    cases_per_trigger: Annotated[int | UnsetType, key("The least number of cases for each trigger.", 1)] = (
        UNSET
    )
    contexts: Annotated[
        tuple[Placement, ...] | None,
        key(
            "Every case whose trigger brings a context must stand under each of these placements.",
            ["later"],
            least=1,
            unique=True,
        ),
    ] = None

    def check(self, reader: Reader) -> None:
        for name in ("pass_rate", "confidence"):
            value = self.given().get(name)
            if isinstance(value, int | float) and not 0 < value < 1:
                message = f"expected {name} to lie between 0 and 1, found {value:g}"
                reader.problem(self.below(name), message, "write 0.9")


class GateExceptionForm(Form, frozen=True, kw_only=True):
    what = "an exception"
    plural = "exceptions"
    part = "gate_exception"

    finding: Annotated[str, key("The finding's code.", "test.scripted-only", needs=_NEEDS)]
    reason: Annotated[str, key("Why it may stay open.", "the account is being set up", needs=_NEEDS)]
    owner: Annotated[str, key("Who answers for it.", "dana", needs=_NEEDS)]
    expires: Annotated[Date, key("An ISO date: 2026-12-31.", "2026-12-31", needs=_NEEDS)]
    routines: Annotated[
        tuple[str, ...], key("The routines that it holds for; left out, all.", ["security-triage"])
    ] = ()


class GateForm(Form, frozen=True, kw_only=True):
    what = "a gate"

    require: Annotated[RequireForm | None, key("What must hold before a trigger may be enabled.")] = None
    exceptions: Annotated[
        tuple[GateExceptionForm, ...], key("Findings that do not close the gate until a day.")
    ] = ()
