"""The project's own webhook deliveries: the shapes of real ones, about a repository that is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness.routine.edition import load_edition
from routine_harness.trigger.payload import narrow

WEBHOOKS = Path(__file__).parents[2] / "fixtures" / "webhooks"
FILES = sorted(WEBHOOKS.glob("*.json"))


def load(path: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return body


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_delivery_is_named_after_its_event_and_reads_as_one(file: Path) -> None:
    """Its action is the one in its name, the platform knows the event, triggers can read it."""
    noun, action = file.name.split(".")[:2]
    body = load(file)
    assert body["action"] == action
    assert f"{noun}.{action}" in load_edition().event_names
    assert body["repository"]["full_name"] == "acme-platform/core-api"
    assert narrow(body).action == action


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_delivery_has_every_field_of_a_real_one(file: Path, shared_data: Path) -> None:
    """Body, subject, repository and users have at least the keys of a recorded delivery."""
    noun, action = file.name.split(".")[:2]
    folder = shared_data / "webhooks" / noun
    real_file = folder / f"{action}.payload.json"
    if not real_file.exists():
        real_file = min(folder.glob("*.payload.json"))
    real, ours = load(real_file), load(file)
    subject = "issue" if noun == "issues" else noun
    per_action = {"changes", "label", "requested_reviewer", "before", "after"}
    assert set(real) - per_action <= set(ours)
    of_pulls = {"draft"} if subject == "issue" else set()  # an issue has it where it is a pull request
    for part in (subject, "repository", "sender"):
        assert set(real[part]) - of_pulls <= set(ours[part]), part
    assert set(real["repository"]["owner"]) <= set(ours["repository"]["owner"])


def test_the_deliveries_tell_one_story() -> None:
    """The same pull request is opened, pushed to and merged."""
    opened, pushed, closed = (
        load(WEBHOOKS / f"pull_request.{action}.json") for action in ("opened", "synchronize", "closed")
    )
    assert opened["pull_request"]["id"] == pushed["pull_request"]["id"] == closed["pull_request"]["id"]
    assert pushed["before"] == opened["pull_request"]["head"]["sha"]
    assert pushed["after"] == pushed["pull_request"]["head"]["sha"] == closed["pull_request"]["head"]["sha"]
    assert closed["pull_request"]["merged"] is True
