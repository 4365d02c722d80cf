"""Run twice: worlds, clocks and interactions go from one run to the next as in production."""

from __future__ import annotations

import msgspec
import pytest
from support.desk import FIRING, REGISTRY, ROUTINE, START, pair_desk, run_desk

from routine_harness.session.answering import Answering
from routine_harness.session.faults import Fault
from routine_harness.session.pair import PairPlan, Plan, open_session, refiring, run_pair, second_instant
from routine_harness.world.state import World


def files_once(session):
    """Files a ticket unless there is one."""
    if session.call("desk.list_tickets").text == "[]":
        session.call("desk.create_ticket", title="a")


def test_world_1_is_carried_over():
    """Run 2 starts from what run 1 left, and World 0 is as it was."""
    pair = pair_desk(files_once)
    assert pair.second.world_before.same_records(pair.first.world)
    assert (len(pair.first.effects), len(pair.second.effects)) == (1, 0)
    assert len(pair.first.world_before.table("desk.tickets")) == 0
    assert (pair.first.number, pair.second.number) == (1, 2)


def plan(**second):
    """A plan whose second run is as given."""
    return PairPlan(
        ROUTINE,
        REGISTRY,
        World(clock=START),
        Plan(FIRING, ROUTINE.prompt),
        lambda run: Plan(
            refiring(FIRING, second_instant(run, second.get("after"))), "again", **extra(second)
        ),
    )


def extra(options):
    return {name: value for name, value in options.items() if name != "after"}


def carry_out(session):
    files_once(session)
    return session.finish()


def test_time_passes_between_the_runs_where_the_case_says_so():
    """``after`` counts from the end of run 1; without it no time passes."""
    pair = run_pair(plan(after=86400), carry_out)
    assert pair.second.world_before.clock == pair.first.world.clock + 86400
    assert pair.second.firing.at == pair.second.world_before.clock
    assert run_pair(plan(), carry_out).second.world_before.clock == pair.first.world.clock
    assert pair.second.prompt == "again"


def test_others_act_between_the_runs():
    """What others did meanwhile is in the world of run 2, and no effect of any run."""

    def meanwhile(world):
        return world.put("desk.tickets", ("HUMAN",), {"id": "HUMAN", "title": "stand down"})

    pair = run_pair(plan(prepare=meanwhile), carry_out)
    assert pair.second.world_before.get("desk.tickets", ("HUMAN",)) is not None
    assert pair.first.world.get("desk.tickets", ("HUMAN",)) is None
    assert pair.second.effects == ()


@pytest.mark.parametrize(
    ("after", "following", "expected"),
    [
        (None, None, 1),
        (60, None, 61),
        (60, START + 7200, 61),
        (None, START + 7200, 7200),
        (None, START - 5, 1),
    ],
)
def test_when_the_second_run_starts(after, following, expected):
    """``after``, else the schedule's next instant, else at once; never before run 1 has ended."""
    run = run_desk(lambda session: session.call("desk.list_tickets"))
    assert second_instant(run, after, following) == START + expected


def test_without_a_first_run_there_is_no_pair():
    """An absent recording gives no pair, one with one run a pair without a second."""
    assert run_pair(plan(), lambda session: None) is None
    pair = run_pair(plan(), lambda session: carry_out(session) if session.number == 1 else None)
    assert pair is not None
    assert pair.second is None


class Counting:
    """Interactions that remember how often they were opened."""

    opened = 0

    def __init__(self):
        Counting.opened += 1

    def answer(self, call):
        return None

    def explain(self, call):
        return ()

    def unplayed(self):
        return ()


def test_interactions_are_rewound_and_faults_start_over():
    """Each run gets fresh interactions and counts its own faults."""
    Counting.opened = 0
    fault = Fault(tool="desk.list_tickets", nth=1, error="boom")
    base = plan(recorded=Counting)
    whole = msgspec.structs.replace(
        base, first=Plan(FIRING, ROUTINE.prompt, recorded=Counting), faults=(fault,)
    )
    pair = run_pair(whole, lambda session: [session.call("desk.list_tickets"), session.finish()][1])
    assert Counting.opened == 2
    assert [run.calls[0].answered_by for run in (pair.first, pair.second)] == ["fault", "fault"]


def test_each_run_has_own_tools_of_its_own():
    """A second run starts from a fresh clone, not from what the first one edited."""
    given = []

    def fresh(_):
        given.append(object())

    whole = msgspec.structs.replace(plan(), own=fresh)
    run_pair(whole, carry_out)
    assert len(given) == 2


def test_equal_plans_give_byte_equal_pairs():
    """Nothing but the plan decides about the transcripts."""
    first, second = (
        msgspec.json.encode((pair.first.transcript, pair.second.transcript))
        for pair in (run_pair(plan(after=5), carry_out) for _ in range(2))
    )
    assert first == second


def test_a_session_of_a_plan_is_open():
    """``open_session`` gives a session that nobody has executed yet."""
    whole = plan()
    session = open_session(whole, whole.first, whole.world, 1)
    assert session.state == "open"
    assert isinstance(session._answering, Answering)
