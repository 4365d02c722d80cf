"""Fixes: what is mended mechanically is gone afterwards, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from lint_fragments import codes, lint

from routine_harness.lint.fix import apply_edits
from routine_harness.lint.registry import BUILT_IN
from routine_harness.lint.run import Edit

FIXTURES = Path(__file__).parents[2] / "fixtures" / "lint"
FIXABLE = sorted(rule.code for rule in BUILT_IN if rule.fixable)


def bad_text(code: str) -> str:
    file = FIXTURES / code / "bad.yaml"
    return (file if file.exists() else FIXTURES / code / "bad" / "routine.yaml").read_text()


@pytest.mark.parametrize("code", [code for code in FIXABLE if code != "prompt.unknown-placeholder"])
def test_a_fix_mends_its_own_finding_and_makes_no_other(code: str) -> None:
    """After the fix the file parses, and lint is silent about it."""
    text = bad_text(code)
    edits = [alarm.edit for alarm in lint(text) if alarm.edit]
    fixed, count = apply_edits(text, edits)
    assert count == 1
    assert codes(lint(fixed)) == []


def test_a_misspelt_placeholder_is_mended_and_an_unknown_one_is_left() -> None:
    """Only what is close to a known one has an obvious fix."""
    text = bad_text("prompt.unknown-placeholder")
    assert [alarm.edit for alarm in lint(text)] == [None]
    near = text.replace("repo_name", "repositry")
    fixed, _ = apply_edits(near, [alarm.edit for alarm in lint(near) if alarm.edit])
    assert "{{repository}}" in fixed
    assert codes(lint(fixed)) == []


def test_a_setup_script_keeps_its_margin() -> None:
    """The line that is put in stands where the others stand."""
    text = bad_text("access.setup-unchecked")
    fixed, _ = apply_edits(text, [alarm.edit for alarm in lint(text) if alarm.edit])
    assert "  setup: |\n    set -euo pipefail\n    pip install" in fixed


def test_overlapping_edits_wait_for_the_next_round() -> None:
    """Of two edits at one place the later one is applied; the other is made again from what is there."""
    text, count = apply_edits("abcdef\n", [Edit(1, 1, 4, "X"), Edit(1, 3, 2, "Y")])
    assert (text, count) == ("abYef\n", 1)


def test_an_edit_beyond_the_file_is_left_out() -> None:
    """A finding about a line that is gone mends nothing."""
    assert apply_edits("a\n", [Edit(9, 1, 1, "x")]) == ("a\n", 0)
