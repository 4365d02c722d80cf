"""One run of the real CLI, from the first folder to the last process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.agents.playing import lacked_plugins
from routine_harness.agents.recording import Recorder
from routine_harness.case.plan import Setting
from routine_harness.finding import Finding, Severity
from routine_harness.live.alarm import Alarm
from routine_harness.live.authority import Authority
from routine_harness.live.clock import ProgramClock, program_clock
from routine_harness.live.driver import Driver, Progress
from routine_harness.live.egress import EgressProxy, HttpRequest, HttpResponse
from routine_harness.live.git import Git
from routine_harness.live.held import held_answers
from routine_harness.live.layout import Layout, build_environment
from routine_harness.live.limits import LIMITS, Limits
from routine_harness.live.mirror import Mirror
from routine_harness.live.offers import build_routes, offers_of
from routine_harness.live.origin import Origins
from routine_harness.live.outside import NO_IDS, Outside
from routine_harness.live.program import Program
from routine_harness.live.project_settings import Asked, Guard
from routine_harness.live.push import Push
from routine_harness.live.push_rule import refuse_push
from routine_harness.live.sandbox import Contained, Isolation, contain, free_listeners, start_exposed
from routine_harness.live.sandbox import Program as Sandboxed
from routine_harness.live.scratch import Scratch
from routine_harness.live.through import RealServers
from routine_harness.live.usage import Meter
from routine_harness.live.workplace import Workplace
from routine_harness.serve.mcp import build_application, build_server
from routine_harness.serve.model import ModelEndpoint
from routine_harness.serve.model_session import ModelSession, Upstream
from routine_harness.serve.modes import Mode
from routine_harness.serve.server import ServerThread
from routine_harness.session.grants import Grants
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.session.transcript import RunStatus, Usage
from routine_harness.store.interactions import MAX_BODY, TooLargeError
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

PORTS: Final = (8765, 8766)
CLI: Final = "/opt/claude"
READ: Final = 64 * 1024


class Ground(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What the runs of a pair stand on: the case, the CLI, the isolation, the repositories."""

    setting: Setting
    program: Program
    isolation: Isolation
    origins: Path
    model: Callable[[int], Mode | Upstream]
    get_hosts: tuple[str, ...] = ()
    limit_usd: float = 0.0
    seconds: float = 0.0
    progress: Progress = lambda _: None
    servers: RealServers | None = None
    guard: Guard | None = None
    mirror: Mirror | None = None
    limits: Limits = LIMITS


class Attempt:
    """One session from the first folder to the last process."""

    def __init__(self, ground: Ground, session: Session, scratch: Scratch) -> None:
        self._ground = ground
        self._session = session
        self._scratch = scratch
        self._routine = ground.setting.routine
        self._layout = Layout.of(scratch, contained=ground.isolation.kind != "none")
        self._clock: ProgramClock = program_clock(
            scratch.clock, session.world.clock, inside=self._layout.clock
        )
        self._authority = Authority()
        self._alarm = Alarm()
        self._outside = self._build_outside()
        self._model = ModelSession(
            ground.model(session.number), tools=self._routine.tools, limit_usd=ground.limit_usd
        )
        self._workplace = Workplace(
            ground.setting, self._layout, scratch, ground.origins, Git(ground.isolation)
        )
        self._guard: Asked | None = None
        self._offers = offers_of(ground.setting, ground.setting.case.faults)
        self.recorder = Recorder(
            "claude-code",
            ground.program.version,
            isolation=str(ground.isolation),
            clock=self._clock.kind,
            through=ground.servers.modelled(ground.setting.registry) if ground.servers is not None else (),
        )

    def run(self) -> Run:
        self._guard = self._workplace.set_up(self._authority, self._ground.guard)
        with self._standing() as contained:
            driver = Driver(
                contained, self._outside.calls,
                seconds=self._ground.seconds or self._ground.setting.case.budget.get("seconds", 0.0),
                expected=frozenset(offer.server for offer in self._offers), progress=self._ground.progress,
                token=self._model.token, alarm=self._alarm, limits=self._ground.limits,
            )  # fmt: skip
            contained.release()
            status, reason, usage = driver.drive(self._outside.ids.shown(self._session.prompt))
        began = driver.began
        model = began.model if began is not None else self._routine.model or ""
        without = self._workplace.lacked(began.plugins if began is not None else ())
        self.recorder = msgspec.structs.replace(self.recorder, model=model, without=without)
        if without:
            self._session.add_finding(lacked_plugins(without))
        return self._finish(status, reason, usage)

    def _finish(self, status: RunStatus, reason: str, usage: Usage) -> Run:
        with self._outside.lock:
            spent = self._model.usage
            if not usage.input_tokens:
                usage = msgspec.structs.replace(spent, seconds=usage.seconds)
            self._session.spend(usage)
            for finding in self._alarm.findings:
                self._session.add_finding(finding)
            for problem in self._model.left(finished=status == "finished")[:1]:
                self._session.add_finding(
                    Finding(code=problem.code, message=str(problem), severity=Severity.ERROR)
                )
                status, reason = (
                    "over_budget" if problem.code == "budget.spent" else "failed",
                    str(problem),
                )
            return self._session.finish(status, reason)

    def _build_outside(self) -> Outside:
        ground, setting = self._ground, self._ground.setting

        def refuse(push: Push) -> str:
            return refuse_push(push, setting.routine, setting.edition, self._session.world)

        origins = Origins(ground.origins, Git(ground.isolation), refuse, self._pushed)
        grants = Grants(setting.routine, setting.registry)

        def answer_git(request: HttpRequest) -> HttpResponse:
            self._follow()
            return origins.answer(request)

        return Outside(
            self._session, setting.routine.environment, answer_git,
            fetch=really_get, fetched_hosts=ground.get_hosts, moved=self._clock.set, reveal=self._reveal,
            faults=setting.case.faults, held=held_answers(setting),
            ids=ground.mirror.ids if ground.mirror is not None else NO_IDS,
            granted=lambda call: grants.refusal(call, 0, self._session.number) is None,
        )  # fmt: skip

    def _follow(self) -> None:
        """What tools have done to branches is in the repositories before git is answered."""
        if self._ground.mirror is not None:
            with self._outside.lock:
                self._ground.mirror.follow(self._session.world)

    def _pushed(self, push: Push) -> None:
        with self._outside.lock:
            self._outside.pushed(push)
            if self._ground.mirror is not None:
                self._ground.mirror.pushed(push, self._session.world)

    def _reveal(self, world: World, call: ToolCall) -> World:
        servers = self._ground.servers
        return world if servers is None else servers.reveal(world, call, self._ground.setting.registry)

    @contextlib.contextmanager
    def _standing(self) -> Iterator[Contained]:
        """The program, ready to begin, with the servers around it; everything ended afterwards."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._clock.standing())
            contained = self._contain()
            stack.callback(contained.end)
            meter = Meter(contained.process.pid, self._scratch.home, self._ground.limits, self._alarm)
            stack.callback(meter.close)
            endpoint = ModelEndpoint()
            endpoint.open(self._model)
            servers = {
                offer.connector: build_server(offer, self._outside.call, self._alarm.failed, in_thread=True)
                for offer in self._offers
            }
            routes = [*endpoint.routes(), *build_routes(self._outside, self._model.token, self._guard)]
            application = build_application(servers, routes, token=self._model.token)
            server = ServerThread(application, contained.listeners[0], self._alarm.failed)
            stack.callback(server.close)
            proxy = EgressProxy(contained.listeners[1], self._authority, self._outside.request, self._alarm)
            stack.callback(proxy.close)
            yield contained

    def _contain(self) -> Contained:
        isolation = self._ground.isolation
        if isolation.kind == "none":
            listeners = free_listeners(2)
            return start_exposed(self._sandboxed(*(each.getsockname()[1] for each in listeners)), listeners)
        return contain(self._sandboxed(*PORTS), isolation, PORTS)

    def _sandboxed(self, port: int, proxy: int) -> Sandboxed:
        """The CLI with all that it is told, its servers at ``port``."""
        program, workplace = self._ground.program, self._workplace
        at = f"http://127.0.0.1:{port}/mcp"
        workplace.write_servers({offer.server: f"{at}/{offer.connector}" for offer in self._offers})
        shown, inside = program.mount(CLI)
        environment = build_environment(
            self._routine, self._layout, self._clock, port=port, proxy=proxy, token=self._model.token
        )
        return Sandboxed(
            workplace.arguments(inside if self._layout.contained else program.words), environment,
            workplace.folder, (*self._layout.mounts(self._scratch), *self._clock.mounts, shown),
            limits=self._ground.limits,
        )  # fmt: skip


def really_get(request: HttpRequest) -> HttpResponse:
    """GET a page of a host that the user has listed, with nothing of the agent's but the address."""
    import httpx2  # the client that the mcp package brings

    try:
        with (
            httpx2.Client(trust_env=False, follow_redirects=False, timeout=30) as client,
            client.stream("GET", request.url, headers={"user-agent": "routine-harness"}) as answer,
        ):
            body = _bounded(answer.iter_bytes(READ))
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        said = f"{request.url} cannot be read: {type(error).__name__}\n"
        return HttpResponse(502, {"content-type": "text/plain"}, said.encode())
    kept = {name: answer.headers[name] for name in ("content-type", "location") if name in answer.headers}
    return HttpResponse(answer.status_code, kept, body)


def _bounded(parts: Iterable[bytes]) -> bytes:
    """A body that is read and decompressed no further than to its limit."""
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > MAX_BODY:
            raise TooLargeError(f"a body that comes to more than {MAX_BODY} bytes")
    return bytes(body)
