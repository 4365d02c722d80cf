"""False alarms over routines of others: every alarm on what is imported is listed and defended here."""

from __future__ import annotations

from pathlib import Path

import pytest
from lint_fragments import codes, lint

from routine_harness.interop.routine_files import Answers, import_routines

AGENTICS = {
    # waits for its fire endpoint instead of a finished workflow, whose run the prompt takes as known
    "ci-doctor": ["prompt.payload-ignored"],
    "cost-tracker": ["prompt.payload-ignored"],
    # waits for its fire endpoint instead of a comment with a command, which the prompt takes as known
    "grumpy-reviewer": ["prompt.payload-ignored"],
    # it has moved, so there is no prompt: nothing is prohibited, no end is named, no payload is read
    "daily-plan": ["prompt.no-prohibitions", "prompt.no-success", "prompt.payload-ignored"],
    "daily-team-status": ["prompt.no-prohibitions", "prompt.no-success", "prompt.payload-ignored"],
    # "create an issue … only when": the threshold is there, a look at open issues and an end are not
    "large-file-simplifier": ["prompt.creates-unchecked", "prompt.no-success"],
    # this one does start on the hour
    "markdown-linter": ["trigger.on-the-hour"],
    # adds a comment on each command, whatever it said before; and never says when it is done
    "pr-fix": ["prompt.creates-unchecked", "prompt.no-success", "prompt.payload-ignored"],
    # eleven numbered tasks with outputs of their own, and on the hour
    "repo-assist": ["prompt.several-jobs", "trigger.on-the-hour"],
    # closes and comments without looking at earlier comments; and never says when it is done
    "sub-issue-closer": ["prompt.creates-unchecked", "prompt.no-success"],
    # a template of another tool, which ours would leave in the prompt
    "unbloat-docs": ["prompt.unknown-placeholder"],
    # describes its output at length, and not when it is done; on the hour
    "weekly-repo-map": ["prompt.no-success", "trigger.on-the-hour"],
}
L337 = {
    # knows its comments by an HTML comment, and reads them by `gh issue` or GitHub's MCP server
    "ci-failure-responder": ["prompt.marker-stripped"],
    # these two do start on the hour
    "claude-model-deprecation-check": ["trigger.on-the-hour"],
    "glama-listing-drift-check": ["trigger.on-the-hour"],
}
HAMZAFER = {
    # ends in two branches, neither of which is called the end; opens pull request and issue by GraphQL
    "alert-triage": ["prompt.no-success", "prompt.refused-command", "prompt.refused-command"],
    # opens its pull request again every week
    "docs-drift": ["prompt.creates-unchecked", "trigger.on-the-hour"],
    # comments again on what it has commented on; lists, reads, reviews and comments by GraphQL
    "pr-reviewer": ["prompt.creates-unchecked", *["prompt.refused-command"] * 4, "trigger.on-the-hour"],
}
_REVIEW = [
    "prompt.no-prohibitions",  # "provide feedback", and a tool for inline comments
    "prompt.no-success",
    "trigger.bots",
    "trigger.drafts",
    "trigger.storm",  # synchronize
    "trigger.unfiltered",  # what the action filters by paths and authors has no counterpart
]
ACTIONS = {
    # waits for its fire endpoint instead of a failed workflow; pushes, and is forbidden nothing
    "ci-failure-auto-fix": ["prompt.no-prohibitions", "prompt.no-success", "prompt.payload-ignored"],
    "issue-deduplication": ["prompt.no-success"],  # two branches, neither of which is called the end
    # its condition on the author has become a filter
    "pr-review-filtered-authors": [
        rule for rule in _REVIEW if rule not in ("trigger.bots", "trigger.unfiltered")
    ],
    "pr-review-filtered-paths": _REVIEW,
}


@pytest.mark.parametrize(
    ("files", "count", "expected"),
    [
        ("gh-aw/*.md", 15, AGENTICS),
        ("routines/L337/*.yaml", 5, L337),
        ("routines/hamzafer/*.md", 3, HAMZAFER),
        ("routines/claude-code-action/*.yml", 4, ACTIONS),
    ],
    ids=["gh-aw", "L337", "hamzafer", "claude-code-action"],
)
def test_what_is_imported_raises_true_alarms_alone(
    shared_data: Path, files: str, count: int, expected: dict[str, list[str]]
) -> None:
    """The alarms on imported routines are those that are defended above."""
    answers = Answers(("acme/core",), "2026-10", "schedule")
    paths = sorted(shared_data.glob(files))
    found = {}
    for path in paths:
        [imported] = import_routines({path.name: path.read_bytes()}, answers)
        found[path.stem] = sorted(codes(lint(imported.texts["routine.yaml"])))
    assert {name: alarms for name, alarms in found.items() if alarms} == expected
    assert len(paths) == count


def test_the_routine_of_the_articles(shared_data: Path) -> None:
    """The routine that never looks before it writes is told so, among all else that it lacks."""
    text = (shared_data / "articles" / "routine-config.yaml").read_text()
    assert sorted(codes(lint(text))) == [
        "prompt.creates-unchecked",
        "prompt.no-success",
        "prompt.no-threshold",
        "trigger.bots",
        "trigger.drafts",
        "trigger.storm",
    ]


def test_the_examples_are_clean(project: Path) -> None:
    """The project's own routines, several jobs in one report included, raise no alarm of their text."""
    for file in sorted((project / "example_routines").glob("*/routine.yaml")):
        assert codes(lint(file.read_text(), file=file.name)) == [], file.parent.name
