"""Routines of an account kept as files: L337's YAML, and Markdown with frontmatter (hamzafer's).

Both mirror what the account stores, so that most of it has a place here; ids of the account have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from routine_harness.interop.routine_draft import Claim, Draft, listed, settings_of, slug
from routine_harness.interop.schedule_words import schedule_of_words
from routine_harness.plain import Json, Record
from routine_harness.routine.duration import parse_duration

Line = Callable[..., int]
MARKS: Final = ("schedule", "repositories", "mcp_connectors", "allowed_tools", "sources", "cron",
                "run_once_at", "env_id", "trigger_id", "mcp_connections")  # fmt: skip
"""Keys by which such a file is told from others; a name and a prompt it has besides."""

_CHANNEL: Final = re.compile(r"#([A-Za-z0-9_-]+) \(channel id ([CG][A-Z0-9]{6,})\)")
_NAMED: Final = re.compile(
    r"\b(?:to|in|into|on)\s+(?:the\s+)?(?:slack\s+)?(?:channel\s+)?[`'\"]?#([a-z0-9_-]*[a-z][a-z0-9_-]*)\b",
    re.IGNORECASE,
)
_NO_GH: Final = re.compile(r"\benvironment has no `gh`", re.IGNORECASE)
_API_ONLY: Final = re.compile(r"\bvia API trigger\b|\bAPI trigger only\b", re.IGNORECASE)
_KNOWN: Final = (
    "name", "description", "note", "enabled", "schedule", "cron", "run_once_at", "model", "repositories",
    "sources", "allowed_tools", "mcp_connectors", "mcp_connections", "network_allowlist", "prompt",
    "prompt_file", "timezone", "timeout",
)  # fmt: skip
_LOST: Final = {
    "env_id": "the environment is chosen in the account: its network, variables and setup are not known",
    "persist_session": "every run of the harness begins a session of its own",
    "notifications": "the harness notifies nobody",
    "enabled_plugins": "list their servers under connectors",
    "extra_marketplaces": "list their servers under connectors",
    "environment": "the environment is chosen in the account",
    "trigger_id": "an id of the account",
    "autofix_on_pr_create": "no simulated event tells a routine about its own pull requests",
    "outcomes": "the platform generates them",
}
_EMPTY: Final = (
    "an empty list is what the account writes where no tool was chosen, and the run may call all of them; "
    "write tools: {allow: […]} to narrow it"
)
_UNBOUND: Final = (
    "the account does not keep where it works (a channel, a team, a project); write connector:binding"
)
_PLACEHOLDER_YEAR: Final = 2090


def is_account_routine(data: Record) -> bool:
    """Whether ``data`` is a routine in one of these forms."""
    return "name" in data and any(mark in data for mark in MARKS) and "triggers" not in data


def draft_account_routine(data: Record, prompt: str, line: Line, comments: str = "") -> Draft:
    """The routine in ``data``; ``prompt`` is the body or the value of that name, ``comments`` the text
    of the file, in which people say what no key says."""
    title = str(data.get("name", ""))
    note = " ".join(str(data.get("description") or data.get("note") or "").split())
    draft = Draft(slug(title), prompt, title, note, data.get("enabled") is not False)
    draft.model = data.get("model")
    draft.tools = listed(data["allowed_tools"]) if data.get("allowed_tools") is not None else None
    _repositories(draft, data, line)
    _connectors(draft, data, line)
    _schedule(draft, data, line, comments)
    hosts = listed(data.get("network_allowlist"))
    if hosts:
        draft.environment |= {"network": "custom", "allowed_domains": hosts}
    if _NO_GH.search(prompt):
        draft.environment["absent"] = ["gh"]
    if "autofix_on_pr_create" in data:
        text = "autofix_on_pr_create wakes a routine for its own pull requests"
        draft.claims.append(Claim("pull requests", "2026-08", text))
    if "timeout" in data:
        _timeout(draft, data["timeout"], line("timeout"))
    for key in data:
        if key not in _KNOWN:
            draft.lose(key, line(key), _LOST.get(key, "a routine file has nothing like it"))
    return draft


def _repositories(draft: Draft, data: Record, line: Line) -> None:
    draft.repositories += listed(data.get("repositories"))
    for place, source in enumerate(listed(data.get("sources"))):
        if not isinstance(source, dict):
            draft.repositories.append(source)
            continue
        at = line("sources", place)
        inner = source.get("git_repository")
        held = inner if isinstance(inner, dict) else source
        if "url" not in held:
            draft.lose(f"sources[{place}]", at, "it names no repository")
            continue
        pushes = held.get("allow_unrestricted_git_push")
        named: Record = {"repository": held["url"], "unrestricted_pushes": bool(pushes)}
        draft.repositories.append(named if pushes else held["url"])
        if pushes is not None:
            text = "allow_unrestricted_git_push decides where a run may push"
            draft.claims.append(Claim("pushes", "2026-04", text))


def _connectors(draft: Draft, data: Record, line: Line) -> None:
    named: list[Record] = [{"name": name} for name in listed(data.get("mcp_connectors"))]
    named += [settings_of(one) for one in listed(data.get("mcp_connections"))]
    channels = dict.fromkeys(_NAMED.findall(draft.prompt), "") | dict(_CHANNEL.findall(draft.prompt))
    for place, one in enumerate(named):
        name = slug(str(one.get("name", "")))
        grant: Record = {"connector": name}
        if name == "slack" and channels:
            grant["bindings"] = [
                {"name": channel, "id": mark} if mark else {"name": channel}
                for channel, mark in channels.items()
            ]
        at = line("mcp_connections", place)
        if one.get("permitted_tools"):
            grant["tools"] = {"allow": listed(one["permitted_tools"])}
        elif "permitted_tools" in one:
            draft.lose(f"mcp_connections[{place}].permitted_tools", at, _EMPTY)
        if one and not grant.get("bindings") and "connector_uuid" in one:
            draft.lose(f"mcp_connections[{place}].binding", at, _UNBOUND)
        for key in ("connector_uuid", "url"):
            if key in one:
                draft.lose(f"mcp_connections[{place}].{key}", at, "the account's")
        if one.get("tool_policy_overrides"):
            why = "it restricts single tools; write what may be called under tools: {allow: […]}"
            draft.restrict(f"mcp_connections[{place}].tool_policy_overrides", at, why)
        draft.connectors.append(grant if len(grant) > 1 else name)


def _timeout(draft: Draft, value: Json, at: int) -> None:
    """A limit of the run's time, in seconds or as people write it, becomes a budget."""
    seconds = value if isinstance(value, int) else parse_duration(str(value))
    if seconds is not None and seconds > 0 and not isinstance(value, bool):
        draft.policy["budget"] = {"seconds": seconds}
    else:
        draft.restrict("timeout", at, f"{value!r} is no span of time like 10m")


def _schedule(draft: Draft, data: Record, line: Line, comments: str) -> None:
    inner = data.get("schedule")
    schedule = inner if isinstance(inner, dict) else data
    once = schedule.get("run_once_at")
    zone = schedule.get("timezone") or data.get("timezone")
    zoned = {"timezone": str(zone)} if zone else {}
    spelled = schedule.get("cron") or (None if isinstance(inner, dict) else inner)
    for each in listed(spelled):
        said = schedule_of_words(str(each))
        keys = said.keys if said is not None else {"cron": str(each)}
        draft.triggers.append({"type": "schedule", **zoned, **keys})
        if said is not None and said.note:
            draft.lose(f"schedule {each}", line("schedule"), said.note)
    if once:
        draft.triggers.append({"type": "schedule", "once": str(once), **zoned})
        _placeholder(draft, str(once), line, comments)
    if isinstance(inner, dict):
        for key in inner:
            if key not in ("cron", "run_once_at", "timezone"):
                draft.lose(f"schedule.{key}", line("schedule", key), "no schedule of a routine says this")
    if not draft.triggers:
        draft.triggers.append({"type": "api"})
        draft.lose("schedule", line("schedule"), "there is none, so the routine waits for its fire endpoint")
        draft.ask("--on", "no schedule starts it: which event does, or is it its fire endpoint?")


def _placeholder(draft: Draft, once: str, line: Line, comments: str) -> None:
    """A run that is put off for ever may stand for an api trigger, which the file cannot say."""
    year = once[:4]
    if not (year.isdigit() and int(year) >= _PLACEHOLDER_YEAR):
        return
    why = " (its words speak of an api trigger)" if _API_ONLY.search(comments + draft.prompt) else ""
    text = f"line {line('run_once_at')}: run_once_at {once} will never come{why}: is it an api trigger?"
    draft.ask("--placeholder", text, ("schedule", "api"))
