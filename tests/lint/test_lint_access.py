"""What a routine may reach, as lint sees it."""

from __future__ import annotations

import pytest
from lint_fragments import codes, fragment_subject, lint, subject

from routine_harness.lint.registry import BUILT_IN
from routine_harness.lint.run import check_routines

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


RULESET = """
name: x
cases:
  one:
    trigger: {{manual: {{}}}}
    world:
      github:
        {table}
"""


@pytest.mark.parametrize(
    ("ruleset", "said"),
    [
        (
            "{bypass_actors: [{actor_type: RepositoryRole, actor_id: 5, bypass_mode: always}]}",
            "a role",
        ),
        ("{bypass_actors: [{actor_type: User}, {actor_type: OrganizationAdmin}]}", "a user and the owners"),
        ("{current_user_can_bypass: always}", "the connected account"),
        ("{current_user_can_bypass: pull_requests_only}", "the connected account"),
        ("{current_user_can_bypass: never, bypass_actors: [{actor_type: OrganizationAdmin}]}", ""),
        ("{bypass_actors: [{actor_type: Integration, bypass_mode: always}, {actor_type: DeployKey}]}", ""),
        ("{enforcement: disabled, bypass_actors: [{actor_type: OrganizationAdmin}]}", ""),
        ("{target: tag, bypass_actors: [{actor_type: OrganizationAdmin}]}", ""),
        ("{bypass_actors: []}", ""),
    ],
)
def test_a_ruleset_that_the_account_may_bypass_is_told(ruleset: str, said: str) -> None:
    """Whoever may be the routine's account is named; apps, tags and what is switched off are not."""
    row = ruleset.replace("{", "{repository: acme/core, id: 1, name: main, ", 1)
    for table in (f"rulesets: [{row}]", f"repositories: [{{full_name: acme/core, rulesets: [{row}]}}]"):
        fragment = RULESET.format(table=table)
        found = check_routines([fragment_subject(fragment)], BUILT_IN)
        told = [a.finding.message for a in found if a.finding.code == "access.owner-bypasses"]
        assert len(told) == bool(said)
        assert said in "".join(told)
