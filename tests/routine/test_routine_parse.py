"""Routine files as values."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.errors import SpecError
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_repository, parse_routine
from routine_harness.routine.spec import (
    ApiTrigger,
    Binding,
    GithubTrigger,
    Grant,
    Repository,
    Routine,
    ScheduleTrigger,
)


def parse(text: str) -> Routine:
    return parse_routine(load_document(text.encode(), "routine.yaml"))


def test_the_routine_of_the_articles_loads_as_it_stands(shared_data: Path) -> None:
    """Name, grants with bindings, trigger and prompt are all there."""
    file = shared_data / "articles" / "routine-config.yaml"
    routine = parse_routine(load_document(file.read_bytes(), str(file)))
    assert routine.name == "security-triage-pr"
    assert routine.repositories == (Repository("acme-platform/core-api"),)
    assert routine.connectors == (
        Grant("slack", (Binding("security-alerts"),)),
        Grant("linear", (Binding("security-board"),)),
    )
    [trigger] = routine.triggers
    assert isinstance(trigger, GithubTrigger)
    assert trigger.events == ("pull_request.opened", "pull_request.synchronize")
    assert trigger.branches == ("main", "release/*")
    assert routine.prompt.startswith("You are the security gatekeeper")
    assert routine.source.line("triggers", 0, "branches") == 12


def test_the_template_of_the_articles_loads_as_it_stands(shared_data: Path) -> None:
    """A schedule with a cron expression and an api trigger."""
    file = shared_data / "articles" / "routine-template.yaml"
    routine = parse_routine(load_document(file.read_bytes(), str(file)))
    assert routine.triggers == (ScheduleTrigger(cron="0 9 * * 1"), ApiTrigger())


def test_all_fields_of_a_routine_are_read() -> None:
    """Every key of the format arrives in its field."""
    routine = parse(
        """
name: all
title: "Everything, at once"
description: d
enabled: false
repositories:
  - {repository: "github:acme/core", branch: dev, unrestricted_pushes: true}
connectors:
  - slack
  - {connector: Google Drive, bindings: [{name: reports, id: F1}, notes], tools: {allow: read_file, deny: []}}
tools: [Bash, Read]
environment:
  absent: [gh]
  network: custom
  allowed_domains: [api.example.com, "*.example.org"]
  variables: {ORG: acme, RETRIES: 3, VERBOSE: true}
  setup: pip install x
model: claude-opus-5-5
triggers:
  - type: github
    enabled: false
    events: [pull_request.opened]
    branches: main
    repositories: [acme/core]
    filters:
      - {field: author, operator: is_not_one_of, value: ["dependabot[bot]"]}
      - {field: is_draft, operator: equals, value: false}
  - {type: schedule, preset: weekly, at: "09:07", timezone: Europe/Berlin}
  - {type: schedule, once: 2026-12-01T09:07:00Z}
  - {type: api, enabled: false}
prompt: p
"""
    )
    assert (routine.title, routine.description, routine.enabled) == ("Everything, at once", "d", False)
    assert routine.repositories == (Repository("acme/core", "github", "dev", True),)
    drive = Grant("google-drive", (Binding("reports", "F1"), Binding("notes")), ("read_file",))
    assert routine.connectors == (Grant("slack"), drive)
    assert (routine.tools, routine.environment.absent) == (("Bash", "Read"), ("gh",))
    assert routine.environment.allowed_domains == ("api.example.com", "*.example.org")
    assert routine.environment.variables == {"ORG": "acme", "RETRIES": "3", "VERBOSE": "true"}
    github, weekly, once, api = routine.triggers
    assert isinstance(github, GithubTrigger)
    assert (github.enabled, github.branches, github.repositories) == (False, ("main",), ("acme/core",))
    assert [(f.field, f.operator) for f in github.filters] == [
        ("author", "is_not_one_of"),
        ("is_draft", "equals"),
    ]
    assert github.filters[0].predicate.match("alice") is True
    assert weekly == ScheduleTrigger(preset="weekly", at="09:07", timezone="Europe/Berlin")
    assert once == ScheduleTrigger(once="2026-12-01T09:07:00Z")
    assert api == ApiTrigger(enabled=False)


def test_what_is_left_out_has_the_platform_s_defaults() -> None:
    """Name and prompt are enough: trusted network, all tools, enabled."""
    routine = parse("name: x\nprompt: p\n")
    assert routine.enabled
    assert routine.tools is None
    assert routine.environment.network == "trusted"


def test_no_tools_are_not_all_tools() -> None:
    """An empty list grants none of the agent's own tools."""
    assert parse("name: x\nprompt: p\ntools: []\n").tools == ()


def test_one_connector_may_be_listed_for_several_bindings() -> None:
    """``slack:a`` and ``slack:b`` are one grant of two places."""
    routine = parse("name: x\nprompt: p\nconnectors: [slack:a, slack:b]\n")
    assert routine.connectors == (Grant("slack", (Binding("a"), Binding("b"))),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("github:acme/core-api", ("github", "acme/core-api")),
        ("acme/core-api", ("github", "acme/core-api")),
        ("https://github.com/acme/core.api.git", ("github", "acme/core.api")),
        ("https://token@github.com/acme/core", ("github", "acme/core")),
        ("https://www.github.com/acme/core/", ("github", "acme/core")),
        ("git@github.com:acme/core.git", ("github", "acme/core")),
        ("ssh://git@github.com:22/acme/core.git", ("github", "acme/core")),
        ("https://github.acme.dev/platform/core", ("github.acme.dev", "platform/core")),
        ("core", None),
        ("https://github.com/acme", None),
        ("https://github.com/acme/core/tree/main", None),
        ("gitlab:acme/core", None),
        (None, None),
    ],
)
def test_repositories_are_known_by_name_and_by_url(written: str, meant: tuple[str, str] | None) -> None:
    """All ways to write a repository lead to its host and full name."""
    assert parse_repository(written) == meant


def test_a_filter_s_pattern_matches_the_whole_value_and_stops_at_a_line_break() -> None:
    """Filters use the platform's dialect, unlike expectations."""
    routine = parse(
        "name: x\nprompt: p\ntriggers:\n  - type: github\n    events: [pull_request.opened]\n"
        "    filters: [{field: body, operator: matches_regex, value: 'fix.*'}]\n"
    )
    [trigger] = routine.triggers
    assert isinstance(trigger, GithubTrigger)
    predicate = trigger.filters[0].predicate
    assert predicate.match("fixed") is True
    assert predicate.match("a fix") is False
    assert predicate.match("fix\nmore") is False


def test_all_problems_come_at_once_in_the_order_of_lines() -> None:
    """One run of the parser tells everything that is wrong."""
    with pytest.raises(SpecError) as caught:
        parse("prompt: ''\nmodel: 3\nname: a b\nenvironment: {network: x}\ntriggers: [{type: y}]\n")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3, 4, 5]
