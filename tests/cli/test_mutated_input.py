"""Whatever a file holds, a command ends with an exit code of its own and one clear error."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routine_harness.cli.main import OURS, run

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
}
ARGUMENTS = {
    "fires": ["fires", ".", "--event", "payload.json"],
    "backtest": ["backtest", ".", "--events", "payload.json", "--jobs", "1"],
    "report": ["report", ".", "--backtest", "backtest.json", "-o", "report.html"],
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


def mutated(data: st.DataObject, name: str, text: str) -> bytes:
    """The file with one value replaced, or with some of its bytes."""
    if data.draw(st.integers(0, 3)) == 0:
        raw = bytearray(text.encode())
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        return bytes(raw)
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
    case = home / "cases" / "go.yaml"
    case.write_text(case.read_text().replace("world:\n", "world:\n  - ../worlds/base.yaml\n  - ", 1).replace(
        "    - {method", "      - {method"))  # fmt: skip
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
    text = file.read_text("utf-8")
    monkeypatch.chdir(home)
    command = data.draw(st.sampled_from(KINDS[name]))
    try:
        file.write_bytes(mutated(data, name, text))
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(ARGUMENTS.get(command, [command, "."]))
    finally:
        file.write_text(text, "utf-8")
    assert code in (0, 1, 2), err.getvalue()
    assert code != OURS
    assert "Traceback" not in err.getvalue()
