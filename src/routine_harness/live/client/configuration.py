"""The CLI's configuration for one run: its settings, its servers, and the words that start it.

The CLI itself honours the repository in whose clone it works. In a session of several repositories it works
above their clones, so the settings of these that an edition honours even there are put into its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from shlex import quote
from typing import Final

import msgspec

from routine_harness.case.plan import Setting
from routine_harness.live.client.hooks import Asked, Guard, own_hooks
from routine_harness.live.client.live_run import Workplace
from routine_harness.live.client.program import build_arguments, server_configuration
from routine_harness.live.sandbox.layout import Layout
from routine_harness.live.sandbox.scratch import Scratch
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.edition_rules import Brought

SETTINGS: Final = ".claude/settings.json"
SERVERS: Final = ".mcp.json"
LISTS: Final = ("allow", "deny", "ask")


class Configuration:
    """The CLI's configuration for one run, among the tools of its workplace."""

    def __init__(self, setting: Setting, layout: Layout, scratch: Scratch, workplace: Workplace) -> None:
        self._setting = setting
        self._routine = setting.routine
        self._layout = layout
        self._tools = scratch.tools
        self._workplace = workplace
        self._plugins: frozenset[str] = frozenset()

    def set_up(self, guard: Guard | None) -> Asked | None:
        """Put the settings together, from the clones that are there; what the guard's hook asks."""
        places = self._workplace.places
        self._plugins = frozenset(name for _, here in places for name in enabled_plugins(here))
        self._write_settings(guarded=guard is not None)
        own = {name for _, here in self._bringing("servers") for name in server_names(here)}
        return None if guard is None else guard(self._setting, own, places)

    def lacked(self, plugins: Collection[str]) -> tuple[str, ...]:
        """The plugins that a session would have besides ``plugins``, by the rules of the edition."""
        return tuple(sorted(self._plugins - {*plugins})) if self._honours("plugins") else ()

    def arguments(self, program: tuple[str, ...], *, several: bool = False) -> tuple[str, ...]:
        """The words that start the CLI, which are ``program`` and every option, after the setup script;
        ``several`` says that it reads several turns."""
        tools = self._layout.tools
        own = [f"{at}/{SERVERS}" for at, here in self._bringing("servers") if (here / SERVERS).is_file()]
        words = program + build_arguments(
            self._routine, configuration=f"{tools}/servers.json", settings=f"{tools}/settings.json",
            own_servers=own, folders=self._workplace.others, several=several, told=self._told(),
        )  # fmt: skip
        return self._workplace.launched(words)

    def _told(self) -> str:
        """What the system prompt says of the branch that the session is to work on."""
        session, line = self._workplace.session, self._setting.edition.push.told
        if session is None or not session.branch or not line:
            return ""
        names = (repository.full_name for repository in self._routine.repositories)
        return "\n".join(
            line.replace("{repository}", name).replace("{branch}", session.branch) for name in names
        )

    def write_servers(self, servers: Mapping[str, str]) -> None:
        """The CLI's configuration of MCP servers, by name and URL."""
        (self._tools / "servers.json").write_bytes(msgspec.json.encode(server_configuration(servers)))

    def _write_settings(self, *, guarded: bool) -> None:
        """The CLI's settings; it reads those of a clone by itself where it works in the only one."""
        brought = self._bringing("hooks") if len(self._workplace.places) != 1 else []
        without = () if self._honours("plugins") else sorted(self._plugins)
        hooks = own_hooks(self._layout, self._setting.case.faults, guarded=guarded)
        data = build_settings(hooks, brought, without)
        (self._tools / "settings.json").write_bytes(msgspec.json.encode(data))

    def _bringing(self, what: Brought) -> list[tuple[str, Path]]:
        """The clones, inside and here, whose own files of a kind the session honours."""
        return self._workplace.places if self._honours(what) else []

    def _honours(self, what: Brought) -> bool:
        rule = self._setting.edition.repository_settings
        return rule.honours(what, len(self._routine.repositories))


def build_settings(
    hooks: Mapping[str, list[Json]], brought: Iterable[tuple[str, Path]], without: Iterable[str] = ()
) -> Record:
    """The settings of a run. ``hooks`` are the harness's own by event, ``brought`` the clones whose settings
    are put in: where they stand inside, and here; ``without`` the plugins that no session installs.

    No page is vetted at the vendor's before it is fetched.
    """
    hooks = {event: list(entries) for event, entries in hooks.items()}
    permissions: dict[str, list[Json]] = {}
    for inside, clone in brought:
        found = _read(clone, SETTINGS)
        for event, matchers in _mapping(found.get("hooks")).items():
            hooks.setdefault(event, []).extend(_moved(matcher, inside) for matcher in _list(matchers))
        for name in LISTS:
            rules = _list(_mapping(found.get("permissions")).get(name))
            permissions.setdefault(name, []).extend(rules)
    settings: Record = {"skipWebFetchPreflight": True, "cleanupPeriodDays": 1}
    held = {name: rules for name, rules in permissions.items() if rules}
    more = {"hooks": hooks, "permissions": held, "enabledPlugins": dict.fromkeys(without, False)}
    return settings | {name: value for name, value in more.items() if value}


def _moved(matcher: Json, inside: str) -> Json:
    """A matcher whose commands run in the clone that brings them."""
    if not isinstance(matcher, Mapping):
        return matcher
    return {**matcher, "hooks": [_entry(entry, inside) for entry in _list(matcher.get("hooks"))]}


def _entry(entry: Json, inside: str) -> Json:
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


def _read(clone: Path, name: str) -> Mapping[str, Json]:
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


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
