"""``backtest --play``: the agent at every firing, on one world that is carried along."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from routine_harness.carrying import carry_firings, messages_by_day, players_of
from routine_harness.cli.main import run
from routine_harness.store.cases import load_case_file
from routine_harness.trigger.event import Event, Firing

HERE = Path(__file__).parents[2]
FIXTURE = HERE / "fixtures/adversity/overlap"
HOOK = HERE / "fixtures/webhooks/issues.opened.json"
DAY = 86_400
START = 1_777_885_200  # 2026-05-04T09:00:00Z


@pytest.fixture
def routine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The fixture that posts one line for a bug report, with its careful script alone."""
    shutil.copytree(FIXTURE, tmp_path / "routine")
    (tmp_path / "routine/cases/careless.yaml").unlink()
    case = tmp_path / "routine/cases/careful.yaml"
    text = case.read_text(encoding="utf-8").replace("../../../webhooks/issues.opened.json", str(HOOK))
    case.write_text(text.replace("checks: {overlap: true}\n", ""))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.yaml").write_text("root: true\nnoise: {messages_per_channel_per_day: 1}\n")
    return tmp_path / "routine"


def deliveries(folder: Path, numbers: list[int], days: int = 1) -> str:
    """An archive with an event for each issue number, ``days`` days apart."""
    body = json.loads(HOOK.read_text(encoding="utf-8"))
    lines = []
    for place, number in enumerate(numbers):
        url = f"https://github.com/acme-platform/core-api/issues/{number}"
        issue = {**body["issue"], "number": number, "html_url": url, "id": 1000 + number}
        at = f"2026-05-{4 + place * days:02d}T09:00:00Z"
        event: dict[str, Any] = {
            "event": "issues", "guid": f"g{place}", "delivered_at": at,
            "request": {"headers": {"X-GitHub-Event": "issues"}, "payload": {**body, "issue": issue}},
        }  # fmt: skip
        lines.append(json.dumps(event))
    path = folder / "deliveries.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def played(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = run(["backtest", "routine", *arguments, "--play", "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_who_posts_once_and_is_then_silent_counts_once(
    routine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = played(capsys, "--events", deliveries(tmp_path, [51, 51, 51]))
    assert code == 0
    assert found["routines"][0]["fired"] == found["routines"][0]["played"] == 3
    assert found["channels"] == [
        {"channel": "dev", "days": {"2026-05-04": 1}, "most": 1, "worst": 1, "exceeded": False}
    ]


def test_a_channel_that_hears_too_much_on_a_day_is_red(
    routine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = played(capsys, "--events", deliveries(tmp_path, [51, 52, 53], days=0))
    assert code == 1
    assert found["channels"][0]["days"] == {"2026-05-04": 3}
    assert found["channels"][0]["exceeded"] is True
    assert run(["backtest", "routine", "--events", str(tmp_path / "deliveries.jsonl"), "--play"]) == 1
    assert "#dev: 3 messages, 3 on the worst day; at most 1 allowed (exceeded)" in capsys.readouterr().out


def test_a_schedule_alone_is_played_over_its_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HERE)
    span = ["--after", "2026-05-04", "--days", "14"]
    assert run(["backtest", "example_routines/weekly-health-check", *span, "--play"]) == 0
    shown = capsys.readouterr().out
    assert "weekly-health-check: 2 of 2 firings played; 2 message.posted" in shown
    assert "2026-05-15      1  #" in shown


def test_firings_that_nobody_plays_are_bad_input(
    routine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (routine / "cases/careful.yaml").unlink()
    assert run(["backtest", "routine", "--events", deliveries(tmp_path, [51]), "--play"]) == 2
    assert "no firing was played" in capsys.readouterr().err
    assert run(["backtest", "routine", "--events", "deliveries.jsonl", "--play", "-j", "2"]) == 2
    assert "--play takes no --jobs" in capsys.readouterr().err


def test_the_world_is_carried_from_firing_to_firing(routine: Path) -> None:
    loaded = load_case_file(routine / "cases/careful.yaml")
    payload = json.loads(HOOK.read_text(encoding="utf-8"))
    firings = [Firing(Event("github", "issues.opened", payload, START + n * DAY), 0) for n in range(3)]
    runs = list(carry_firings(players_of(loaded.routine, loaded.cases), firings))
    assert [len(run.messages) for run in runs] == [1, 0, 0]
    assert all(run.world_before.clock >= START + n * DAY for n, run in enumerate(runs))
    assert messages_by_day(runs) == {"dev": {START // DAY: 1}}
