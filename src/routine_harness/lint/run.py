"""Lint: subjects through rules to alarms, suppressions and severities applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.finding import Finding, Location, Severity
from routine_harness.lint.meta import unknown_code, unused_suppression
from routine_harness.lint.place import Span, locate, locate_in_text
from routine_harness.lint.registry import unknown_selectors
from routine_harness.lint.rule import Mark, Rule, chosen
from routine_harness.lint.settings import LintSettings
from routine_harness.lint.subject import Folder, Subject
from routine_harness.lint.suppress import Suppression, find_suppressions
from routine_harness.routine.spec import Source

DOCS: Final = "https://routine-harness.github.io/reference/lint-rules/"


class Edit(msgspec.Struct, frozen=True):
    """Replace ``length`` characters at ``line`` and ``column`` (from 1) by ``text``."""

    line: int
    column: int
    length: int
    text: str


class Alarm(msgspec.Struct, frozen=True):
    """A finding of lint; ``edit`` mends it where a fix is mechanical. ``routine`` is the routine's file,
    which is not where the finding stands if the prompt has a file of its own."""

    finding: Finding
    edit: Edit | None = None
    routine: str = ""


def check_routines(subjects: Sequence[Subject], rules: Sequence[Rule]) -> tuple[Alarm, ...]:
    """The alarms of all subjects, by file and line."""
    about: dict[int, list[tuple[Rule, Mark]]] = {id(subject): [] for subject in subjects}
    for rule in rules:
        if rule.check_folder:
            for subject, mark in rule.check_folder(Folder(tuple(subjects))):
                about[id(subject)].append((rule, mark))
    alarms: list[Alarm] = []
    chosen_rules: dict[tuple[int, tuple[str, ...]], set[str]] = {}
    for subject in subjects:
        settings, ignored = subject.settings, subject.settings.ignored_for(subject.routine.source.file)
        key = (id(settings), ignored)
        if key not in chosen_rules:
            chosen_rules[key] = _selected([rule.code for rule in rules], settings, ignored)
        alarms += _check_subject(subject, rules, chosen_rules[key], about[id(subject)])
    return tuple(sorted(alarms, key=_order))


def _order(alarm: Alarm) -> tuple[str, int, int, str]:
    place = alarm.finding.location or Location("")
    return place.file, place.line, place.column, alarm.finding.code


def _check_subject(
    subject: Subject, rules: Sequence[Rule], on: set[str], marks: list[tuple[Rule, Mark]]
) -> Iterator[Alarm]:
    source = subject.routine.source
    active = [rule for rule in rules if rule.code in on]
    marks = [(rule, mark) for rule, mark in marks if rule.code in on]
    judging = [rule for rule in active if subject.in_english or not rule.english]
    marks += [(rule, mark) for rule in judging if rule.check for mark in rule.check(subject)]
    suppressions = find_suppressions(source.text)
    lines = source.text.split("\n")
    prompt, apart = subject.routine.prompt, subject.routine.prompt_source
    apart_lines = [] if apart is None else apart.text.split("\n")
    used: set[tuple[int, str]] = set()
    for rule, mark in marks:
        if apart is not None and mark.path == ("prompt",):
            file, span = apart, locate_in_text(mark, prompt, apart_lines)
            covering = {source.line("prompt"), source.line("prompt", "file")}
        else:
            file, span = source, locate(mark, source, prompt, lines)
            covering = {span.line}
        by = [s for s in suppressions if any(s.covers(rule.code, line) for line in covering)]
        used |= {(s.line, selector) for s in by for selector in s.selectors if chosen(rule.code, [selector])}
        if not by:
            yield _alarm(rule, mark, span, subject, file)
    yield from _judge_suppressions(suppressions, used, on, rules, subject)


def _selected(codes: Iterable[str], settings: LintSettings, ignored: tuple[str, ...]) -> set[str]:
    """The codes that are on: the closer selector wins, and at equal distance to ignore wins."""
    return {
        code
        for code in codes
        if max(chosen(code, settings.select), chosen(code, settings.extend_select))
        > chosen(code, settings.ignore)
        and not chosen(code, ignored)
    }


def _alarm(rule: Rule, mark: Mark, span: Span, subject: Subject, file: Source) -> Alarm:
    """The alarm at a place of ``file``, the routine's own or its prompt's."""
    severity = subject.settings.severity.get(rule.code, rule.severity)
    edit = None
    if mark.fix is not None and span.exact:
        margin = "\n" + " " * (span.column - 1)
        edit = Edit(span.line, span.column, span.length, mark.fix.replace("\n", margin))
    finding = Finding(
        code=rule.code,
        message=mark.message,
        severity=severity,
        location=Location(file.file, span.line, span.column),
        hint=mark.hint,
        data={"length": span.length, "fixable": edit is not None, "routine": subject.routine.name},
    )
    return Alarm(finding, edit, subject.routine.source.file)


def _judge_suppressions(
    suppressions: Iterable[Suppression],
    used: set[tuple[int, str]],
    on: set[str],
    rules: Sequence[Rule],
    subject: Subject,
) -> Iterator[Alarm]:
    for suppression in suppressions:
        unknown = dict(unknown_selectors(suppression.selectors, rules))
        for selector in suppression.selectors:
            place = Span(suppression.line, suppression.column, len(suppression.words), exact=True)
            if selector in unknown:
                if unknown_code.code in on:
                    nearest = unknown[selector]
                    hint = (
                        f"did you mean {nearest}?" if nearest else "`routine-harness lint --rules` lists them"
                    )
                    mark = Mark(message=f"{selector!r} is no lint rule", words=suppression.words, hint=hint)
                    yield _alarm(unknown_code, mark, place, subject, subject.routine.source)
            elif (suppression.line, selector) not in used and unused_suppression.code in on:
                said = "anything" if selector == "ALL" else selector
                fix = _without(suppression, selector)
                mark = Mark(
                    message=f"this does not suppress {said}",
                    words=suppression.words,
                    hint="remove it",
                    fix=fix,
                )
                yield _alarm(unused_suppression, mark, place, subject, subject.routine.source)


def _without(suppression: Suppression, selector: str) -> str:
    """The directive without ``selector``; empty where nothing is left."""
    left = [other for other in suppression.selectors if other != selector]
    return suppression.words[: suppression.words.index("[")] + f"[{', '.join(left)}]" if left else ""


def failing(alarms: Iterable[Alarm]) -> bool:
    """Whether any alarm is an error."""
    return any(alarm.finding.severity is Severity.ERROR for alarm in alarms)
