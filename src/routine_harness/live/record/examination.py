"""Configured MCP servers against what recordings and models expect of them, and the credential of live runs.

Each server is started, asked for its tools, and ended. What a recording leans on and is gone is an
error; what only a model knows otherwise is a warning.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from io import TextIOWrapper
from typing import IO, Final, TextIO

import msgspec

from routine_harness.errors import CredentialError, Problem
from routine_harness.finding import Finding, Location
from routine_harness.live.outside.mcp_client import all_tools, call_tool, connected, why_silent
from routine_harness.live.outside.server_entries import UNSET_HINT, ServerEntry, fill_in, unset_message
from routine_harness.live.record.contract import Expected, compare, compare_results
from routine_harness.redaction.redactor import Redactor
from routine_harness.redaction.values import secret_variables
from routine_harness.serve.credential import asks_for_credential, find_credential
from routine_harness.serve.server import check_serving
from routine_harness.store.mcp_interactions import listed_tool
from routine_harness.verdict.words import shorten
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Tool, ToolCall, ToolResult

_AUTH: Final = re.compile(r"\b(401|403)\b|unauthori[sz]ed|forbidden|invalid.token|authenticat", re.IGNORECASE)
_MOST_WORDS: Final = 64 * 1024


class Examined(msgspec.Struct, frozen=True):
    """What the servers said: tools by server, and what is wrong."""

    tools: dict[str, tuple[Tool, ...]]
    findings: tuple[Finding, ...]


def examine(
    servers: Mapping[str, ServerEntry],
    registry: Registry,
    expected: Sequence[Expected] = (),
    variables: Mapping[str, str] | None = None,
    *,
    reads: bool = False,
) -> Examined:
    """Start every server, list its tools, and compare. ``variables`` fill in ``${NAME}``; with ``reads`` the
    recorded reads are made once more, one of each tool, for the shape of what they find.

    Raises:
        AgentError: there is a server, and what asks it is not installed.
    """
    if servers:
        check_serving()
    tools: dict[str, tuple[Tool, ...]] = {}
    findings: list[Finding] = []
    for name, entry in sorted(servers.items()):
        connector = registry.name_of(name)
        own = [one for one in expected if registry.name_of(one.call.connector) == connector]
        if entry.untyped:
            findings.append(_untyped(name, entry))
        filled, missing = fill_in(entry, variables or {})
        if missing:
            findings.append(_unset(name, entry, missing))
            continue
        with tempfile.TemporaryFile() as complaints, TextIOWrapper(complaints, "utf-8") as text:
            try:
                asked = _reads(own, registry) if reads else {}
                listed, now = ask_server(filled, asked, text)
            except Exception as error:  # noqa: BLE001 - anything that a stranger's server does is a finding
                secrets = {**secret_variables(variables or {}), **filled.secrets}
                said = why_silent(error, secrets)
                findings.append(_down(name, filled, said, _last_words(complaints, secrets)))
                continue
        tools[name] = listed
        schemas = {tool.name: tool.input_schema for tool in listed}
        found = compare(name, connector, schemas, registry, own)
        findings += [_placed(finding, entry) for finding in found]
        findings += compare_results(name, listed, own, registry, now)
    return Examined(tools, tuple(findings))


def _last_words(complaints: IO[bytes], secrets: Mapping[str, str]) -> str:
    """The last line that a server wrote on its standard error, without secrets."""
    complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - _MOST_WORDS))
    said = complaints.read().decode(errors="replace")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return Redactor(secrets).text(lines[-1]) if lines else ""


def _reads(expected: Sequence[Expected], registry: Registry) -> dict[int, ToolCall]:
    """The first recorded call of each tool that the harness knows to read, by its place: no other is ever
    made: a name or a hint of the server makes no read."""
    found: dict[str, tuple[int, ToolCall]] = {}
    for place, one in enumerate(expected):
        access = registry.access(one.call)
        if one.result is not None and access.kind == "read" and access.ground == "curated":
            found.setdefault(one.call.name, (place, one.call))
    return dict(found.values())


def ask_server(
    entry: ServerEntry, reads: Mapping[int, ToolCall], complaints: TextIO | None = None
) -> tuple[tuple[Tool, ...], dict[int, ToolResult]]:
    """The tools that the server lists on all its pages, and what it answers to ``reads``.

    Raises:
        Exception: the server does not answer.
    """
    from anyio.from_thread import start_blocking_portal  # comes with the mcp package

    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        session = stack.enter_context(portal.wrap_async_context_manager(connected(entry, complaints)))
        found = portal.call(all_tools, session)
        names = {tool.name for tool in found}
        answers = {
            place: call_tool(portal, session, call) for place, call in reads.items() if call.tool in names
        }
    listed = (listed_tool(tool.model_dump(mode="json", by_alias=True, exclude_none=True)) for tool in found)
    return tuple(listed), answers


def judge_credential(environment: Mapping[str, str]) -> tuple[str, tuple[Finding, ...]]:
    """Which credential a live run would use, in words that do not show it, and what is wrong with it.

    It is not tried: that would cost tokens. Where none is set nothing is wrong, as recordings need none.
    """
    if not asks_for_credential(environment):
        return "no credential is set; `claude setup-token` prints one", ()
    try:
        return find_credential(environment).told, ()
    except CredentialError as error:
        found = (
            Finding(
                code="doctor.credential-malformed", message=f"live runs: {problem.message}", hint=problem.hint
            )
            for problem in error.problems
        )
        return "", tuple(found)


def no_servers(problems: Mapping[str, Problem]) -> tuple[Finding, ...]:
    """A finding for each entry that is no server; the others are judged all the same."""
    return tuple(
        Finding(
            code="doctor.bad-entry",
            message=problem.message,
            hint=problem.hint,
            location=Location(problem.file, problem.line),
            data={"server": server},
        )
        for server, problem in sorted(problems.items())
    )


def _unset(server: str, entry: ServerEntry, names: Sequence[str]) -> Finding:
    return Finding(
        code="doctor.server-down",
        message=unset_message(server, names),
        hint=UNSET_HINT,
        location=_place(entry),
        data={"server": server},
    )


def _untyped(server: str, entry: ServerEntry) -> Finding:
    return Finding(
        code="doctor.type-missing",
        message=f"{server}: it has a url and no type, and Claude Code skips such a server",
        hint='write "type": "http" beside the url',
        location=_place(entry),
        data={"server": server},
    )


def _down(server: str, entry: ServerEntry, said: str, complaint: str) -> Finding:
    if complaint:
        said = f"{said}; it says {shorten(complaint, 200)}"
    status = _http_status(entry) if entry.type == "http" else 0
    if status in (401, 403) or _AUTH.search(said):
        return Finding(
            code="doctor.auth-refused",
            message=f"{server}: the server refuses us{f' ({status})' if status else ''}: {said}",
            hint="connect it again, or renew the token that its configuration names",
            location=_place(entry),
            data={"server": server},
        )
    return Finding(
        code="doctor.server-down",
        message=f"{server}: the server does not answer: {said}",
        hint="start its command by hand to see all that it complains of"
        if entry.type == "stdio"
        else "see whether its url is right and answers",
        location=_place(entry),
        data={"server": server},
    )


def _place(entry: ServerEntry) -> Location | None:
    """Where the configuration names the server."""
    return Location(entry.file, entry.line) if entry.file else None


def _placed(finding: Finding, entry: ServerEntry) -> Finding:
    """``finding``, which stands in the configuration where it stands in no recording."""
    return finding if finding.location else msgspec.structs.replace(finding, location=_place(entry))


def _http_status(entry: ServerEntry) -> int:
    """The status that the server gives a client without a session, which the mcp client does not tell;
    0 where it gives none."""
    import httpx2

    client = {"name": "routine-harness", "version": "1"}
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}
    accept = {"accept": "application/json, text/event-stream"}
    try:
        return httpx2.post(entry.url, json=body, headers={**accept, **entry.headers}, timeout=10).status_code
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError):  # the last two: of what is no url or header
        return 0
