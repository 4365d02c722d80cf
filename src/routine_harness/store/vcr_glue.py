"""vcrpy's patches of HTTP clients, answered by ``HttpReplay`` instead of vcrpy's own list.

Imported only where an agent speaks HTTP; knows the interface that vcrpy's stubs use and no more.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vcr.cassette import Cassette
from vcr.patch import CassettePatcherBuilder
from vcr.record_mode import RecordMode

from routine_harness.store.interactions import Headers

if TYPE_CHECKING:
    from routine_harness.store.http_replay import HttpReplay


class _Cassette(Cassette):  # type: ignore[misc]  # vcrpy has no types
    """What vcrpy's stubs ask of a cassette; every question goes to the replay."""

    def __init__(self, replay: HttpReplay) -> None:
        super().__init__("routine-harness", record_mode=RecordMode.NEW_EPISODES)
        self._replay = replay

    def can_play_response_for(self, request: Any) -> bool:
        return self._replay.knows(request.method, request.uri, request.body)

    def play_response(self, request: Any) -> dict[str, Any]:
        found = self._replay.answer(request.method, request.uri, request.body)
        headers = {name: list(values) for name, values in found.headers.items()}
        return {
            "status": {"code": found.status, "message": found.reason},
            "headers": _without_chunks(headers),
            "body": {"string": found.body},
        }

    def append(self, request: Any, response: dict[str, Any]) -> None:
        headers = {name: [value] for name, value in request.headers.items()}
        self._replay.record(request.method, request.uri, request.body, headers, response)


def _without_chunks(headers: Headers) -> Headers:
    return {name: values for name, values in headers.items() if name.lower() != "transfer-encoding"}


@contextlib.contextmanager
def patched_clients(replay: HttpReplay) -> Iterator[None]:
    """Clients that vcrpy knows are answered by ``replay``."""
    with contextlib.ExitStack() as stack:
        for patcher in CassettePatcherBuilder(_Cassette(replay)).build():
            stack.enter_context(patcher)
        yield
