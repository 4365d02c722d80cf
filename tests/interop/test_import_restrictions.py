"""No restriction vanishes: it is carried over, or listed and the routine is written switched off."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.cli.main import run
from routine_harness.interop.routine_files import ImportedRoutine, import_routines
from routine_harness.interop.routine_forms import Answers
from routine_harness.interop.workflows.action_expressions import ParseError, alternatives, parse_expression
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.spec import GithubTrigger, Routine, ScheduleTrigger, Trigger
from routine_harness.store.routines import load_routine

PR = "github.event.pull_request"


def one(text: str, name: str) -> ImportedRoutine:
    [found] = import_routines({name: text.encode()}, Answers(("acme/core",)))
    return found


def routine(found: ImportedRoutine) -> Routine:
    return parse_routine(load_document(found.texts["routine.yaml"].encode(), "routine.yaml"))


def action(on: Any, job: str = "", step: str = "", **given: str) -> ImportedRoutine:
    """A workflow with conditions on its job and its step."""
    uses: dict[str, Any] = {
        "uses": "anthropics/claude-code-action@v1",
        "with": {"prompt": "Look.\n", **given},
    }
    jobs = {"review": {"runs-on": "ubuntu-latest", "steps": [{**uses, **({"if": step} if step else {})}]}}
    if job:
        jobs["review"]["if"] = job
    return one(yaml.safe_dump({"name": "review", "on": on, "jobs": jobs}), "review.yml")


def agentic(**data: Any) -> ImportedRoutine:
    return one(f"---\n{yaml.safe_dump(data)}---\nLook.\n", "look.md")


def filters(found: ImportedRoutine) -> list[list[tuple[str, str, Any]]]:
    github = [each for each in routine(found).triggers if isinstance(each, GithubTrigger)]
    return [[(one.field, one.operator, one.value) for one in each.filters] for each in github]


def restrictions(found: ImportedRoutine) -> list[str]:
    return [each.what for each in found.lost if each.restriction]


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (f"contains({PR}.labels.*.name, 'ai')", [("labels", "is_one_of", ["ai"])]),
        (f"!contains({PR}.labels.*.name, 'wip')", [("labels", "is_not_one_of", ["wip"])]),
        (f"contains({PR}.labels.*.name, 'a') || contains({PR}.labels.*.name, 'b')",
         [("labels", "is_one_of", ["a", "b"])]),
        (f"{PR}.merged == true", [("is_merged", "equals", True)]),
        (f"{PR}.merged", [("is_merged", "equals", True)]),
        (f"contains({PR}.title, '[ai]')", [("title", "contains", "[ai]")]),
        (f"startsWith({PR}.title, 'fix')", [("title", "starts_with", "fix")]),
        (f"endsWith({PR}.title, '(ai)')", [("title", "matches_regex", r"(?s).*\(ai\)")]),
        ("github.base_ref == 'main'", [("base_branch", "equals", "main")]),
        (f"{PR}.base.ref != 'main'", [("base_branch", "is_not_one_of", ["main"])]),
        ("startsWith(github.head_ref, 'release/')", [("head_branch", "starts_with", "release/")]),
        (f"contains(fromJSON('[\"ann\", \"bo\"]'), {PR}.user.login)",
         [("author", "is_one_of", ["ann", "bo"])]),
        (f"{PR}.head.repo.full_name == github.repository", [("from_fork", "equals", False)]),
        (f"{PR}.head.repo.fork == false", [("from_fork", "equals", False)]),
        (f"!({PR}.draft || {PR}.user.login == 'bot')",
         [("is_draft", "equals", False), ("author", "is_not_one_of", ["bot"])]),
        ("github.event_name == 'pull_request' && always()", []),
        ("github.repository == 'acme/core'", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["job", "step"])
def test_a_condition_is_a_filter(condition: str, wanted: list[Any], place: str) -> None:
    """Author, labels, draft, merged, base, head, title, forks: of a job and of a step."""
    found = action({"pull_request": {"types": ["synchronize"]}}, **{place: condition})
    assert filters(found) == [wanted]
    assert restrictions(found) == []
    assert routine(found).enabled


@pytest.mark.parametrize(
    "condition",
    [
        "github.actor != 'dependabot[bot]'",
        f"!contains({PR}.title, 'skip')",
        f"contains(fromJSON('[\"OWNER\"]'), {PR}.author_association)",
        "needs.changes.outputs.src == 'true'",
        f"{PR}.changed_files < 20",
        "vars.REVIEW == 'on'",
        "failure()",
        "github.event.label.name == 'ai'",
        "this is none",
        "false",
    ],
)
def test_what_no_filter_says_is_listed_and_switches_off(condition: str) -> None:
    """A condition that is lost, wholly or in part, stands in the file, which is `enabled: false`."""
    found = action({"pull_request": {"types": ["labeled"]}}, job=condition)
    assert restrictions(found) == ["jobs.review.if"]
    assert not routine(found).enabled
    assert "Restrictions that are not carried over" in found.texts["routine.yaml"]


def test_a_condition_chooses_among_triggers() -> None:
    """The event's name and action narrow what fires; a trigger that never does is listed."""
    on = {"pull_request": {"types": ["opened", "closed"]}, "issues": {"types": ["opened"]}}
    found = action(on, job="github.event_name == 'pull_request' && github.event.action == 'closed'")
    [trigger] = routine(found).triggers
    assert isinstance(trigger, GithubTrigger)
    assert trigger.events == ("pull_request.closed",)
    assert any("never holds on issues.opened" in each.why for each in found.lost)
    both = action(on, job=f"github.event_name == 'issues' || {PR}.user.login == 'ann'")
    assert filters(both) == [[], [("author", "equals", "ann")]]
    assert routine(both).enabled


def test_a_job_and_its_step_both_hold() -> None:
    """Both conditions restrict the one trigger."""
    found = action(
        {"pull_request": {"types": ["opened"]}}, job=f"!{PR}.draft", step="github.base_ref == 'main'"
    )
    assert filters(found) == [[("is_draft", "equals", False), ("base_branch", "equals", "main")]]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("label.yml", ("labels", "is_one_of", ["ai-review"])),
        ("merged.yml", ("is_merged", "equals", True)),
        ("title.yml", ("title", "contains", "[ai]")),
    ],
)
def test_the_conditions_of_the_reports(shared_data: Path, tmp_path: Path, name: str, wanted: Any) -> None:
    """Each condition of the reports is a filter, and nothing is lost."""
    file = shared_data / "reports" / "action-conditions" / name
    assert run(["import", str(file), "-o", str(tmp_path), "--repository", "acme/core"]) == 0
    found = load_routine(tmp_path)
    [trigger] = found.triggers
    assert isinstance(trigger, GithubTrigger)
    assert [(each.field, each.operator, each.value) for each in trigger.filters] == [wanted]
    assert found.enabled


def test_limits_of_the_action_are_kept() -> None:
    """Turns, minutes, models and tools are carried over; what cannot be is a restriction."""
    words = '--max-turns 5 --model claude-opus-5-5 --allowedTools "Read,Bash" --disallowedTools "Bash"'
    found = action("pull_request", claude_args=words)
    assert (routine(found).tools, routine(found).model) == (("Read",), "claude-opus-5-5")
    assert "turns: 5" in found.texts["policy.yaml"]
    assert restrictions(found) == []
    assert restrictions(action("pull_request", claude_args="--disallowedTools WebFetch")) == [
        "without WebFetch"
    ]
    assert restrictions(action("pull_request", claude_args="--allowedTools Bash(git:*)")) == ["Bash(git:*)"]
    assert restrictions(action({"pull_request": {"paths": ["src/**"]}})) == ["on.pull_request.paths"]


@pytest.mark.parametrize(
    ("on", "trigger"),
    [
        ("weekly on thursday", ScheduleTrigger(preset="weekly", at="thursday 09:00")),
        ("daily around 14:30", ScheduleTrigger(preset="daily", at="14:30")),
        ("daily on weekdays", ScheduleTrigger(preset="weekdays")),
        ("hourly", ScheduleTrigger(preset="hourly")),
        ("every 6h", ScheduleTrigger(cron="0 */6 * * *")),
        ("every 2 hours on weekdays", ScheduleTrigger(cron="0 */2 * * 1-5")),
        ("0 9 * * 1", ScheduleTrigger(cron="0 9 * * 1")),
        ("issues", GithubTrigger(("issues.opened", "issues.edited", "issues.closed", "issues.reopened",
                                  "issues.labeled", "issues.assigned"))),
        ("issue opened", GithubTrigger(("issues.opened",))),
        ("release published", GithubTrigger(("release.published",))),
    ],
)  # fmt: skip
def test_a_phrase_is_a_trigger(on: str, trigger: Trigger) -> None:
    """`on:` as a phrase is what its long form is."""
    assert routine(agentic(on=on)).triggers == (trigger,)


@pytest.mark.parametrize(
    ("on", "events", "wanted", "lost"),
    [
        ("pull_request labeled needs-review, ready", ("pull_request.labeled",),
         [("labels", "is_one_of", ["needs-review", "ready"])], ["on.pull_request.names"]),
        ("pull request merged", ("pull_request.closed",), [("is_merged", "equals", True)], []),
        ("pull_request opened affecting src/**", ("pull_request.opened",), [], ["on.pull_request.paths"]),
        ("dependabot pull request",
         ("pull_request.opened", "pull_request.synchronize", "pull_request.reopened"),
         [("author", "equals", "dependabot[bot]")], []),
    ],
)  # fmt: skip
def test_a_phrase_about_pull_requests(on: str, events: Any, wanted: list[Any], lost: list[str]) -> None:
    """Labels, paths and merging in a phrase are filters or restrictions; forks never fire."""
    found = agentic(on=on)
    [trigger] = routine(found).triggers
    assert isinstance(trigger, GithubTrigger)
    assert trigger.events == events
    assert sorted(filters(found)[0]) == sorted([*wanted, ("from_fork", "equals", False)])
    assert restrictions(found) == lost


@pytest.mark.parametrize(
    "on", ["/review", "push to main", "manual", "comment created", "workflow completed ci"]
)
def test_a_phrase_without_a_counterpart_waits_for_its_endpoint(on: str) -> None:
    """What starts no routine is listed; only a start by hand is an api trigger of its own."""
    found = agentic(on=on)
    assert [each.__class__.__name__ for each in routine(found).triggers] == ["ApiTrigger"]
    assert any(each.what.startswith("on.") for each in found.lost) is (on != "manual")


@pytest.mark.parametrize(
    ("network", "level", "lost"),
    [
        ({"allowed": ["github"], "blocked": ["evil.example.com"]}, "none", []),
        ({"allowed": ["api.example.com"], "blocked": ["evil.example.net"]}, "custom", []),
        ({"allowed": ["*.example.com"], "blocked": ["evil.example.com"]}, "custom",
         ["network.blocked evil.example.com"]),
        ({"allowed": ["*"], "blocked": ["evil.example.com"]}, "full", ["network.blocked evil.example.com"]),
        ({"allowed": ["defaults"], "blocked": ["pypi.org"]}, "trusted", ["network.blocked pypi.org"]),
        ({}, "none", []),
        ("defaults", "trusted", []),
    ],
)  # fmt: skip
def test_the_network_is_never_wider(network: Any, level: str, lost: list[str]) -> None:
    """Ecosystems are not opened by guess, and a blocked host that could be reached is a restriction."""
    found = agentic(on="hourly", network=network)
    assert (routine(found).environment.network, restrictions(found)) == (level, lost)


def test_tools_that_are_switched_off() -> None:
    """`github: false` is listed and switches off; other tools that are off are left out of the list."""
    tools = {"github": False, "bash": False, "edit": None, "web-fetch": False}
    found = agentic(on="hourly", tools=tools)
    assert restrictions(found) == ["tools.github: false"]
    assert routine(found).tools == ("Read", "Grep", "Glob", "Edit", "Write")
    assert restrictions(agentic(on="hourly", tools={"bash": ["ls"]})) == ["tools.bash"]
    assert restrictions(agentic(on="hourly", tools={"bash": ["*"], "github": {"mode": "remote"}})) == []


@pytest.mark.parametrize("gate", ["stop-after", "roles", "skip-if-match", "manual-approval", "bots"])
def test_what_keeps_a_workflow_from_starting(gate: str) -> None:
    """A gate that no trigger knows is a restriction."""
    assert restrictions(agentic(on={"schedule": "hourly", gate: "x"})) == [f"on.{gate}"]


def test_the_workflows_of_the_reports(shared_data: Path) -> None:
    """A weekly schedule on Thursday; restricted network and GitHub listed or kept."""
    folder = shared_data / "reports"
    weekly = one((folder / "agentic-workflow-weekly.md").read_text(), "w.md")
    assert routine(weekly).triggers == (ScheduleTrigger(preset="weekly", at="thursday 09:00"),)
    found = one((folder / "agentic-workflow-restrictions.md").read_text(), "r.md")
    assert routine(found).environment.network == "none"
    assert restrictions(found) == ["tools.github: false", "tools.bash"]
    assert not routine(found).enabled


@given(st.text("ab.'!&|=()<>, $\"*[]{}0", max_size=40))
def test_any_condition_is_read_or_refused(text: str) -> None:
    """A broken expression is an error that says why, and nothing else."""
    with contextlib.suppress(ParseError):
        assert alternatives(parse_expression(text))
