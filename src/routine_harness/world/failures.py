"""How the answer to a call says that it failed, and what became of the effects of the call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult

_SHOWN: Final = 200
_DECODE: Final = msgspec.json.Decoder().decode


class Form(NamedTuple):
    """One way of saying no: ``match`` gives the words of the refusal, empty where it is none."""

    match: Callable[[Json], str]
    seen: str


def _flag(name: str) -> Callable[[Json], str]:
    """``{"ok": false, "error": "…"}``."""

    def match(answer: Json) -> str:
        refused = next((one for one in _payloads(answer) if one.get(name) is False), None)
        return "" if refused is None else _words(refused) or f"{name} is false"

    return match


def _payloads(answer: Json) -> Iterator[Record]:
    """The answer, and what GraphQL wraps: ``{"data": {"issueCreate": {"success": false}}}``."""
    if isinstance(answer, dict):
        yield answer
        data = answer.get("data")
        yield from (one for one in (data.values() if isinstance(data, dict) else ()) if isinstance(one, dict))


def _own_flag(answer: Json) -> str:
    """MCP's own flag inside of the text: ``{"isError": true}``."""
    if not isinstance(answer, dict) or answer.get("isError") is not True:
        return ""
    return _words(answer) or "isError is true"


def _named_error(answer: Json) -> str:
    """A non-empty ``error`` or ``errors`` at the top."""
    if not isinstance(answer, dict):
        return ""
    return _words(answer) if answer.get("error") or answer.get("errors") else ""


def _status(answer: Json) -> str:
    """A status of 400 or more beside a message: ``{"status": "404", "message": "Not Found"}``."""
    if not isinstance(answer, dict):
        return ""
    if answer.get("documentation_url") and isinstance(answer.get("message"), str):
        return _words(answer)
    for name in ("status", "statusCode", "status_code", "code"):
        value = str(answer.get(name, ""))
        if re.fullmatch(r"[45]\d\d", value) and (answer.get("message") or answer.get("error")):
            return f"{value} {_words(answer)}".strip()
    return ""


def _begins(pattern: str) -> Callable[[Json], str]:
    """A text that begins so."""
    compiled = re.compile(pattern)

    def match(answer: Json) -> str:
        return answer.splitlines()[0] if isinstance(answer, str) and compiled.match(answer) else ""

    return match


def _words(answer: Record) -> str:
    for name in ("error", "errors", "message"):
        value = answer.get(name)
        if isinstance(value, dict):
            value = value.get("message") or value
        if value:
            return value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return ""


ANY_SERVICE: Final = (
    Form(_flag("ok"), "Slack's web API, handed through by servers (punkpeye/awesome-mcp-servers #943)"),
    Form(_flag("success"), "Linear's GraphQL payloads, and servers made after them"),
    Form(_named_error, "Linear's and most hand-made servers; GraphQL's `errors`"),
    Form(_status, "GitHub's REST errors and Notion's `object: error`"),
    Form(_own_flag, "results that a relay put into another result's text"),
    Form(_begins(r"Error: "), "the MCP SDK's first examples, which many servers copied"),
    Form(
        _begins(
            r"(?:Failed|Unable) to |Could not |(?:Access|Permission) denied|Unauthorized\b|Forbidden\b"
            r"|Not authorized|API error|Request failed with status code [45]"
        ),
        "the GitHub server of cloud sessions (`Access denied: repository …`), axios in hand-made servers",
    ),
    Form(_begins(r"MCP error -?\d+:"), "the MCP SDK's client, when a server raised"),
)
"""What any service's answer may say; a server that nobody has simulated speaks like the others."""

BY_CONNECTOR: Final[dict[str, tuple[Form, ...]]] = {
    "github": (Form(_begins(r"failed to \w+"), "github-mcp-server's pkg/errors, relayed without its flag"),),
    "sentry": (Form(_begins(r"\*\*(?:Input )?Error\*\*"), "sentry-mcp's formatted user errors"),),
    "linear": (
        Form(_begins(r"(?:Entity not found|Argument Validation Error)\b"), "Linear's server, as text"),
    ),
}
"""Connector → how it says no besides."""

CONTENT: Final[dict[str, frozenset[str]]] = {
    "github": frozenset({"get_file_contents", "get_job_logs"}),
    "drive": frozenset({"read_file_content", "download_file_content"}),
}
"""Tools whose answer is somebody's text, which may say anything."""

_GIT: Final = lazy_pattern(
    r"^(?:fatal: |error: (?:failed to push|src refspec|RPC failed|unable to )|\s*! \[(?:remote )?rejected\]"
    r"|remote: (?:error|fatal|Permission)|Permission denied|git@\S+: Permission denied).*",
    re.MULTILINE,
)
_HTTP: Final = lazy_pattern(
    r"^(?:gh: |GraphQL: |curl: \(\d+\) |(?:\w+ ){1,3}failed: |failed to \w+ |could not \w+ |error connecting "
    r"|X .*\b(?:is not|cannot|can't|failed)\b|none of the git remotes|To get started with GitHub CLI"
    r"|.*: (?:gh|curl|git): command not found|.*<(?:title|h1)>[45]\d\d\b).*"
    r"|^.*\bHTTP [45]\d\d\b.*"
    r"|\A(?:invalid_payload|invalid_token|no_service|no_team|channel_not_found|channel_is_archived"
    r"|action_prohibited|user_not_found|posting_to_general_channel_denied)\Z",
    re.MULTILINE,
)
_ABSENT: Final = lazy_pattern(
    r"\b404\b|\bnot[ _]found\b|\bno such (?:file|ticket|issue|record|channel|branch|repository)\b"
    r"|\bdoes not exist\b|\bno (?:pull requests|issues|runs|releases|matches|results)\b"
    r"|\bcould not resolve to an?\b",
    re.IGNORECASE,
)
_ALREADY: Final = lazy_pattern(
    r"\balready (?:exists|closed|open|merged|archived|reopened|resolved|assigned|subscribed|up[- ]to[- ]date)"
    r"|\b(?:is|are) already (?!taken|in use|used)"
    r"|\balready_(?:exists|closed|reacted|pinned|archived|in_channel)\b"
    r"|\bReference already exists\b|\bA pull request already exists\b|\bno changes? (?:were )?made\b"
    r"|\bEverything up-to-date\b"
    r"|\bLabel name exists or conflicts\b",
    re.IGNORECASE,
)


def failure_of(call: ToolCall, result: ToolResult) -> str:
    """The service's own words for why ``call`` failed; empty where it did not.

    Text that a program of the shell printed is not judged here: see ``shell_failures``.
    """
    if result.is_error:
        return _short(result.text) or "an error without words"
    if not call.connector or call.tool in CONTENT.get(call.connector, ()):
        return ""
    return _said_no(result.text, (*ANY_SERVICE, *BY_CONNECTOR.get(call.connector, ())))


def shell_failures(text: str) -> tuple[str, str]:
    """What git, and what a request, printed of having failed; empty where neither did."""
    git, asked = _GIT.search(text), _HTTP.search(text)
    said = asked.group() if asked else _said_no(text.strip(), ANY_SERVICE[:5])
    return _short(git.group() if git else ""), _short(said)


def says_absent(text: str) -> bool:
    """Whether a failed read was answered: there is no such thing."""
    return _ABSENT.search(text[:2000]) is not None and not re.search(r"\b(?:401|403|5\d\d)\b", text[:200])


def says_already(text: str) -> bool:
    """Whether a service refused because what was wanted is there already."""
    return _ALREADY.search(text[:2000]) is not None


def _said_no(text: str, forms: tuple[Form, ...]) -> str:
    answer: Json = text
    if text[:1] == "{":
        try:
            answer = _DECODE(text)
        except NOT_JSON:
            return ""
    return next((_short(words) for form in forms if (words := form.match(answer))), "")


def _short(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0][:_SHOWN] if lines else ""


MAY_CHANGE_NOTHING: Final = frozenset({
    "updated", "added", "removed", "moved", "enabled", "disabled", "resolved", "unresolved", "closed",
    "reopened", "pushed", "starred", "unstarred", "changed", "dismissed", "requested", "shared",
})  # fmt: skip
"""Verbs whose effect is ``unchanged`` where the world is the same afterwards."""


def settled_effects(outcome: Outcome, before: World) -> tuple[Effect, ...]:
    """The effects of one operation with what became of them.

    Only where a model carried it out does an equal world say that nothing changed.
    """
    if outcome.result.is_error:
        return refused_effects(outcome.effects, outcome.result.text)
    if not outcome.carried or not outcome.world.same_records(before):
        return outcome.effects
    return tuple(
        msgspec.structs.replace(effect, outcome="unchanged") if _may_be_unchanged(effect) else effect
        for effect in outcome.effects
    )


def refused_effects(effects: tuple[Effect, ...], said: str) -> tuple[Effect, ...]:
    """The effects of what the service refused, with ``said``: ``unchanged`` where it was so already."""
    became: EffectOutcome = "unchanged" if says_already(said) else "refused"
    return tuple(msgspec.structs.replace(effect, outcome=became) for effect in effects)


def _may_be_unchanged(effect: Effect) -> bool:
    # What belongs to no connector is in no world, so that an unchanged world says nothing of it.
    return bool(effect.connector) and effect.kind.rpartition(".")[2] in MAY_CHANGE_NOTHING
