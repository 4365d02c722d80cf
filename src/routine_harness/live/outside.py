"""What stands outside the sandbox for one run: connectors, gh, git and the network, over one session.

Servers ask it from threads of their own, so every act on the session is done under one lock. What
a program inside does is kept as a call of its own, tied to the command that is running.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from routine_harness.live.egress import HttpRequest, HttpResponse
from routine_harness.live.gh import GhAnswer, Question
from routine_harness.live.gh_commands import answer_gh
from routine_harness.live.ids import Ids
from routine_harness.live.origin import Push, split_git_path
from routine_harness.live.rest import Asked, Reply, answer_rest
from routine_harness.live.rest_recorded import asked_of, call_of, reply_of, request_of, response_of
from routine_harness.routine.network import DENIED, is_allowed
from routine_harness.routine.spec import Environment
from routine_harness.serve.mcp import Received
from routine_harness.session.faults import Fault, FaultPlan, fault_result
from routine_harness.session.session import Session
from routine_harness.world.captured import GH, PUSH, REQUEST
from routine_harness.world.http import find_answer
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall, ToolResult

MAXIMUM_TEXT: Final = 20_000
FETCH: Final = "WebFetch"
TELLING: Final = ("authorization", "cookie", "x-api-key")
"""Headers that are kept, because a secret may stand in them."""
ANNOUNCED_SECONDS: Final = 2.0
SETUP: Final = "environment"
"""What a program belongs to that no command of the agent's has started: the setup script, a hook."""

Fetch = Callable[[HttpRequest], HttpResponse]
NO_IDS: Final = Ids()
Held = Callable[[str, str, bytes], HttpResponse | None]
"""The recorded answer to method, URL and body; None where nothing was recorded."""


class Pending(msgspec.Struct, frozen=True):
    """A call of the agent's that has no answer yet."""

    id: str
    name: str
    turn: int
    arguments: dict[str, Any] = {}


class Outside:
    """Answers whatever leaves the sandbox of one run."""

    def __init__(
        self,
        session: Session,
        environment: Environment,
        git: Callable[[HttpRequest], HttpResponse],
        *,
        fetch: Fetch | None = None,
        fetched_hosts: tuple[str, ...] = (),
        moved: Callable[[int], None] = lambda _: None,
        reveal: Callable[[World, ToolCall], World] = lambda world, _: world,
        faults: tuple[Fault, ...] = (),
        held: Held = lambda *_: None,
        ids: Ids = NO_IDS,
        granted: Callable[[ToolCall], bool] = lambda _: True,
    ) -> None:
        """``git`` answers git's own requests; ``fetch`` really asks ``fetched_hosts``, by GET alone;
        ``moved`` hears of the world's clock; ``reveal`` adds to the world what a real server says;
        ``faults`` befall pages and the agent's own tools (those of connectors are the session's);
        ``held`` are the answers of cassettes, for what the world has none to; ``ids`` are the
        commits' names inside; ``granted`` says whether the routine grants a call."""
        self.session = session
        self.lock = threading.RLock()
        self._environment = environment
        self._git = git
        self._fetch = fetch
        self._fetched_hosts = fetched_hosts
        self.moved = moved
        self._reveal = reveal
        self._faults = FaultPlan(faults)
        self._held = held
        self.ids = ids
        self._granted = granted
        self._befallen: dict[str, ToolResult] = {}
        self._pending: dict[str, Pending] = {}
        self._announced = threading.Condition(self.lock)
        self.answered: set[str] = set()

    def announce(self, pending: Pending) -> None:
        """The agent is about to make a call."""
        with self._announced:
            self._pending[pending.id] = pending
            self._announced.notify_all()

    def settle(self, call_id: str) -> Pending | None:
        """The call has its answer; what was known of it."""
        with self.lock:
            return self._pending.pop(call_id, None)

    @property
    def pending(self) -> list[Pending]:
        """The calls without an answer, in order."""
        with self.lock:
            return list(self._pending.values())

    def call(self, received: Received) -> ToolResult:
        """Answer a call that reached a connector's server."""
        with self._announced:
            known = self._announced.wait_for(
                lambda: received.call_id in self._pending, ANNOUNCED_SECONDS if received.call_id else 0
            )
            turn = self._pending[received.call_id].turn if known else 0
            arguments = self.ids.meant(received.arguments)
            asked = ToolCall(received.offer.connector, received.tool, arguments)
            self.session.world = self._reveal(self.session.world, asked)
            result = self.session.handle(
                f"{received.offer.connector}.{received.tool}", arguments,
                server=received.offer.server, turn=turn, call_id=received.call_id,
            )  # fmt: skip
            self.answered.add(received.call_id)
            self.moved(self.session.world.clock)
            return self.ids.result(result)

    def gh(self, question: Question) -> GhAnswer:
        """Answer ``gh`` inside."""
        with self.lock:
            given, files = self.ids.meant(question.arguments), self.ids.meant(question.files)
            asked = msgspec.structs.replace(question, arguments=tuple(given), files=files)
            answer = answer_gh(asked, self._github, self._api)
            if answer.unknown:
                arguments = {"arguments": list(question.arguments)}
                self._keep(GH, arguments, ToolResult(answer.unknown, is_error=True))
            return msgspec.structs.replace(answer, out=self.ids.shown(answer.out))

    def request(self, request: HttpRequest) -> HttpResponse:
        """Answer a request of a program inside."""
        if request.host == "github.com" and split_git_path(request.path) is not None:
            return self._git(request)
        with self.lock:
            if request.host == "api.github.com":
                answered = self._rest(request)
                if answered is not None:
                    return answered
            if not is_allowed(request.host, self._environment):
                return self._denied(request)
            response = self._struck() or self._known(request) or self._replayed(request)
        if response is None:
            response = self._really(request)
        with self.lock:
            self._keep_request(request, response)
        return response

    def befall(self, call_id: str, tool: str, arguments: dict[str, Any]) -> str:
        """What a fault of the case says instead of one of the agent's own tools; empty for none."""
        with self.lock:
            call = ToolCall("", tool, arguments)
            fault = self._faults.strike(call)
            if fault is None:
                return ""
            self._befallen[call_id] = fault_result(fault, call)
            return self._befallen[call_id].text

    def befallen(self, call_id: str) -> ToolResult | None:
        """What a fault has said instead of this call."""
        with self.lock:
            return self._befallen.get(call_id)

    def pushed(self, push: Push) -> None:
        """Keep a push, taken or refused."""
        arguments: dict[str, Any] = {
            "repository": push.repository, "ref": push.ref, "before": push.before, "after": push.after,
            "commits": [msgspec.to_builtins(commit) for commit in push.commits], "force": push.forced,
            "files": list(push.files), "diff": push.diff, "changes": push.changes, "deletes": push.deletes,
        }  # fmt: skip
        with self.lock:
            result = ToolResult(push.refused or "pushed", is_error=bool(push.refused))
            self._keep(PUSH, arguments, result)

    def _github(self, tool: str, arguments: dict[str, Any]) -> ToolResult:
        turn, via = self._through()
        result = self.session.handle(f"github.{tool}", arguments, turn=turn, via=via)
        self.moved(self.session.world.clock)
        return result

    def _through(self) -> tuple[int, str]:
        """Turn and id of the call that a program inside belongs to: the last one still running."""
        own = [pending for pending in self._pending.values() if not pending.name.startswith("mcp__")]
        return (own[-1].turn, own[-1].id) if own else (0, SETUP)

    def _keep(self, tool: str, arguments: Mapping[str, Any], result: ToolResult) -> None:
        turn, via = self._through()
        self.session.replay(tool, arguments, result, turn=turn, via=via)
        self.moved(self.session.world.clock)

    def _keep_request(self, request: HttpRequest, response: HttpResponse) -> None:
        text = _text(response.body)
        shown = [f"HTTP {response.status}"]
        shown += [f"{name}: {value}" for name, value in response.headers.items() if name == "x-deny-reason"]
        result = ToolResult("\n".join([*shown, text]).rstrip(), is_error=response.status >= 400)
        parts = urlsplit(request.url)
        arguments = {
            "method": request.method, "url": request.url, "host": request.host, "path": parts.path,
            "body": _text(request.body),
            "headers": {name: request.headers[name] for name in TELLING if name in request.headers},
        }  # fmt: skip
        self._keep(REQUEST, {name: value for name, value in arguments.items() if value}, result)

    def _rest(self, request: HttpRequest) -> HttpResponse | None:
        """The answer of GitHub's REST interface; None where no operation stands for the path."""
        asked = asked_of(request, self.ids)
        if asked is None:
            return _json(400, {"message": "Problems parsing JSON"})
        reply = self._api(asked)
        return None if reply is None else response_of(reply, self.ids)

    def _api(self, asked: Asked) -> Reply | None:
        """The answer of GitHub's REST interface: the world's, else what a cassette holds."""
        turn, via = self._through()
        reply = answer_rest(self.session, self._github, asked, self._held_reply, via=via, turn=turn)
        return self._recorded(asked) if reply is None else reply

    def _recorded(self, asked: Asked) -> Reply | None:
        """What a cassette holds for a path for which no operation stands; kept as a request."""
        call = call_of(asked)
        if not self._granted(call):
            return Reply(403, {"message": self._github(call.tool, call.arguments).text})
        request = request_of(asked)
        response = self._known(request) or self._replayed(request)
        if response is None:
            return None
        self._keep_request(request, response)
        return reply_of(response)

    def _held_reply(self, asked: Asked) -> Reply | None:
        response = self._replayed(request_of(asked))
        return None if response is None else reply_of(response)

    def _struck(self) -> HttpResponse | None:
        """The answer of a fault of the case that befalls the page which is being fetched."""
        fetching = [pending for pending in self._pending.values() if pending.name == FETCH]
        fault = self._faults.strike(ToolCall("", FETCH, fetching[-1].arguments)) if fetching else None
        if fault is None:
            return None
        status = 504 if fault.timeout else fault.status or 500
        headers = {name.lower(): value for name, value in fault.headers.items()}
        return HttpResponse(status, {"content-type": "text/plain", **headers}, fault.error.encode())

    def _denied(self, request: HttpRequest) -> HttpResponse:
        body = f"Host not in allowlist: {request.host}\n".encode()
        response = HttpResponse(403, {"x-deny-reason": DENIED, "content-type": "text/plain"}, body)
        self._keep_request(request, response)
        return response

    def _known(self, request: HttpRequest) -> HttpResponse | None:
        """The answer of the world's ``http`` table."""
        record = find_answer(self.session.world, request.method, request.url)
        if record is None:
            return None
        body = record.get("body", "")
        content = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
        kind = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
        headers = {
            "content-type": kind,
            **{k.lower(): str(v) for k, v in (record.get("headers") or {}).items()},
        }
        return HttpResponse(int(record.get("status", 200)), headers, content)

    def _replayed(self, request: HttpRequest) -> HttpResponse | None:
        return self._held(request.method, request.url, request.body)

    def _really(self, request: HttpRequest) -> HttpResponse:
        """GET from a host that the user lists; nothing else is ever forwarded."""
        if self._fetch is not None and request.method == "GET" and request.host in self._fetched_hosts:
            return self._fetch(request)
        said = f"the dry run has no answer to {request.method} {request.url}\n"
        return HttpResponse(
            502, {"content-type": "text/plain", "x-routine-harness": "unanswered"}, said.encode()
        )


def _json(status: int, value: Any) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json"}, msgspec.json.encode(value))


def _text(body: bytes) -> str:
    return body[:MAXIMUM_TEXT].decode(errors="replace")
