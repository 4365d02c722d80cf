"""``routine-harness gate``: may these triggers be enabled, and why not."""

from __future__ import annotations

import os
from pathlib import Path

import click

from routine_harness.cli.findings import rule_texts
from routine_harness.cli.lines import echo, echo_rendered, refuse_nothing, say_errors
from routine_harness.cli.progress import drawn_bar
from routine_harness.cli.terminal import colour_option, terminal_width, tool_version, wants_colour
from routine_harness.errors import BAD_INPUT, Problem, SpecError, UsageError
from routine_harness.gate.attestation import build_statement, parse_statement, verify_statement
from routine_harness.gate.decision import GateDecision
from routine_harness.harness import Options
from routine_harness.judgement import Judgement, judge_folder, survey_with_digests
from routine_harness.lint.registry import collect_rules
from routine_harness.report.findings_json import pretty
from routine_harness.report.gate_json import gate_tests, render_gate_json
from routine_harness.report.gate_table import render_closed, render_gate
from routine_harness.report.github import render_annotations
from routine_harness.report.junit import render_junit
from routine_harness.report.markdown import render_summary
from routine_harness.report.sarif import render_sarif
from routine_harness.report.terminal import render_findings
from routine_harness.store.backtests import load_backtest
from routine_harness.store.files import read_bytes, shown, write_text
from routine_harness.store.plugins import load_plugins
from routine_harness.store.survey import Survey
from routine_harness.store.tested import Tested, digest_files, root_of

STDOUT = "-"
EPILOG = """\b
Examples:
  routine-harness gate routines/
  routine-harness gate routines/ --sarif gate.sarif --junit gate.xml --github
  routine-harness gate routines/ --attestation gate.intoto.json
  routine-harness gate routines/ --backtest backtest.json
  routine-harness gate routines/ --verify gate.intoto.json
"""


def _output(name: str, text: str) -> click.Option:
    return click.Option(
        [f"--{name}", f"{name}_file"], is_flag=False, flag_value=STDOUT, metavar="[FILE]", help=text
    )


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--attestation",
    type=click.Path(path_type=Path),
    help="Write an in-toto statement, to be signed.",
)
@click.option(
    "--verify",
    type=click.Path(path_type=Path),
    help="Compare the files below PATHS with a statement; run nothing.",
)
@click.option(
    "--backtest",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Hold what `backtest --json` found against the policies' noise a day.",
)
@click.option("--require-sandbox", is_flag=True, help="A case that needs a sandbox is an error without one.")
@click.option("--github", is_flag=True, help="Print annotations, and the job summary where GitHub wants it.")
@click.option("--summary", type=click.Path(path_type=Path), help="Write the summary in Markdown.")
@click.option("-q", "--quiet", is_flag=True, help="Print the closed triggers, a reason each, and the answer.")
@colour_option
def command(
    paths: tuple[Path, ...],
    attestation: Path | None,
    verify: Path | None,
    backtest: Path | None,
    require_sandbox: bool,
    github: bool,
    summary: Path | None,
    quiet: bool,
    **files: str | None,
) -> int:
    """Decide, for each enabled trigger below PATHS, whether it may be enabled."""
    outputs, paths = _outputs(files, paths or (Path(),))
    _refuse_unwritable(
        [Path(name) for name in (*outputs.values(), attestation, summary) if name not in (None, STDOUT)]
    )
    survey = survey_with_digests(paths)
    if verify is not None:
        return _verify(verify, survey, paths)
    tested = _tested(survey) if attestation else None
    archive = load_backtest(backtest) if backtest else None
    with drawn_bar("cases", sum(len(subject.cases) for subject in survey.subjects)) as bar:
        options = Options(require_sandbox=require_sandbox)
        judgement = judge_folder(survey, options, progress=bar.advance, backtest=archive)
    decision = judgement.decision
    if not judgement.problems:
        refuse_nothing(survey.subjects)  # before any output says so: a gate over nothing is not open
    _write(outputs, judgement)
    if attestation and tested and not judgement.problems:
        write_text(attestation, pretty(build_statement(decision, tested.subjects, tested.configuration)))
    say_errors(judgement.problems)  # before any table: what it says hangs on them
    _say(decision, outputs, quiet=quiet, github=github, summary=summary)
    if judgement.problems:
        return BAD_INPUT
    return 0 if decision.open else 1


command.params += [
    _output("json", "Write the decision as JSON; without FILE print it."),
    _output("junit", "Write JUnit XML; without FILE print it."),
    _output("sarif", "Write SARIF 2.1.0; without FILE print it."),
]


def _outputs(
    files: dict[str, str | None], paths: tuple[Path, ...]
) -> tuple[dict[str, str], tuple[Path, ...]]:
    """What to write where. ``gate --json routines/`` prints: a folder is a path, not a file to write."""
    outputs: dict[str, str] = {}
    for name, value in files.items():
        if value is None:
            continue
        if value != STDOUT and Path(value).is_dir():
            paths = (*(path for path in paths if path != Path()), Path(value))
            value = STDOUT
        outputs[name.removesuffix("_file")] = value
    if list(outputs.values()).count(STDOUT) > 1:
        raise UsageError(
            Problem("", 0, "only one of --json, --junit and --sarif can be printed", "give the others a FILE")
        )
    return outputs, paths


def _refuse_unwritable(files: list[Path]) -> None:
    """Say before anything runs that a file cannot be written."""
    problems = []
    for file in files:
        folder = next((parent for parent in file.absolute().parents if parent.exists()), Path("/"))
        if file.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            problems.append(Problem(str(file), 0, "cannot be written", "name a file in a folder that can be"))
    if problems:
        raise UsageError(*problems)


def _write(outputs: dict[str, str], judgement: Judgement) -> None:
    decision = judgement.decision
    for name, file in outputs.items():
        if name == "json":
            text = render_gate_json(decision)
        elif name == "junit":
            text = render_junit(gate_tests(decision))
        else:
            rules = rule_texts(collect_rules(load_plugins()))
            text = render_sarif(decision.findings, version=tool_version(), rules=rules, by=decision.by)
        if file == STDOUT:
            echo(text, nl=False)
        else:
            write_text(file, text)


def _say(
    decision: GateDecision, outputs: dict[str, str], *, quiet: bool, github: bool, summary: Path | None
) -> None:
    colour = wants_colour()
    if summary:
        write_text(summary, render_summary(decision))
    if github:
        echo(render_annotations(decision.findings), nl=False)
        _append_summary(decision)
    if STDOUT in outputs.values():
        return
    if quiet:
        echo_rendered(render_closed(decision))
    else:
        echo_rendered(render_gate(decision, width=terminal_width(), colour=colour), nl=False)


def _append_summary(decision: GateDecision) -> None:
    """Add the summary to the job's, which other steps write to as well."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        try:
            with Path(place).open("a", encoding="utf-8") as file:
                file.write(render_summary(decision))
        except OSError as error:
            raise UsageError(
                Problem(place, 0, f"the job summary cannot be written: {error.strerror}")
            ) from error


def _tested(survey: Survey) -> Tested:
    return digest_files(survey.subjects, [policy.files for policy in survey.policies], _root(survey))


def _root(survey: Survey) -> Path:
    return root_of(survey.subjects, [policy.files for policy in survey.policies])


def _verify(file: Path, survey: Survey, paths: tuple[Path, ...]) -> int:
    statement = parse_statement(read_bytes(file), shown(file))
    tested = _tested(survey)
    below = [Path(os.path.relpath(path, _root(survey))).as_posix() for path in paths]
    findings = verify_statement(statement, tested.subjects, tested.configuration, below)
    colour = wants_colour()
    if findings:
        text = render_findings(findings, {}, width=terminal_width(), colour=colour)
        echo_rendered(text, nl=False)
        return 1
    if survey.problems:  # a routine that cannot be read is in no statement
        raise SpecError(*survey.problems)
    echo(f"{len(statement.files)} files are what was tested: {statement.predicate.said}")
    return 0
