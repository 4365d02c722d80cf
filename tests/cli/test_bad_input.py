"""Bad input ends with one clear error and exit code 2; what is our own fault says so, with 70."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

from routine_harness.cli import check
from routine_harness.cli.main import run
from routine_harness.routine.network import split_url

AT = "2026-05-04T09:00:00Z"
PULL = {"title": "t", "number": 1, "draft": False, "user": {"login": "a"}, "base": {"ref": "main"}}
REPO = {"id": 1, "name": "acme/core"}
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
