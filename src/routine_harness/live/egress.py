"""The egress proxy: where everything ends that a program inside sends to a host.

It terminates TLS with the session's authority and asks one function for the answer to each
request. It opens no connection of its own.
"""

from __future__ import annotations

import contextlib
import http.server
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from routine_harness.live.authority import Authority

MAXIMUM_BODY: Final = 64 * 1024 * 1024
IDLE_SECONDS: Final = 120.0
_HOP_BY_HOP: Final = ("connection", "content-length", "transfer-encoding", "keep-alive", "content-encoding")


@dataclass(frozen=True)
class HttpRequest:
    """One request of a program inside; ``headers`` have lower-case names."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@dataclass(frozen=True)
class HttpResponse:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Answer = Callable[[HttpRequest], HttpResponse]


class EgressProxy:
    """Serves ``listener`` in threads of its own until ``close``."""

    def __init__(self, listener: socket.socket, authority: Authority, answer: Answer) -> None:
        handler = type("Handler", (_Handler,), {"authority": authority, "answer": staticmethod(answer)})
        self._server = _Server(listener, handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; connections that are open end with the sandbox."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, handler: Any) -> None:
        super().__init__(("127.0.0.1", 0), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_address = listener.getsockname()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up or speaks nonsense ends its own connection alone."""


class _Handler(http.server.BaseHTTPRequestHandler):
    authority: Authority
    answer: Answer
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    origin = ""  # scheme and host of a tunnel; empty outside one

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing: what was asked for is reported by whoever answers."""

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        self.send_response_only(HTTPStatus.OK, "Connection established")
        self.end_headers()
        self.wfile.flush()
        try:
            tunnel = self.authority.context(host.strip("[]")).wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            self.close_connection = True
            return
        self.connection = tunnel
        self.rfile = tunnel.makefile("rb")
        self.wfile = tunnel.makefile("wb")
        self.origin = f"https://{host}" + ("" if port == "443" else f":{port}")

    def finish(self) -> None:
        super().finish()
        if self.origin:
            with contextlib.suppress(OSError):
                self.connection.close()

    def serve(self) -> None:
        try:
            body = self._body()
        except ValueError as error:
            self.close_connection = True
            self._reply(HttpResponse(400, {"content-type": "text/plain"}, str(error).encode()))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._reply(self.answer(HttpRequest(self.command, self._url(), headers, body)))

    def _url(self) -> str:
        if self.origin:
            return self.origin + self.path
        return self.path if "://" in self.path else f"http://{self.headers.get('Host', '')}{self.path}"

    def _body(self) -> bytes:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(HTTPStatus.CONTINUE)
            self.end_headers()
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        _check_length(length)
        return self.rfile.read(length)

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            _check_length(len(body) + size)
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return bytes(body)

    def handle_expect_100(self) -> bool:
        return True  # answered when the body is read

    def _reply(self, response: HttpResponse) -> None:
        self.send_response_only(response.status)  # no Date: this machine's clock is not the world's
        for name, value in response.headers.items():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)


for _method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(_Handler, f"do_{_method}", _Handler.serve)


def _check_length(length: int) -> None:
    if length > MAXIMUM_BODY:
        raise ValueError(f"a request body of more than {MAXIMUM_BODY} bytes")
