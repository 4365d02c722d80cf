"""GitHub's REST interface over the wire: requests and responses in the words of ``live.outside.rest``.

So a program inside is answered, and a cassette asked that holds what no operation answers.
"""

from __future__ import annotations

import contextlib
import re
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from routine_harness.live.outside.egress import HttpRequest, HttpResponse
from routine_harness.live.outside.ids import Ids
from routine_harness.live.outside.rest import Asked, Reply
from routine_harness.routine.document import NOT_JSON
from routine_harness.world.github.faces import API as FACE
from routine_harness.world.tool import ToolCall

API: Final = "https://api.github.com"
_REPOSITORY: Final = re.compile(r"/repos/([^/]+)/([^/]+)")
_KEPT: Final = ("link", "location", "content-type")


def request_of(asked: Asked) -> HttpRequest:
    """The request as a client would send it, its body as JSON."""
    query = f"?{urlencode(asked.query)}" if asked.query else ""
    body = b"" if asked.body is None else msgspec.json.encode(asked.body)
    return HttpRequest(asked.method, f"{API}{asked.path}{query}", {}, body)


def reply_of(response: HttpResponse) -> Reply:
    """The reply in a response; its text where that is no JSON."""
    headers = {name.lower(): value for name, value in response.headers.items() if name.lower() in _KEPT}
    try:
        value = msgspec.json.decode(response.body) if response.body else None
    except NOT_JSON:
        value = response.body.decode(errors="replace")
    return Reply(response.status, value, headers, response.body)


def call_of(asked: Asked) -> ToolCall:
    """The request as a call of GitHub, by which it is granted or not."""
    found = _REPOSITORY.match(asked.path)
    where = {"owner": found[1], "repo": found[2]} if found is not None else {}
    return ToolCall("github", "api", {**where, "method": asked.method, "path": asked.path}, FACE)


def asked_of(request: HttpRequest, ids: Ids) -> Asked | None:
    """What a program inside asks for, in the world's ids; None where its body is no JSON."""
    parts = urlsplit(request.url)
    try:
        body = msgspec.json.decode(request.body) if request.body else None
    except NOT_JSON:
        return None
    return Asked(
        method="GET" if request.method == "HEAD" else request.method,
        path=ids.meant(parts.path),
        query=ids.meant(dict(parse_qsl(parts.query))),
        body=ids.meant(body),
        accept=request.headers.get("accept", ""),
    )


def response_of(reply: Reply, ids: Ids) -> HttpResponse:
    """The response that a program inside gets, in git's ids."""
    kind = "text/plain" if isinstance(reply.value, str) else "application/json"
    headers = {name: ids.shown(value) for name, value in reply.headers.items()}
    body = reply.data
    with contextlib.suppress(UnicodeDecodeError):  # an archive, say
        body = ids.shown(body.decode()).encode()
    return HttpResponse(reply.status, {"content-type": f"{kind}; charset=utf-8", **headers}, body)
