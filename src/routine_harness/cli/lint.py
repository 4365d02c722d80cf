"""``routine-harness lint``: rules over the files of routines, before anything runs."""

from __future__ import annotations

import difflib
import time
from collections.abc import Sequence
from pathlib import Path

import click

from routine_harness.cli.findings import FORMATS, print_findings
from routine_harness.cli.lines import echo, echo_rendered, refuse_nothing
from routine_harness.cli.terminal import colour_option, terminal_width
from routine_harness.errors import Problem, SpecError, UsageError
from routine_harness.lint.fix import apply_edits
from routine_harness.lint.registry import collect_rules, unknown_selectors
from routine_harness.lint.rule import Rule
from routine_harness.lint.run import Alarm, check_routines, failing
from routine_harness.report.findings_json import pretty
from routine_harness.report.rules import render_rule, render_rules
from routine_harness.store.files import write_text
from routine_harness.store.plugins import load_plugins
from routine_harness.store.survey import Chosen, Survey, survey_folder
from routine_harness.verdict.words import counted

ROUNDS = 10
EPILOG = """\b
Examples:
  routine-harness lint routines/
  routine-harness lint routines/ --select prompt --ignore prompt.no-link
  routine-harness lint routines/ --fix
  routine-harness lint --explain prompt.assumes-memory
"""


def _codes(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip() for value in given for code in value.split(",") if code.strip())


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--select", multiple=True, callback=_codes, help="Only these rules or areas (ALL, prompt, prompt.secret)."
)
@click.option("--extend-select", multiple=True, callback=_codes, help="These rules too.")
@click.option("--ignore", multiple=True, callback=_codes, help="Not these rules or areas.")
@click.option("--fix", is_flag=True, help="Mend what can be mended mechanically, then report the rest.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--output-format", type=click.Choice(FORMATS), default="full", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Short for --output-format json.")
@click.option("--statistics", is_flag=True, help="Count the findings by rule instead of listing them.")
@click.option("-q", "--quiet", is_flag=True, help="Errors only, and no closing line.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
@click.option("--explain", metavar="RULE", help="Print the documentation of a rule.")
@click.option("--rules", "list_rules", is_flag=True, help="List all rules.")
@colour_option
def command(
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    diff: bool,
    output_format: str,
    as_json: bool,
    statistics: bool,
    quiet: bool,
    exit_zero: bool,
    strict: bool,
    explain: str | None,
    list_rules: bool,
) -> int:
    """Judge routines by their files alone: prompt, access, triggers, tests."""
    rules = collect_rules(load_plugins())
    if explain is not None or list_rules:
        echo(_documentation(explain, rules, as_json=as_json), nl=False)
        return 0
    _refuse_selectors((*select, *extend_select, *ignore), rules)
    chosen = Chosen(select, extend_select, ignore)
    survey = survey_folder(paths or (Path(),), chosen=chosen, today=int(time.time()))
    _refuse_settings(survey, rules)
    alarms = check_routines(survey.subjects, rules)
    if fix or diff:
        survey, alarms = _mend(survey, alarms, rules, paths or (Path(),), chosen, write=fix)
    found = [alarm.finding for alarm in alarms]
    shown = [finding for finding in found if finding.fails] if quiet else found
    form = "json" if as_json else "statistics" if statistics else output_format
    unsaid = quiet or not (
        shown or (survey.subjects and not survey.problems)
    )  # what is not there has passed no check
    print_findings(shown, survey.sources, form, rules=rules, count=len(survey.subjects), quiet=unsaid)
    if survey.problems:
        raise SpecError(*survey.problems)
    refuse_nothing(survey.subjects)
    return 0 if exit_zero else int(failing(alarms) or (strict and bool(found)))


def _documentation(code: str | None, rules: Sequence[Rule], *, as_json: bool) -> str:
    chosen = [rule for rule in rules if code is None or rule.code == code]
    if not chosen:
        raise UsageError(_unknown(code or "", rules))
    if as_json:
        keys = ("code", "summary", "why", "bad", "good", "fixable")
        return pretty(
            [{key: getattr(rule, key) for key in keys} | {"severity": rule.severity} for rule in chosen]
        )
    return render_rule(chosen[0], width=terminal_width()) if code else render_rules(chosen)


def _unknown(code: str, rules: Sequence[Rule]) -> Problem:
    nearest = dict(unknown_selectors((code,), rules)).get(code, "")
    hint = f"did you mean {nearest}?" if nearest else "`routine-harness lint --rules` lists them"
    return Problem("", 0, f"there is no lint rule or area {code!r}", hint)


def _refuse_selectors(selectors: Sequence[str], rules: Sequence[Rule]) -> None:
    unknown = unknown_selectors(selectors, rules)
    if unknown:
        raise UsageError(*(_unknown(code, rules) for code, _ in unknown))


def _refuse_settings(survey: Survey, rules: Sequence[Rule]) -> None:
    """Selectors in policy files must name rules too."""
    for subject, policy in zip(survey.subjects, survey.policies, strict=True):
        file = policy.files[-1] if policy.files else ""
        problems = []
        for selector in subject.settings.selectors:
            if unknown_selectors((selector,), rules):
                problem = _unknown(selector, rules)
                problems.append(Problem(file, 0, f"lint: {problem.message}", problem.hint))
        if problems:
            raise SpecError(*problems)


def _mend(
    survey: Survey,
    alarms: tuple[Alarm, ...],
    rules: Sequence[Rule],
    paths: Sequence[Path],
    chosen: Chosen,
    *,
    write: bool,
) -> tuple[Survey, tuple[Alarm, ...]]:
    """Apply fixes until none is left; with ``write`` off, show what the first round would change."""
    total = 0
    for _ in range(ROUNDS):
        changed = 0
        sources = {source.path: source for each in survey.subjects for source in each.routine.sources}
        for source in sources.values():  # a prompt's file may be that of several routines
            edits = [
                a.edit
                for a in alarms
                if a.edit and a.finding.location and a.finding.location.file == source.file
            ]
            text, count = apply_edits(source.text, edits)
            if not count:
                continue
            if not write:
                echo_rendered(_difference(source.text, text, source.file), nl=False)
                continue
            write_text(source.path, text)
            changed += count
        total += changed
        if not changed:
            break
        survey = survey_folder(tuple(paths), chosen=chosen, today=int(time.time()))
        alarms = check_routines(survey.subjects, rules)
    if total:
        echo(f"fixed {counted(total, 'finding')}", err=True)
    return survey, alarms


def _difference(before: str, after: str, file: str) -> str:
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), file, file)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
