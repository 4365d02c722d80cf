"""The MCP servers that an ``.mcp.json`` names: read, checked, and their variables filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from routine_harness.errors import AgentError, Problem, SpecError
from routine_harness.plain import Json
from routine_harness.routine.document import load_document
from routine_harness.routine.spec import Source

_HINT: Final = 'it looks like {"mcpServers": {"name": {"command": "…", "args": []}}}'
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}")
UNSET_HINT: Final = "set it, or give a default: ${NAME:-default}"


class ServerEntry(msgspec.Struct, frozen=True):
    """One entry of an ``.mcp.json``; ``file`` and ``line`` are where it stands, if it was read from one.

    ``untyped`` is a ``url`` without a type: we ask it, Claude Code skips it.
    """

    type: Literal["stdio", "http", "sse", "ws"] = "stdio"
    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    url: str = ""
    headers: dict[str, str] = {}
    file: str = ""
    line: int = 0
    untyped: bool = False

    @property
    def secrets(self) -> dict[str, str]:
        """What nobody may be shown of a filled in entry, by name: it is where tokens are written."""
        query = self.url.partition("?")[2].partition("#")[0]
        return {**dict(parse_qsl(query)), **self.env, **self.headers}


class ServerFile(NamedTuple):
    """The servers of a file, and what is wrong with those that are none: one problem each, by name."""

    entries: dict[str, ServerEntry]
    problems: dict[str, Problem]


def parse_servers(data: bytes, file: str) -> dict[str, ServerEntry]:
    """The servers of an ``.mcp.json``.

    Raises:
        AgentError: with every entry that is none.
    """
    return _all_of(sort_servers(data, file))


def sort_servers(data: bytes, file: str) -> ServerFile:
    """The servers of an ``.mcp.json``, or of a plugin's, which may name them without ``mcpServers``.

    Raises:
        AgentError: the file holds no servers in either form.
    """
    try:
        document = load_document(data, file if file.endswith(".json") else f"{file}.json")
    except SpecError as error:
        raise AgentError(*(_unread(file, one) for one in error.problems)) from error
    value = document.value
    flat = isinstance(value, dict) and _is_flat(value)
    servers = value if flat else value.get("mcpServers") if isinstance(value, dict) else None
    if value == {}:
        servers = {}
    source = document.source if flat else document.source.below("mcpServers")
    if not isinstance(servers, dict):
        raise AgentError.at(
            file, source.line() or 1, "expected an MCP configuration with mcpServers, a mapping", _HINT
        )
    entries: dict[str, ServerEntry] = {}
    problems: dict[str, Problem] = {}
    for name, entry in servers.items():
        if flat and name.startswith("$"):
            continue
        try:
            entries[name] = _entry(name, entry, source, file)
        except (msgspec.ValidationError, TypeError) as error:
            message = f"expected an MCP configuration of {name}: {error}"
            problems[name] = Problem(file, source.line(name), message, _HINT)
    return ServerFile(entries, problems)


def _all_of(found: ServerFile) -> dict[str, ServerEntry]:
    if found.problems:
        raise AgentError(*found.problems.values())
    return found.entries


def _is_flat(value: Mapping[str, Json]) -> bool:
    """Whether servers stand at the top, as a plugin's file may have them."""
    entries = [entry for entry in value.values() if isinstance(entry, dict)]
    return "mcpServers" not in value and any({"command", "url"} & set(entry) for entry in entries)


def _unread(file: str, problem: Problem) -> Problem:
    return Problem(
        file, problem.line, f"expected an MCP configuration: {problem.message}", problem.hint or _HINT
    )


def _entry(name: str, entry: Json, source: Source, file: str) -> ServerEntry:
    """The entry; a ``url`` without a type is asked over http.

    Raises:
        msgspec.ValidationError: it is none, and why.
    """
    if not isinstance(entry, dict):
        raise msgspec.ValidationError("it is no mapping")
    untyped = "url" in entry and "type" not in entry
    kind = "http" if untyped else "stdio"
    about = {"file": file, "line": source.line(name), "untyped": untyped}
    found = msgspec.convert({"type": kind, **entry, **about}, ServerEntry)
    key = "command" if found.type == "stdio" else "url"
    if not getattr(found, key):
        others = ", ".join(map(str, entry)) or "nothing"
        wanted = f"no {key}" if "type" in entry or key in entry else "neither a command nor a url"
        raise msgspec.ValidationError(f"it has {wanted} (found: {others})")
    return found


def load_servers(path: Path) -> dict[str, ServerEntry]:
    """The servers of the file ``path``; see ``parse_servers``."""
    return _all_of(sort_server_file(path))


def sort_server_file(path: Path) -> ServerFile:
    """The servers of the file ``path`` and what is wrong with others; see ``sort_servers``."""
    try:
        return sort_servers(path.read_bytes(), str(path))
    except FileNotFoundError as error:
        raise AgentError.at(str(path), 0, "there is no such file", "name one with --connectors") from error
    except OSError as error:
        raise AgentError.at(str(path), 0, f"cannot read it: {error.strerror}") from error


def fill_in(entry: ServerEntry, variables: Mapping[str, str]) -> tuple[ServerEntry, tuple[str, ...]]:
    """The entry with ``${NAME}`` and ``${NAME:-default}`` replaced, and the names without a value."""
    missing: list[str] = []

    def replace(match: re.Match[str]) -> str:
        default: str | None = match[2]
        value = variables.get(match[1]) or default
        if value is None:
            missing.append(match[1])
        return value or ""

    def fill(value: Json) -> Json:
        if isinstance(value, str):
            return _VARIABLE.sub(replace, value)
        if isinstance(value, dict):
            return {key: fill(part) for key, part in value.items()}
        return tuple(map(fill, value)) if isinstance(value, tuple) else value

    filled = {name: fill(getattr(entry, name)) for name in ("command", "args", "env", "url", "headers")}
    return msgspec.structs.replace(entry, **filled), tuple(dict.fromkeys(missing))


def fill_in_all(servers: Mapping[str, ServerEntry], variables: Mapping[str, str]) -> dict[str, ServerEntry]:
    """Every entry with its variables replaced.

    Raises:
        AgentError: with every entry that needs a variable which has no value.
    """
    filled = {name: fill_in(entry, variables) for name, entry in servers.items()}
    problems = tuple(
        Problem(entry.file, entry.line, unset_message(name, missing), UNSET_HINT)
        for name, (entry, missing) in filled.items()
        if missing
    )
    if problems:
        raise AgentError(*problems)
    return {name: entry for name, (entry, _) in filled.items()}


def unset_message(server: str, names: Iterable[str]) -> str:
    """What is wrong with an entry whose variables ``names`` have no value."""
    return f"{server}: the configuration needs {', '.join(names)}, which the environment lacks"
