"""Other people's routines become ours, and what does not is listed."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routine_harness.cli.main import run
from routine_harness.errors import SpecError, UsageError
from routine_harness.interop.routine_draft import Draft, routine_text
from routine_harness.interop.routine_files import (
    ImportedRoutine,
    import_routines,
    open_questions,
)
from routine_harness.interop.routine_folders import write_routines
from routine_harness.interop.routine_forms import Answers
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.spec import GithubTrigger, Routine, ScheduleTrigger
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import load_routine
from routine_harness.verdict.read_policy import parse_policy

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
    assert "claude-review-path-specific" in fired
    assert "claude-review-specific-authors" not in fired  # its condition names other authors
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
        ("labels", "is_one_of", ["urgent"]),
        ("from_fork", "equals", False),
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


OUTPUTS = """\
---
on: workflow_dispatch
safe-outputs:
  create-pull-request: {labels: [docs]}
  update-issue: {target: "*", required-title-prefix: "[t] "}
  add-labels: {target: "*", allowed: [bug, feature]}
  add-comment:
  footer: false
  close-issue: {target: "*", max: 5}
---
Tidy up.
"""


def test_limits_that_are_no_rules_are_told_and_listed() -> None:
    """A pull request is a draft unless it says otherwise; what no rule can see the prompt asks for."""
    found = one(OUTPUTS)
    assert {each.what.removeprefix("safe-outputs."): each.line for each in found.lost} == {
        "create-pull-request.labels": 4,
        "update-issue.required-title-prefix": 5,
        "add-labels.allowed": 6,
        "add-comment.target": 7,
        "footer": 8,
        "close-issue.max": 9,
    }
    assert "comments_per_run: 6\n" in found.texts["policy.yaml"]
    policy = parse_policy(load_document(found.texts["policy.yaml"].encode(), "policy.yaml"))
    assert any(rule.reason == "safe-outputs.create-pull-request: draft" for rule in policy.forbid)
    prompt = routine(found).prompt
    assert "- add labels: at most 3; none but bug, feature\n" in prompt
    assert "- add comment: at most 1; only on what started this run\n" in prompt
    plain = one(OUTPUTS.replace("{labels: [docs]}", "{draft: false}")).texts["policy.yaml"]
    assert "draft" not in plain


@pytest.mark.parametrize(
    ("condition", "filters"),
    [
        (
            "github.event.pull_request.user.login == 'ann' || github.event.pull_request.user.login == 'bo'",
            [("author", "is_one_of", ["ann", "bo"])],
        ),
        (
            "${{ !github.event.pull_request.draft && github.event.pull_request.user.login != 'bot' }}",
            [("is_draft", "equals", False), ("author", "is_not_one_of", ["bot"])],
        ),
        ("github.event.pull_request.draft == false", [("is_draft", "equals", False)]),
        ("github.actor != 'x'", []),
        (
            "github.event.pull_request.user.login == 'ann' && github.actor == 'x'",
            [("author", "equals", "ann")],
        ),
    ],
)
def test_a_condition_on_author_or_draft_becomes_a_filter(
    condition: str, filters: list[tuple[str, ...]]
) -> None:
    """What a routine can filter on is carried over; any other condition is listed."""
    found = one(f'---\non: pull_request\nif: "{condition}"\n---\nLook.\n')
    [trigger] = routine(found).triggers
    assert isinstance(trigger, GithubTrigger)
    own = [(each.field, each.operator, each.value) for each in trigger.filters]
    assert own == [("from_fork", "equals", False), *filters]
    restrictions = [each.what for each in found.lost if each.restriction]
    assert restrictions == (["if"] if "actor" in condition else [])
    assert routine(found).enabled is not bool(restrictions)


def test_each_expression_of_a_workflow_is_listed_at_its_line() -> None:
    """What Actions fills in, and patterns of tools, stand at their own lines, not at the step's."""
    text = """\
on: pull_request
jobs:
  review:
    steps:
      - uses: actions/checkout@v6
      - uses: anthropics/claude-code-action@v1
        with:
          prompt: |
            Look at ${{ github.event.number }}
            and again at ${{ github.event.number }} of ${{ github.actor }}.
          claude_args: |
            --allowedTools "Bash(git:*),Read"
"""
    lost = {each.what: each.line for each in one(text, "review.yml").lost}
    assert lost == {
        "${{ github.event.number }}": 9, "${{ github.actor }}": 10, "Bash(git:*)": 12, "jobs.review.steps": 4,
    }  # fmt: skip


def test_a_value_that_cannot_be_carried_over_is_named_with_its_line() -> None:
    """Our own parser's complaint is told at the line of the file that was given."""
    text = "name: x\nschedule:\n  cron: '99 * * * *'\nrepositories: [a/b, nowhere]\nprompt: hi\n"
    with pytest.raises(SpecError) as caught:
        one(text, "x.yaml")
    assert [problem.line for problem in caught.value.problems] == [4, 3]


def test_all_files_that_cannot_be_read_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder and a file that is not there are told in one go."""
    files = [str(tmp_path), str(tmp_path / "no.md")]
    assert run(["import", "routine", *files, "-o", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("error:") == 2


PLAIN = st.none() | st.booleans() | st.integers() | st.sampled_from(["x", "a/b", "*", "daily", "0 9 * * *"])
ODD = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["types", "max", "cron", "name", "url", "allowed", "inputs", "prompt", "steps"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)
AW = ("on", "safe-outputs", "tools", "network", "permissions", "engine", "timeout-minutes", "if", "name")
ACCOUNT = ("name", "schedule", "sources", "repositories", "mcp_connectors", "mcp_connections", "prompt",
           "allowed_tools", "network_allowlist", "run_once_at", "model", "enabled")  # fmt: skip


@settings(deadline=None)  # the first call compiles patterns
@given(st.dictionaries(st.sampled_from(AW), ODD), st.dictionaries(st.sampled_from(ACCOUNT), ODD),
       st.dictionaries(st.sampled_from(["issues", "schedule", "pull_request", "workflow_dispatch"]), ODD),
       st.dictionaries(st.sampled_from(["create-issue", "add-labels", "messages"]), ODD), ODD)  # fmt: skip
def test_any_frontmatter_imports_or_is_refused(aw, account, on, outputs, odd) -> None:
    """Whatever stands where something else is expected, the import gives a routine or clear errors."""
    job = {"steps": [{"uses": "anthropics/claude-code-action@v1", "with": odd}], "if": odd}
    for name, values in (
        ("a.md", {"on": on, "safe-outputs": outputs, **aw}),
        ("b.md", {"name": "x", "schedule": odd, **account}),
        ("c.yaml", {"name": "x", "cron": odd, **account}),
        ("d.yml", {"on": odd, "jobs": {"a": job, "b": odd}}),
    ):
        text = json.dumps(values)
        with contextlib.suppress(SpecError):
            one(f"---\n{text}\n---\nhi\n" if name.endswith(".md") else text, name)


def test_what_has_no_counterpart_is_listed_with_its_line() -> None:
    """Nothing is dropped silently: commands, conditions, permissions, patterns, expressions, outputs."""
    lost = {each.what: each.line for each in one(WORKFLOW).lost}
    assert lost == {
        "${{ github.event.issue.number }}": 31,
        "on.slash_command": 11,
        "safe-outputs.add-labels.max": 25,
        "safe-outputs.add-labels.target": 25,
        "safe-outputs.create-discussion": 26,
        "permissions.issues: write": 15,
        "tools.bash": 20,
        "tools.github.toolsets": 22,
        "network.allowed defaults": 17,
        "on.pull_request.names": 6,
        "on.roles (by default)": 3,
        "if": 16,
    }


def test_a_contradiction_about_the_platform_is_asked(shared_data: Path) -> None:
    """Two files that take different editions for granted leave the policy open until the user says."""
    names = ["hamzafer/docs-drift.md", "L337/ci-failure-responder.yaml"]
    files = {name: (shared_data / "routines" / name).read_bytes() for name in names}
    imported = import_routines(files)
    [(question, raised_by)] = open_questions(imported)["--platform"].items()
    assert raised_by == ["docs-drift.md", "ci-failure-responder.yaml"]
    assert "contradict each other" in question.text
    assert all("platform" not in text for one in imported for text in [one.texts.get("policy.yaml", "")])
    settled = import_routines(files, Answers(platform="2026-10"))
    assert not open_questions(settled)
    assert all("platform: 2026-10" in one.texts["policy.yaml"] for one in settled)


def test_one_option_is_asked_for_once(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several files that raise one question get one answer; Enter leaves another one open."""
    folder = shared_data / "routines"
    files = [str(folder / "hamzafer" / name) for name in ("alert-triage.md", "docs-drift.md")]
    prompts: list[str] = []
    said = iter(["api", ""])

    def prompt(words: str, **_: object) -> str:
        prompts.append(words)
        return next(said)

    monkeypatch.setattr("click.prompt", prompt)
    monkeypatch.setattr("sys.stdin", type("Terminal", (io.StringIO,), {"isatty": lambda _: True})())
    assert run(["import", "routine", *files, "-o", str(tmp_path)]) == 0
    assert [words.strip().partition(";")[0] for words in prompts] == [
        "one of schedule, api", "one of 2026-04, 2026-08, 2026-10",
    ]  # fmt: skip
    text = (tmp_path / "alert-triage-responder" / "routine.yaml").read_text()
    assert "- type: api" in text
    assert "(--platform)" in text


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
    assert found.environment.absent == ("gh",)


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("x.md", "\n", "found an empty file"),
        ("x.md", "---\ntitle: a post\n---\nhello\n", "found other frontmatter"),
        ("x.yaml", "a: 1\n", "found other YAML"),
        ("x.lock.yml", "jobs: {}\n", "import the Markdown beside it"),
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
    """Where a later file cannot be written, the first one is gone again."""
    (tmp_path / "cases").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_routines([one(WORKFLOW)], tmp_path, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["cases"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(str.strip))
def test_any_prompt_survives(prompt: str) -> None:
    """A prompt is the same text after it was written and read."""
    text = routine_text(Draft("x", prompt, triggers=[{"type": "api"}]), "x.md")
    assert parse_routine(load_document(text.encode(), "x")).prompt == prompt
