"""What an installation writes, how it is checked, and what a setup script installs."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from guard_session import COMMIT, ROUTINE, run_setup, write_repository

from routine_harness.cli.installation import NAME, constraints, pinned_requirement
from routine_harness.cli.main import run
from routine_harness.errors import SpecError, UsageError
from routine_harness.guard.hook_settings import FILE, LOCAL_SETTINGS, POLICY, SETTINGS, with_hooks
from routine_harness.guard.install import check_installed, expected_files, install, load_guarded

WHEEL = "https://files.example.com/routine_harness-0.1.0-py3-none-any.whl#sha256=" + "0f" * 32


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A scratch repository with a routine and its guard."""
    return write_repository(tmp_path)


def test_settings_are_merged_and_found_again(home: Path) -> None:
    """What is there stays, in its order and indentation; a second installation changes nothing."""
    mine = {
        "permissions": {"allow": ["Bash"]},
        "hooks": {"PreToolUse": [{"matcher": "Edit", "hooks": []}], "Stop": []},
    }
    text = with_hooks(json.dumps(mine, indent=4), "settings.json")
    merged = json.loads(text)
    assert merged["permissions"] == mine["permissions"]
    assert merged["hooks"]["PreToolUse"][0] == {"matcher": "Edit", "hooks": []}
    assert text.startswith('{\n    "permissions"')
    assert with_hooks(text, "settings.json") == text
    assert install(load_guarded([home]), home) == []
    older = text.replace("python3 -I", "python3 -I -S")
    assert len(json.loads(with_hooks(older, "settings.json"))["hooks"]["PreToolUse"]) == 2
    with pytest.raises(SpecError, match="expected JSON"):
        with_hooks("{", "settings.json")


def test_check_tells_what_no_longer_matches(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed policy, hooks that are gone or switched off are told, from any working directory."""

    def codes() -> list[str]:
        return [finding.code for finding in check_installed(load_guarded([home]), home)]

    assert codes() == []
    monkeypatch.chdir(home)
    assert codes() == []
    (home / LOCAL_SETTINGS).write_text('{"disableAllHooks": true}')
    assert codes() == ["guard.disarmed"]
    (home / LOCAL_SETTINGS).unlink()
    (home / "policy.yaml").write_text("root: true\nforbid: [ticket.created]\n")
    assert codes() == ["guard.stale"]
    assert run(["guard", "install", str(home), "--check"]) == 1
    (home / SETTINGS).write_text("{}")
    (home / FILE).unlink()
    (home / POLICY).unlink()
    assert codes() == ["guard.absent", "guard.absent", "guard.not-hooked"]


def test_a_routine_of_several_repositories_has_no_guard(home: Path) -> None:
    """It is told so, and nothing is written."""
    (home / FILE).unlink()
    (home / "routine.yaml").write_text(
        ROUTINE.replace("[github:acme/core]", "[github:acme/core, github:acme/web]")
    )
    with pytest.raises(UsageError, match="so no guard"):
        install(load_guarded([home]), home)
    assert not (home / FILE).exists()
    assert run(["guard", "install", str(home)]) == 2


def test_the_files_are_the_same_for_the_same_policy(home: Path) -> None:
    """The text does not change from one installation to the next, and holds nothing of this machine."""
    first, second = (expected_files(load_guarded([home]), home) for _ in range(2))
    assert first == second
    for path, text in first.items():
        assert text == path.read_text()
        assert str(home) not in text
    assert "Do it." not in first[home / POLICY]


@pytest.mark.parametrize("origin", [COMMIT, WHEEL])
def test_a_setup_script_installs_what_is_pinned(
    home: Path, origin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The harness by commit or hash, and all that it needs in the very versions that are installed here."""
    assert run(["guard", "install", str(home), "--setup", "--from", origin]) == 0
    text = capsys.readouterr().out
    assert f"constraints.txt 'routine-harness @ {origin}'" in text
    assert any(line.startswith("msgspec==") for line in constraints())
    assert all(f"\n{line}\n" in text for line in constraints())


def test_the_setup_script_runs(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """It installs the pinned harness apart from everything else, and hooks that find it there: a Python
    without the harness hands over to the one with it."""
    place = tmp_path_factory.mktemp("machine")
    managed = run_setup(load_guarded([home]), home, place)
    asked = (place / "installed").read_text()
    assert asked.endswith(f"routine-harness @ {COMMIT}\n")
    assert "--constraint" in asked
    settings = json.loads((managed / "managed-settings.json").read_text())
    command = settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"].replace(
        "python3 -I", f"{sys.executable} -IS"
    )
    event = {"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Bash", "cwd": str(home),
             "tool_input": {"command": "gh pr merge 4"}}  # fmt: skip
    done = subprocess.run(
        ["sh", "-c", command],
        input=json.dumps(event),
        env={"HOME": str(place)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pull_request.merged" in done.stdout
    assert (place / ".claude" / "routine-harness-log" / "s.jsonl").is_file()


def test_managed_settings_of_others_are_left_alone(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The lines stop rather than replace them."""
    place = tmp_path_factory.mktemp("machine")
    managed = place / "etc" / "claude-code"
    managed.mkdir(parents=True)
    (managed / "managed-settings.json").write_text("{}")
    with pytest.raises(subprocess.CalledProcessError):
        run_setup(load_guarded([home]), home, place)
    assert (managed / "managed-settings.json").read_text() == "{}"


@pytest.mark.parametrize(
    "origin",
    [
        "routine-harness",
        "routine-harness==0.1.0",
        "git+https://github.com/acme/routine-harness@main",
        "git+https://github.com/acme/routine-harness",
        "https://files.example.com/routine_harness-0.1.0-py3-none-any.whl",
        "https://files.example.com/x.whl#sha256=12",
        f"{COMMIT}'; touch x; '",
        "git+https://x';touch${IFS}x;'@" + "a1" * 20,
        "git+https://user:secret@example.com/acme/routine-harness@" + "a1" * 20,
    ],
)
def test_a_name_or_a_branch_is_refused(home: Path, origin: str) -> None:
    """Anybody could stand behind it tomorrow: the message says what is wanted instead, and no token."""
    with pytest.raises(UsageError, match="not pinned") as caught:
        pinned_requirement(origin)
    assert "--from" in caught.value.problems[0].hint
    assert "secret" not in str(caught.value)
    assert run(["guard", "install", str(home), "--setup", "--from", origin]) == 2


def noted(monkeypatch: pytest.MonkeyPatch, direct_url: dict[str, Any] | None) -> None:
    """Let the harness be installed as an installer notes it (PEP 610)."""
    text = None if direct_url is None else json.dumps(direct_url)
    monkeypatch.setattr(type(distribution(NAME)), "read_text", lambda self, name: text)  # whoever found it


def test_the_default_is_where_the_harness_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index leaves no trace of the artefact, so that it has to be said; a commit and a hash are enough."""
    url, commit = COMMIT.removeprefix("git+").split("@")
    noted(monkeypatch, {"url": url, "vcs_info": {"vcs": "git", "commit_id": commit}})
    assert pinned_requirement() == f"routine-harness @ {COMMIT}"
    wheel, digest = WHEEL.split("#sha256=")
    noted(monkeypatch, {"url": wheel, "archive_info": {"hashes": {"sha256": digest}}})
    assert pinned_requirement() == f"routine-harness @ {WHEEL}"
    noted(monkeypatch, None)
    with pytest.raises(UsageError, match="does not say where it came from"):
        pinned_requirement()


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_clone_counts_where_a_remote_has_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a folder it is the commit, unless it is not published, or files were changed since."""
    noted(monkeypatch, {"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    with pytest.raises(UsageError, match="whose commit no remote has"):
        pinned_requirement()
    git(tmp_path, "init", "-q")
    git(
        tmp_path,
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "commit",
        "-q",
        "--allow-empty",
        "-mx",
    )
    git(tmp_path, "remote", "add", "origin", "git@github.com:acme/routine-harness.git")
    with pytest.raises(UsageError, match="whose commit no remote has"):
        pinned_requirement()
    git(tmp_path, "update-ref", "refs/remotes/origin/main", "HEAD")
    commit = git(tmp_path, "rev-parse", "HEAD")
    wanted = f"routine-harness @ git+ssh://git@github.com/acme/routine-harness.git@{commit}"
    assert pinned_requirement() == wanted
    (tmp_path / "x").write_text("changed")
    with pytest.raises(UsageError, match="files were changed"):
        pinned_requirement()
