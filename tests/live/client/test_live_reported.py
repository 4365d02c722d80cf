"""``gh`` as prompts of real routines ask for it: the same agent by script, and with the CLI and the shim."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.live_runs import needs_cli, run_live, use

from routine_harness.case.result import CaseResult
from routine_harness.harness import check_routine

Agent = Generator[tuple[str, dict[str, Any]], str, str]
"""An agent yields a tool with its arguments and is sent the answer; it returns what it says."""

MARK = "<!-- ci-failure-responder -->"
CI = "L337-org/docker-mcp"
INFLUX = "L337-org/send-to-influx"
WORLDS: dict[str, dict[str, Any]] = {
    "ci-failure-responder": {
        "github": {
            "issues": [
                {"repository": CI, "number": 12, "title": "ci: tests failed", "body": "run: 501",
                 "labels": ["ci-failure"], "user": "github-actions[bot]"},
                {"repository": CI, "number": 13, "title": "ci: runner lost", "body": "run: 480",
                 "labels": ["ci-failure"], "user": "github-actions[bot]",
                 "comments": [{"id": 7, "user": "ann", "body": "seen", "created_at": "-9h"}]},
                {"repository": CI, "number": 14, "title": "Old", "labels": ["ci-failure"], "state": "closed",
                 "user": "ann"},
                {"repository": CI, "number": 15, "title": "Flaky build", "user": "ann"},
            ],
            "workflow_runs": [
                {"repository": CI, "id": 501, "name": "ci", "workflow": "ci.yml", "head_branch": "main",
                 "status": "completed", "conclusion": "failure", "created_at": "-5h",
                 "jobs": [{"id": 9001, "name": "unit", "conclusion": "failure", "logs": "E   3 != 4\n"},
                          {"id": 9002, "name": "lint", "conclusion": "success", "logs": "fine\n"}]},
                *({"repository": CI, "id": number, "name": "nightly", "workflow": "nightly.yml",
                   "head_branch": "main", "status": "completed", "created_at": f"-{490 - number}h",
                   "conclusion": "failure" if number == 480 else "success"} for number in range(480, 484)),
            ],
        },
    },
    "apt-channel-serving-check": {
        "github": {
            "repositories": [
                {"full_name": "L337-org/apt",
                 "files": {"repos.yaml": f"- {{repo: {INFLUX}, keep_last_n: 2}}\n"}},
            ],
            "releases": [
                {"repository": INFLUX, "id": number, "tag_name": f"v1.{number}", "name": f"1.{number}",
                 "published_at": f"-{9 - number}d", "created_at": f"-{9 - number}d",
                 "assets": [{"id": 100 + number, "name": f"send-to-influx_1.{number}_all.deb", "size": 10}]}
                for number in (1, 2, 3)
            ],
        },
        "http": [
            {"method": "GET", "url": "https://apt.l337.org/Packages", "status": 200,
             "body": "Package: send-to-influx\nVersion: 1.2\n"},
        ],
    },
}  # fmt: skip
SLACK = {"ci-failure-responder": "C0BAP2FTQ6N", "apt-channel-serving-check": "C0BHJMYCENR"}
EXPECTED: dict[str, dict[str, Any]] = {
    "ci-failure-responder": {
        "comments": {"count": 2, "where": {"body": {"contains": MARK}}},
        "effects": {
            "effect": "ticket.updated",
            "count": 1,
            "where": {"number": 13, "state_reason": "completed"},
        },
        "messages": {"count": 1, "where": {"text": {"contains": "3 != 4"}}},
    },
    "apt-channel-serving-check": {
        "messages": {"count": 1, "where": {"text": {"contains": "1.3 is not served"}}}
    },
}


def bash(command: str) -> tuple[str, dict[str, Any]]:
    return "Bash", {"command": command}


def ci_failure_responder() -> Agent:
    """Claims what is new, closes what did not come back, and tells the channel once."""
    listed = yield bash("gh issue list --label ci-failure --state open --json number --jq '.[].number'")
    assert listed in ("13\n12", "12"), listed
    told = []
    said = yield bash("gh issue view 12 --comments")
    if MARK not in said:
        log = yield bash("gh run view 501 --log-failed")
        assert log == "unit\tUNKNOWN STEP\tE   3 != 4", log
        yield bash(
            f"printf '%s' '{MARK} product defect: 3 != 4' > /tmp/n.md && gh issue comment 12 -F /tmp/n.md"
        )
        told.append("https://github.com/L337-org/docker-mcp/issues/12: product defect, 3 != 4")
    passed = yield bash(
        "gh run list --workflow nightly.yml --status success -L 3 --json databaseId --jq 'map(.databaseId)'"
    )
    assert passed == "[483,482,481]", passed
    state = yield bash("gh issue view 13 --json state,comments --jq '.state, .comments[0].author.login'")
    if state == "OPEN\nann":
        yield bash(f"gh issue close 13 -r completed -c '{MARK} not again in 481, 482, 483'")
        told.append("https://github.com/L337-org/docker-mcp/issues/13: closed as not recurring")
    if told:
        yield "slack_send_message", {"channel_id": SLACK["ci-failure-responder"], "message": "\n".join(told)}
    return f"{len(told)} issues touched."


def apt_channel_serving_check() -> Agent:
    """Compares the releases that have a package with what the channel serves."""
    tags = yield bash(f"gh release list -R {INFLUX} -L 2 --json tagName --jq '.[].tagName'")
    missing = []
    served = yield bash("curl -fsS https://apt.l337.org/Packages")
    for tag in tags.split():
        assets = yield bash(f"gh release view {tag} -R {INFLUX} --json assets --jq '.assets[].name'")
        assert assets == f"send-to-influx_{tag[1:]}_all.deb", assets
        missing += [tag[1:]] if f"Version: {tag[1:]}\n" not in f"{served}\n" else []
    before = yield "slack_read_channel", {"channel_id": SLACK["apt-channel-serving-check"]}
    words = f"send-to-influx {', '.join(missing)} is not served"
    if missing and words not in before:  # an address reads back in Slack's own form
        text = f"{words} by https://apt.l337.org"
        yield "slack_send_message", {"channel_id": SLACK["apt-channel-serving-check"], "message": text}
    return "Compared two releases."


AGENTS: dict[str, Callable[[], Agent]] = {
    "ci-failure-responder": ci_failure_responder,
    "apt-channel-serving-check": apt_channel_serving_check,
}


def by_script(name: str) -> Callable[[Any], None]:
    """The agent as a script of the harness."""

    def run(session: Any) -> None:
        agent = AGENTS[name]()
        answer = None
        try:
            while True:
                tool, arguments = agent.send(answer)  # type: ignore[arg-type]  # None starts it
                own = tool if tool == "Bash" else f"slack.{tool}"
                answer = session.call(own, **arguments).text
        except StopIteration as end:
            session.say(end.value)

    return run


def by_model(name: str) -> Callable[[list[dict[str, Any]]], Any]:
    """The agent as a model whose turns the CLI asks for; it begins anew from all answers so far."""

    def turns(messages: list[dict[str, Any]]) -> Any:
        agent = AGENTS[name]()
        answers = [
            part["content"] if isinstance(part["content"], str) else part["content"][0]["text"]
            for message in messages if message["role"] == "user" and isinstance(message["content"], list)
            for part in message["content"] if part["type"] == "tool_result"
        ]  # fmt: skip
        try:
            tool, arguments = next(agent)
            for answer in answers:
                tool, arguments = agent.send(answer)
        except StopIteration as end:
            return end.value
        return [use(tool if tool == "Bash" else f"mcp__Slack__{tool}", **arguments)]

    return turns


def write(shared_data: Path, folder: Path, name: str) -> Path:
    """A routine with the real prompt, and one case; the case's file."""
    given = yaml.safe_load((shared_data / "routines" / "L337" / f"{name}.yaml").read_text("utf-8"))
    repositories = [f"github:{'/'.join(url.split('/')[-2:])}" for url in given["repositories"]]
    routine = {
        "name": name, "repositories": repositories, "triggers": [{"type": "schedule", **given["schedule"]}],
        "connectors": [{"connector": "slack", "bindings": [{"name": "team", "id": SLACK[name]}]}],
        "environment": {"network": "full"}, "prompt": given["prompt"],
    }  # fmt: skip
    hour = "2026-05-04T06:08:00Z" if name.startswith("ci") else "2026-05-04T07:40:00Z"
    case = {
        "trigger": {"schedule": {"at": hour}}, "world": WORLDS[name], "expect": EXPECTED[name],
        "agent": {"scripted": "../agents/a.py::run"},
    }  # fmt: skip
    for inside in ("cases", "agents"):
        (folder / inside).mkdir(parents=True)
    (folder / "routine.yaml").write_text(yaml.safe_dump(routine))
    (folder / "agents" / "a.py").write_text(
        f"from test_live_reported import by_script\n\nrun = by_script({name!r})\n"
    )
    (folder / "policy.yaml").write_text("platform: 2026-04\n")  # when gh still had GraphQL
    path = folder / "cases" / "one.yaml"
    path.write_text(yaml.safe_dump(case))
    return path


def problems(result: CaseResult) -> list[str]:
    return [f"{finding.code}: {finding.message}" for finding in result.verdict.findings]


@pytest.mark.parametrize("name", sorted(AGENTS))
def test_gh_answers_the_agent_of_a_real_prompt_by_script(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    """The routine's case passes: gh's lists, logs, releases and writes are the world's."""
    case = write(shared_data, tmp_path / "r", name)
    [result] = check_routine(case.parent.parent)
    assert result.passed, problems(result)


@pytest.mark.parametrize("name", sorted(AGENTS))
def test_gh_answers_the_same_agent_inside_the_sandbox(shared_data: Path, tmp_path: Path, name: str) -> None:
    """The same agent with the real CLI: the shim's gh prints the same, and leads to the same world."""
    needs_cli()
    case = write(shared_data, tmp_path / "r", name)
    [scripted] = check_routine(case.parent.parent)
    live = run_live(case, by_model(name))
    assert live.passed, problems(live)
    assert live.pair is not None
    assert scripted.pair is not None
    kinds = [[(effect.kind, effect.target) for effect in one.pair.first.effects] for one in (live, scripted)]
    assert kinds[0] == kinds[1]


def test_what_gh_prints_is_what_the_report_expects(shared_data: Path, tmp_path: Path) -> None:
    """``gh issue list --json`` and ``gh api --jq`` print the same by script and inside."""
    needs_cli()
    folder = shared_data / "reports" / "gh-json-shape"
    [scripted] = check_routine(folder)
    assert scripted.passed, problems(scripted)
    said = (
        bash("gh issue list -R acme/core --json number,title"),
        bash("gh api repos/acme/core/issues --jq '.[].number'"),
    )

    def turns(messages: list[dict[str, Any]]) -> Any:
        parts = [part for one in messages if isinstance(one["content"], list) for part in one["content"]]
        answers = [part["content"] for part in parts if part["type"] == "tool_result"]
        texts = [one if isinstance(one, str) else one[0]["text"] for one in answers]
        return [use(said[len(texts)][0], **said[len(texts)][1])] if len(texts) < 2 else " | ".join(texts)

    live = run_live(folder / "cases" / "x.yaml", turns)
    assert live.passed, problems(live)
