"""Every rule's documentation is true: its bad fragment is reported, its good one is not."""

from __future__ import annotations

import pytest
from lint_fragments import fragment_subject

from routine_harness.lint.registry import BUILT_IN
from routine_harness.lint.rule import CODE, Rule
from routine_harness.lint.run import check_routines


def reported(rule: Rule, *fragments: str) -> list[str]:
    subjects = [fragment_subject(fragment) for fragment in fragments]
    alarms = check_routines(subjects, BUILT_IN)
    return [alarm.finding.code for alarm in alarms if alarm.finding.code == rule.code]


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.code)
def test_the_bad_fragment_is_reported(rule: Rule) -> None:
    """What the page shows as bad is what the rule reports; a rule over folders sees it many times."""
    copies = 101 if rule.check_folder else 1
    assert reported(rule, *[rule.bad] * copies)


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.code)
def test_the_good_fragment_is_not_reported(rule: Rule) -> None:
    """What the page shows as good is let through, beside the bad one where a rule compares routines."""
    assert reported(rule, *([rule.bad] if rule.check_folder else []), rule.good) == []


def test_codes_are_unique_and_well_formed() -> None:
    """A code is area.kebab-case and names one rule."""
    names = [rule.code for rule in BUILT_IN]
    assert len(set(names)) == len(names)
    assert all(CODE.fullmatch(name) for name in names)
