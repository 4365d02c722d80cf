"""``gh api``: its options read into a request of the REST API."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.world.github.gh.command_line import Asked, GhFailed
from routine_harness.world.github.gh.gh_plan import Plan, Request, text_of
from routine_harness.world.github.rest.rest_requests import read_request
from routine_harness.world.holes import has_hole

_PLACES: Final = lazy_pattern(r"\{(owner|repo|branch)\}")
_WHOLE: Final = lazy_pattern(r"[+-]?[0-9]+")


def plan_api(asked: Asked) -> Plan:
    """``gh api`` on a REST path; a GraphQL document is read by its own face."""
    if len(asked.words) != 1:
        raise GhFailed(f"accepts 1 arg(s), received {len(asked.words)}")
    if asked.has("slurp") and not asked.has("paginate"):
        raise GhFailed("`--paginate` required when passing `--slurp`")
    if asked.has("slurp") and asked.has("jq", "template"):
        raise GhFailed("the `--slurp` option is not supported with `--jq` or `--template`")
    request = _request(asked)
    if asked.has("paginate") and request.method != "GET" and request.path != "/graphql":
        raise GhFailed("the `--paginate` option is not supported for non-GET requests")
    if request.path == "/graphql":
        return Plan(asked, request=request)
    step = read_request(request.method, request.path, request.query, request.body, request.accept)
    return Plan(asked, () if step is None else (step,), request=request)


def _request(asked: Asked) -> Request:
    fields, content = _fields(asked), _input(asked)
    given = asked.one("method")
    method = given.upper() if given else "POST" if fields or content is not None else "GET"
    url = urlsplit(asked.words[0].removeprefix("https://api.github.com"))
    path = "/" + _PLACES.sub(lambda found: _place(asked, found[1]), url.path.lstrip("/"))
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    headers = [header.partition(":") for header in asked.options.get("header", [])]
    accept = next((value.strip() for key, _, value in headers if key.strip().lower() == "accept"), "")
    if method in ("GET", "HEAD") or content is not None:  # gh puts fields beside a given body into the query
        query |= {key: str(value) for key, value in fields.items()}
        return Request(method, path, query, content, accept)
    if path == "/graphql":  # gh puts what is no part of the envelope into the variables
        variables = {key: value for key, value in fields.items() if key not in ("query", "operationName")}
        envelope = {key: value for key, value in fields.items() if key not in variables}
        fields = {**envelope, "variables": variables} if variables else envelope
    return Request(method, path, query, fields or None, accept)


def _place(asked: Asked, name: str) -> str:
    owner, _, repo = asked.repository.partition("/") if name != "branch" else ("", "", "")
    return {"owner": owner, "repo": repo, "branch": asked.around.branch}[name]


def _input(asked: Asked) -> Json:
    """The JSON of the file that ``--input`` names; None without one."""
    text = text_of(asked, "input")
    if text is None or has_hole(text):
        return text
    try:
        return msgspec.json.decode(text)
    except NOT_JSON as error:
        body = '{"message":"Problems parsing JSON","documentation_url":"https://docs.github.com/rest","status":"400"}'
        raise GhFailed("gh: Problems parsing JSON (HTTP 400)", body) from error


def _fields(asked: Asked) -> Record:
    fields: Record = {}
    for option, typed in (("raw-field", False), ("field", True)):
        for text in asked.options.get(option, []):
            key, separator, value = text.partition("=")
            if not separator:
                raise GhFailed(f"field {text!r} requires a value separated by an '=' sign")
            _put(fields, key, _typed(asked, value) if typed else value)
    return fields


def _put(fields: Record, key: str, value: Json) -> None:
    """A field under its key: ``a[]=x`` is a list, ``a[b]=x`` an object."""
    name, _, inner = key.partition("[")
    inner = inner.removesuffix("]")
    if "[" not in key:
        fields[name] = value
    elif not inner:
        fields.setdefault(name, []).append(value)
    else:
        _put(fields.setdefault(name, {}), inner.replace("][", "[", 1) + ("]" if "][" in inner else ""), value)


def _typed(asked: Asked, value: str) -> Json:
    """A value of ``-F``: true, false, null and whole numbers are JSON's, ``@file`` is the file's text."""
    if value in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[value]
    if value.startswith("@"):
        text = asked.around.file(value[1:])
        if text is None:
            raise GhFailed(f"open {value[1:]}: no such file or directory")
        return text
    return (
        int(value) if _WHOLE.fullmatch(value) else _PLACES.sub(lambda found: _place(asked, found[1]), value)
    )
