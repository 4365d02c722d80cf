"""Wakes: an event, a word of the user or the echo of the run's own act comes into an open session.

Knows when a wake is due and what is wrong with one that never came; what it says and does to the world
is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

import msgspec

from routine_harness.finding import Finding
from routine_harness.plain import Json, Record
from routine_harness.predicate import Predicate, parse_predicate
from routine_harness.routine.regex import compile_regex
from routine_harness.world.effect import Effect
from routine_harness.world.state import World

IDLE_WAKE: Final = "wake.idle"
Echo = Literal["own_label", "own_comment", "own_push"]


class After(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a wake comes: so many seconds after the session began, after call number ``call``, or after a
    message that satisfies the predicate ``says``."""

    time: int | None = None
    call: int = 0
    says: Json = None

    def __str__(self) -> str:
        if self.time is not None:
            return f"after {self.time} seconds"
        return f"after call {self.call}" if self.call else f"after a message that {_described(self.says)}"


class Wake(msgspec.Struct, frozen=True, omit_defaults=True):
    """One wake, as a case says it: an event of GitHub with its payload, a turn of the user, or the
    event that an act of the run itself fires."""

    after: After
    event: str = ""
    payload: Record = {}
    turn: str = ""
    echo: Echo | None = None

    def __str__(self) -> str:
        what = self.event or (self.echo and f"the echo of {self.echo}") or "a turn of the user"
        return f"{what} {self.after}"


class Arrival(msgspec.Struct, frozen=True, eq=False):
    """What a wake brings: the text of its turn, and the world as it is by then."""

    text: str
    world: World


class Incoming(msgspec.Struct, frozen=True, eq=False):
    """A wake with what it brings, once it is known what the run has done; ``arrive`` gives None where
    nothing has happened of which it could tell."""

    wake: Wake
    arrive: Callable[[World, Sequence[Effect]], Arrival | None]


class Wakes:
    """The wakes of one session that have not come yet, in order."""

    __slots__ = ("_began", "_said", "_waiting")

    def __init__(self, incoming: Iterable[Incoming], began: int) -> None:
        self._waiting = dict(enumerate(incoming, 1))
        self._began = began
        self._said: list[str] = []

    @property
    def left(self) -> tuple[int, ...]:
        """The numbers of the wakes that have not come, from 1."""
        return tuple(self._waiting)

    def hear(self, said: str) -> None:
        """Note what the agent has said."""
        self._said.append(said)

    def due(self, world: World, effects: Sequence[Effect], calls: int) -> int:
        """The number of the wake that comes when the agent waits now; 0 where none does.

        Nobody sends an echo before the act, so that it keeps no other wake waiting; else the order holds.
        """
        for number, incoming in self._waiting.items():
            if incoming.wake.echo and incoming.arrive(world, effects) is None:
                continue
            return number if self._holds(incoming.wake.after, calls) else 0
        return 0

    def take(self, number: int, world: World, effects: Sequence[Effect]) -> Arrival | None:
        """Wake ``number`` comes, with the world at its time; None where there is nothing to tell, or where
        it has come already."""
        incoming = self._waiting.get(number)
        if incoming is None:
            return None
        time = incoming.wake.after.time
        if time is not None:
            world = world.at(max(world.clock, self._began + time))
        arrival = incoming.arrive(world, effects)
        if arrival is not None:
            del self._waiting[number]
        return arrival

    def idle(self) -> tuple[Finding, ...]:
        """``wake.idle`` for each wake that never came."""
        return tuple(_idle(number, incoming.wake) for number, incoming in self._waiting.items())

    def _holds(self, after: After, calls: int) -> bool:
        if after.time is not None:
            return True
        if after.call:
            return calls >= after.call
        predicate = _parsed(after.says)
        return any(predicate.match(said) is True for said in self._said)


def _parsed(says: Json) -> Predicate:
    return parse_predicate(says, compile_regex)


def _described(says: Json) -> str:
    return str(_parsed(says))


def _idle(number: int, wake: Wake) -> Finding:
    hint = "look when the agent waits: as it stands, nothing was tried with this wake"
    if wake.echo:
        hint = "no act of this kind changed anything; correct the wake, or take it out"
    return Finding(
        code=IDLE_WAKE,
        message=f"wake {number} never came: {wake}",
        hint=hint,
        data={"wake": number - 1},
    )
