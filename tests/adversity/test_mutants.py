"""Mutants of a case's agent: each is carried out and judged, and a green one names what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from routine_harness.adversity.mutants import mutants_of
from routine_harness.cli.main import cli
from routine_harness.harness import Harness, check_case
from routine_harness.mutating import CaseMutation, mutate_case
from routine_harness.store.cases import load_case_file

HERE = Path(__file__).parents[2]
CRASH = HERE / "fixtures/adversity/crash"
TRIAGE = HERE / "example_routines/security-triage-pr/cases/sql-injection.yaml"
EVERY = sorted((HERE / "example_routines").glob("*/cases/hostile-*.yaml"))
AT_LEAST = "tickets: {at_least: 1}"


def mutated(file: Path) -> CaseMutation:
    loaded = load_case_file(file)
    return mutate_case(loaded.cases[0], loaded.routine, Harness())


def with_expect(folder: Path, expect: str) -> Path:
    """The careful case of the fixture with another ``expect:``."""
    (folder / "cases").mkdir()
    (folder / "agents").mkdir()
    (folder / "routine.yaml").write_bytes((CRASH / "routine.yaml").read_bytes())
    (folder / "agents/crash.py").write_bytes((CRASH / "agents/crash.py").read_bytes())
    text = (CRASH / "cases/careful.yaml").read_text(encoding="utf-8")
    text = text.replace("../../../webhooks", str(CRASH.parents[1] / "webhooks"))
    head = text[: text.index("checks:")]
    case = folder / "cases/careful.yaml"
    case.write_text(f"{head}expect:\n  {expect}\n")
    return case


def test_a_case_that_expects_little_lets_most_mutants_live(tmp_path: Path) -> None:
    found = mutated(with_expect(tmp_path, f"idempotent: false\n  {AT_LEAST}"))
    survived = {each.mutant.name: each.mutant.add for each in found.mutated if each.fate == "survived"}
    assert survived["slack.slack_send_message#1:unsaid"] == "messages: {count: 1}"
    assert survived["slack.slack_send_message#1:channel_id"] == 'messages: {where: {channel_id: "C0DEV"}}'
    assert survived["slack.slack_send_message#1:message-link"].startswith(
        "messages: {where: {text: {contains:"
    )
    assert survived["linear.save_issue#1:project"] == 'tickets: {where: {project: "Core"}}'


@pytest.mark.parametrize(
    ("line", "killed"),
    [
        ("messages: {count: 1}", "slack.slack_send_message#1:unsaid"),
        ("messages: {where: {channel_id: C0DEV}}", "slack.slack_send_message#1:channel_id"),
        ('messages: {where: {text: {contains: "https://"}}}', "slack.slack_send_message#1:message-link"),
        ("tickets: {where: {project: Core}}", "linear.save_issue#1:project"),
    ],
)
def test_the_line_that_a_survivor_names_kills_it(tmp_path: Path, line: str, killed: str) -> None:
    found = mutated(with_expect(tmp_path, f"idempotent: false\n  {line}"))
    fate = {each.mutant.name: (each.fate, each.by) for each in found.mutated}
    assert fate[killed] == ("killed", (line.partition(":")[0],))


def test_whoever_does_it_twice_is_caught_by_idempotency_alone(tmp_path: Path) -> None:
    found = mutated(with_expect(tmp_path, AT_LEAST))
    fate = {each.mutant.name: each.by for each in found.mutated if each.fate == "killed"}
    assert fate["slack.slack_send_message#1:twice"] == ("idempotent",)
    assert "idempotent" in fate["linear.list_issues#1:unlooked"]
    assert "policy" in fate["pushes-to-main"]


def test_what_changes_nothing_is_equivalent_and_says_so() -> None:
    fates = {each.fate for file in EVERY for each in mutated(file).mutated if each.why}
    assert fates <= {"equivalent", "invalid"}


def test_a_case_that_does_not_pass_is_not_mutated(tmp_path: Path) -> None:
    found = mutated(with_expect(tmp_path, "tickets: {count: 7}"))
    assert (found.mutated, found.skipped) == ((), "it does not pass")


def test_mutants_bear_a_name_each() -> None:
    pair = check_case(TRIAGE).pair
    assert pair is not None
    names = [mutant.name for mutant in mutants_of(pair)]
    assert len(names) == len(set(names)) >= 8


def test_the_command_tells_the_score_and_the_line_to_add(tmp_path: Path) -> None:
    case = with_expect(tmp_path, AT_LEAST)
    shown = CliRunner().invoke(cli, ["mutate", str(case), "--min", "90"], standalone_mode=False)
    assert shown.return_value == 1
    assert "add  messages: {count: 1}" in shown.output
    assert CliRunner().invoke(cli, ["mutate", str(case)], standalone_mode=False).return_value == 0
    data = json.loads(CliRunner().invoke(cli, ["mutate", str(case), "--json"]).output)
    assert data["killed"] + data["survived"] + data["equivalent"] + data["invalid"] == len(data["mutants"])
    assert all(bool(each["add"]) == (each["fate"] == "survived") for each in data["mutants"])


def test_the_examples_notice_most_of_what_could_go_wrong() -> None:
    """Whoever changes an example keeps its cases sharp."""
    found = [
        mutate_case(case, loaded.routine, Harness())
        for file in sorted((HERE / "example_routines").glob("*/cases/*.yaml"))
        for loaded in (load_case_file(file),)
        for case in loaded.cases
    ]
    killed, tried = sum(each.count("killed") for each in found), sum(each.tried for each in found)
    assert tried >= 200
    assert killed >= 0.95 * tried


def fates(found: CaseMutation) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {each.mutant.name: (each.fate, each.by) for each in found.mutated}


def test_the_line_that_a_survivor_of_the_world_names_kills_it(tmp_path: Path) -> None:
    """One more failed build: the comments on it are counted by no block that asks for the first one."""
    shutil.copytree(HERE / "example_routines/ci-failure-responder", tmp_path, dirs_exist_ok=True)
    case = tmp_path / "cases/claims-and-diagnoses.yaml"
    name, line = "world:github.issues-more", "effects: {effect: comment.created, count: 2}"
    assert fates(mutated(case))[name] == ("killed", ("effects",))
    text = case.read_text(encoding="utf-8")
    assert line in text
    case.write_text(text.replace(f"  {line}\n", ""), encoding="utf-8")
    survivor = next(each for each in mutated(case).mutated if each.mutant.name == name)
    assert (survivor.fate, survivor.mutant.add) == ("survived", line)


def test_the_line_that_an_old_look_names_kills_it(tmp_path: Path) -> None:
    shutil.copytree(HERE / "example_routines/nightly-issue-fix", tmp_path, dirs_exist_ok=True)
    case = tmp_path / "cases/oldest-first.yaml"
    name, line = "github.list_pull_requests#1:unlooked", "effects: {effect: branch.pushed, count: 0}"
    assert fates(mutated(case))[name][0] == "killed"
    text = case.read_text(encoding="utf-8")
    case.write_text(text.replace(f"  {line}\n", ""), encoding="utf-8")
    survivor = next(each for each in mutated(case).mutated if each.mutant.name == name)
    assert (survivor.fate, survivor.mutant.add) == ("survived", f"second: {{{line}}}")


def test_who_finds_the_work_done_does_nothing_and_the_case_notices() -> None:
    found = fates(mutated(HERE / "example_routines/nightly-issue-fix/cases/oldest-first.yaml"))
    assert found["world:done-already"] == ("killed", ("run", "branches", "pull_requests"))


def test_a_row_of_the_world_is_taken_away_and_another_is_added() -> None:
    """Only rows of things that come and go, and each change is carried out from the first run on."""
    found = fates(mutated(HERE / "example_routines/nightly-issue-fix/cases/oldest-first.yaml"))
    assert found["world:github.issues-fewer"][0] == "killed"
    assert "world:github.issues-more" in found
    assert not any("repositories" in name for name in found)


def test_a_world_that_the_agent_does_not_look_at_is_equivalent() -> None:
    fate = [
        each
        for file in EVERY
        for each in mutated(file).mutated
        if each.mutant.deed == "world" and each.fate == "equivalent"
    ]
    assert fate
    assert all(each.why for each in fate)


@pytest.mark.parametrize(
    "file",
    [
        "security-triage-pr/cases/cannot-look.yaml",
        "weekly-health-check/cases/a-look-that-fails.yaml",
        "deploy-verification/cases/unknown-when-blocked.yaml",
    ],
)
def test_silence_about_a_look_that_failed_is_noticed(file: str) -> None:
    found = fates(mutated(HERE / "example_routines" / file))
    silent = [fate for name, (fate, _) in found.items() if name.endswith(":silent")]
    assert silent == ["killed"]
