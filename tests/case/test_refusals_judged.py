"""What the platform refuses, from a routine's files to the verdict; what was recorded stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.desk import FIRING

from routine_harness.case.memory import case_in_memory
from routine_harness.case.result import CaseResult
from routine_harness.errors import SpecError
from routine_harness.harness import Harness, dry_run
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Environment, Repository, Routine
from routine_harness.session.answering import Answering
from routine_harness.session.session import Session
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import load_routine
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult
from routine_harness.world.worldfile import complete_world, merge_data

ROUTINE = "name: r\nrepositories: [github:acme/core]\ntriggers: [{type: api}]\nprompt: Do it.\n"
WORLD = {"github": {
    "repositories": [{"full_name": "acme/core", "default_branch": "main", "files": {"a.py": "a"}}],
    "branches": [{"repository": "acme/core", "name": "claude/fix", "sha": "f" * 40}],
    "pulls": [{"repository": "acme/core", "number": 7, "title": "T", "head": "feature/x", "base": "main"}],
}}  # fmt: skip
CREATE = "gh pr create --title T --body B --head claude/fix --base main"
WORDS = "GitHub GraphQL is not available from Claude Code sessions"
Agent = Callable[[Session], None]


def checked(folder: Path, agent: Agent, policy: str = "", routine: str = "") -> CaseResult:
    folder.mkdir(exist_ok=True)
    (folder / "routine.yaml").write_text(ROUTINE + routine, "utf-8")
    (folder / "policy.yaml").write_text("root: true\n" + policy, "utf-8")
    return dry_run(folder, agent=agent, world=WORLD, expect={"idempotent": False})


def saying(command: str, told: list[str]) -> Agent:
    def agent(session: Session) -> None:
        told.append(session.call("Bash", command=command).text)
        session.say("done")

    return agent


def codes(result: CaseResult) -> set[str]:
    return {finding.code for finding in result.verdict.findings}


def test_gh_pr_create_is_refused_and_was_attempted(tmp_path: Path) -> None:
    """The captured words, exit and no effect; ``forbid`` sees the attempt all the same."""
    told: list[str] = []
    result = checked(tmp_path, saying(CREATE, told), "forbid: [pull_request.created]\n")
    assert WORDS in told[0]
    assert result.pair is not None
    assert [effect.outcome for effect in result.pair.first.effects] == ["refused"]
    assert result.pair.first.calls[0].result.is_error
    assert "policy.forbidden" in codes(result)
    assert "graphql" not in result.verdict.depends_on, "documented, not only observed"


def test_in_april_it_is_carried_out_which_nobody_has_shown(tmp_path: Path) -> None:
    """Edition 2026-04 serves GraphQL; the verdict says that this is an assumption, until a policy answers."""
    told: list[str] = []
    result = checked(tmp_path, saying(CREATE, told), "platform: 2026-04\n")
    assert result.pair is not None
    assert [effect.kind for effect in result.pair.first.effects] == ["pull_request.created"]
    assert result.pair.first.effects[0].outcome == "applied"
    assert result.verdict.depends_on == ("graphql",)
    answered = "platform: {edition: 2026-04, settings: {graphql: served}}\n"
    assert checked(tmp_path / "b", saying(CREATE, told), answered).verdict.depends_on == ()


def test_auto_merge_by_the_proxys_route_is_a_merge_for_every_policy(tmp_path: Path) -> None:
    """``PUT …/ccr/auto_merge`` is the operation that the default policy forbids, by gh, curl and MCP."""
    path = "repos/acme/core/pulls/7/ccr/auto_merge"
    for command in (f"gh api -X PUT {path}", f"curl -X PUT https://api.github.com/{path}"):
        result = checked(tmp_path, saying(command, []))
        assert result.pair is not None
        kinds = [(effect.kind, effect.outcome) for effect in result.pair.first.effects]
        assert kinds == [("auto_merge.enabled", "applied")]
        assert "policy.forbidden" in codes(result)
        assert result.verdict.depends_on == ("ccr_routes",)


@pytest.mark.parametrize(
    ("route", "kinds"),
    [
        ("-X POST {}/ccr/ready_for_review", ["pull_request.updated"]),
        ("-X POST {}/ccr/convert_to_draft", ["pull_request.updated"]),
        ("-X DELETE {}/ccr/auto_merge", ["auto_merge.disabled"]),
        ("-X POST {}/ccr/comments/5/resolve", ["thread.resolved"]),
        ("-X POST {}/ccr/comments/5/unresolve", ["thread.unresolved"]),
        ("{}/ccr/review_threads", []),
    ],
)
def test_the_proxys_routes_are_operations_of_the_table(tmp_path: Path, route: str, kinds: list[str]) -> None:
    """Each route has the effect of the operation that it stands for, as a guard reads it as well."""
    from routine_harness.world.shell.act_effects import act_effects
    from routine_harness.world.shell.command_reading import read_shell

    command = f"gh api {route.format('repos/acme/core/pulls/7')}"
    result = checked(tmp_path, saying(command, []))
    assert result.pair is not None
    assert [effect.kind for effect in result.pair.first.effects] == kinds
    read = read_shell(command)
    assert [effect.kind for act in read.acts for effect in act_effects(act)] == kinds


def test_without_the_app_rest_is_refused_and_mcp_works(tmp_path: Path) -> None:
    """``environment: {github: {app_installed: false}}``: the words name the admin's part; a point."""
    said: list[str] = []

    def agent(session: Session) -> None:
        said.append(session.call("Bash", command="gh api repos/acme/core/pulls").text)
        said.append(session.call("mcp__github__list_pull_requests", owner="acme", repo="core").text)
        session.say("done")

    result = checked(tmp_path, agent, routine="environment: {github: {app_installed: false}}\n")
    assert "An org admin must connect the Claude GitHub App for this organization." in said[0]
    assert '"number":7' in said[1].replace(" ", "")
    assert "uninstalled_app" in result.verdict.depends_on


def test_a_self_hosted_run_says_that_it_depends(tmp_path: Path) -> None:
    """``environment: {hosted: self}``: carried out, and a warning that it depends on the runner."""
    result = checked(tmp_path, saying(CREATE, []), routine="environment: {hosted: self}\n")
    [warning] = {f.message for f in result.verdict.findings if f.code == "platform.undecided"}
    assert "depends on your runner" in warning
    assert result.pair is not None
    assert result.pair.first.effects[0].outcome == "applied"


def test_what_is_wrong_with_an_environment_is_said_with_its_line(tmp_path: Path) -> None:
    """An unknown host and a word for a flag: file, line, what was expected, nearest name."""
    text = ROUTINE + "environment:\n  hosted: selv\n  github: {app_instaled: false}\n"
    (tmp_path / "routine.yaml").write_text(text, "utf-8")
    with pytest.raises(SpecError) as caught:
        load_routine(tmp_path)
    found = [(problem.line, f"{problem.message} {problem.hint}") for problem in caught.value.problems]
    assert [line for line, _ in found] == [6, 7]
    assert "self" in found[0][1]
    assert "app_installed" in found[1][1]


def test_an_organisations_connectors_reach_every_run(tmp_path: Path) -> None:
    """``organisation_connectors`` are granted though no routine names them; without, they are not."""

    def agent(session: Session) -> None:
        session.call("slack.slack_list_channels", query="x")
        session.call("slack.slack_send_message", channel_id="C1", message="hi")
        session.say("done")

    assert "connector.not-granted" in codes(checked(tmp_path / "a", agent))
    reached = checked(tmp_path / "b", agent, "organisation_connectors: [Slack]\n")
    assert "connector.not-granted" not in codes(reached)


def test_a_connectors_name_in_a_policy_is_checked(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("root: true\norganisation_connectors: ['!']\n", "utf-8")
    with pytest.raises(SpecError) as caught:
        load_policy(tmp_path)
    assert [problem.line for problem in caught.value.problems] == [2]


def imported(answer: str, *, failed: bool) -> tuple[Session, Any]:
    """A recorded ``gh pr create`` in a session of October, where the recorded answer decides."""
    routine = Routine("r", "p", repositories=(Repository("acme/core"),), environment=Environment("full"))
    registry = Registry()
    answering = Answering(routine, registry, own=OwnTools({"github": CONNECTOR}, ("acme/core",)))
    connectors = {"github": CONNECTOR}
    world = complete_world(merge_data(WORLD, connectors, World(clock=FIRING.at)), connectors)
    rules = load_edition("2026-10").session_rules(routine)
    session = Session(routine, world.under(rules), FIRING, "p", registry, answering=answering)
    record = session.replay(
        "Bash", {"command": CREATE}, ToolResult(answer, is_error=failed), trust="recorded"
    )
    return session, record


def test_in_an_import_the_recorded_answer_decides_and_the_plan_warns() -> None:
    """What went through where it was recorded had its effect; a warning says that today it is refused."""
    session, record = imported("https://github.com/acme/core/pull/8", failed=False)
    assert [(one.kind, one.outcome) for one in record.effects] == [("pull_request.created", "applied")]
    assert session.world.rules.settings, "the rules of the session hold for what follows"
    run = session.finish()
    [warning] = [one for one in run.findings if one.code == "platform.refused"]
    assert (WORDS in warning.message, warning.fails) == (True, False)


def test_a_recorded_refusal_is_one() -> None:
    """What was refused where it was recorded had no effect, and nothing is warned of."""
    session, record = imported(f"HTTP 403: {WORDS} (https://api.github.com/graphql)", failed=True)
    assert [(one.kind, one.outcome) for one in record.effects] == [("pull_request.created", "refused")]
    assert [one.code for one in session.finish().findings] == []


def test_a_case_in_memory_of_no_session_is_as_before() -> None:
    """Asked without a policy the newest edition holds."""
    routine = Routine("r", "p", repositories=(Repository("acme/core"),))
    told: list[str] = []
    case = case_in_memory(routine, None, WORLD, {"idempotent": False})
    from routine_harness.agents.scripted import Script

    agent = saying("gh issue list", told)
    Harness().check_case(case, routine, Script("a", lambda: agent).run)
    assert WORDS in told[0]
