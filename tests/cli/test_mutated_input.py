# ruff: noqa: E501 - lines of a session read better unbroken
"""Whatever a file holds, a command ends with an exit code of its own and one clear error."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routine_harness import check_routine
from routine_harness.cli.main import OURS, run
from routine_harness.errors import HarnessError
from routine_harness.guard.hook_settings import with_hooks
from routine_harness.routine.document import decode_text
from routine_harness.store.cassettes import load_cassette
from routine_harness.store.indexed import write_indexed
from routine_harness.store.plugins import known_connectors
from routine_harness.store.seeding import recorded_layers

PROJECT = Path(__file__).parents[2]
VALUES = st.sampled_from(
    [None, True, 0, -1, 10**30, 1.5, "", "x", "\x00", "é" * 300, "9999-12-31T23:59:59Z", "n" * 300, [], [[]],
     {}, {"a": {"b": "c"}}, ["x", {"y": 1}], {"": None}]
)  # fmt: skip
KINDS = {
    "routine.yaml": ["check", "lint", "gate"],
    "policy.yaml": ["check", "lint", "gate"],
    "cases/go.yaml": ["check", "lint", "gate"],
    "worlds/base.yaml": ["check"],
    "connectors/pd.yaml": ["check", "lint"],
    "recordings/go.jsonl": ["check", "lint", "gate"],
    "payload.json": ["check", "fires", "backtest"],
    "backtest.json": ["report", "gated"],
    "session.jsonl": ["import"],
    "events.json.gz": ["archive", "archived"],
    "snapshots/go.txt": ["check"],
}
ARGUMENTS = {
    "fires": ["fires", ".", "--event", "payload.json"],
    "backtest": ["backtest", ".", "--events", "payload.json", "--jobs", "1"],
    "report": ["report", ".", "--backtest", "backtest.json", "-o", "report.html"],
    "import": ["import", "transcript", "session.jsonl", "-o", "recordings/imported.jsonl", "--force"],
    "archive": ["backtest", ".", "--events", "events.json.gz", "--jobs", "1"],
    "archived": ["fires", ".", "--event", "events.json.gz"],
    "gated": ["gate", ".", "--backtest", "backtest.json"],
}


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, part in inner for found in paths_in(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


SESSION = [
    {"type": "system", "subtype": "init", "session_id": "s", "uuid": "u1", "timestamp": "2026-05-04T09:00:00Z",
     "model": "m", "claude_code_version": "2.1.9", "mcp_servers": [{"name": "slack", "status": "connected"}]},
    {"type": "user", "uuid": "u2", "message": {"role": "user", "content": "Look."}},
    {"type": "assistant", "uuid": "u3", "timestamp": "2026-05-04T09:00:01Z",
     "message": {"id": "m1", "content": [{"type": "tool_use", "id": "t1", "name": "mcp__slack__slack_send_message",
                                          "input": {"channel_id": "C1", "message": "hi"}}],
                 "usage": {"input_tokens": 3}}},
    {"type": "user", "uuid": "u4", "message": {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "{\"ok\": true}"}]}]}},
    {"type": "result", "subtype": "success", "is_error": False, "result": "done", "usage": {}},
]  # fmt: skip


def mutated(data: st.DataObject, name: str, content: bytes) -> bytes:
    """The file with one value replaced, or with some of its bytes."""
    if name.endswith((".gz", ".txt")) or data.draw(st.integers(0, 3)) == 0:
        raw = bytearray(content)
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        return bytes(raw)
    text = content.decode()
    lines = text.splitlines() if name.endswith(".jsonl") else [text]
    number = data.draw(st.integers(0, len(lines) - 1))
    value = yaml.safe_load(lines[number]) if name.endswith(".yaml") else json.loads(lines[number])
    changed = replaced(value, data.draw(st.sampled_from(paths_in(value))), data.draw(VALUES))
    lines[number] = yaml.safe_dump(changed) if name.endswith(".yaml") else json.dumps(changed)
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A routine with a file of every kind."""
    home = tmp_path_factory.mktemp("mutated") / "r"
    shutil.copytree(PROJECT / "example_routines" / "deploy-verification", home)
    for case in (home / "cases").glob("*.yaml"):
        if case.stem != "go":
            case.unlink()
            (home / "recordings" / f"{case.stem}.jsonl").unlink()
    (home / ".git").mkdir()
    shutil.copy(PROJECT / "example_routines" / "policy.yaml", home / "policy.yaml")
    for folder in ("worlds", "connectors"):
        (home / folder).mkdir()
    (home / "worlds" / "base.yaml").write_text(
        "clock: 2026-05-04T09:00:00Z\nslack: {users: [{id: U01, name: alice}]}\ngithub: {issues: []}\n"
    )
    (home / "connectors" / "pd.yaml").write_text(
        "connector: pd\ntables: {incidents: {key: id, new: {id: 'INC-{n}'}}}\n"
        "tools:\n  - {name: create, creates: incidents, fields: {title: name}, effect: ticket.created}\n"
        "  - {name: list, lists: incidents, filter_by: [title], schema: {type: object}}\n"
    )
    shutil.copy(PROJECT / "fixtures" / "webhooks" / "pull_request.opened.json", home / "payload.json")
    routines = {"deploy-verification": {"fired": 1, "skipped": 0}}
    channels = [{"channel": "deployments", "routines": ["deploy-verification"], "worst_day": 3}]
    saved = {"events": 1, "routines": routines, "channels": channels}
    (home / "backtest.json").write_text(json.dumps(saved))
    (home / "session.jsonl").write_text("".join(json.dumps(line) + "\n" for line in SESSION))
    packed = gzip.compress((home / "payload.json").read_bytes().replace(b"\n", b"") + b"\n", mtime=0)
    (home / "events.json.gz").write_bytes(packed)
    case = home / "cases" / "go.yaml"
    case.write_text(case.read_text().replace("world:\n", "world:\n  - ../worlds/base.yaml\n  - ", 1).replace(
        "    - {method", "      - {method") + "  snapshot: true\n")  # fmt: skip
    [result] = check_routine(home / "routine.yaml", record="all", update_snapshots=True)
    assert result.passed, [finding.message for finding in result.findings]
    assert all((home / name).exists() for name in KINDS)
    return home


@pytest.mark.parametrize("name", KINDS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_file_ends_in_a_traceback(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: st.DataObject
) -> None:
    """One value replaced by another, or a few bytes: exit code 0, 1 or 2, and never our own fault."""
    file = home / name
    content = file.read_bytes()
    monkeypatch.chdir(home)
    command = data.draw(st.sampled_from(KINDS[name]))
    try:
        file.write_bytes(mutated(data, name, content))
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(ARGUMENTS.get(command, [command, "."]))
    finally:
        file.write_bytes(content)
    assert code in (0, 1, 2), err.getvalue()
    assert code != OURS
    assert "Traceback" not in err.getvalue()


DEEP = {
    "list": b"[" * 100_000,
    "closed": b"[" * 100_000 + b"]" * 100_000,
    "object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "yaml": b"a: " + b"[" * 100_000,
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("kind", [*DEEP, "in a line", "byte"])
def test_deep_nesting_and_a_byte_that_is_no_text(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: str
) -> None:
    """100,000 levels, or a byte 0xff in the middle: never our own fault, and a short error."""
    file, content = home / name, (home / name).read_bytes()
    monkeypatch.chdir(home)
    middle = content.index(b'"world":{') + 9 if name.startswith("recordings") else len(content) // 2
    changed = {
        "in a line": content.replace(b":{", b':{"zz":' + DEEP["closed"] + b",", 1),
        "byte": content[:middle] + b'"\xff":1,' + content[middle:],
    } | DEEP
    codes = []
    try:
        file.write_bytes(changed[kind])
        for command in KINDS[name]:
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                codes.append(run(ARGUMENTS.get(command, [command, "."])))
            assert codes[-1] in (0, 1, 2), err.getvalue()
            assert "Traceback" not in err.getvalue()
            assert err.getvalue().count("\n") <= 45
    finally:
        file.write_bytes(content)
    assert any(codes) or kind in ("in a line", "byte") or name == "connectors/pd.yaml"


CASSETTE = {
    "version": 1,
    "interactions": [
        {
            "request": {"method": "POST", "uri": "https://api.github.com/repos/a/b/issues", "body": "{}",
                        "headers": {"Accept": ["*/*"]}},
            "response": {"status": {"code": 201, "message": "Created"}, "body": {"string": '{"number": 1}'},
                         "headers": {"Content-Type": ["application/json"]}},
        }
    ],
}  # fmt: skip
SETTINGS = {
    "hooks": {
        "PreToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "x guard.py"}]}],
        "Stop": [],
    },
    "permissions": {"allow": ["Bash"]},
}


@pytest.mark.parametrize("name", ["c.yaml", "c.json", "c.jsonl", "settings.json"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_cassettes_and_settings_are_read_or_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    """A mutated cassette or settings file is read, or is an error of ours."""
    value = SETTINGS if name == "settings.json" else CASSETTE
    plain = (yaml.safe_dump(value) if name.endswith(".yaml") else json.dumps(value)).encode()
    if name == "c.jsonl":
        (tmp_path / "c.json").write_bytes(plain)
        plain = write_indexed(load_cassette(tmp_path / "c.json"))
    file = tmp_path / name
    file.write_bytes(data.draw(st.sampled_from(list(DEEP.values()))) if data.draw(st.integers(0, 20)) == 0
                     else mutated(data, name, plain))  # fmt: skip
    with suppress(HarnessError):
        if name == "settings.json":
            with_hooks(decode_text(file.read_bytes(), name), name)
        else:
            recorded_layers(load_cassette(file), known_connectors())
