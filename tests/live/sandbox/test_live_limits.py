"""The limits of a sandbox: each holds, what exceeds one is a finding, and the other runs go on."""

from __future__ import annotations

import contextlib
import gzip
import os
import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from support.live_runs import codes, in_turns, needs_cli, run_live, use, write_routine

from routine_harness.errors import AgentError
from routine_harness.live.outside.egress import HttpRequest
from routine_harness.live.outside.web_pages import really_get
from routine_harness.live.sandbox import limits
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.isolation import Isolation, contain, probe_isolation
from routine_harness.live.sandbox.limits import GIB, LIMITS, MIB, Limits, Meter, folder_size
from routine_harness.live.sandbox.scratch import remove_folder
from routine_harness.live.sandbox.view import Mount, Program
from routine_harness.store.interactions import MAX_BODY, TooLargeError


@pytest.fixture
def isolation() -> Isolation:
    try:
        return probe_isolation()
    except AgentError as error:
        pytest.skip(str(error))


Inside = Callable[..., tuple[str, Alarm]]


@pytest.fixture
def inside(isolation: Isolation, tmp_path: Path) -> Inside:
    """What a shell script inside prints, under limits, with its alarm; it is ended when that sounds."""

    def run(script: str, **limits: Any) -> tuple[str, Alarm]:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        alarm, given = Alarm(), Limits(**limits)
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/home/user"}
        mounts = (Mount(home, "/home/user", writable=True),)
        program = Program(("bash", "-c", script), environment, "/home/user", mounts, limits=given)
        contained = contain(program, isolation)
        meter = Meter(contained.process.pid, home, given, alarm)
        contained.release()
        ended = threading.Event()
        try:
            for _ in range(400):
                if alarm.reason or contained.process.poll() is not None:
                    break
                ended.wait(0.05)
        finally:
            meter.close()
            contained.process.kill()
            assert contained.process.stdout is not None
            assert contained.process.stderr is not None
            said = contained.process.stdout.read() + contained.process.stderr.read()
            contained.end()
            remove_folder(home)  # pytest's own removal recurses
        return said.decode(errors="replace"), alarm

    return run


def test_the_kernel_holds_each_programs_limits(inside: Inside) -> None:
    """Open files, the size of a file, and how many may run; no program raises them again."""
    said, alarm = inside(
        "ulimit -Hn; ulimit -Sn; ulimit -Hf; ulimit -Hu; ulimit -Hc; ulimit -n 5000 2>/dev/null || echo kept",
        open_files=100, file_size=4 * MIB, tasks=300,
    )  # fmt: skip
    assert said.split() == ["100", "100", "4096", "300", "0", "kept"]
    assert alarm.findings == ()


IGNORING = """
python3 -c "
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
open('x', 'wb').write(bytes(9 << 20))
"
"""
OPENING = "python3 -c 'x = [open(\"/dev/null\") for _ in range(20000)]'"


@pytest.mark.parametrize(
    ("script", "words", "limits"),
    [
        ("head -c 9M /dev/zero > ~/x", "File size limit exceeded", {"file_size": MIB}),
        (IGNORING, "File too large", {"file_size": MIB}),
        (OPENING, "Too many open files", {"open_files": 64}),
    ],
)
def test_a_program_that_reaches_its_own_limit_is_told_so(
    inside: Inside, script: str, words: str, limits: Any
) -> None:
    """In the kernel's words, by which the finding knows which limit it was."""
    said, alarm = inside(f"({script}); true", **limits)
    assert words in said
    assert Limits(**limits).said(said).startswith(f"'{words}': the limit of ")
    assert alarm.reason == ""


@pytest.mark.parametrize(
    "text",
    ["", "3 files too large to show", "grep: Too many", "the docs say 'No space left on device' is fine"],
)
def test_a_text_that_only_speaks_of_limits_is_none(text: str) -> None:
    """Programs report an error behind a colon or a number."""
    assert LIMITS.said(text) == ""


HOLDING = "python3 -c 'import time; x = bytearray({} << 20); time.sleep(30)'"
FILLING = "for i in $(seq 40); do head -c 4M /dev/urandom > ~/$i; sync ~/$i; done; sleep 30"
DEEP = """
python3 -c "
import os, time
for _ in range(3000):
    os.mkdir('deep')
    os.chdir('deep')
with open('x', 'wb') as file:
    for _ in range(90):
        file.write(os.urandom(1 << 20))
    os.fsync(file.fileno())
time.sleep(30)"
"""
EXCEEDING = {
    "processes": (
        "for i in $(seq 200); do sleep 30 & done; wait", {"tasks": 60}, "all of 60 processes and threads ("
    ),
    "memory": (HOLDING.format(300), {"memory": 150 * MIB}, "more than 150 MiB of memory ("),
    "memory of many": (
        f"for i in 1 2 3 4; do {HOLDING.format(60)} & done; wait",
        {"memory": 150 * MIB}, "more than 150 MiB of memory (",
    ),
    "disk": (FILLING, {"disk": 64 * MIB}, "more than 64 MiB of disk ("),
    "disk, far down": (DEEP, {"disk": 64 * MIB}, "more than 64 MiB of disk ("),
    "/tmp": ("head -c 9M /dev/zero > /tmp/x; sleep 30", {"folder": 8 * MIB}, "more than 8 MiB in /tmp"),
    "/dev/shm": (
        "head -c 9M /dev/zero > /dev/shm/x; sleep 30", {"folder": 8 * MIB}, "more than 8 MiB in /dev/shm"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("script", "limits", "what"), EXCEEDING.values(), ids=EXCEEDING)
def test_what_programs_use_together_is_held(inside: Inside, script: str, limits: Any, what: str) -> None:
    """Too much of anything sounds the alarm, which ends the run."""
    _, alarm = inside(script, **limits)
    assert alarm.reason.startswith(f"the programs of the run used {what}")
    assert [finding.code for finding in alarm.findings] == ["sandbox.limit-exceeded"]
    assert alarm.findings[0].fails


WRITING = """
touch /x /dev/x /opt/x 2>&1 | grep -c Read-only
for folder in ~ /tmp /var/tmp /var/lib /run /dev/shm; do
    mkdir -p $folder/a && echo y > $folder/a/b || echo $folder
done
echo > /dev/null
df --output=size -B1 /tmp | tail -1
"""


def test_nothing_can_be_written_around_the_folders_that_have_a_size(inside: Inside) -> None:
    """The root and the devices are read-only; honest places stay writable."""
    said, _ = inside(WRITING)
    count, size = said.split()
    assert (int(count) >= 2, int(size)) == (True, LIMITS.folder // 4096 * 4096)


def test_an_honest_build_stays_within_the_limits(inside: Inside) -> None:
    """Many files, processes and threads at once sound nothing."""
    script = """
    for i in $(seq 300); do mkdir -p ~/n/$i; head -c 20000 /dev/urandom > ~/n/$i/f; done
    for i in $(seq 40); do (sort ~/n/*/f > /dev/null) & done; wait
    python3 -c "
import threading, time
threads = [threading.Thread(target=time.sleep, args=(0.5,)) for _ in range(300)]
[t.start() for t in threads]; [t.join() for t in threads]"
    echo done
    """
    said, alarm = inside(script)
    assert (said, alarm.findings) == ("done\n", ())


def test_the_limits_are_the_platforms_or_what_this_machine_spares() -> None:
    """16 GiB of memory and 30 GiB of disk, as a cloud session has."""
    assert LIMITS.memory <= 16 * GIB
    assert LIMITS.disk == 30 * GIB
    assert LIMITS.folder * 4 <= LIMITS.memory


def test_a_folder_is_added_up_without_recursion(tmp_path: Path) -> None:
    """Links are not followed, and what lies too deep is said to be left out."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(os.urandom(100_000))
    (tmp_path / "link").symlink_to("/usr")
    size, whole = folder_size(tmp_path)
    assert (100_000 <= size < 200_000, whole) == (True, True)
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("deep", dir_fd=folder)
        inner = os.open("deep", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    try:
        assert folder_size(tmp_path)[1] is False
    finally:
        remove_folder(tmp_path / "deep")  # pytest's own removal recurses


def test_a_meter_that_fails_ends_the_run(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs without being measured."""

    def broken(*_: Any) -> Any:
        raise RuntimeError("out of order")

    monkeypatch.setattr(limits, "measure", broken)
    _, alarm = inside("sleep 30")
    assert alarm.reason == "the meter of the sandbox failed: RuntimeError: out of order"


def test_a_run_that_exceeds_a_limit_fails_and_the_others_go_on(tmp_path: Path) -> None:
    """The first run has its transcript and its finding, and the second one is carried out."""
    needs_cli()
    bomb = use("Bash", command="for i in $(seq 900); do sleep 60 & done; wait")
    first = iter([True])

    def model(messages: list[dict[str, Any]]) -> Any:
        if any(message["role"] == "assistant" for message in messages):
            return "done"
        return [bomb] if next(first, False) else [use("mcp__Linear__list_issues", project="Security")]

    result = run_live(write_routine(tmp_path / "r"), model, limits=Limits(tasks=500))
    assert result.pair is not None
    assert result.pair.second is not None
    assert (result.pair.first.status, result.pair.second.status) == ("failed", "finished")
    assert result.pair.first.reason.startswith("the programs of the run used all of 500 processes")
    assert [record.call.name for record in result.pair.second.calls] == ["linear.list_issues"]
    assert "sandbox.limit-exceeded" in codes(result, 1)


def test_a_command_that_reaches_a_limit_is_a_warning(tmp_path: Path) -> None:
    """The run goes on, and whoever reads its verdict knows that a limit of ours may have been behind it."""
    needs_cli()
    result = run_live(write_routine(tmp_path / "r"), in_turns([use("Bash", command=OPENING)]), once=True)
    found = [f for f in result.verdict.findings if f.code == "sandbox.limit-exceeded"]
    assert [(f.message.partition(";")[0], f.severity) for f in found] == [
        ("a command says 'Too many open files': the limit of open files of a program is 16,384", "warning")
    ]
    assert result.pair is not None
    assert result.pair.first.status == "finished"


@pytest.fixture
def bombing() -> Iterator[str]:
    """A server whose pages are small until they are decompressed."""
    body = gzip.compress(bytes(2 * MAX_BODY), 1)

    class Bombing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Bombing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def test_a_page_that_is_really_fetched_is_decompressed_to_its_limit(bombing: str) -> None:
    """What comes to more is refused, as everywhere."""
    with pytest.raises(TooLargeError, match=f"more than {MAX_BODY} bytes"):
        really_get(HttpRequest("GET", bombing))
