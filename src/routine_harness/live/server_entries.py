"""The MCP servers that an ``.mcp.json`` names: read, checked, and their variables filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec

from routine_harness.errors import AgentError, Problem, SpecError
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


def parse_servers(data: bytes, file: str) -> dict[str, ServerEntry]:
    """The servers of an ``.mcp.json``.

    Raises:
        AgentError: with every entry that is none.
    """
    try:
        document = load_document(data, file if file.endswith(".json") else f"{file}.json")
    except SpecError as error:
        raise AgentError(*(_unread(file, one) for one in error.problems)) from error
    value, source = document.value, document.source
    servers = value.get("mcpServers", {}) if isinstance(value, dict) else None
    if not isinstance(servers, dict):
        line = source.line("mcpServers") if isinstance(value, dict) else 1
        raise AgentError.at(file, line, "expected an MCP configuration with mcpServers, a mapping", _HINT)
    problems = tuple(_problems(servers, source, file))
    if problems:
        raise AgentError(*problems)
    return {name: _entry(name, entry, source, file) for name, entry in servers.items()}


def _unread(file: str, problem: Problem) -> Problem:
    return Problem(
        file, problem.line, f"expected an MCP configuration: {problem.message}", problem.hint or _HINT
    )


def _problems(servers: Mapping[str, Any], source: Source, file: str) -> Iterator[Problem]:
    for name, entry in servers.items():
        line = source.line("mcpServers", name)
        try:
            found = _entry(name, entry, source, file)
        except (msgspec.ValidationError, TypeError) as error:
            yield Problem(file, line, f"expected an MCP configuration of {name}: {error}", _HINT)
            continue
        if not (found.command if found.type == "stdio" else found.url):
            key = "command" if found.type == "stdio" else "url"
            message = f"expected an MCP configuration of {name}: it has no {key}"
            yield Problem(file, line, message, _HINT)


def _entry(name: str, entry: Any, source: Source, file: str) -> ServerEntry:
    """The entry; a ``url`` without a type is asked over http.

    Raises:
        msgspec.ValidationError: it is none.
    """
    if not isinstance(entry, dict):
        raise msgspec.ValidationError("it is no mapping")
    untyped = "url" in entry and "type" not in entry
    kind = "http" if untyped else "stdio"
    about = {"file": file, "line": source.line("mcpServers", name), "untyped": untyped}
    return msgspec.convert({"type": kind, **entry, **about}, ServerEntry)


def load_servers(path: Path) -> dict[str, ServerEntry]:
    """The servers of the file ``path``; see ``parse_servers``."""
    try:
        return parse_servers(path.read_bytes(), str(path))
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

    def fill(value: Any) -> Any:
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
