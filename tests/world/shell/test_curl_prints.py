"""curl prints, exits and writes in the world as the real program does against a server that answers so."""

from __future__ import annotations

import http.server
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.loopback import served

from routine_harness.routine.spec import Environment
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.tool import ToolCall
from routine_harness.world.worldfile import world_from_data

PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/ok": (200, {"Content-Type": "text/plain; charset=utf-8", "X-Rate": "7"}, b"hello\n"),
    "/json": (200, {"Content-Type": "application/json"}, b'{"up":true}'),
    "/gone": (404, {"Content-Type": "application/json"}, b"{}"),
    "/down": (503, {"Content-Type": "text/plain"}, b"busy"),
    "/moved": (301, {"Location": "/ok", "Content-Type": "text/plain"}, b"see /ok"),
    "/twice": (302, {"Location": "/moved"}, b""),
    "/lost": (302, {"Location": "/gone"}, b""),
    "/files/report.txt": (200, {"Content-Type": "text/plain"}, b"report"),
    "/named": (200, {"Content-Disposition": 'attachment; filename="x.csv"'}, b"a,b"),
    "/nothing": (204, {}, b""),
}
"""Path → status, headers, body."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        status, headers, body = PAGES[self.path]
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.wfile.write(f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\n".encode())
        for name, value in _headers(headers, status, body).items():
            self.wfile.write(f"{name}: {value}\r\n".encode())
        self.wfile.write(b"\r\n" + (b"" if self.command == "HEAD" else body))

    do_GET = do_HEAD = do_POST = do_PUT = _answer  # noqa: N815 - the names that http.server asks for

    def log_message(self, *_: Any) -> None:
        """Nothing is written about requests."""


def _headers(headers: dict[str, str], status: int, body: bytes) -> dict[str, str]:
    return headers if status == 204 else {**headers, "Content-Length": str(len(body))}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server on loopback that answers with ``PAGES``."""
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    with served(_Handler) as url:
        yield url


HOST = "http://site.example"
COMMANDS = (
    "-s {u}/ok", "-s {u}/json", "-s {u}/gone", "-sS {u}/gone", "-sf {u}/gone", "-sSf {u}/gone",
    "-f -sS {u}/ok", "-sS --fail-with-body {u}/gone", "-sS --fail-with-body {u}/ok", "-s -i {u}/ok",
    "-si {u}/gone", "-sSfi {u}/gone", "-sI {u}/ok", "-s --head {u}/gone", "-sSfI {u}/gone",
    "-s -o /dev/null -w '%{{http_code}}' {u}/gone", "-so /dev/null -w '%{{http_code}}\\n' {u}/ok",
    "-s -w '\\n%{{http_code}} %{{content_type}} %{{size_download}}\\n' {u}/json",
    "-s -w '%{{response_code}}|%{{num_redirects}}|%{{method}}|%{{scheme}}|%{{http_version}}' {u}/twice",
    "-sL -w '%{{http_code}} %{{num_redirects}}' {u}/twice", "-s {u}/moved", "-sL {u}/moved", "-sLi {u}/moved",
    "-sLI {u}/moved", "-sSfL {u}/lost", "-sL {u}/lost", "-sL --max-redirs 1 {u}/twice",
    "-sSL --max-redirs 1 {u}/twice", "-sSL --max-redirs 0 {u}/moved", "-sLD - {u}/moved",
    "-s -D h.txt {u}/ok", "-s -o out.txt {u}/ok", "-s -o out.txt -w '%{{filename_effective}}' {u}/ok",
    "-s -O {u}/files/report.txt", "-sSO {u}/gone", "-sSfO {u}/gone", "-sSf -o out.txt {u}/gone",
    "-s -OJ {u}/named", "-s --output-dir d --create-dirs -o x.txt {u}/ok", "-s {u}/ok {u}/json",
    "-s -o a.txt -o b.txt {u}/ok {u}/json", "-s -o a.txt {u}/ok {u}/json",
    "-s -X POST -d a=1 {u}/json", "-sL -d a=1 {u}/moved", "-s -w '%{{exitcode}} %{{errormsg}}' -f {u}/gone",
    "-sS -w '%{{exitcode}} %{{errormsg}}' -f {u}/gone", "-s -w '%header{{x-rate}} 100%%' {u}/ok",
    "-s -w '%{{nonsense}}|' {u}/ok", "-s -w '%{{stderr}}E%{{stdout}}O' {u}/ok", "-si {u}/nothing",
    "-s -w '%{{redirect_url}}' {u}/moved", "-sL -w '%{{redirect_url}}|%{{url_effective}}' {u}/moved",
    "-s {u}/ok --next -s {u}/json", "-so- {u}/ok", "-s -w '%{{size_header}} %{{num_headers}}' {u}/ok",
    "-sf -w '%{{http_code}}' {u}/down", "--fail --silent --show-error --location {u}/down",
    "-s -w '%{{size_download}}' --fail-with-body {u}/gone", "-sI -w '%{{size_download}}' {u}/ok",
    "-si -o all.txt {u}/ok", "-s -w '%{{url}} \\t|' {u}/ok", "-s -w '%{{header_json}}' {u}/json",
    "-sL -X POST -d a=1 -w '%{{method}}' {u}/moved", "-sS -o out.txt --fail-with-body {u}/gone",
)  # fmt: skip


def world_answers() -> list[dict[str, Any]]:
    return [
        {"method": method, "url": f"{HOST}{path}", "status": status, "body": body.decode(),
         "headers": _headers(headers, status, body)}
        for path, (status, headers, body) in PAGES.items()
        for method in ("GET", "POST")
    ]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_curl_prints_exits_and_writes_as_the_real_one(server: str, command: str, tmp_path: Path) -> None:
    """Standard output, standard error, success and files are those of the real program."""
    real = subprocess.run(
        ["curl", "--noproxy", "*", *shlex.split(command.format(u=server))],
        cwd=tmp_path, capture_output=True, check=False, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    tools = OwnTools({}, (), Environment("full"))
    world = world_from_data({"http": world_answers()}, {})
    outcome = tools.call(world, ToolCall("", "Bash", {"command": f"curl {command.format(u=HOST)}"}))
    assert outcome is not None

    def shown(text: bytes) -> str:
        return text.decode().replace(server, HOST)

    assert outcome.result.text == (shown(real.stdout) + shown(real.stderr)).rstrip()
    assert outcome.result.is_error == bool(real.returncode)
    world = outcome.world
    for path in sorted(tmp_path.rglob("*")):
        if path.is_file():
            read = tools.call(world, ToolCall("", "Bash", {"command": f"cat {path.relative_to(tmp_path)}"}))
            assert read is not None
            assert read.result.text == shown(path.read_bytes()).rstrip(), path.name


SCRIPTS = (
    "curl -sf {u}/gone || echo down", "curl -sf {u}/ok || echo down", "curl -sf {u}/gone && echo up",
    "curl -sf {u}/ok && echo up", "curl -sf {u}/gone; echo $?", "curl -s {u}/gone; echo \"=$?\"",
    "if curl -sf {u}/down; then echo up; else echo down; fi", "set -e; curl -sf {u}/gone; echo never",
    "code=$(curl -s -o /dev/null -w '%{{http_code}}' {u}/gone); echo \"got $code\"",
    "curl -s {u}/json | jq -r .up", "curl -s -o a.json {u}/json && jq .up a.json",
    "curl -s {u}/ok > t.txt; cat t.txt", "curl -sf {u}/gone || exit 3", "! curl -sf {u}/gone",
    "curl -sf -o x.json {u}/gone || curl -s {u}/json", "curl -fsS {u}/down || {{ echo down; exit 1; }}",
)  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_follows_curl_follows_its_exit_code(server: str, script: str, tmp_path: Path) -> None:
    """What bash runs after curl, and how the whole ends, is what it is with the real program."""
    real = subprocess.run(  # the real shell and curl against loopback
        ["bash", "-c", script.format(u=server)],
        cwd=tmp_path, capture_output=True, check=False, env={"PATH": "/usr/bin:/bin", "no_proxy": "*"},
    )  # fmt: skip
    world = world_from_data({"http": world_answers()}, {})
    outcome = OwnTools({}, (), Environment("full")).call(
        world, ToolCall("", "Bash", {"command": script.format(u=HOST)})
    )
    assert outcome is not None
    assert outcome.result.text == (real.stdout + real.stderr).decode().rstrip()
    assert outcome.result.is_error == bool(real.returncode)
