"""Trim GitHub's OpenAPI description to the responses of the routes that the REST face answers.

python tests/world/github/openapi/trim.py api.github.com.json
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

from routine_harness.world.github.rest.rest_requests import read_request

HERE = Path(__file__).parent / "description.json.gz"
PROSE = {"description", "example", "examples", "title", "externalDocs", "deprecated", "links"}
VALUES = {"git/ref/{ref}": "git/ref/heads/1", "git/refs/{ref}": "git/refs/heads/1", "{basehead}": "1...2"}
"""What a path is asked by where a number in each place does not do."""


def simulated(method: str, path: str) -> bool:
    """Whether the REST face carries out what is asked on a described path."""
    for part, value in VALUES.items():
        path = path.replace(part, value)
    asked = re.sub(r"\{\w+\}", "1", path)
    step = read_request(method, asked)
    return step is not None and step[0].run is not None


def bare(value: Any, names: bool = False) -> Any:
    """``value`` without its prose; ``names`` where the keys are names of fields."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if names or (k not in PROSE and not k.startswith("x-"))}
        return {k: bare(v, k == "properties" and not names) for k, v in kept.items()}
    return [bare(one) for one in value] if isinstance(value, list) else value


def named(value: Any) -> set[tuple[str, str]]:
    """The components that ``value`` refers to."""
    if isinstance(value, list):
        return {one for part in value for one in named(part)}
    if not isinstance(value, dict):
        return set()
    found = {one for part in value.values() for one in named(part)}
    if isinstance(value.get("$ref"), str):
        kind, name = value["$ref"].split("/")[-2:]
        found.add((kind, name))
    return found


def trimmed(description: dict[str, Any]) -> dict[str, Any]:
    """The description with the simulated routes' responses alone."""
    paths: dict[str, Any] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if simulated(method, path):
                paths.setdefault(path, {})[method] = {"responses": bare(operation["responses"])}
    components: dict[str, Any] = {}
    left = named(paths)
    while left:
        kind, name = left.pop()
        if name not in components.setdefault(kind, {}):
            components[kind][name] = bare(description["components"][kind][name])
            left |= named(components[kind][name])
    info = {name: description["info"][name] for name in ("title", "version", "license")}
    components = {kind: dict(sorted(rows.items())) for kind, rows in sorted(components.items())}
    return {"openapi": description["openapi"], "info": info, "paths": paths, "components": components}


if __name__ == "__main__":
    text = json.dumps(trimmed(json.loads(Path(sys.argv[1]).read_bytes())), separators=(",", ":"))
    HERE.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{HERE.name}: {HERE.stat().st_size:,} bytes, {len(text):,} unpacked")
