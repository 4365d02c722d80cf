"""Wakes: when each comes, what it brings, and what is said of one that never came."""

from __future__ import annotations

from support.desk import FIRING, REGISTRY, ROUTINE, START

from routine_harness.session.session import Session
from routine_harness.session.transcript import Turn
from routine_harness.session.wakes import After, Arrival, Incoming, Wake
from routine_harness.world.state import World


def arriving(*wakes, later=()):
    """A session into which these come, each saying its number."""
    incoming = tuple(
        Incoming(wake, lambda world, _, said=f"wake {number}": Arrival(said, world))
        for number, wake in enumerate(wakes, 1)
    )
    return Session(ROUTINE, World(clock=START), FIRING, "prompt", REGISTRY, later=later, wakes=incoming)


def idle(run):
    return [finding.data["wake"] for finding in run.findings if finding.code == "wake.idle"]


def test_waiting_moves_the_clock_to_the_next_wake():
    """A wake comes so long after the session began; the transcript names it."""
    session = arriving(Wake(After(time=600), turn="x"), Wake(After(time=900), turn="y"))
    assert session.wait() == "wake 1"
    assert session.world.clock == START + 600
    assert session.wait() == "wake 2"
    assert session.wait() is None
    run = session.finish()
    assert [(e.wake, e.time) for e in run.transcript if isinstance(e, Turn)] == [
        (1, START + 600), (2, START + 900),
    ]  # fmt: skip
    assert not idle(run)


def test_a_session_that_is_late_waits_no_longer():
    """The clock never goes back."""
    session = arriving(Wake(After(time=1), turn="x"))
    for _ in range(3):
        session.call("desk.list_tickets")
    session.wait()
    assert session.world.clock == START + 3


def test_a_wake_after_a_call_waits_for_it():
    """Before the call nothing comes."""
    session = arriving(Wake(After(call=2), turn="x"))
    session.call("desk.list_tickets")
    assert session.wait() is None
    session.call("desk.list_tickets")
    assert session.wait() == "wake 1"


def test_a_wake_after_a_message_asks_its_predicate():
    """Any message up to now counts."""
    session = arriving(Wake(After(says={"contains": "opened"}), turn="x"))
    session.say("I looked.")
    assert session.wait() is None
    session.say("I opened it.")
    session.say("Done.")
    assert session.wait() == "wake 1"


def test_wakes_keep_their_order():
    """One that is not due keeps those behind it waiting, and all of them are told."""
    session = arriving(Wake(After(call=9), turn="x"), Wake(After(time=1), turn="y"))
    assert session.wait() is None
    assert idle(session.finish()) == [0, 1]


def test_an_echo_without_its_act_keeps_nobody_waiting():
    """Nobody sends it, so the next wake comes."""
    echo = Incoming(Wake(After(call=1), echo="own_label"), lambda world, effects: None)
    turn = Incoming(Wake(After(time=5), turn="x"), lambda world, effects: Arrival("x", world))
    session = Session(ROUTINE, World(clock=START), FIRING, "prompt", REGISTRY, wakes=(echo, turn))
    assert session.wait() == "x"
    [finding] = [f for f in session.finish().findings if f.code == "wake.idle"]
    assert finding.message == "wake 1 never came: the echo of own_label after call 1"


def test_a_turn_that_waits_comes_before_a_wake():
    """The context that comes late is there first; next_turn never takes a wake."""
    session = arriving(Wake(After(time=5), turn="x"), later=("context",))
    assert session.wait() == "context"
    assert session.next_turn() is None
    assert session.wait() == "wake 1"


def test_nothing_wakes_a_session_that_is_over():
    """After the end nothing comes."""
    session = arriving(Wake(After(time=5), turn="x"))
    session.finish("failed", "x")
    assert session.wait() is None
    assert session.wake(1) is None
