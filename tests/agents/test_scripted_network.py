"""A scripted agent reaches this machine alone: what it tries besides is refused, and is a finding."""

from __future__ import annotations

import socket
import textwrap
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from support.desk import open_desk

from routine_harness.agents.scripted import load_script
from routine_harness.agents.sockets import SocketDeniedError, is_loopback
from routine_harness.errors import AgentError
from routine_harness.session.lifecycle import Budget

METHODS = ("connect", "connect_ex", "sendto", "sendmsg")
LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")


def standing() -> list[object]:
    """What a fence replaces, as it stands now."""
    return [
        *(vars(socket.socket).get(name) for name in METHODS),
        *(vars(socket)[name] for name in LOOK_UPS),
        threading.Thread.start,
    ]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Whatever a script does, sockets and threads are afterwards what they were; unless a script of
    another test still hangs."""
    before = standing()
    yield
    assert before[0] is not None or standing() == before


def run(source: str, *, network: bool = False, **options: Any) -> Any:
    """A run of a script from its source, with a server on loopback of which it knows the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        text = f"PORT = {server.getsockname()[1]}\n{textwrap.dedent(source)}"
        script = load_script("agents/x.py::agent", lambda _: text, network=network)
        return script.run(open_desk(**options))


def refused(done: Any) -> list[str]:
    return [finding.message for finding in done.findings if finding.code == "agent.network-refused"]


ATTEMPTS = {
    "create_connection": ("socket.create_connection(('api.example.com', 443), 1)", "api.example.com:443"),
    "connect": ("socket.socket().connect(('192.0.2.1', 80))", "192.0.2.1:80"),
    "connect by name": ("socket.socket().connect(('api.example.com', 80))", "api.example.com:80"),
    "connect v6": ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))", "2001:db8::1:80"),
    "connect_ex": ("assert socket.socket().connect_ex(('192.0.2.1', 80))", "192.0.2.1:80"),
    "sendto": (
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "192.0.2.1:53",
    ),
    "sendmsg": (
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('192.0.2.1', 53))",
        "192.0.2.1:53",
    ),
    "getaddrinfo": ("socket.getaddrinfo('api.example.com', 443)", "api.example.com:443"),
    "gethostbyname": ("socket.gethostbyname('api.example.com')", "api.example.com"),
    "gethostbyname_ex": ("socket.gethostbyname_ex('api.example.com')", "api.example.com"),
    "gethostbyaddr": ("socket.gethostbyaddr('api.example.com')", "api.example.com"),
    "urllib": ("urllib.request.urlopen('http://api.example.com/x', timeout=1)", "api.example.com:80"),
    "tls": (
        "client().wrap_socket(socket.socket(), server_hostname='a').connect(('192.0.2.1', 443))",
        "192.0.2.1:443",
    ),
    "asyncio": ("asyncio.run(opened('api.example.com', 443))", "api.example.com:443"),
    "asyncio by address": ("asyncio.run(opened('192.0.2.1', 443))", "192.0.2.1:443"),
    "a thread": ("beside(socket.create_connection, ('192.0.2.1', 80), 1)", "192.0.2.1:80"),
    "a thread of a thread": ("beside(beside, socket.gethostbyname, 'api.example.com')", "api.example.com"),
}
HEAD = """
import asyncio, socket, ssl, urllib.request
from concurrent.futures import ThreadPoolExecutor

opened, client = asyncio.open_connection, ssl.create_default_context

def beside(*given):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(*given).result(5)

"""


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("attempt", "place"), ATTEMPTS.values(), ids=ATTEMPTS)
def test_what_lies_beyond_this_machine_is_refused(attempt: str, place: str) -> None:
    """By whichever call, in whichever thread, also where the script goes on without."""
    done = run(f"{HEAD}def agent(session):\n    try:\n        {attempt}\n    except OSError: pass\n")
    assert done.status == "finished"
    assert refused(done) == [f"the agent agents/x.py::agent tried to reach {place}, which was refused"]
    [finding] = done.findings
    assert finding.fails
    assert "network: real" in finding.hint


def test_this_machine_is_reached() -> None:
    """Loopback by name and address, sockets without a network, look-ups of addresses and of our own name."""
    done = run("""
        import asyncio, socket
        def agent(session):
            for host in ("127.0.0.1", "localhost", "127.1"):
                socket.create_connection((host, PORT), 5).close()
            with socket.socket() as one:
                assert one.connect_ex(("127.0.0.1", PORT)) == 0
            one, other = socket.socketpair()
            one.sendall(b"x"); one.close(); other.close()
            socket.getaddrinfo("8.8.8.8", 53)
            socket.getaddrinfo(None, 80)
            try:
                socket.gethostbyname(socket.gethostname())
            except socket.gaierror:
                pass  # refused by nobody: this machine does not know its own name
            async def talk():
                _, writer = await asyncio.open_connection("127.0.0.1", PORT)
                writer.close()
                await writer.wait_closed()
            asyncio.run(talk())
            session.say("done")
    """)
    assert (done.status, done.closing, done.findings) == ("finished", "done", ())


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("::ffff:127.0.0.1", True), ("0.0.0.0", True),
     ("LOCALHOST.", True), ("a.localhost", True), ("", True), ("10.0.0.1", False),
     ("localhost.evil.com", False), ("::ffff:10.0.0.1", False), ("fe80::1%eth0", False),
     ("127.0.0.1.evil.com", False), ("1", False)],
)  # fmt: skip
def test_loopback_is_told_by_the_address_alone(host: str, local: bool) -> None:
    """No name is looked up to find out."""
    assert is_loopback(host) is local


def test_a_script_that_says_so_is_let_out() -> None:
    """Nothing is put in its way."""
    source = """
        import socket
        def agent(session):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                try:
                    one.connect(("192.0.2.1", 53))  # sends nothing
                except OSError as error:
                    session.say(type(error).__name__)
    """
    let_out = run(source, network=True)
    assert (let_out.status, let_out.findings) == ("finished", ())
    assert let_out.closing in ("", "OSError")  # as this machine has a network or none
    assert run(source).closing == "SocketDeniedError"


def test_other_threads_are_not_touched_while_a_script_runs() -> None:
    """What somebody else does meanwhile is neither refused nor held against the script."""
    outcome: list[object] = []
    asked, answered = threading.Event(), threading.Event()

    def other() -> None:
        asked.wait(10)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            try:
                one.connect(("192.0.2.1", 80))  # sends nothing
            except OSError as error:
                outcome.append(isinstance(error, SocketDeniedError))
        answered.set()

    thread = threading.Thread(target=other)
    thread.start()
    script = load_script("agents/x.py::agent", lambda _: "def agent(session): session.wait_for_it()")
    script.load = lambda: lambda _: (asked.set(), answered.wait(10))
    done = script.run(open_desk())
    thread.join()
    assert done.findings == ()
    assert True not in outcome


def test_two_scripts_at_once_have_their_own_findings() -> None:
    """The one that ends first takes nothing from the other."""
    first, second = (
        f"import socket, time\ndef agent(session):\n    time.sleep({pause})\n"
        f"    try: socket.gethostbyname('{name}.example.com')\n    except OSError: pass\n"
        for name, pause in (("one", 0), ("two", 0.3))
    )
    found: dict[str, list[str]] = {}
    threads = [
        threading.Thread(target=lambda name=name, text=text: found.update({name: refused(run(text))}))
        for name, text in (("one", first), ("two", second))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: said[0].split()[6] for name, said in found.items()} == {
        "one": "one.example.com,", "two": "two.example.com,"
    }  # fmt: skip


def test_a_script_that_is_left_behind_stays_behind_its_fence() -> None:
    """One that hangs and tries later is refused as well, and others are not."""
    ended: list[str] = []
    source = """
        import socket, time
        def agent(session):
            while time.monotonic() < until:
                try:
                    time.sleep(0.01)
                except BaseException:
                    pass
            try:
                socket.gethostbyname("late.example.com")
            except OSError as error:
                ended.append(type(error).__name__)
    """
    import time

    text = textwrap.dedent(source)
    script = load_script("agents/x.py::agent", lambda _: text)
    real = script.load
    until = time.monotonic() + 1

    def load() -> Any:
        function: Any = real()
        function.__globals__.update(ended=ended, until=until)
        return function

    script.load = load
    done = script.run(open_desk(budget=Budget(seconds=0.2)))
    assert [finding.code for finding in done.findings] == ["agent.hung"]
    for _ in range(500):
        if ended:
            break
        time.sleep(0.01)
    assert ended == ["SocketDeniedError"]
    time.sleep(0.1)


def test_what_a_script_reaches_for_while_it_is_loaded_is_an_error() -> None:
    """Also where it goes on without."""
    source = (
        "import socket\ntry: socket.gethostbyname('api.example.com')\nexcept OSError: pass\ndef agent(s): ..."
    )
    said = "agents/x.py: the agent tried to reach api.example.com while it was loaded"
    with pytest.raises(AgentError, match=said):
        load_script("agents/x.py::agent", lambda _: source)
