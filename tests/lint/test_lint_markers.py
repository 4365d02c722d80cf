"""A marker in an HTML comment is named where a prompt looks for it, and nowhere else."""

from __future__ import annotations

import json

import pytest
from lint_fragments import subject

from routine_harness.lint.prompt_markers import stripped_markers

LOOKED_FOR = [
    "Read the comments of each open issue. If none of them carries the marker `<!-- t -->`, add one with it.",
    "Look for an open issue whose body contains `<!-- t -->`; if there is one, update it.",
    "Find the comment that starts with `<!-- t -->` and edit it.",
    "Every comment of yours carries the marker `<!-- t -->`. Skip an issue whose last marker is yours.",
    "Post a comment with `<!-- t -->`. Unless your marker is there already, comment on the pull request.",
    "Comment on the PR only if no existing comment has `<!-- t -->`.",
    "Begin your comment with `<!-- t -->` so that the next run can find it.",
    "Search the pull request's reviews for `<!-- t:v1 -->` before reviewing.",
    "If a comment with `<!-- t -->` already exists, stop.",
    "Skip issues that do not have a comment with `<!-- t -->`.",
    "Check whether the issue has a comment that includes `<!-- t -->`. If so, do nothing.",
    "Dedupe: list the issue comments and look for the hidden marker.\n```\n<!-- t -->\nHello\n```",
]
NOT_LOOKED_FOR = [
    "Post a comment that begins with `<!-- t -->`.",
    "If you comment, make sure that the comment contains `<!-- t -->`.",
    "When the build fails, your comment contains `<!-- t -->`.",
    "If the build fails, comment on the pull request with `<!-- t -->`.",
    "The last line of the comment must be `<!-- t -->`.",
    "Read the diff and post a comment with `<!-- t -->` at its end.",
    "Read the comments with `gh api repos/O/R/issues/1/comments`. If none carries `<!-- t -->`, add one.",
    "Find the block between `<!-- A -->` and `<!-- B -->` in README.md and replace it in a pull request.",
    "Check that the `<!-- mcp-name: x -->` comment in `README.md` equals the name; file an issue otherwise.",
    "List the Linear issue's comments. If none carries `<!-- t -->`, add one.",
    "Check each file for `<!-- generated -->` and skip it; open a pull request for the rest.",
    "<!-- Note: customise this -->\nFind the open issues and comment on them.",
    "Post at most one comment, no more than 10 lines, with `<!-- t -->`.",
    "Do not look for `<!-- t -->` comments; go by the author.",
    "Fetch the comments over REST (api.github.com) and look for `<!-- t -->`.",
    "```bash\ngh api repos/O/R/issues/12/comments\n```\nIf no comment carries `<!-- t -->`, add one.",
    "Record the latest SHA in your comment as `<!-- sha: X -->`.",
    "If any finding is severe, mark the comment with `<!-- severe -->`.",
    "Use the issue template:\n```\n<!-- describe -->\n```\nRead the open issues first.",
]


def _stripped(prompt: str, edition: str = "2026-10", repositories: str = "[github:acme/core]") -> list[str]:
    text = f"name: x\nrepositories: {repositories}\ntriggers: []\nprompt: {json.dumps(prompt)}\n"
    return [marker for marker, _ in stripped_markers(subject(text, edition=edition))]


@pytest.mark.parametrize("prompt", LOOKED_FOR)
def test_a_marker_that_is_looked_for_on_github_is_named(prompt: str) -> None:
    assert len(_stripped(prompt)) == 1


@pytest.mark.parametrize("prompt", NOT_LOOKED_FOR)
def test_a_marker_that_is_only_written_or_read_elsewhere_is_not(prompt: str) -> None:
    """Written for people, in files, in another service, or read by REST."""
    assert _stripped(prompt) == []


COMMENT = "Skip the issue if a comment carries `<!-- t -->`."
BODY = "Look for an issue whose body carries `<!-- t -->`."


@pytest.mark.parametrize(
    ("prompt", "edition", "named"),
    [
        (COMMENT, "2026-04", False),
        (COMMENT, "2026-08", True),
        (COMMENT, "2026-10", True),
        (BODY, "2026-04", True),
        (BODY, "2026-10", True),
    ],
)
def test_april_gives_the_comments_back(prompt: str, edition: str, named: bool) -> None:
    assert bool(_stripped(prompt, edition)) is named


def test_without_a_repository_nothing_is_read_from_github() -> None:
    assert _stripped(COMMENT, repositories="[]") == []
