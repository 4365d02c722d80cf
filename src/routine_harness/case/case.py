"""A case: one test of a routine, as its file says it (see ``case.parse``)."""

from __future__ import annotations

from typing import Final

import msgspec

from routine_harness.plain import Record
from routine_harness.routine.edition_rules import Placement
from routine_harness.routine.render import brings_context
from routine_harness.routine.spec import Source
from routine_harness.session.faults import Fault
from routine_harness.session.wakes import Wake
from routine_harness.trigger.event import EventKind
from routine_harness.verdict.expectations.expect import Expectations
from routine_harness.verdict.further import ADVERSARY, CRASH, FAULTS, OVERLAP, Further
from routine_harness.verdict.rerun import Allowed
from routine_harness.world.commands import Command


class CaseTrigger(msgspec.Struct, frozen=True):
    """The event of a case: ``event`` is the qualified name of a github one; ``payload`` its body,
    already loaded; ``at`` the instant where the case gives one (ISO 8601)."""

    kind: EventKind
    event: str = ""
    payload: Record = {}
    at: str | None = None


class Rerun(msgspec.Struct, frozen=True):
    """How the second run differs: its event, what it may do, how much later, what others did.

    ``allow`` and ``strict`` are None where the policy decides.
    """

    trigger: CaseTrigger | None = None
    allow: tuple[Allowed, ...] | None = None
    after: str | None = None
    meanwhile: Record = {}
    strict: bool | None = None


REAL: Final = "claude-code"
"""The name of the real agent."""
SWEEPS: Final = (CRASH, OVERLAP, FAULTS, ADVERSARY)
"""The further checks in which something goes wrong; which items they are a case's first run says."""


class AgentSpec(msgspec.Struct, frozen=True):
    """Who executes the prompt: ``recording``, ``scripted`` with its target, or ``claude-code``.

    ``network`` is ``real`` for a script that may reach the network, else ``none``; ``shell`` is
    ``sandbox`` for one whose own tools run in the sandbox of live runs, else ``world``.
    """

    name: str = "recording"
    target: str = ""
    network: str = "none"
    shell: str = "world"


class CaseTrial(msgspec.Struct, frozen=True):
    """A variant of a case in which something goes wrong, recorded by itself: the ``check`` that it is of,
    its ``name``, and ``what`` goes wrong, on which its recording hangs."""

    check: str
    name: str
    what: tuple[str, ...]


class Case(msgspec.Struct, frozen=True):
    """One test of a routine. ``name`` is its file's stem, ``id`` that of a parametrised variant.

    ``routine`` is the routine's name. ``worlds`` are layers in the shape of world files, the lowest
    first, each with its entry in ``world_sources``. ``cassettes`` and a scripted agent's target are
    as written, relative to the folder of ``source.path``. ``context`` is when the context of its trigger
    reaches the agent, ``contexts`` are the other placements under which it is run as well; both are
    settled with the policy (``case.placement``), ``context`` is None before. ``placed`` is the placement
    of a variant that is run under one of those, ``trial`` says what goes wrong in one. ``thens`` are the
    expectations of the runs that a fault strikes, by its index.
    """

    name: str
    routine: str
    trigger: CaseTrigger
    id: str = ""
    description: str = ""
    worlds: tuple[Record, ...] = ()
    world_sources: tuple[Source, ...] = ()
    cassettes: tuple[str, ...] = ()
    agent: AgentSpec = AgentSpec()
    record_with: AgentSpec | None = None
    rerun: Rerun = Rerun()
    context: Placement | None = None
    checks: dict[str, Further] = {}
    contexts: tuple[Placement, ...] = ()
    placed: Placement | None = None
    trial: CaseTrial | None = None
    faults: tuple[Fault, ...] = ()
    wakes: tuple[Wake, ...] = ()
    thens: tuple[tuple[int, Expectations], ...] = ()
    commands: tuple[Command, ...] = ()
    budget: dict[str, float] = {}
    expect: Expectations = Expectations()
    second: Expectations | None = None
    strict: bool = False
    marks: tuple[str, ...] = ()
    skip: str = ""
    xfail: str = ""
    source: Source = Source(file="")

    @property
    def key(self) -> str:
        """``name`` or ``name.id``: as recordings, snapshots, the gate and ``--case`` name it; under
        another placement of its context ``name@later``, in a trial ``name@crash-2``."""
        under = self.trial.name if self.trial is not None else self.placed
        return f"{self.own_key}@{under}" if under else self.own_key

    @property
    def own_key(self) -> str:
        """The key without a placement."""
        return f"{self.name}.{self.id}" if self.id else self.name

    @property
    def script(self) -> AgentSpec | None:
        """The scripted agent that the case names: the one that records it, or its own."""
        named = (self.record_with, self.agent)
        return next((each for each in named if each is not None and each.name == "scripted"), None)

    @property
    def places_context(self) -> bool:
        """Whether an event of the case brings a context or a payload, which can come later."""
        triggers = (self.trigger, self.rerun.trigger)
        return any(each is not None and brings_context(each.kind, each.payload) for each in triggers)

    @property
    def checks_context(self) -> bool:
        """Whether ``context`` is an item of the case: it is run under further placements, or its own is
        not the usual one."""
        if self.trial is not None:
            return False
        return self.places_context and bool(self.contexts or self.placement != "together")

    @property
    def sweeps(self) -> tuple[str, ...]:
        """The further checks in which something goes wrong; none under another placement, nor in a trial."""
        if self.placed or self.trial is not None or not self.expect.fires:
            return ()
        return tuple(
            name for name in SWEEPS if (check := self.checks.get(name)) and check.on and not check.off
        )

    @property
    def placement(self) -> Placement:
        """When the context reaches the agent in this variant."""
        return self.placed or self.context or "together"

    @property
    def heading(self) -> str:
        """``routine: name [id]``: how a reader is told which case is meant."""
        placed = f" (context {self.placed})" if self.placed else ""
        placed += f" ({self.trial.name})" if self.trial is not None else ""
        return f"{self.routine}: {self.name}" + (f" [{self.id}]" if self.id else "") + placed
