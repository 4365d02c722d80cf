"""``routine-harness report``: everything that is known about a folder of routines, on one page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
import msgspec

from routine_harness.case.result import CaseResult
from routine_harness.cli.findings import rule_texts, tool_version
from routine_harness.cli.judge_folder import Judgement, judge_folder, survey_with_digests
from routine_harness.errors import Problem, RecordingError, SpecError, UsageError
from routine_harness.lint.registry import collect_rules
from routine_harness.redaction.redactor import Redactor
from routine_harness.report.case_data import case_data
from routine_harness.report.findings_json import pretty
from routine_harness.report.html import render_html
from routine_harness.report.report_data import CaseData, report_data
from routine_harness.report.sarif import render_sarif
from routine_harness.store.files import read_bytes, write_text
from routine_harness.store.plugins import load_plugins

ENDINGS = (".html", ".json", ".sarif")
EPILOG = """\b
Examples:
  routine-harness report routines/ -o report.html
  routine-harness report routines/ -o report.html --backtest backtest.json
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The file; its ending says what is written: .html, .json or .sarif.",
)
@click.option("--backtest", type=click.Path(path_type=Path), help="Add the charts of `backtest --json FILE`.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON instead of writing a file.")
def command(paths: tuple[Path, ...], output: Path, backtest: Path | None, as_json: bool) -> None:
    """Check the routines below PATHS and write what was found into one file."""
    check_report_file(output)
    archive = _read_backtest(backtest) if backtest else None
    cases: dict[tuple[str, str], CaseData] = {}

    def keep(result: CaseResult) -> None:
        data = case_data(result)
        cases[(result.routine.name, data["id"])] = data

    judgement = judge_folder(survey_with_digests(paths or (Path(),)), watch=keep)
    data = build_report(judgement, cases, archive)
    if as_json:
        click.echo(pretty(data), nl=False)
    else:
        write_report(output, data, judgement)
        click.echo(f"wrote {output}", err=True)
    if judgement.problems:
        raise SpecError(*judgement.problems)


def check_report_file(file: Path) -> None:
    """Say before anything runs that the report cannot be written.

    Raises:
        UsageError: its ending says nothing, or its folder cannot be written.
    """
    if file.suffix not in ENDINGS:
        message = f"expected a file that ends in {', '.join(ENDINGS)}, found {file.name}"
        raise UsageError(Problem(str(file), 0, message))
    if file.is_dir():
        raise UsageError(Problem(str(file), 0, "is a folder; the report needs a file"))


def build_report(
    judgement: Judgement, cases: dict[tuple[str, str], CaseData], backtest: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The report's values, without secrets."""
    survey = judgement.survey
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    data = report_data(
        judgement.decision,
        survey.subjects,
        survey.policies,
        [alarm.finding for alarm in judgement.alarms],
        cases,
        backtest=backtest,
        made=made,
        version=tool_version(),
    )
    redacted: dict[str, Any] = Redactor().value(data)
    return redacted


def write_report(file: Path, data: dict[str, Any], judgement: Judgement) -> None:
    """Write the report in the form that the ending of ``file`` asks for, whole or not at all."""
    if file.suffix == ".html":
        write_text(file, render_html(data))
    elif file.suffix == ".json":
        write_text(file, pretty(data))
    else:
        rules = rule_texts(collect_rules(load_plugins()))
        write_text(file, render_sarif(judgement.decision.findings, version=tool_version(), rules=rules))


def _read_backtest(file: Path) -> dict[str, Any]:
    try:
        data = msgspec.json.decode(read_bytes(file))
    except msgspec.DecodeError as error:
        raise RecordingError.at(
            str(file), 0, f"expected JSON: {error}", "write it with `backtest --json`"
        ) from error
    if not isinstance(data, dict) or not isinstance(data.get("routines"), dict) or "events" not in data:
        raise RecordingError.at(
            str(file), 0, "this is no result of a backtest", "write it with `backtest --json`"
        )
    return data
