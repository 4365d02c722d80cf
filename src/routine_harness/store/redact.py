"""The one way by which recordings, snapshots, cassettes and reports reach the disk: redacted.

The shapes are in ``redaction``; here they meet a policy, an environment and files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from routine_harness.errors import Problem, SpecError
from routine_harness.finding import Finding, Location, Severity
from routine_harness.redaction.redactor import Redactor
from routine_harness.redaction.values import secret_variables
from routine_harness.routine.layout import SCANNED
from routine_harness.store.files import read_bytes, shown, write_bytes
from routine_harness.verdict.policy.rules import Redaction

MAX_SCANNED: Final = 256 * 1024 * 1024


def make_redactor(
    redaction: Redaction = Redaction(),  # noqa: B008 - a frozen value
    environment: Mapping[str, str] | None = None,
) -> Redactor:
    """A redactor for one file.

    ``environment`` is searched for variables with secret-looking names and those that the policy
    names.

    Raises:
        SpecError: a pattern of the policy is malformed.
    """
    secrets = secret_variables(environment or {}, redaction.variables)
    try:
        return Redactor(secrets, redaction.patterns, emails=redaction.emails)
    except ValueError as error:
        hint = "the syntax is RE2's: no look-around, no back-references"
        raise SpecError(Problem("redact.patterns", 0, f"malformed pattern {error}", hint)) from error


def redact_text(text: str, redaction: Redaction = Redaction()) -> str:  # noqa: B008 - a frozen value
    """``text`` without secrets of the known kinds and those that the policy adds."""
    return make_redactor(redaction).text(text)


def write_redacted(path: str | os.PathLike[str], text: str | bytes, redactor: Redactor) -> None:
    """Write ``text`` without its secrets, whole or not at all.

    Raises:
        UsageError: the place cannot be written.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    write_bytes(path, redactor.data(data))


def scan(data: str | bytes, file: str, redactor: Redactor | None = None) -> tuple[Finding, ...]:
    """A finding for every secret in the content of ``file``; the secret itself is not shown."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    findings = []
    counted, line, line_start = 0, 1, 0
    for match in (redactor or Redactor()).find(raw):
        line += raw.count(b"\n", counted, match.start)
        line_start = raw.rfind(b"\n", 0, match.start) + 1
        counted = match.start
        column = len(raw[line_start : match.start].decode("utf-8", "replace")) + 1
        findings.append(
            Finding(
                code="secret.committed",
                message=f"a secret stands in this file: {match.kind}, {match.end - match.start} characters",
                severity=Severity.ERROR if match.certain else Severity.WARNING,
                location=Location(file, line, column),
                hint="revoke it, then take it out; what is recorded anew is redacted",
                data={"kind": match.kind},
            )
        )
    return tuple(findings)


def scan_files(paths: Iterable[Path], redactor: Redactor | None = None) -> tuple[Finding, ...]:
    """The findings of all ``paths``; a file that cannot be read is one of its own."""
    findings: list[Finding] = []
    redactor = redactor or Redactor()
    for path in paths:
        try:
            findings += scan(read_bytes(path, limit=MAX_SCANNED), shown(path), redactor)
        except SpecError as error:
            findings += [
                Finding(code="secret.not-scanned", message=problem.message, location=Location(problem.file))
                for problem in error.problems
            ]
    return tuple(findings)


def committed_files(routine: Path) -> tuple[Path, ...]:
    """The files of the routine at ``routine`` that a recorder or a person may have put a secret into."""
    folder = routine.parent
    held = [path for name in SCANNED for path in (folder / name).rglob("*") if path.is_file()]
    return (routine, *sorted(held)) if routine.is_file() else tuple(sorted(held))
