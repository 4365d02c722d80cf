"""Declared connectors that remember: rows are made, listed, shown, changed and removed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world.contract_others import CLOCK, PAGERDUTY, connector_of

from routine_harness.errors import SpecError
from routine_harness.routine.spec import Source
from routine_harness.world.declared.connector import DeclaredConnector, packaged_connector
from routine_harness.world.declared.layers import with_declared
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.registry import Registry
from routine_harness.world.reveals import revealed_records
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult
from routine_harness.world.worldfile import world_from_data, world_to_data

ISSUE: dict[str, Any] = {
    "tables": {"incidents": {"key": "id", "new": {"id": "INC-{n}", "status": "open"}}},
    "tools": [
        {
            "name": "create_incident",
            "creates": "incidents",
            "effect": "ticket.created",
            "fields": {"title": "title", "body": "details"},
            "answer": ["id", "status"],
        },
        {
            "name": "list_incidents",
            "lists": "incidents",
            "filter_by": ["status", "service"],
            "page": {"limit": 25, "cursor": "next"},
        },
        {"name": "get_incident", "gets": "incidents", "missing": {"error": "Incident not found"}},
        {
            "name": "resolve_incident",
            "updates": "incidents",
            "set": {"status": "resolved"},
            "effect": "ticket.updated",
        },
    ],
}


class Talk:
    """Calls of one connector, each on the world that the last one left."""

    def __init__(self, connector: DeclaredConnector, world: World | None = None) -> None:
        self.connector = connector
        self.world = world or World(clock=CLOCK)

    def call(self, tool: str, **arguments: Any) -> Outcome:
        outcome = self.connector.call(self.world, ToolCall(self.connector.name, tool, arguments))
        self.world = outcome.world
        return outcome

    def json(self, tool: str, **arguments: Any) -> Any:
        return self.call(tool, **arguments).result.json()


def test_the_declaration_of_the_issue_remembers() -> None:
    """What was created is listed, shown and changed by later calls, under its own number."""
    talk = Talk(connector_of("pagerduty", ISSUE))
    assert talk.json("create_incident", title="Down", details="all of it") == {
        "id": "INC-1",
        "status": "open",
    }
    assert talk.json("create_incident", title="Slow") == {"id": "INC-2", "status": "open"}
    assert talk.json("list_incidents", status="open") == {
        "incidents": [
            {"id": "INC-1", "status": "open", "title": "Down", "body": "all of it"},
            {"id": "INC-2", "status": "open", "title": "Slow"},
        ],
        "next": None,
    }
    assert talk.json("resolve_incident", id="INC-1")["status"] == "resolved"
    assert [row["id"] for row in talk.json("list_incidents", status="open")["incidents"]] == ["INC-2"]
    assert talk.json("get_incident", id="INC-1")["body"] == "all of it"
    refused = talk.call("get_incident", id="INC-9").result
    assert (refused.is_error, refused.text) == (True, "Incident not found")


def test_effects_are_those_of_a_model() -> None:
    """A write is its effect with the fields by name; one that changes nothing is unchanged, one that is
    refused had none; the effect table names it without a world."""
    talk = Talk(connector_of("pagerduty", ISSUE))
    [made] = talk.call("create_incident", title="Down", details="all of it").effects
    assert (made.kind, made.target, made.outcome) == ("ticket.created", "INC-1", "applied")
    assert made.fields == {"title": "Down", "body": "all of it", "id": "INC-1"}
    outcomes = [talk.call("resolve_incident", id=key).effects[0] for key in ("INC-1", "INC-1", "INC-7")]
    assert [effect.outcome for effect in outcomes] == ["applied", "unchanged", "refused"]
    assert (outcomes[0].fields["id"], outcomes[0].fields["title"]) == ("INC-1", "Down")
    registry = with_declared(Registry(), [({"pagerduty": ISSUE}, Source(file=""))])
    call = registry.tool_call("mcp__PagerDuty__create_incident", {"title": "Down", "details": "x"})
    [attempted] = attempted_effects(call, registry)
    assert (attempted.kind, attempted.fields) == ("ticket.created", {"title": "Down", "body": "x"})


def test_an_effect_may_name_its_columns() -> None:
    """A column that the effect calls otherwise is found under the effect's own word, set values too."""
    tools = [
        {
            "name": "close",
            "updates": "incidents",
            "fields": {"id": "incident.id"},
            "set": {"status": "closed"},
            "effect": {"kind": "ticket.updated", "fields": {"state": "status"}},
        }
    ]
    connector = connector_of("pager", {**ISSUE, "tools": tools})
    world = connector.seed_record(World(), "incidents", {"id": "INC-4"})
    call = ToolCall("pager", "close", {"incident": {"id": "INC-4"}})
    [attempted] = attempted_effects(call, Registry([connector]))
    assert (attempted.fields, attempted.target) == ({"id": "INC-4", "state": "closed"}, "INC-4")
    [done] = connector.call(world, call).effects
    assert (done.fields, done.outcome) == ({"id": "INC-4", "state": "closed"}, "applied")


def test_lists_are_cut_into_pages() -> None:
    """A page holds as many rows as declared, or as asked; its next leads on; another one is refused."""
    page = {"limit": 2, "cursor": "after", "size": "first"}
    tools = [{"name": "list", "lists": "incidents", "page": page}]
    connector = connector_of("pager", {**ISSUE, "tools": tools})
    rows = [{"id": f"INC-{number}"} for number in range(1, 6)]
    talk = Talk(connector, world_from_data({"pager": {"incidents": rows}}, {"pager": connector}))
    seen, cursor = [], None
    while True:
        answer = talk.json("list", **({"after": cursor} if cursor else {}))
        seen.append([row["id"] for row in answer["incidents"]])
        cursor = answer["next"]
        if cursor is None:
            break
    assert seen == [["INC-1", "INC-2"], ["INC-3", "INC-4"], ["INC-5"]]
    assert [row["id"] for row in talk.json("list", first=1)["incidents"]] == ["INC-1"]
    for wrong in ("soon", "99", "-1"):
        refused = talk.call("list", after=wrong).result
        assert refused.is_error
        assert wrong in refused.text


def test_answers_are_templates() -> None:
    """A list of one mapping stands for each row; rows, next and total are there beside the columns."""
    tools = [
        {
            "name": "search",
            "lists": "incidents",
            "page": {"limit": 1, "cursor": "page"},
            "answer": {
                "issues": [{"key": "{id}", "fields": {"state": "{status}"}}],
                "next": "{next}",
                "of": "{total}",
            },
        },
        {"name": "say", "gets": "incidents", "answer": "{id} is {status}"},
        {"name": "all", "lists": "incidents", "answer": [{"key": "{id}"}]},
    ]  # fmt: skip
    talk = Talk(connector_of("pager", {**ISSUE, "tools": tools}))
    for key in ("A", "B"):
        talk.world = talk.connector.seed_record(talk.world, "incidents", {"id": key})
    first = {"key": "A", "fields": {"state": "open"}}
    assert talk.json("search") == {"issues": [first], "next": "1", "of": 2}
    assert talk.call("say", id="B").result.text == "B is open"
    assert talk.json("all") == [{"key": "A"}, {"key": "B"}]


def test_what_selects_rows_is_said() -> None:
    """An argument called as a column selects by it, in lists and among several too; one of which nobody
    knows what it selects makes the answer incomplete, unless the declaration ignores it."""
    tools = [{"name": "list", "lists": "incidents", "ignores": ["order"]}]
    connector = connector_of("pager", {**ISSUE, "tools": tools})
    rows = [{"id": "1", "tags": ["a", "b"]}, {"id": "2", "tags": ["b"]}, {"id": "3", "number": 3}]
    world = world_from_data({"pager": {"incidents": rows}}, {"pager": connector})
    talk = Talk(connector, world)
    for arguments, found in (
        ({"tags": "a"}, ["1"]),
        ({"tags": ["b"]}, ["1", "2"]),
        ({"id": ["1", "3"]}, ["1", "3"]),
        ({"number": "3"}, ["3"]),
        ({"status": "closed"}, []),
        ({"order": "desc"}, ["1", "2", "3"]),
    ):
        outcome = talk.call("list", **arguments)
        assert [row["id"] for row in outcome.result.json()["incidents"]] == found
        assert not outcome.incomplete
    assert "query" in talk.call("list", query="down").incomplete


def test_new_rows_take_no_number_that_is_there() -> None:
    """A counted key skips rows of the world file; a row without a key gets one; a taken key is refused."""
    connector = connector_of("pagerduty", ISSUE)
    data = {"pagerduty": {"incidents": [{"id": "INC-1", "title": "Old"}, {"title": "Other"}]}}
    talk = Talk(connector, world_from_data(data, {"pagerduty": connector}))
    assert talk.json("create_incident", title="New")["id"] == "INC-3"
    assert talk.call("create_incident", id="INC-1").result.is_error
    keyless = connector_of(
        "notes", {"tables": {"notes": None}, "tools": [{"name": "add", "creates": "notes"}]}
    )
    talk = Talk(keyless)
    assert [talk.json("add", text=text)["id"] for text in "ab"] == ["1", "2"]


def test_a_key_is_made_of_what_a_row_says() -> None:
    """A key may hold another column; without that there is no key, and a row that has one takes no number."""
    table = {"key": "key", "new": {"key": "{project}-{n}", "number": "{n}"}}
    connector = connector_of(
        "tracker", {"tables": {"tasks": table}, "tools": [{"name": "add", "creates": "tasks"}]}
    )
    talk = Talk(connector)
    assert talk.json("add", project="ABC") == {"key": "ABC-1", "number": 1, "project": "ABC"}
    refused = talk.call("add", title="x").result
    assert (refused.is_error, refused.text) == (True, "tasks: expected key, or project to make one of")
    with pytest.raises(SpecError, match="expected key, or project to make one of"):
        world_from_data({"tracker": {"tasks": [{"title": "x"}]}}, {"tracker": connector})
    data = world_to_data(talk.world)
    assert world_from_data(data, {"tracker": connector}) == talk.world


def test_rows_are_removed_and_meet_their_key_in_any_spelling() -> None:
    """A deleted row is gone; a number and its text are one key; a key that no row can have is refused."""
    talk = Talk(connector_of("pagerduty", PAGERDUTY))
    talk.world = talk.connector.seed_record(talk.world, "incidents", {"id": 7})
    assert talk.json("get_incident", id="7")["id"] == 7
    assert talk.json("delete_incident", id="7") == {"deleted": True}
    assert talk.json("list_incidents")["incidents"] == []
    assert talk.call("delete_incident", id=["7"]).result.is_error
    with pytest.raises(ValueError, match="expected id to be a text or a number"):
        talk.connector.seed_record(World(), "incidents", {"id": {"a": 1}})


def test_a_world_file_with_a_column_that_is_none_is_an_error() -> None:
    """A misspelt column of a row names the column that was meant, in its line."""
    connector = connector_of("pagerduty", ISSUE)
    with pytest.raises(SpecError) as error:
        world_from_data(
            {"pagerduty": {"incidents": [{"titel": "x"}], "incident": []}}, {"pagerduty": connector}
        )
    assert [problem.message for problem in error.value.problems] == [
        "pagerduty has no table 'incident'",
        "pagerduty.incidents: there is no column 'titel'; did you mean title?",
    ]


def test_a_later_layer_completes_an_earlier_one() -> None:
    """Tables of one layer serve tools of another; a tool of the same name replaces the earlier one."""
    tables = ({"pager": {"tables": {"pages": None}}}, Source(file="a.yaml"))
    tools = (
        {"pager": {"tools": [{"name": "list", "lists": "pages", "answer": ["id"]}]}},
        Source(file="b.yaml"),
    )
    changed = ({"pager": {"tools": [{"name": "list", "lists": "pages"}]}}, Source(file="c.yaml"))
    connector = with_declared(Registry(), [tables, tools, changed]).get("pager")
    assert isinstance(connector, DeclaredConnector)
    assert connector.declaration.tools["list"].answer is None
    with pytest.raises(SpecError, match=r"b\.yaml: list lists 'pages', which is no table of pager"):
        with_declared(Registry(), [tools])


def test_a_model_cannot_be_declared() -> None:
    """A declaration never takes the place of a model."""
    layer = ({"slack": {"tools": []}, "google-drive": {"tables": {}}}, Source(file=""))
    with pytest.raises(SpecError) as error:
        with_declared(Registry(), [layer])
    assert [problem.message for problem in error.value.problems] == [
        "slack is simulated, and declares tools",
        "google-drive is simulated, and declares tables",
    ]


def test_fixed_answers_count_their_calls_and_change_between_the_runs() -> None:
    """A tool without a table answers by its template; what the world says of it later holds then."""
    tools = [
        {"name": "page", "effect": "ticket.created", "returns": {"id": "P-{n}", "to": "{who}"}},
        {"name": "list", "returns": {"pages": []}},
        {"name": "broken", "error": "no access for {who}"},
    ]
    connector = connector_of("pager", {"tools": tools})
    talk = Talk(connector)
    assert [talk.json("page", who="a")["id"] for _ in "xy"] == ["P-1", "P-2"]
    assert talk.call("broken", who="b").result.text == "no access for b"
    later = {"pager": {"tools": [{"name": "list", "returns": {"pages": ["P-1"]}}]}}
    world = world_from_data(later, {"pager": connector}, talk.world)
    assert talk.json("list") == {"pages": []}
    assert Talk(connector, world).json("list") == {"pages": ["P-1"]}


@pytest.mark.parametrize(
    ("meanwhile", "message"),
    [
        ({"pager": {"tools": [{"name": "lists", "returns": {}}]}}, "no tool is called 'lists'"),
        ({"pager": {"tools": [{"name": "list", "effect": "ticket.created"}]}}, "has no key 'effect'"),
        ({"pager": {"tools": [{"name": "rows", "returns": {}}]}}, "rows answers from pages"),
        ({"pager": {"tables": {"more": {}}}}, "the same in both runs"),
    ],
)
def test_others_change_rows_and_fixed_answers_alone(meanwhile: dict[str, Any], message: str) -> None:
    """What others do between the runs adds neither tools nor tables: run 1 would have them too."""
    tools = [{"name": "list", "returns": {}}, {"name": "rows", "lists": "pages"}]
    world = ({"pager": {"tables": {"pages": None}, "tools": tools}}, Source(file=""))
    with pytest.raises(SpecError, match=message):
        with_declared(Registry(), [world], (meanwhile, Source(file="")))


def test_a_tool_without_a_schema_shows_the_arguments_that_are_spoken_of() -> None:
    """A model that is offered the tool sees what it takes, and what it needs."""
    tools = connector_of("pagerduty", ISSUE).tools
    assert set(tools["create_incident"].input_schema["properties"]) == {"title", "details"}
    assert set(tools["list_incidents"].input_schema["properties"]) == {"status", "service", "next"}
    assert tools["get_incident"].input_schema["required"] == ["id"]
    assert [tools[name].access for name in tools] == ["write", "read", "read", "write"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
KEYS = st.sampled_from(["name", "lists", "creates", "fields", "filter_by", "page", "set", "answer", "schema"])


@given(
    st.lists(JSON | st.dictionaries(KEYS, JSON | st.just("t"), max_size=4), max_size=3),
    JSON | st.dictionaries(st.just("t"), JSON),
)
def test_any_declaration_is_a_connector_or_a_clean_error(tools: list[Any], tables: Any) -> None:
    """Every value under tools and tables gives a connector, or an error with its problems."""
    try:
        found = list(connector_of("x", {"tools": tools, "tables": tables}).tools)
    except SpecError as error:
        found = [problem.message for problem in error.problems]
    assert bool(found) is bool(tools) or tables not in (None, {})


def test_a_thousand_rows_are_listed_in_no_time() -> None:
    """A page of 1,000 rows takes 2 ms at most, whole, by columns and by a template."""
    answers = (None, ["id", "status"], {"issues": [{"key": "{id}", "state": "{status}"}]})
    tools = [
        {
            "name": f"list{n}",
            "lists": "incidents",
            "page": {"limit": 1000, "cursor": "next"},
            "answer": answer,
        }
        for n, answer in enumerate(answers)
    ]
    connector = connector_of("pager", {**ISSUE, "tools": tools})
    rows = [{"id": f"INC-{n}", "title": f"Incident {n}", "service": f"s{n % 7}"} for n in range(1000)]
    world = world_from_data({"pager": {"incidents": rows}}, {"pager": connector})
    for n in range(len(answers)):
        call = ToolCall("pager", f"list{n}", {})
        best = min(_seconds(connector, world, call) for _ in range(7))
        assert best < 0.002, f"{n}: {best * 1000:.2f} ms"


def _seconds(connector: DeclaredConnector, world: World, call: ToolCall) -> float:
    begun = time.perf_counter()
    connector.call(world, call)
    return time.perf_counter() - begun


def test_a_package_brings_a_declaration_as_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with a data file has a connector in one line; a broken file names its problems."""
    package = tmp_path / "acme_pager"
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    (package / "connector.yaml").write_text("connector: pager\ntools: [{name: list_pages}]\n", "utf-8")
    (package / "broken.yaml").write_text("connector: pager\ntools: [{nam: list_pages}]\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    connector = packaged_connector("acme_pager")
    assert (connector.name, list(connector.tools)) == ("pager", ["list_pages"])
    with pytest.raises(SpecError, match=r"acme_pager/broken\.yaml:2: a tool has no key 'nam'"):
        packaged_connector("acme_pager", "broken.yaml")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, {"incidents": [{"id": "A", "status": "open"}, {"status": "keyless"}], "next": None}),
        (None, [{"id": "A", "status": "open"}]),
        (None, {"data": [{"id": "A", "status": "open"}], "more": False}),
        (["id", "status"], {"incidents": [{"id": "A", "status": "open"}]}),
        ({"issues": "{rows}"}, {"issues": [{"id": "A", "status": "open"}]}),
        (
            {"issues": [{"key": "{id}", "fields": {"state": "{status}"}, "text": "{id}: {title}"}]},
            {"issues": [{"key": "A", "fields": {"state": "open"}, "text": "A: x"}]},
        ),
    ],
)
def test_recorded_lists_reveal_rows(answer: Any, said: Any) -> None:
    """The answer's template is read backwards; other shapes give their one list of records."""
    tools = [{"name": "list", "lists": "incidents", "answer": answer}]
    registry = Registry([connector_of("pager", {**ISSUE, "tools": tools})])
    call = ToolCall("pager", "list", {})
    found = revealed_records(call, ToolResult(json.dumps(said)), registry)
    assert found == [("pager.incidents", {"id": "A", "status": "open"})]
    assert revealed_records(call, ToolResult("nothing here"), registry) == []


def test_a_recorded_row_is_known_by_the_call(tmp_path: Path) -> None:
    """An answer that leaves the key out is about the row that the call asked for."""
    answer = {"state": "{status}"}
    tools = [{"name": "get", "gets": "incidents", "fields": {"id": "incident_id"}, "answer": answer}]
    registry = Registry([connector_of("pager", {**ISSUE, "tools": tools})])
    call = ToolCall("pager", "get", {"incident_id": "A"})
    assert revealed_records(call, ToolResult('{"state": "open"}'), registry) == [
        ("pager.incidents", {"id": "A", "status": "open"})
    ]


def test_a_world_goes_on_with_what_a_package_answers_by_code() -> None:
    """A world that adds a tool to a shipped connector leaves the others as they are, code included."""
    layer = ({"jira": {"tools": [{"name": "ping", "returns": "pong"}]}}, Source(file=""))
    registry = with_declared(Registry(), [layer])
    connector, shipped = registry.get("jira"), Registry().get("jira")
    assert isinstance(connector, DeclaredConnector)
    assert isinstance(shipped, DeclaredConnector)
    assert set(connector.tools) == {*shipped.tools, "ping"}
    assert {name: connector.operations[name] for name in shipped.operations} == dict(shipped.operations)
    assert (connector.title, connector.trust) == (shipped.title, shipped.trust)


STATES = st.sampled_from(["open", "shut", 1, "1", None, ["open"], ["shut", "open"], True])
ROWS = st.lists(st.fixed_dictionaries({"id": st.integers(0, 30)}, optional={"status": STATES}), max_size=30)


@given(ROWS, st.sampled_from(["open", "shut", "1", "true", ["open"]]))
def test_a_look_up_finds_what_a_scan_finds(rows: list[dict[str, Any]], wanted: Any) -> None:
    """An indexed column selects the same rows as one that is not, whatever stands in it."""
    listing = {"name": "list", "lists": "incidents"}
    table = {"tables": {"incidents": {"key": "id"}}}
    found = []
    other = {"filter_by": ["other"], "fields": {"other": "x"}}
    for tool in ({**listing, "filter_by": ["status"]}, {**listing, **other}):
        connector = connector_of("pager", {**table, "tools": [tool]})
        world = world_from_data({"pager": {"incidents": rows}}, {"pager": connector})
        call = ToolCall("pager", "list", {"status": wanted})
        found.append(connector.call(world, call).result.json()["incidents"])
    assert found[0] == found[1] or not any("status" in row for row in rows)


def test_a_large_table_is_selected_from_by_look_up() -> None:
    """Ten rows of 20,000 are found in less than a millisecond by an indexed column."""
    tools = [{"name": "list", "lists": "incidents", "filter_by": ["service"]}]
    connector = connector_of("pager", {**ISSUE, "tools": tools})
    rows = [{"id": f"INC-{n}", "service": f"s{n % 2000}"} for n in range(20_000)]
    world = world_from_data({"pager": {"incidents": rows}}, {"pager": connector})
    call = ToolCall("pager", "list", {"service": "s7"})
    assert len(connector.call(world, call).result.json()["incidents"]) == 10
    assert min(_seconds(connector, world, call) for _ in range(7)) < 0.002
