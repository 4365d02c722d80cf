"""``routine-harness diff``: two recordings of one case, beside each other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from routine_harness.cli.main import run

HERE = Path(__file__).parents[2]
RECORDING = "backlog-maintenance/recordings/weekday-night.jsonl"


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("example_routines/backlog-maintenance", "fixtures/webhooks"):
        shutil.copytree(HERE / name, tmp_path / name)
    (tmp_path / "example_routines/policy.yaml").write_text("root: true\n")
    monkeypatch.chdir(tmp_path / "example_routines")
    return tmp_path / "example_routines"


def changed(examples: Path, change: Any) -> str:
    """A second recording beside the first: its entries as ``change`` leaves them."""
    lines = (examples / RECORDING).read_text(encoding="utf-8").splitlines()
    entries = [change(json.loads(line)) for line in lines]
    target = examples / "backlog-maintenance/recordings/other.jsonl"
    target.write_text("".join(json.dumps(entry) + "\n" for entry in entries if entry is not None))
    return str(target)


def test_a_recording_does_not_differ_from_itself(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", RECORDING, changed(examples, lambda entry: entry)]) == 0
    assert capsys.readouterr().out == "no difference\n"


def test_other_words_are_shown_beside_the_old_ones(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(entry: dict[str, Any]) -> dict[str, Any]:
        return entry | {"text": "All good."} if entry["type"] == "message" else entry

    assert run(["diff", RECORDING, changed(examples, change)]) == 1
    shown = capsys.readouterr().out
    assert "run 1: words" in shown
    assert "+ says 'All good.'" in shown
    assert "run 1: calls" not in shown


def test_a_call_that_is_made_no_more_takes_its_effect_along(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone: set[str] = set()

    def change(entry: dict[str, Any]) -> dict[str, Any] | None:
        if entry["type"] == "call" and entry["tool"].endswith("save_comment"):
            gone.add(entry["id"])
        return None if entry.get("id") in gone else entry

    other = changed(examples, change)
    assert gone
    assert run(["diff", RECORDING, other, "--json"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(each["part"] == "calls" and each["text"].startswith("- ") for each in found)
    assert any(each["part"] == "effects" and "comment.created" in each["text"] for each in found)
    assert any(each["part"] == "checks" and "passed → failed" in each["text"] for each in found)
    assert any(each["part"] == "cost" and each["text"].startswith("calls: ") for each in found)


def test_the_case_of_a_recording_from_elsewhere_is_named(
    examples: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    strange = tmp_path / "yesterday.jsonl"
    shutil.copy(examples / RECORDING, strange)
    assert run(["diff", str(strange), RECORDING]) == 2
    assert "--case routines/x/cases/y.yaml" in capsys.readouterr().err
    case = "backlog-maintenance/cases/weekday-night.yaml"
    assert run(["diff", str(strange), RECORDING, "--case", case]) == 0


def test_what_is_no_recording_is_bad_input(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", RECORDING, "nowhere.jsonl"]) == 2
    assert "there is no such recording" in capsys.readouterr().err
    assert run(["diff", RECORDING, "policy.yaml"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_who_recorded_and_which_files_changed_is_said_first(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another model and another prompt are named; that alone is no difference in what was done."""

    def change(entry: dict[str, Any]) -> dict[str, Any]:
        if entry["type"] != "header":
            return entry
        name = min(entry["digests"])
        agent = entry["agent"] | {"model": "other-model"}
        return entry | {"agent": agent, "digests": entry["digests"] | {name: "sha256:0"}}

    header = json.loads((examples / RECORDING).read_text(encoding="utf-8").splitlines()[0])
    assert run(["diff", RECORDING, changed(examples, change), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["part"] for each in found] == ["recording", "recording"]
    assert found[0]["text"].endswith("→ other-model")
    assert found[1]["text"] == f"recorded under another {min(header['digests'])}"
