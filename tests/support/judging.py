"""Cases from YAML text for the tests of the verdict, without a file."""

from __future__ import annotations

from typing import Any

import msgspec

from routine_harness.case.case import Case, CaseTrigger, Rerun
from routine_harness.routine.document import Document, load_document
from routine_harness.routine.form import FileForm
from routine_harness.routine.form_reader import read_file
from routine_harness.session.run import RunPair
from routine_harness.verdict.expect_form import ExpectForm, SecondForm
from routine_harness.verdict.expectations.expect import read_expectations
from routine_harness.verdict.judge import judge_pair
from routine_harness.verdict.policy.rules import Policy
from routine_harness.verdict.rerun import AllowedForm, read_allowed
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


class JudgedForm(FileForm, frozen=True, kw_only=True):
    """What a case says of its verdict."""

    open = True

    expect: ExpectForm | None = None
    second: SecondForm | None = None
    allow: tuple[AllowedForm, ...] | None = None


def case_of(text: str = "", **changes: Any) -> Case:
    """The case whose ``expect:``, ``second:`` and ``allow:`` are in ``text``."""
    document = load_document(text.encode() or b"{}", "cases/x.yaml")
    reader, form = read_file(document, JudgedForm)
    case = Case(
        name="x",
        routine="desk-keeper",
        trigger=CaseTrigger("github", "pull_request.opened"),
        expect=read_expectations(form.expect, reader),
        second=None if form.second is None else read_expectations(form.second, reader, prefix="second."),
        rerun=Rerun(allow=None if form.allow is None else read_allowed(reader, form.allow)),
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
