"""World 0: what a case starts from, layer upon layer.

From the lowest: the connectors' defaults, the routine's bindings, recorded reads, the firing's
payload, the world files, the case's own ``world:``. Defaults are filled in last, and so are the files that
the prompt tells the agent to follow, so that they stand where no layer says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from routine_harness.case.case import Case
from routine_harness.case.cloud_session import appended_texts, cloud_session
from routine_harness.case.servers import layers_of
from routine_harness.plain import Json, Record
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import Routine, Source
from routine_harness.trigger.event import Firing
from routine_harness.world.github.operations.world_layers import commit_files, lay_followed, settle_branches
from routine_harness.world.github.records.record_parts import COUNTED, payload_data
from routine_harness.world.github.settled_reads import settle_reads
from routine_harness.world.http import rewound
from routine_harness.world.state import World
from routine_harness.world.times import instant
from routine_harness.world.tool import Connector
from routine_harness.world.worldfile import complete_world, merge_data

_COUNTS: Final = frozenset(COUNTED.values())


def seed_world(
    routine: Routine,
    firing: Firing,
    case: Case,
    connectors: Mapping[str, Connector],
    edition: Edition | None = None,
    recorded: Sequence[Mapping[str, Json]] = (),
    *,
    base: World | None = None,
) -> World:
    """World 0 of ``case``, its clock at the firing; made on ``base``, where a world is handed over.

    ``recorded`` are records that recorded reads reveal, in the form of world files, the lowest
    first (see ``data_of_records``).

    Raises:
        SpecError: a layer does not hold together.
    """
    base = base or World()
    at = max(firing.at or _clock(case.worlds), base.clock)
    base = base.at(at) if edition is None else base.at(at).under(edition.session_rules(routine))
    world = seed_bindings(base, routine, connectors)
    if "github" in connectors:
        world = merge_data(_base(routine, firing, edition), connectors, world, at=at)
    recording = Source(", ".join(case.cassettes))
    for layer in recorded:
        world = merge_data(layer, connectors, world, at=at, source=recording)
    if recorded and "github" in connectors:
        world = settle_reads(world)
    world = _merge_payload(world, firing, connectors, at)
    for layer, source in layers_of(case):
        world = merge_data(layer, connectors, world, at=at, source=source)
    if "github" in connectors:
        world = lay_followed(world, routine.reads_files)
    return complete_world(world, connectors)


def reseed_world(
    world: World,
    firing: Firing,
    meanwhile: Mapping[str, Json],
    connectors: Mapping[str, Connector],
    source: Source | None = None,
    *,
    before: Firing | None = None,
) -> World:
    """World 1 as the second run finds it: with what its payload says and what others did.

    What the payload of ``before``, the first firing, said already is no news: since then the case's
    worlds, run 1 or both have said otherwise.

    Raises:
        SpecError: ``meanwhile`` does not hold together.
    """
    at = max(world.clock, firing.at)
    known = payload_data(before.event.payload) if before is not None else {}
    ended = world = rewound(world)
    world = _merge_payload(world, firing, connectors, at, known)
    world = merge_data(meanwhile, connectors, world, at=at, source=source)
    return _settled(ended, world, connectors)


def wake_world(
    world: World, firing: Firing, connectors: Mapping[str, Connector], known: Mapping[str, Json]
) -> World:
    """``world`` in the middle of a run, with what the payload of ``firing`` says that the payload ``known``
    does not."""
    at = max(world.clock, firing.at)
    changed = _merge_payload(world, firing, connectors, at, payload_data(known))
    return _settled(world, changed, connectors)


def _settled(before: World, world: World, connectors: Mapping[str, Connector]) -> World:
    """``world``, made of ``before``, with defaults filled in and its branches where its files say."""
    if "github" not in connectors:
        return complete_world(world, connectors)
    return settle_branches(before, complete_world(commit_files(before, world), connectors))


def data_of_records(rows: Iterable[tuple[str, Record]]) -> Record:
    """Records by full table name (``github.pulls``) in the form of a world file."""
    data: Record = {}
    for name, record in rows:
        connector, _, table = name.partition(".")
        data.setdefault(connector, {}).setdefault(table, []).append(record)
    return data


def _clock(worlds: Iterable[Mapping[str, Json]]) -> int:
    """The clock that the highest layer with one sets; for a firing without an instant."""
    clock = 0
    for layer in worlds:
        try:
            clock = instant(layer["clock"]) if "clock" in layer else clock
        except (TypeError, ValueError):
            continue  # reported with its place when the layer is merged
    return clock


def seed_bindings(world: World, routine: Routine, connectors: Mapping[str, Connector]) -> World:
    for grant in routine.connectors:
        connector = connectors.get(grant.connector)
        if connector is not None:
            for binding in grant.bindings:
                world = connector.seed_binding(world, binding)
    return world


def _base(routine: Routine, firing: Firing, edition: Edition | None) -> Record:
    """The routine's repositories, and what the tooling of the first run's session appends."""
    repositories = [
        {"full_name": one.full_name, **({"default_branch": one.branch} if one.branch else {})}
        for one in routine.repositories
        if one.host == "github"
    ]
    given = {}
    if edition is not None:
        given = appended_texts(edition, cloud_session(routine, firing, edition, 1))
    return {"github": {"repositories": repositories, **({"settings": given} if given else {})}}


def _merge_payload(
    world: World,
    firing: Firing,
    connectors: Mapping[str, Connector],
    at: int,
    known: Mapping[str, Json] | None = None,
) -> World:
    """``world`` with what the payload says that is not ``known``; None stands for a first firing.

    After that the world knows better how many files, commits and comments there are, because a case
    listed them or a run added some.
    """
    if firing.event.kind != "github" or "github" not in connectors:
        return world.at(at)
    source = Source(file=firing.event.source or "the payload")
    data = payload_data(firing.event.payload)
    if known is not None:
        data = {
            name: _uncounted(_news(world, connectors[name], tables, known.get(name, {})))
            for name, tables in data.items()
        }
    return merge_data(data, connectors, world, at=at, source=source)


def _news(
    world: World, connector: Connector, tables: Mapping[str, Json], known: Mapping[str, Json]
) -> Record:
    """Of ``tables`` the records that ``known`` has not, and the fields in which the others differ.

    A record that differs and is gone from ``world`` is there again, with all of its fields.
    """
    news: Record = {}
    for table, rows in tables.items():
        keys = connector.tables[table]
        for row in rows:
            same = _same_record(row, known.get(table, ()), keys)
            differing = _fields_that_differ(row, same, keys)
            if same and differing.keys() <= set(keys):
                continue
            there = world.get(f"{connector.name}.{table}", tuple(row.get(key) for key in keys)) is not None
            news.setdefault(table, []).append(differing if there else row)
    return news


def _same_record(row: Record, rows: Iterable[Record], keys: Sequence[str]) -> Record:
    """The record of ``rows`` with the keys of ``row``; an empty one if there is none."""
    return next((other for other in rows if all(other.get(key) == row.get(key) for key in keys)), {})


def _fields_that_differ(row: Record, other: Record, keys: Sequence[str]) -> Record:
    return {
        name: value
        for name, value in row.items()
        if name in keys or name not in other or other[name] != value
    }


def _uncounted(tables: Mapping[str, Json]) -> Record:
    return {
        table: [{key: value for key, value in row.items() if key not in _COUNTS} for row in rows]
        if table in ("pulls", "issues")
        else rows
        for table, rows in tables.items()
    }
