"""Prompt and policy together: a promise to read alone, and what one says and the other denies."""

from __future__ import annotations

import pytest
import yaml
from lint_fragments import fragment_subject

from routine_harness.lint.registry import BUILT_IN
from routine_harness.lint.run import check_routines

ABOUT = ("access.read-only-unproved", "policy.contradicts-prompt")


def told(prompt: str, policy: dict[str, object], **more: object) -> list[str]:
    subject = fragment_subject(yaml.safe_dump({"prompt": prompt, "policy": policy, **more}))
    found = [alarm.finding.code for alarm in check_routines([subject], BUILT_IN)]
    return [code for code in found if code in ABOUT]


@pytest.mark.parametrize(
    "prompt",
    [
        "This routine is read-only.",
        "Read-only: list the open issues.",
        "List the open issues. Do not change anything.",
        "Never write or edit anything.",
        "A read only review of the code.",
    ],
)
def test_a_promise_to_read_alone_is_held_or_told(prompt: str) -> None:
    """Policy, cases or grants hold it; a rule about something else does not."""
    assert told(prompt, {}) == ["access.read-only-unproved"]
    assert told(prompt, {"forbid": [{"effect": "message.posted"}]}) == ["access.read-only-unproved"]
    assert told(prompt, {"forbid": [{"effect": "*"}]}) == []
    assert told(prompt, {"forbid": [{"effect": "branch.pushed"}]}) == []
    quiet = {"one": {"trigger": {"schedule": {}}, "expect": {"nothing": True}}}
    assert told(prompt, {}, cases=quiet) == []
    reading = [{"connector": "linear", "tools": {"allow": ["list_issues"]}}]
    assert told(prompt, {}, repositories=[], connectors=reading) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "Use a read-only token.",
        "Mount the volume read-only.",
        "Do not change the title.",
        "Never touch anything but `docs/`.",
    ],
)
def test_what_else_is_read_only_is_no_promise(prompt: str) -> None:
    """A token, a volume, one field."""
    assert told(prompt, {}) == []


@pytest.mark.parametrize(
    ("prompt", "policy"),
    [
        ("Never merge a pull request.", {"allow": ["pull_request.merged"]}),
        ("Fix it. Do not merge.", {"allow": ["pull_request.merged"]}),
        ("Never create a release.", {"allow": ["release.created"]}),
        ("Do not approve the pull request.", {"allow": ["review.approved"]}),
        ("Create a release when all is green.", {}),
        ("Create a release when all is green.", {"forbid": [{"effect": "release.created"}]}),
        ("Approve the pull request when all is green.", {}),
    ],
)
def test_what_one_says_and_the_other_denies(prompt: str, policy: dict[str, list[object]]) -> None:
    """Allowed against the prompt, or asked for against the policy, the default policy among it."""
    allow = [
        {"effect": each, "reason": "r", "owner": "o", "expires": "2027-01-01"}
        for each in policy.get("allow", [])
    ]
    assert told(prompt, {"root": True, **policy, "allow": allow}) == ["policy.contradicts-prompt"]


@pytest.mark.parametrize(
    ("prompt", "allowed"),
    [
        ("Never merge a pull request unless its checks are green.", "pull_request.merged"),
        ("Create a release when all is green.", "release.created"),
        ("Never close an issue.", "release.created"),
    ],
)
def test_what_agrees(prompt: str, allowed: str) -> None:
    """A prohibition of some cases, an act that is allowed, and acts that have nothing to do with it."""
    entry = {"effect": allowed, "reason": "r", "owner": "o", "expires": "2027-01-01"}
    assert told(prompt, {"root": True, "allow": [entry]}) == []
