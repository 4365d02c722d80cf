"""A cassette as it is played: canonical key → queue, both sides accounted for.

The policy for repeated calls: the answers to one request are given in recorded order, each once;
after the last of them a read gets that last answer again, since nothing has changed, and a write
finds nothing, since it was recorded that often and not more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import parse_qsl, unquote

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.network import split_url
from routine_harness.store.cassettes import parse_cassette, read_cassette
from routine_harness.store.files import shown
from routine_harness.store.indexed import is_indexed, read_indexed
from routine_harness.store.interactions import Interaction, canonical_body, reads, request_key, server_of

NEAREST: Final = 3


class CassetteIndex:
    """The state of playing one cassette.

    ``keys`` are those of its interactions in order, ``interaction`` gives one by number (from 0).
    """

    __slots__ = ("_at", "_interaction", "_keys", "_played", "_queues", "file")

    def __init__(
        self, keys: Sequence[str], interaction: Callable[[int], Interaction], file: str = ""
    ) -> None:
        self.file = file
        self._keys = keys
        self._interaction = interaction
        self._queues: dict[str, list[int]] = {}
        for number, key in enumerate(keys):
            self._queues.setdefault(key, []).append(number)
        self._at: dict[str, int] = {}
        self._played: set[int] = set()

    def __len__(self) -> int:
        return len(self._keys)

    def answer(self, method: str, url: str, body: bytes | str | None = None) -> Interaction | None:
        """The recorded answer to a request, which then counts as played; None where there is none."""
        key = request_key(method, url, body)
        queue = self._queues.get(key)
        if queue is None:
            return None
        at = self._at.get(key, 0)
        if at >= len(queue):
            if not reads(method, _raw(body)):
                return None
            at = len(queue) - 1
        self._at[key] = at + 1
        self._played.add(queue[at])
        return self._interaction(queue[at])

    def holds(self, method: str, url: str, body: bytes | str | None = None) -> bool:
        """Whether ``answer`` would find one."""
        key = request_key(method, url, body)
        queue = self._queues.get(key, ())
        return bool(queue) and (reads(method, _raw(body)) or self._at.get(key, 0) < len(queue))

    def rewind(self) -> None:
        """Everything can be played again."""
        self._at.clear()
        self._played.clear()

    def unplayed(self) -> tuple[Interaction, ...]:
        """The interactions that no request has asked for, in recorded order."""
        return tuple(
            self._interaction(number) for number in range(len(self._keys)) if number not in self._played
        )

    def explain(self, method: str, url: str, body: bytes | str | None = None) -> tuple[str, ...]:
        """Why nothing answers: the nearest recorded requests, a line each, with what drifted."""
        key = request_key(method, url, body)
        if key in self._queues:
            number = len(self._queues[key])
            return (f"{_head(key)} was recorded {number} times and has been asked for once more",)
        ranked = sorted(self._queues, key=lambda other: (-_likeness(key, other), self._queues[other][0]))
        best = _likeness(key, ranked[0]) if ranked else 0
        near = [other for other in ranked[:NEAREST] if _likeness(key, other) > max(0, best - 50)]
        return tuple(self._drift(method, url, body, other) for other in near)

    def _drift(self, method: str, url: str, body: bytes | str | None, other: str) -> str:
        number = self._queues[other][0]
        recorded = self._interaction(number)
        place = f"{self.file}:{recorded.line}: " if recorded.line else ""
        drifted = differences(method, url, body, recorded)
        return f"{place}{recorded.method} {recorded.url}: {'; '.join(drifted) or 'nothing differs'}"


def open_cassette(path: str | os.PathLike[str], name: str = "") -> CassetteIndex:
    """The cassette at ``path``, ready to be played; ours is decoded only as far as it is asked for.

    Raises:
        RecordingError: it cannot be read.
    """
    file = name or shown(path)
    return index_cassette(read_cassette(path, file), file)


def index_cassette(data: bytes, file: str) -> CassetteIndex:
    """The same for the cassette's content."""
    if is_indexed(data):
        indexed = read_indexed(data, file)
        return CassetteIndex(indexed.keys, indexed.interaction, file)
    return index_interactions(parse_cassette(data, file), file)


def index_interactions(interactions: Sequence[Interaction], file: str = "") -> CassetteIndex:
    """The same for interactions."""
    return CassetteIndex([each.key for each in interactions], interactions.__getitem__, file)


def _raw(body: bytes | str | None) -> bytes:
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body or b""


def _head(key: str) -> str:
    method, address, *_ = key.split(" ")
    return f"{method} {address}"


def _likeness(left: str, right: str) -> int:
    """How near two keys are: server, path, method and query, in that order."""
    left_method, left_place, left_query, left_body = _parts(left)
    right_method, right_place, right_query, right_body = _parts(right)
    same = left_place.partition("/")[0] == right_place.partition("/")[0]
    if not same:
        return 0
    shared = sum(a == b for a, b in zip(left_place.split("/"), right_place.split("/"), strict=False))
    return (
        100 * (left_place == right_place)
        + 10 * (left_method == right_method)
        + 3 * (left_query == right_query)
        + 2 * (left_body == right_body)
        + min(shared, 9)
    )


def _parts(key: str) -> tuple[str, str, str, str]:
    method, _, rest = key.partition(" ")
    address, _, body = rest.rpartition(" ") if " " in rest else (rest, "", "")
    place, _, query = address.partition("?")
    return method, place, query, body


def differences(method: str, url: str, body: bytes | str | None, recorded: Interaction) -> list[str]:
    """What drifted between a request and a recorded one, argument by argument."""
    found = []
    if method.upper() != recorded.method:
        found.append(f"method is {method.upper()}, recorded {recorded.method}")
    if server_of(url) != server_of(recorded.url):
        found.append(f"server is {server_of(url)}, recorded {server_of(recorded.url)}")
    here, there = split_url(url), split_url(recorded.url)
    if unquote(here.path) != unquote(there.path):
        found.append(f"path is {here.path}, recorded {there.path}")
    found += _compared("query", _pairs(here.query), _pairs(there.query))
    return found + _bodies(canonical_body(body), canonical_body(recorded.request_body))


def _pairs(query: str) -> Record:
    pairs: Record = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        pairs[name] = f"{pairs[name]},{value}" if name in pairs else value
    return pairs


def _compared(what: str, here: Record, there: Record) -> list[str]:
    return [
        f"{what} {name} is {_short(here.get(name))}, recorded {_short(there.get(name))}"
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    ]


def _bodies(here: bytes, there: bytes) -> list[str]:
    if here == there:
        return []
    left, right = _object(here), _object(there)
    if left is not None and right is not None:
        return _compared("body", left, right)
    shown_here, shown_there = (_short(body.decode("utf-8", "replace")) for body in (here, there))
    return [f"body is {shown_here}, recorded {shown_there}"]


def _object(body: bytes) -> Record | None:
    try:
        value = msgspec.json.decode(body) if body else {}
    except NOT_JSON:
        return None
    return _flat(value) if isinstance(value, dict) else None


def _flat(value: Record, prefix: str = "") -> Record:
    """Nested names as one, so that a message names the argument: ``params.a``."""
    flat: Record = {}
    for name, held in value.items():
        if isinstance(held, dict) and held:
            flat |= _flat(held, f"{prefix}{name}.")
        else:
            flat[prefix + name] = held
    return flat


def _short(value: Json) -> str:
    text = "absent" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
