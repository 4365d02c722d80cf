"""A case with cassettes: reads seed its world, and a scripted agent that speaks HTTP is replayed."""

from __future__ import annotations

import contextlib
import textwrap
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from routine_harness.case.result import CaseResult
from routine_harness.errors import RecordingError
from routine_harness.harness import check_case
from routine_harness.store.cassette_files import save_cassette
from routine_harness.store.cassettes import load_cassette
from routine_harness.store.interactions import Interaction

ROUTINE = """\
name: watcher
repositories: [github:acme/core]
environment: {network: custom, allowed_domains: [status.example.org, hooks.example.org]}
triggers: [{type: api}]
prompt: Look at the status page and tell the hook.
"""
CASE = """\
trigger: {api: {text: go}}
cassettes: [../cassettes/net.yaml]
agent: {scripted: ../agents/watch.py::watch}
expect:
  effects: {count: 1, where: {host: hooks.example.org}}
  idempotent: false
"""
AGENT = """\
import httpx
import requests

def watch(session):
    status = requests.get("https://status.example.org/?b=2&a=1").json()
    httpx.post("https://hooks.example.org/in", json={"text": status["text"]})
    session.say("looked, and told the hook")
"""
READ = Interaction("GET", "https://status.example.org/?a=1&b=2", 200, b'{"text":"up"}')
WRITE = Interaction("POST", "https://hooks.example.org/in", 200, b"ok", {}, b'{"text":"up"}')


def lay(folder: Path, *interactions: Interaction, case: str = CASE, agent: str = AGENT) -> Path:
    for name, text in {"routine.yaml": ROUTINE, "cases/one.yaml": case, "agents/watch.py": agent}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text))
    if interactions:
        save_cassette(folder / "cassettes" / "net.yaml", interactions)
    return folder / "cases" / "one.yaml"


def codes(result: CaseResult) -> list[str]:
    return [finding.code for finding in result.verdict.findings]


def test_an_agent_that_speaks_http_is_replayed(tmp_path: Path) -> None:
    """Its requests are calls of the run, its writes are effects, and nothing leaves the machine."""
    result = check_case(lay(tmp_path, READ, WRITE))
    assert result.pair is not None
    first = result.pair.first
    assert [record.call.tool for record in first.calls] == ["WebFetch", "Bash"]
    assert [effect.kind for effect in first.applied] == ["http.requested"]
    assert result.pair.second is not None
    assert [record.call.tool for record in result.pair.second.calls] == ["WebFetch", "Bash"]
    assert "call.unexpected" not in codes(result)
    assert result.verdict.passed, codes(result)


def test_a_request_that_drifted_is_found(tmp_path: Path) -> None:
    """A write with another body than the recorded one fails the run and names what drifted."""
    other = Interaction("POST", WRITE.url, 200, b"ok", {}, b'{"text":"down"}')
    result = check_case(lay(tmp_path, READ, other))
    [missed] = [f for f in result.verdict.findings if f.code == "call.unexpected" and f.run == 1]
    assert "body text is 'up', recorded 'down'" in missed.detail[0]
    assert not result.verdict.passed
    assert "cassette.unplayed" in codes(result)


def test_recorded_reads_answer_the_agents_own_tools(tmp_path: Path) -> None:
    """What a cassette holds is in World 0: WebFetch is answered, and so are GitHub's tools."""
    labels = Interaction("GET", "https://api.github.com/repos/acme/core/labels/bug", 200,
                         b'{"id":1,"name":"bug","color":"ff0000","description":"Broken"}')  # fmt: skip
    agent = """\
    def watch(session):
        page = session.call("WebFetch", url="https://status.example.org/?a=1&b=2", prompt="?")
        label = session.call("github.get_label", owner="acme", repo="core", name="bug")
        session.say(page.text + " " + label.text)
    """
    case = CASE.replace("count: 1, where: {host: hooks.example.org}", "count: 0")
    result = check_case(lay(tmp_path, READ, labels, case=case, agent=agent))
    assert result.pair is not None
    assert "up" in result.pair.first.closing
    assert "ff0000" in result.pair.first.closing
    assert "cassette.unplayed" not in codes(result)


def test_an_empty_cassette_is_yet_to_be_recorded(tmp_path: Path) -> None:
    """An empty file is an error where nothing is to record it."""
    (tmp_path / "cassettes").mkdir()
    (tmp_path / "cassettes" / "net.yaml").touch()
    with pytest.raises(RecordingError, match="the cassette is empty"):
        check_case(lay(tmp_path))


def test_a_cassette_is_recorded_once(tmp_path: Path) -> None:
    """Under the record mode ``once`` what the agent asks for is recorded, and played from then on."""
    (tmp_path / "cassettes").mkdir()
    (tmp_path / "cassettes" / "net.yaml").touch()
    with serving(b'{"text":"up"}') as address:
        agent = AGENT.replace("https://status.example.org", address).replace(
            "    httpx.post", "    # httpx.post"
        )
        case = CASE.replace("effects: {count: 1, where: {host: hooks.example.org}}", "nothing: true")
        path = lay(tmp_path, case=case, agent=agent)
        assert check_case(path, record="once").verdict.passed
    [kept] = load_cassette(tmp_path / "cassettes" / "net.yaml")
    assert kept.body == b'{"text":"up"}'
    assert check_case(path).verdict.passed


@contextlib.contextmanager
def serving(body: bytes) -> Iterator[str]:
    """A server on loopback that answers everything with ``body``."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name that http.server asks for

        def log_message(self, *arguments: object) -> None:
            """Be quiet."""

    with HTTPServer(("127.0.0.1", 0), Answer) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_a_recorded_write_that_no_run_makes_is_an_error(tmp_path: Path) -> None:
    """The recording tells of an agent that wrote; one that reads alone is another one."""
    agent = """\
    def watch(session):
        session.call("WebFetch", url="https://status.example.org/?a=1&b=2", prompt="?")
        import httpx
        httpx.get("https://status.example.org/?a=1&b=2")
        session.say("up")
    """
    case = CASE.replace("count: 1, where: {host: hooks.example.org}", "count: 0")
    result = check_case(lay(tmp_path, READ, WRITE, case=case, agent=agent))
    left = [finding for finding in result.verdict.findings if finding.code == "cassette.unplayed"]
    assert [
        (finding.fails, "a recorded write was made by no run" in finding.message) for finding in left
    ] == [(True, True)]


@pytest.mark.parametrize(
    "named", ["[../cassettes/net.yaml]", "[../cassettes/more/a.yaml, ../cassettes/net.jsonl]"]
)
def test_a_record_mode_makes_the_cassette_that_the_case_names(tmp_path: Path, named: str) -> None:
    """A file that is not there is an error without a record mode, and is made by one."""
    with serving(b'{"text":"up"}') as address:
        agent = AGENT.replace("https://status.example.org", address).replace(
            "    httpx.post", "    # httpx.post"
        )
        case = CASE.replace("effects: {count: 1, where: {host: hooks.example.org}}", "nothing: true")
        path = lay(tmp_path, case=case.replace("[../cassettes/net.yaml]", named), agent=agent)
        with pytest.raises(RecordingError, match=r"one\.yaml:2: there is no file \.\./cassettes"):
            check_case(path)
        assert check_case(path, record="once").verdict.passed
    made = [file for file in sorted((tmp_path / "cassettes").rglob("*")) if file.is_file()]
    assert len(made) == named.count("cassettes/")
    assert sum(len(load_cassette(file)) for file in made) == 1
    assert check_case(path).verdict.passed


def test_a_cassette_of_an_agent_that_asks_for_nothing_is_made_empty(tmp_path: Path) -> None:
    """So that the case runs from then on, and shows that nothing was asked."""
    agent = """\
    def watch(session):
        session.call("Read", file_path="README.md")
        session.say("nothing to see")
    """
    case = CASE.replace("count: 1, where: {host: hooks.example.org}", "count: 0")
    path = lay(tmp_path, case=case, agent=agent)
    check_case(path, record="once")
    assert load_cassette(tmp_path / "cassettes" / "net.yaml") == ()
    check_case(path)


QUERY = '{"query":"query Q($n: Int!) { issues(first: $n) { nodes { title } } }","variables":{"n":1}}'
MUTATION = '{"query":"mutation { issueDelete(id: 1) { success } }"}'


def test_a_graphql_query_is_recorded_and_played(tmp_path: Path) -> None:
    """It reads, although it is a POST: it goes out while it is recorded, and is answered again and again."""
    agent = f"""\
    import httpx

    def watch(session):
        texts = [httpx.post("ADDRESS/graphql", content='{QUERY}').text for _ in range(3)]
        gone = httpx.post("ADDRESS/graphql", content='{MUTATION}').status_code
        session.say(f"{{texts[2]}} {{gone}}")
    """
    case = CASE.replace("effects: {count: 1, where: {host: hooks.example.org}}", "says: {contains: t1}")
    with serving(b'{"data":{"issues":{"nodes":[{"title":"t1"}]}}}') as address:
        path = lay(tmp_path, case=case, agent=agent.replace("ADDRESS", address))
        check_case(path, record="once")
    kept = load_cassette(tmp_path / "cassettes" / "net.yaml")
    assert [b"query Q" in each.request_body for each in kept] == [True] * 3
    played = check_case(path)
    assert played.pair is not None
    assert "t1" in played.pair.first.closing
    assert "501" in played.pair.first.closing
    asked = [record for record in played.pair.first.calls if record.call.tool == "WebFetch"]
    assert len(asked) == 3
