"""The account's own export becomes routines, and nothing is concluded from half of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness.cli.main import run
from routine_harness.errors import SpecError
from routine_harness.interop.routine_files import ImportedRoutine, import_routines
from routine_harness.interop.routine_forms import Answers
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.spec import Routine, ScheduleTrigger
from routine_harness.store.routines import load_routine


def august(number: int = 1, **more: Any) -> dict[str, Any]:
    """A routine in the shape of August."""
    return {
        "id": f"trig_{number:04}",
        "name": f"Audit {number}",
        "cron_expression": "0 1 * * *",
        "enabled": True,
        "mcp_connections": [
            {
                "connector_uuid": "c-1",
                "name": "Slack",
                "url": "https://slack.example/mcp",
                "permitted_tools": [],
            }
        ],
        "job_config": {
            "ccr": {
                "environment_id": "env_01",
                "session_context": {
                    "model": "claude-sonnet-5",
                    "sources": [{"git_repository": {"url": "https://github.com/acme/core"}}],
                    "allowed_tools": ["Bash", "Read"],
                },
                "events": [
                    {"data": {"type": "user", "message": {"role": "user", "content": "Audit the calls."}}}
                ],
            }
        },
        **more,
    }


def october() -> dict[str, Any]:
    """A routine in the shape of October."""
    said = {
        "type": "user",
        "message": {"role": "user", "content": [{"type": "text", "text": "Audit the calls."}]},
    }
    return {
        "id": "trig_0001",
        "name": "Audit 1",
        "cron_expression": "0 1 * * *",
        "mcp_connections": [{"name": "Slack"}],
        "session_request": {
            "environment_id": "env_01",
            "config": {"model": "claude-sonnet-5", "allowed_tools": ["Bash", "Read"]},
            "sources": [{"git_repository": {"url": "https://github.com/acme/core"}}],
            "events": [{"payload": said}],
        },
    }


def brought(*values: Any, **answers: Any) -> tuple[ImportedRoutine, ...]:
    files = {f"export-{place}.json": json.dumps(value).encode() for place, value in enumerate(values, 1)}
    return import_routines(files, Answers(**answers))


def routine(found: ImportedRoutine) -> Routine:
    return parse_routine(load_document(found.texts["routine.yaml"].encode(), "routine.yaml"))


def page(numbers: range, **more: Any) -> dict[str, Any]:
    return {"data": [august(number) for number in numbers], **more}


@pytest.mark.parametrize(
    "value",
    [
        august(),
        october(),
        {"trigger": august()},
        {"data": [august()]},
        {"data": [october()], "has_more": False},
        {"triggers": [august()]},
        [august()],
        {"content": [{"type": "text", "text": json.dumps({"trigger": october()})}]},
        [{"type": "text", "text": "HTTP 200\n" + json.dumps({"data": [august()], "has_more": False})}],
    ],
)
def test_every_envelope_and_shape_is_read(value: Any) -> None:
    """Prompt, model, tools, repository, connector and schedule come out of each of them."""
    [found] = brought(value)
    read = routine(found)
    assert (read.name, read.prompt.strip(), read.model) == ("audit-1", "Audit the calls.", "claude-sonnet-5")
    assert read.tools == ("Bash", "Read")
    assert [each.full_name for each in read.repositories] == ["acme/core"]
    assert [each.connector for each in read.connectors] == ["slack"]
    assert read.triggers == (ScheduleTrigger(cron="0 1 * * *"),)
    assert any(each.what == "env_id" for each in found.lost)


def test_the_example_of_the_reports(shared_data: Path, tmp_path: Path) -> None:
    """The export of the reports imports with `import FILE`; its prompt and its schedule are whole."""
    file = shared_data / "reports" / "account-export.json"
    assert run(["import", str(file), "-o", str(tmp_path / "audit")]) == 0
    found = load_routine(tmp_path / "audit")
    assert found.prompt.strip() == "Audit yesterday's calls and post a summary to #calls."
    assert found.triggers == (ScheduleTrigger(cron="0 1 * * *"),)


def test_what_a_tool_printed_is_an_export() -> None:
    """The answer with its status line in front, saved as text, is read like the bare JSON."""
    text = "HTTP 200\n" + json.dumps({"trigger": august()})
    [found] = import_routines({"answer.txt": text.encode()})
    assert found.name == "audit-1"


def test_what_is_lost_is_listed() -> None:
    """A tool's own policy is a restriction and switches the routine off; a misplaced prompt is told."""
    held = august(mcp_connections=[{"name": "Slack", "tool_policy_overrides": {"send": "deny"}}])
    [found] = brought(held)
    assert [each.what for each in found.lost if each.restriction] == [
        "mcp_connections[0].tool_policy_overrides"
    ]
    assert not routine(found).enabled
    bare = {
        "id": "trig_1",
        "name": "x",
        "cron_expression": "0 1 * * *",
        "job_config": {"ccr": {"prompt": "Do it."}},
    }
    [found] = brought(bare)
    [lost] = [each for each in found.lost if each.what == "prompt"]
    assert "ignores it" in lost.why
    assert not routine(found).enabled


def test_what_starts_it_is_asked_where_no_schedule_does() -> None:
    """An export says nothing of events; without a schedule, that is a question."""
    [found] = brought(august(cron_expression=None))
    assert [each.option for each in found.questions] == ["--on"]


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ([page(range(20), has_more=True)], "more than its 20 routines"),
        ([page(range(20), has_more=True, next_cursor="a"), page(range(20), has_more=True)], "repeats"),
        ([page(range(20), next_cursor="a")], "the next page is not among the files"),
        ([page(range(20), has_more=True), page(range(20, 25), has_more=True)], "more than its 5 routines"),
        ([page(range(20), total=25)], "it counts 25 routines, and the files hold 20"),
        (
            [
                page(range(20), has_more=True, next_cursor="b"),
                page(range(40, 45), cursor="c", has_more=False),
            ],
            "more than its 20",
        ),
    ],
)
def test_half_an_export_is_an_error(pages: list[Any], told: str) -> None:
    """A page that says there are more, or repeats another, stops the import; --partial takes it."""
    with pytest.raises(SpecError, match=r"export\.incomplete") as caught:
        brought(*pages)
    assert told in str(caught.value)
    assert {each.listed for each in brought(*pages, partial=True)} == {"part"}


def test_several_files_are_one_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two pages of 25 routines are 25 folders; the first page alone is exit 2 and writes nothing."""
    for name, value in (("1", page(range(20), has_more=True)), ("2", page(range(20, 25), has_more=False))):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    target = tmp_path / "routines"
    assert run(["import", str(tmp_path / "1.json"), "-o", str(target)]) == 2
    assert "export.incomplete" in capsys.readouterr().err
    assert not target.exists()
    assert run(["import", str(tmp_path / "1.json"), str(tmp_path / "2.json"), "-o", str(target)]) == 0
    assert len(list(target.glob("*/routine.yaml"))) == 25


def test_routines_of_one_name_are_told_apart_and_of_one_id_are_one() -> None:
    """Two routines called alike get the ends of their ids; the one with a prompt wins over its summary."""
    twins = [august(1, name="Audit"), august(2, name="Audit")]
    assert [each.name for each in brought({"data": twins})] == ["audit-g-0001", "audit-g-0002"]
    summary = {"id": "trig_0001", "name": "Audit 1", "cron_expression": "0 1 * * *"}
    [found] = brought({"data": [summary], "has_more": False}, {"trigger": august()})
    assert found.prompt.strip() == "Audit the calls."


def test_an_empty_list_is_an_error() -> None:
    """An export without a routine is told, not taken for done."""
    with pytest.raises(SpecError, match="holds no routine"):
        brought({"data": [], "has_more": False})


def edited(number: int, **more: Any) -> dict[str, Any]:
    held = august(number, **more)
    held["job_config"]["ccr"]["events"][0]["data"]["message"]["content"] = "Audit the mails."
    return held


def test_the_difference_is_exactly_the_edits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of 25 routines in two pages, --diff names the prompt, the schedule and the model that changed."""

    def brought_in(first: list[Any], second: list[Any], *options: str, more: bool = False) -> int:
        for name, rows, follows in (("1", first, True), ("2", second, more)):
            text = json.dumps({"data": rows, "has_more": follows})
            (tmp_path / f"{name}.json").write_text(text)
        files = [str(tmp_path / "1.json"), str(tmp_path / "2.json")]
        return run(["import", *files, "-o", str(tmp_path / "routines"), *options])

    rows = [august(number) for number in range(25)]
    assert brought_in(rows[:20], rows[20:]) == 0
    assert brought_in(rows[:20], rows[20:], "--diff") == 0
    changed = [edited(3), *rows[4:8], august(8, cron_expression="0 2 * * *"), *rows[9:20]]
    capsys.readouterr()
    assert brought_in([*rows[:3], *changed], rows[20:24], "--diff", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(each["routine"], each["what"]) for each in found] == [
        ("audit-3", "prompt"), ("audit-8", "schedule"), ("audit-24", "deleted"),
    ]  # fmt: skip
    assert found[0]["lines"] == ["-Audit the calls.", "+Audit the mails."]
    assert brought_in([*rows[:3], *changed], rows[20:24], "--diff", more=True) == 2
    capsys.readouterr()
    assert brought_in([*rows[:3], *changed], rows[20:24], "--diff", "--partial", more=True) == 1
    assert "audit-24" not in capsys.readouterr().out


def test_one_routine_says_nothing_of_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `get` answers is compared with its own folder; events that were added by hand are no drift."""
    (tmp_path / "one.json").write_text(json.dumps({"trigger": august()}))
    command = ["import", str(tmp_path / "one.json"), "-o", str(tmp_path / "audit")]
    assert run(command) == 0
    file = tmp_path / "audit" / "routine.yaml"
    file.write_text(file.read_text().replace("triggers:\n", "triggers:\n  - type: api\n"))
    assert run([*command, "--diff"]) == 0
    (tmp_path / "one.json").write_text(json.dumps({"trigger": august(mcp_connections=[{"name": "Linear"}])}))
    capsys.readouterr()
    assert run([*command, "--diff"]) == 1
    assert "connectors: committed slack, imported linear" in capsys.readouterr().out
