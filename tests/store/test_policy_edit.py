"""Named exceptions that init and import write: what a prompt mandates, in the outermost policy."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from routine_harness.errors import SpecError
from routine_harness.interop.routine_files import import_routines
from routine_harness.interop.routine_folders import write_routines
from routine_harness.lint.mandates import mandates_of
from routine_harness.store.policies import load_policy
from routine_harness.store.policy_edit import name_mandates, with_allows

ENTRY = {"effect": "release.created", "routines": ["r"], "reason": "the prompt says: Cut a release."}
MANDATES = [
    ("Approve the pull request if all checks pass.", ["review.approved"]),
    ("Never approve the pull request.", []),
    ("Wait until somebody has approved.", []),
    ("Push the fix to `docs/auto`.", ["branch.pushed"]),
    ("Push the fix to `claude/auto`.", []),
    ("Never push to `main`.", []),
    ("Branch name MUST match `ci-fix/<short>`, which you can push.", ["branch.pushed"]),
    ("Dispatch deploy.yml when the tag is there.", ["workflow.started"]),
    ("Look at the runs of deploy.yml.", []),
    ("Then create a draft release with the notes.", ["release.created"]),
    ("Draft release notes into CHANGELOG.md.", []),
    ("If a release was published, say so.", []),
    ("Send me a push notification when it fails.", ["notification.sent"]),
]


@pytest.mark.parametrize(("prompt", "kinds"), MANDATES)
def test_a_mandate_is_asked_for_and_not_mentioned(prompt: str, kinds: list[str]) -> None:
    """What is negated, named, or done by others is none."""
    found = mandates_of(prompt)
    assert [mandate.kind for mandate in found] == kinds
    assert all(mandate.sentence == prompt for mandate in found)


def test_a_branch_is_named_as_far_as_the_prompt_does() -> None:
    """A part that the run fills in leaves what stands before it."""
    [mandate] = mandates_of("Push to `ci-fix/<issue>`.")
    assert mandate.permit("fixer") == {
        "effect": ["branch.pushed", "branch.created"],
        "where": {"branch": {"starts_with": "ci-fix/"}},
        "routines": ["fixer"],
        "reason": "the prompt says: Push to `ci-fix/<issue>`.",
    }


POLICIES = [
    "",
    "root: true\n",
    "root: true",
    "allow:\nroot: true\n",
    "allow: []\n",
    "allow: [{effect: ticket.deleted, reason: r}]\nroot: true\n",
    "allow:\n- {effect: ticket.deleted, reason: r}\nroot: true\n",
    "# why\nallow:  # these\n    # first\n    - effect: ticket.deleted\n      reason: r\nplan: pro\n",
]


@pytest.mark.parametrize("text", POLICIES)
def test_an_entry_is_added_without_touching_the_rest(text: str) -> None:
    """Every line that was there is there, in its order, and the entry stands among the others."""
    edited = with_allows(text, [ENTRY])
    before, after = yaml.safe_load(text) or {}, yaml.safe_load(edited)
    assert after["allow"] == [ENTRY, *(before.get("allow") or [])]
    assert {**after, "allow": None} == {**before, "allow": None}
    assert text.count("#") == edited.count("#")


def test_a_policy_in_json_stays_json() -> None:
    """The entry stands in front."""
    assert '"root": true' in with_allows('{"root": true}', [ENTRY], "policy.json")


def test_a_policy_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    """Its problem is told with its line."""
    (tmp_path / "policy.yaml").write_text("root: true\nforbid: [x.y]\n")
    with pytest.raises(SpecError, match=r"policy.yaml:2: unknown effect"):
        name_mandates({"r": "Approve the PR."}, tmp_path / "r", {})


def test_import_writes_the_named_allow_into_the_outermost_policy(tmp_path: Path, shared_data: Path) -> None:
    """The real routine that pushes to ``ci-fix/`` gets its exception, with the sentence."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "policy.yaml").write_text("root: true\nplatform: 2026-10  # ours\n")
    file = shared_data / "routines" / "L337" / "ci-failure-responder.yaml"
    write_routines(import_routines({file.name: file.read_bytes()}), tmp_path / "routines" / "ci")
    assert "platform: 2026-10  # ours" in (tmp_path / "policy.yaml").read_text()
    [permit] = load_policy(tmp_path / "routines" / "ci").allow
    assert permit.routines == ("ci-failure-responder",)
    assert permit.kinds == ("branch.pushed", "branch.created")
    assert "Branch name MUST match `ci-fix/<short-description>`" in permit.reason


def test_without_a_policy_one_is_written_beside_the_routine(tmp_path: Path, shared_data: Path) -> None:
    """The folder that is imported into holds it; a prompt that mandates nothing writes none."""
    (tmp_path / ".git").mkdir()
    folder = shared_data / "routines" / "L337"
    for name, written in (("ci-failure-responder", True), ("glama-listing-drift-check", False)):
        home = tmp_path / name
        data = (folder / f"{name}.yaml").read_bytes()
        write_routines(import_routines({f"{name}.yaml": data}), home)
        assert bool(load_policy(home).allow) is written
