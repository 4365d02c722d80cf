# ruff: noqa: E501 - files that are bad read better unbroken
"""Bad input ends with one clear error and exit code 2; what is our own fault says so, with 70."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from routine_harness.cli import check
from routine_harness.cli.main import run
from routine_harness.routine.network import split_url

AT = "2026-05-04T09:00:00Z"
PULL = {"title": "t", "number": 1, "draft": False, "user": {"login": "a"}, "base": {"ref": "main"}}
REPO = {"id": 1, "name": "acme/core"}
PROJECT = Path(__file__).parents[2]
PAYLOAD = {"action": "opened", "pull_request": PULL}
AT = "2026-05-04T09:00:00Z"
PULL = {"title": "t", "number": 1, "draft": False, "user": {"login": "a"}, "base": {"ref": "main"}}
REPO = {"id": 1, "name": "acme/core"}
PAYLOAD = {"action": "opened", "pull_request": PULL}
COMMANDS = (["check"], ["lint"], ["gate"], ["fires", "--event"], ["backtest", "--events"])
ROUTINE = "name: r\ntriggers: [{type: github, events: [pull_request.opened]}]\nprompt: Look.\n"


@pytest.fixture
def archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A routine, and a folder with two good archives around a damaged one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    folder = tmp_path / "archives"
    folder.mkdir()
    lines = [
        {"id": f"{name}{n}", "type": "PullRequestEvent", "created_at": AT, "repo": REPO, "payload": PAYLOAD}
        for name in "ac"
        for n in range(50)
    ]
    for name in "ac":
        own = [json.dumps(line) for line in lines if line["id"].startswith(name)]
        (folder / f"{name}.json.gz").write_bytes(gzip.compress("\n".join(own).encode()))
    return folder


def damage(folder: Path, how: str) -> None:
    good = (folder / "a.json.gz").read_bytes()
    flipped = good[:14] + b"\xff\x00\xff\x00\xff\x00" + good[20:]
    (folder / "b.json.gz").write_bytes(flipped if how == "flipped" else good[: len(good) // 2])


@pytest.mark.parametrize("how", ["flipped", "cut"])
@pytest.mark.parametrize("isal", [True, False])
def test_a_damaged_archive_among_good_ones_loses_only_itself(
    archives: Path, how: str, isal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are counted and shown, the damage is named, and the exit code is that of bad input."""
    if not isal:
        monkeypatch.setitem(sys.modules, "isal.igzip", None)
    damage(archives, how)
    assert run(["backtest", ".", "--events", str(archives), "--jobs", "1"]) == 2
    told = capsys.readouterr()
    assert told.out.startswith("100 events of 3 files")
    assert "b.json.gz: at byte" in told.out
    code = run(["fires", ".", "--event", str(archives)])
    told = capsys.readouterr()
    assert (code, told.out.splitlines()[-1:]) == (2, ["100 fired, 0 skipped, 0 undecided"]), told.err
    assert "b.json.gz: at byte" in told.err


@pytest.mark.parametrize(
    "command", [["check"], ["lint"], ["gate"], ["fires", "--event"], ["backtest", "--events"]]
)
def test_a_name_that_is_too_long_is_bad_input(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No file can have it, so it names none."""
    assert run([*command, "n" * 300]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_what_is_our_own_fault_says_so(
    archives: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line first, then the traceback, and exit code 70."""

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(check, "Checking", broken)
    assert run(["check", "."]) == 70
    first, *rest = capsys.readouterr().err.splitlines()
    assert first == "error: this is a fault of routine-harness, not of your files: RuntimeError"
    assert "Traceback (most recent call last):" in rest


def test_an_address_that_is_none_has_no_host() -> None:
    """What a recording or a cassette takes for an address is compared as a text."""
    assert split_url("http://[]/a") == ("", "", "http://[]/a", "", "")
    assert split_url("https://api.github.com/repos").hostname == "api.github.com"


PRINTING = [
    ["check", "r"], ["lint", "r"], ["gate", "r"], ["dry-run", "r"], ["show", "r/cases/go.yaml"],
    ["fires", "r", "--event", "payload.json"], ["backtest", "r", "--events", "payload.json", "--jobs", "1"],
    ["report", "r", "--json"], ["schedule", "r"],
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_output_that_cannot_encode_a_character_loses_none(tmp_path: Path, encoding: str) -> None:
    """Where standard output takes no │, the character is spelled; the exit code is that of the verdict."""
    shutil.copytree(PROJECT / "example_routines" / "deploy-verification", tmp_path / "r")
    (tmp_path / ".git").mkdir()
    shutil.copy(PROJECT / "fixtures" / "webhooks" / "pull_request.opened.json", tmp_path / "payload.json")
    code = (
        "import json, sys\nfrom routine_harness.cli.main import main\n"
        "for arguments in json.loads(sys.argv[1]):\n"
        "    sys.argv[1:] = arguments\n"
        "    try: main()\n"
        "    except SystemExit as end: assert end.code in (0, 1, 2), (arguments, end.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(PRINTING)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"Traceback" not in done.stderr
    assert b"\\u2502" in done.stdout
    done.stdout.decode(encoding)


UUIDS = [[None], ["u"], {"a": {"b": 1}}, {}, 1, None, True]
TIMES = [
    "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0000-01-01T00:00:00Z",
    "2026-01-01T00:00:00+99:99", "10000-01-01T00:00:00Z", 10**30, -1, [], "x" * 1000,
]  # fmt: skip
ODD = [*(("uuid", one) for one in UUIDS), *(("timestamp", one) for one in TIMES), ("mcp_servers", 1)]


@pytest.mark.parametrize(("key", "value"), ODD)
def test_a_transcript_with_an_odd_value_is_imported_or_one_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    key: str,
    value: object,
) -> None:
    """An id that is a list, a time outside every calendar: what can be read is read."""
    monkeypatch.chdir(tmp_path)
    lines = [
        {"type": "system", "subtype": "init", "session_id": "s", "model": "m"},
        {"type": "user", "message": {"role": "user", "content": "Look."}},
        {"type": "assistant", "message": {"id": "m", "content": [
            {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "gh pr list"}}]}},
        {"type": "user", "message": {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t", "content": "[]"}]}},
        {"type": "result", "subtype": "success", "is_error": False, "result": "done"},
    ]  # fmt: skip
    Path("s.jsonl").write_text("".join(json.dumps({**line, key: value}) + "\n" for line in lines))
    code = run(["import", "transcript", "s.jsonl", "-o", "recordings/i.jsonl"])
    said = capsys.readouterr()
    assert code in (0, 2), said.err
    if code == 0:
        assert run(["show", "recordings/i.jsonl"]) in (0, 2), capsys.readouterr().err


RESULT = '{\n "events": 1,\n "routines": {},\n "channels": [\n  {"channel": "a", "routines": [], "worst_day": 3}\n ]\n}\n'
PULLED = '{\n "action": "opened",\n "pull_request": {\n  "number": 1,\n  "draft": false\n }\n}\n'
FLOW = (
    "name: Triage\non:\n  issues:\n    types: [opened]\n  schedule:\n    - cron: '0 9 * * *'\njobs:\n  triage:\n"
    "    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          prompt: Look at it\n"
)
LINES = [
    ("b.json", RESULT, '"events": 1', '"events" 1', 2, ["gate", "r", "--backtest"]),
    ("b.json", RESULT, "3}", '"x"}', 5, ["gate", "r", "--backtest"]),
    ("b.json", RESULT, '"a"', "\udcff", 5, ["gate", "r", "--backtest"]),
    ("s.json", "", '"result": "', '"result": 1, "x": "', 0, ["gate", "r", "--verify"]),
    ("s.json", "", '"predicateType":', '"predicateType"', 0, ["gate", "r", "--verify"]),
    ("s.json", "", '"result"', "\udcff", 0, ["gate", "r", "--verify"]),
    ("p.json", PULLED, '"number": 1', '"number" 1', 4, ["fires", "r", "--event"]),
    ("p.json", PULLED, "false", '"x"', 5, ["fires", "r", "--event"]),
    ("p.json", PULLED, '"number": 1', '"number" 1', 4, ["backtest", "r", "--jobs", "1", "--events"]),
    ("p.json", PULLED, "false", '"x"', 5, ["backtest", "r", "--jobs", "1", "--events"]),
    ("w.yml", FLOW, "'0 9 * * *'", "'99 9 * * *'", 6, ["import", "routine", "-o", "out"]),
    ("w.yml", FLOW, "[opened]", "3", 3, ["import", "routine", "-o", "out"]),
    ("w.yml", FLOW, "jobs:", "jobs: [", 9, ["import", "routine", "-o", "out"]),
]


@pytest.mark.parametrize(("name", "text", "old", "new", "line", "command"), LINES)
def test_an_error_names_the_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    text: str,
    old: str,
    new: str,
    line: int,
    command: list[str],
) -> None:
    """Of a statement, a payload, a saved backtest and an imported workflow."""
    monkeypatch.chdir(tmp_path)
    Path("r").mkdir()
    Path("r/routine.yaml").write_text(ROUTINE)
    if name == "s.json":
        run(["gate", "r", "--attestation", name, "-q"])
        text = Path(name).read_text()
        line = text[: text.index(old)].count("\n") + 1
        capsys.readouterr()
    Path(name).write_text(text.replace(old, new, 1), errors="surrogateescape")
    assert run([*command, name]) == 2
    said = capsys.readouterr()
    assert f"{name}:{line}:" in said.err + said.out or f"line {line}:" in said.err + said.out, said


def test_a_snapshot_that_is_no_text_names_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a snapshot, too."""
    snapshots = list((PROJECT / "example_routines").glob("*/snapshots/*.txt"))
    if snapshots:
        origin = snapshots[0].parents[1]
        shutil.copytree(PROJECT / "fixtures", tmp_path / "fixtures")
        shutil.copytree(origin, tmp_path / "x" / "r")
        (tmp_path / "x" / ".git").mkdir()
        snapshot = tmp_path / "x" / "r" / "snapshots" / snapshots[0].name
        snapshot.write_bytes(b"one\ntwo \xff\n")
        assert run(["check", str(tmp_path / "x" / "r")]) == 2
        assert f"{snapshot.name}:2: expected UTF-8, found the byte 0xff" in capsys.readouterr().err
