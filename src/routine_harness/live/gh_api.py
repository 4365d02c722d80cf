"""``gh api`` on REST paths, as the tools that do the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from routine_harness.live.gh import Gh, GhFailed, GhUnknown, print_json
from routine_harness.live.rest import Asked, Reply

MAXIMUM_PAGES: Final = 1000
_PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]+")
_NEXT: Final = re.compile(r'<([^>]+)>;\s*rel="next"')


def api(gh: Gh) -> str:
    """``gh api`` on a REST path: what the API answers, as gh prints it."""
    parsed = gh.parsed
    if len(parsed.words) != 1:
        raise GhFailed("accepts 1 arg(s), received " + str(len(parsed.words)))
    for name in ("template", "hostname"):
        if parsed.has(name):
            raise GhUnknown(f"--{name}")
    asked = _asked(gh)
    if parsed.has("slurp") and not parsed.has("paginate"):
        raise GhFailed("`--paginate` required when passing `--slurp`")
    if parsed.has("slurp") and parsed.has("jq"):
        raise GhFailed("the `--slurp` option is not supported with `--jq` or `--template`")
    if not parsed.has("paginate"):
        return _printed(gh, _reply(gh, asked))
    if asked.method != "GET":
        raise GhFailed("the `--paginate` option is not supported for non-GET requests")
    return _print_pages(gh, list(_pages(gh, asked)))


def _reply(gh: Gh, asked: Asked) -> Reply:
    reply = gh.api(asked)
    if reply is None:
        raise GhUnknown(f"{asked.method} {asked.path}")
    if reply.failed:
        said = reply.value.get("message", "") if isinstance(reply.value, dict) else reply.value
        raise GhFailed(f"gh: {said} (HTTP {reply.status})", reply.data.decode())
    return reply


def _pages(gh: Gh, asked: Asked) -> Iterator[Reply]:
    """Every page, by the addresses that the answers name; gh asks for the biggest."""
    query = asked.query if "per_page" in asked.query else {**asked.query, "per_page": "100"}
    asked = msgspec.structs.replace(asked, query=query)
    for _ in range(MAXIMUM_PAGES):
        reply = _reply(gh, asked)
        yield reply
        following = _NEXT.search(reply.headers.get("link", ""))
        if following is None:
            return
        url = urlsplit(following[1])
        asked = msgspec.structs.replace(asked, path=url.path, query=dict(parse_qsl(url.query)))


def _print_pages(gh: Gh, pages: list[Reply]) -> str:
    """Lists as one list, anything else page after page; ``--jq`` sees a page at a time."""
    parsed = gh.parsed
    values = [page.value for page in pages]
    if parsed.has("silent"):
        return ""
    if parsed.has("slurp"):
        return print_json(values, "")
    together = not parsed.has("jq") and not parsed.has("include")
    if together and all(isinstance(value, list) for value in values):
        return print_json([row for value in values for row in value], "")
    return "".join(_printed(gh, page) for page in pages)


def _printed(gh: Gh, reply: Reply) -> str:
    parsed = gh.parsed
    head = _head(reply) if parsed.has("include") else ""
    if parsed.has("silent") or reply.value is None:
        return head
    if isinstance(reply.value, str):
        return head + reply.value
    if reply.sent is not None and not parsed.has("jq"):
        return head + reply.sent.decode(errors="replace")
    return head + print_json(reply.value, parsed.one("jq"))


def _head(reply: Reply) -> str:
    """Status and headers, as ``--include`` prints them."""
    kind = "text/plain" if isinstance(reply.value, str) else "application/json"
    headers = {"content-type": f"{kind}; charset=utf-8", **reply.headers}
    lines = [f"HTTP/2.0 {reply.status} {_PHRASES.get(reply.status, '')}".rstrip()]
    lines += [f"{name.title()}: {value}" for name, value in sorted(headers.items())]
    return "\r\n".join([*lines, "", ""])


def _asked(gh: Gh) -> Asked:
    parsed, fields = gh.parsed, _fields(gh)
    content = _input(gh)
    method = parsed.one("method").upper() or ("POST" if fields or content is not None else "GET")
    owner, _, name = gh.full_name.partition("/") if "{" in parsed.words[0] else ("", "", "")
    url = urlsplit(parsed.words[0].removeprefix("https://api.github.com"))
    path = "/" + url.path.lstrip("/").replace("{owner}", owner).replace("{repo}", name)
    path = path.replace("{branch}", gh.question.branch)
    query = dict(parse_qsl(url.query))
    headers = [header.partition(":") for header in parsed.options.get("header", [])]
    accept = next((value.strip() for key, _, value in headers if key.strip().lower() == "accept"), "")
    if method == "GET" or content is not None:  # gh puts fields beside a given body into the query
        query |= {key: str(value) for key, value in fields.items()}
        return Asked(method=method, path=path, query=query, body=content, accept=accept)
    return Asked(method=method, path=path, query=query, body=fields or None, accept=accept)


def _input(gh: Gh) -> Any:
    """The JSON of the file that ``--input`` names; None without one."""
    name = gh.parsed.one("input")
    if not name:
        return None
    if name not in gh.question.files:
        raise GhFailed(f"open {name}: no such file or directory")
    try:
        return msgspec.json.decode(gh.question.files[name])
    except msgspec.DecodeError as error:
        message = "Problems parsing JSON"
        body = print_json({"message": message}, "").rstrip("\n")
        raise GhFailed(f"gh: {message} (HTTP 400)", body) from error


def _fields(gh: Gh) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for option, typed in (("raw-field", False), ("field", True)):
        for text in gh.parsed.options.get(option, []):
            key, separator, value = text.partition("=")
            if not separator:
                raise GhFailed(f"field {text!r} requires a value separated by an '=' sign")
            found: Any = _typed(gh, value) if typed else value
            if key.endswith("[]"):
                fields.setdefault(key[:-2], []).append(found)
            else:
                fields[key] = found
    return fields


def _typed(gh: Gh, value: str) -> Any:
    if value in ("true", "false", "null"):
        return msgspec.json.decode(value)
    if value.startswith("@"):
        if value[1:] not in gh.question.files:
            raise GhFailed(f"open {value[1:]}: no such file or directory")
        return gh.question.files[value[1:]]
    return int(value) if _WHOLE_NUMBER.fullmatch(value) else value
