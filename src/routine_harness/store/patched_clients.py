"""vcrpy's patches of HTTP clients, answered by a player instead of vcrpy's own list.

Imported only where an agent speaks HTTP. It uses the interface of vcrpy's stubs and nothing else of vcrpy.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from vcr.cassette import Cassette
from vcr.patch import CassettePatcherBuilder
from vcr.record_mode import RecordMode

from routine_harness.plain import Json, Record
from routine_harness.store.interactions import Headers, Interaction


class Player(Protocol):
    """Who answers the patched clients; ``store.http_replay`` has the one that plays cassettes."""

    def knows(self, method: str, url: str, body: Json) -> bool:
        """Whether ``answer`` answers the request; else it is sent out, and ``record`` gets the response."""

    def answer(self, method: str, url: str, body: Json) -> Interaction:
        """The recorded answer."""

    def record(
        self, method: str, url: str, body: Json, headers: Headers, response: Mapping[str, Json]
    ) -> None:
        """Keep a live response."""


class _Cassette(Cassette):  # type: ignore[misc]  # vcrpy has no types
    """What vcrpy's stubs ask of a cassette; the player answers every question."""

    def __init__(self, player: Player) -> None:
        super().__init__("routine-harness", record_mode=RecordMode.NEW_EPISODES)
        self._player = player

    def can_play_response_for(self, request: Json) -> bool:
        return self._player.knows(request.method, request.uri, request.body)

    def play_response(self, request: Json) -> Record:
        found = self._player.answer(request.method, request.uri, request.body)
        # The body is whole: a client that read "chunked" would look for chunks in it.
        headers = {
            name: list(values)
            for name, values in found.headers.items()
            if name.lower() != "transfer-encoding"
        }
        return {
            "status": {"code": found.status, "message": found.reason},
            "headers": headers,
            "body": {"string": found.body},
        }

    def append(self, request: Json, response: Record) -> None:
        headers = {name: [value] for name, value in request.headers.items()}
        self._player.record(request.method, request.uri, request.body, headers, response)


@contextlib.contextmanager
def patched_clients(player: Player) -> Iterator[None]:
    """Clients that vcrpy knows are answered by ``player``."""
    with contextlib.ExitStack() as stack:
        for patcher in CassettePatcherBuilder(_Cassette(player)).build():
            stack.enter_context(patcher)
        yield
