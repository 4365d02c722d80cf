"""``routine-harness report``: everything that is known about a folder of routines, on one page."""

from __future__ import annotations

import os
from pathlib import Path

import click

from routine_harness.case.result import CaseResult
from routine_harness.cli.lines import echo, refuse_nothing
from routine_harness.cli.terminal import tool_version
from routine_harness.errors import SpecError
from routine_harness.judgement import (
    build_report,
    judge_folder,
    refuse_report_file,
    render_report,
    survey_with_digests,
)
from routine_harness.report.case_data import case_data
from routine_harness.report.report_data import CaseData
from routine_harness.store.backtests import load_backtest
from routine_harness.store.files import write_text
from routine_harness.store.written_at import written_at

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
    refuse_report_file(output)
    archive = load_backtest(backtest).data if backtest else None
    cases: dict[tuple[str, str], CaseData] = {}

    def keep(result: CaseResult) -> None:
        data = case_data(result)
        cases[(result.routine.name, data["id"])] = data

    survey = survey_with_digests(paths or (Path(),))
    judgement = judge_folder(survey, watch=keep)
    made = f"{written_at(os.environ):%Y-%m-%d %H:%M UTC}"
    data = build_report(judgement, cases, made=made, version=tool_version(), backtest=archive)
    if as_json:
        echo(render_report(".json", data, judgement, tool_version()), nl=False)
    else:
        write_text(output, render_report(output.suffix, data, judgement, tool_version()))
        echo(f"wrote {output}", err=True)
    if judgement.problems:
        raise SpecError(*judgement.problems)
    refuse_nothing(survey.subjects)
