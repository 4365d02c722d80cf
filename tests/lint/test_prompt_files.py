"""Lint of a routine whose prompt has a file of its own: findings stand there, and are mended there."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from routine_harness.cli.main import cli

NAMED = "name: digest\nrepositories: [github:acme/core]\nprompt: {{file: prompt.md}}{comment}\n"
PROMPT = (
    "Look at the open issues.\n\n  Summarise {{repositry}} every morning.\n"
    "Never close an issue. You are done when all were read.\n"
)
SELECTED = "prompt.unknown-placeholder"


def folder(tmp_path: Path, comment: str = "", *names: str) -> Path:
    (tmp_path / ".git").mkdir()
    for name in names or ("digest",):
        home = tmp_path / "routines" / name
        home.mkdir(parents=True)
        text = NAMED.format(comment=comment).replace("name: digest", f"name: {name}")
        (home / "routine.yaml").write_text(text.replace("prompt.md", "../prompt.md"))
    (tmp_path / "routines" / "prompt.md").write_text(PROMPT)
    return tmp_path / "routines"


def lint(monkeypatch: pytest.MonkeyPatch, root: Path, *options: str) -> tuple[int, str]:
    monkeypatch.chdir(root.parent)
    found = CliRunner().invoke(cli, ["lint", "routines", "--select", SELECTED, *options])
    return found.exit_code, found.output


def test_a_finding_on_the_prompt_points_to_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With line and column there, and the line shown."""
    _, said = lint(monkeypatch, folder(tmp_path), "--output-format", "concise")
    assert said.startswith(f"routines/prompt.md:3:13: {SELECTED}")
    _, said = lint(monkeypatch, tmp_path / "routines")
    assert "Summarise {{repositry}} every morning." in said


def test_a_fix_is_made_in_the_prompts_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The routine's own file stays as it is, and two routines that share a prompt mend it once."""
    root = folder(tmp_path, "", "digest", "weekly")
    before = (root / "digest/routine.yaml").read_text()
    _, shown = lint(monkeypatch, root, "--diff")
    assert shown.count("+  Summarise {{repository}} every morning.") == 1
    assert (root / "prompt.md").read_text() == PROMPT
    lint(monkeypatch, root, "--fix")
    assert (root / "prompt.md").read_text() == PROMPT.replace("repositry", "repository")
    assert (root / "digest/routine.yaml").read_text() == before


@pytest.mark.parametrize("codes", [f"[{SELECTED}]", ""])
def test_what_stands_beside_the_file_holds_for_the_whole_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codes: str
) -> None:
    """A prompt is no place for comments, so the line that names its file is."""
    _, said = lint(monkeypatch, folder(tmp_path, f"  # rh: ignore{codes}"), "--output-format", "concise")
    assert "prompt.md" not in said


def test_a_suppression_of_another_rule_suppresses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The finding stays."""
    root = folder(tmp_path, "  # rh: ignore[prompt.no-link]")
    assert "prompt.md:3" in lint(monkeypatch, root, "--output-format", "concise")[1]
