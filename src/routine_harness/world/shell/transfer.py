"""One transfer of ``curl`` or ``wget``: what its options ask for, and what it came to.

Printed as curl 7.88 and 8 do; the progress meter and times are left out, since no clock runs here.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from routine_harness.world.http import Page

HTTP_FAILED: Final = 22
TOO_MANY: Final = 47
NO_NAME: Final = 23


class Style(NamedTuple):
    """How a transfer prints: the options of curl by their meaning."""

    fail: bool = False
    fail_with_body: bool = False
    include: bool = False
    head: bool = False
    silent: bool = False
    show_error: bool = False
    follow: bool = False
    keep_method: bool = False
    most_hops: int = 50
    output: str | None = None
    remote_name: bool = False
    header_name: bool = False
    folder: str = ""
    dump: str | None = None
    write_out: str = ""
    program: str = "curl"
    failed_code: int = HTTP_FAILED


class Hop(NamedTuple):
    """One answer on the way of a transfer."""

    url: str
    method: str
    page: Page


@dataclass(eq=False)
class Transfer:
    """What one address of a command asks for. ``body`` is None where only the run tells it.

    ``out``, ``files`` and ``code`` are there once somebody has carried it out: what it printed on
    standard output, which files it wrote, how it ended.
    """

    method: str
    url: str
    body: bytes | None
    style: Style
    out: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    code: int = 0


class Printed(NamedTuple):
    """What a transfer wrote: standard output and error, files, and its exit code."""

    out: str
    err: str
    files: dict[str, str]
    code: int


def print_transfer(hops: Sequence[Hop], style: Style, *, unfollowed: bool = False) -> Printed:
    """What ``curl`` writes after ``hops``; the last one is its answer. ``unfollowed``: it leads on, and
    no more redirects are allowed."""
    last, files, out = hops[-1], dict[str, str](), ""
    failed = last.page.status >= 400 and (style.fail or style.fail_with_body)
    code = style.failed_code if failed else TOO_MANY if unfollowed else 0
    err = _complaint(style, last.page, code)
    heads = "".join(head_of(hop) for hop in hops)
    shown = heads if style.include or style.head else ""
    body = last.page.body.decode("utf-8", "replace")
    if style.head or last.method == "HEAD" or (failed and style.fail):
        body = ""
    if failed and style.fail:
        shown = heads if style.include or style.head else ""
    if unfollowed:
        body = ""
    target, nameless = _target(last, hops[0].url, style)
    if nameless:
        return Printed("", f"{style.program}: Remote file name has no length\n", {}, NO_NAME)
    if target is None:
        out = shown + body
    elif shown + body or not failed:
        files[target] = shown + body
    if style.dump == "-":
        out = heads + out
    elif style.dump is not None:
        files[style.dump] = heads
    told = Told(hops, style, code, err, target or "")
    written = write_out(style.write_out, told)
    return Printed(out + written.out, err + written.err, files, code)


def _complaint(style: Style, page: Page, code: int) -> str:
    if not code or (style.silent and not style.show_error):
        return ""
    if code == TOO_MANY:
        return f"curl: (47) Maximum ({style.most_hops}) redirects followed\n"
    return f"curl: ({code}) The requested URL returned error: {page.status}\n"


def head_of(hop: Hop) -> str:
    """The status line and headers of an answer: HTTP/2 where the address is encrypted, else HTTP/1.1."""
    page = hop.page
    if hop.url.startswith("https:"):
        lines = [f"HTTP/2 {page.status} ", *(f"{name.lower()}: {value}" for name, value in page.headers)]
    else:
        lines = [
            f"HTTP/1.1 {page.status} {page.phrase}",
            *(f"{name}: {value}" for name, value in page.headers),
        ]
    return "".join(f"{line}\r\n" for line in [*lines, ""])


def _target(last: Hop, url: str, style: Style) -> tuple[str | None, bool]:
    """The file that takes the body, None for standard output; and whether its name cannot be told."""
    if style.output is not None:
        place = None if style.output == "-" else posixpath.join(style.folder, style.output)
        return place, False
    if not style.remote_name:
        return None, False
    name = _disposed(last.page) if style.header_name else ""
    name = name or unquote(urlsplit(url).path.rpartition("/")[2]) if style.header_name else (
        name or urlsplit(url).path.rpartition("/")[2]
    )  # fmt: skip
    return posixpath.join(style.folder, name), not name


def _disposed(page: Page) -> str:
    found = re.search(r'filename="?([^";]+)"?', page.header("content-disposition"))
    return posixpath.basename(found[1]) if found is not None else ""


class Told(NamedTuple):
    """What ``-w`` can tell of a transfer."""

    hops: Sequence[Hop]
    style: Style
    code: int
    err: str
    target: str

    @property
    def last(self) -> Hop:
        return self.hops[-1]


class Written(NamedTuple):
    out: str
    err: str = ""


_SPOT: Final = re.compile(r"%header\{([^}]*)\}|%\{([^}]*)\}|%%|\\[nrt]|\\(.)", re.DOTALL)
_ESCAPED: Final = {"\\n": "\n", "\\r": "\r", "\\t": "\t", "%%": "%"}
_UNKNOWN_TIME: Final = "0.000000"


def write_out(form: str, told: Told) -> Written:
    """What ``-w FORM`` prints; a variable that curl does not know is complained of."""
    streams = {"out": "", "err": ""}
    stream, place = "out", 0
    for found in _SPOT.finditer(form):
        streams[stream] += form[place : found.start()]
        place = found.end()
        if found[0] in _ESCAPED:
            streams[stream] += _ESCAPED[found[0]]
        elif found[1] is not None:
            streams[stream] += told.last.page.header(found[1].lower())
        elif found[2] in ("stdout", "stderr"):
            stream = "out" if found[2] == "stdout" else "err"
        elif found[2] is not None:
            known = _VARIABLES.get(found[2])
            if known is None and found[2].startswith("time_"):
                streams[stream] += _UNKNOWN_TIME
            elif known is None:
                streams["err"] += f"curl: unknown --write-out variable: '{found[2]}'\n"
            else:
                streams[stream] += known(told)
        else:
            streams[stream] += found[0]
    streams[stream] += form[place:]
    return Written(streams["out"], streams["err"])


def _redirect_url(told: Told) -> str:
    from routine_harness.world.fetching import target_of  # the two are about different ends of a request

    return "" if told.style.follow and told.code != TOO_MANY else target_of(told.last.page, told.last.url)


def _size(told: Told) -> int:
    hop = told.last
    if hop.method == "HEAD" or told.style.head or told.code in (HTTP_FAILED, TOO_MANY):
        return len(hop.page.body) if told.style.fail_with_body and told.code == HTTP_FAILED else 0
    return len(hop.page.body)


def _headers(told: Told) -> str:
    listed: dict[str, list[str]] = {}
    for name, value in told.last.page.headers:
        listed.setdefault(name.lower(), []).append(value)
    return (
        "{"
        + ",\n".join(f"{json.dumps(n)}:{json.dumps(v, separators=(',', ':'))}" for n, v in listed.items())
        + "\n}"
    )


def _message(told: Told) -> str:
    if told.code == TOO_MANY:
        return f"Maximum ({told.style.most_hops}) redirects followed"
    return f"The requested URL returned error: {told.last.page.status}" if told.code else ""


_VARIABLES: Final[dict[str, Callable[[Told], str]]] = {
    "http_code": lambda told: f"{told.last.page.status:03}",
    "response_code": lambda told: f"{told.last.page.status:03}",
    "http_connect": lambda _: "000",
    "url": lambda told: told.hops[0].url,
    "url_effective": lambda told: told.last.url,
    "urlnum": lambda _: "0",
    "method": lambda told: told.last.method,
    "content_type": lambda told: told.last.page.header("content-type"),
    "http_version": lambda told: "2" if told.last.url.startswith("https:") else "1.1",
    "scheme": lambda told: told.last.url.partition(":")[0].upper(),
    "num_redirects": lambda told: str(len(told.hops) - 1),
    "num_headers": lambda told: str(len(told.last.page.headers)),
    "num_connects": lambda _: "1",
    "redirect_url": _redirect_url,
    "size_download": lambda told: str(_size(told)),
    "size_header": lambda told: str(sum(len(head_of(hop)) for hop in told.hops)),
    "size_upload": lambda _: "0",
    "speed_download": lambda _: "0",
    "speed_upload": lambda _: "0",
    "ssl_verify_result": lambda _: "0",
    "proxy_ssl_verify_result": lambda _: "0",
    "exitcode": lambda told: str(told.code),
    "errormsg": _message,
    "filename_effective": lambda told: told.target,
    "header_json": _headers,
    "onerror": lambda _: "",
}
"""Variable of ``-w`` → what it says. Times are missing, since no clock runs here."""
