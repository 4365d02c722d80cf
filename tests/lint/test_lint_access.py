"""What a routine may reach, as lint sees it."""

from __future__ import annotations

import pytest
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


@pytest.mark.parametrize(("edition", "said"), [("2026-08", False), ("2026-10", True)])
@pytest.mark.parametrize("relied_on", [".mcp.json", "PreToolUse hook"])
def test_the_edition_says_whether_two_repositories_lose_their_configuration(
    edition: str, said: bool, relied_on: str
) -> None:
    """Before October hooks and servers of several repositories were honoured."""
    text = TEXT.format(tools="list_issues").replace("Read the", f"Trust the {relied_on}. Read the")
    text += "repositories: [github:acme/core, github:acme/docs]\n"
    assert ("access.hooks-ignored" in codes(lint(text, edition=edition))) is said
