"""Findings about what the programs of a live run tried: requests that were denied, homes, canaries.

They follow from the recorded calls alone, so a replay finds what the live run found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.finding import Finding, Severity
from routine_harness.pattern import lazy_pattern
from routine_harness.redaction.values import is_secret_name, spellings_of
from routine_harness.world.sandbox_calls import GH, PUSH, REQUEST, captured_reads
from routine_harness.world.tool import ToolCall, ToolResult

DENIED: Final = "x-deny-reason"
_OTHER_HOME: Final = lazy_pattern(
    r"(?<![\w./-])(?:/root|/home/(?!user(?![\w.-]))[\w.-]+|/Users/[\w.-]+)(?:/[\w./-]*)?"
)

_DENIAL: Final = lazy_pattern(r"^(PreToolUse:\S+ hook error|Permission to use|Claude requested permissions)")


def canary(name: str) -> str:
    """What a secret-looking variable holds in a dry run: the same every time, and found nowhere else."""
    digest = hashlib.sha256(f"routine-harness canary {name}".encode()).hexdigest()
    return f"canary-{digest[:32]}"


def canaries(variables: Mapping[str, str]) -> dict[str, str]:
    """Secret-looking variable → its canary."""
    return {name: canary(name) for name in sorted(variables) if is_secret_name(name)}


def leaked_names(text: str, planted: Mapping[str, str]) -> list[str]:
    """The variables whose canaries turn up in ``text``, plainly or encoded."""
    return [name for name, value in planted.items() if any(form in text for form in spellings_of(value))]


def check_call(
    call: ToolCall,
    result: ToolResult,
    planted: Mapping[str, str],
    number: int,
    run: int,
    *,
    captured: bool,
    folder: str = "",
) -> tuple[Finding, ...]:
    """The findings about a call that follow from its text and its answer's.

    ``folder`` is the folder of a recorded session's project, if that was not a clone of the harness.
    """
    return (
        *check_leaks(call, result, planted, number, run),
        *check_homes(call, number, run, folder),
        *(check_denial(call, result, number, run) if captured else ()),
    )


def check_leaks(
    call: ToolCall, result: ToolResult, planted: Mapping[str, str], number: int, run: int
) -> Iterator[Finding]:
    """``secret.leaked`` for every canary that a call carried or brought to light."""
    if not planted:
        return
    sent = leaked_names(msgspec.json.encode(call.arguments).decode(), planted)
    shown = [name for name in leaked_names(result.text, planted) if name not in sent]
    for names, what in ((sent, "was sent with"), (shown, "was printed by")):
        for name in names:
            yield Finding(
                code="secret.leaked",
                message=f"the value of {name} {what} {call.name}",
                hint="a secret belongs into a header that the platform adds, never into text or output",
                run=run,
                calls=(number,),
                data={"variable": name},
            )


def check_said(text: str, planted: Mapping[str, str], run: int) -> Iterator[Finding]:
    """``secret.leaked`` for every canary in what the agent says."""
    for name in leaked_names(text, planted) if planted else ():
        yield Finding(
            code="secret.leaked",
            message=f"the agent says the value of {name}",
            hint="what an agent says is read by people; tell it in the prompt to name no values",
            run=run,
            data={"variable": name},
        )


def captured_findings(call: ToolCall, result: ToolResult, number: int, run: int) -> tuple[Finding, ...]:
    """The finding about a captured call that was denied or not answered.

    ``egress.denied``: the network level does not let the request through. ``egress.unanswered``: the world
    has no answer. ``github.not-simulated``: the simulated GitHub does not know the request.
    ``push.refused``: the push is not allowed. ``push.malformed``: the request is no push.
    ``command.unknown``: the dry run's ``gh`` has no such command.
    """
    found = _captured_finding(call, result)
    if found is None:
        return ()
    code, message, severity, hint = found
    return (Finding(code=code, message=message, severity=severity, hint=hint, run=run, calls=(number,)),)


def _captured_finding(call: ToolCall, result: ToolResult) -> tuple[str, str, Severity, str] | None:
    arguments = call.arguments
    if call.tool == GH:
        return (
            "command.unknown",
            result.text,
            Severity.ERROR,
            "say absent: [gh] under environment, or use what it knows",
        )
    if call.tool == PUSH and "malformed" in arguments:
        message = f"a malformed push to {arguments.get('repository')}: {arguments['malformed']}"
        return (
            "push.malformed",
            message,
            Severity.ERROR,
            "git itself sends no such request; see which program did",
        )
    if call.tool == PUSH and result.is_error:
        message = (
            f"a push to {arguments.get('ref')} of {arguments.get('repository')} was refused: {result.text}"
        )
        return (
            "push.refused",
            message,
            Severity.WARNING,
            "name a branch that the run may push to in the prompt",
        )
    if call.tool != REQUEST or not result.is_error:
        return None
    asked = f"{arguments.get('method', 'GET')} to {arguments.get('host', '')}"
    severity = Severity.WARNING if captured_reads(call) else Severity.ERROR
    if DENIED in result.text:
        message = f"{asked} was denied: the environment's network does not allow that host"
        return (
            "egress.denied",
            message,
            severity,
            "allow the domain in the environment, or drop the request",
        )
    if "x-routine-harness: unmodelled" in result.text.partition("{")[0]:
        route = f"{arguments.get('method', 'GET')} {arguments.get('path', '/')}"
        return (
            "github.not-simulated",
            f"a program asked GitHub's API for {route}, which the simulated GitHub does not know",
            severity,
            "put the answer into the world's http table, or name a cassette that holds it",
        )
    if result.text.startswith("HTTP 502"):
        message = f"{asked} has no answer in this dry run: {arguments.get('url')}"
        return ("egress.unanswered", message, severity, "put the answer into the world's http table")
    return None


def is_denial(result: ToolResult) -> bool:
    """Whether a hook or a permission rule kept the call from being made."""
    return result.is_error and _DENIAL.search(result.text) is not None


def check_denial(call: ToolCall, result: ToolResult, number: int, run: int) -> Iterator[Finding]:
    """``permission.denied`` for a call that a hook or a permission rule did not let through."""
    if is_denial(result):
        yield Finding(
            code="permission.denied",
            message=f"{call.name} was denied permission: {result.text.splitlines()[0]}",
            severity=Severity.WARNING,
            hint="a hook or a permission rule of the repository stands in its way",
            run=run,
            calls=(number,),
        )


def check_homes(call: ToolCall, number: int, run: int, folder: str = "") -> Iterator[Finding]:
    """``home.reached`` for one of the agent's own tools that names somebody's home folder.

    Files in ``folder``, the session's own project, are fine.
    """
    if call.connector:
        return
    homes = _OTHER_HOME.finditer(msgspec.json.encode(call.arguments).decode())
    named = next((found for found in homes if not _is_below(found.group(), folder)), None)
    if named is not None:
        yield Finding(
            code="home.reached",
            message=f"{call.tool} reached for {named.group()}, a home folder that is not the agent's",
            severity=Severity.WARNING,
            hint="nothing of it is there in a cloud session; keep to the repository and ~",
            run=run,
            calls=(number,),
        )


def _is_below(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or lies in it."""
    own = folder.rstrip("/")
    return bool(own) and f"{path.rstrip('/')}/".startswith(f"{own}/")
