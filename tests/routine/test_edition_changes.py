"""Two editions of the platform's rules, compared rule by rule."""

from __future__ import annotations

import pytest

from routine_harness.routine.edition import EDITIONS, load_edition
from routine_harness.routine.edition_changes import Change, FieldChange, changes_between


def _between(before: str, after: str) -> dict[str, Change]:
    return {change.rule: change for change in changes_between(load_edition(before), load_edition(after))}


def test_a_rule_that_says_something_else_is_named_with_both_and_its_source() -> None:
    push = _between("2026-04", "2026-10")["push"]
    assert push.kind == "changed"
    assert FieldChange("rule", "claude-only", "repository") in push.fields
    assert (push.trust, push.source) == ("DOC", load_edition("2026-10").sources["docs-2026-10"])


def test_limits_come_and_go_by_name() -> None:
    found = _between("2026-04", "2026-10")
    assert found["limits.runs-per-day"].kind == "removed"
    assert found["limits.started-per-routine"].kind == "added"
    amount = {field.field: field.after for field in found["limits.started-per-routine"].fields}["amount"]
    assert amount == 30


def test_a_setting_changes_with_its_default() -> None:
    setting = _between("2026-04", "2026-08")["settings.sanitised_reads"]
    assert setting.fields == (FieldChange("value", "titles_and_bodies", "everything"),)
    assert setting.about
    assert setting.note
    assert setting.trust == "OBS"


def test_a_wording_changes_line_by_line() -> None:
    lines = next(one for one in _between("2026-04", "2026-10")["payload"].fields if one.field == "lines")
    assert len(lines.before) < len(lines.after)


def test_a_setting_that_is_answered_alike_does_not_change() -> None:
    answered = {"settings": {"sanitised_reads": "everything"}}
    before, after = (load_edition(name, answered) for name in ("2026-04", "2026-10"))
    assert "settings.sanitised_reads" not in {change.rule for change in changes_between(before, after)}


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_edition_does_not_differ_from_itself(edition: str) -> None:
    assert _between(edition, edition) == {}


def test_backwards_what_came_is_gone() -> None:
    there, back = _between("2026-04", "2026-10"), _between("2026-10", "2026-04")
    assert there.keys() == back.keys()
    opposite = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {rule: opposite[change.kind] for rule, change in there.items()} == {
        rule: change.kind for rule, change in back.items()
    }


def test_only_where_a_rule_is_known_from_is_no_change() -> None:
    """``filter_fields.author`` is documented in both, in texts of other dates."""
    before, after = load_edition("2026-04"), load_edition("2026-10")
    assert before.filter_fields["author"].source != after.filter_fields["author"].source
    assert "filter_fields.author" not in _between("2026-04", "2026-10")
