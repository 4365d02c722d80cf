"""The files by which the CLI is configured, and the words that start it in its workplace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from routine_harness.case.plan import Setting
from routine_harness.live.client.program import build_arguments, server_configuration
from routine_harness.live.client.project_settings import (
    SERVERS,
    Asked,
    Guard,
    build_settings,
    enabled_plugins,
    server_names,
)
from routine_harness.live.client.workplace import Workplace
from routine_harness.live.sandbox.layout import Layout, hook_command
from routine_harness.live.sandbox.scratch import Scratch
from routine_harness.routine.edition_rules import Brought


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
        asking = hook_command(self._layout, "guard") if guarded else ""
        without = () if self._honours("plugins") else sorted(self._plugins)
        faults = self._setting.case.faults
        data = build_settings(hook_command(self._layout, "fault"), faults, brought, asking, without)
        (self._tools / "settings.json").write_bytes(msgspec.json.encode(data))

    def _bringing(self, what: Brought) -> list[tuple[str, Path]]:
        """The clones, inside and here, whose own files of a kind the session honours."""
        return self._workplace.places if self._honours(what) else []

    def _honours(self, what: Brought) -> bool:
        rule = self._setting.edition.repository_settings
        return rule.honours(what, len(self._routine.repositories))
