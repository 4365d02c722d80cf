"""The sandbox, its network, its origin and its clock, each by itself."""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.live_runs import INSTANT, place, run_inside, scratch_left

from routine_harness.errors import AgentError
from routine_harness.live.outside.egress import HttpRequest, HttpResponse
from routine_harness.live.sandbox import bubblewrap, clock
from routine_harness.live.sandbox.clock import program_clock
from routine_harness.live.sandbox.isolation import (
    Isolation,
    contain,
    free_listeners,
    probe_isolation,
    start_exposed,
)
from routine_harness.live.sandbox.scratch import Scratch, scratch_folder
from routine_harness.live.sandbox.view import Mount, Program
from routine_harness.routine.network import is_allowed
from routine_harness.routine.spec import Environment


def wait_for(holds: Callable[[], bool], pause: float = 0.05) -> None:
    """Until ``holds``; a minute at most."""
    for _ in range(int(60 / pause)):
        if holds():
            return
        time.sleep(pause)
    raise AssertionError("it did not come about")


def test_only_the_systems_programs_and_an_empty_home_are_there(isolation: Isolation, tmp_path: Path) -> None:
    """Nothing of the user's is in sight, the system cannot be written, no other process is seen."""
    secret = tmp_path / "secret.txt"
    secret.write_text("mine")
    script = (
        f"ls -A ~; cat {secret}; touch /usr/x; ls /home; ps ax | wc -l; id -u; cat /proc/1/environ | wc -c"
    )
    text = run_inside(script, isolation, place(tmp_path))
    assert "mine" not in text
    assert "Read-only file system" in text
    assert text.startswith("user\n")
    assert "\n1000\n0\n" in text


def test_no_privilege_is_left_inside(isolation: Isolation, tmp_path: Path) -> None:
    """No capability, none to be gained; what is read-only stays so, and the first process is not reached."""
    script = r"""
    grep -hE 'Cap(Eff|Prm|Bnd|Inh)|NoNewPrivs' /proc/self/status | cut -f2 | sort -u | tr '\n' ' '; echo
    echo 60 2>&1 > /proc/sys/vm/swappiness | grep -c 'Read-only\|denied'
    find /proc -path '/proc/[0-9]*' -prune -o -path /proc/pressure -prune -o ! -type l -writable -print |
        grep ^/proc
    mount -o remount,rw,bind /usr 2>/dev/null || echo kept
    unshare --user --map-root-user --mount sh -c 'mount -o remount,rw,bind /usr || umount /usr' 2>/dev/null ||
        echo kept
    ls -d /proc/1/root/old /proc/1/root/root 2>/dev/null || echo apart
    ln /usr/bin/env ~/env 2>/dev/null || echo unlinked
    hostname x 2>/dev/null || cat /proc/sys/kernel/hostname
    kill -9 1; kill -INT 1; tr '\0' ' ' < /proc/1/cmdline | grep -c '[/]HARNESS'
    """.replace("HARNESS", sys.executable[1:])
    lines = run_inside(script, isolation, place(tmp_path)).splitlines()
    assert lines[0] == "0000000000000000 1 "
    assert lines[1:] == ["1", "kept", "kept", "apart", "unlinked", "routine", "0"]


SIGHT = r"""
find / -maxdepth 2 -not -path '/proc/*' -printf '%p %y %l\n' | sort
umask; pwd; env -u _ -u SHLVL | sort; ls -A /tmp /run /var /var/tmp; trap; id
echo y > /dev/shm/y; cat <(echo x) /dev/shm/y; script -qc tty /dev/null
"""


def test_what_is_in_sight_is_a_systems_usual_ground(isolation: Isolation, tmp_path: Path) -> None:
    """An ordinary user has devices, terminals and memory of its own."""
    seen = run_inside(SIGHT, isolation, place(tmp_path)).splitlines()
    assert {"/home/user d ", "x", "y", "/dev/pts/0", "uid=1000 gid=1000 groups=1000"} <= {*seen}


def test_devices_keep_their_rights(isolation: Isolation, tmp_path: Path) -> None:
    """Whoever runs the harness as the superuser owns the devices, and yet nothing inside changes them."""
    script = (
        "chmod 666 /dev/full || touch /dev/null || echo kept; echo lost > /dev/null && echo written;"
        " head -c 2 /dev/zero | wc -c"
    )
    text = run_inside(script, isolation, place(tmp_path))
    assert text.startswith("kept\nwritten\n2\n")


WAYS_OUT = """
import ctypes, os, socket, threading
libc = ctypes.CDLL(None, use_errno=True)
def said(result): return os.strerror(ctypes.get_errno()) if result < 0 else "done"
try: print(socket.socket(40, socket.SOCK_STREAM))
except OSError as error: print(error.strerror)
NEWUSER, FORK = 0x10000000, 17
print(said(libc.unshare(NEWUSER)))
print(said(libc.syscall({"x86_64": 56, "aarch64": 220}[os.uname().machine], NEWUSER | FORK, 0, 0, 0, 0)))
print(said(libc.syscall(435, None, 0)), said(libc.syscall(425, 8, None)))
print(said(libc.syscall({"x86_64": 250, "aarch64": 219}[os.uname().machine], 0, -3, 0)))
thread = threading.Thread(target=print, args=("a thread",)); thread.start(); thread.join()
left, right = socket.socketpair(); print(socket.socket().family.name, os.system("true"))
"""


def test_no_way_out_past_the_namespaces(isolation: Isolation, tmp_path: Path) -> None:
    """No socket to the machine's host, no user namespace of its own, no ``io_uring``, no keyring; what
    honest programs need is there."""
    home = place(tmp_path)
    script = f"python3 - <<'END'\n{WAYS_OUT}\nEND"
    lines = run_inside(script, isolation, home).splitlines()
    assert lines == [
        "Address family not supported by protocol",
        "Operation not permitted",
        "Operation not permitted",
        "Function not implemented Function not implemented",
        "Operation not permitted",
        "a thread",
        "AF_INET 0",
    ]


def test_there_is_no_network_but_ours(isolation: Isolation, tmp_path: Path) -> None:
    """Only loopback exists; a request goes to the proxy, whichever the host, and TLS is answered there."""
    seen: list[str] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(f"{request.method} {request.url} {request.body.decode()}")
        return HttpResponse(200, {"content-type": "text/plain"}, b"from us\n")

    script = (
        "grep -c : /proc/net/dev; curl -sS https://example.com/a; curl -sS -d x=1 http://example.org/b; "
        "curl -sS --noproxy '*' -m 2 https://1.1.1.1/ ; echo; curl -sS -T - https://example.com/c <<< chunked"
    )
    text = run_inside(script, isolation, place(tmp_path), answer)
    assert text.startswith("1\nfrom us\nfrom us\n")
    assert "Failed to connect" in text or "Couldn't connect" in text or "Network is unreachable" in text
    assert seen == [
        "GET https://example.com/a ",
        "POST http://example.org/b x=1",
        "PUT https://example.com/c chunked\n",
    ]


URLLIB = """
python3 - <<'END'
import http.client, socket, urllib.request
for number in range(2):
    print(urllib.request.urlopen("https://example.com/a", timeout=10).read().decode())
opened = socket.create_connection(("127.0.0.1", 8002), 10)
opened.sendall(b"CONNECT example.com:443 HTTP/1.0" + 2 * bytes([13, 10]))
print(opened.recv(100).split()[1].decode())
import ssl
inside = ssl.create_default_context().wrap_socket(opened, server_hostname="example.com")
for version in ("1.1", "1.0"):
    inside.sendall(f"GET /{version} HTTP/{version}".encode() + 2 * bytes([13, 10]))
    answer = http.client.HTTPResponse(inside)
    answer.begin()
    print(answer.read().decode())
END
"""


def test_python_reaches_the_proxy_by_its_own_means(isolation: Isolation, tmp_path: Path) -> None:
    """``urllib`` asks for its tunnel by HTTP/1.0, as Python does before 3.12, and the tunnel stays open."""
    seen: list[str] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request.url)
        return HttpResponse(200, {"content-type": "text/plain"}, b"from us")

    script = f"export SSL_CERT_FILE=/opt/authority.pem; {URLLIB}"
    assert run_inside(script, isolation, place(tmp_path), answer).split("\n")[:5] == [
        "from us", "from us", "200", "from us", "from us"
    ]  # fmt: skip
    assert seen == [f"https://example.com/{path}" for path in ("a", "a", "1.1", "1.0")]


@pytest.mark.parametrize("library", [None, ""], ids=["libfaketime", "shims"])
def test_programs_see_the_worlds_clock(isolation: Isolation, tmp_path: Path, library: str | None) -> None:
    """``date`` and git see the world's time, also after subshells, with libfaketime and without."""
    script = (
        "date +%F; (date +%F); cat <(date +%F); date -u -d @0 +%F; "
        "git init -q x && cd x && git -c user.name=a -c user.email=b commit -q --allow-empty -m x && "
        "git log -1 --format=%cI"
    )
    text = run_inside(script, isolation, place(tmp_path), library=library)
    assert text.splitlines()[:3] == ["2026-05-04"] * 3
    assert text.splitlines()[3] == "1970-01-01"
    assert text.splitlines()[4].startswith("2026-05-04T09:00:0")


PIPELINES = """
one() { date +%F | cat | tr a b | sort | (cat; (date +%F)) | cat <(date +%F) -; }
for round in $(seq ROUNDS); do
  for i in 1 2 3 4 5 6 7 8; do one >> PLACE/out.$i 2>&1 & done; wait
done
cat PLACE/out.* | sort | uniq -c
"""


def needs_faketime() -> None:
    if not any(Path(path).exists() for path in clock.LIBRARIES):
        pytest.skip("libfaketime is not installed")


def hold_semaphore(folder: Path) -> None:
    """Take the clock's semaphore and never give it back, as a program does that is killed meanwhile."""
    with (folder / "sem.routine_clock").open("r+b") as file, mmap.mmap(file.fileno(), 32) as memory:
        held = ctypes.c_char.from_buffer(memory)
        assert ctypes.CDLL(None).sem_wait(ctypes.byref(held)) == 0
        del held


def test_a_program_killed_while_it_read_the_clock_stops_no_other(
    isolation: Isolation, tmp_path: Path
) -> None:
    """Programs wait for no semaphore: one that is never given back is none that others need."""
    needs_faketime()
    text = run_inside("timeout 10 date +%F; echo $?", isolation, place(tmp_path), before=hold_semaphore)
    assert text == "2026-05-04\n0\n"


def test_many_pipelines_at_once_print_the_time_and_nothing_else(isolation: Isolation, tmp_path: Path) -> None:
    """Under load no program hangs on the clock, and none complains of it."""
    needs_faketime()
    script = PIPELINES.replace("ROUNDS", "40").replace("PLACE", "/home/user")
    assert run_inside(script, isolation, place(tmp_path)).split() == ["960", "2026-05-04"]


def test_without_isolation_many_pipelines_print_the_time_and_nothing_else(tmp_path: Path) -> None:
    """On this machine's own shared memory it is so as well, and nothing is left there."""
    needs_faketime()
    found = program_clock(tmp_path, INSTANT, inside=str(tmp_path))
    environment = {"PATH": "/usr/bin:/bin", **found.environment}
    environment["LD_PRELOAD"] = environment.pop("ROUTINE_PRELOAD")
    script = PIPELINES.replace("ROUNDS", "40").replace("PLACE", str(tmp_path))
    with found.standing():
        done = subprocess.run(
            ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert [path.name for path in Path("/dev/shm").glob(f"*{found.shared}")]
    assert (done.stdout.split(), done.stderr) == (["960", "2026-05-04"], "")
    assert not list(Path("/dev/shm").glob(f"*{found.shared}"))


SLEEP = """
import threading, time
began = time.monotonic()
time.sleep(0.2)
threading.Event().wait(0.2)
print(time.strftime("%F"), 0.4 <= time.monotonic() - began < 30)
"""


def test_programs_sleep_and_wait_on_the_worlds_clock(isolation: Isolation, tmp_path: Path) -> None:
    """Python sleeps until an instant of the monotonic clock, and waits for locks by it: both take the time
    that they were given."""
    needs_faketime()
    script = f"cat > ~/sleep.py <<'E'\n{SLEEP}E\ntimeout 60 python3 ~/sleep.py; echo $?"
    assert run_inside(script, isolation, place(tmp_path)) == "2026-05-04 True\n0\n"


def test_everything_ends_with_the_sandbox(isolation: Isolation, tmp_path: Path) -> None:
    """A program that detaches itself is gone as soon as the sandbox has ended."""
    scratch = Scratch(place(tmp_path))
    mount = Mount(scratch.home, "/home/user", writable=True)
    script = "setsid sleep 1000 & (while :; do date +%N > ~/alive; sleep 0.05; done) & echo up; wait"
    program = Program(("bash", "-c", script), {"PATH": "/usr/bin:/bin", "HOME": "/home/user"}, "/", (mount,))
    contained = contain(program, isolation)
    contained.release()
    assert contained.process.stdout is not None
    assert contained.process.stdout.readline() == b"up\n"
    contained.end()
    alive = scratch.home / "alive"
    before = alive.read_text() if alive.exists() else ""
    time.sleep(0.3)
    assert (alive.read_text() if alive.exists() else "") == before


def test_everything_ends_with_the_harness(isolation: Isolation, tmp_path: Path) -> None:
    """A harness that is killed takes its sandbox with it, also one that has detached itself inside."""
    home = place(tmp_path)
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from routine_harness.live.sandbox.isolation import Isolation, contain\n"
        "from routine_harness.live.sandbox.view import Mount, Program\n"
        f"mount = Mount(Path({str(home)!r}), '/home/user', writable=True)\n"
        "inside = 'setsid sh -c \"while :; do date +%N > ~/alive; sleep 0.05; done\" & wait'\n"
        "variables = {'PATH': '/usr/bin:/bin', 'HOME': '/home/user'}\n"
        "program = Program(('sh', '-c', inside), variables, '/', (mount,))\n"
        f"contain(program, Isolation({isolation.kind!r})).release()\ntime.sleep(60)\n"
    )
    harness = subprocess.Popen([sys.executable, "-c", script])
    alive = home / "alive"
    wait_for(alive.exists)
    harness.kill()
    harness.wait(10)
    wait_for(lambda: time.time() - alive.stat().st_mtime > 1)


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", 137), ("true", 0)])
def test_a_programs_exit_code_comes_out(isolation: Isolation, script: str, code: int) -> None:
    """How the program ended is told; one that is not there is one clear line."""
    environment = {"PATH": "/usr/bin:/bin"}
    contained = contain(Program(("sh", "-c", script), environment, "/"), isolation)
    contained.release()
    assert contained.process.wait(20) == code
    contained.end()
    contained = contain(Program(("no-such-program",), environment, "/"), isolation)
    contained.release()
    assert contained.process.wait(20) == 1
    assert "no-such-program: No such file or directory" in contained.last_words()
    contained.end()


def test_a_sandbox_that_cannot_be_built_is_one_clear_error(isolation: Isolation, tmp_path: Path) -> None:
    """What cannot be shown is named, and nothing is left standing."""
    mounts = (Mount(tmp_path / "absent", "/opt/absent"),)
    with pytest.raises(AgentError, match=r"the sandbox did not start: .*absent"):
        contain(Program(("true",), {"PATH": "/usr/bin:/bin"}, "/", mounts), isolation, (8001,))


def hide(monkeypatch: pytest.MonkeyPatch, *hidden: str) -> None:
    """Take programs from the PATH."""
    real = shutil.which

    def which(name: str, *given: Any, **named: Any) -> str | None:
        return None if name in hidden else real(name, *given, **named)

    monkeypatch.setattr(shutil, "which", which)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_stays_open_where_no_sandbox_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes and sockets of a program that is not there are closed again."""
    monkeypatch.setenv("PATH", "/nowhere")
    before = open_descriptors()
    with pytest.raises(AgentError, match="there is no such program"):
        contain(Program(("true",), {}, "/"), Isolation("bubblewrap"))
    assert open_descriptors() == before
    [listener] = listeners = free_listeners(1)
    with pytest.raises(AgentError):
        start_exposed(Program(("nothing",), {}, "/"), listeners)
    assert listener.fileno() == -1


def test_a_live_run_refuses_without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is missing a run refuses and says how to get it, unless it may do without."""
    hide(monkeypatch, "bwrap")
    with pytest.raises(AgentError, match="a live run needs isolation") as refused:
        probe_isolation()
    [problem] = refused.value.problems
    assert "bubblewrap (bwrap) is not installed" in problem.message
    assert problem.hint == (
        "apt-get install bubblewrap, or your system's like; or accept the risk with --unsafe"
    )
    assert str(probe_isolation(unsafe=True)).startswith("none (--unsafe: bubblewrap")


@pytest.mark.parametrize(
    ("setting", "value", "said", "remedy"),
    [
        ("_APPARMOR", "1", "setting up uid map: Permission denied", "AppArmor keeps ordinary users"),
        ("_CLONE", "0", "No permissions to create new namespace", "unprivileged_userns_clone=1"),
        ("_MOST", "0", "Creating new namespace failed", "user.max_user_namespaces=10000"),
        ("_CONTAINERS", "", "Can't mount proc on /newroot/proc", "--security-opt systempaths=unconfined"),
        ("", "", "Unknown option --size", "install bubblewrap 0.7 or newer"),
        ("", "", "out of luck", "by hand until it succeeds"),
    ],
)
def test_a_bubblewrap_that_does_not_work_is_quoted_with_a_remedy(
    setting: str, value: str, said: str, remedy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What it said is in the error, and what stands in its way on this machine."""
    for name in ("_APPARMOR", "_CLONE", "_MOST"):
        monkeypatch.setattr(bubblewrap, name, tmp_path / "absent")
    monkeypatch.setattr(bubblewrap, "_CONTAINERS", ())
    if setting:
        (tmp_path / "setting").write_text(value)
        found: Any = (tmp_path / "setting",) if setting == "_CONTAINERS" else tmp_path / "setting"
        monkeypatch.setattr(bubblewrap, setting, found)
    (tmp_path / "bwrap").write_text(f'#!/bin/sh\necho "bwrap: {said}" >&2\nexit 1\n')
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(AgentError) as refused:
        probe_isolation()
    [problem] = refused.value.problems
    assert f"bwrap failed: bwrap: {said}" in problem.message
    assert remedy in problem.hint


def test_no_word_of_a_program_becomes_an_option_of_the_sandbox(isolation: Isolation) -> None:
    """A NUL would end a word, and the next one would be read as bubblewrap's own."""
    program = Program(("true",), {"PATH": "/usr/bin", "X": "a\0--bind\0/\0/host"}, "/")
    with pytest.raises(AgentError, match="no word with a NUL"):
        contain(program, isolation)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_scratch_folders_are_gone_after_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM, Ctrl-C and a hang-up remove the folders, also those without permissions."""
    script = (
        "import os, sys, time\nfrom pathlib import Path\n"
        "from routine_harness.live.sandbox.scratch import scratch_folder\n"
        "with scratch_folder() as root:\n"
        "    (root / 'a' / 'b').mkdir(parents=True); (root / 'a' / 'b' / 'f').write_text('x')\n"
        "    (root / 'a').chmod(0)\n    print(root, flush=True)\n    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert process.stdout is not None
    root = Path(process.stdout.readline().strip())
    assert root.is_dir()
    process.send_signal(number)
    assert process.wait(10) != 0
    process.stdout.close()
    assert not root.exists()


def test_scratch_folders_are_gone_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception leaves nothing behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RuntimeError), scratch_folder():
        raise RuntimeError
    assert scratch_left() == []


@pytest.mark.parametrize(
    ("host", "environment", "allowed"),
    [
        ("pypi.org", Environment(), True),
        ("evil.example.com", Environment(), False),
        ("api.github.com", Environment(network="none"), True),
        ("pypi.org", Environment(network="none"), False),
        ("evil.example.com", Environment(network="full"), True),
        ("a.b.example.com", Environment(network="custom", allowed_domains=("*.example.com",)), True),
        ("example.com", Environment(network="custom", allowed_domains=("*.example.com",)), False),
        ("notexample.com", Environment(network="custom", allowed_domains=("example.com",)), False),
    ],
)
def test_the_network_level_decides_about_a_host(host: str, environment: Environment, allowed: bool) -> None:
    """None, trusted, full and custom let through what the platform says they do."""
    assert is_allowed(host, environment) is allowed
