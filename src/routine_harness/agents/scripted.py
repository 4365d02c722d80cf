"""The scripted agent: a callable of the user's that acts through the session.

The one place where anything an agent raises is caught. The callable runs in a thread of its own,
so that one that never comes back can be left behind: no tracing, which would slow every line and
break debuggers and coverage, and no process, which would cost more than all the rest of a case.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime
from types import CodeType, ModuleType
from typing import Final

import msgspec

from routine_harness.agents.protocol import Hands, ScriptedAgent
from routine_harness.agents.sockets import Fence, fenced
from routine_harness.errors import AgentError
from routine_harness.finding import Finding, Location, Severity
from routine_harness.plain import Json
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.trigger.event import Firing
from routine_harness.world.tool import ToolResult

DEFAULT_SECONDS: Final = 10.0
"""How long one run of a script may take, in real time, where the case sets no budget of seconds."""

GRACE: Final = 50
"""Calls that an agent may still try after its session has ended, before it is stopped."""

STOPPING: Final = 0.2
"""Seconds that a script which has run too long gets to notice that it is stopped."""

_PREFIX: Final = "routine_harness_agent_"
_MOST_OUTPUT: Final = 2000
_MOST_PLACES: Final = 5
REAL: Final = "ask through session.call; where it has to be, agent: {scripted: …, network: real} lets it out"


class Stopped(BaseException):
    """Ends a script whose session is over; not an ``Exception``, so that no script catches it."""


class Script:
    """A callable with the name it goes by in a case: ``agents/triage.py::triage``.

    Without ``network`` it reaches nothing but this machine itself while it runs.

    ``load`` gives it afresh for every run, so that what a file keeps in its globals is not
    remembered from one run to the next, which no routine could do either. ``file`` is where it lies,
    ``place`` what messages call that.
    """

    def __init__(
        self, target: str, load: Callable[[], ScriptedAgent], *, file: str = "", place: str = "",
        network: bool = False,
    ) -> None:  # fmt: skip
        self.target = target
        self.load = load
        self.file = file
        self.place = place or file
        self.network = network

    @property
    def name(self) -> str:
        return "scripted"

    def run(self, session: Session) -> Run:
        """Execute one session and end it: ``finished``, ``failed`` where the script raised,
        ``over_budget`` where a budget ran out, its seconds of real time among them."""
        return self.run_with(session, contextlib.nullcontext(_InMemory(session)))

    def start(self, session: Session) -> Attempt:
        """An execution that somebody else lets begin and end: ``Attempt.begin``, then ``Attempt.end``."""
        return Attempt(self, session)

    def run_with(self, session: Session, standing: contextlib.AbstractContextManager[Hands]) -> Run:
        """The same with other hands, which stand while the script runs and are gone when it is judged."""
        attempt = Attempt(self, session)
        with standing as hands, captured() as output:
            attempt.begin(hands).join(attempt.seconds)
            attempt.stop()
        run = attempt.end(hands.trouble)
        return _with_output(run, output.getvalue(), self.target)


class _InMemory:
    """The hands of a script whose calls the session itself answers."""

    seconds = DEFAULT_SECONDS
    trouble = ""

    def __init__(self, session: Session) -> None:
        self.call = session.handle
        self.say = session.say

    def shown(self, text: str) -> str:
        return text


class Handle:
    """What a script is handed: the session as ``agents.protocol.AgentSession`` describes it."""

    __slots__ = ("_after_end", "_hands", "_session")

    def __init__(self, session: Session, hands: Hands | None = None) -> None:
        self._session = session
        self._hands: Hands = hands or _InMemory(session)
        self._after_end = 0

    @property
    def prompt(self) -> str:
        return self._hands.shown(self._session.prompt)

    @property
    def firing(self) -> Firing:
        return self._session.known_firing

    @property
    def now(self) -> datetime:
        return self._session.now

    def next_turn(self) -> str | None:
        text = self._session.next_turn()
        return None if text is None else self._hands.shown(text)

    def wait(self) -> str | None:
        text = self._session.wait()
        return None if text is None else self._hands.shown(text)

    def call(self, tool: str, /, **arguments: Json) -> ToolResult:
        if self._session.state != "open":
            self._count()
        result = self._hands.call(tool, arguments)
        if self._session.died:
            raise Stopped
        return result

    def say(self, text: str) -> None:
        if self._session.state != "open":
            self._count()
        self._hands.say(text)

    def _count(self) -> None:
        self._after_end += 1
        if self._after_end > GRACE:
            raise Stopped


class Attempt:
    """One execution of a script in a thread of its own."""

    def __init__(self, script: Script, session: Session) -> None:
        self._script = script
        self._session = session
        self._error: BaseException | None = None
        self._late = 0.0
        self._fence = _fence()
        self._thread: threading.Thread | None = None
        self.seconds = DEFAULT_SECONDS

    def begin(self, hands: Hands, ended: Callable[[], object] = bool) -> threading.Thread:
        """Let the script begin; the thread ends when it does, and calls ``ended`` last."""
        self.seconds = self._session.budget.seconds or hands.seconds
        name = self._script.target
        self._thread = threading.Thread(target=self._execute, args=(hands, ended), name=name, daemon=True)
        self._thread.start()
        return self._thread

    def stop(self) -> None:
        """Leave a script behind that has not come back in its time."""
        if self._thread is not None and self._thread.is_alive():
            self._late = self.seconds
            if self._session.state == "open":
                said = f"{self.seconds:g} seconds of real time are used up"
                self._session.finish("over_budget", said)
            _interrupt(self._thread)
            self._thread.join(STOPPING)

    def end(self, trouble: str) -> Run:
        """The run, with what went wrong as findings; ``trouble`` is why it failed around the script."""
        session, error = self._session, self._error
        if self._fence.attempts:
            session.add_finding(_reached_out(self._fence.attempts, self._script))
        if error is not None and session.state == "open":
            session.add_finding(_raised(error, self._script))
            return session.finish("failed", f"the agent raised {type(error).__name__}")
        if self._late:
            session.add_finding(_hung(self._late, self._script))
        if trouble and session.state == "open":
            return session.finish("failed", trouble)
        return session.finish()

    def _execute(self, hands: Hands, ended: Callable[[], object]) -> None:
        try:
            with _network(self._script.network, self._fence):
                self._script.load()(Handle(self._session, hands))
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - the agent boundary: whatever it raises is a finding
            if not self._late:
                self._error = error
        finally:
            ended()


def load_script(
    target: str, read: Callable[[str], str], *, shown: Callable[[str], str] = str, network: bool = False
) -> Script:
    """The script that ``target`` names: ``path.py::function`` or ``package.module::function``.

    ``read`` gives the text of a file; a file becomes a module under a name of its own, and
    ``sys.path`` is left alone. ``shown`` is the path of a file as messages show it; without
    ``network`` it reaches this machine alone, also while it is loaded.

    Raises:
        AgentError: no such file, module or function, or the file itself raises.
    """
    place, separator, function = target.rpartition("::")
    if not separator or not place or not function:
        hint = "write agents/triage.py::triage or package.module::function"
        raise AgentError.at("", 0, f"{target!r} names no function", hint)
    if not place.endswith(".py"):
        with _fenced_loading(network, place):
            module = _import(place)
        found = _function_in(module, function, place)
        return Script(target, lambda: found, file=str(getattr(module, "__file__", "")), network=network)
    called = shown(place)
    code = _compile(place, read, called)

    def load() -> ScriptedAgent:
        return _function_in(_execute(place, code, called), function, called)

    with _fenced_loading(network, called):
        load()  # so that a script that cannot be loaded is an error, and not a run that fails
    return Script(f"{called}::{function}", load, file=place, place=called, network=network)


def _fence() -> Fence:
    return Fence("a scripted agent reaches this machine alone", loopback=True)


def _network(real: bool, fence: Fence) -> contextlib.AbstractContextManager[object]:
    """What a script in the body may reach: everything, or what ``fence`` lets it."""
    return contextlib.nullcontext() if real else fenced(fence)


@contextlib.contextmanager
def _fenced_loading(network: bool, called: str) -> Iterator[None]:
    """A script is loaded in the body; what it reached for, even if it went on without, is an error."""
    fence = _fence()
    with _network(network, fence):
        yield
    if fence.attempts:
        message = f"the agent tried to reach {_places(fence.attempts)} while it was loaded"
        raise AgentError.at(called, 0, message, REAL)


def _function_in(module: ModuleType, function: str, place: str) -> ScriptedAgent:
    found = getattr(module, function, None)
    if callable(found):
        return found  # type: ignore[no-any-return]  # that it takes a session shows when it is called
    own = [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    ]
    there = sorted(name for name in own if callable(getattr(module, name)) and not name.startswith("_"))
    hint = f"its functions are {', '.join(there)}" if there else "it defines no function"
    raise AgentError.at(place, 0, f"there is no function {function!r}", hint)


def _compile(path: str, read: Callable[[str], str], called: str) -> CodeType:
    try:
        return compile(read(path), path, "exec")
    except OSError as error:
        hint = "a path is relative to the case"
        raise AgentError.at(called, 0, f"cannot read the agent: {error.strerror}", hint) from error
    except UnicodeDecodeError as error:
        raise AgentError.at(called, 0, "cannot read the agent: it is not UTF-8") from error
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        raise AgentError.at(
            called, line, f"the agent is not Python: {getattr(error, 'msg', error)}"
        ) from error


def _execute(path: str, code: CodeType, called: str) -> ModuleType:
    name = _PREFIX + "".join(letter if letter.isalnum() else "_" for letter in path)
    module = ModuleType(name)
    module.__file__ = path
    sys.modules[name] = module  # dataclasses and pickles look their module up by name
    try:
        with captured():
            exec(code, module.__dict__)  # noqa: S102 - the user's own agent is what we are here to run
    except BaseException as error:
        del sys.modules[name]
        message = f"the agent raised {_words(error)} while it was loaded"
        raise AgentError.at(called, _line_in(error, path), message) from error
    return module


def _import(name: str) -> ModuleType:
    try:
        with captured():
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        message = f"no module {error.name!r} to take the agent from"
        raise AgentError.at("", 0, message, f"install what holds {name}") from error
    except BaseException as error:
        message = f"the module {name} raised {_words(error)} while it was imported"
        raise AgentError.at("", 0, message) from error


@contextlib.contextmanager
def captured() -> Iterator[io.StringIO]:
    """What a script prints is kept out of our own output."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        yield output


def _with_output(run: Run, printed: str, target: str) -> Run:
    if not printed.strip():
        return run
    count = len(printed.splitlines())
    lines = printed[:_MOST_OUTPUT].splitlines()
    finding = Finding(
        code="agent.printed",
        message=f"{target} printed {count} {'line' if count == 1 else 'lines'}, which nobody will see",
        severity=Severity.WARNING,
        hint="use session.say for what the routine has to say",
        detail=tuple(lines[:10]),
        run=run.number,
    )
    return msgspec.structs.replace(run, findings=(*run.findings, finding))


def _raised(error: BaseException, script: Script) -> Finding:
    line = _line_in(error, script.file)
    return Finding(
        code="agent.raised",
        message=f"the agent {script.target} raised {_words(error)}",
        location=Location(script.place, line) if script.place else None,
        hint="an agent gets a result for every call, errors too; look at .is_error before .json()",
    )


def _hung(seconds: float, script: Script) -> Finding:
    return Finding(
        code="agent.hung",
        message=f"the agent {script.target} did not come back within {seconds:g} seconds",
        location=Location(script.place) if script.place else None,
        hint="look for an endless loop; budget: {seconds: …} in the case gives it more time",
    )


def _reached_out(attempts: list[str], script: Script) -> Finding:
    return Finding(
        code="agent.network-refused",
        message=f"the agent {script.target} tried to reach {_places(attempts)}, which was refused",
        location=Location(script.place) if script.place else None,
        hint=REAL,
    )


def _places(attempts: list[str]) -> str:
    """The places that were tried, each once; the first few of many."""
    places = list(dict.fromkeys(attempts))
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    return ", ".join(places[:_MOST_PLACES]) + more


def _words(error: BaseException) -> str:
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__


def _line_in(error: BaseException, file: str) -> int:
    """The innermost line of ``file`` that the error came through; 0 if none."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == file), 0)


def _interrupt(thread: threading.Thread) -> None:
    """Raise ``Stopped`` in ``thread`` at its next line of Python."""
    if thread.ident is not None:
        # Imported here: only a script that has to be stopped needs it.
        import ctypes

        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Stopped))
