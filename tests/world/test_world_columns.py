"""Every column that the operations read or write is in the table of columns; a file may say no other."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from world.contract import Factory
from world.contract_documents import drive, notion, sentry
from world.contract_github import github
from world.contract_gmail import gmail
from world.contract_slack_linear import linear, slack

from routine_harness.errors import SpecError
from routine_harness.routine.document import load_document
from routine_harness.routine.spec import Source
from routine_harness.store.worlds import load_world
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.records.record_parts import payload_data
from routine_harness.world.layer_problems import check_layer
from routine_harness.world.registry import SIMULATED, Registry
from routine_harness.world.state import World
from routine_harness.world.table_columns import Columns
from routine_harness.world.worldfile import world_from_data, world_to_data

WEBHOOKS = Path(__file__).parents[2] / "fixtures" / "webhooks"
FACTORIES = (github, slack, linear, drive, notion, sentry, gmail)


ASKED_OF_EITHER = {
    "github.comments: title",  # a search by words looks at what an item, or a comment on one, says
    "github.issues: head",  # how the search tells a pull request from an issue
    "sentry.issues: message",  # a query's words are looked for in issues and in events
    "sentry.teams: platform",  # teams and projects are listed by one function
}
"""Columns of one table that code asks of the rows of another one, too, and that those never have."""


class Watched(dict[str, Any]):
    """A row that notes which of its columns are asked for."""

    def __init__(self, row: dict[str, Any], asked: set[str]) -> None:
        super().__init__(row)
        self._asked = asked

    def get(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self._asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._asked.add(str(key))
        return super().__contains__(key)


def watched(world: World) -> tuple[World, dict[str, set[str]]]:
    """``world`` with rows that note what is asked of them, by the full name of their table."""
    asked: dict[str, set[str]] = defaultdict(set)
    for name, table in world.tables.items():
        rows = [(key, Watched(row, asked[name])) for key, row in table.items()]
        world = world.with_table(name, table.update(rows))
    return world, asked


def unlisted(columns: Columns, name: str, found: set[str]) -> set[str]:
    table = name.partition(".")[2]
    return {f"{name}: {column}" for column in found if not columns.has(table, column)}


@pytest.mark.parametrize("factory", FACTORIES, ids=lambda factory: factory.__name__)
def test_no_operation_reads_or_writes_another_column(factory: Factory) -> None:
    """The contract's calls in a world that watches: every column is in the connector's table."""
    subject = factory()
    columns = subject.connector.columns  # type: ignore[attr-defined]
    assert set(columns.by_table) == set(subject.connector.tables)
    world, asked = watched(subject.world)
    wrong: set[str] = set()
    for name, table in world.tables.items():
        wrong |= unlisted(columns, name, {column for row in table for column in dict.keys(row)})
    for found in asked.values():  # what making the world asked for
        found.clear()
    seen = 0
    for tool, examples in subject.examples.items():
        for arguments in examples:
            after = subject.call(tool, arguments, world).world
            for name, table in after.tables.items():
                written = [row for row in table if not isinstance(row, Watched)]
                seen += len(written)
                wrong |= unlisted(columns, name, {column for row in written for column in row})
    for name, found in asked.items():
        wrong |= unlisted(columns, name, found) - ASKED_OF_EITHER
    assert seen > 5, "nothing was written"
    assert sum(map(len, asked.values())) > 8, "nothing was read"
    assert not wrong


def test_an_unlisted_column_would_be_seen() -> None:
    """The watching world notes reads by get, by key and by membership."""
    world, asked = watched(world_from_data({"slack": {"users": [{"id": "U1", "name": "a"}]}}, {}))
    [row] = world.table("slack.users")
    assert (row.get("x"), "y" in row, row["id"]) == (None, False, "U1")
    assert asked == {"slack.users": {"x", "y", "id"}}
    columns = Registry().get("slack").columns  # type: ignore[union-attr]
    assert unlisted(columns, "slack.users", asked["slack.users"]) == {"slack.users: x", "slack.users: y"}


def test_what_webhooks_bring_may_be_typed() -> None:
    """Records pasted from a payload, and the world that they make, say no column that a file may not."""
    paths = sorted(WEBHOOKS.glob("*.json"))
    assert paths
    for path in paths:
        data = payload_data(json.loads(path.read_text()))
        connectors = {"github": CONNECTOR}
        for world in (data, world_to_data(world_from_data(data, connectors))):
            assert check_layer(world, Registry(), Source(path.name)) == []


WRONG = """\
github:
  repositories:
    - full_name: acme/core
      descripton: x
      labels: [{name: bug, colour: ff0000}]
  pulls:
    - repository: acme/core
      number: 1
      titel: x
      comments:
        - {user: alice, bdy: hm}
  isues: []
slack:
  messages:
    - {channel: ops, user: U1, txt: hi}
remove:
  github:
    issues: [{repository: acme/core, nmber: 3}]
linaer:
  issues: []
"""


def test_every_wrong_column_is_named_with_its_line(tmp_path: Path) -> None:
    """File, line and the nearest name, for all of them at once."""
    path = tmp_path / "w.yaml"
    path.write_text(WRONG)
    with pytest.raises(SpecError) as raised:
        load_world(path)
    said = {(one.line, one.message, one.hint) for one in raised.value.problems}
    assert {
        (4, "github.repositories has no column 'descripton'", "did you mean description?"),
        (5, "github.repositories.labels has no column 'colour'", "did you mean color?"),
        (9, "github.pulls has no column 'titel'", "did you mean title?"),
        (11, "github.pulls.comments has no column 'bdy'", "did you mean body?"),
        (12, "github has no table 'isues'", "did you mean issues?"),
        (15, "slack.messages has no column 'txt'", "did you mean text?"),
        (18, "github.issues has no column 'nmber'", "did you mean number?"),
        (19, "a world has no key 'linaer'", "did you mean linear?"),
    } <= said


def test_another_connector_s_records_are_its_own_business() -> None:
    """A connector that nobody models, or that the world declares, may hold anything."""
    world = {
        "pagerduty": {"tools": [{"name": "list_incidents"}], "incidents": [{"id": 1, "anything": 2}]},
        "statuspage": {"incidents": [{"id": 1, "anything": 2}]},
        "slacker": {"tools": [{"name": "x"}]},
    }
    assert check_layer(world, Registry(), Source("w.yaml")) == []


def test_every_simulated_connector_lists_its_columns() -> None:
    """No table of a simulated connector is without columns, and its key is among them."""
    registry = Registry()
    for name in SIMULATED:
        connector = registry.get(name)
        assert connector is not None
        columns = connector.columns  # type: ignore[attr-defined]
        declares = getattr(connector, "declares", ())
        for table, keys in connector.tables.items():
            if table in declares:  # no rows: what a world's section may declare
                continue
            assert columns.by_table[table], (name, table)
            assert set(keys) <= set(columns.by_table[table]), (name, table)
        for table, nested in columns.nested.items():
            assert set(nested.values()) <= set(columns.by_table), table


PAGES = """\
slack:
  messages: [{channel: ops, user: U1, text: hi, ts: -90min}]
github:
  issues: [{repository: acme/core, number: 1, created_at: "-2 d", closed_at: -1d}]
http:
  - {url: "https://a.example/x", stauts: 200, body: ok}
  - {url: "https://a.example/y", method: GTE, status: 20}
  - {url: "https://a.example/z", headers: [etag], answers: [{status: 200}, {url: x, body: y}]}
"""
ADDRESSES = """\
http:
  "FETCH https://a.example/x": ok
  "https://a.example/y": {up: true}
  "https://a.example/z": {body: {up: true}, status: 503, headers: {retry-after: 5}}
"""


def test_answers_and_times_are_checked() -> None:
    """Keys of answers, methods, states, relative times: each wrong one with line and what to write."""
    found = set()
    for text in (PAGES, ADDRESSES):
        document = load_document(text.encode(), "w.yaml")
        problems = check_layer(document.value, Registry(), document.source)
        found |= {(one.line, f"{one.message} | {one.hint}") for one in problems}
    wanted = [
        (2, "expected ts to be a time, found '-90min' | write -90m"),
        (4, "expected created_at to be a time, found '-2 d'"),
        (6, "an answer has no key 'stauts' | did you mean status?"),
        (7, "there is no HTTP method 'GTE' | did you mean GET?"),
        (7, "expected an HTTP status, found the number 20"),
        (8, "expected headers as a mapping, found a list"),
        (8, "an answer has no key 'url'"),
        (2, "there is no HTTP method 'FETCH' | did you mean PATCH?"),
        (3, "an answer has no key 'up'"),
    ]
    for line, words in wanted:
        assert any(at == line and words in text for at, text in found), (line, words, found)
    assert len(found) == len(wanted)
