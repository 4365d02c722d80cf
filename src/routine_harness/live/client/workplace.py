"""The workplace of a run: its clones, its tools, and the setup script that comes before everything."""

from __future__ import annotations

from pathlib import Path

from routine_harness.case.cloud_session import CloudSession
from routine_harness.case.plan import Setting
from routine_harness.live.outside.authority import Authority
from routine_harness.live.outside.git import Git
from routine_harness.live.outside.repositories import clone
from routine_harness.live.sandbox.layout import Layout, after_setup, write_tools
from routine_harness.live.sandbox.scratch import Scratch


class Workplace:
    """What stands in the scratch folders of one run before its client begins.

    ``folder`` is where the client works, ``others`` the clones that it is told of besides; ``places`` are
    all clones, where they stand inside, and here.
    """

    def __init__(
        self, setting: Setting, layout: Layout, scratch: Scratch, origins: Path, git: Git,
        programs: tuple[str, ...] = (), session: CloudSession | None = None,
    ) -> None:  # fmt: skip
        """``git`` makes the clones, whose objects an earlier run may have made; stand-ins take the place of
        ``programs``. The clones stand where ``session`` begins."""
        self.session = session
        self._routine = setting.routine
        self._programs = programs
        self._layout = layout
        self._scratch = scratch
        self._origins = origins
        self._git = git
        names = [repository.full_name for repository in setting.routine.repositories]
        self._clones = {name: scratch.home / name.rpartition("/")[2] for name in names}
        self.places = [(f"{layout.home}/{here.name}", here) for here in self._clones.values()]
        inside = [at for at, _ in self.places]
        self.folder, self.others = (inside[0], []) if len(inside) == 1 else (layout.home, inside)

    def set_up(self, authority: Authority) -> None:
        """Write the tools, make the clones."""
        absent = self._routine.environment.absent
        programs = [name for name in self._programs if not (name == "gh" and name in absent)]
        write_tools(self._scratch, self._layout, authority.pem, gh="gh" not in absent, stand_ins=programs)
        for name, here in self._clones.items():
            clone(self._git, self._origins, name, here, self.session)

    def launched(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The words that start the client by ``words``, after the environment's setup script."""
        if not self._routine.environment.setup:
            return words
        (self._scratch.tools / "setup.sh").write_text(self._routine.environment.setup)
        return after_setup(f"{self._layout.tools}/setup.sh", words)
