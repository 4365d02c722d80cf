"""The model endpoint: tokens, modes, streams, limits, and what it refuses to forward."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from itertools import product
from typing import Any

import httpx2
import pytest
from support.loopback import served

pytest.importorskip("mcp")

from routine_harness.errors import AgentError
from routine_harness.interop.sessions.transcripts import import_session
from routine_harness.serve.credential import Credential
from routine_harness.serve.mcp import build_application
from routine_harness.serve.model import ModelEndpoint
from routine_harness.serve.model_session import ModelSession
from routine_harness.serve.modes import PlayMode, ScriptMode, recorded_turns, without_server_tools
from routine_harness.serve.server import ServerThread, listen
from routine_harness.serve.spending import Spending
from routine_harness.serve.streams import MalformedStream, StreamReader, Turn, encode_events, encode_json
from routine_harness.session.transcript import Call, Message, Result
from routine_harness.world.registry import Registry

KEY = "sk-ant-real-key"
TOOLS = [{"name": "Bash", "input_schema": {}}, {"name": "mcp__Linear__list_issues", "input_schema": {}}]


@contextmanager
def serving(*sessions: ModelSession) -> Iterator[str]:
    """The endpoint with these sessions; its URL."""
    endpoint = ModelEndpoint()
    for session in sessions:
        endpoint.open(session)
    server = ServerThread(build_application({}, endpoint.routes()), listen("127.0.0.1", 0), lambda *_: None)
    try:
        yield f"http://127.0.0.1:{server.port}/v1/messages"
    finally:
        server.close()


def ask(url: str, token: str, turns: int = 0, **fields: Any) -> httpx2.Response:
    """A request after ``turns`` turns of the assistant."""
    messages = [{"role": "user", "content": "go"}]
    for _ in range(turns):
        messages += [{"role": "assistant", "content": "…"}, {"role": "user", "content": "go on"}]
    body = {"model": "claude-test", "messages": messages, "tools": TOOLS, **fields}
    return httpx2.post(url, json=body, headers={"x-api-key": token})


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


def test_only_a_sessions_token_is_answered() -> None:
    """No token, a wrong one and that of a closed session give the API's own 401."""
    session = ModelSession(ScriptMode(lambda _: "hello"))
    with serving(session) as url:
        assert ask(url, "nonsense").json()["error"]["type"] == "authentication_error"
        assert ask(url, session.token).json()["content"] == [{"type": "text", "text": "hello"}]
        bearer = {"authorization": f"Bearer {session.token}"}
        assert httpx2.post(url, json={"messages": []}, headers=bearer).status_code == 200


def test_streamed_and_whole_answers_say_the_same() -> None:
    """The stream's events come in the API's order and add up to the answer without streaming."""
    blocks = [{"type": "text", "text": "x"}, {"type": "tool_use", "name": "Bash", "input": {"command": "ls"}}]
    session = ModelSession(ScriptMode(lambda _: blocks))
    with serving(session) as url:
        whole = ask(url, session.token).json()
        streamed = ask(url, session.token, stream=True)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    found = events(streamed.text)
    assert [event["type"] for event in found] == [
        "message_start", "content_block_start", "content_block_delta", "content_block_stop",
        "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
    ]  # fmt: skip
    assert json.loads(found[5]["delta"]["partial_json"]) == whole["content"][1]["input"]
    assert found[7]["delta"]["stop_reason"] == whole["stop_reason"] == "tool_use"


def test_play_gives_the_recorded_turns_in_order_under_the_names_on_offer() -> None:
    """Parallel calls stay one turn; a request sent again gets the same answer."""
    played = PlayMode(
        [
            Message(1, 1, 0, "Looking."),
            Call(1, 1, "a", 0, "linear.list_issues", {"project": "S"}),
            Call(1, 1, "inner", 0, "github.get_me", via="b"),
            Call(1, 1, "b", 0, "Bash", {"command": "ls"}),
            Result(1, 1, "a", 0, "[]"),
            Message(1, 2, 0, "done"),
        ],
        run=2, file="a.jsonl", line=3,
    )  # fmt: skip
    session = ModelSession(played)
    with serving(session) as url:
        first = ask(url, session.token).json()["content"]
        again = ask(url, session.token).json()["content"]
        second = ask(url, session.token, 1).json()["content"]
        side = ask(url, session.token, tools=[]).json()["content"]
        inner = said_by(url, session.token, [{"role": "user", "content": "look"}], "a1")["content"]
        late = ask(url, session.token, 2)
    assert first == again
    assert [block.get("name") for block in first] == [None, "mcp__Linear__list_issues", "Bash"]
    assert [block.get("id") for block in first] == [None, "a", "b"]
    assert second == [{"type": "text", "text": "done"}]
    assert "not part of the conversation" in side[0]["text"]
    assert "in the main conversation" in inner[0]["text"]
    assert late.status_code == 400
    assert "the recording of run 2 ends after turn 2" in late.json()["error"]["message"]
    assert [problem.code for problem in session.problems] == ["recording.exhausted"]
    with pytest.raises(AgentError) as caught:
        session.left()
    [problem] = caught.value.problems
    assert str(problem).startswith("a.jsonl:3: the recording of run 2 ends after turn 2, and the agent asks")
    assert "record it anew" in problem.hint


def said_by(url: str, token: str, said: list[dict[str, Any]], agent: str = "") -> dict[str, Any]:
    """The answer to a conversation, of a subagent if one is named."""
    headers = {"x-api-key": token, **({"x-claude-code-agent-id": agent} if agent else {})}
    answer: dict[str, Any] = httpx2.post(url, json={"messages": said, "tools": TOOLS}, headers=headers).json()
    return answer


def test_ids_are_unique_over_subagents_whatever_their_order() -> None:
    """A subagent's calls are named after the call that started it, and the same when asked again."""

    def script(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        start = {"type": "tool_use", "name": "Agent"}
        prompts = ("look", "look twice", "look")
        starting = [{**start, "input": {"prompt": prompt}} for prompt in prompts]
        return starting if messages[0]["content"] == "go" else [{**start, "name": "Bash", "input": {}}]

    names: list[dict[str, str]] = []
    for order in (("a", "b", "c"), ("c", "b", "a")):
        session = ModelSession(ScriptMode(script))
        opening = {"a": "remember\n\nlook", "b": "look twice", "c": "remember\n\nlook", "d": "else"}
        with serving(session) as url:
            go = [{"role": "user", "content": "go"}]
            main = said_by(url, session.token, go)
            found = {"": main["content"][2]["id"]}
            for agent in (*order, "d", "a"):
                asked = [{"role": "user", "content": [{"type": "text", "text": opening[agent]}]}]
                [call] = said_by(url, session.token, asked, agent)["content"]
                assert found.setdefault(agent, call["id"]) == call["id"]
            anew = said_by(url, session.token, [{"role": "user", "content": "so far"}])
            found["anew"] = anew["content"][0]["id"]
            assert said_by(url, session.token, go)["id"] == main["id"] != anew["id"]
        assert len(set(found.values())) == len(found)
        names.append(found)
    assert names[0]["b"] == names[1]["b"] == "toolu_1_2_1_1"
    assert {names[0]["a"], names[0]["c"]} == {names[1]["a"], names[1]["c"]}
    assert {**names[0], "a": "", "c": ""} == {**names[1], "a": "", "c": ""}


def test_two_sessions_at_once_do_not_mix() -> None:
    """Each token reaches its own mode and is charged for its own use."""
    sessions = [ModelSession(ScriptMode(lambda _, n=n: f"I am {n}")) for n in range(2)]
    with serving(*sessions) as url:
        threads = [
            threading.Thread(target=lambda s=s: [ask(url, s.token) for _ in range(3)]) for s in sessions
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answers = [ask(url, session.token).json()["content"][0]["text"] for session in sessions]
    assert answers == ["I am 0", "I am 1"]
    assert sessions[0].usage == sessions[1].usage


@contextmanager
def api(
    answer: bytes, kind: str = "application/json", *, withheld: int = 0
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A stand-in for the real API that keeps what it was sent; it hangs up ``withheld`` bytes early."""
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.append({"path": self.path, "headers": dict(self.headers), "body": json.loads(body)})
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(answer) + withheld))
            self.end_headers()
            self.wfile.write(answer)

    with served(Handler) as url:
        yield url, seen


ANSWER = json.dumps({"content": [], "usage": {"input_tokens": 1000, "output_tokens": 100}}).encode()


def test_live_forwards_messages_with_the_users_key_and_without_server_tools() -> None:
    """The agent's token never leaves, the user's key never shows, tools of the API's side are taken out."""
    search = {"type": "web_search_20250305", "name": "web_search"}
    with api(ANSWER) as (real, seen):
        session = ModelSession(Credential(KEY, real), tools=["Bash"])
        with serving(session) as url:
            assert ask(url, session.token, tools=[*TOOLS, search], mcp_servers=[{}]).status_code == 200
            assert httpx2.get(url.replace("messages", "models")).status_code == 404
    [request] = seen
    headers = {name.lower(): value for name, value in request["headers"].items()}
    assert headers["x-api-key"] == KEY
    assert session.token not in json.dumps(request)
    assert [tool["name"] for tool in request["body"]["tools"]] == ["Bash", "mcp__Linear__list_issues"]
    assert "mcp_servers" not in request["body"]
    assert KEY not in repr(session.source)
    assert session.usage.input_tokens == 1000


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_what_the_real_model_says_is_kept_to_be_played(stream: bool) -> None:
    """The conversation is put together from request and answer; a side question is none of it."""
    call = {"type": "tool_use", "id": "toolu_9", "name": "Bash", "input": {"command": "ls"}}
    turn = Turn(({"type": "text", "text": "I look."}, call))
    body = b"".join(encode_events(turn, "m")) if stream else encode_json(turn, "m")
    with api(body, "text/event-stream" if stream else "application/json") as (real, _):
        session = ModelSession(Credential(KEY, real))
        with serving(session) as url:
            assert session.conversation.lines() == b""
            ask(url, session.token, turns=1, stream=stream)
            ask(url, session.token, stream=stream, tools=[])
    lines = session.conversation.lines()
    assert KEY.encode() not in lines
    imported = import_session(lines, "conversation", Registry())
    turns = recorded_turns(imported.entries)
    assert [entry.text for entry in turns[0] if isinstance(entry, Message)] == ["…"]
    assert [(e.tool, e.arguments) for e in turns[1] if isinstance(e, Call)] == [("Bash", {"command": "ls"})]


def test_the_spending_limit_stops_the_next_request() -> None:
    """Once the limit is reached nothing is forwarded any more, in words that say so."""
    with api(ANSWER) as (real, seen):
        session = ModelSession(Credential(KEY, real), spending=Spending(0.01))
        with serving(session) as url:
            assert ask(url, session.token).status_code == 200
            refused = ask(url, session.token)
    assert len(seen) == 1
    assert refused.status_code == 400
    assert "spending limit of $0.01 is reached" in refused.text
    assert [problem.code for problem in session.problems] == ["budget.spent"]


@pytest.mark.parametrize(
    "stream",
    [
        b"event: x\ndata: {not json\n\n",
        b"data: [1]\n\n",
        b'data: {"type": "message_start", "message": {}}\n\n',
    ],
    ids=["no-json", "no-object", "cut"],
)
def test_a_malformed_stream_is_one_clear_problem(stream: bytes) -> None:
    """What is no event stream ends in the API's error event, and is kept as a problem."""
    with api(stream, "text/event-stream") as (real, _):
        session = ModelSession(Credential(KEY, real))
        with serving(session) as url:
            answer = ask(url, session.token, stream=True)
    assert events(answer.text)[-1]["error"]["type"] == "api_error"
    assert [problem.code for problem in session.problems] == ["model.malformed-stream"]
    with pytest.raises(AgentError, match=rf"{real}: the model's answer in turn 1 is malformed") as caught:
        session.left()
    assert "ANTHROPIC_BASE_URL" in caught.value.problems[0].hint
    assert session.left(finished=True) == []


def test_a_page_in_the_answers_place_is_no_message() -> None:
    """What answers with a page instead of a message does not speak the API."""
    with api(b"<html>hello</html>", "text/html; charset=utf-8") as (real, _):
        session = ModelSession(Credential(KEY, real))
        with serving(session) as url:
            assert ask(url, session.token).text == "<html>hello</html>"
    with pytest.raises(AgentError, match="is malformed: this is text/html, no message"):
        session.left()


def test_a_connection_that_ends_within_a_stream_is_said_so() -> None:
    """The API hangs up: the client is told in the API's way, and nothing is raised in the server."""
    turn = b"".join(encode_events(Turn(({"type": "text", "text": "hi"},)), "m"))
    with api(turn[:-60], "text/event-stream", withheld=60) as (real, _):
        session = ModelSession(Credential(KEY, real))
        with serving(session) as url:
            assert events(ask(url, session.token, stream=True).text)[-1]["type"] == "error"
    with pytest.raises(AgentError, match="the connection ended: RemoteProtocolError"):
        session.left()


def test_a_stream_that_broke_off_is_forgotten_once_the_model_has_answered() -> None:
    """The client asks again, as the CLI does, and gets a whole answer; the next break counts anew."""
    whole = b"".join(encode_events(Turn(({"type": "text", "text": "hi"},)), "m"))
    with api(whole[:-40], "text/event-stream") as (broken, _), api(whole, "text/event-stream") as (real, _):
        session = ModelSession(Credential(KEY, broken))
        with serving(session) as url:
            ask(url, session.token, stream=True)
            session.source = Credential(KEY, real)
            ask(url, session.token, stream=True)
            assert session.left() == []
            session.source = Credential(KEY, broken)
            ask(url, session.token, stream=True)
    with pytest.raises(AgentError, match="the stream ended before its message did"):
        session.left()


def test_a_model_that_cannot_be_reached_is_said_so() -> None:
    """No connection to the real API is an error that clients do not retry, and a problem of the session."""
    session = ModelSession(Credential(KEY, "http://127.0.0.1:1"))
    with serving(session) as url:
        answer = ask(url, session.token)
    assert answer.status_code == 400
    assert "http://127.0.0.1:1: the model cannot be reached: ConnectError" in answer.text
    assert KEY not in answer.text
    assert [problem.code for problem in session.problems] == ["model.unreachable"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"messages": 1}', b'{"messages": ["x"]}'])
def test_a_request_that_is_none_is_refused(body: bytes) -> None:
    """A body that is no request for messages is the API's 400."""
    session = ModelSession(ScriptMode(lambda _: "x"))
    with serving(session) as url:
        answer = httpx2.post(url, content=body, headers={"x-api-key": session.token})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_stream_reads_the_same_in_any_pieces() -> None:
    """However a stream is cut, usage and end are read the same."""
    turn = Turn(({"type": "text", "text": "hé"},))
    data = b"".join(encode_events(turn, "m"))
    for size, sent in product((1, 7, len(data)), (data, data.replace(b"\n", b"\r\n"))):
        reader = StreamReader()
        pieces = [reader.feed(sent[start : start + size]) for start in range(0, len(sent), size)]
        assert b"".join(pieces) == data
        assert reader.complete
        assert reader.usage == {"input_tokens": 0, "output_tokens": 0}
    with pytest.raises(MalformedStream):
        StreamReader().feed(b"data: nonsense\n\n")


def test_a_granted_server_tool_stays() -> None:
    """Web search is the API's own; it stays where the routine has it, or has all tools."""
    request = {"messages": [], "tools": [{"type": "web_search_20250305", "name": "web_search"}]}
    assert without_server_tools(request, ["WebSearch"])["tools"]
    assert without_server_tools(request, None)["tools"]
    assert not without_server_tools(request, ["Bash"])["tools"]
