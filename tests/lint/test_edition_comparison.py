"""Which routines a change of the platform's rules reaches is read from their files."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from lint_fragments import subject

from routine_harness.lint import edition_reach
from routine_harness.lint.edition_comparison import compare_editions
from routine_harness.lint.edition_reach import reader_of
from routine_harness.lint.registry import BUILT_IN
from routine_harness.routine.edition import load_edition
from routine_harness.routine.edition_changes import Change, FieldChange

PROMPT = "Look at the repository. Never push to main. You are done when it has been read."


def _routine(triggers: str = "[]", prompt: str = PROMPT, repositories: str = "[github:acme/core]") -> str:
    quoted = msgspec.json.encode(prompt).decode()
    return f"name: x\nrepositories: {repositories}\ntriggers: {triggers}\nprompt: {quoted}\n"


def _reached(text: str, overrides: dict[str, Any] | None = None, before: str = "2026-04") -> dict[str, str]:
    subjects = [subject(text)]
    found = compare_editions(before, "2026-10", subjects, [overrides or {}], BUILT_IN)
    return {reach.rule: reach.why for reach in found.routines[0].reaches}


WEEKLY = '[{type: schedule, cron: "7 6 * * 1"}]'
ON_OPENED = "{type: github, events: [pull_request.opened]"


@pytest.mark.parametrize(
    ("triggers", "rule", "why"),
    [
        (WEEKLY, "limits.scheduled-per-account", "it is started by a schedule"),
        (WEEKLY, "schedule", "it is started by a schedule"),
        ("[{type: api}]", "limits.api-per-account", "it is started by requests"),
        ("[{type: api}]", "payload", "it is started by requests"),
        (f"[{ON_OPENED}}}]", "limits.runs-per-day", "it is started by events of GitHub"),
        (
            f"[{ON_OPENED}, filters: [{{field: from_fork, operator: equals, value: false}}]}}]",
            "filter_fields.from_fork",
            "its filter from_fork equals",
        ),
    ],
)
def test_triggers_say_which_limits_and_filters_reach_a_routine(triggers: str, rule: str, why: str) -> None:
    assert _reached(_routine(triggers))[rule] == why
    assert rule not in _reached(_routine())


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("Fix it and push the branch.", "push"),
        ("Read the open issues.", "settings.sanitised_reads"),
        ("List them with `gh pr list`.", "settings.graphql"),
        ("Search with `gh search issues flaky`.", "settings.account_search"),
        (
            "Compare with https://github.com/other/project and say what differs.",
            "settings.other_repositories",
        ),
        ("Delete the merged branches.", "settings.ref_deletion"),
    ],
)
def test_what_the_prompt_asks_for_says_what_reaches_it(prompt: str, rule: str) -> None:
    assert rule in _reached(_routine(prompt=prompt))


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("Never push a branch.", "push"),
        ("Post the weather to #general.", "settings.sanitised_reads"),
        ("Show it with `gh run view 7`.", "settings.graphql"),
        ("Never use `gh pr merge`.", "settings.graphql"),
        ("Compare with https://github.com/acme/core/pull/7.", "settings.other_repositories"),
        ("Never delete a branch.", "settings.ref_deletion"),
    ],
)
def test_what_it_forbids_or_does_not_speak_of_does_not(prompt: str, rule: str) -> None:
    assert rule not in _reached(_routine(prompt=prompt))


def test_a_refused_command_is_named_by_the_rule_and_by_lint() -> None:
    reached = _reached(_routine(prompt="List them with `gh pr list`."))
    assert reached["settings.graphql"] == "its prompt names `gh pr list`, which goes by GraphQL"
    assert "gh pr list" in reached["lint.prompt.refused-command"]


def test_a_stripped_marker_is_named_by_the_rule_and_by_lint() -> None:
    text = _routine(prompt="Read the issue. Stop if a comment carries `<!-- t -->`.")
    reached = _reached(text)
    assert reached["settings.sanitised_reads"] == "it looks for <!-- t -->, which is stripped"
    assert "<!-- t --> is stripped" in reached["lint.prompt.marker-stripped"]
    assert not any(rule.startswith("lint.") for rule in _reached(text, before="2026-08"))


def test_the_number_of_repositories_decides_whose_settings_are_honoured() -> None:
    one = _reached(_routine())["repository_settings"]
    two = _reached(_routine(repositories="[github:acme/core, github:acme/web]"))["repository_settings"]
    assert "plugins" in one
    assert "hooks" not in one
    assert "hooks, servers, plugins" in two
    assert "repository_settings" not in _reached(_routine(repositories="[]"))


def test_what_the_policy_answers_does_not_change() -> None:
    text = _routine(prompt="Read the open issues.")
    assert "settings.sanitised_reads" not in _reached(text, {"settings": {"sanitised_reads": "nothing"}})


def test_an_override_that_one_edition_lacks_is_said() -> None:
    reached = _reached(_routine(), {"limits": {"runs-per-day": 40}})
    assert reached["policy"].startswith("its policy does not fit 2026-10: unknown limit 'runs-per-day'")


def test_a_rule_that_no_file_tells_of_is_said_to_be_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is claimed of the routines where nobody reads whom a rule reaches."""
    monkeypatch.delitem(edition_reach._READERS, "payload")
    found = compare_editions("2026-04", "2026-10", [subject(_routine("[{type: api}]"))], [{}], BUILT_IN)
    assert "payload" in found.unread
    assert "payload" not in {reach.rule for reach in found.routines[0].reaches}
    assert "push" not in found.unread


@pytest.mark.parametrize("setting", sorted(load_edition("2026-10").settings))
def test_a_setting_is_read_or_unread(setting: str) -> None:
    """Whatever a setting is about, asking whom it reaches gives words, and never fails."""
    values = (FieldChange("value", "served", "refused"),)
    change = Change(rule=f"settings.{setting}", kind="changed", fields=values, source="", trust="OBS")
    reader = reader_of(change)
    triggers = "[{type: api}, {type: github, events: [issues.opened]}]"
    assert reader is None or isinstance(reader(subject(_routine(triggers)), change), str)
