"""False alarms over routines of others: every alarm is listed, and each is defended here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from lint_support import codes, foreign_prompt, lint

L337 = {
    "apt-channel-serving-check": [],
    "ci-failure-responder": [],
    # these two do start on the hour
    "claude-model-deprecation-check": ["trigger.on-the-hour"],
    "glama-listing-drift-check": ["trigger.on-the-hour"],
    # fetches registry.modelcontextprotocol.io, and its file lists no host at all
    "mcp-registry-marker-drift": ["access.host-blocked"],
}
AGENTICS = {
    # "create an issue … only when": the threshold is there, a look at open issues and an end are not
    "large-file-simplifier": ["prompt.creates-unchecked", "prompt.no-success"],
    # adds a comment on each command, whatever it said before; and never says when it is done
    "pr-fix": ["prompt.creates-unchecked", "prompt.no-success"],
    # eleven numbered tasks with outputs of their own
    "repo-assist": ["prompt.several-jobs"],
    # closes and comments without looking at earlier comments; and never says when it is done
    "sub-issue-closer": ["prompt.creates-unchecked", "prompt.no-success"],
    # a template of another tool, which ours would leave in the prompt
    "unbloat-docs": ["prompt.unknown-placeholder"],
    # describes its output at length, and not when it is done
    "weekly-repo-map": ["prompt.no-success"],
}
HAMZAFER = {
    "alert-triage": ["prompt.no-success"],  # ends in two branches, neither of which is called the end
    "docs-drift": ["prompt.creates-unchecked"],  # opens its pull request again every week
    "pr-reviewer": ["prompt.creates-unchecked"],  # comments again on what it has commented on
}


def as_routine(name: str, prompt: str, **keys: Any) -> str:
    routine = {"name": name, "repositories": ["github:acme/core"], "triggers": [], **keys, "prompt": prompt}
    return yaml.safe_dump(routine, sort_keys=False, allow_unicode=True)


@pytest.mark.parametrize("name", sorted(L337))
def test_routines_in_production(shared_data: Path, name: str) -> None:
    """Five routines that run in production: four alarms, all of them true."""
    data = yaml.safe_load((shared_data / "routines" / "L337" / f"{name}.yaml").read_text())
    hosts = data.get("network_allowlist")
    text = as_routine(
        name,
        data["prompt"],
        repositories=data["repositories"],
        connectors=[connector.lower() for connector in data.get("mcp_connectors", [])],
        environment={"network": "custom", "allowed_domains": hosts} if hosts else {},
        triggers=[{"type": "schedule", "cron": data["schedule"]["cron"]}],
    )
    assert sorted(codes(lint(text))) == L337[name]


def test_agentic_workflows(shared_data: Path) -> None:
    """Thirteen prompts written for another platform."""
    found = {}
    for path in sorted((shared_data / "gh-aw").glob("*.md")):
        prompt = foreign_prompt(path)
        if prompt.strip():
            found[path.stem] = sorted(codes(lint(as_routine(path.stem, prompt))))
    assert {name: alarms for name, alarms in found.items() if alarms} == AGENTICS
    assert len(found) >= 12


@pytest.mark.parametrize("name", sorted(HAMZAFER))
def test_routines_as_markdown(shared_data: Path, name: str) -> None:
    """Three routines kept as Markdown."""
    prompt = foreign_prompt(shared_data / "routines" / "hamzafer" / f"{name}.md")
    assert codes(lint(as_routine(name, prompt))) == HAMZAFER[name]


def test_the_routine_of_the_articles(shared_data: Path) -> None:
    """The routine that never looks before it writes is told so, among all else that it lacks."""
    text = (shared_data / "articles" / "routine-config.yaml").read_text()
    assert sorted(codes(lint(text))) == [
        "prompt.creates-unchecked",
        "prompt.no-success",
        "prompt.no-threshold",
        "trigger.bots",
        "trigger.drafts",
        "trigger.storm",
    ]


def test_the_examples_are_clean(project: Path) -> None:
    """The project's own routines, several jobs in one report included, raise no alarm of their text."""
    for file in sorted((project / "example_routines").glob("*/routine.yaml")):
        assert codes(lint(file.read_text(), file=file.name)) == [], file.parent.name
