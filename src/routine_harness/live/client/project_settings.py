"""What a run's settings hold: the harness's own hook, and what its repositories bring where the
platform's edition lets them.

The CLI itself honours the repository in whose clone it works. In a session of several it works
above them, so what an edition honours even there is put into its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any, Final

import msgspec

from routine_harness.case.plan import Setting
from routine_harness.routine.document import NOT_JSON
from routine_harness.session.faults import Fault

SETTINGS: Final = ".claude/settings.json"
SERVERS: Final = ".mcp.json"
LISTS: Final = ("allow", "deny", "ask")
GUARDED: Final = ("PreToolUse", "PostToolUse", "PostToolUseFailure")
"""The events that a guard hears of."""
FETCH: Final = "WebFetch"
"""Its faults befall the page, at the proxy."""


Asked = Callable[[Mapping[str, Any]], bytes]
"""What a hook says to the client about an event; nothing where it lets things go on."""
Guard = Callable[[Setting, Collection[str], Sequence[tuple[str, Path]]], Asked]
"""A case's policy as a hook: from the repository's own servers and its clones (where they stand inside,
and here)."""


def build_settings(
    hook: str,
    faults: Iterable[Fault],
    brought: Iterable[tuple[str, Path]],
    guard: str = "",
    without: Iterable[str] = (),
) -> dict[str, Any]:
    """The settings of a run. ``hook`` is the command of the harness's own, ``brought`` the clones
    whose settings are put in: where they stand inside, and here; ``guard`` is the command that asks the
    policy; ``without`` the plugins that no session installs.

    No page is vetted at the vendor's before it is fetched.
    """
    hooks: dict[str, list[Any]] = {}
    permissions: dict[str, list[Any]] = {}
    tools = own_tools(faults)
    if tools:
        entry = {"type": "command", "command": hook, "timeout": 60}
        hooks["PreToolUse"] = [{"matcher": "|".join(tools), "hooks": [entry]}]
    for event in GUARDED if guard else ():
        entry = {"type": "command", "command": guard, "timeout": 60}
        hooks.setdefault(event, []).append({"matcher": "*", "hooks": [entry]})
    for inside, clone in brought:
        found = _read(clone, SETTINGS)
        for event, matchers in _mapping(found.get("hooks")).items():
            hooks.setdefault(event, []).extend(_moved(matcher, inside) for matcher in _list(matchers))
        for name in LISTS:
            rules = _list(_mapping(found.get("permissions")).get(name))
            permissions.setdefault(name, []).extend(rules)
    settings: dict[str, Any] = {"skipWebFetchPreflight": True, "cleanupPeriodDays": 1}
    held = {name: rules for name, rules in permissions.items() if rules}
    more = {"hooks": hooks, "permissions": held, "enabledPlugins": dict.fromkeys(without, False)}
    return settings | {name: value for name, value in more.items() if value}


def own_tools(faults: Iterable[Fault]) -> tuple[str, ...]:
    """The agent's own tools that a fault of the case befalls before they run."""
    named = {fault.tool for fault in faults if fault.tool and "." not in fault.tool}
    return tuple(sorted(named - {FETCH}))


def _moved(matcher: Any, inside: str) -> Any:
    """A matcher whose commands run in the clone that brings them."""
    if not isinstance(matcher, Mapping):
        return matcher
    return {**matcher, "hooks": [_entry(entry, inside) for entry in _list(matcher.get("hooks"))]}


def _entry(entry: Any, inside: str) -> Any:
    command = _mapping(entry).get("command")
    if not isinstance(command, str):
        return entry
    place = quote(inside)
    return {**entry, "command": f"cd {place} && CLAUDE_PROJECT_DIR={place} sh -c {quote(command)}"}


def server_names(clone: Path) -> frozenset[str]:
    """The servers that a clone brings itself."""
    return frozenset(_mapping(_read(clone, SERVERS).get("mcpServers")))


def enabled_plugins(clone: Path) -> frozenset[str]:
    """The plugins that a clone's settings enable, as ``name@marketplace``."""
    enabled = _mapping(_read(clone, SETTINGS).get("enabledPlugins"))
    return frozenset(name for name, switched in enabled.items() if switched)


def _read(clone: Path, name: str) -> Mapping[str, Any]:
    """A file of a repository; what is no JSON object is nothing to the CLI, either.

    A link may lead out of the clone, to files of the user's: nothing behind one is read.
    """
    path = clone / name
    if not path.is_file() or not path.resolve().is_relative_to(clone.resolve()):
        return {}
    try:
        return _mapping(msgspec.json.decode(path.read_bytes()))
    except NOT_JSON:
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
