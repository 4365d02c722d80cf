"""``gh api`` on REST paths, as the tools that do the same."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from routine_harness.live.gh import Gh, GhFailed, GhUnknown, print_json
from routine_harness.live.rest import Asked


def api(gh: Gh) -> str:
    """``gh api`` on a REST path: what the API answers, as gh prints it."""
    parsed = gh.parsed
    if len(parsed.words) != 1:
        raise GhFailed("accepts 1 arg(s), received " + str(len(parsed.words)))
    for name in ("template", "include", "hostname"):
        if parsed.has(name):
            raise GhUnknown(f"--{name}")
    asked = _asked(gh)
    reply = gh.api(asked)
    if reply is None:
        raise GhUnknown(f"{asked.method} {asked.path}")
    if reply.failed:
        said = reply.value["message"] if isinstance(reply.value, dict) else reply.value
        raise GhFailed(f"gh: {said} (HTTP {reply.status})", reply.data.decode())
    if parsed.has("silent") or reply.value is None:
        return ""
    return reply.value if isinstance(reply.value, str) else print_json(reply.value, parsed.one("jq"))


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
    return Asked(method=method, path=path, query=query, body=fields, accept=accept)


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
    return int(value) if value.lstrip("-").isdecimal() else value
