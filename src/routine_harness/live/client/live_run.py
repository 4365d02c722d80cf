"""What a live run has around it: clock, clones, network, ``gh``.

The real CLI and a script's shell are its clients. A client says what to start and what answers on ports of
its own; everything else that a program inside can reach is answered here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from routine_harness.case.cloud_session import CloudSession
from routine_harness.case.plan import Setting, session_of
from routine_harness.live.client.live_pair import LivePair
from routine_harness.live.outside.authority import Authority
from routine_harness.live.outside.clones import clone
from routine_harness.live.outside.egress import EgressProxy, HttpRequest, HttpResponse
from routine_harness.live.outside.git_program import Git
from routine_harness.live.outside.origin import Origins
from routine_harness.live.outside.outside import Outside
from routine_harness.live.outside.push import Push
from routine_harness.live.outside.shim_answers import CommandQuestion, GhQuestion
from routine_harness.live.outside.web_pages import cassette_answers, really_get
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.clock import ProgramClock, program_clock
from routine_harness.live.sandbox.contained import Contained
from routine_harness.live.sandbox.isolation import contain, free_listeners, start_exposed
from routine_harness.live.sandbox.layout import (
    COMMAND_PATH,
    GH_PATH,
    PROXY_PORT,
    Layout,
    after_setup,
    build_environment,
    write_tools,
)
from routine_harness.live.sandbox.limits import Meter
from routine_harness.live.sandbox.scratch import Scratch
from routine_harness.live.sandbox.view import Program
from routine_harness.routine.document import NOT_JSON
from routine_harness.session.grants import Grants
from routine_harness.session.session import Session
from routine_harness.world.github.push_rule import refuse_push
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

HERE: Final = "127.0.0.1"

Asking = TypeVar("Asking", bound=msgspec.Struct)
Build = Callable[[Sequence[int]], Program]
"""What to start, from the ports that the client's own servers have inside; its environment is added."""


class LiveRun:
    """The surroundings of one run of ``session``; ``token`` is the session's, which nobody else knows."""

    def __init__(self, live_pair: LivePair, session: Session, scratch: Scratch, token: str) -> None:
        self._live_pair = live_pair
        self._session = session
        self._scratch = scratch
        self._token = token
        self.layout = Layout.of(scratch, contained=live_pair.isolation.kind != "none")
        self.clock: ProgramClock = program_clock(scratch.clock, session.world.clock, inside=self.layout.clock)
        self.alarm = Alarm()
        self.authority = Authority()
        self.outside = self._build_outside()
        self.workplace = Workplace(
            live_pair.setting,
            self.layout,
            scratch,
            live_pair.origins,
            live_pair.git,
            session.commands.programs,
            session_of(live_pair.setting, session.number),
        )

    @contextlib.contextmanager
    def standing(self, build: Build, ports: Sequence[int] = ()) -> Iterator[Contained]:
        """The client's program, ready to begin; the first of its listeners are on ``ports``. Everything is
        ended afterwards."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.clock.standing())
            contained = self._contain(build, ports)
            stack.callback(contained.end)
            meter = Meter(contained.process.pid, self._scratch.home, self._live_pair.limits, self.alarm)
            stack.callback(meter.close)
            proxy = EgressProxy(contained.listeners[-1], self.authority, self._answer, self.alarm)
            stack.callback(proxy.close)
            yield contained

    def report(self) -> None:
        """Tell the session what the alarm has heard."""
        with self.outside.lock:
            for finding in self.alarm.findings:
                self._session.add_finding(finding)

    def _contain(self, build: Build, ports: Sequence[int]) -> Contained:
        isolation = self._live_pair.isolation
        if isolation.kind == "none":
            listeners = free_listeners(len(ports) + 1)
            numbers = [each.getsockname()[1] for each in listeners]
            return start_exposed(self._equipped(build, numbers), listeners)
        numbers = [*ports, PROXY_PORT]
        return contain(self._equipped(build, numbers), isolation, numbers)

    def _equipped(self, build: Build, ports: Sequence[int]) -> Program:
        """The client's program with the environment and the view of every program inside."""
        program = build(ports[:-1])
        routine = self._live_pair.setting.routine
        environment = build_environment(routine, self.layout, self.clock, proxy=ports[-1], token=self._token)
        return Program(
            program.arguments, {**environment, **program.environment}, program.folder,
            (*self.layout.mounts(self._scratch), *self.clock.mounts, *program.mounts),
            limits=self._live_pair.limits, converses=program.converses,
        )  # fmt: skip

    def _build_outside(self) -> Outside:
        live_pair, setting = self._live_pair, self._live_pair.setting

        def refuse(push: Push) -> str:
            self._session.depend_on(*push.asked.points)
            return refuse_push(push.asked, self._session.world)

        origins = Origins(live_pair.origins, live_pair.git, refuse, self._pushed)
        grants = Grants(setting.routine, setting.registry)

        def answer_git(request: HttpRequest) -> HttpResponse:
            self._follow()
            return origins.answer(request)

        return Outside(
            self._session, setting.routine.environment, answer_git,
            fetch=really_get, fetched_hosts=live_pair.get_hosts, moved=self.clock.set, reveal=self._reveal,
            faults=setting.case.faults, cassettes=cassette_answers(setting), ids=live_pair.ids,
            granted=lambda call: grants.refusal(call, 0, self._session.number) is None,
        )  # fmt: skip

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """What a program inside asks for: the harness itself, under this machine's own name, or a host."""
        if request.host == HERE and request.path == GH_PATH:
            return self._asked(request, GhQuestion, self.outside.gh)
        if request.host == HERE and request.path == COMMAND_PATH:
            return self._asked(request, CommandQuestion, self.outside.command)
        return self.outside.request(request)

    def _asked(
        self, request: HttpRequest, kind: type[Asking], answer: Callable[[Asking], msgspec.Struct]
    ) -> HttpResponse:
        """What a program of the harness's own inside is answered."""
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return _said(401, "this is no session's token")
        try:
            question = msgspec.json.decode(request.body, type=kind)
        except NOT_JSON:
            return _said(400, "this is no question of a program of the harness's own")
        said = msgspec.json.encode(answer(question))
        return HttpResponse(200, {"content-type": "application/json"}, said)

    def _follow(self) -> None:
        """What tools have done to branches is in the repositories before git is answered."""
        with self.outside.lock:
            self._live_pair.follow(self._session.world)

    def _pushed(self, push: Push) -> None:
        with self.outside.lock:
            self.outside.pushed(push)
            if self._live_pair.mirror is not None:
                self._live_pair.mirror.pushed(push, self._session.world)

    def _reveal(self, world: World, call: ToolCall) -> World:
        servers = self._live_pair.servers
        return world if servers is None else servers.reveal(world, call, self._live_pair.setting.registry)


def _said(status: int, text: str) -> HttpResponse:
    return HttpResponse(status, {"content-type": "text/plain"}, f"{text}\n".encode())


class Workplace:
    """What stands in the scratch folders of one run before its client begins.

    ``folder`` is where the client works, ``others`` the clones besides; ``places`` are
    all clones, where they stand inside, and here.
    """

    def __init__(
        self, setting: Setting, layout: Layout, scratch: Scratch, origins: Path, git: Git,
        programs: tuple[str, ...] = (), session: CloudSession | None = None,
    ) -> None:  # fmt: skip
        """``git`` makes the clones, whose objects an earlier run may have made; stand-ins take the place of
        ``programs``. The clones stand where ``session`` begins."""
        self.session = session
        self._routine = setting.routine
        self._programs = programs
        self._layout = layout
        self._scratch = scratch
        self._origins = origins
        self._git = git
        names = [repository.full_name for repository in setting.routine.repositories]
        self._clones = {name: scratch.home / name.rpartition("/")[2] for name in names}
        self.places = [(f"{layout.home}/{here.name}", here) for here in self._clones.values()]
        inside = [at for at, _ in self.places]
        self.folder, self.others = (inside[0], []) if len(inside) == 1 else (layout.home, inside)

    def set_up(self, authority: Authority) -> None:
        """Write the tools, make the clones."""
        absent = self._routine.environment.absent
        programs = [name for name in self._programs if not (name == "gh" and name in absent)]
        write_tools(self._scratch, self._layout, authority.pem, gh="gh" not in absent, stand_ins=programs)
        for name, here in self._clones.items():
            clone(self._git, self._origins, name, here, self.session)

    def launched(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The words that start the client by ``words``, after the environment's setup script."""
        if not self._routine.environment.setup:
            return words
        (self._scratch.tools / "setup.sh").write_text(self._routine.environment.setup)
        return after_setup(f"{self._layout.tools}/setup.sh", words)
