"""Scripted agents with ``shell: sandbox``: a script whose commands run in the sandbox of live runs.

No model, no key, no CLI: the script is the client of the sandbox. One ``SandboxedScript`` serves a pair.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Sequence

from routine_harness.agents.recording import Recorder
from routine_harness.agents.scripted import Script
from routine_harness.case.plan import Setting
from routine_harness.live.client.ground import Ground
from routine_harness.live.client.hands import Hands
from routine_harness.live.client.surroundings import Surroundings
from routine_harness.live.sandbox.isolation import CONTAINED, Isolation
from routine_harness.live.sandbox.limits import LIMITS, Limits
from routine_harness.live.sandbox.scratch import Scratch, scratch_folder
from routine_harness.live.sandbox.shell import Shell, worker_words
from routine_harness.live.sandbox.shell_tools import ShellTools
from routine_harness.live.sandbox.view import Program
from routine_harness.session.run import Run
from routine_harness.session.session import Session


class SandboxedScript:
    """Runs a script's sessions of one pair; ``recorder`` says in what it ran."""

    def __init__(self, ground: Ground, script: Script) -> None:
        self._ground = ground
        self._script = script
        self.recorder = Recorder(script.name, isolation=str(ground.isolation))

    def run(self, session: Session) -> Run:
        """Execute one session; a run whatever happens to it.

        Raises:
            AgentError: the sandbox cannot be started.
        """
        self._ground.follow(session.world)
        return self._script.run_with(session, self._standing(session, self._ground.scratch(session)))

    @contextlib.contextmanager
    def _standing(self, session: Session, scratch: Scratch) -> Iterator[Hands]:
        """The script's hands, with the sandbox around them; everything ended afterwards."""
        ground, token = self._ground, secrets.token_hex(16)
        around = Surroundings(ground, session, scratch, token)
        around.workplace.set_up(around.authority)
        self.recorder = Recorder(self._script.name, isolation=str(ground.isolation), clock=around.clock.kind)

        def build(_: Sequence[int]) -> Program:
            words = around.workplace.launched(worker_words(scratch.tools, around.layout.tools))
            return Program(words, {}, around.workplace.folder, converses=True)

        with around.standing(build) as contained:
            tools = ShellTools(Shell(contained, around.alarm))
            table = ground.setting.edition.own_tools
            yield Hands(around.outside, tools, around.alarm, table, ground.limits, token)
        around.report()


@contextlib.contextmanager
def sandboxed_script(
    setting: Setting, script: Script, isolation: Isolation = CONTAINED, limits: Limits = LIMITS
) -> Iterator[SandboxedScript]:
    """An agent for one pair; its folders and processes are gone afterwards, whatever happens."""
    with scratch_folder() as root:
        yield SandboxedScript(Ground(setting, root, isolation, limits=limits), script)
