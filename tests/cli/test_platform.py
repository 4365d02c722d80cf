"""``platform diff``: what changed between two editions, and which routines of a folder it touches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from routine_harness.cli.main import run

ROUTINE = """\
name: asks
repositories: [github:acme/core]
triggers: [{type: api}]
prompt: Read the issue. Stop if a comment carries `<!-- asks -->`. Never push.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "asks").mkdir()
    (tmp_path / "asks/routine.yaml").write_text(ROUTINE, "utf-8")
    (tmp_path / "policy.yaml").write_text("root: true\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_changes_are_told_with_values_and_sources_and_routines_with_reasons(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["platform", "diff", "2026-04", "2026-10"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("From 2026-04 to 2026-10: ")
    assert "  ~ push\n      rule: claude-only → repository\n" in out
    assert "      documented: https://code.claude.com/docs" in out
    assert "  - runs-per-day\n" in out
    assert "      value: titles_and_bodies → everything\n" in out
    assert "1 of 1 routine touched\n\nasks  asks/routine.yaml\n" in out
    assert "  payload: it is started by requests\n" in out
    assert "settings.sanitised_reads: it looks for <!-- asks -->, which is stripped" in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.usefixtures("folder")
def test_json_holds_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["platform", "diff", "2026-04", "2026-10", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    changes = {change["rule"]: change for change in found["changes"]}
    rule = {"field": "rule", "before": "claude-only", "after": "repository"}
    assert rule in changes["push"]["fields"]
    assert changes["push"]["routines"] == []
    assert changes["push"]["source"].startswith("https://")
    [reached] = changes["payload"]["routines"]
    assert reached == {"routine": "asks", "file": "asks/routine.yaml", "why": "it is started by requests"}
    assert found["looked_at"] == 1
    [routine] = found["routines"]
    assert {reach["rule"] for reach in routine["reaches"]} >= {"payload", "lint.prompt.marker-stripped"}


def test_a_folder_without_routines_shows_the_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["platform", "diff", "2026-08", "2026-10", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "push" in out
    assert "touched" not in out


@pytest.mark.parametrize("editions", [("2026-4", "2026-10"), ("2026-04", "2026-11")])
def test_an_unknown_edition_names_the_nearest(
    editions: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["platform", "diff", *editions]) == 2
    assert "there is no edition" in capsys.readouterr().err


def test_a_broken_routine_is_named_after_all_others_were_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken").mkdir()
    (folder / "broken/routine.yaml").write_text("name: 7: 8\n", "utf-8")
    assert run(["platform", "diff", "2026-04", "2026-10"]) == 2
    told = capsys.readouterr()
    assert "asks  asks/routine.yaml" in told.out
    assert "broken/routine.yaml" in told.err


def test_a_missing_folder_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["platform", "diff", "2026-04", "2026-10", "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err
