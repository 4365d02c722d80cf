"""A command that the platform refuses is named with what works in its place, and no other one is."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

import json

import pytest
from lint_fragments import lint, subject

from routine_harness.lint.prompt_refused import refused_command
from routine_harness.lint.rule import Mark

REFUSED = [
    ("Open a draft pull request with `gh pr create --draft --title X`.", "gh pr create", "create_pull_request"),
    ("Run gh issue list --label bug and close what is done.", "gh issue list", "gh api repos/{owner}/{repo}/issues"),
    ("Use `gh pr merge 7 --squash` when the checks pass.", "gh pr merge", "merge"),
    ("Steps:\n```bash\ngh pr view 42 --json title\n```\nReport the title.", "gh pr view", "pull_request_read"),
    ("List them: `gh issue list --label ci-failure`.", "gh issue list", "list_issues"),
    ("Review with `gh pr review <number> --comment --body \"text\"`.", "gh pr review", "pull_request_review_write"),
    ("If you don't know, run `gh issue create -t X -b Y`.", "gh issue create", "issue_write"),
    ("Use `gh label list` to learn the labels.", "gh label list", "gh api repos/{owner}/{repo}/labels"),
    ("Compare with `gh release list`.", "gh release list", "gh api repos/{owner}/{repo}/releases"),
    ("Start it with `gh workflow run nightly.yml`.", "gh workflow run", "dispatches"),
    ("Find duplicates with `gh search issues crash`.", "gh search issues", "search_issues"),
    ("Find duplicates with `gh api 'search/issues?q=crash'`.", "gh api search/issues", "search_issues"),
    ("Ask `gh api graphql -f query='{viewer{login}}'`.", "gh api graphql", "REST"),
    ("Fetch https://api.github.com/search/code?q=x and count.", "https://api.github.com/search/code", "search_code"),
    ("First check `gh auth status`.", "gh auth status", "gh api user"),
    ("Use `gh pr` for everything on pull requests.", "gh pr", "REST"),
    ("Use `gh repo view acme/core` to read the description.", "gh repo view", "gh api repos/{owner}/{repo}`"),
]  # fmt: skip
FINE = [
    "Never use `gh pr merge`.",
    "If the checks are red, do not run `gh pr merge`.",
    "Do not run gh pr create; open the pull request with create_pull_request.",
    "Use `gh api repos/acme/core/pulls` to list them.",
    "Use `gh run list --status failure` and `gh run view 5 --log-failed`.",
    "Start it with `gh workflow run nightly.yml --ref main`.",
    "`gh pr` and `gh issue` are refused here: use `gh api`.",
    "List pull requests with `gh pr list`, or with the GitHub MCP tools.",
    "If `gh issue list` fails, read the issues with list_issues.",
    "Never do any of this:\n```bash\ngh pr merge 7\n```\nEnd then.",
    "```bash\n# not gh pr create\ngh api -X POST repos/acme/core/pulls -f title=x\n```\nEnd then.",
    "Read the file docs/gh pr.md.",
    "Use `gh pr list`. This environment has no `gh`: use the equivalent tools of the server.",
    "`gh` is not installed. Where the steps say `gh issue list`, list the issues otherwise.",
    "Do not: \n- run `gh issue close`\n- push to main",
    "Without `gh issue edit`, label the issue through the connector.",
]


def marks(prompt: str, *, edition: str = "2026-10", more: str = "") -> list[Mark]:
    text = f"name: x\nrepositories: [github:acme/core]\ntriggers: []\nprompt: {json.dumps(prompt)}\n{more}"
    assert refused_command.check is not None
    return list(refused_command.check(subject(text, edition=edition)))


@pytest.mark.parametrize(("prompt", "what", "instead"), REFUSED)
def test_a_refused_command_is_named_with_what_works(prompt: str, what: str, instead: str) -> None:
    [mark] = marks(prompt)
    assert f"`{what}`" in mark.message
    assert instead in mark.hint
    assert prompt[mark.offset :].startswith(mark.words.split()[0])


@pytest.mark.parametrize("prompt", FINE)
def test_what_is_forbidden_or_works_is_not(prompt: str) -> None:
    assert marks(prompt) == []


def test_it_goes_by_the_edition_and_the_environment() -> None:
    """April served them; a self-hosted environment and one without gh are nobody's business here; without
    the App no REST call is offered in the place of one."""
    prompt = REFUSED[0][0]
    assert marks(prompt, edition="2026-04") == []
    assert len(marks(prompt, edition="2026-08")) == 1
    assert marks(prompt, more="environment: {hosted: self}\n") == []
    assert marks(prompt, more="environment: {absent: [gh]}\n") == []
    without = "environment: {github: {app_installed: false}}\n"
    [mark] = marks(prompt, more=without)
    assert ("gh api" in mark.hint, "create_pull_request" in mark.hint) == (False, True)
    assert [one.message for one in marks("Look at `gh run list`.", more=without)]


def test_a_document_that_may_be_pinned_is_not_named() -> None:
    assert marks("Ask `gh api graphql -f query='{viewer{login}}'`.", edition="2026-08") == []


def test_each_command_is_named_once_as_a_warning() -> None:
    prompt = "Use `gh pr list`. Then `gh pr list --state all`. Then `gh pr diff 3`."
    found = lint(f"name: x\nrepositories: [github:acme/core]\ntriggers: []\nprompt: {json.dumps(prompt)}\n")
    refused = [one for one in found if one.finding.code == "prompt.refused-command"]
    assert [one.finding.fails for one in refused] == [False, False]
