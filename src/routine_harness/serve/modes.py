"""Where the model's turns come from: a recording, a script, or the real API.

A mode answers one conversation. It is told apart from side questions of the CLI (summaries,
titles) by its tools: what offers none is not the conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from routine_harness.errors import Problem
from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Record
from routine_harness.serve.streams import Turn, content_blocks
from routine_harness.serve.turn_names import CALL, TurnNames
from routine_harness.session.transcript import Call, Entry, Message, Usage
from routine_harness.world.naming import split_tool_name

Request = Record
"""The body of a request to ``/v1/messages``."""


class Script(Protocol):
    """A Python function that plays the model of the real CLI: ``--script FILE::FUNCTION`` of ``record`` and
    of ``serve model``. ``package.module::function`` is taken, too.

    It is called once for each turn. A file is loaded afresh for each run, so that its globals are empty when
    the second run begins; within a run they are kept. A request that is sent again gets the same answer only
    if the function gives it: let it decide by ``messages`` alone. Subagents and side questions of the CLI (a
    title, a summary) ask the same function, with messages of their own.

    Loopback and the network are open to it, as to the model that it stands in for. What it raises, or answers
    that is no turn, ends the run as ``failed`` with the finding ``agent.raised``.
    """

    def __call__(self, messages: list[Record], /) -> str | Sequence[Record]:
        """The next turn, from the conversation so far.

        ``messages`` are those of the Messages API: each has a ``role`` (``user`` or ``assistant``) and a
        ``content``, a text or a list of blocks. The first is the prompt; the answer to a tool call is a
        ``tool_result`` block of the next message of the user. So many messages have the role ``assistant``,
        so many turns have been.

        A text is the model's last word: the turn ends there. A list of blocks is a turn with
        ``{"type": "text", "text": …}`` and ``{"type": "tool_use", "name": …, "input": {…}}``; the CLI makes
        the calls, several at once, and asks again with their results. ``name`` is as the CLI names the
        tool: ``Bash``, ``mcp__Linear__save_issue``. An ``id`` is filled in where there is none.
        """
        ...


SIDE_ANSWER: Final = "(no answer: this question is not part of the conversation)"
SUBAGENT_ANSWER: Final = "(played: what this subagent did is done in the main conversation)"


class ModelProblem(Exception):  # noqa: N818 - it becomes an answer of the API, not an error of ours
    """The mode cannot go on; the agent reads so in the API's words, the user in ours.

    ``file`` is what was given to play the model, where that is at fault: a recording, an address.
    """

    def __init__(self, code: str, message: str, *, file: str = "", line: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.problem = Problem(file, line, message, hint)

    @property
    def shown(self) -> str:
        """Where and what, as the API says it."""
        return f"{self.problem.file}: {self}" if self.problem.file else str(self)


class Mode(Protocol):
    """Answers a request with a turn, without the network; ``agent`` is the subagent that asks, if any."""

    def turn(self, request: Request, agent: str = "") -> Turn: ...


class ScriptMode:
    """A Python callable plays the model."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._names = TurnNames()

    def turn(self, request: Request, agent: str = "") -> Turn:
        messages: list[Record] = request["messages"]
        name = self._names.name(messages, agent)
        try:
            blocks = content_blocks(self._script(messages), f"{CALL}{name}")
        except Exception as error:
            raise ModelProblem(
                "agent.raised", f"the script raised {type(error).__name__}: {error}"
            ) from error
        self._names.started(blocks)
        size = sum(len(str(message)) for message in messages) // 4
        spent = Usage(input_tokens=size, output_tokens=sum(len(str(block)) for block in blocks) // 4)
        return Turn(blocks, spent, f"msg_{name}")


class PlayMode:
    """The turns of one recorded run, in order.

    ``pick_run`` of a transcript with several runs is the caller's. The turn to play is told by the
    conversation itself, so that a request which is sent again gets the same answer. A recording does
    not say which calls were a subagent's: they are played by the main conversation, in their order.
    """

    def __init__(self, entries: Sequence[Entry], *, run: int = 1, file: str = "", line: int = 0) -> None:
        """``entries`` are those of ``run``, read from ``file``, which breaks off at ``line`` (0: it does
        not)."""
        self._turns = recorded_turns(entries)
        self._run = run
        self._place = (file, line)

    def turn(self, request: Request, agent: str = "") -> Turn:
        if agent or not request.get("tools"):
            return Turn(({"type": "text", "text": SUBAGENT_ANSWER if agent else SIDE_ANSWER},))
        number = turns_so_far(request) + 1
        if number > len(self._turns):
            raise self._exhausted(number)
        names = _names(request)
        blocks = tuple(_block(entry, names) for entry in self._turns[number - 1])
        return Turn(blocks, id=f"msg_{number}")

    def _exhausted(self, number: int) -> ModelProblem:
        held = len(self._turns)
        ends = f"ends after turn {held}" if held else "holds no turn"
        said = f"the recording of run {self._run} {ends}, and the agent asks for turn {number}"
        hint = "expected a recording that goes on to the agent's last word: record it anew, or play another"
        file, line = self._place
        return ModelProblem("recording.exhausted", said, file=file, line=line, hint=hint)


def recorded_turns(entries: Sequence[Entry]) -> list[list[Message | Call]]:
    """What the model said and asked for, turn by turn; calls made by a command inside are not its own."""
    turns: dict[int, list[Message | Call]] = {}
    for entry in entries:
        if isinstance(entry, Message | Call) and not getattr(entry, "via", ""):
            turns.setdefault(entry.turn, []).append(entry)
    return [sorted(turns[number], key=lambda entry: isinstance(entry, Call)) for number in sorted(turns)]


def turns_so_far(request: Request) -> int:
    """How many turns of the assistant a request carries."""
    return sum(1 for message in request["messages"] if message.get("role") == "assistant")


def without_server_tools(request: Request, granted: Sequence[str] | None) -> Request:
    """The request without tools that run at the API's side, save those that the routine has.

    ``granted`` are the agent's own tools of the routine, ``None`` meaning all of them.
    """
    kept = [
        tool
        for tool in request.get("tools", [])
        if _runs_here(tool) or granted is None or _own_name(str(tool.get("name", ""))) in granted
    ]
    cleaned = {
        name: value for name, value in request.items() if name not in ("tools", "mcp_servers", "container")
    }
    return {**cleaned, "tools": kept} if "tools" in request else cleaned


def _runs_here(tool: Record) -> bool:
    return tool.get("type") in (None, "custom") or str(tool.get("type")).startswith(("bash_", "text_editor_"))


def _own_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _block(entry: Message | Call, names: Sequence[str]) -> Record:
    if isinstance(entry, Message):
        return {"type": "text", "text": entry.text}
    return {
        "type": "tool_use",
        "id": entry.id,
        "name": _offered(entry, names),
        "input": entry.arguments,
    }


def _names(request: Request) -> list[str]:
    """The tools that the agent has: those of the request, and those that the CLI defers behind ToolSearch,
    which its text names [measured in the CLI 2.1.332]."""
    names = [str(tool.get("name", "")) for tool in request["tools"]]
    told = msgspec.json.encode([request.get("system"), request["messages"]]).decode()
    return [*names, *dict.fromkeys(_DEFERRED.findall(told.replace("\\n", " ")))]


_DEFERRED: Final = lazy_pattern(r"\bmcp__[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*__[A-Za-z0-9_-]+")


def _offered(call: Call, names: Sequence[str]) -> str:
    """The name under which the agent is offered the recorded tool; the recorded one if it is not."""
    connector, _, tool = call.tool.rpartition(".")
    if not connector:
        return call.tool
    exact = f"mcp__{call.server or connector}__{tool}"
    if exact in names:
        return exact
    for name in names:
        server, bare, _ = split_tool_name(name)
        if bare == tool and server.lower() == connector.lower():
            return name
    return exact
