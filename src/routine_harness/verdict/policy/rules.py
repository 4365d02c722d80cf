"""What holds for every case of a folder, as values: rules, exceptions, limits, the gate's demands.

How the files of nested folders add up is ``policy_chain``'s to know, what holds without a file
``default_policy``'s.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from routine_harness.finding import Location
from routine_harness.plain import Record
from routine_harness.predicate import Predicate
from routine_harness.routine.edition import LATEST
from routine_harness.routine.edition_rules import Placement
from routine_harness.routine.network import Reach
from routine_harness.routine.spec import Routine, Source
from routine_harness.verdict.further import Further
from routine_harness.verdict.where import Where
from routine_harness.world.kinds import ANY_EFFECT

NOISE_LIMITS: Final = (
    "messages_per_run", "messages_per_channel_per_day", "characters_per_message", "mentions_of_everyone",
    "tickets_per_run", "comments_per_run", "pull_requests_per_run",
)  # fmt: skip
GATE_LEVELS: Final = ("spec", "lint", "triggers", "cases")
Tier = Literal["", "never", "named", "noted", "unread"]
"""Which of the default policy's tiers a rule belongs to; empty for a rule of a file.

``never`` is taken back in the outermost file alone, with reason, owner and a day; ``named`` by an
``allow`` that names the kind; ``noted`` is a warning, an error under ``strict``; ``unread`` is what
reading could not tell of a command.
"""


class Forbidden(msgspec.Struct, frozen=True):
    """One rule: effects of ``kinds`` or calls of ``tool`` that match ``where``; attempts count.

    ``ungranted`` restricts it to what the routine does not grant: a tool, a connector or a
    repository. ``reach`` restricts it to requests to hosts of these classes (``routine.network``).
    ``text`` is the rule as it is written; ``level`` the file that set it, from outside.
    """

    text: str
    kinds: tuple[str, ...] = ()
    tool: str = ""
    where: Where = ()
    ungranted: bool = False
    reach: tuple[Reach, ...] = ()
    tier: Tier = ""
    level: int = 0
    location: Location = Location("")
    reason: str = ""


class Permitted(msgspec.Struct, frozen=True):
    """Something taken back, with the reason; ``routines`` empty means for every one.

    ``at_most`` is how often in one run (None: any number). ``expires`` is an ISO date; whether it has
    passed is for those who know the day.
    """

    text: str
    reason: str
    kinds: tuple[str, ...] = ()
    tool: str = ""
    where: Where = ()
    at_most: int | None = None
    owner: str = ""
    expires: str = ""
    routines: tuple[str, ...] = ()
    level: int = 0
    location: Location = Location("")


class Limit(msgspec.Struct, frozen=True):
    """A noise limit and the file that set it."""

    most: int
    location: Location = Location("")


class Quarantine(msgspec.Struct, frozen=True):
    """``checks`` of a ``case`` of a ``routine`` that neither pass nor fail until the end of the day
    ``expires``; left empty, all of them."""

    reason: str
    owner: str
    expires: str
    routine: str = ""
    case: str = ""
    checks: tuple[str, ...] = ()
    location: Location = Location("")


class GateException(msgspec.Struct, frozen=True):
    """A finding that does not close the gate until ``expires``; ``routines`` empty: anywhere."""

    finding: str
    reason: str
    owner: str
    expires: str
    routines: tuple[str, ...] = ()
    location: Location = Location("")


class GateRules(msgspec.Struct, frozen=True):
    """What the gate demands besides verdicts that pass.

    ``levels`` must all be green. ``freshness`` is the most seconds that a recording may be old
    (None: any age); ``live_recordings`` the least number of live ones a routine; ``passed`` of the
    last ``of`` attempts under the same digests must have passed, and all of them prove ``pass_rate``
    with ``confidence`` (0: nothing to prove); ``cases_per_trigger`` the least number of cases for each
    trigger; under each of ``contexts`` every case must stand whose trigger brings a context.
    """

    levels: tuple[str, ...] = GATE_LEVELS
    freshness: int | None = None
    live_recordings: int = 0
    passed: int = 0
    of: int = 0
    pass_rate: float = 0.0
    confidence: float = 0.9
    cases_per_trigger: int = 1
    contexts: tuple[Placement, ...] = ()
    exceptions: tuple[GateException, ...] = ()


class Redaction(msgspec.Struct, frozen=True):
    """What is redacted on write beyond the known shapes; patterns by name."""

    patterns: dict[str, str] = {}
    variables: tuple[str, ...] = ()
    emails: bool = False


Level = Literal["error", "warning", "off"]


class LeakRules(msgspec.Struct, frozen=True):
    """How grave it is where what belongs to a person leaves, by its kind; ``people`` are those whose
    names must not."""

    email: Level = "warning"
    phone: Level = "warning"
    card: Level = "warning"
    account: Level = "warning"
    name: Level = "warning"
    people: tuple[str, ...] = ()


class PolicyFile(msgspec.Struct, frozen=True):
    """One policy file as it stands; None and missing keys mean that it does not say.

    ``connectors`` are further ones that may be named here, with their tools (none listed: any).
    ``organisation`` are those that reach every run.
    ``gate``, ``lint``, ``leaks``, ``rerun`` and ``budget`` hold only the keys that the file gives.
    """

    root: bool = False
    platform: str | None = None
    platform_overrides: Record = {}
    plan: str | None = None
    forbid: tuple[Forbidden, ...] = ()
    allow: tuple[Permitted, ...] = ()
    noise: dict[str, Limit] = {}
    identity: dict[str, tuple[str, ...]] = {}
    connectors: dict[str, tuple[str, ...]] = {}
    organisation: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    budget: dict[str, float] = {}
    rerun: Record = {}
    context: Placement | None = None
    checks: dict[str, Further] = {}
    claims_ignored: tuple[Predicate, ...] = ()
    gate: Record = {}
    lint: Record = {}
    leaks: Record = {}
    quarantine: tuple[Quarantine, ...] = ()
    redact: Redaction = Redaction()
    source: Source = Source(file="")


class Policy(msgspec.Struct, frozen=True):
    """What holds in one folder: the default policy and all files from the outermost inward.

    ``reads`` are tools of the user's that count as reads; ``hosts`` those to which a live run may
    send GET; ``claims_ignored`` are the patterns of sentences that are accepted; ``files`` names the
    policy files, outermost first.
    """

    platform: str = LATEST
    platform_overrides: Record = {}
    plan: str = "team"
    forbid: tuple[Forbidden, ...] = ()
    allow: tuple[Permitted, ...] = ()
    noise: dict[str, Limit] = {}
    identity: dict[str, tuple[str, ...]] = {}
    connectors: dict[str, tuple[str, ...]] = {}
    organisation: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    budget: dict[str, float] = {}
    rerun: Record = {}
    context: Placement | None = None
    checks: dict[str, Further] = {}
    claims_ignored: tuple[Predicate, ...] = ()
    gate: GateRules = GateRules()
    lint: Record = {}
    leaks: LeakRules = LeakRules()
    quarantine: tuple[Quarantine, ...] = ()
    redact: Redaction = Redaction()
    files: tuple[str, ...] = ()

    def reaching(self, routine: Routine) -> Routine:
        """``routine`` with the connectors that the organisation gives to every run."""
        if not self.organisation:
            return routine
        return msgspec.structs.replace(routine, organisation=self.organisation)

    def permits_for(self, rule: Forbidden, routine: str) -> tuple[Permitted, ...]:
        """The entries of ``allow`` that may take ``rule`` back for ``routine``."""
        return tuple(
            permit
            for permit in self.allow
            if permit.level <= rule.level
            and (not permit.routines or routine in permit.routines)
            and not (rule.tier and ANY_EFFECT in permit.kinds)
        )
