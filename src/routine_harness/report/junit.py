"""Checks as JUnit XML, in the dialect that Jenkins, GitLab and GitHub's actions read."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.finding import Finding
from routine_harness.pattern import lazy_pattern

_FORBIDDEN: Final = lazy_pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TestCase(msgspec.Struct, frozen=True):
    """One line of a test report: ``failures`` fail it, ``skipped`` says why it was not judged; of the
    ``properties`` those without a value are left out."""

    __test__ = False

    suite: str
    name: str
    file: str = ""
    line: int = 0
    failures: tuple[Finding, ...] = ()
    skipped: str = ""
    output: str = ""
    properties: dict[str, str] = {}


def render_junit(cases: Iterable[TestCase], *, name: str = "routine-harness") -> str:
    """One ``testsuite`` for each suite, in the order in which they first appear."""
    suites: dict[str, list[TestCase]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    every = [case for suite in suites.values() for case in suite]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<testsuites name={_attribute(name)} {_counts(every)}>",
    ]
    for suite, members in suites.items():
        lines.append(f"  <testsuite name={_attribute(suite)} {_counts(members)}>")
        lines += [line for case in members for line in _case(case)]
        lines.append("  </testsuite>")
    return "\n".join((*lines, "</testsuites>", ""))


def _counts(cases: Sequence[TestCase]) -> str:
    failed = sum(bool(case.failures) for case in cases)
    skipped = sum(bool(case.skipped and not case.failures) for case in cases)
    return f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}"'


def _case(case: TestCase) -> Iterable[str]:
    place = f" file={_attribute(case.file)}" if case.file else ""
    place += f' line="{case.line}"' if case.line else ""
    head = f"    <testcase classname={_attribute(case.suite)} name={_attribute(case.name)}{place}"
    inner = list(_properties(case.properties))
    for finding in case.failures:
        text = "\n".join(
            (str(finding.location or ""), finding.message, *finding.detail, finding.hint)
        ).strip()
        inner.append(
            f"      <failure type={_attribute(finding.code)} "
            f"message={_attribute(finding.message)}>{_text(text)}</failure>"
        )
    if case.skipped and not case.failures:
        inner.append(f"      <skipped message={_attribute(case.skipped)}/>")
    if case.output:
        inner.append(f"      <system-out>{_text(case.output)}</system-out>")
    return [f"{head}/>"] if not inner else [f"{head}>", *inner, "    </testcase>"]


def _properties(properties: Mapping[str, str]) -> Iterable[str]:
    said = [
        f"name={_attribute(name)} value={_attribute(value)}" for name, value in properties.items() if value
    ]
    if said:
        yield "      <properties>"
        yield from (f"        <property {each}/>" for each in said)
        yield "      </properties>"


def _text(text: str) -> str:
    """``text`` with what XML cannot hold made visible."""
    return html.escape(_printable(text), quote=False)


def _attribute(text: str) -> str:
    escaped = html.escape(_printable(text))
    for character in "\t\n\r":
        escaped = escaped.replace(character, f"&#{ord(character)};")
    return f'"{escaped}"'


def _printable(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
