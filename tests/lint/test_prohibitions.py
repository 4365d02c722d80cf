"""What a prompt forbids is read once, for lint and for the policy that an import draws."""

from __future__ import annotations

from typing import Any

import pytest

from routine_harness.lint.prohibitions import forbid_of, prohibitions_of, unheld_of
from routine_harness.routine.document import load_document
from routine_harness.routine.yaml_writer import yaml_text
from routine_harness.verdict.read_policy import parse_policy

SAID = ("message.posted", "message.scheduled")
REPORTED = (*SAID, "comment.created", "ticket.created")
READ_ONLY = ("*",)
PUSHED = ("branch.pushed", "branch.created")
MERGED = ("pull_request.merged",)


@pytest.mark.parametrize(
    ("prompt", "rules"),
    [
        ("This routine is read-only.", [(READ_ONLY, {})]),
        ("You are READ-ONLY on GitHub: never commit.", [(READ_ONLY, {"connector": "github"})]),
        (
            "You are READ-ONLY: never open a PR. Report to Slack\n  only.",
            [
                (READ_ONLY, {"connector": {"is_not_one_of": ["slack"]}}),
                (REPORTED, {"connector": {"not": "slack"}}),
            ],
        ),
        ("Slack only. List the deploys.", [(REPORTED, {"connector": {"not": "slack"}})]),
        ("Post to #ops only.", [(SAID, {"channel": {"is_not_one_of": ["ops"]}})]),
        ("Never merge anything, including your own PR.", [(MERGED, {})]),
        ("Do not push.", [(PUSHED, {})]),
        ("Don't push, merge or deploy.", [((*PUSHED, *MERGED), {})]),
        ("Never push to `main` or `release/**`.",
         [(("branch.pushed",), {"branch": {"any_of": ["main", {"starts_with": "release/"}]}})]),
        ("Push only to `claude/docs-*`.",
         [(("branch.pushed",), {"branch": {"not": {"starts_with": "claude/docs-"}}})]),
        ("Do not open an issue or a PR.", [(("pull_request.created", "ticket.created"), {})]),
        ("Never run `deploy.yml`.", [(("workflow.started",), {"workflow": "deploy.yml"})]),
        ("Never commit to main.", [(("branch.pushed",), {"branch": "main"})]),
        ("The run must be read-only.", [(READ_ONLY, {})]),
        ("Stay read-only.", [(READ_ONLY, {})]),
        ("Never send e-mails.", [(SAID, {"connector": "gmail"})]),
        ("Never:\n- merge a pull request\n- push to `main`\n",
         [(MERGED, {}), (("branch.pushed",), {"branch": "main"})]),
    ],
)  # fmt: skip
def test_a_prohibition_is_a_rule_that_quotes_its_sentence(
    prompt: str, rules: list[tuple[tuple[str, ...], dict[str, Any]]]
) -> None:
    """Kinds and targets are those of the sentence, and a policy takes the rule as it is written."""
    found = forbid_of(prompt)
    kinds = [
        (each["effect"],) if isinstance(each["effect"], str) else tuple(each["effect"]) for each in found
    ]
    assert [(kind, each.get("where", {})) for kind, each in zip(kinds, found, strict=True)] == rules
    for each, said in zip(found, prohibitions_of(prompt), strict=False):
        assert each["reason"].startswith("the prompt says: ")
        assert said.sentence.text in prompt
    parse_policy(load_document(yaml_text({"forbid": found}).encode(), "policy.yaml"))


@pytest.mark.parametrize(
    "prompt",
    [
        "Never merge a pull request unless its checks are green.",
        "If nothing was found, stop. Do not post to Slack.",
        "Nothing found:\n- do not post to Slack\n",
        "Do not open issues for flaky tests.",
        "Post to Slack #ops only if it failed.",
        "Push the fix. Do not push before the tests pass.",
        "Internal links go to Slack only.",
        "Do not comment twice.",
        "The database is read-only. Mend what the tests find.",
        "Your token is read-only on weekends.",
        "Never commit a secret.",
        "Do not modify anything. Post a comment with what you found.",
    ],
)
def test_what_holds_in_some_runs_alone_is_no_rule(prompt: str) -> None:
    """A condition, a target that no field shows, and what the prompt itself asks for elsewhere."""
    assert forbid_of(prompt) == []


def test_a_negation_ends_where_the_next_order_begins() -> None:
    """``do not push to main, open a pull request`` asks for the pull request."""
    assert [each["effect"] for each in forbid_of("Do not push to `main`, open a pull request.")] == [
        "branch.pushed"
    ]


def test_what_no_rule_says_is_listed() -> None:
    """Orders alone, not each sentence that denies something."""
    prompt = "Never touch files outside docs/. Silence never means success. Never merge."
    assert [each.text for each in unheld_of(prompt)] == ["Never touch files outside docs/."]
