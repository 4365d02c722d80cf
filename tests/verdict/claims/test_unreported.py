"""Writes that failed and that nobody is told of; reads that were made good; refusals asked for again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from support.desk import pair_desk, run_desk
from support.judging import codes, judge

from routine_harness.cli.main import run
from routine_harness.harness import check_routine
from routine_harness.session.faults import Fault
from routine_harness.session.run import Run
from routine_harness.verdict.claims.unreported import check_retries, check_told
from routine_harness.verdict.looking import failed_reads, why_not_looked
from routine_harness.world.tool import ToolCall

DENIED = Fault(tool="desk.post_message", error="not_in_channel")
DOWN = Fault(tool="desk.list_tickets", nth=1, status=403)


def posting(closing: str, *, again: bool = False, ticket: str = "") -> Any:
    """An agent whose post fails, and what it says at the end."""

    def agent(session: Any) -> None:
        session.call("desk.list_tickets")
        session.call("desk.post_message", channel="alerts", text="red")
        if again:
            session.call("desk.post_message", channel="alerts", text="red")
        if ticket:
            session.call("desk.create_ticket", title=ticket)
        session.say(closing)

    return agent


UNTOLD = [
    "", "Done.", "Posted to the channel.", "The message is in #alerts.", "3 tests failed; posted the report.",
    "The build failed, so I posted it to #alerts.", "Posted without errors.", "Posted. No failures.",
    "Fixed the error handling and posted.", "Could not reproduce the flake; posted to #alerts.",
]  # fmt: skip
TOLD = [
    "Could not post to #alerts.", "The post failed: not_in_channel.", "Slack refused the message.",
    "I was unable to complete this.", "Summary:\n- post: ❌", "| message | not posted |",
    "It failed with 403.",
    "The message couldn’t be delivered.", "Posting was blocked by a missing scope.",
    "Die Nachricht konnte nicht gesendet werden.", "No se pudo publicar el mensaje.",
    "Échec : impossible de publier.", "メッセージの送信に失敗しました。", "消息发送失败。",
]  # fmt: skip


@pytest.mark.parametrize("closing", UNTOLD)
def test_a_failed_write_that_nobody_is_told_of_is_an_error(closing: str) -> None:
    """Whoever reads the closing message takes it for done."""
    found = list(check_told(run_desk(posting(closing), faults=(DENIED,))))
    assert [finding.code for finding in found] == ["run.failure-untold"]
    assert found[0].fails
    assert found[0].calls == (2,)
    assert "not_in_channel" in found[0].message


@pytest.mark.parametrize("closing", TOLD)
def test_a_failed_write_that_is_told_of_is_none(closing: str) -> None:
    """The closing message says so, in any common language."""
    assert not list(check_told(run_desk(posting(closing), faults=(DENIED,))))


def test_a_later_success_on_the_same_place_makes_it_good() -> None:
    """An agent that tries again and succeeds has nothing to tell."""
    once = Fault(tool="desk.post_message", nth=1, error="not_in_channel")
    assert not list(check_told(run_desk(posting("Posted.", again=True), faults=(once,))))
    [finding] = check_told(run_desk(posting("Posted.", again=True), faults=(DENIED,)))
    assert "(2 attempts)" in finding.message


def test_an_outward_text_may_tell_of_it() -> None:
    """A ticket that says what could not be posted is read as well."""
    told = run_desk(posting("Done.", ticket="Could not post to #alerts"), faults=(DENIED,))
    assert not list(check_told(told))
    assert list(check_told(run_desk(posting("Done.", ticket="Weekly report"), faults=(DENIED,))))


def test_it_is_an_error_in_either_run() -> None:
    """The item of the run says in which one."""
    pair = pair_desk(lambda s: s.call("desk.list_tickets"), second=posting("Posted."), faults=(DENIED,))
    assert "run.failure-untold" in codes(judge(pair, "expect: {idempotent: false}"), "run")


def test_what_another_finding_says_is_not_said_twice() -> None:
    """A connector that is not granted is a finding of its own."""
    lost = run_desk(lambda session: session.call("pager.create_incident", title="x"))
    assert [finding.code for finding in lost.findings] == ["connector.not-granted"]
    assert not list(check_told(lost))


@pytest.mark.parametrize("name", ["git-push-403-piped", "linear-error-json", "slack-ok-false"])
def test_the_failed_writes_of_reports(name: str, tmp_path: Path, shared_data: Path) -> None:
    """Each failed in another form, and the agent said that it was done."""
    folder = shared_data / "reports" / "failed-writes"
    shutil.copy(folder / "routine.yaml", tmp_path / "routine.yaml")
    target = tmp_path / "recordings" / f"{name}.jsonl"
    assert run(["import", "transcript", str(folder / f"{name}.jsonl"), "-o", str(target)]) == 0
    [result] = check_routine(tmp_path)
    assert "run.failure-untold" in [finding.code for finding in result.verdict.check("run").findings]


def nothing(_: ToolCall) -> tuple[ToolCall, ...]:
    """A reader that knows no other forms."""
    return ()


def lost(done: Run) -> list[int]:
    return [record.number for record in failed_reads(done, nothing)]


def test_a_later_answer_on_the_same_subject_makes_a_read_good() -> None:
    """An agent that is refused and reads again has looked; one that reads something else has not."""

    def again(session: Any) -> None:
        session.call("desk.list_tickets")
        session.call("desk.list_tickets")

    def elsewhere(session: Any) -> None:
        session.call("desk.list_tickets")
        session.call("desk.read_messages")

    assert lost(run_desk(again, faults=(DOWN,))) == []
    assert why_not_looked(run_desk(again, faults=(DOWN,)), nothing) == ""
    assert lost(run_desk(elsewhere, faults=(DOWN,))) == [1]


def test_another_form_of_the_same_question_makes_a_read_good() -> None:
    """``gh pr list`` is refused, and the same is read through the connector."""

    def forms(call: ToolCall) -> tuple[ToolCall, ...]:
        return (ToolCall("desk", "list_tickets"),) if call.tool == "Bash" else ()

    def agent(session: Any) -> None:
        session.call("Bash", command="gh pr list")
        session.call("desk.list_tickets")

    done = run_desk(agent, faults=(Fault(tool="Bash", status=403),))
    assert [record.number for record in failed_reads(done, forms)] == []
    assert lost(done) == [1]


@pytest.mark.parametrize(
    ("fault", "looked"),
    [
        ({"error": "Not Found"}, True),
        ({"status": 404}, True),
        ({"status": 401}, False),
        ({"status": 403}, False),
        ({"status": 502}, False),
        ({"timeout": True}, False),
        ({"error": "socket hang up"}, False),
    ],
)
def test_not_found_is_an_answer_and_a_refusal_is_none(fault: dict[str, Any], looked: bool) -> None:
    """ "There is none" tells something; 401, 403, 5xx and a time-out tell nothing."""
    done = run_desk(
        lambda session: session.call("desk.list_tickets"), faults=(Fault(tool="desk.list_tickets", **fault),)
    )
    assert (why_not_looked(done, nothing) == "") is looked


def test_the_same_refusal_three_times_is_a_warning() -> None:
    """Asking again changes nothing; a time-out may pass, and is tried again rightly."""

    def agent(session: Any) -> None:
        for _ in range(3):
            session.call("desk.list_tickets", state="open")

    refused = run_desk(agent, faults=(Fault(tool="desk.list_tickets", status=403),))
    [finding] = check_retries(refused)
    assert (finding.code, finding.fails, finding.calls) == ("run.retried-refusal", False, (1, 2, 3))
    assert not list(check_retries(run_desk(agent, faults=(Fault(tool="desk.list_tickets", timeout=True),))))
    assert not list(check_retries(run_desk(agent, faults=(DOWN,))))


def test_a_second_run_that_says_that_it_could_not_look_is_not_told_so() -> None:
    """It posts, as it may, that it could not look."""
    refusal = Fault(tool="desk.list_tickets", status=403)

    def agent(session: Any) -> None:
        text = "Could not read the tickets." if session.call("desk.list_tickets").is_error else "All quiet."
        session.call("desk.post_message", channel="alerts", text=text)
        session.say(text)

    pair = pair_desk(agent, faults=(refusal,))
    assert "idempotency.did-not-look" not in codes(
        judge(pair, "allow: [{effect: message.posted, at_most: 1}]"), "idempotent"
    )


def test_a_refused_gh_is_made_good_through_the_connector(tmp_path: Path) -> None:
    """GraphQL is refused, and the same pull requests are read by the connector's tool."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "routine.yaml").write_text(
        "name: r\nrepositories: [github:acme/core]\ntriggers: [{type: api}]\nprompt: Look.\n"
    )
    (tmp_path / "agent.py").write_text(
        "def look(session):\n"
        "    session.call('Bash', command='gh pr list -R acme/core')\n"
        "    session.call('github.list_pull_requests', owner='acme', repo='core')\n"
        "    session.say('Nothing to do.')\n"
        "def blind(session):\n"
        "    session.call('Bash', command='gh pr list -R acme/core')\n"
        "    session.call('github.list_issues', owner='acme', repo='core')\n"
        "    session.say('Nothing to do.')\n"
    )
    for name in ("look", "blind"):
        (tmp_path / "cases" / f"{name}.yaml").write_text(
            "trigger: {api: {text: go}}\n"
            "world: {github: {repositories: [{full_name: acme/core}]}}\n"
            "faults: [{call: Bash, status: 403}]\n"
            f"agent: {{scripted: ../agent.py::{name}}}\nexpect: {{nothing: true}}\n"
        )
    blind, look = check_routine(tmp_path)
    assert look.verdict.passed
    assert [finding.code for finding in blind.verdict.check("nothing").findings] == ["run.did-not-look"]
