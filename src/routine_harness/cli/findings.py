"""Findings on standard output, in the form that was asked for; shared by commands that report them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from routine_harness.cli.lines import echo, echo_rendered
from routine_harness.cli.terminal import terminal_width, tool_version, wants_colour
from routine_harness.finding import Finding
from routine_harness.lint.rule import Rule
from routine_harness.report.findings_json import render_json
from routine_harness.report.github import render_annotations
from routine_harness.report.junit import TestCase, render_junit
from routine_harness.report.sarif import RuleText, render_sarif
from routine_harness.report.terminal import render_concise, render_findings, render_statistics, render_total

FORMATS: Final = ("full", "concise", "json", "junit", "sarif", "github")


def rule_texts(rules: Sequence[Rule]) -> dict[str, RuleText]:
    return {rule.code: RuleText(rule.summary, " ".join(rule.why.split()), rule.severity) for rule in rules}


def print_findings(
    findings: Sequence[Finding],
    sources: Mapping[str, str],
    form: str,
    *,
    rules: Sequence[Rule],
    count: int,
    quiet: bool,
) -> None:
    """Print ``findings`` about ``count`` routines."""
    colour = wants_colour()
    if form == "json":
        text = render_json(findings, routines=count)
    elif form == "sarif":
        text = render_sarif(findings, version=tool_version(), rules=rule_texts(rules))
    elif form == "github":
        text = render_annotations(findings)
    elif form == "junit":
        text = render_junit(junit_cases(findings, sources))
    else:
        if form == "statistics":
            text = render_statistics(findings, colour=colour)
        elif form == "concise":
            text = render_concise(findings, colour=colour)
        else:
            text = render_findings(findings, sources, width=terminal_width(), colour=colour)
        text += "" if quiet else render_total(findings, count=count, colour=colour)
    echo_rendered(text, nl=False)


def junit_cases(findings: Sequence[Finding], sources: Mapping[str, str]) -> list[TestCase]:
    """One test a file, which fails on its errors and shows its warnings."""
    cases = []
    for file in sources:
        here = [finding for finding in findings if finding.location and finding.location.file == file]
        warnings = "\n".join(f"{finding.code}: {finding.message}" for finding in here if not finding.fails)
        failures = tuple(finding for finding in here if finding.fails)
        cases.append(TestCase("lint", file, file, failures=failures, output=warnings))
    return cases


def print_plain(findings: Sequence[Finding], *, count: int, as_json: bool, err: bool = False) -> None:
    """Print ``findings`` about ``count`` things with their hints, or as JSON; with ``err`` as an error."""
    if as_json:
        echo(render_json(findings, routines=count), nl=False)
    elif findings:
        colour = wants_colour()
        text = render_findings(findings, {}, width=terminal_width(), colour=colour and not err)
        echo_rendered(text, nl=False, err=err)
