"""Findings in other tools' forms: SARIF by the standard's schema, JUnit, annotations, JSON, Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from routine_harness.finding import Finding, Location, Severity
from routine_harness.gate.decision import GateDecision, Reason, RoutineDecision, TriggerDecision
from routine_harness.lint.registry import BUILT_IN
from routine_harness.report.findings_json import render_json
from routine_harness.report.github import render_annotations
from routine_harness.report.html import render_html
from routine_harness.report.junit import TestCase, render_junit
from routine_harness.report.markdown import render_summary
from routine_harness.report.rules import render_rule, rules_page
from routine_harness.report.sarif import RuleText, render_sarif
from routine_harness.routine.schema import parse_schema

FINDINGS = [
    Finding(
        code="prompt.secret",
        message="the prompt holds a secret",
        location=Location("routines/a b/routine.yaml", 7, 3),
        hint="revoke it",
        data={"length": 12},
    ),
    Finding(
        code="run.nothing", message="did nothing", severity=Severity.WARNING, location=Location("x.yaml")
    ),
    Finding(
        code="run.nothing", message="did nothing", severity=Severity.WARNING, location=Location("x.yaml")
    ),
    Finding(code="policy.forbidden", message="merged", run=2, calls=(3,), detail=("line 1", "line 2")),
]
TEXT = st.text(max_size=40)


def validate_sarif(text: str) -> None:
    """By models that were generated from the standard's own schema and let nothing unknown pass."""
    from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

    Sarif.model_validate_json(text)


def test_sarif_is_as_the_standard_says() -> None:
    """Version 2.1.0, rules with help, results with regions."""
    texts = {rule.code: RuleText(rule.summary, rule.why, rule.severity) for rule in BUILT_IN}
    text = render_sarif(FINDINGS, version="0.1.0", rules=texts)
    validate_sarif(text)
    run = json.loads(text)["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "policy.forbidden",
        "prompt.secret",
        "run.nothing",
    ]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "routines/a%20b/routine.yaml", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 7, "startColumn": 3, "endColumn": 15}


def test_sarif_refuses_what_the_standard_does_not_know() -> None:
    """The check above can fail."""
    data = json.loads(render_sarif(FINDINGS, version="0.1.0"))
    data["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(ValueError, match="level"):
        validate_sarif(json.dumps(data))


def test_equal_results_have_fingerprints_of_their_own() -> None:
    """Code scanning takes results with one fingerprint for one result."""
    results = json.loads(render_sarif(FINDINGS, version="0.1.0"))["runs"][0]["results"]
    prints = [result["partialFingerprints"]["routineHarness/v1"] for result in results]
    assert len(set(prints)) == len(prints)


@given(message=TEXT, file=TEXT.filter(bool), detail=TEXT)
def test_any_text_survives_every_form(message: str, file: str, detail: str) -> None:
    """Whatever agents and strangers write, the forms stay well-formed."""
    found = [
        Finding(code="a.b", message=message, location=Location(file, 1, 1), detail=(detail,), hint=message)
    ]
    validate_sarif(render_sarif(found, version="1"))
    ElementTree.fromstring(render_junit([TestCase(file, message, file, 1, tuple(found), "", detail)]))
    assert render_annotations(found).count("\n") == 1
    assert json.loads(render_json(found))["findings"][0]["message"] == message


def test_junit_counts_and_names() -> None:
    """Suites in order, failures with their text, skipped with their reason."""
    cases = [
        TestCase("one", "a", failures=(FINDINGS[0],)),
        TestCase("two", "b", skipped="undecided"),
        TestCase("one", "c"),
    ]
    root = ElementTree.fromstring(render_junit(cases))
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("3", "1", "1")
    assert [suite.get("name") for suite in root] == ["one", "two"]
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("type") == "prompt.secret"
    assert "routine.yaml:7" in (failure.text or "")


def test_annotations_escape_what_would_end_them() -> None:
    """Newlines, percent signs, colons and commas cannot break out; errors come first."""
    found = [
        Finding(code="a.b", message="w", severity=Severity.WARNING, location=Location("x.yaml", 1)),
        Finding(code="a.c", message="100%\n::error::x", location=Location("a,b:c.yaml", 2, 5)),
    ]
    assert render_annotations(found) == (
        "::error file=a%2Cb%3Ac.yaml,line=2,col=5,title=a.c::100%25%0A::error::x\n"
        "::warning file=x.yaml,line=1,title=a.b::w\n"
    )


def test_json_is_as_its_schema_says() -> None:
    """What lint prints is what is published."""
    Draft202012Validator(parse_schema("report")).validate(json.loads(render_json(FINDINGS, routines=2)))


def test_markdown_of_others_takes_no_effect() -> None:
    """A finding's text cannot mention people, link, or break the table."""
    finding = Finding(
        code="a.b", message="@everyone [x](http://evil) <img>", location=Location("x|y.yaml", 1)
    )
    trigger = TriggerDecision(
        index=0,
        kind="api",
        label="api",
        standing="closed",
        reasons=(Reason(finding=finding, next="pytest x"),),
    )
    routine = RoutineDecision(name="r|s", file="r.yaml", enabled=True, triggers=(trigger,))
    text = render_summary(GateDecision((routine,)))
    assert "| r\\|s | `api` | ⛔ closed |  | a.b |" in text
    assert "@everyone" not in text
    assert "[x](" not in text
    assert "\\<img" in text


def test_the_page_of_rules_has_every_anchor() -> None:
    """A finding's code is its anchor in the documentation, and says how to suppress it."""
    page = rules_page(BUILT_IN)
    for rule in BUILT_IN:
        assert f"{{#{rule.code}}}" in page
        assert f"rh: ignore[{rule.code}]" in render_rule(rule)


@given(TEXT)
def test_no_text_ends_the_data_of_a_page(text: str) -> None:
    """What stands in the page's data is data."""
    routine = {
        "name": f"</script><script>{text}",
        "triggers": [],
        "cases": [],
        "gate": "open",
        "file": "x",
        "enabled": True,
    }
    routine |= {"title": text, "description": text}
    summary = {
        "open": True,
        "routines": 1,
        "triggers": 0,
        "closed": 0,
        "cases": 0,
        "errors": 0,
        "warnings": 0,
    }
    page = render_html({"summary": summary, "routines": [routine], "harness": "1", "made": ""})
    assert page.count("</script>") == 2


def test_every_help_address_is_an_anchor(project: Path) -> None:
    """Rules of lint have their page, other codes theirs or their area's; what is on neither has none."""
    codes = ["prompt.secret", "expect.tickets", "policy.forbidden", "schedule.weekday-utc", "acme.own-rule"]
    found = [Finding(code=code, message="m", location=Location("x.yaml", 1)) for code in codes]
    rules = json.loads(render_sarif(found, version="1"))["runs"][0]["tool"]["driver"]["rules"]
    helped = {rule["id"]: rule.get("helpUri", "") for rule in rules}
    assert helped.pop("acme.own-rule") == ""
    for code, address in helped.items():
        page, _, anchor = address.removeprefix("https://routine-harness.github.io/").partition("#")
        text = (project / "docs" / f"{page.rstrip('/')}.md").read_text()
        assert f"{{#{anchor}}}" in text or f"\n## {anchor.capitalize()}\n" in text
        assert anchor in (code, code.partition(".")[0])


def test_no_more_annotations_than_github_shows() -> None:
    """Ten of a kind; the rest is counted in a plain line of the log."""
    found = [
        Finding(code="a.b", message=str(n), severity=severity, location=Location("x.yaml", 1))
        for n in range(12)
        for severity in (Severity.WARNING, Severity.ERROR)
    ]
    lines = render_annotations(found).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert sum(line.startswith("::warning ") for line in lines) == 10
    assert lines[-1] == "not annotated, because GitHub shows 10 of a kind: 2 errors, 2 warnings more"
    assert len(render_annotations(found[:20]).splitlines()) == 20


def check_code_scanning(log: dict[str, Any]) -> None:
    """GitHub's own rules (docs.github.com, SARIF support for code scanning), beside the schema."""
    assert log["version"] == "2.1.0"
    assert 1 <= len(log["runs"]) <= 25
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        rules = [rule["id"] for rule in driver["rules"]]
        assert driver["name"]
        assert len(rules) == len(set(rules)) <= 25_000
        assert len(run["results"]) <= 5_000
        for result in run["results"]:
            assert rules[result["ruleIndex"]] == result["ruleId"]
            assert len(result["ruleId"]) <= 255
            assert result["message"]["text"]
            assert 1 <= len(result["locations"]) <= 1_000
            assert result["partialFingerprints"]
            physical = result["locations"][0]["physicalLocation"]
            uri = physical["artifactLocation"]["uri"]
            assert uri
            assert not uri.startswith(("/", ".."))
            region = physical.get("region", {"startLine": 1})
            assert region["startLine"] >= 1
            assert region.get("endColumn", 2) > region.get("startColumn", 1)


def test_sarif_keeps_the_rules_of_code_scanning(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the gate writes for the examples, and for more than is shown."""
    from routine_harness.judgement import judge_folder, survey_with_digests

    monkeypatch.chdir(project)
    findings = judge_folder(survey_with_digests((Path("example_routines"),))).decision.findings
    assert findings
    check_code_scanning(json.loads(render_sarif(findings, version="1")))
    many = [
        Finding(code=f"a.b{n % 40}", message=str(n), location=Location("a b/x.yaml", 0)) for n in range(6_000)
    ]
    check_code_scanning(json.loads(render_sarif(many, version="1")))
    with pytest.raises((AssertionError, KeyError)):
        check_code_scanning(json.loads(render_sarif(FINDINGS, version="1")))  # one of them has no place


def test_sarif_holds_no_more_than_code_scanning_takes() -> None:
    """One run, at most 5,000 results with the errors among them, and the rest is counted."""
    many = [
        Finding(code="a.b", message=str(n), severity=Severity.WARNING, location=Location("x.yaml", 1))
        for n in range(6_000)
    ]
    text = render_sarif([*many, FINDINGS[0]], version="1")
    validate_sarif(text)
    [run] = json.loads(text)["runs"]
    assert len(run["results"]) == 5_000
    assert run["results"][0]["ruleId"] == "prompt.secret"
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("1001 further results")
    assert "invocations" not in json.loads(render_sarif(many[:5_000], version="1"))["runs"][0]
