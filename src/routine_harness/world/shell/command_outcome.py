"""Acts of a shell command done to a world in their order: alone, as a ``gh`` command, as a transfer."""

from __future__ import annotations

import msgspec

from routine_harness.world.github.faces import API
from routine_harness.world.github.rest.rest_answers import reply_to
from routine_harness.world.github.tools.tool_calls import asked_directly
from routine_harness.world.shell.act_effects import act_call
from routine_harness.world.shell.act_outcome import Carried, as_spelt
from routine_harness.world.shell.acts import GH_FAILED, Act
from routine_harness.world.shell.gh_outcome import carry_gh
from routine_harness.world.shell.transfer import Transfer
from routine_harness.world.shell.transfer_outcome import carry_transfer
from routine_harness.world.tool import Outcome


class Carrying(Carried):
    """Does acts to a world; those that were done before are not done again."""

    _done = 0

    def carry(self, acts: list[Act]) -> str | None:
        """Do the acts that are not done yet; what the last of them printed on standard output, if that
        is known."""
        printed: str | None = None
        while self._done < len(acts):
            act = acts[self._done]
            plan = act.plan
            if plan is None:
                outcome = self.apply(act)
                self._done += 1
                text = _sent(act, outcome)
                if act.kind == GH_FAILED:
                    self.note("", text, failed=True)
                    printed = ""
                    continue
                if not _refused_by_gh(acts, self._done):
                    self.note(text, failed=outcome.result.is_error)
                printed = None if outcome.incomplete else text
                continue
            if isinstance(plan, Transfer):
                printed = carry_transfer(self, plan, act)
                self._done += 1
                continue
            size = sum(1 for other in acts[self._done :] if other.plan is plan)
            printed = carry_gh(self, plan, acts[self._done : self._done + size])
            self._done += size
        return printed


def _refused_by_gh(acts: list[Act], place: int) -> bool:
    """Whether gh refuses the command whose act stands before ``place``: then it has not run."""
    return place < len(acts) and acts[place].kind == GH_FAILED


def _sent(act: Act, outcome: Outcome) -> str:
    """What the service sent: a body of GitHub's REST interface, where the request was one."""
    if act.server != API or outcome.found is None:
        return outcome.result.text
    call = act_call(act)
    [step] = asked_directly(msgspec.structs.replace(call, arguments=as_spelt(call.arguments)))
    return reply_to(step, outcome).data.decode(errors="replace")
