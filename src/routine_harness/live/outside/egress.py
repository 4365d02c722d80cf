"""The egress proxy: where everything ends that a program inside sends to a host.

It terminates TLS with the session's authority and asks one function for the answer to each
request. It opens no connection of its own.
"""

from __future__ import annotations

import contextlib
import http.server
import itertools
import socket
import socketserver
import ssl
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from routine_harness.live.outside.authority import Authority
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.plain import Json
from routine_harness.store.interactions import MAX_BODY, TooLargeError

PART: Final = "the egress proxy"
MAXIMUM_CONNECTIONS: Final = 512
MAXIMUM_LINE: Final = 64 * 1024
MAXIMUM_TRAILERS: Final = 100
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
    """Serves ``listener`` in threads of its own until ``close``; what fails in them sounds ``alarm``."""

    def __init__(self, listener: socket.socket, authority: Authority, answer: Answer, alarm: Alarm) -> None:
        answers = staticmethod(alarm.watched(PART, answer))
        handler = type("Handler", (_Handler,), {"authority": authority, "answer": answers, "alarm": alarm})
        self._server = _Server(listener, handler)
        self._server.alarm = alarm
        self._thread = threading.Thread(target=self._serve, args=(alarm,), name="egress proxy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; connections that are open end with the sandbox."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _serve(self, alarm: Alarm) -> None:
        try:
            self._server.serve_forever(0.1)
        except Exception as error:  # noqa: BLE001 - it ends the run, which says so
            alarm.failed(PART, error)


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False
    alarm: Alarm

    def __init__(self, listener: socket.socket, handler: Json) -> None:
        super().__init__(("127.0.0.1", 0), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_address = listener.getsockname()
        self._places = threading.BoundedSemaphore(MAXIMUM_CONNECTIONS)

    def process_request(self, request: Json, client_address: Json) -> None:
        """Serve a connection in a thread of its own; one too many is closed, and is a finding."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.alarm.exceeded(f"more than {MAXIMUM_CONNECTIONS} connections at once to the proxy")
            self.shutdown_request(request)

    def process_request_thread(self, request: Json, client_address: Json) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Json, client_address: Json) -> None:
        """A client that hangs up ends its own connection alone; everything else is a fault of ours."""
        error = sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.alarm.failed(PART, error)


class _Handler(http.server.BaseHTTPRequestHandler):
    authority: Authority
    answer: Answer
    alarm: Alarm
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    origin = ""  # scheme and host of a tunnel; empty outside one

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing: the answering part keeps each request."""

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
        self.close_connection = False  # also for HTTP/1.0, by which Python before 3.12 asks for a tunnel

    def finish(self) -> None:
        super().finish()
        if self.origin:
            with contextlib.suppress(OSError):
                self.connection.close()

    def serve(self) -> None:
        try:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = HttpRequest(self.command, self._url(), headers, self._body())
            _ = request.host  # what is no address is the client's mistake
        except TooLargeError as error:
            self.alarm.failed(PART, error)
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error))
        except ValueError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        else:
            self._answer(request)

    def _answer(self, request: HttpRequest) -> None:
        try:
            response = self.answer(request)
        except TooLargeError as error:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error))
        except Exception as error:  # noqa: BLE001 - the alarm has it, and the run ends
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"the dry run failed: {type(error).__name__}")
        else:
            self._reply(response)

    def _refuse(self, status: HTTPStatus, said: str) -> None:
        self.close_connection = True
        self._reply(HttpResponse(status, {"content-type": "text/plain"}, f"{said}\n".encode()))

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
        return self.rfile.read(_length(self.headers.get("Content-Length") or "0", 10))

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := _length(self._line().partition(b";")[0].decode("latin-1"), 16, len(body)):
            body += self.rfile.read(size)
            self._line()
        for _ in itertools.takewhile(lambda _: self._line().strip(), range(MAXIMUM_TRAILERS)):
            pass
        return bytes(body)

    def _line(self) -> bytes:
        return self.rfile.readline(MAXIMUM_LINE)

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


def _length(written: str, base: int, before: int = 0) -> int:
    """The length of a body, or of a part that comes after ``before`` bytes."""
    length = int(written, base)
    if length < 0:
        raise ValueError(f"a length of {length}")
    if before + length > MAX_BODY:
        raise TooLargeError(f"a request body of more than {MAX_BODY} bytes")
    return length
