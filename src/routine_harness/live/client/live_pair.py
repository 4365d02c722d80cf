"""What the live runs of a pair share: the case, the isolation, and repositories that outlive the first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from routine_harness.case.plan import Setting
from routine_harness.live.outside.clones import create_origins
from routine_harness.live.outside.git_program import Git
from routine_harness.live.outside.ids import Ids
from routine_harness.live.outside.mirror import Mirror
from routine_harness.live.outside.outside import NO_IDS
from routine_harness.live.outside.real_servers import RealServers
from routine_harness.live.sandbox.isolation import Isolation
from routine_harness.live.sandbox.limits import LIMITS, Limits
from routine_harness.live.sandbox.scratch import Scratch
from routine_harness.session.session import Session
from routine_harness.world.state import World


class LivePair:
    """What one pair has below the folder ``root``; ``follow`` before each of its runs.

    ``sources`` are folders, checkouts or bundles by repository; ``get_hosts`` may really be asked by GET;
    ``servers`` are real ones, whose reads go through; ``limits`` are the sandbox's.
    """

    def __init__(
        self, setting: Setting, root: Path, isolation: Isolation, *,
        sources: Mapping[str, Path] | None = None, get_hosts: tuple[str, ...] = (),
        servers: RealServers | None = None, limits: Limits = LIMITS,
    ) -> None:  # fmt: skip
        self.setting = setting
        self.isolation = isolation
        self.get_hosts = get_hosts
        self.servers = servers
        self.limits = limits
        self.origins = root / "origins"
        self.git = Git(isolation)
        self._root = root
        self._sources = sources or {}
        self._mirror: Mirror | None = None

    @property
    def ids(self) -> Ids:
        """What the commits of the world are called in git."""
        return self._mirror.ids if self._mirror is not None else NO_IDS

    @property
    def mirror(self) -> Mirror | None:
        """The origins beside the world; None before the first run."""
        return self._mirror

    def follow(self, world: World) -> None:
        """Have the origins as ``world`` says: made for the first run, brought up to date after that.

        Raises:
            AgentError: a source cannot be read.
        """
        if self._mirror is not None:
            self._mirror.follow(world)
            return
        routine = self.setting.routine
        self.origins.mkdir()
        create_origins(self.origins, routine, world, self._sources)
        self._mirror = Mirror(self.git, self.origins, routine, world)

    def scratch(self, session: Session) -> Scratch:
        """The folders of one run."""
        place = self._root / f"run-{session.number}"
        place.mkdir()
        return Scratch(place)
