"""The log of a guarded session: one line a hook, from which a production run is judged afterwards.

It is locked while a decision is made, because calls of one session may come at once and are counted.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final, Self

import msgspec

from routine_harness.guard.guard_decision import Decision
from routine_harness.interop.sessions.audit import FORMAT, VERSION, Entry
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.world.effect import Effect

MOST_FIELD: Final = 200
KEPT_TEXT: Final = 20_000
"""Characters of a result that the log keeps."""
_GIVEN: Final = {"session": "session_id", "cwd": "cwd", "id": "tool_use_id"}
_ENCODE: Final = msgspec.json.Encoder().encode
_DECODE: Final = msgspec.json.Decoder(Entry).decode


class Log:
    """The log of one session in ``folder``; open and locked between ``with`` and its end."""

    def __init__(self, folder: Path, event: Mapping[str, Json]) -> None:
        session = "".join(char for char in str(event.get("session_id")) if char.isalnum() or char in "-_")
        self._path = folder / f"{session or 'session'}.jsonl"
        self._event = event
        self._file: IO[bytes]

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a+b")
        try:
            import fcntl

            fcntl.flock(self._file, fcntl.LOCK_EX)
        except ImportError:  # Windows has no such lock; its sessions are not the cloud's
            pass
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def effects(self) -> list[Effect]:
        """The effects of the session so far; a call that was denied or failed had none."""
        self._file.seek(0)
        held: dict[str, tuple[Effect, ...]] = {}
        for line in self._file:
            try:
                entry = _DECODE(line)
            except NOT_JSON:
                continue  # a line that a full disk cut off
            if entry.event == "call" and entry.decision == "allow":
                held[entry.id] = entry.effects
            elif entry.event == "result" and entry.is_error:
                held.pop(entry.id, None)
        return [effect for effects in held.values() for effect in effects]

    def decided(self, arguments: Record, decision: Decision) -> None:
        """Note a call and what was decided about it."""
        self._write(
            "call",
            tool=str(self._event.get("tool_name")),
            arguments=arguments,
            decision="deny" if decision.denied else "allow",
            code=decision.finding.code if decision.finding is not None else "",
            reason=decision.reason,
            effects=tuple(map(_brief, decision.effects)),
            opaque=decision.opaque,
        )

    def answered(self, text: str, *, failed: bool) -> None:
        """Note what a call was answered."""
        self._write("result", text=text[:KEPT_TEXT], is_error=failed)

    def ended(self, text: str) -> None:
        """Note the closing message."""
        self._write("end", text=text)

    def _write(self, event: str, **fields: Json) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        fields |= {name: str(self._event.get(key) or "") for name, key in _GIVEN.items()}
        entry = Entry(FORMAT, VERSION, event, time=now, **fields)
        self._file.seek(0, 2)
        self._file.write(_ENCODE(entry) + b"\n")
        self._file.flush()


def _brief(effect: Effect) -> Effect:
    """An effect without its longer texts, which stand in the call's own arguments."""
    plain = {key: value for key, value in effect.fields.items() if type(value) in (int, bool, str)}
    short = {key: value for key, value in plain.items() if len(str(value)) < MOST_FIELD}
    return msgspec.structs.replace(effect, fields=short)
