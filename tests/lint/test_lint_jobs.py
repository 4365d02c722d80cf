"""How many jobs a prompt gives one run: phrasings that give several, and near misses that are one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from lint_fragments import lint

from routine_harness.lint.errands import errands_of, unlike
from routine_harness.lint.prose import split_sentences


def several(prompt: str) -> bool:
    text = yaml.safe_dump({"name": "x", "repositories": ["github:acme/core"], "prompt": prompt})
    return any(alarm.finding.code == "prompt.several-jobs" for alarm in lint(text))


def test_the_reported_phrasings(shared_data: Path) -> None:
    """What gives several jobs is found, in a sentence, a list, sections or a count; one job is not."""
    prompts = json.loads((shared_data / "reports" / "prompts.json").read_text())
    assert [prompt for prompt in prompts["several_jobs"] if not several(prompt)] == []
    assert [prompt for prompt in prompts["one_job"] if several(prompt)] == []


@pytest.mark.parametrize(
    "prompt",
    [
        "Fix flaky tests and rotate the API keys.",
        "Triage new issues. Then update the docs.",
        "Your duties:\n- Review pull requests\n- Prune stale branches\n- Answer questions in the forum",
        "Job 1: review open PRs.\nJob 2: bump dependencies.",
        "Bump the dependencies. While you are at it, triage the backlog.",
        "## Issues\nLabel the new issues.\n## Docs\nRefresh the docs.\n## Flags\nRemove old feature flags.",
        "Please do two things: close stale issues, and draft the newsletter.",
        "Every Monday, review open PRs; on Fridays, draft the release notes.",
    ],
)
def test_jobs_about_different_things_are_several(prompt: str) -> None:
    """They stand in one sentence, one after the other, in a list or under headings."""
    assert several(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "Fix the failing test and update the changelog.",
        "Fix the oldest bug, add a test and update the docs.",
        "Bump the dependencies and fix the tests that break.",
        "Review the pull request and label the issue it closes.",
        "Triage new issues and close the stale ones.",
        "Cut the release: update the changelog, tag the version, and publish the release notes.",
        "Deploy to staging and check the error rates.",
        "1. Fix the bug.\n2. Update the changelog.\n3. Open a pull request.",
        "Update the docs for merged pull requests and open a pull request.",
        "You may:\n- close issues\n- update pull requests",
        "Triage the new issues. Never update the docs and never delete branches.",
        "Check the alerts. If one is about costs, update the runbook.",
        "Update the README when the docs of a package change, and review your diff before you push.",
        "Triage the issues and review the pull requests, and post one combined report in #eng.",
    ],
)
def test_the_steps_of_one_job_are_none_of_their_own(prompt: str) -> None:
    """A step leans on what stands before it, accompanies it, is a condition, or ends in one report."""
    assert not several(prompt)


def test_what_accompanies_a_job_does_not_count() -> None:
    """A changelog counts beside two other jobs, and not beside one."""
    two = [e for s in split_sentences("Rotate the API keys and update the changelog.") for e in errands_of(s)]
    assert [errand.about for errand in two] == ["secrets", "documentation"]
    assert [errand.about for errand in unlike(two)] == ["secrets"]
    three = [
        e
        for s in split_sentences("Update the changelog, label issues, answer questions.")
        for e in errands_of(s)
    ]
    assert [errand.about for errand in unlike(three)] == ["issues", "discussions", "documentation"]
