"""The guard in the real CLI, offline: what it denies, what its log tells, and how it can be disarmed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from guard_session import run_setup
from support.live_runs import in_turns, needs_cli, use

pytest.importorskip("mcp")

from routine_harness.cli.main import run
from routine_harness.guard.hook_settings import LOG, MANAGED
from routine_harness.guard.install import install, load_guarded
from routine_harness.harness import check_routine
from routine_harness.live.client.program import QUIET, find_program
from routine_harness.serve.mcp import build_application
from routine_harness.serve.model import ModelEndpoint
from routine_harness.serve.model_session import ModelSession
from routine_harness.serve.modes import ScriptMode
from routine_harness.serve.server import ServerThread, listen

ROUTINE = """\
name: small
repositories: [github:acme/core]
connectors: [slack:alerts]
triggers: [{type: api}]
prompt: Do it.
"""
POLICY = "root: true\nnoise: {messages_per_run: 1}\n"
TOUCH = use("Bash", command="gh pr merge 4")
LEAVE = use("Bash", command="git checkout -q bare")
DISABLED = '{"disableAllHooks": true}'
SEND = use("mcp__slack__slack_send_message", channel_id="alerts", message="hello")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A scratch repository with a routine and its guard, committed, and a branch without any of it."""
    needs_cli()
    folder = tmp_path / "repo"
    (folder / "routine").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    git(folder, "branch", "bare")
    (folder / "routine" / "routine.yaml").write_text(ROUTINE)
    (folder / "routine" / "policy.yaml").write_text(POLICY)
    install(load_guarded([folder / "routine"]), folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "guard")
    return folder


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@contextmanager
def model(*turns: Any) -> Iterator[ModelSession]:
    """The model endpoint with a session that plays these turns."""
    session = ModelSession(ScriptMode(in_turns(*([turn] for turn in turns))))
    endpoint = ModelEndpoint()
    endpoint.open(session)
    server = ServerThread(build_application({}, endpoint.routes()), listen("127.0.0.1", 0), lambda *_: None)
    session.place = f"http://127.0.0.1:{server.port}"  # type: ignore[attr-defined]
    try:
        yield session
    finally:
        server.close()


def play(
    home: Path, *turns: Any, managed: Path | None = None, connectors: bool = True
) -> list[dict[str, Any]]:
    """Run the CLI in ``home`` on these turns; what the agent got for its calls, in order."""
    scratch = home.parent / "home"
    scratch.mkdir(exist_ok=True)
    config = home.parent / "mcp.json"
    serve = [
        sys.executable,
        "-m",
        "routine_harness",
        "serve",
        "world",
        str(home / "routine"),
        "--connector",
        "slack",
    ]
    servers = {"slack": {"command": serve[0], "args": serve[1:]}} if connectors else {}
    config.write_text(json.dumps({"mcpServers": servers}))
    with model(*turns) as session:
        environment = {
            **QUIET,
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(scratch),
            "ANTHROPIC_BASE_URL": session.place,  # type: ignore[attr-defined]
            "ANTHROPIC_API_KEY": session.token,
        }
        words = [*find_program().words, "-p", "go", "--output-format", "stream-json", "--verbose",
                 "--permission-mode", "bypassPermissions", "--strict-mcp-config", "--mcp-config", str(config),
                 "--setting-sources", "project,local"]  # fmt: skip
        done = subprocess.run(
            [*_inside(managed), *words], cwd=home, env=environment, capture_output=True, text=True,
            timeout=120, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    contents = [line["message"]["content"] for line in lines if line["type"] == "user"]
    blocks = [block for content in contents for block in content if isinstance(block, dict)]
    return [block for block in blocks if block.get("type") == "tool_result"]


def _inside(managed: Path | None) -> list[str]:
    """A view of the machine in which ``managed`` is the folder of managed settings."""
    if managed is None:
        return []
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap")
    shown = ("passwd", "group", "hosts", "resolv.conf", "ssl", "ld.so.cache", "alternatives", "nsswitch.conf")
    words = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/etc"]
    for name in shown:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return [*words, "--ro-bind", str(managed), MANAGED]


@pytest.fixture
def managed(home: Path) -> Path:
    """The managed settings folder as the printed lines make it."""
    return run_setup(load_guarded([home / "routine"]), home, home.parent)


def text(result: dict[str, Any]) -> str:
    content = result["content"]
    return content if isinstance(content, str) else " ".join(block.get("text", "") for block in content)


def test_what_is_denied_and_what_the_log_tells(home: Path) -> None:
    """The CLI is told why in the policy's words, and the log is judged like any recording; a run that
    leaves for a branch without the guard is blocked whole."""
    results = play(home, TOUCH, SEND, SEND, LEAVE, TOUCH)
    assert [bool(result.get("is_error")) for result in results] == [True, False, True, False, True]
    assert "forbidden by default policy: pull_request.merged" in text(results[0])
    assert "2 messages in one run, at most 1 by routine/policy.yaml:2" in text(results[2])
    assert "can't open file" in text(results[4])
    git(home, "checkout", "-q", "-f", "main")
    [log] = (home / LOG).glob("*.jsonl")
    place = home / "routine" / "recordings" / "production.jsonl"
    assert run(["import", "transcript", str(log), "-o", str(place)]) == 0
    [result] = check_routine(home / "routine")
    assert result.pair is not None
    calls = result.pair.first.calls
    assert [call.call.name for call in calls] == ["Bash", *["slack.slack_send_message"] * 2, "Bash"]
    assert [call.result.is_error for call in calls][:3] == [True, False, True]
    found = {finding.code for check in result.verdict.checks for finding in check.findings}
    assert "policy.forbidden" in found
    assert "noise.messages-per-run" not in found


def test_disabling_hooks_disarms_the_projects_form(home: Path) -> None:
    """disableAllHooks in the local settings switches a repository's own guard off."""
    (home / ".claude" / "settings.local.json").write_text(DISABLED)
    assert run(["guard", "install", str(home / "routine"), "--into", str(home), "--check"]) == 1
    assert "forbidden by" not in text(play(home, TOUCH, connectors=False)[0])


def test_a_branch_without_the_hooks_disarms_the_projects_form(home: Path) -> None:
    """A session that starts there has no guard."""
    git(home, "checkout", "-q", "bare")
    assert "forbidden by" not in text(play(home, TOUCH, connectors=False)[0])


def test_the_managed_form_holds_against_both(home: Path, managed: Path) -> None:
    """Neither local settings nor a branch without hooks takes it off."""
    git(home, "checkout", "-q", "bare")
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.local.json").write_text(DISABLED)
    [result] = play(home, TOUCH, managed=managed, connectors=False)
    assert "forbidden by default policy" in text(result)
