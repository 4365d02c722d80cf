"""Cases from YAML text for the tests of the verdict, without a file."""

from __future__ import annotations

from typing import Any

import msgspec

from routine_harness.case.case import Case, CaseTrigger, Rerun
from routine_harness.routine.document import Document, load_document
from routine_harness.routine.reader import Reader
from routine_harness.session.run import RunPair
from routine_harness.verdict.expectations.expect import parse_expectations
from routine_harness.verdict.judge import judge_pair
from routine_harness.verdict.policy.rules import Policy
from routine_harness.verdict.rerun import parse_allowed
from routine_harness.verdict.verdict import Verdict
from support.desk import ROUTINE

POLICY = Policy()


class NoFiles:
    """The files beside a case that names none."""

    def payload(self, written: str) -> Any:
        raise AssertionError(written)

    def world(self, written: str) -> Document:
        raise AssertionError(written)

    def exists(self, written: str) -> bool:
        return False


def case_of(text: str = "", **changes: Any) -> Case:
    """The case whose ``expect:``, ``second:`` and ``allow:`` are in ``text``."""
    document = load_document(text.encode() or b"{}", "cases/x.yaml")
    data, reader = document.value or {}, Reader(document.source)
    case = Case(
        name="x",
        routine="desk-keeper",
        trigger=CaseTrigger("github", "pull_request.opened"),
        expect=parse_expectations(data.get("expect"), reader, ("expect",)),
        second=parse_expectations(data["second"], reader, ("second",), prefix="second.")
        if "second" in data
        else None,
        rerun=Rerun(allow=parse_allowed(data["allow"], reader, ("allow",)) if "allow" in data else None),
        source=document.source,
    )
    reader.raise_problems()
    return msgspec.structs.replace(case, **changes)


def judge(pair: RunPair, text: str = "", policy: Policy = POLICY, **options: Any) -> Verdict:
    """The verdict over ``pair`` of a case with these expectations."""
    case = options.pop("case", None) or case_of(text)
    return judge_pair(case, options.pop("routine", ROUTINE), pair, policy, **options)


def codes(verdict: Verdict, check: str) -> list[str]:
    """The codes of a check's findings."""
    return [finding.code for finding in verdict.check(check).findings]
