"""The session: what is legal when, who answers a call, what is kept."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from support.desk import FIRING, REGISTRY, ROUTINE, START, open_desk, run_desk

from routine_harness.finding import Severity
from routine_harness.predicate import ABSENT
from routine_harness.routine.spec import Grant, Routine
from routine_harness.session.answer import Asked
from routine_harness.session.answering import Answering
from routine_harness.session.faults import Fault, lookup_argument
from routine_harness.session.grants import Grants, check_interceptable
from routine_harness.session.lifecycle import TRANSITIONS, Budget, IllegalEvent
from routine_harness.session.session import Session
from routine_harness.session.transcript import Usage
from routine_harness.world.github.connector import CONNECTOR as GITHUB
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.recorded import Interaction, RecordedInteractions
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall, ToolResult


def codes(run):
    return [finding.code for finding in run.findings]


def test_reads_after_writes_see_the_writes():
    """What a call wrote is there for the next one, and the old world is untouched."""
    session = open_desk()
    session.call("desk.create_ticket", title="a")
    assert session.call("desk.list_tickets").json()[0]["title"] == "a"
    run = session.finish()
    assert len(run.world_before.table("desk.tickets")) == 0
    assert run.tickets[0].target == "DESK-1"


def test_the_clock_advances_a_second_per_call():
    """Every call takes a second of the world's time, from the firing on."""
    run = run_desk(lambda session: [session.call("desk.list_tickets") for _ in range(3)])
    assert run.world.clock == START + 3
    assert [entry.time - START for entry in run.transcript if entry.__class__.__name__ == "Call"] == [0, 1, 2]


def test_the_last_thing_said_is_the_closing_message():
    """Messages are kept in order, and the last one closes the run."""

    def agent(session):
        session.say("looking")
        session.call("desk.list_tickets")
        session.say("done")

    assert run_desk(agent).closing == "done"


@pytest.mark.parametrize("end", ["finished", "failed", "interrupted", "over_budget"])
def test_an_event_after_the_end_changes_nothing(end):
    """After its end a session answers with an error that names event and state, and keeps nothing."""
    session = open_desk()
    run = session.finish(end, "why")
    result = session.call("desk.create_ticket", title="late")
    session.say("late")
    assert result.is_error
    assert f"cannot call desk.create_ticket: the session is {end.replace('_', ' ')}" == result.text
    assert session.calls == ()
    assert session.world == run.world
    assert run.status == end
    assert run.reason == "why"


def test_finishing_twice_is_the_callers_mistake():
    """A finished session cannot be finished again; the error names event and state."""
    session = open_desk()
    session.finish()
    with pytest.raises(IllegalEvent, match="cannot fail: the session is finished"):
        session.finish("failed")


def test_no_transition_leads_out_of_an_end():
    """Only the open state has transitions."""
    assert {state for state, _ in TRANSITIONS} == {"open"}


def test_a_connector_that_is_not_granted_is_refused():
    """A call of a connector that the routine does not include is refused, found, and attempted."""
    bare = msgspec.structs.replace(ROUTINE, connectors=())
    run = run_desk(lambda session: session.call("desk.create_ticket", title="a"), routine=bare)
    assert codes(run) == ["connector.not-granted"]
    assert run.calls[0].result.is_error
    assert [(effect.kind, effect.outcome) for effect in run.effects] == [("ticket.created", "refused")]
    assert run.findings[0].calls == (1,)


@pytest.mark.parametrize(
    "grant", [Grant("desk", deny=("create_ticket",)), Grant("desk", allow=("list_tickets",))]
)
def test_a_tool_that_the_grant_leaves_out_is_refused(grant):
    """allow and deny of a grant decide about each tool."""
    narrow = msgspec.structs.replace(ROUTINE, connectors=(grant,))

    def agent(session):
        assert not session.call("desk.list_tickets").is_error
        assert session.call("desk.create_ticket", title="a").is_error

    assert codes(run_desk(agent, routine=narrow)) == ["tool.not-granted"]


def test_grants_are_spelt_as_their_users_spell_them():
    """A connector and its tools may go by other names in a routine."""
    routine = Routine("r", "p", connectors=(Grant("claude_ai_Google_Drive", allow=("read_file_content",)),))
    grants = Grants(routine, REGISTRY)
    assert grants.refusal(ToolCall("drive", "read_file_content"), 1, 1) is None
    refusal = grants.refusal(ToolCall("drive", "create_file"), 1, 1)
    assert refusal is not None
    assert refusal.code == "tool.not-granted"


def test_a_repository_that_is_not_granted_is_refused():
    """GitHub is granted by repository, whatever its case."""
    grants = Grants(ROUTINE)
    other = ToolCall("github", "get_file_contents", {"owner": "other", "repo": "one", "path": "a"})
    refusal = grants.refusal(other, 3, 2)
    assert refusal is not None
    assert (refusal.code, refusal.calls, refusal.run) == ("repository.not-granted", (3,), 2)
    granted = ToolCall("github", "get_file_contents", {"owner": "ACME", "repo": "Core", "path": "a"})
    assert grants.refusal(granted, 4, 2) is None


def test_an_own_tool_that_is_not_listed_is_refused():
    """Where the routine lists its own tools, another one is not granted."""
    listed = msgspec.structs.replace(ROUTINE, tools=("Read",))
    run = run_desk(lambda session: session.call("WebFetch", url="https://example.org"), routine=listed)
    assert codes(run) == ["tool.not-granted"]


def test_a_call_that_nobody_answers_is_unexpected():
    """Without model and recording a call is refused: a warning for a read, an error for a write."""
    wide = msgspec.structs.replace(ROUTINE, connectors=(Grant("desk"), Grant("pager")))

    def agent(session):
        session.call("pager.list_incidents")
        session.call("pager.create_incident", title="x")

    run = run_desk(agent, routine=wide)
    assert [(f.code, f.severity) for f in run.findings] == [
        ("call.unexpected", Severity.WARNING),
        ("call.unexpected", Severity.ERROR),
    ]
    answering = Answering(wide, REGISTRY, strict=True)
    strict = answering.answer(Asked(World(clock=START), ToolCall("pager", "list_incidents"), 1))
    assert strict.findings[0].severity is Severity.ERROR


PLAYED = (
    Interaction("pager", "list_incidents", {}, ToolResult("[]")),
    Interaction("pager", "get_incident", {"id": 1}, ToolResult("{}"), source="cassettes/pager.yaml:9"),
)


def pager(**options):
    """A session of a routine that has a pager, of which two interactions are recorded."""
    wide = msgspec.structs.replace(ROUTINE, connectors=(Grant("pager"),))
    recorded = RecordedInteractions(PLAYED, REGISTRY)
    return open_desk(routine=wide, answering=Answering(wide, REGISTRY, recorded=recorded, **options))


def test_what_is_recorded_answers_what_is_not_simulated():
    """A recorded interaction answers, and a near miss is shown for what has none."""
    session = pager()
    session.call("pager.list_incidents")
    session.call("pager.get_incident", id=2)
    run = session.finish("failed")
    hit, miss = run.calls
    assert (hit.answered_by, hit.result.text, hit.reads) == ("recorded", "[]", True)
    assert (miss.answered_by, miss.result.is_error) == ("refused", True)
    assert codes(run) == ["call.unexpected"]
    assert run.findings[0].detail == (
        'pager.get_incident {"id":1} (cassettes/pager.yaml:9) differs in id: recorded 1, asked 2',
    )


def test_what_is_recorded_and_not_played_is_found():
    """Interactions that nobody asks for are a warning, under strict an error, and in run 1 alone."""
    session = pager()
    session.call("pager.list_incidents")
    [finding] = session.finish().findings
    assert (finding.code, finding.severity) == ("call.unplayed", Severity.WARNING)
    assert finding.detail == ("pager.get_incident cassettes/pager.yaml:9",)
    assert pager(strict=True).finish().findings[0].severity is Severity.ERROR
    assert pager(run=2).finish().findings == ()


def test_a_recorded_write_is_named_by_both_runs():
    """That a write was not made is an error of the pair, where neither run made it."""
    wide = msgspec.structs.replace(ROUTINE, connectors=(Grant("pager"),))
    write = Interaction("pager", "create_incident", {"title": "x"}, source="c.yaml:1")
    for run in (1, 2):
        answering = Answering(wide, REGISTRY, recorded=RecordedInteractions([write], REGISTRY), run=run)
        [finding] = open_desk(routine=wide, answering=answering).finish().findings
        assert (finding.code, finding.severity) == ("call.unplayed", Severity.ERROR)
        assert finding.message == "a recorded write was played by no run: pager.create_incident c.yaml:1"


def test_what_the_world_knows_only_by_key_is_incomplete():
    """Such an answer is an error and a finding, and no look."""
    world = World(clock=START).put("desk.tickets", ("X",), {"id": "X"})
    run = run_desk(lambda session: session.call("desk.get_ticket", id="X"), world)
    assert codes(run) == ["world.incomplete"]
    assert run.calls[0].result.is_error
    assert not run.calls[0].complete


def test_an_update_that_changes_nothing_is_unchanged():
    """An effect is stamped with its call and with what became of it."""

    def agent(session):
        session.call("desk.create_ticket", title="a")
        session.call("desk.update_ticket", id="DESK-1", title="a")
        session.call("desk.update_ticket", id="DESK-1", title="b")
        session.call("desk.update_ticket", id="DESK-9", title="b")

    run = run_desk(agent)
    assert [(e.call, e.outcome, e.tool) for e in run.effects] == [
        (1, "applied", "desk.create_ticket"),
        (2, "unchanged", "desk.update_ticket"),
        (3, "applied", "desk.update_ticket"),
        (4, "refused", "desk.update_ticket"),
    ]


def test_arguments_that_are_not_json_are_refused():
    """Whatever an agent passes, it gets a result and no exception."""
    run = run_desk(lambda session: session.call("desk.create_ticket", title={1, object()}))
    assert run.calls[0].result.is_error
    assert run.effects == ()


def test_what_an_agent_passed_is_its_own():
    """Changing an argument after the call changes neither world nor transcript."""
    labels = ["a"]

    def agent(session):
        session.call("desk.create_ticket", title="t", labels=labels)
        labels.append("b")

    run = run_desk(agent)
    assert run.calls[0].call.arguments["labels"] == ["a"]
    assert next(iter(run.world.table("desk.tickets")))["labels"] == ["a"]


FAULTS = [
    (Fault(tool="desk.list_tickets", error="boom"), "boom", 1),
    (Fault(tool="desk.list_tickets", timeout=True), "desk.list_tickets timed out after 60 seconds", 61),
    (
        Fault(tool="desk.list_tickets", status=403, headers={"x-deny-reason": "host_not_allowed"}),
        "Request failed with status code 403\nx-deny-reason: host_not_allowed",
        1,
    ),
    (Fault(connector="desk", missing=True), "No such tool available: desk.list_tickets", 1),
]


@pytest.mark.parametrize(("fault", "text", "seconds"), FAULTS)
def test_a_fault_takes_the_place_of_the_answer(fault, text, seconds):
    """Error, time-out, status and missing connector each read as they would in production."""
    run = run_desk(lambda session: session.call("desk.list_tickets"), faults=(fault,))
    record = run.calls[0]
    assert (record.result.text, record.result.is_error, record.answered_by) == (text, True, "fault")
    assert record.reads
    assert run.world.clock == START + seconds


def test_a_fault_strikes_the_nth_matching_call():
    """nth counts the calls that match tool and where, and no others."""
    fault = Fault(tool="desk.create_ticket", where={"title": {"starts_with": "a"}}, nth=2, error="boom")

    def agent(session):
        return [session.call("desk.create_ticket", title=title).is_error for title in ("a1", "b", "a2", "a3")]

    run = run_desk(agent, faults=(fault,))
    assert [record.result.is_error for record in run.calls] == [False, False, True, False]
    assert [effect.outcome for effect in run.effects] == ["applied", "applied", "refused", "applied"]


IDLE = [
    (
        Fault(tool="desk.update_ticket", error="boom"),
        "the fault on desk.update_ticket struck no call: no call matches it",
    ),
    (
        Fault(tool="desk.list_tickets", nth=3, error="boom"),
        "the fault on desk.list_tickets struck no call: it has no call number 3, only 1",
    ),
    (Fault(tool="desk.list_tickets", error="boom"), ""),
    (Fault(connector="slack", missing=True), ""),
]


@pytest.mark.parametrize(("fault", "message"), IDLE)
def test_a_fault_that_befell_no_call_is_found(fault, message):
    """A case whose fault never strikes tests nothing of what it is about."""
    run = run_desk(lambda session: session.call("desk.list_tickets"), faults=(fault,))
    assert [finding.message for finding in run.findings if finding.code == "fault.idle"] == (
        [message] if message else []
    )


def test_a_fault_looks_into_nested_arguments():
    """A dotted name leads into an argument; what is not there is absent."""
    assert lookup_argument({"a": {"b": 1}}, "a.b") == 1
    assert lookup_argument({"a.b": 2}, "a.b") == 2
    assert lookup_argument({"a": 1}, "a.b") is ABSENT


@pytest.mark.parametrize(
    ("budget", "calls", "reason"),
    [
        (Budget(calls=2), 2, "2 calls are used up"),
        (Budget(turns=3), 3, "3 turns are used up"),
        (Budget(seconds=4), 4, "4 seconds are used up"),
    ],
)
def test_a_budget_is_checked_before_acting(budget, calls, reason):
    """The call that would break a budget is not carried out, and ends the session."""
    run = run_desk(
        lambda session: [session.call("desk.create_ticket", title=str(n)) for n in range(9)], budget=budget
    )
    assert run.status == "over_budget"
    assert len(run.calls) == len(run.tickets) == calls
    assert run.reason.startswith(reason)


@pytest.mark.parametrize(
    "budget",
    [Budget(tokens=100), Budget(cost_usd=1.5), Budget(seconds=50)],
    ids=["tokens", "cost", "seconds"],
)
def test_what_a_driver_reports_counts_against_the_budget(budget):
    """Tokens, dollars and seconds are those that the agent's driver has reported."""
    session = open_desk(budget=budget)
    assert not session.call("desk.list_tickets").is_error
    session.spend(Usage(input_tokens=90, output_tokens=10, cost_usd=2.0, seconds=60))
    assert session.call("desk.list_tickets").is_error
    assert session.finish().status == "over_budget"


def test_a_budget_keeps_the_defaults_that_it_does_not_name():
    """A case's limits replace the default ones by name."""
    assert Budget.of({"calls": 3.0}) == Budget(calls=3)


def test_a_connector_that_nothing_can_intercept_is_refused_before_it_runs():
    """A granted connector needs a model, a declaration or recorded interactions."""
    wide = Routine("r", "p", connectors=(Grant("desk"), Grant("pager"), Grant("slack")))
    found = check_interceptable(wide, REGISTRY)
    assert [finding.code for finding in found] == ["connector.not-intercepted"]
    assert found[0].hint.startswith("declare its tools under pager:")
    assert "pager" in found[0].message
    [misspelt] = check_interceptable(Routine("r", "p", connectors=(Grant("slak"),)), REGISTRY)
    assert misspelt.hint.startswith("did you mean slack? else declare")
    assert check_interceptable(wide, REGISTRY, {"pager"}) == ()


def test_an_answer_may_be_lost_after_the_service_has_acted():
    """With ``applied`` the call is carried out, and the agent gets the fault instead of the answer."""

    def agent(session):
        sent = session.call("desk.post_message", channel="alerts", text="red")
        assert sent.is_error
        session.call("desk.post_message", channel="alerts", text="red")

    run = run_desk(agent, faults=(Fault(tool="desk.post_message", nth=1, timeout=True, applied=True),))
    assert len(run.messages) == 2
    assert run.calls[0].answered_by == "fault"
    assert run.world.clock == START + 2 + 60


def test_a_fault_may_strike_from_a_call_on():
    """``from`` strikes that call and every later one."""
    fault = Fault(tool="desk.list_tickets", from_nth=2, error="down")
    run = run_desk(lambda session: [session.call("desk.list_tickets") for _ in range(4)], faults=(fault,))
    assert [record.failed for record in run.calls] == [False, True, True, True]


LOOKS = [
    ("Read", "", True),
    ("WebFetch", "", True),
    ("TodoWrite", "", False),
    ("Bash", "cat app/db.py", True),
    ("Bash", "cd x && git log -3 | head", True),
    ("Bash", "PAGER=cat gh pr view 4", True),
    ("Bash", "echo 'nothing to do'", False),
    ("Bash", "cd /tmp; date; sleep 1", False),
    ("Bash", "for f in a b; do echo $f; done", False),
    ("Bash", "echo 'unbalanced", False),
    ("Bash", "x=$(git status) && echo $x", True),
    ("Bash", "git push origin claude/x", False),
    ("Bash", "", False),
    ("Monitor", "git log -3", True),
    ("Bash", "timeout 5 sleep 3", False),
    ("Bash", "sudo echo hi", False),
    ("Bash", "git commit -m x", False),
    ("Bash", "echo 'done (all green)'", False),
    ("Bash", "cat > notes.txt <<'EOF'\nx\nEOF", False),
    ("Bash", "npm test", True),
]


@pytest.mark.parametrize(("tool", "command", "looks"), LOOKS)
def test_what_counts_as_a_look(tool, command, looks):
    """Reading files, the network and the outside is a look; printing and waiting is none."""
    record = open_desk().replay(tool, {"command": command}, ToolResult("text"))
    assert record is not None
    assert record.reads is looks


def test_a_program_that_cannot_be_read_looked_where_it_printed_something():
    """What it printed shows it; one that failed or stayed silent shows nothing."""
    for result, looks in (
        (ToolResult("3 passed"), True),
        (ToolResult(""), False),
        (ToolResult("x", True), False),
    ):
        record = open_desk().replay("Bash", {"command": "make check"}, result)
        assert record is not None
        assert record.reads is looks


def test_a_fault_strikes_what_a_command_stands_for():
    """gh in a command is the tool that does the same, for faults, too."""
    fault = Fault(tool="github.pull_request_read", error="boom")
    run = run_desk(
        lambda session: session.call("Bash", command="gh pr view 42 -R acme/core"), faults=(fault,)
    )
    assert (run.calls[0].answered_by, run.calls[0].result.text) == ("fault", "boom")
    other = run_desk(lambda session: session.call("Bash", command="gh issue list"), faults=(fault,))
    assert other.calls[0].answered_by != "fault"


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("desk.create_ticket"), st.fixed_dictionaries({"title": st.text(max_size=9)})),
        st.tuples(
            st.just("desk.update_ticket"),
            st.fixed_dictionaries({"id": st.just("DESK-1"), "title": st.text()}),
        ),
        st.tuples(st.just("desk.list_tickets"), st.just({})),
        st.tuples(st.just("desk.nothing"), st.dictionaries(st.text(), st.integers())),
    ),
    max_size=12,
)


@given(ACTIONS)
def test_equal_inputs_give_byte_equal_transcripts(actions):
    """The same calls on the same world give the same transcript, byte for byte."""

    def agent(session):
        for tool, arguments in actions:
            session.call(tool, **arguments)

    first, second = (msgspec.json.encode(run_desk(agent).transcript) for _ in range(2))
    assert first == second


class SessionMachine(RuleBasedStateMachine):
    """A model of the session: its state, its calls and its transcript only ever grow."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(ROUTINE, World(clock=START), FIRING, "p", REGISTRY, budget=Budget(calls=5))
        self.state = "open"
        self.calls = 0
        self.world = self.session.world

    @rule(title=st.text(max_size=5))
    def create(self, title: str) -> None:
        """Only an open session within its budget changes the world."""
        before = self.session.world
        result = self.session.call("desk.create_ticket", title=title)
        if self.state != "open":
            assert result.is_error
            assert self.session.world is before
        elif self.calls == 5:
            assert result.is_error
            assert self.session.world is before
            self.state = "over_budget"
        else:
            assert not result.is_error
            self.calls += 1

    @rule(text=st.text(max_size=5))
    def say(self, text: str) -> None:
        """Saying changes nothing but the transcript."""
        before = self.session.world
        self.session.say(text)
        assert self.session.world is before

    @rule(status=st.sampled_from(["finished", "failed", "interrupted"]))
    def finish(self, status: str) -> None:
        """An ended session is not ended a second time, save by the budget that has ended it."""
        if self.state == "open":
            assert self.session.finish(status).status == status
            self.state = status
        elif self.state == "over_budget":
            assert self.session.finish(status).status == "over_budget"
        else:
            with pytest.raises(IllegalEvent):
                self.session.finish(status)

    @precondition(lambda self: self.state != "open")
    @rule(text=st.text())
    def late(self, text: str) -> None:
        """Nothing is kept after the end."""
        before = self.session.calls
        self.session.call("desk.list_tickets")
        self.session.say(text)
        assert self.session.calls == before

    @invariant()
    def agrees(self) -> None:
        """State and number of calls are those of the model."""
        assert self.session.state == self.state
        assert len(self.session.calls) == self.calls


TestSessionMachine = SessionMachine.TestCase


def test_a_command_that_does_nothing_outside_is_no_write_that_is_missing():
    """What ``pip install`` prints is not known: a warning, as nothing outside hangs on it."""
    answering = Answering(ROUTINE, REGISTRY, own=OwnTools({}, ("acme/core",)), run=1)
    answer = answering.answer(Asked(World(), ToolCall("", "Bash", {"command": "pip install -e ."}), 1))
    assert [(finding.code, finding.severity) for finding in answer.findings] == [
        ("world.incomplete", Severity.WARNING)
    ]


@pytest.mark.parametrize(
    ("command", "route", "severity"),
    [
        ("gh api repos/acme/core/nothing", "GET /repos/acme/core/nothing", Severity.WARNING),
        ("curl -s https://api.github.com/no/such", "GET /no/such", Severity.WARNING),
        ("curl -X POST https://api.github.com/no/such -d '{}'", "POST /no/such", Severity.ERROR),
    ],
)
def test_a_scripted_request_that_no_face_of_github_knows(command: str, route: str, severity: Severity):
    """It is answered as GitHub answers an unknown path, and found by its route."""
    answering = Answering(ROUTINE, REGISTRY, own=OwnTools({"github": GITHUB}, ("acme/core",)), run=1)
    answer = answering.answer(Asked(World(), ToolCall("", "Bash", {"command": command}), 1))
    assert "Not Found" in answer.result.text
    [finding] = [one for one in answer.findings if one.code == "github.not-simulated"]
    assert (finding.severity, route in finding.message) == (severity, True)
