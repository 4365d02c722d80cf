"""A real agent's clone holds the files that its prompt tells it to follow."""

from __future__ import annotations

import subprocess
from pathlib import Path

from routine_harness.live.outside.clones import create_origins
from routine_harness.live.outside.served_world import open_setting, open_world
from routine_harness.store.cases import load_case_file

ROUTINE = """\
name: triage
repositories: [github:acme/core]
triggers: [{type: api}]
prompt: {file: prompt.md}
reads_files: [.agents/prompts/triage.md]
"""
WHOLE = 'world: {github: {repositories: [{full_name: acme/core, files: {README.md: "Core."}}]}}\n'


def origin_files(folder: Path, case: str) -> dict[str, str]:
    """The files of the origin that a live run of ``case`` would clone."""
    files = {
        ".git/HEAD": "", ".agents/prompts/triage.md": "Label it.\n", "r/routine.yaml": ROUTINE,
        "r/prompt.md": "Follow the file.\n", "r/cases/go.yaml": f"trigger: {{api: {{text: go}}}}\n{case}",
    }  # fmt: skip
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    loaded = load_case_file(folder / "r/cases/go.yaml")
    world = open_world(open_setting(loaded.cases[0], loaded.routine)).world
    create_origins(folder / "origins", loaded.routine, world, {})
    git = ["git", "-C", str(folder / "origins/acme/core.git")]
    names = subprocess.check_output([*git, "ls-tree", "-r", "--name-only", "main"], text=True).split()
    return {name: subprocess.check_output([*git, "show", f"main:{name}"], text=True) for name in names}


def test_the_clone_holds_the_file(tmp_path: Path) -> None:
    """Where the world knows no other file of the repository, it is the only one."""
    assert origin_files(tmp_path, "") == {".agents/prompts/triage.md": "Label it.\n"}


def test_the_clone_holds_it_beside_the_worlds_files(tmp_path: Path) -> None:
    """A world that gives all others does not take it away."""
    found = origin_files(tmp_path, WHOLE)
    assert found == {".agents/prompts/triage.md": "Label it.\n", "README.md": "Core."}
