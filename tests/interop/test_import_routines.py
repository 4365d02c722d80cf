"""Other people's routines become ours, and what does not is listed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.cli.main import run
from routine_harness.errors import SpecError, UsageError
from routine_harness.interop.routine_draft import Draft, routine_text
from routine_harness.interop.routine_files import (
    Answers,
    ImportedRoutine,
    import_routines,
    open_questions,
    write_routines,
)
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.spec import GithubTrigger, Routine, ScheduleTrigger
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import load_routine

WORKFLOW = """\
---
name: Triage
on:
  issues:
    types: [opened]
  pull_request:
    types: [opened, labeled]
    branches: [main]
    names: [urgent]
  schedule: weekly on friday around 9:30
  slash_command: {name: go}
  workflow_dispatch:
permissions:
  contents: read
  issues: write
if: ${{ github.actor != 'x' }}
network: {allowed: [defaults, api.example.com]}
engine: {id: claude, model: claude-opus-5-5}
tools:
  bash: ["git *"]
  web-fetch:
  github: {toolsets: [issues]}
safe-outputs:
  create-issue: {title-prefix: "[t] ", labels: [bot], max: 2}
  add-labels: {max: 9}
  create-discussion:
timeout-minutes: 15
---
# Triage ${{ github.repository }}

Look at #${{ github.event.issue.number }}.
"""


def one(text: str, name: str = "triage.md", **answers: str) -> ImportedRoutine:
    [found] = import_routines({name: text.encode()}, Answers(("acme/core",), **answers))
    return found


def routine(found: ImportedRoutine) -> Routine:
    return parse_routine(load_document(found.texts["routine.yaml"].encode(), "routine.yaml"))


def test_every_sample_imports_and_answers_fires(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All samples import one by one, load from the disk, and say whether an event fires them."""
    files = [*(shared_data / "gh-aw").glob("*.md")]
    for folder, pattern in (("L337", "*.yaml"), ("hamzafer", "*.md"), ("claude-code-action", "*.yml")):
        files += (shared_data / "routines" / folder).glob(pattern)
    assert len(files) >= 27
    for file in sorted(files):
        home = tmp_path / file.name
        command = ["import", "routine", str(file), "-o", str(home), "--repository", "Codertocat/Hello-World"]
        assert run(command) == 0, file.name
        assert load_routine(home).triggers
        load_policy(home)
    event = shared_data / "webhooks" / "pull_request" / "opened.payload.json"
    capsys.readouterr()
    run(["fires", str(tmp_path), "--event", str(event), "--any-repository", "--json"])
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    fired = {answer["routine"] for answer in answers if answer.get("outcome") == "fired"}
    assert "claude-review-specific-authors" in fired
    assert len({answer["routine"] for answer in answers if "routine" in answer}) >= 26


def test_a_workflow_becomes_triggers() -> None:
    """Events, branches, labels and words for schedules become triggers; the model and hosts are kept."""
    found = routine(one(WORKFLOW))
    github = [trigger for trigger in found.triggers if isinstance(trigger, GithubTrigger)]
    assert [trigger.events for trigger in github] == [
        ("issues.opened",), ("pull_request.opened", "pull_request.labeled"),
    ]  # fmt: skip
    assert github[1].branches == ("main",)
    assert [(each.field, each.operator, each.value) for each in github[1].filters] == [
        ("labels", "is_one_of", ["urgent"])
    ]
    [schedule] = [trigger for trigger in found.triggers if isinstance(trigger, ScheduleTrigger)]
    assert (schedule.preset, schedule.at) == ("weekly", "friday 09:30")
    assert (found.model, found.environment.allowed_domains) == ("claude-opus-5-5", ("api.example.com",))
    assert found.tools == ("Read", "Grep", "Glob", "Bash", "WebFetch")


def test_safe_outputs_become_policy_and_prompt(tmp_path: Path) -> None:
    """What is listed is allowed up to its limit, everything else is forbidden, and the agent is told."""
    found = one(WORKFLOW)
    write_routines([found], tmp_path)
    policy = load_policy(tmp_path)
    assert policy.noise["tickets_per_run"].most == 2
    assert policy.budget == {"seconds": 900}
    forbidden = {kind for rule in policy.forbid for kind in rule.kinds}
    assert {"comment.created", "branch.pushed", "pull_request.created"} <= forbidden
    assert "ticket.updated" not in forbidden
    prompt = load_routine(tmp_path).prompt
    assert prompt.startswith("# Triage {{repository}}\n")
    assert "create issue: at most 2; the title starts with '[t] '; labels bot" in prompt


def test_what_has_no_counterpart_is_listed_with_its_line() -> None:
    """Nothing is dropped silently: commands, conditions, permissions, patterns, expressions, outputs."""
    lost = {each.what: each.line for each in one(WORKFLOW).lost}
    assert lost == {
        "${{ github.event.issue.number }}": 31,
        "on.slash_command": 11,
        "safe-outputs.add-labels.max": 25,
        "safe-outputs.create-discussion": 26,
        "permissions.issues: write": 15,
        "tools.bash": 20,
        "tools.github.toolsets": 22,
        "network.allowed": 17,
        "if": 16,
    }


def test_a_contradiction_about_the_platform_is_asked(shared_data: Path) -> None:
    """Two files that take different editions for granted leave the policy open until the user says."""
    names = ["hamzafer/docs-drift.md", "L337/ci-failure-responder.yaml"]
    files = {name: (shared_data / "routines" / name).read_bytes() for name in names}
    imported = import_routines(files)
    [question] = open_questions(imported)
    assert question.option == "--platform"
    assert "contradict each other" in question.text
    assert all("platform" not in text for one in imported for text in [one.texts.get("policy.yaml", "")])
    settled = import_routines(files, Answers(platform="2026-10"))
    assert not open_questions(settled)
    assert all("platform: 2026-10" in one.texts["policy.yaml"] for one in settled)


def test_a_run_that_never_comes_is_asked_about(shared_data: Path) -> None:
    """A one-off in 2099 is kept as it stands until the user says that it means an api trigger."""
    data = (shared_data / "routines" / "hamzafer" / "alert-triage.md").read_bytes()
    [kept] = import_routines({"alert-triage.md": data})
    assert "--placeholder" in {question.option for question in kept.questions}
    [said] = import_routines({"alert-triage.md": data}, Answers(placeholder="api", platform="2026-10"))
    assert [trigger.__class__.__name__ for trigger in routine(said).triggers] == ["ApiTrigger"]


def test_the_words_of_a_prompt_name_channels_and_commands(shared_data: Path) -> None:
    """A channel with its id becomes a binding, and 'this environment has no gh' a missing command."""
    data = (shared_data / "routines" / "L337" / "apt-channel-serving-check.yaml").read_bytes()
    found = routine(import_routines({"apt.yaml": data})[0])
    assert [(one.name, one.id) for one in found.connectors[0].bindings] == [("send-to-influx", "C0BHJMYCENR")]
    assert found.commands == {"gh": "absent"}


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("x.md", "# Title\n", "expected Markdown with frontmatter"),
        ("x.md", "---\ntitle: a post\n---\nhello\n", "found other frontmatter"),
        ("x.yaml", "a: 1\n", "found other YAML"),
        ("x.yaml", "- a\n", "a mapping, found"),
        ("x.yaml", "name: a\ntriggers: [{type: api}]\nprompt: x\n", "routine-harness already"),
        ("x.yaml", "name: a\nschedule: {cron: nonsense}\nprompt: x\n", "cannot be carried over"),
        ("x.yaml", "name: [a\n", "x.yaml:"),
    ],
)
def test_something_else_is_refused(name: str, text: str, word: str) -> None:
    """An import of something else altogether is one clear error."""
    with pytest.raises(SpecError, match=word):
        import_routines({name: text.encode()})


def test_nothing_is_partly_written(tmp_path: Path) -> None:
    """A file that is there stops all of them, and nothing beside it appears."""
    (tmp_path / "policy.yaml").write_text("root: true\n")
    with pytest.raises(UsageError, match="there already"):
        write_routines([one(WORKFLOW)], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["policy.yaml"]
    write_routines([one(WORKFLOW)], tmp_path, force=True)
    assert load_routine(tmp_path).title == "Triage"


def test_a_failed_write_takes_back_the_others(tmp_path: Path) -> None:
    """Where the second file cannot be written, the first one is gone again."""
    (tmp_path / "policy.yaml").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_routines([one(WORKFLOW)], tmp_path, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["policy.yaml"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(str.strip))
def test_any_prompt_survives(prompt: str) -> None:
    """A prompt is the same text after it was written and read."""
    text = routine_text(Draft("x", prompt, triggers=[{"type": "api"}]), "x.md")
    assert parse_routine(load_document(text.encode(), "x")).prompt == prompt
