"""The closing message against the effects: plain claims are checked, everything else is left alone."""

from __future__ import annotations

import msgspec
import pytest
from desk import run_desk
from verdict_support import codes, judge

from routine_harness.finding import Severity
from routine_harness.session.run import Run, RunPair
from routine_harness.verdict.claims import judge_claims
from routine_harness.world.effect import Effect
from routine_harness.world.tool import ToolResult


def ran(closing: str, *effects: Effect) -> Run:
    """A run that ended with ``closing`` and had ``effects``."""

    def agent(session):
        session.call("desk.list_tickets")
        session.say(closing)

    run = run_desk(agent)
    record = msgspec.structs.replace(run.calls[0], effects=effects)
    return msgspec.structs.replace(run, calls=(record,))


TICKET = Effect("ticket.created", "linear", "SEC-4", {"url": "https://linear.app/acme/issue/SEC-4/sql"})
MESSAGE = Effect("message.posted", "slack", "#dev", {"channel": "dev", "text": "x"})
PULL = Effect("pull_request.created", "github", "acme/core#7", {"repository": "acme/core", "number": 7})
COMMENT = Effect("comment.created", "github", "acme/core#42", {"on": "acme/core#42", "body": "x"})

FALSE = [
    ("Posted a summary to #dev.", ()),
    ("Created SEC-4.", ()),
    ("I created SEC-4 and posted to Slack.", (TICKET,)),
    ("Created SEC-5.", (TICKET,)),
    ("I've opened a pull request.", (MESSAGE,)),
    ("Opened #8.", (PULL,)),
    ("Found one issue.\nFiled a ticket in Linear.", (MESSAGE,)),
    ("Done: created SEC-4.", (msgspec.structs.replace(TICKET, outcome="refused"),)),
    ("Commented on the pull request.", (TICKET,)),
    ("Merged #7.", (PULL,)),
    ("Merged #42.", ()),
    ("Everything is fine. Sent the report to the team.", ()),
    ("A ticket was created.", ()),
    ("SEC-4 was created and posted.", ()),
    ("✅ Ticket SEC-9 created", (TICKET,)),
    ("- Created ticket: SEC-5\n- Posted summary", (TICKET, MESSAGE)),
    ("The message has been posted.", (TICKET,)),
]


@pytest.mark.parametrize(("closing", "effects"), FALSE)
def test_a_claim_that_no_effect_bears_out_is_a_finding(closing, effects):
    """What the message says was done must have been done."""
    found = judge_claims(ran(closing, *effects))
    assert [finding.code for finding in found][:1] == ["run.claims-unseen"]
    assert found[0].severity is Severity.ERROR


TRUE = [
    ("Posted a summary to #dev.", (MESSAGE,)),
    ("Created SEC-4.", (TICKET,)),
    ("Created SEC-4 and posted to #dev.", (TICKET, MESSAGE)),
    ("Opened acme/core#7.", (PULL,)),
    ("Opened pull request #7.", (PULL,)),
    ("Commented on #42.", (COMMENT,)),
    ("Created https://linear.app/acme/issue/SEC-4/sql.", (TICKET,)),
    ("Filed a ticket.", (TICKET,)),
    ("SEC-4 was created.", (TICKET,)),
    ("Ticket SEC-4 created", (TICKET,)),
    ("The message has been posted.", (MESSAGE,)),
]


@pytest.mark.parametrize(("closing", "effects"), TRUE)
def test_a_claim_that_is_borne_out_is_none(closing, effects):
    """What the effects show may be said."""
    assert judge_claims(ran(closing, *effects)) == ()


LEFT_ALONE = [
    "1 finding.",
    "Nothing was posted.",
    "No ticket was created.",
    "SEC-4 was already created by the previous run.",
    "I did not post anything to Slack.",
    "If a risk is found, a ticket is created.",
    "The pull request was opened by alice.",
    "I would have created a ticket.",
    "Could not create the ticket; posted nothing.",
    "The existing ticket SEC-4 covers this.",
    "Pull request: none.",
    "Labelled 0, commented on 0.",
    "Touched 0.",
    "Reviewed the diff of PR #42: it changed how posts are created.",
    "The PR adds a handler that is called when a message is posted.",
    "The user opened the pull request without a description.",
    "The workflow closed early.",
    "PR #42 was created from a fork.",
    "This PR was merged, so the docs were checked.",
    "Issue #7 was closed.",
    "",
]


@pytest.mark.parametrize("closing", LEFT_ALONE)
def test_what_is_no_plain_claim_is_left_alone(closing):
    """Negations, conditions, the past and other people's deeds are no claims."""
    assert judge_claims(ran(closing)) == ()


def test_a_program_that_cannot_be_read_may_have_done_it():
    """Where a command is opaque, a claim without a name is only a warning."""
    opaque = Effect("command.opaque", "", "", {"program": "make"})
    [finding] = judge_claims(ran("Posted a summary.", opaque))
    assert finding.severity is Severity.WARNING
    assert judge_claims(ran("Created SEC-4.", opaque))[0].severity is Severity.ERROR


def test_a_false_claim_fails_the_item_run():
    """The finding belongs to ::run, and says what was done instead."""
    verdict = judge(RunPair(ran("Created SEC-5.", TICKET)))
    assert codes(verdict, "run") == ["run.claims-unseen"]
    assert "ticket.created SEC-4" in verdict.check("run").findings[0].message


def test_a_name_that_the_tool_answered_is_confirmed():
    """In an import the service gave the name, which no world knows: the tool's own answer tells it."""
    nameless = msgspec.structs.replace(TICKET, target="A hole", fields={"title": "A hole"})
    run = ran("Filed SEC-412.", nameless)
    answered = msgspec.structs.replace(run.calls[0], result=ToolResult('{"id": "SEC-412"}'))
    assert judge_claims(msgspec.structs.replace(run, calls=(answered,))) == ()
    for text in ('{"id": "SEC-4120"}', '{"id": "XSEC-412"}'):
        other = msgspec.structs.replace(run.calls[0], result=ToolResult(text))
        assert len(judge_claims(msgspec.structs.replace(run, calls=(other,)))) == 1
    refused = msgspec.structs.replace(
        answered, effects=(msgspec.structs.replace(nameless, outcome="refused"),)
    )
    assert judge_claims(msgspec.structs.replace(run, calls=(refused,)))
