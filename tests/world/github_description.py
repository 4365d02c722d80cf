"""GitHub's OpenAPI description (``github/openapi``), asked: a route's statuses and bodies."""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

SOURCE = Path(__file__).parent / "github" / "openapi" / "description.json.gz"
LONG = ("path", "ref", "branch", "basehead")
"""Parts of a path that may hold slashes."""


@functools.cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(SOURCE.read_bytes()))
    return _plain(found)


def _plain(value: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` as JSON Schema has it."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _plain(one) for name, one in value.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if value.get("nullable") is True else plain


def responses_of(method: str, path: str) -> dict[str, Any] | None:
    """The described responses of a request, by status; None where the description lacks the route."""
    for _, pattern, methods in _routes():
        if pattern.fullmatch(path.partition("?")[0]) and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]["responses"]
            return found
    return None


@functools.cache
def _routes() -> list[tuple[tuple[int, int], re.Pattern[str], dict[str, Any]]]:
    """The described routes, those with literal parts first."""
    routes = []
    for path, methods in description()["paths"].items():
        parts = re.split(r"\{(\w+)\}", path)
        pattern = re.escape(parts[0])
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            pattern += (".+" if name in LONG else "[^/]+") + re.escape(text)
        routes.append(((len(parts), -len(path)), re.compile(pattern), methods))
    return sorted(routes, key=lambda one: one[0])


def faults_of(responses: dict[str, Any], status: int, body: Any) -> list[str]:
    """How an answer departs from the description, one line each; empty where it does not."""
    response = responses.get(str(status))
    if response is None:
        return [f"status {status} is not described"]
    if "$ref" in response:
        response = description()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content", {})
    media = content.get("application/json") or content.get("application/scim+json")
    if media is None:
        return [] if body is None or isinstance(body, str) else [f"a body where {status} has none"]
    schema = {**media.get("schema", {}), "components": description()["components"]}
    found = dict.fromkeys(line for error in Draft202012Validator(schema).iter_errors(body)
                          for line in _lines(error))  # fmt: skip
    return list(found)


def _lines(error: ValidationError) -> Iterator[str]:
    """The error, or those of the alternative that the value comes nearest to."""
    if error.validator in ("anyOf", "oneOf") and error.context:
        kinds: dict[int, list[ValidationError]] = {}
        for one in error.context:
            kinds.setdefault(int(one.relative_schema_path[0]), []).append(one)
        for one in min(kinds.values(), key=lambda errors: (_far(errors), len(errors))):
            yield from _lines(one)
        return
    where = ".".join("[]" if isinstance(step, int) else str(step) for step in error.absolute_path)
    place = where.replace(".[]", "[]")
    if error.validator == "required":
        name = error.message.split("'")[1]
        yield f"{place + '.' if place else ''}{name} is missing"
    elif error.validator == "type":
        yield f"{place or 'the body'} is {_kind(error.instance)}, not {error.validator_value}"
    else:
        yield f"{place or 'the body'}: {error.message[:90]}"


def _far(errors: list[ValidationError]) -> bool:
    """Whether the value is of another type altogether."""
    return any(one.validator == "type" and not one.relative_path for one in errors)


def _kind(value: Any) -> str:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "null")
