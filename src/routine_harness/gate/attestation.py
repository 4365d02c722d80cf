"""The evidence of a gate: an in-toto statement with a test-result predicate over files' digests.

The statement says which bytes were tested, with what result, and who stood for the agent. It proves
nothing about who made it: that is what a signature is for.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.agents.acted import ActedBy, count_words, words_of
from routine_harness.errors import RecordingError
from routine_harness.finding import Finding, Location
from routine_harness.gate.decision import GateDecision
from routine_harness.plain import Record
from routine_harness.routine.document import NOT_JSON, explain

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://in-toto.io/attestation/test-result/v0.1"
TESTED_BY: Final = "routineHarnessTestedBy"
"""A field of ours: by whom each case was carried out. The specification of in-toto (v1.1, parsing rules)
lets a producer add fields whose names do not collide with those of others."""
Digests = Mapping[str, str]
"""File, relative to the folder that the gate ran in → SHA-256 in hexadecimal."""


def build_statement(decision: GateDecision, subjects: Digests, configuration: Digests) -> Record:
    """The statement: ``subjects`` are what is enabled, ``configuration`` what it was tested with."""
    passed, failed, warned = [], [], []
    tested_by: dict[str, ActedBy] = {}
    for routine in decision.routines:
        for trigger in routine.triggers:
            name = f"{routine.file}::{trigger.label}"
            if trigger.standing == "open":
                passed.append(name)
            elif trigger.standing == "closed":
                failed.append(name)
        for case in routine.cases:
            name = f"{case.file}::{case.id}"
            (passed if case.state == "passed" else failed).append(name)
            if case.by is not None:
                tested_by[name] = case.by
        warned += [f"{routine.file}::{each.reason.code} until {each.expires}" for each in routine.excused]
    return {
        "_type": STATEMENT,
        "subject": [_descriptor(name, value) for name, value in sorted(subjects.items())],
        "predicateType": PREDICATE,
        "predicate": {
            "result": "FAILED" if not decision.open else "WARNED" if warned else "PASSED",
            "configuration": [_descriptor(name, value) for name, value in sorted(configuration.items())],
            "passedTests": sorted(passed),
            "warnedTests": sorted(warned),
            "failedTests": sorted(failed),
            TESTED_BY: [
                {"name": name, "by": by.word, "text": str(by)} for name, by in sorted(tested_by.items())
            ],
        },
    }


def _descriptor(name: str, digest: str) -> Record:
    return {"name": name, "digest": {"sha256": digest}}


_HINT: Final = "write it with `routine-harness gate --attestation FILE`"


class Descriptor(msgspec.Struct, frozen=True):
    """A file and its digests, by algorithm."""

    name: str
    digest: dict[str, str]


class TestedBy(msgspec.Struct, frozen=True):
    """A case by name, and who carried it out: in a word, and in a sentence."""

    __test__ = False

    name: str
    by: str
    text: str = ""


class TestResult(msgspec.Struct, frozen=True):
    """The predicate."""

    __test__ = False

    result: str
    configuration: tuple[Descriptor, ...]
    passedTests: tuple[str, ...] = ()  # noqa: N815 - the standard's name
    failedTests: tuple[str, ...] = ()  # noqa: N815
    warnedTests: tuple[str, ...] = ()  # noqa: N815
    tested_by: tuple[TestedBy, ...] = msgspec.field(default=(), name=TESTED_BY)

    @property
    def said(self) -> str:
        """The result, with those who carried out the cases: ``PASSED (2 script, 1 live)``."""
        by = words_of(count_words(each.by for each in self.tested_by))
        return f"{self.result} ({by})" if by else self.result


class Statement(msgspec.Struct, frozen=True):
    """An in-toto statement of ours, read back."""

    type: str = msgspec.field(name="_type")
    subject: tuple[Descriptor, ...]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: TestResult

    @property
    def files(self) -> dict[str, str]:
        """Every tested file with its SHA-256."""
        every = (*self.subject, *self.predicate.configuration)
        return {each.name: each.digest.get("sha256", "") for each in every}


def parse_statement(data: bytes, file: str = "") -> Statement:
    """The statement in ``data``, bare or inside a DSSE envelope (whose signature is not looked at).

    Raises:
        RecordingError: it is neither, or speaks of something else than test results.
    """
    try:
        document = msgspec.json.decode(data)
        if isinstance(document, dict) and "payload" in document and "payloadType" in document:
            data = base64.b64decode(str(document["payload"]), validate=True)
            document = msgspec.json.decode(data)
        statement = msgspec.convert(document, Statement)
    except NOT_JSON as error:
        message, line = explain(data, error)
        raise RecordingError.at(file, line, f"expected an in-toto statement: {message}", _HINT) from error
    except ValueError as error:  # the envelope's payload is no base64
        raise RecordingError.at(file, 1, f"expected an in-toto statement: {error}", _HINT) from error
    if statement.type != STATEMENT or statement.predicate_type != PREDICATE:
        found = statement.predicate_type if statement.type == STATEMENT else statement.type
        raise RecordingError.at(file, 1, f"expected a {PREDICATE} statement, found {found}", _HINT)
    return statement


def verify_statement(
    statement: Statement, subjects: Digests, configuration: Digests, below: Sequence[str] = (".",)
) -> tuple[Finding, ...]:
    """What is about to be enabled, against what was tested; nothing if it is the same and passed.

    ``below`` are the folders and files that were looked at, named as the statement's files are: what
    was tested elsewhere is not missed.
    """
    now, then = {**subjects, **configuration}, statement.files
    findings = []
    for name in sorted({*now, *then}):
        if name not in then:
            findings.append(_mismatch("untested", f"{name} was not there when the gate ran", name))
        elif name not in now and any(_is_below(name, place) for place in below):
            findings.append(_mismatch("missing", f"{name} was tested and is gone", name))
        elif name in now and now[name] != then[name]:
            findings.append(_mismatch("changed", f"{name} is not what was tested", name))
    if statement.predicate.result == "FAILED":
        failed = ", ".join(statement.predicate.failedTests)
        findings.append(_mismatch("failed", f"the gate was closed: {failed}", ""))
    return tuple(findings)


def _is_below(name: str, place: str) -> bool:
    return place == "." or name == place or name.startswith(f"{place}/")


def _mismatch(code: str, message: str, file: str) -> Finding:
    hint = "run the gate again over the files as they are"
    return Finding(code=f"attestation.{code}", message=message, location=Location(file), hint=hint)
