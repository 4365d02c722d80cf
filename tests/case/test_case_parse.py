"""Case files as values."""

from __future__ import annotations

from typing import Any

import pytest

from routine_harness.case.case import AgentSpec, Case
from routine_harness.case.parse import parse_cases
from routine_harness.errors import SpecError
from routine_harness.routine.document import Document, load_document
from routine_harness.session.faults import Fault

PAYLOAD = {
    "action": "opened",
    "number": 7,
    "pull_request": {"number": 7, "draft": False, "labels": [{"name": "a"}]},
}
TRIGGER = "trigger: {github: {event: pull_request.opened, payload: pr.json}}\n"


class Files:
    """The files beside a case, in memory."""

    def world(self, written: str) -> Document:
        texts = {"base.yaml": "slack: {channels: [{name: general}]}\n", "more.yaml": "linear: {teams: []}\n"}
        return load_document(texts[written].encode(), f"worlds/{written}")

    def payload(self, written: str) -> Any:
        return {"pr.json": PAYLOAD, "list.json": []}[written]

    def exists(self, written: str) -> bool:
        return written in ("a.yaml", "agents/x.py")


def parse(text: str) -> tuple[Case, ...]:
    return parse_cases(load_document(text.encode(), "cases/c.yaml"), "c", Files())


def only(text: str) -> Case:
    [case] = parse(text)
    return case


def problems(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse(text)
    return [problem.message for problem in caught.value.problems]


def test_a_trigger_is_enough_of_a_case() -> None:
    """Everything else has its default: a recording, an idempotent rerun of the same firing."""
    case = only(TRIGGER)
    assert (case.name, case.id, case.routine, case.agent) == ("c", "", "", AgentSpec("recording"))
    assert (case.trigger.kind, case.trigger.event) == ("github", "pull_request.opened")
    assert case.trigger.payload == PAYLOAD
    assert case.rerun.trigger is None
    assert case.expect.fires
    assert case.expect.idempotent
    assert case.second is None


@pytest.mark.parametrize(
    ("written", "kind", "payload", "at"),
    [
        ("{api: {text: hello}}", "api", {"text": "hello"}, None),
        ("{api: hello}", "api", {"text": "hello"}, None),
        ("{api: }", "api", {}, None),
        ("api", "api", {}, None),
        ("{manual: {text: go, at: 2026-05-04T09:00:00Z}}", "manual", {"text": "go"}, "2026-05-04T09:00:00Z"),
        ("manual", "manual", {}, None),
        ("{schedule: 2026-05-04T09:00:00Z}", "schedule", {}, "2026-05-04T09:00:00Z"),
        ("{schedule: {at: 2026-05-04}}", "schedule", {}, "2026-05-04"),
        ("schedule", "schedule", {}, None),
    ],
)
def test_triggers_without_a_webhook_have_short_forms(
    written: str, kind: str, payload: dict[str, Any], at: str | None
) -> None:
    """A text for api and manual, an instant for a schedule, or the bare word."""
    trigger = only(f"trigger: {written}\n").trigger
    assert (trigger.kind, trigger.payload, trigger.at) == (kind, payload, at)


def test_a_payload_may_stand_in_the_case_and_gets_its_action() -> None:
    """An inline body without ``action`` has the one that the event names."""
    case = only("trigger: {github: {event: issues.opened, payload: {issue: {number: 3}}}}\n")
    assert case.trigger.payload == {"issue": {"number": 3}, "action": "opened"}


def test_worlds_are_layers_with_their_sources() -> None:
    """Files and inline worlds keep their order, and each knows its lines."""
    case = only(TRIGGER + "world:\n  - base.yaml\n  - more.yaml\n  - github:\n      issues: []\n")
    assert [list(world) for world in case.worlds] == [["slack"], ["linear"], ["github"]]
    assert [source.file for source in case.world_sources] == [
        "worlds/base.yaml",
        "worlds/more.yaml",
        "cases/c.yaml",
    ]
    assert case.world_sources[0].line("slack", "channels") == 1
    assert case.world_sources[2].line("github", "issues") == 6


def test_one_world_needs_no_list() -> None:
    """A file by itself, or a mapping."""
    assert [list(world) for world in only(TRIGGER + "world: base.yaml\n").worlds] == [["slack"]]
    assert [list(world) for world in only(TRIGGER + "world: {linear: {}}\n").worlds] == [["linear"]]


def test_agents_are_named_or_scripted() -> None:
    """A scripted one has its target, as written."""
    case = only(TRIGGER + "agent: {scripted: 'agents/x.py::run'}\nrecord_with: claude-code\n")
    assert case.agent == AgentSpec("scripted", "agents/x.py::run")
    assert case.record_with == AgentSpec("claude-code")
    real = only(TRIGGER + "agent: {scripted: 'agents/x.py::run', network: real}\n").agent
    assert real == AgentSpec("scripted", "agents/x.py::run", "real")
    boxed = only(TRIGGER + "agent: {scripted: 'agents/x.py::run', shell: sandbox}\n").agent
    assert boxed == AgentSpec("scripted", "agents/x.py::run", shell="sandbox")
    assert only(TRIGGER + "agent: {scripted: 'package.module::run'}\n").agent.target == "package.module::run"


@pytest.mark.parametrize(
    ("agent", "message", "hint"),
    [
        ("{scripted: 'agents/x.py::run', shell: sandbx}", "found 'sandbx'", "did you mean sandbox?"),
        ("{scripted: 'agents/x.py::run', shel: sandbox}", "no key 'shel'", "did you mean shell?"),
        ("{shell: sandbox}", "needs the key 'scripted'", "write {scripted: ../agents/x.py::run}"),
    ],
)
def test_a_script_s_shell_is_checked(agent: str, message: str, hint: str) -> None:
    """The key and its value, with the nearest name."""
    with pytest.raises(SpecError) as caught:
        parse(TRIGGER + f"agent: {agent}\n")
    found = caught.value.problems[0]
    assert (found.line, message in found.message, hint in found.hint) == (2, True, True), found


@pytest.mark.parametrize("key", ["agent", "record_with"])
def test_a_scripted_agent_without_its_function_is_said_so(key: str) -> None:
    """Rather than which words stand there: ``scripted`` is an agent, and lacks something."""
    assert problems(TRIGGER + f"{key}: scripted\n") == ["a scripted agent needs its function"]


def test_faults_are_read_with_all_their_fields() -> None:
    """Status and headers, a missing connector, the nth call, a time-out."""
    case = only(
        TRIGGER
        + "faults:\n  - {call: WebFetch, where: {url: {contains: x}}, status: 403, headers: {x-reason: no}}\n"
        "  - {connector: slack, missing: true}\n  - {call: mcp__Linear__save_issue, nth: 2, timeout: true}\n"
    )
    assert case.faults == (
        Fault("WebFetch", where={"url": {"contains": "x"}}, status=403, headers={"x-reason": "no"}),
        Fault(connector="slack", missing=True),
        Fault("linear.save_issue", nth=2, timeout=True),
    )


def test_the_second_run_may_have_another_event_of_the_same_subject() -> None:
    """``synchronize`` after ``opened`` takes over the payload, with its own action."""
    case = only(
        TRIGGER
        + "rerun:\n  trigger: {github: {event: pull_request.synchronize}}\n  after: 2d\n  strict: true\n"
        "  allow: [message.posted]\n  meanwhile: {github: {comments: []}}\n"
    )
    rerun = case.rerun
    assert rerun.trigger is not None
    assert rerun.trigger.payload == {**PAYLOAD, "action": "synchronize"}
    assert (rerun.after, rerun.strict, rerun.meanwhile) == ("2d", True, {"github": {"comments": []}})
    assert [allowed.kinds for allowed in rerun.allow] == [("message.posted",)]


def test_parametrize_overrides_payload_and_world() -> None:
    """Mappings are merged key by key, lists replaced, worlds put on top; the case itself is none."""
    draft, labels = parse(
        TRIGGER + "world: base.yaml\nmarks: slow\nparametrize:\n"
        "  - {id: draft, payload: {pull_request: {draft: true}}}\n"
        "  - payload: {pull_request: {labels: []}}\n    world: {linear: {}}\n"
        "    xfail: later\n    marks: [net]\n"
    )
    assert (draft.name, draft.id, draft.marks, draft.xfail) == ("c", "draft", ("slow",), "")
    assert draft.trigger.payload["pull_request"] == {"number": 7, "draft": True, "labels": [{"name": "a"}]}
    assert (labels.id, labels.marks, labels.xfail) == ("1", ("slow", "net"), "later")
    assert labels.trigger.payload["pull_request"]["labels"] == []
    assert [list(world) for world in labels.worlds] == [["slack"], ["linear"]]
    assert PAYLOAD["pull_request"] == {"number": 7, "draft": False, "labels": [{"name": "a"}]}, (
        "nothing is shared"
    )


def test_marks_and_reasons_are_those_of_pytest() -> None:
    """``skip: true`` stands for a reason that nobody gave."""
    case = only(TRIGGER + "marks: [slow]\nskip: true\nxfail: known bug\n")
    assert (case.marks, case.skip, case.xfail) == (("slow",), "no reason given", "known bug")
    assert only(TRIGGER + "skip: false\n").skip == ""


def test_second_and_first_expectations_are_told_apart() -> None:
    """A ``second:`` block names its items with a prefix."""
    case = only(TRIGGER + "expect: {tickets: 1}\nsecond: {messages: 0}\n")
    assert [block.check for block in case.expect.blocks] == ["tickets"]
    assert case.second is not None
    assert [block.check for block in case.second.blocks] == ["second.messages"]


def test_the_problems_of_a_case_and_of_its_files_come_together() -> None:
    """One error, the case's own problems first."""
    found = problems(
        "trigger: {github: {event: pull_request.closed, payload: pr.json}}\nworld: 3\nagent: x\n"
    )
    assert len(found) == 3
    assert "the payload's action is the text 'opened'" in found[0]
