"""One run of the real CLI, from the first folder to the last process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from routine_harness.agents.recording import Recorder, lacked_plugins
from routine_harness.case.plan import Setting
from routine_harness.finding import Finding, Severity
from routine_harness.live.authority import Authority
from routine_harness.live.clock import ProgramClock, program_clock
from routine_harness.live.driver import Driver, Progress
from routine_harness.live.egress import EgressProxy, HttpRequest, HttpResponse
from routine_harness.live.held import held_answers
from routine_harness.live.layout import Layout, build_environment, hook_command, write_tools
from routine_harness.live.mirror import Mirror
from routine_harness.live.offers import build_routes, offers_of
from routine_harness.live.origin import Origins, Push
from routine_harness.live.outside import NO_IDS, Outside
from routine_harness.live.program import Program, build_arguments, server_configuration
from routine_harness.live.project_settings import (
    SERVERS,
    Guard,
    build_settings,
    enabled_plugins,
    server_names,
)
from routine_harness.live.push_rule import refuse_push
from routine_harness.live.repositories import clone
from routine_harness.live.sandbox import Contained, Isolation, contain, free_listeners, start_exposed
from routine_harness.live.sandbox import Program as Sandboxed
from routine_harness.live.scratch import Scratch
from routine_harness.live.through import RealServers
from routine_harness.routine.edition_rules import Brought
from routine_harness.serve.mcp import build_application, build_server
from routine_harness.serve.model import ModelEndpoint, ModelSession, Upstream
from routine_harness.serve.modes import Mode
from routine_harness.serve.server import ServerThread
from routine_harness.session.grants import Grants
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.session.transcript import RunStatus, Usage
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

PORTS: Final = (8765, 8766)
SETUP_FAILED: Final = 86
CLI: Final = "/opt/claude"
GUARD: Final = "guard.py"
_LAUNCH: Final = (
    'LD_PRELOAD="$ROUTINE_PRELOAD" bash "$0" </dev/null >&2 || '
    f'{{ echo "the setup script failed" >&2; exit {SETUP_FAILED}; }}; exec "$@"'
)


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
        self._outside = self._build_outside()
        self._model = ModelSession(
            ground.model(session.number), tools=self._routine.tools, limit_usd=ground.limit_usd
        )
        self._plugins: frozenset[str] = frozenset()
        self._offers = offers_of(ground.setting, ground.setting.case.faults)
        self.recorder = Recorder(
            "claude-code",
            ground.program.version,
            isolation=str(ground.isolation),
            clock=self._clock.kind,
            through=ground.servers.modelled(ground.setting.registry) if ground.servers is not None else (),
        )

    def run(self) -> Run:
        folder, others, own_servers = self._lay_out()
        arguments = self._arguments(others, own_servers)
        with self._standing(arguments, folder) as contained:
            driver = Driver(
                contained, self._outside,
                seconds=self._ground.seconds or self._ground.setting.case.budget.get("seconds", 0.0),
                expected=frozenset(offer.server for offer in self._offers), progress=self._ground.progress,
                token=self._model.token,
            )  # fmt: skip
            contained.release()
            status, reason, usage = driver.drive(self._outside.ids.shown(self._session.prompt))
        began = driver.began
        model = began.model if began is not None else self._routine.model or ""
        had = began.plugins if began is not None else frozenset[str]()
        without = () if not self._honours("plugins") else tuple(sorted(self._plugins - had))
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
            for problem in self._model.problems[:1]:
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

        origins = Origins(ground.origins, refuse, self._pushed)
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

    def _lay_out(self) -> tuple[str, list[str], list[str]]:
        """Clones and tools; the working directory, the other clones, the repositories' own servers."""
        routine, layout = self._routine, self._layout
        absent = routine.commands.get("gh") == "absent"
        write_tools(self._scratch, layout, self._authority, gh=not absent)
        names = [repository.full_name for repository in routine.repositories]
        for name in names:
            clone(self._ground.origins, name, self._scratch.home / _folder(name))
        places = [(f"{layout.home}/{_folder(name)}", self._scratch.home / _folder(name)) for name in names]
        self._write_settings(places)
        inside = [place for place, _ in places]
        bringing = places if self._honours("servers") else []
        own = [f"{at}/{SERVERS}" for at, here in bringing if (here / SERVERS).is_file()]
        return (inside[0], [], own) if len(inside) == 1 else (layout.home, inside, own)

    def _honours(self, what: Brought) -> bool:
        rule = self._ground.setting.edition.repository_settings
        return rule.honours(what, len(self._routine.repositories))

    def _write_settings(self, places: list[tuple[str, Path]]) -> None:
        """The CLI's settings; it reads those of a clone by itself where it works in the only one."""
        setting = self._ground.setting
        alone = len(places) == 1
        brought = places if not alone and self._honours("hooks") else []
        hooks: dict[str, Any] = {}
        if self._ground.guard is not None:
            bringing = places if self._honours("servers") else []
            own = {name for _, here in bringing for name in server_names(here)}
            text, hooks = self._ground.guard(setting, f"{self._layout.tools}/{GUARD}", own)
            (self._scratch.tools / GUARD).write_text(text)
        self._plugins = frozenset(name for _, here in places for name in enabled_plugins(here))
        without = () if self._honours("plugins") else sorted(self._plugins)
        data = build_settings(hook_command(self._layout), setting.case.faults, brought, hooks, without)
        (self._scratch.tools / "settings.json").write_bytes(msgspec.json.encode(data))

    def _arguments(self, others: list[str], own_servers: list[str]) -> tuple[str, ...]:
        """The words that start the CLI inside, its configuration written."""
        tools = self._scratch.tools
        port = 0 if not self._layout.contained else PORTS[0]
        self._write_configuration(port)
        words = self._program_words() + build_arguments(
            self._routine, configuration=f"{self._layout.tools}/servers.json",
            settings=f"{self._layout.tools}/settings.json", own_servers=own_servers, folders=others,
        )  # fmt: skip
        if not self._routine.environment.setup:
            return words
        (tools / "setup.sh").write_text(self._routine.environment.setup)
        return ("bash", "-c", _LAUNCH, f"{self._layout.tools}/setup.sh", *words)

    def _write_configuration(self, port: int) -> None:
        servers = {offer.server: f"http://127.0.0.1:{port}/mcp/{offer.connector}" for offer in self._offers}
        data = msgspec.json.encode(server_configuration(servers))
        (self._scratch.tools / "servers.json").write_bytes(data)

    def _program_words(self) -> tuple[str, ...]:
        if not self._layout.contained:
            return self._ground.program.words
        return self._ground.program.mount(CLI)[1]

    @contextlib.contextmanager
    def _standing(self, arguments: tuple[str, ...], folder: str) -> Iterator[Contained]:
        """The program, ready to begin, with the servers around it; everything ended afterwards."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._clock.standing())
            contained = self._contain(arguments, folder)
            stack.callback(contained.end)
            endpoint = ModelEndpoint()
            endpoint.open(self._model)
            servers = {
                offer.connector: build_server(offer, self._outside.call, in_thread=True)
                for offer in self._offers
            }
            routes = [*endpoint.routes(), *build_routes(self._outside, self._model.token)]
            application = build_application(servers, routes, token=self._model.token)
            stack.callback(ServerThread(application, contained.listeners[0]).close)
            proxy = EgressProxy(contained.listeners[1], self._authority, self._outside.request)
            stack.callback(proxy.close)
            yield contained

    def _contain(self, arguments: tuple[str, ...], folder: str) -> Contained:
        isolation = self._ground.isolation
        if isolation.kind == "none":
            listeners = free_listeners(2)
            ports = [listener.getsockname()[1] for listener in listeners]
            self._write_configuration(ports[0])
            return start_exposed(self._sandboxed(arguments, folder, ports), listeners)
        return contain(self._sandboxed(arguments, folder, list(PORTS)), isolation, PORTS)

    def _sandboxed(self, arguments: tuple[str, ...], folder: str, ports: list[int]) -> Sandboxed:
        environment = build_environment(
            self._routine, self._layout, self._clock, port=ports[0], proxy=ports[1], token=self._model.token
        )
        mounts = (
            *self._layout.mounts(self._scratch),
            *self._clock.mounts,
            self._ground.program.mount(CLI)[0],
        )
        return Sandboxed(arguments, environment, folder, mounts)


def really_get(request: HttpRequest) -> HttpResponse:
    """GET a page of a host that the user has listed, with nothing of the agent's but the address."""
    import httpx2  # the client that the mcp package brings

    try:
        with httpx2.Client(trust_env=False, follow_redirects=False, timeout=30) as client:
            answer = client.get(request.url, headers={"user-agent": "routine-harness"})
    except httpx2.HTTPError as error:
        said = f"{request.url} cannot be read: {type(error).__name__}\n"
        return HttpResponse(502, {"content-type": "text/plain"}, said.encode())
    kept = {name: answer.headers[name] for name in ("content-type", "location") if name in answer.headers}
    return HttpResponse(answer.status_code, kept, answer.content)


def _folder(full_name: str) -> str:
    return full_name.rpartition("/")[2]
