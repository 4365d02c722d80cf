"""Findings on a terminal: source line and caret, colours on request, width respected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.finding import Finding, Location, Severity
from routine_harness.report.failure import fold_detail
from routine_harness.report.terminal import (
    render_concise,
    render_findings,
    render_statistics,
    render_total,
    window,
)
from routine_harness.report.text import cells

SOURCE = {"r.yaml": "name: x\nprompt: |\n  Post a summary to #platform every day.\n"}
FOUND = [
    Finding(
        code="prompt.no-link",
        message="the prompt posts, and no post is asked to carry a link",
        severity=Severity.WARNING,
        location=Location("r.yaml", 3, 3),
        hint="say what each post links to",
        data={"length": 14, "fixable": True},
    ),
    Finding(code="prompt.secret", message="a secret", location=Location("r.yaml", 1, 7), data={"length": 1}),
]


def test_a_finding_shows_its_line_and_words() -> None:
    """Grouped by file, in the order of lines, the words underlined."""
    assert render_findings(FOUND, SOURCE) == (
        "r.yaml\n\n"
        "  1:7  error  prompt.secret\n"
        "    a secret\n"
        "    1 | name: x\n"
        "      |       ^\n\n"
        "  3:3  warning  prompt.no-link [*]\n"
        "    the prompt posts, and no post is asked to carry a link\n"
        "    3 |   Post a summary to #platform every day.\n"
        "      |   ^^^^^^^^^^^^^^\n"
        "    hint: say what each post links to\n\n"
    )


def test_colours_only_on_request() -> None:
    """A file or a pipe gets none."""
    assert "\x1b" not in render_findings(FOUND, SOURCE)
    assert "\x1b[31;1m" in render_findings(FOUND, SOURCE, colour=True)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Long source lines are cut to a window around the words."""
    source = {"r.yaml": "x" * 500 + " secret " + "y" * 500}
    found = [Finding(code="a.b", message="m " * 80, location=Location("r.yaml", 1, 502), data={"length": 6})]
    lines = render_findings(found, source, width=width).splitlines()
    assert max(map(cells, lines)) <= width
    assert any("secret" in line for line in lines)


@given(st.text(max_size=200), st.integers(0, 220), st.integers(0, 220), st.integers(20, 100))
def test_a_window_holds_what_fits(line: str, start: int, length: int, room: int) -> None:
    """Never wider than its room, and the marked part lies inside."""
    text, at, marked = window(line, start, length, room)
    assert cells(text) <= room or text == line
    assert marked >= 0
    assert at + marked <= max(len(text), at)


def test_a_word_longer_than_the_line_gets_no_space() -> None:
    """Folded once: where a detail goes on further in, its long word is cut and nothing is put between."""
    word = '{"data":{"deleteRef":null},"errors":[{"type":"NOT_FOUND"}]}'
    head, *rest = fold_detail(f"  no message says so: {word}", 40)
    assert head == "  no message says so:"
    assert "".join(part.strip() for part in rest) == word
    assert max(map(len, rest)) <= 40


def test_one_line_each_for_editors() -> None:
    """file:line:column: code message."""
    assert render_concise(FOUND).splitlines()[0] == "r.yaml:1:7: prompt.secret a secret"


def test_statistics_count_by_rule() -> None:
    """The most frequent first, with what can be fixed marked."""
    assert render_statistics([*FOUND, FOUND[0]]) == "2  [*] prompt.no-link\n1  [ ] prompt.secret\n"


def test_the_total_says_what_there_is() -> None:
    """Errors, warnings, and how many can be fixed."""
    assert render_total(FOUND, count=2) == "1 error, 1 warning in 2 routines (1 can be fixed with --fix)\n"
    assert render_total([], count=1) == "All checks passed: 1 routine\n"


def test_a_source_that_is_gone_costs_only_the_excerpt() -> None:
    """A finding about a file that no longer exists is still shown."""
    assert "prompt.secret" in render_findings(FOUND, {})
    assert "1 |" not in render_findings(FOUND, {})
