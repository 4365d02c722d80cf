"""The guard in a live run: the same decisions, asked for by a hook inside the sandbox."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from routine_harness.case.plan import Setting
from routine_harness.guard.checkout import Checkout, read_text
from routine_harness.guard.frozen import Guarded, freeze
from routine_harness.guard.guard_decision import Guard
from routine_harness.guard.hook import arguments_of, denial, has_failed
from routine_harness.plain import Json
from routine_harness.world.effect import Effect


def guard_for(
    setting: Setting, own_servers: Collection[str], clones: Sequence[tuple[str, Path]]
) -> LiveGuard:
    """The guard that holds for a case; see ``live.client.hooks.Guard``."""
    frozen = freeze([Guarded(setting.routine, setting.policy)])
    return LiveGuard(Guard(frozen.held, setting.registry.with_own_servers(own_servers)), clones)


class LiveGuard:
    """Answers the hooks of one run and keeps count of its effects."""

    def __init__(self, guard: Guard, clones: Sequence[tuple[str, Path]]) -> None:
        self._guard = guard
        self._clones = [(Path(inside), here.resolve()) for inside, here in clones]
        self._effects: dict[str, tuple[Effect, ...]] = {}
        self._lock = threading.Lock()

    def __call__(self, event: Mapping[str, Json]) -> bytes:
        """What the hook says to the client about one event."""
        with self._lock:
            kind, call = event["hook_event_name"], str(event.get("tool_use_id"))
            if kind == "PreToolUse":
                return self._before(event, call)
            if has_failed(event):
                self._effects.pop(call, None)
        return b""

    def _before(self, event: Mapping[str, Json], call: str) -> bytes:
        where = Path(str(event.get("cwd") or "/"))
        root = next((clone for clone, _ in self._clones if where.is_relative_to(clone)), where)
        checkout = Checkout(root, where, root.parent, self._read)
        earlier = [effect for effects in self._effects.values() for effect in effects]
        decision = self._guard.decide(str(event["tool_name"]), arguments_of(event), checkout, earlier)
        if not decision.denied:
            self._effects[call] = decision.effects
        return denial(decision)

    def _read(self, path: Path) -> str | None:
        """The text of a file of a clone; nothing outside of it, wherever a link leads."""
        for inside, here in self._clones:
            if path.is_relative_to(inside):
                real = (here / path.relative_to(inside)).resolve()
                return read_text(real) if real.is_relative_to(here) else None
        return None
