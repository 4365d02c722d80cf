"""What stands outside the sandbox for one run: connectors, gh, git and the network, over one session.

What a program inside does is kept as a call of its own, tied to the command that is running.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from routine_harness.live.outside.calls import Calls
from routine_harness.live.outside.egress import HttpRequest, HttpResponse
from routine_harness.live.outside.ids import Ids
from routine_harness.live.outside.origin import split_git_path
from routine_harness.live.outside.push import Push
from routine_harness.live.outside.rest import (
    answer_rest,
    api_call_of,
    http_request_of,
    is_not_simulated,
    reply_of,
    request_of,
    response_of,
)
from routine_harness.live.outside.shim_answers import (
    CommandQuestion,
    CommandReply,
    GhQuestion,
    answer_command,
    answer_gh,
)
from routine_harness.live.outside.web_pages import CassetteAnswer, Fetch, Pages, not_simulated_response
from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Environment
from routine_harness.serve.mcp import Received
from routine_harness.session.faults import Fault
from routine_harness.session.session import Session
from routine_harness.world.github.faces import API
from routine_harness.world.github.gh.gh_plan import Request
from routine_harness.world.github.gh.gh_print import GhAnswer
from routine_harness.world.github.proxy import request_passage
from routine_harness.world.github.rest.replies import Reply, refused_reply
from routine_harness.world.sandbox_calls import GH, PUSH
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall, ToolResult

NO_IDS: Final = Ids()


class Outside:
    """Answers all that leaves the sandbox of one run."""

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
        cassettes: CassetteAnswer = lambda *_: None,
        ids: Ids = NO_IDS,
        granted: Callable[[ToolCall], bool] = lambda _: True,
    ) -> None:
        """``git`` answers git's own requests; ``fetch`` really asks ``fetched_hosts``, by GET alone;
        ``moved`` gets the time of the world's clock; ``reveal`` adds to the world what a real server says;
        ``faults`` hit pages and the agent's own tools (those of connectors are the session's);
        ``cassettes`` answers, for what the world has none to; ``ids`` are the
        commits' names inside; ``granted`` says whether the routine grants a call."""
        self.session = session
        self.calls = Calls(session, moved, faults)
        self.lock = self.calls.lock
        self.ids = ids
        self._pages = Pages(
            self.calls, environment, cassettes=cassettes, fetch=fetch, fetched_hosts=fetched_hosts
        )
        self._git = git
        self._reveal = reveal
        self._granted = granted

    def call(self, received: Received) -> ToolResult:
        """Answer a call that reached a connector's server."""
        turn = self.calls.turn_of(received.call_id)
        with self.lock:
            name = f"{received.offer.connector}.{received.tool}"
            asked = ToolCall(received.offer.connector, received.tool, self.ids.meant(received.arguments))
            if self.grants(asked):
                self.session.world = self._reveal(self.session.world, asked)
            manner = {"server": received.offer.server, "turn": turn, "call_id": received.call_id}
            result = self.asked(name, received.arguments, **manner)
            self.calls.answered.add(received.call_id)
            return result

    def asked(self, tool: str, arguments: Mapping[str, Json], **manner: Any) -> ToolResult:
        """Answer a call as the session does, with the commits' names inside; ``manner`` is ``handle``'s."""
        with self.lock:
            result = self.session.handle(tool, self.ids.meant(dict(arguments)), **manner)
            self.calls.move()
            return self.ids.result(result)

    def grants(self, call: ToolCall) -> bool:
        """Whether the routine grants a call."""
        return self._granted(call)

    def gh(self, question: GhQuestion) -> GhAnswer:
        """Answer ``gh`` inside."""
        with self.lock:
            given, files = self.ids.meant(question.arguments), self.ids.meant(question.files)
            asked = msgspec.structs.replace(question, arguments=tuple(given), files=files)
            answer = answer_gh(asked, self.session, self._github, self._gh_api)
            if answer.unknown:
                arguments = {"arguments": list(question.arguments)}
                self.calls.keep(GH, arguments, ToolResult(answer.unknown, is_error=True))
            return msgspec.structs.replace(answer, out=self.ids.shown(answer.out))

    def command(self, question: CommandQuestion) -> CommandReply:
        """Answer a program's stand-in."""
        with self.lock:
            return answer_command(question, self.session, self.calls.keep)

    def request(self, request: HttpRequest) -> HttpResponse:
        """Answer a request of a program inside."""
        if request.host == "github.com" and split_git_path(request.path) is not None:
            return self._git(request)
        if request.host == "api.github.com":
            with self.lock:
                answered = self._rest(request)
            if answered is not None:
                return answered
        return self._pages.answer(request)

    def pushed(self, push: Push) -> None:
        """Keep a push, taken or refused."""
        arguments: Record = {
            "repository": push.repository, "ref": push.ref, "before": push.before, "after": push.after,
            "commits": [msgspec.to_builtins(commit) for commit in push.commits], "force": push.forced,
            "files": list(push.files), "diff": push.diff, "changes": push.changes, "deletes": push.deletes,
        }  # fmt: skip
        if push.malformed:
            arguments = {"repository": push.repository, "malformed": push.malformed}
        with self.lock:
            result = ToolResult(push.refused or "pushed", is_error=bool(push.refused))
            self.calls.keep(PUSH, arguments, result)

    def _github(self, tool: str, arguments: Record, server: str) -> ToolResult:
        turn, via = self.calls.running()
        result = self.session.handle(f"github.{tool}", arguments, server=server, turn=turn, via=via)
        self.calls.move()
        return result

    def _rest(self, request: HttpRequest) -> HttpResponse | None:
        """The answer of GitHub's REST interface; None where no operation stands for the path."""
        asked = request_of(request, self.ids)
        if asked is None:
            return _json(400, {"message": "Problems parsing JSON"})
        reply = self._api(asked)
        if reply is None or is_not_simulated(reply):
            return None
        response = response_of(reply, self.ids)
        etag = response.headers.get("etag")
        if asked.method in ("GET", "HEAD") and etag and request.headers.get("if-none-match") == etag:
            return HttpResponse(304, {"etag": etag})  # as who keeps answers asks to be told
        return response

    def _api(self, asked: Request) -> Reply | None:
        """The answer of GitHub's REST interface: the world's, else what a cassette holds."""
        turn, via = self.calls.running()
        reply = answer_rest(self.session, self._github, asked, self._cassette_reply, via=via, turn=turn)
        return self._recorded(asked) if reply is None else reply

    def _gh_api(self, asked: Request) -> Reply:
        """What ``gh api`` is answered; on a path that nobody knows as GitHub answers it."""
        reply = self._api(asked)
        if reply is not None:
            return reply
        request, response = http_request_of(asked), not_simulated_response()
        self._pages.keep(request, response)
        return reply_of(response)

    def _recorded(self, asked: Request) -> Reply | None:
        """What a cassette holds for a path for which no operation stands; kept as a request."""
        call = api_call_of(asked)
        if not self._granted(call):
            text = self._github(call.tool, call.arguments, API).text
            passed = request_passage(self.session.world.rules, asked.path)
            return Reply(403, {"message": text}) if passed.refused is None else refused_reply(passed.refused)
        request = http_request_of(asked)
        response = self._pages.find(request)
        if response is None:
            return None
        self._pages.keep(request, response)
        return reply_of(response)

    def _cassette_reply(self, asked: Request) -> Reply | None:
        response = self._pages.replayed(http_request_of(asked))
        return None if response is None else reply_of(response)


def _json(status: int, value: Json) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json"}, msgspec.json.encode(value))
