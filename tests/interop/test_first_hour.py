"""Five routines of an account's files, three cases each: a verdict in few commands and lines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest
import yaml

FIRST_HOUR = Path(__file__).parents[2] / "fixtures" / "first_hour"
SCRIPT = FIRST_HOUR / "from-nothing.sh"
WRITTEN = FIRST_HOUR / "routines"
CASES = sorted(WRITTEN.glob("*/cases/*.yaml"))


def run(arguments: list[str], folder: Path) -> tuple[int, str]:
    """A command of the shell with this interpreter's programs first on the PATH."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        arguments,
        cwd=folder,
        env={**os.environ, "PATH": programs},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def tested(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """The folder in which the script ran, its exit status and what it printed."""
    folder = tmp_path_factory.mktemp("first-hour")
    files = shared_data / "routines" / "L337"
    return folder, *run(["bash", "-e", str(SCRIPT), str(files), str(WRITTEN)], folder)


def test_few_commands_and_lines() -> None:
    """At most four commands, three cases a routine, at most 12 lines in the median case, none above 20."""
    commands = [line for line in SCRIPT.read_text().splitlines() if line.strip() and not line.startswith("#")]
    assert len(commands) <= 4
    lines = [len(case.read_text().splitlines()) for case in CASES]
    assert len(lines) == 15
    assert median(lines) <= 12
    assert max(lines) <= 20
    assert {len(list(home.glob("cases/*.yaml"))) for home in WRITTEN.iterdir() if home.name != "agents"} == {
        3
    }


def test_every_case_says_what_it_shows() -> None:
    """A person reads a description, and each routine has a case in which nothing should happen."""
    for case in CASES:
        held = yaml.safe_load(case.read_text())
        assert len(held["description"]) > 20, case
    quiet = {case.parts[-3] for case in CASES if "nothing: true" in case.read_text()}
    assert len(quiet) == 5


def test_they_pass_under_the_policies_that_the_import_drew(tested: tuple[Path, int, str]) -> None:
    """15 cases pass; each routine is held to its prompt's prohibitions, and cases of people are kept."""
    folder, status, told = tested
    assert status == 0, told
    assert "15 cases: 15 passed, 0 failed" in told
    homes = [home for home in (folder / "routines").iterdir() if (home / "routine.yaml").is_file()]
    assert len(homes) == 5
    for home in homes:
        assert "the prompt says:" in (home / "policy.yaml").read_text()
        assert not (home / "cases" / "first-schedule.yaml").exists()
    assert "ci-fix/" in (folder / "routines" / "policy.yaml").read_text()


def test_what_the_prompts_commands_need_is_said_by_the_case() -> None:
    """`uv run` is no program that anybody runs there: the case says what it prints."""
    case = yaml.safe_load((WRITTEN / "ci-failure-responder" / "cases" / "flaky-test.yaml").read_text())
    assert case["commands"][0]["run"].startswith("uv run")


@pytest.mark.parametrize(
    ("instead", "by", "said"),
    [
        ('        file_of(session, DOCKER, "docker_mcp/server.py")\n',
         '        session.call("github.issue_write", **DOCKER, method="create", title="Drift", body="x")\n',
         "This routine is read-only"),
        ('branch = f"ci-fix/issue-{number}"', 'branch = "feature/retry"', "Never push to `main`"),
        ('found.append(f"{name}: A → {grade[1]}; ', 'found.append(f"{name} differs; ', "expect.messages"),
        ("    if json.loads(said):\n", "    if not json.loads(said):\n", "expect.pull-requests"),
    ],
)  # fmt: skip
def test_planted_faults_are_found(
    tested: tuple[Path, int, str], tmp_path: Path, instead: str, by: str, said: str
) -> None:
    """A write of a read-only routine, a forbidden branch, a lost value and an issue not worked are red."""
    folder, _, _ = tested
    status, told = run(["cp", "-r", str(folder / "routines"), str(tmp_path)], tmp_path)
    script = tmp_path / "routines" / "agents" / "l337.py"
    text = script.read_text()
    assert instead in text
    script.write_text(text.replace(instead, by))
    status, told = run(["routine-harness", "check", "routines"], tmp_path)
    assert status == 1
    assert said in " ".join(told.split())
