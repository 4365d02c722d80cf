"""``gh api`` on REST paths, as the tools that do the same."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from routine_harness.live.gh import Gh, GhFailed, GhUnknown, print_json
from routine_harness.world.github.rest import rest_call


def api(gh: Gh) -> str:
    """``gh api`` on a REST path, as the tool that does the same."""
    parsed = gh.parsed
    if len(parsed.words) != 1:
        raise GhFailed("accepts 1 arg(s), received " + str(len(parsed.words)))
    for name in ("template", "input", "include", "hostname"):
        if parsed.has(name):
            raise GhUnknown(f"--{name}")
    fields = _fields(gh)
    method = parsed.one("method").upper() or ("POST" if fields else "GET")
    owner, _, name = gh.full_name.partition("/") if "{" in parsed.words[0] else ("", "", "")
    url = urlsplit(parsed.words[0].removeprefix("https://api.github.com"))
    path = "/" + url.path.lstrip("/").replace("{owner}", owner).replace("{repo}", name)
    path = path.replace("{branch}", gh.question.branch)
    query = dict(parse_qsl(url.query))
    if method == "GET":
        query |= {key: str(value) for key, value in fields.items()}
    call = rest_call(method, path, query, None if method == "GET" else fields)
    if call is None:
        raise GhUnknown(f"{method} {path}")
    answer = gh.call_tool(call.tool, call.arguments)
    if parsed.has("silent"):
        return ""
    return answer if isinstance(answer, str) else print_json(answer, parsed.one("jq"))


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
