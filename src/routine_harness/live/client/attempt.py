"""One run of the real CLI, from the first folder to the last process."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.agents.playing import lacked_plugins
from routine_harness.agents.recording import Recorder
from routine_harness.finding import Finding, Severity
from routine_harness.live.client.configuration import Configuration
from routine_harness.live.client.driver import Driver
from routine_harness.live.client.hooks import Asked, Guard, build_routes
from routine_harness.live.client.live_pair import LivePair
from routine_harness.live.client.live_run import LiveRun
from routine_harness.live.client.program import Cli, cli_environment
from routine_harness.live.outside.served_world import offers_of, session_offers
from routine_harness.live.sandbox.contained import Contained
from routine_harness.live.sandbox.scratch import Scratch
from routine_harness.live.sandbox.view import Program
from routine_harness.serve.credential import Credential
from routine_harness.serve.mcp import build_application, build_server
from routine_harness.serve.model import ModelEndpoint
from routine_harness.serve.model_session import ModelSession
from routine_harness.serve.modes import Mode
from routine_harness.serve.server import ServerThread
from routine_harness.serve.spending import Spending
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.session.transcript import RunStatus, Usage, total_usage

PORT: Final = 8765
"""Where the CLI's own servers listen: its model, its connectors, its hooks."""
CLI: Final = "/opt/claude"


class Step(msgspec.Struct, frozen=True):
    """What goes on in a run: ``text`` says it, ``seconds`` after the run began; ``spent`` is what this and
    earlier runs have cost by then, at most."""

    text: str
    seconds: float
    spent: Usage


Progress = Callable[[Step], None]


class Client(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The CLI as the client of a sandbox: the program, who plays its model, what all sessions may spend, and
    the policy as its hook."""

    program: Cli
    model: Callable[[int], Mode | Credential]
    spending: Spending
    seconds: float = 0.0
    progress: Progress = lambda _: None
    guard: Guard | None = None


class Attempt:
    """One session from the first folder to the last process."""

    def __init__(self, live_pair: LivePair, client: Client, session: Session, scratch: Scratch) -> None:
        self._live_pair = live_pair
        self._client = client
        self._session = session
        self._routine = live_pair.setting.routine
        self._began = time.monotonic()
        self._model = ModelSession(
            client.model(session.number), tools=self._routine.tools, spending=client.spending
        )
        self._live_run = LiveRun(live_pair, session, scratch, self._model.token)
        self._configuration = Configuration(
            live_pair.setting, self._live_run.layout, scratch, self._live_run.workplace
        )
        self._guard: Asked | None = None
        offers = offers_of(live_pair.setting, live_pair.setting.case.faults)
        self._offers = (*offers, *session_offers(live_pair.setting))
        self.recorder = Recorder(
            "claude-code",
            client.program.version,
            isolation=str(live_pair.isolation),
            clock=self._live_run.clock.kind,
            through=live_pair.servers.simulated(live_pair.setting.registry)
            if live_pair.servers is not None
            else (),
        )

    @property
    def _several(self) -> bool:
        """Whether turns come after the first."""
        return bool(self._session.waiting or self._session.wakes_left)

    def run(self) -> Run:
        live_run, client = self._live_run, self._client
        live_run.workplace.set_up(live_run.authority)
        self._guard = self._configuration.set_up(client.guard)
        with self._standing() as contained:
            driver = Driver(
                contained, live_run.outside.calls,
                seconds=client.seconds or self._live_pair.setting.case.budget.get("seconds", 0.0),
                expected=frozenset(offer.server for offer in self._offers), progress=self.tell,
                token=self._model.token, alarm=live_run.alarm, limits=self._live_pair.limits,
                several=self._several, shown=live_run.outside.ids.shown,
            )  # fmt: skip
            contained.release()
            status, reason, usage = driver.drive(live_run.outside.ids.shown(self._session.prompt))
        began = driver.began
        model = began.model if began is not None else self._routine.model or ""
        without = self._configuration.lacked(began.plugins if began is not None else ())
        self.recorder = msgspec.structs.replace(self.recorder, model=model, without=without)
        if without:
            self._session.add_finding(lacked_plugins(without))
        return self._finish(status, reason, usage)

    def tell(self, text: str) -> None:
        """Say what goes on, with the time and the cost so far."""
        spent = total_usage((self._client.spending.spent, self._model.usage))
        self._client.progress(Step(text, time.monotonic() - self._began, spent))

    def _finish(self, status: RunStatus, reason: str, usage: Usage) -> Run:
        self._live_run.report()
        with self._live_run.outside.lock:
            spent = self._model.usage
            if not usage.input_tokens:
                usage = msgspec.structs.replace(spent, seconds=usage.seconds)
            self._session.spend(usage)
            # Counted as the limit counts, else a run that it ended would leave something of it.
            self._client.spending.add(spent if spent.input_tokens else usage)
            for problem in self._model.left(finished=status == "finished")[:1]:
                self._session.add_finding(
                    Finding(code=problem.code, message=str(problem), severity=Severity.ERROR)
                )
                status, reason = (
                    "over_budget" if problem.code == "budget.spent" else "failed",
                    str(problem),
                )
            return self._session.finish(status, reason)

    @contextlib.contextmanager
    def _standing(self) -> Iterator[Contained]:
        """The program, ready to begin, with the servers around it; everything ended afterwards."""
        live_run = self._live_run
        with contextlib.ExitStack() as stack:
            contained = stack.enter_context(live_run.standing(self._sandboxed, (PORT,)))
            endpoint = ModelEndpoint()
            endpoint.open(self._model)
            failed = live_run.alarm.failed
            servers = {
                offer.connector: build_server(offer, live_run.outside.call, failed, in_thread=True)
                for offer in self._offers
            }
            routes = [
                *endpoint.routes(),
                *build_routes(live_run.outside.calls, self._model.token, self._guard),
            ]
            application = build_application(servers, routes, token=self._model.token)
            server = ServerThread(application, contained.listeners[0], failed)
            stack.callback(server.close)
            yield contained

    def _sandboxed(self, ports: Sequence[int]) -> Program:
        """The CLI with its configuration, its servers at the only one of ``ports``."""
        program, configuration, [port] = self._client.program, self._configuration, ports
        at = f"http://127.0.0.1:{port}/mcp"
        configuration.write_servers({offer.server: f"{at}/{offer.connector}" for offer in self._offers})
        shown, inside = program.mount(CLI)
        own = inside if self._live_run.layout.contained else program.words
        words = configuration.arguments(own, several=self._several)
        environment = cli_environment(port, self._model)
        return Program(words, environment, self._live_run.workplace.folder, (shown,))
