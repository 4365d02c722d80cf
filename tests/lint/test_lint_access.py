"""What a routine may reach, as lint sees it."""

from __future__ import annotations

from lint_support import codes, lint, subject

TEXT = """name: example
connectors:
  - {{connector: linear, binding: Platform, tools: {{allow: [{tools}]}}}}
prompt: |
  Read the tickets of the Linear team. You are done when each has been read.
"""


def test_a_grant_of_reads_alone_needs_no_prohibition() -> None:
    """Where nothing can be written, nothing has to be forbidden."""
    assert codes(lint(TEXT.format(tools="list_issues, get_issue"))) == []
    assert codes(lint(TEXT.format(tools="list_issues, save_issue"))) == ["prompt.no-prohibitions"]


def test_github_is_granted_by_repositories() -> None:
    """It stands among the connectors, first."""
    text = TEXT.format(tools="list_issues") + "repositories: [github:acme/core]\n"
    assert subject(text).granted == ("github", "linear")
    assert subject(text).writes_to == ("github",)
