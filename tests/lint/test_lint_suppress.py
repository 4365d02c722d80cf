"""Suppressions, selection and severity: what is reported, and what says that it is not needed."""

from __future__ import annotations

import pytest
from lint_fragments import codes, lint

from routine_harness.errors import SpecError
from routine_harness.lint.rule import chosen
from routine_harness.lint.settings import LintSettings
from routine_harness.lint.suppress import find_suppressions
from routine_harness.routine.document import load_document
from routine_harness.verdict.read_policy import parse_policy

HEAD = "name: example\nrepositories: [github:acme/core]\n"
END = "  You are done when each is read.\n"
PROMPT = "prompt: |{comment}\n  Read the issues since the last run. Never push.\n" + END
SCHEDULE = 'triggers:\n  - {{type: schedule, cron: "0 9 * * 1"}}{comment}\n'


def test_a_comment_beside_a_value_suppresses_on_its_line() -> None:
    """The rule that is named is silent there, and nothing else is."""
    text = HEAD + SCHEDULE.format(comment="  # rh: ignore[trigger.on-the-hour]") + PROMPT.format(comment="")
    assert codes(lint(text)) == ["prompt.assumes-memory"]


def test_a_comment_beside_the_prompt_holds_for_the_whole_block() -> None:
    """A prompt is no place for comments, so the line of its key speaks for all of its lines."""
    text = HEAD + PROMPT.format(comment="  # rh: ignore[prompt.assumes-memory]")
    assert codes(lint(text)) == []


def test_a_comment_above_a_line_holds_for_that_line() -> None:
    """Where a line is full, the comment stands above it."""
    text = HEAD + "# rh: ignore[prompt]\n" + PROMPT.format(comment="")
    assert codes(lint(text)) == []


def test_a_comment_can_hold_for_the_whole_file() -> None:
    """``ignore-file`` is for what is meant throughout."""
    text = "# rh: ignore-file[prompt.assumes-memory]\n" + HEAD + PROMPT.format(comment="")
    assert codes(lint(text)) == []


def test_a_bare_comment_suppresses_everything_on_its_line() -> None:
    """Without codes all rules are meant."""
    text = HEAD + PROMPT.format(comment="  # rh: ignore")
    assert codes(lint(text)) == []


def test_what_looks_like_a_comment_inside_a_prompt_is_text() -> None:
    """The prompt reaches the model whole; nothing in it speaks to lint."""
    text = HEAD + PROMPT.format(comment="").replace("Read", "# rh: ignore[prompt]\n  Read")
    assert codes(lint(text)) == ["prompt.assumes-memory"]


def test_a_suppression_that_suppresses_nothing_is_reported() -> None:
    """Each code that is not needed, by name and at its comment."""
    text = HEAD + PROMPT.format(comment="  # rh: ignore[prompt.assumes-memory, prompt.secret]")
    [alarm] = lint(text)
    assert alarm.finding.code == "lint.unused-suppression"
    assert "prompt.secret" in alarm.finding.message
    assert alarm.finding.location is not None
    assert alarm.finding.location.line == 3
    assert alarm.edit is not None
    assert alarm.edit.text == "# rh: ignore[prompt.assumes-memory]"


def test_a_suppression_of_no_rule_names_the_nearest_one() -> None:
    """A misspelt code is told, with what was probably meant."""
    alarms = lint(HEAD + PROMPT.format(comment="  # rh: ignore[prompt.assumes-memry]"))
    assert codes(alarms) == ["lint.unknown-code", "prompt.assumes-memory"]
    assert alarms[0].finding.hint == "did you mean prompt.assumes-memory?"


@pytest.mark.parametrize(
    ("settings", "reported"),
    [
        (LintSettings(), True),
        (LintSettings(select=("trigger",)), False),
        (LintSettings(select=("prompt",)), True),
        (LintSettings(ignore=("prompt",)), False),
        (LintSettings(select=("prompt.assumes-memory",), ignore=("prompt",)), True),
        (LintSettings(select=("prompt",), ignore=("prompt.assumes-memory",)), False),
        (LintSettings(select=("trigger",), extend_select=("prompt.assumes-memory",)), True),
        (LintSettings(per_file_ignores={"legacy/*": ("prompt",)}), False),
        (LintSettings(per_file_ignores={"other/*": ("prompt",)}), True),
    ],
)
def test_the_closer_selector_wins(settings: LintSettings, reported: bool) -> None:
    """A code beats its area, an area beats ALL, and at equal distance to ignore wins."""
    text = HEAD + PROMPT.format(comment="")
    found = codes(lint(text, settings=settings, file="legacy/routine.yaml"))
    assert ("prompt.assumes-memory" in found) is reported


def test_severity_can_be_set_for_a_folder() -> None:
    """What is a warning elsewhere fails here."""
    policy = parse_policy(load_document(b"lint: {severity: {prompt.assumes-memory: error}}\n", "policy.yaml"))
    settings = LintSettings(**policy.lint)
    [alarm] = lint(HEAD + PROMPT.format(comment=""), settings=settings)
    assert alarm.finding.fails


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("[]", "expected lint to be a mapping, found a list"),
        ("{selct: [ALL]}", "lint has no key 'selct'"),
        ("{recording_days: old}", "expected recording_days to be a whole number, found the text 'old'"),
        ("{severity: {prompt.secret: fatal}}", "expected prompt.secret to be one of"),
    ],
)
def test_malformed_settings_are_problems_of_the_policy(written: str, message: str) -> None:
    """Every mistake in ``lint:`` is named with its file and line."""
    with pytest.raises(SpecError) as caught:
        parse_policy(load_document(f"plan: team\nlint: {written}\n".encode(), "policy.yaml"))
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == ("policy.yaml", 2)
    assert message in caught.value.problems[0].message


def test_selectors_know_how_close_they_are() -> None:
    """ALL, an area, a code: one, two, three; another code: nothing."""
    assert [
        chosen("prompt.secret", [s]) for s in ("ALL", "prompt", "prompt.secret", "prompt.no-link", "pro")
    ] == [1, 2, 3, 0, 0]


def test_directives_are_found_with_their_reach() -> None:
    """Line, selectors and the lines that are covered."""
    [one] = find_suppressions("a: 1\nb: |  # rh: ignore[x.y, z] because\n  text\n  more\nc: 2\n")
    assert (one.line, one.selectors, one.first, one.last) == (2, ("x.y", "z"), 2, 4)
