"""Requests to hosts that no connector stands for: answered by the world, a cassette, or a refusal.

Only GET to hosts that the user lists is really sent; each attempt is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from routine_harness.case.plan import Setting
from routine_harness.live.outside.calls import Calls
from routine_harness.live.outside.egress import HttpRequest, HttpResponse
from routine_harness.routine.network import DENIED, denial, is_allowed
from routine_harness.routine.spec import Environment
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cassette_index import index_interactions
from routine_harness.store.interactions import MAX_BODY, TooLargeError
from routine_harness.world.github.rest.replies import UNKNOWN_PATH
from routine_harness.world.http import due_page, find_answer
from routine_harness.world.sandbox_calls import REQUEST
from routine_harness.world.tool import ToolResult

MAXIMUM_TEXT: Final = 20_000
READ: Final = 64 * 1024
FETCH: Final = "WebFetch"
TELLING: Final = ("authorization", "cookie", "x-api-key")
"""Headers that are kept, because a secret may stand in them."""

Fetch = Callable[[HttpRequest], HttpResponse]
CassetteAnswer = Callable[[str, str, bytes], HttpResponse | None]
"""The recorded answer to method, URL and body; None where nothing was recorded."""


class Pages:
    """Answers the requests of one run to any host."""

    def __init__(
        self, calls: Calls, environment: Environment, *, cassettes: CassetteAnswer, fetch: Fetch | None,
        fetched_hosts: tuple[str, ...],
    ) -> None:  # fmt: skip
        """``cassettes`` answers, for what the world has none to; ``fetch`` really asks
        ``fetched_hosts``, by GET alone."""
        self._calls = calls
        self._environment = environment
        self._cassettes = cassettes
        self._fetch = fetch
        self._fetched_hosts = fetched_hosts

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request, and keep it."""
        with self._calls.lock:
            if is_allowed(request.host, self._environment):
                response = self._struck() or self.find(request)
            else:
                response = _denied(request)
        # A page that is really fetched takes its time: nothing else waits for it.
        response = response or self._really(request)
        with self._calls.lock:
            self.keep(request, response)
        return response

    def find(self, request: HttpRequest) -> HttpResponse | None:
        """The answer of the world's ``http`` table, else of a cassette."""
        return self._known(request) or self.replayed(request)

    def replayed(self, request: HttpRequest) -> HttpResponse | None:
        """The answer of a cassette."""
        return self._cassettes(request.method, request.url, request.body)

    def keep(self, request: HttpRequest, response: HttpResponse) -> None:
        """Keep a request with its answer."""
        text = _text(response.body)
        shown = [f"HTTP {response.status}"]
        shown += [f"{name}: {value}" for name, value in response.headers.items() if name in _SHOWN]
        result = ToolResult("\n".join([*shown, text]).rstrip(), is_error=response.status >= 400)
        parts = urlsplit(request.url)
        arguments = {
            "method": request.method, "url": request.url, "host": request.host, "path": parts.path,
            "body": _text(request.body),
            "headers": {name: request.headers[name] for name in TELLING if name in request.headers},
        }  # fmt: skip
        self._calls.keep(REQUEST, {name: value for name, value in arguments.items() if value}, result)

    def _struck(self) -> HttpResponse | None:
        """The answer of a fault of the case that hits the page which is being fetched."""
        fault = self._calls.strike(FETCH)
        if fault is None:
            return None
        status = 504 if fault.timeout else fault.status or 500
        headers = {name.lower(): value for name, value in fault.headers.items()}
        return HttpResponse(status, {"content-type": "text/plain", **headers}, fault.error.encode())

    def _known(self, request: HttpRequest) -> HttpResponse | None:
        world = self._calls.session.world
        record = find_answer(world, request.method, request.url, request.body)
        if record is None:
            return None
        page = due_page(world, record)  # given where the request is kept
        kept = {name.lower(): value for name, value in page.headers}
        return HttpResponse(page.status, {"content-type": "text/plain; charset=utf-8", **kept}, page.body)

    def _really(self, request: HttpRequest) -> HttpResponse:
        """GET from a host that the user lists; nothing else is ever forwarded."""
        if self._fetch is not None and request.method == "GET" and request.host in self._fetched_hosts:
            return self._fetch(request)
        if request.host == "api.github.com":
            return not_simulated_response()
        said = f"the dry run has no answer to {request.method} {request.url}\n"
        return HttpResponse(
            502, {"content-type": "text/plain", "x-routine-harness": "unanswered"}, said.encode()
        )


def really_get(request: HttpRequest) -> HttpResponse:
    """GET a page of a host that the user has listed, with nothing of the agent's but the address."""
    import httpx2  # the client that the mcp package brings

    try:
        with (
            httpx2.Client(trust_env=False, follow_redirects=False, timeout=30) as client,
            client.stream("GET", request.url, headers={"user-agent": "routine-harness"}) as answer,
        ):
            body = _bounded(answer.iter_bytes(READ))
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        said = f"{request.url} cannot be read: {type(error).__name__}\n"
        return HttpResponse(502, {"content-type": "text/plain"}, said.encode())
    kept = {name: answer.headers[name] for name in ("content-type", "location") if name in answer.headers}
    return HttpResponse(answer.status_code, kept, body)


def _bounded(parts: Iterable[bytes]) -> bytes:
    """A body that is read and decompressed no further than to its limit."""
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > MAX_BODY:
            raise TooLargeError(f"a body that comes to more than {MAX_BODY} bytes")
    return bytes(body)


_SHOWN: Final = ("x-deny-reason", "x-routine-harness")
"""Headers that say how an answer came about."""


def not_simulated_response() -> HttpResponse:
    """What GitHub's API answers on a path that stands for nothing."""
    headers = {"content-type": "application/json", "x-routine-harness": "unmodelled"}
    return HttpResponse(404, headers, UNKNOWN_PATH.data)


def _denied(request: HttpRequest) -> HttpResponse:
    headers = {"x-deny-reason": DENIED, "content-type": "text/plain"}
    return HttpResponse(403, headers, denial(request.host).encode())


def _text(body: bytes) -> str:
    return body[:MAXIMUM_TEXT].decode(errors="replace")


def cassette_answers(setting: Setting) -> CassetteAnswer:
    """The cassettes of a case for one run, from their beginning.

    Raises:
        RecordingError: one cannot be read.
    """
    index = index_interactions(CaseFiles(setting.case, setting.routine).interactions)

    def answer(method: str, url: str, body: bytes) -> HttpResponse | None:
        held = index.answer(method, url, body)
        if held is None:
            return None
        headers = {name: values[0] for name, values in held.headers.items() if values}
        return HttpResponse(held.status, headers, held.plain)

    return answer
