"""``routine-harness serve``: a world over MCP, a model endpoint, a fire endpoint."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from routine_harness.case.case import Case, CaseTrigger
from routine_harness.cli.lines import echo
from routine_harness.cli.live_options import read_model
from routine_harness.cli.terminal import terminal_width
from routine_harness.errors import Problem, UsageError
from routine_harness.live.outside.served_world import (
    offers_of,
    open_setting,
    open_world,
    recording_calls,
    with_recording,
)
from routine_harness.plain import Json
from routine_harness.report.plan import render_plan
from routine_harness.routine.spec import Routine
from routine_harness.serve.credential import Credential, find_credential
from routine_harness.serve.fire import Accepted, FireEndpoint
from routine_harness.serve.mcp import Offer, Worlds, build_application, build_server, serve_stdio
from routine_harness.serve.model import ModelEndpoint
from routine_harness.serve.model_session import ModelSession
from routine_harness.serve.server import ServerThread, check_serving, listen
from routine_harness.serve.spending import Spending
from routine_harness.store.cases import load_case_file
from routine_harness.store.routines import discover, load_routine, routine_path

EPILOG = """\b
Examples:
  routine-harness serve world routines/triage --connector linear
  routine-harness serve model --script models/triage.py::turns
  ROUTINE_FIRE_TOKEN=… routine-harness serve fire routines/triage
"""
WORLD_EPILOG = """\b
Examples:
  routine-harness serve world routines/triage --connector linear
  routine-harness serve world routines/triage --case sql-injection --http 127.0.0.1:8080
  ROUTINE_WORLD_TOKEN=… routine-harness serve world routines/triage --http 127.0.0.1:8080 --worlds session
"""
MODEL_EPILOG = """\b
Examples:
  routine-harness serve model --script models/triage.py::turns --http 127.0.0.1:8081
  routine-harness serve model --play routines/triage/recordings/sql-injection.jsonl
  CLAUDE_CODE_OAUTH_TOKEN=… routine-harness serve model --limit-usd 2 --record talk.jsonl
"""
FIRE_EPILOG = """\b
Examples:
  ROUTINE_FIRE_TOKEN=… routine-harness serve fire routines/triage
  ROUTINE_FIRE_TOKEN=… routine-harness serve fire routines/triage --http 127.0.0.1:8082
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """Serve what a routine talks to, on this machine alone."""


@command.command("world", epilog=WORLD_EPILOG)
@click.argument("routine", type=click.Path(path_type=Path))
@click.option("--case", metavar="NAME", help="The case whose world is served; default: the routine's own.")
@click.option("--connector", metavar="NAME", help="Speak stdio, for this connector.")
@click.option("--http", "address", metavar="HOST:PORT", help="Serve /mcp/<connector> for all connectors.")
@click.option(
    "--worlds",
    type=click.Choice(("one", "session")),
    default="one",
    show_default=True,
    help="With --http: one world for all clients, or one for each client session (Mcp-Session-Id).",
)
def serve_world(
    routine: Path, case: str | None, connector: str | None, address: str | None, worlds: str
) -> int:
    """Serve the connectors of a world as MCP servers, under the rules of a session.

    What is called changes the world until the server ends, which then tells the plan of effects and
    what went wrong. Over HTTP, ?world=NAME in a client's URLs gives it a world of that name; clients show
    the text of ROUTINE_WORLD_TOKEN as bearer, where it is set.
    """
    if (connector is None) == (address is None):
        raise UsageError(Problem("", 0, "expected one of --connector NAME and --http HOST:PORT"))
    check_serving()
    opened, offers = _open_worlds(routine, case, each_session=worlds == "session")
    if connector is not None:
        import anyio  # comes with the mcp package, which serving needs

        server = build_server(_pick(offers, connector), opened.answer, _report)
        with _ending_at_once(lambda: _tell(opened)):
            anyio.run(serve_stdio, server)
        _tell(opened)
        return 0
    servers = {offer.connector: build_server(offer, opened.answer, _report) for offer in offers}
    token = os.environ.get("ROUTINE_WORLD_TOKEN", "")
    with _serving(build_application(servers, token=token), address) as url:
        for offer in offers:
            echo(f"{url}/mcp/{offer.connector}  ({len(offer.tools)} tools)")
        echo(_SHARED if worlds == "one" else _APART, err=True)
        echo(_SHOWN if token else _OPEN, err=True)
        _wait()
    _tell(opened)
    return 0


_SHARED = "one world for all clients: each sees what the others did; --worlds session gives each its own"
_APART = "a world for each client session; clients that name one (?world=NAME) share it"
_SHOWN = "a client has to show ROUTINE_WORLD_TOKEN as bearer"
_OPEN = "no token: any program on this machine is answered; set ROUTINE_WORLD_TOKEN to ask for one"


@command.command("model", epilog=MODEL_EPILOG)
@click.option("--script", metavar="FILE::FUNCTION", help="A Python callable plays the model.")
@click.option("--play", type=click.Path(path_type=Path), help="This recording plays the model.")
@click.option("--run", type=click.IntRange(1, 2), default=1, show_default=True, help="Which run is played.")
@click.option(
    "--limit-usd",
    type=click.FloatRange(0),
    metavar="USD",
    default=5.0,
    show_default=True,
    help="Stop at this cost; 0: none.",
)
@click.option("--http", "address", metavar="HOST:PORT", default="127.0.0.1:0", show_default=True)
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    metavar="FILE.jsonl",
    help="Keep the last conversation as a recording when the server ends.",
)
def serve_model(
    script: str | None, play: Path | None, run: int, limit_usd: float, address: str, record: Path | None
) -> int:
    """Serve /v1/messages: a script, a recording, or the real API with the credential of the environment.

    The variables that make the CLI ask here are printed, with the session's token; other clients show it as
    x-api-key or as bearer. What --record keeps, without
    secrets, can be played.
    """
    check_serving()
    if record is not None and record.exists():
        raise UsageError(Problem(str(record), 0, "the file is there already", "name another one"))
    model = read_model(script, play)
    source = model(run) if model is not None else find_credential(os.environ)
    endpoint = ModelEndpoint()
    session = endpoint.open(ModelSession(source, spending=Spending(limit_usd)))
    with _serving(build_application({}, endpoint.routes()), address) as url:
        for name, value in session.client_environment(url).items():
            echo(f"{name}={value}")
        if isinstance(source, Credential):
            echo(source.told, err=True)
        _wait()
    if record is not None:
        _keep_conversation(session, record)
    echo(_spent(session), err=True)
    problems = session.left()
    for problem in problems:
        echo(f"{problem.code}: {problem}", err=True)
    return int(bool(problems))


def _spent(session: ModelSession) -> str:
    usage, source = session.usage, session.source
    tokens = f"{usage.input_tokens} tokens in, {usage.output_tokens} out"
    if isinstance(source, Credential) and not source.billed:
        return f"{tokens}, would cost at most ${usage.cost_usd:.4f} under an API key"
    return f"{tokens}, at most ${usage.cost_usd:.4f}"


def _keep_conversation(session: ModelSession, place: Path) -> None:
    # Imported here: serving needs nothing of other people's formats.
    from routine_harness.interop.sessions.transcript_files import keep_transcript

    if lines := session.conversation.lines():
        kept = keep_transcript(lines, "the conversation", place, environment=os.environ)
        echo(f"{kept.output}: {kept.calls} calls, {kept.outcome}", err=True)
    else:
        echo("nothing was said, so nothing is kept", err=True)


@command.command("fire", epilog=FIRE_EPILOG)
@click.argument("routine", type=click.Path(path_type=Path))
@click.option("--http", "address", metavar="HOST:PORT", default="127.0.0.1:0", show_default=True)
def serve_fire(routine: Path, address: str) -> int:
    """Serve the routine's fire endpoint, with the platform's errors; print a line for each request.

    The token comes from ROUTINE_FIRE_TOKEN.
    """
    token = os.environ.get("ROUTINE_FIRE_TOKEN", "")
    if not token:
        hint = "set it to the text that callers shall show as bearer"
        raise UsageError(Problem("", 0, "ROUTINE_FIRE_TOKEN is not set", hint))
    check_serving()
    loaded = load_routine(routine_path(routine))

    def started(accepted: Accepted) -> None:
        line = {"number": accepted.number, "text": accepted.text}
        echo(msgspec.json.encode(line).decode())

    endpoint = FireEndpoint(loaded.name, token, started, paused=not loaded.enabled)
    with _serving(build_application({}, endpoint.routes()), address) as url:
        echo(f"{url}/v1/claude_code/routines/{endpoint.trigger_id}/fire", err=True)
        _wait()
    return 0


def _open_worlds(path: Path, name: str | None, *, each_session: bool) -> tuple[Worlds, tuple[Offer, ...]]:
    """Sessions on the world of a case, and the servers that the routine grants."""
    case, routine = _case(path, name)
    setting = open_setting(case, routine)
    calls = recording_calls(setting)
    recorded = with_recording(setting, calls)
    worlds = Worlds(lambda: open_world(recorded), each_session=each_session)
    return worlds, offers_of(setting, case.faults, calls)


def _case(path: Path, name: str | None) -> tuple[Case, Routine]:
    if name is None:
        routine = load_routine(routine_path(path))
        return Case("served", routine.name, CaseTrigger("manual"), source=routine.source), routine
    for file in discover(path).cases:
        loaded = load_case_file(file)
        for case in loaded.cases:
            if name in (case.name, case.key):
                return case, loaded.routine
    raise UsageError(Problem("", 0, f"there is no case {name}", "cases are named by their files"))


def _pick(offers: tuple[Offer, ...], name: str) -> Offer:
    for offer in offers:
        if name in (offer.connector, offer.server):
            return offer
    known = ", ".join(offer.connector for offer in offers) or "none"
    hint = f"served are {known}; a connector without a model needs a cassette or recording with its tools"
    raise UsageError(Problem("", 0, f"the routine does not grant {name}, or its tools are unknown", hint))


@contextlib.contextmanager
def _serving(application: Json, address: str | None) -> Iterator[str]:
    host, _, port = (address or "").rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(Problem("", 0, f"expected HOST:PORT, found {address!r}", "such as 127.0.0.1:8080"))
    server = ServerThread(application, listen(host.strip("[]"), int(port)), _report)
    try:
        yield f"http://{host}:{server.port}"
    finally:
        server.close()


def _report(part: str, error: BaseException) -> None:
    """Say at once what has failed in a thread of the server; it goes on serving."""
    echo(f"{part} failed: {type(error).__name__}: {error}", err=True)


def _tell(worlds: Worlds) -> None:
    """The plan of what was called in each world, and what went wrong with it."""
    for name, run in worlds.finished():
        if name:
            echo(f"world {name}:", err=True)
        plan = render_plan(run.effects, width=terminal_width())
        for line in (*plan, *(f"{finding.code}: {finding.message}" for finding in run.findings)):
            echo(line, err=True)


@contextlib.contextmanager
def _ending_at_once(tell: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the process there and then: no signal wakes the thread that reads the
    standard input, and there is nothing to clear away."""

    def end(*_: Any) -> None:
        tell()
        sys.stderr.flush()
        os._exit(0)

    with _handling(end):
        yield


def _wait() -> None:
    """Until Ctrl-C or SIGTERM."""
    sys.stdout.flush()
    ended = threading.Event()
    with _handling(lambda *_: ended.set()):
        while not ended.wait(0.5):
            pass


@contextlib.contextmanager
def _handling(handler: Callable[..., Any]) -> Iterator[None]:
    """SIGINT and SIGTERM are for ``handler`` in the body."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handled in before.items():
            signal.signal(number, handled)
