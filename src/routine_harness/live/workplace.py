"""The workplace of a run: its clones, its tools, and the files by which the CLI is configured."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.case.plan import Setting
from routine_harness.live.authority import Authority
from routine_harness.live.git import Git
from routine_harness.live.layout import Layout, hook_command, write_tools
from routine_harness.live.program import build_arguments, server_configuration
from routine_harness.live.project_settings import (
    SERVERS,
    Asked,
    Guard,
    build_settings,
    enabled_plugins,
    server_names,
)
from routine_harness.live.repositories import clone
from routine_harness.live.scratch import Scratch
from routine_harness.routine.edition_rules import Brought

SETUP_FAILED: Final = 86
_LAUNCH: Final = (
    'LD_PRELOAD="$ROUTINE_PRELOAD" bash "$0" </dev/null >&2 || '
    f'{{ echo "the setup script failed" >&2; exit {SETUP_FAILED}; }}; exec "$@"'
)


class Workplace:
    """What stands in the scratch folders of one run before the CLI begins.

    ``folder`` is where the CLI works, ``others`` the clones that it is told of besides.
    """

    def __init__(self, setting: Setting, layout: Layout, scratch: Scratch, origins: Path, git: Git) -> None:
        """``git`` makes the clones, whose objects an earlier run may have made."""
        self._setting = setting
        self._routine = setting.routine
        self._layout = layout
        self._tools = scratch.tools
        self._scratch = scratch
        self._origins = origins
        self._git = git
        names = [repository.full_name for repository in setting.routine.repositories]
        self._clones = {name: scratch.home / name.rpartition("/")[2] for name in names}
        self._places = [(f"{layout.home}/{here.name}", here) for here in self._clones.values()]
        inside = [at for at, _ in self._places]
        self.folder, self.others = (inside[0], []) if len(inside) == 1 else (layout.home, inside)
        self._plugins: frozenset[str] = frozenset()

    def set_up(self, authority: Authority, guard: Guard | None) -> Asked | None:
        """Write the tools, make the clones, put the settings together; what the guard's hook asks."""
        absent = self._routine.environment.absent
        write_tools(self._scratch, self._layout, authority, gh="gh" not in absent)
        for name, here in self._clones.items():
            clone(self._git, self._origins, name, here)
        self._plugins = frozenset(name for _, here in self._places for name in enabled_plugins(here))
        self._write_settings(guarded=guard is not None)
        own = {name for _, here in self._bringing("servers") for name in server_names(here)}
        return None if guard is None else guard(self._setting, own, self._places)

    def lacked(self, plugins: Collection[str]) -> tuple[str, ...]:
        """The plugins that a session would have besides ``plugins``, by the rules of the edition."""
        return tuple(sorted(self._plugins - {*plugins})) if self._honours("plugins") else ()

    def arguments(self, program: tuple[str, ...]) -> tuple[str, ...]:
        """The words that start the CLI, which are ``program`` and every option, after the setup script."""
        tools = self._layout.tools
        own = [f"{at}/{SERVERS}" for at, here in self._bringing("servers") if (here / SERVERS).is_file()]
        words = program + build_arguments(
            self._routine, configuration=f"{tools}/servers.json", settings=f"{tools}/settings.json",
            own_servers=own, folders=self.others,
        )  # fmt: skip
        if not self._routine.environment.setup:
            return words
        (self._tools / "setup.sh").write_text(self._routine.environment.setup)
        return ("bash", "-c", _LAUNCH, f"{tools}/setup.sh", *words)

    def write_servers(self, servers: Mapping[str, str]) -> None:
        """The CLI's configuration of MCP servers, by name and URL."""
        (self._tools / "servers.json").write_bytes(msgspec.json.encode(server_configuration(servers)))

    def _write_settings(self, *, guarded: bool) -> None:
        """The CLI's settings; it reads those of a clone by itself where it works in the only one."""
        brought = self._bringing("hooks") if len(self._places) != 1 else []
        asking = hook_command(self._layout, "guard") if guarded else ""
        without = () if self._honours("plugins") else sorted(self._plugins)
        faults = self._setting.case.faults
        data = build_settings(hook_command(self._layout, "fault"), faults, brought, asking, without)
        (self._tools / "settings.json").write_bytes(msgspec.json.encode(data))

    def _bringing(self, what: Brought) -> list[tuple[str, Path]]:
        """The clones, inside and here, whose own files of a kind the session honours."""
        return self._places if self._honours(what) else []

    def _honours(self, what: Brought) -> bool:
        rule = self._setting.edition.repository_settings
        return rule.honours(what, len(self._routine.repositories))
