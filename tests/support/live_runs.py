"""What the live tests share: routines on scratch disks, models in Python, and what is left over."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from routine_harness.agents.recording import Recorder
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.case.result import CaseResult
from routine_harness.errors import AgentError
from routine_harness.harness import Harness, Options
from routine_harness.live.client.live_agent import LiveOptions, execute_live, live_agent
from routine_harness.live.client.program import find_program
from routine_harness.live.outside.authority import Authority
from routine_harness.live.outside.egress import EgressProxy, HttpRequest, HttpResponse
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.clock import program_clock
from routine_harness.live.sandbox.isolation import Isolation, contain, probe_isolation
from routine_harness.live.sandbox.scratch import PREFIX, Scratch
from routine_harness.live.sandbox.view import Mount, Program
from routine_harness.routine.edition_rules import DIRECT
from routine_harness.serve.modes import ScriptMode
from routine_harness.session.pair import run_pair
from routine_harness.session.run import Run, RunPair
from routine_harness.session.session import Session
from routine_harness.store.cases import load_case_file

INSTANT = 1777885200  # 2026-05-04 09:00:00 UTC
Answer = Callable[[HttpRequest], HttpResponse]
Turns = Callable[[list[dict[str, Any]]], Any]


def direct(session: Session) -> Session:
    """``session`` with GitHub as a machine of the team reaches it: no cloud session stands between."""
    session.world = session.world.under(DIRECT)
    return session


def needs_cli() -> None:
    """Skip where the CLI or the isolation is missing, as on a machine without the extras."""
    try:
        find_program()
        probe_isolation()
    except AgentError as error:
        pytest.skip(str(error))


def run_inside(
    script: str,
    isolation: Isolation,
    place: Path,
    answer: Answer | None = None,
    library: str | None = None,
    before: Callable[[Path], None] = lambda _: None,
    alarm: Alarm | None = None,
) -> str:
    """What a shell script inside prints, with a proxy around it that asks ``answer``.

    ``before`` is told the folder of the clock ere anything starts.
    """
    scratch = Scratch(place)
    clocked = program_clock(scratch.clock, INSTANT, library=library)
    before(scratch.clock)
    authority = Authority()
    bundle = place / "authority.pem"
    bundle.write_text(authority.pem)
    environment = {
        "PATH": "/opt/clock:/usr/bin:/bin", "HOME": "/home/user", "https_proxy": "http://127.0.0.1:8002",
        "http_proxy": "http://127.0.0.1:8002", "CURL_CA_BUNDLE": "/opt/authority.pem",
        "GIT_SSL_CAINFO": "/opt/authority.pem", **clocked.environment,
        "LD_PRELOAD": clocked.environment.get("ROUTINE_PRELOAD", ""),
    }  # fmt: skip
    mounts = (Mount(scratch.home, "/home/user", writable=True), Mount(bundle, "/opt/authority.pem"))
    program = Program(("bash", "-c", script), environment, "/home/user", (*mounts, *clocked.mounts))
    contained = contain(program, isolation, (8001, 8002))
    proxy = EgressProxy(contained.listeners[1], authority, answer or _nothing, alarm or Alarm())
    try:
        contained.release()
        out, err = contained.process.communicate(timeout=60)
        return (out + err).decode()
    finally:
        proxy.close()
        contained.end()


def _nothing(_: HttpRequest) -> HttpResponse:
    return HttpResponse(403, {"x-deny-reason": "host_not_allowed"}, b"no")


def place(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir(parents=True)
    return folder


def use(name: str, **given: Any) -> dict[str, Any]:
    """A tool call of the model."""
    return {"type": "tool_use", "name": name, "input": given}


def in_turns(*turns: Any) -> Turns:
    """A model that says these things one after the other, then ``done``."""

    def play(messages: list[dict[str, Any]]) -> Any:
        number = sum(message["role"] == "assistant" for message in messages)
        return turns[number] if number < len(turns) else "done"

    return play


def write_routine(folder: Path, case: str = "", routine: str = "", files: str = "{README.md: hello}") -> Path:
    """A routine with one case on disk; the case's file."""
    (folder / "cases").mkdir(parents=True)
    (folder / "routine.yaml").write_text(
        "name: small\nrepositories: [github:acme/core]\nconnectors: [linear:Security]\n"
        "triggers: [{type: api}]\nprompt: Do it.\n" + routine
    )
    path = folder / "cases" / "one.yaml"
    path.write_text(
        "trigger: {api: {text: go}}\nworld:\n  github:\n    repositories:\n"
        f"      - {{full_name: acme/core, default_branch: main, files: {files}}}\n" + case
    )
    return path


def run_live(
    case_file: Path,
    model: Any,
    *,
    record: bool = False,
    mode: bool = False,
    once: bool = False,
    **options: Any,
) -> CaseResult:
    """Run the one case of a file with the real CLI and ``model``; judged, stored if ``record``.

    ``model`` is a callable from messages to a turn; with ``mode`` one from the run to a mode. With ``once``
    there is no second run: to start the CLI takes most of a test's time.
    """
    loaded = load_case_file(case_file)
    live = LiveOptions(model=model if mode else lambda _: ScriptMode(model), **options)
    settings = Options(record="all" if record else "none", agent="claude-code")
    execute = _execute_once if once else execute_live
    harness = Harness(settings, live=lambda setting: execute(setting, live))
    [case] = loaded.cases
    if record:
        return harness.check_case(case, loaded.routine)
    spec = type(case.agent)("claude-code")
    return harness.check_case(msgspec.structs.replace(case, agent=spec), loaded.routine)


def _execute_once(setting: Setting, options: LiveOptions) -> tuple[RunPair | None, Recorder]:
    """The first run of a case alone."""
    with live_agent(setting, options) as agent:

        def first(session: Session) -> Run | None:
            return agent.run(session) if session.number == 1 else None

        return run_pair(plan_pair(setting), first), agent.recorder


def scratch_left() -> list[Path]:
    """Scratch folders of live runs that are still there."""
    return sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def copy_example(project: Path, name: str, place: Path) -> Path:
    """A copy of an example routine, beside the fixtures that it names."""
    shutil.copytree(project / "example_routines" / name, place / "routines" / name)
    shutil.copytree(project / "fixtures" / "webhooks", place / "fixtures" / "webhooks")
    for written in ("recordings", "snapshots"):
        shutil.rmtree(place / "routines" / name / written, ignore_errors=True)
    return place / "routines" / name


def codes(result: CaseResult, run: int | None = None) -> Sequence[str]:
    """The codes of a result's findings, of one run or of both."""
    return [f.code for f in result.verdict.findings if run in (None, f.run)]
