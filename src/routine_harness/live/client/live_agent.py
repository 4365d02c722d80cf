"""The agent ``claude-code``: the real CLI, twice, in a sandbox around which everything is simulated.

One ``LiveAgent`` serves a pair: repositories outlive the first run, everything else is made afresh
for each (see ``live.client.attempt``).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.agents.recording import Recorder
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.live.client.attempt import Attempt, Client, Progress
from routine_harness.live.client.hooks import Guard
from routine_harness.live.client.live_pair import LivePair
from routine_harness.live.client.program import find_program
from routine_harness.live.outside.real_servers import RealServers
from routine_harness.live.sandbox.isolation import probe_isolation
from routine_harness.live.sandbox.limits import LIMITS, Limits
from routine_harness.live.sandbox.scratch import scratch_folder
from routine_harness.serve.credential import Credential, find_credential
from routine_harness.serve.modes import Mode
from routine_harness.serve.spending import Spending
from routine_harness.session.pair import run_pair
from routine_harness.session.run import Run, RunPair
from routine_harness.session.session import Session

LIMIT_USD: Final = 5.0
"""What may be spent where nobody says how much, in US dollars."""


class LiveOptions(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How to run live.

    ``model`` gives, per run, who plays the model; without it the real API does, with the credential of the
    environment (see ``serve.credential``). ``sources`` are folders, checkouts or bundles by repository;
    ``get_hosts`` may really be asked by GET; ``spending`` is what may be spent, on one pair unless it is
    handed on to others;
    ``limits`` are the sandbox's; ``servers`` are real ones, whose reads go through. ``guard`` makes the
    policy a hook of the CLI; without it everything is let go ahead, captured, and judged by the policy
    afterwards.
    """

    model: Callable[[int], Mode | Credential] | None = None
    program: str | None = None
    unsafe: bool = False
    sources: Mapping[str, Path] = {}
    get_hosts: tuple[str, ...] = ()
    spending: Spending | None = None
    seconds: float = 0.0
    progress: Progress = lambda _: None
    servers: RealServers | None = None
    guard: Guard | None = None
    limits: Limits = LIMITS


class LiveAgent:
    """Runs the sessions of one pair; see ``live_agent``. ``recorder`` says who ran the last one."""

    def __init__(self, live_pair: LivePair, client: Client) -> None:
        self._live_pair = live_pair
        self._client = client
        self.recorder = Recorder("claude-code", client.program.version, isolation=str(live_pair.isolation))

    def run(self, session: Session) -> Run:
        """Execute one session with the real CLI; there is always a run."""
        self._live_pair.follow(session.world)
        attempt = Attempt(self._live_pair, self._client, session, self._live_pair.scratch(session))
        attempt.tell(f"run {session.number}")
        run = attempt.run()
        self.recorder = attempt.recorder
        return run


DEFAULT: Final = LiveOptions()


@contextlib.contextmanager
def live_agent(setting: Setting, options: LiveOptions = DEFAULT) -> Iterator[LiveAgent]:
    """An agent for one pair; its folders and processes are always gone afterwards.

    Raises:
        AgentError: no CLI, one too old, no isolation, no credential.
    """
    program, isolation = find_program(options.program), probe_isolation(unsafe=options.unsafe)
    client = Client(
        program=program, model=options.model or _always(find_credential(os.environ)),
        spending=options.spending or Spending(LIMIT_USD), seconds=options.seconds,
        progress=options.progress, guard=options.guard,
    )  # fmt: skip
    with scratch_folder() as root:
        live_pair = LivePair(
            setting, root, isolation, sources=options.sources, get_hosts=options.get_hosts,
            servers=options.servers, limits=options.limits,
        )  # fmt: skip
        yield LiveAgent(live_pair, client)


def execute_live(setting: Setting, options: LiveOptions = DEFAULT) -> tuple[RunPair | None, Recorder]:
    """Both runs of a case by the real CLI, and who ran them.

    Raises:
        AgentError: see ``live_agent``.
    """
    with live_agent(setting, options) as agent:
        pair = run_pair(plan_pair(setting), agent.run)
        return pair, agent.recorder


def _always(credential: Credential) -> Callable[[int], Credential]:
    return lambda _: credential
