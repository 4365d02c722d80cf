"""An HTTP server in a thread of the harness's own process, on a socket that it is given."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

from routine_harness.errors import AgentError, UsageError
from routine_harness.plain import Json
from routine_harness.store.interactions import MAX_BODY, TooLargeError

START_SECONDS: Final = 20.0
PART: Final = "the server"

Failed = Callable[[str, BaseException], None]
"""Told which part of the harness has failed, and why."""


class ServerThread:
    """Serves an ASGI application on ``listener`` until ``close``.

    ``failed`` hears what the application raises, and that a server has ended by itself.
    """

    def __init__(self, application: Json, listener: socket.socket, failed: Failed) -> None:
        import uvicorn  # a tenth of a second that only serving pays

        config = uvicorn.Config(
            _Watched(application, failed), log_config=None, access_log=False, ws="none", http="h11",
            lifespan="on", timeout_graceful_shutdown=1, server_header=False, date_header=False,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._listener = listener
        self._failure: BaseException | None = None
        self._failed = failed
        self._thread = threading.Thread(target=self._serve, name="routine-harness-server", daemon=True)
        self._thread.start()
        self._await_start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """Stop, giving open answers a second to end."""
        self._server.should_exit = True
        self._thread.join()

    def _serve(self) -> None:
        started = False
        try:
            asyncio.run(self._until_ended())
            started = self._server.started
            if started and not self._server.should_exit:
                raise RuntimeError("it ended by itself")
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for the start
            self._failure = error
            if started or self._server.started:
                self._failed(PART, error)

    async def _until_ended(self) -> None:
        await self._server.serve(sockets=[self._listener])
        # uvicorn (0.54) leaves a connection open whose client has not read its answer within the second.
        for connection in [*self._server.server_state.connections]:
            connection.transport.abort()
        await asyncio.sleep(0)  # the loop closes their sockets in its next turn

    def _await_start(self) -> None:
        pause = threading.Event()
        waited = 0.0
        while not self._server.started:
            if not self._thread.is_alive() or waited > START_SECONDS:
                raise AgentError.at("", 0, f"the server did not start: {self._failure or 'no answer'}")
            pause.wait(0.005)
            waited += 0.005


class _Watched:
    """An application whose exceptions and oversized bodies ``failed`` hears of."""

    def __init__(self, application: Json, failed: Failed) -> None:
        self._application = application
        self._failed = failed

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        from starlette.requests import ClientDisconnect

        read = 0

        async def receive_some() -> Json:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY:
                raise TooLargeError(f"a request body of more than {MAX_BODY} bytes")
            return message

        try:
            await self._application(scope, receive_some, send)
        except ClientDisconnect:
            raise  # a client that hangs up ends its own request alone
        except Exception as error:
            self._failed(PART, error)
            raise


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on loopback.

    Raises:
        UsageError: the port is taken, or the host is not this machine's loopback.
    """
    if host not in ("127.0.0.1", "::1", "localhost"):
        hint = "it answers every caller, so it listens on this machine alone: 127.0.0.1:PORT"
        raise UsageError.at("", 0, f"cannot serve on {host}: it is not loopback", hint)
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    try:
        return socket.create_server(("127.0.0.1" if host == "localhost" else host, port), family=family)
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", None)  # its text repeats the address
        reason = os.strerror(number) if number else str(error)
        raise UsageError.at(
            "", 0, f"cannot listen on {host}:{port}: {reason}", "choose another port"
        ) from error


PACKAGES: Final = ("mcp", "starlette", "uvicorn")
"""What the extra ``[serve]`` brings."""


def check_serving() -> None:
    """All packages are installed; none is imported, as that takes a second.

    Raises:
        AgentError: one is missing.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        many = "packages" if len(missing) > 1 else "package"
        verb = "are" if len(missing) > 1 else "is"
        hint = "pip install 'routine-harness[serve]': what serves, and what asks servers, needs it"
        raise AgentError.at("", 0, f"the {many} {', '.join(missing)} {verb} not installed", hint)
