"""The demo: the README's own routine, red, and green with ``--fixed``; it shows, and overwrites nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.starter import BLOCK, write
from support.terminal import PROGRAM, mixed, on_terminal, screen

from routine_harness.cli import demo
from routine_harness.cli.demo import demo_files

HOME = "routine-harness-demo/routines/security-triage"
ALONE = "routines/policy.yaml"
"""The one file that the README's walk does not need: the demo may lie below a policy of others."""
OFFLINE = """
import os, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        os.write(2, f"reached out: {event} {arguments}".encode())
        os._exit(99)
sys.addaudithook(refuse)
"""
"""Loaded by every interpreter that finds it as ``sitecustomize``: whoever reaches out ends there."""


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, output and errors of ``routine-harness demo`` through pipes."""
    done = subprocess.run(
        [PROGRAM, "demo", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("fixed", [False, True])
def test_its_files_are_those_of_the_readme(project: Path, tmp_path: Path, fixed: bool) -> None:
    """As the walk begins, and with ``--fixed`` as it ends."""
    for _, kind, name, replaced, body in BLOCK.findall((project / "README.md").read_text("utf-8")):
        if kind == "title" and (fixed or not (tmp_path / name).exists()):
            write(tmp_path / name, body, replaced)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    walk = {file.relative_to(tmp_path).as_posix(): file.read_text("utf-8") for file in files}
    shown = {name: text for name, text in demo_files(fixed=fixed).items() if name != ALONE}
    assert walk == shown


def test_it_shows_the_ticket_filed_twice(tmp_path: Path) -> None:
    """Both plans, both records, where to fix it, what to type; it has done what it is for, so 0."""
    code, out, err = run(tmp_path)
    assert (code, err) == (0, "")
    assert "no key, no network" in out.splitlines()[0]
    for line in (
        '  + ticket SEC-1 "SQL injection in app/db.py"',
        '  = ticket SEC-2 (same as SEC-1) "SQL injection in app/db.py"',
        "Plan: 1 to create, 1 duplicate.",
        "SEC-2 duplicates SEC-1: run 2 made it again; alike by project, title",
        "                   run 1, call 3                  run 2, call 3",
        "  routine-harness check routine-harness-demo/routines",
        "  routine-harness demo --fixed",
    ):
        assert line in out.splitlines(), line


def test_it_names_the_lines_to_fix(tmp_path: Path) -> None:
    """The prompt, and the call of the script that files the ticket."""
    _, out, _ = run(tmp_path)
    prompt, script = re.findall(rf"^  ({HOME}\S+):(\d+)$", out, re.MULTILINE)
    assert (tmp_path / prompt[0]).read_text("utf-8").splitlines()[int(prompt[1]) - 1] == "prompt: |"
    assert "linear.save_issue" in (tmp_path / script[0]).read_text("utf-8").splitlines()[int(script[1]) - 1]


def test_fixed_files_it_once(tmp_path: Path) -> None:
    """In the same folder: its own files are replaced, and said to be."""
    run(tmp_path)
    code, out, _ = run(tmp_path, "--fixed")
    assert code == 0
    assert f"replaced {HOME}/agents/triage.py" in out
    assert f"kept {HOME}/cases/sql-injection.yaml" in out
    assert "second run\n  no effects\nPlan: 1 to create.\n" in out
    assert "duplicate" not in out


@pytest.mark.parametrize(("fixed", "code"), [([], 1), (["--fixed"], 0)])
def test_the_commands_that_it_prints_work(tmp_path: Path, fixed: list[str], code: int) -> None:
    """``check`` says by its exit code what the demo shows; ``show`` shows both runs."""
    _, out, _ = run(tmp_path, *fixed)
    check, show = (
        next(x for x in out.splitlines() if f"  routine-harness {y} " in x) for y in ("check", "show")
    )
    for line, wanted in ((check, code), (show, 0)):
        done = subprocess.run([PROGRAM, *line.split()[1:]], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == wanted, done.stdout


def test_what_you_changed_is_kept_until_you_say_so(tmp_path: Path) -> None:
    """All changed files at once, nothing written, how to run them; with ``--overwrite`` they are replaced."""
    run(tmp_path)
    for name in ("routine.yaml", "agents/triage.py"):
        file = tmp_path / HOME / name
        file.write_text(file.read_text("utf-8") + "# mine\n", "utf-8")
    code, _, err = run(tmp_path, "--fixed")
    assert code == 2
    assert err.count("you have changed this file of the demo") == 2
    assert "routine-harness check routine-harness-demo/routines" in err
    assert (tmp_path / HOME / "agents/triage.py").read_text("utf-8").endswith("# mine\n")
    code, out, _ = run(tmp_path, "--fixed", "--overwrite")
    assert (code, out.count("replaced ")) == (0, 2)


def test_a_policy_above_does_not_hold_in_it(tmp_path: Path) -> None:
    """The demo shows the same wherever it is written."""
    (tmp_path / "policy.yaml").write_text("forbid: [{effect: ticket.created}]\n", "utf-8")
    _, out, _ = run(tmp_path)
    assert "Plan: 1 to create, 1 duplicate." in out


def test_it_is_quick_and_reaches_nothing(tmp_path: Path) -> None:
    """Under five seconds of a processor, interpreter included; whoever opens a connection ends with 99."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(OFFLINE, "utf-8")
    reaching = [sys.executable, "-c", "import socket; socket.getaddrinfo('localhost', 1)"]
    hooked = {"PYTHONPATH": str(tmp_path / "hook")}
    assert subprocess.run(reaching, env=hooked, capture_output=True, check=False).returncode == 99
    before = os.times()
    code, out, err = run(tmp_path, **hooked)
    after = os.times()
    assert (code, err) == (0, "")
    assert re.search(r"^2 runs in \d+\.\d\ds$", out, re.MULTILINE)
    took = after.children_user + after.children_system - before.children_user - before.children_system
    assert took < 5


@pytest.mark.parametrize("arguments", [[], ["--fixed"]])
def test_it_fits_a_terminal_of_80_columns(tmp_path: Path, arguments: list[str]) -> None:
    """Nothing is wider, no bar is left, the duplicate is red; a pipe gets the same text without colours."""
    code, raw = on_terminal([PROGRAM, "demo", *arguments], tmp_path)
    assert code == 0
    assert mixed(raw) == []
    lines = screen(raw)
    assert [line for line in lines if len(line) > 80] == []
    assert ("\x1b[31;1m  = ticket SEC-2" in raw) is (not arguments)
    (tmp_path / "pipe").mkdir()
    _, plain, _ = run(tmp_path / "pipe", *arguments)
    assert "\x1b" not in plain

    def body(text: str) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", re.sub(r" in \d\.\d\ds", "", text)).replace("\r\n", "\n").strip()

    assert body(raw) == body(plain)


@pytest.mark.parametrize(
    ("prefix", "uv", "typed"),
    [
        ("/home/a/.cache/uv/archive-v0/PLi1jk", True, "uvx routine-harness"),
        ("/home/a/project/.venv", True, "routine-harness"),
        ("/home/a/.cache/pipx/a1b2c3", False, "pipx run routine-harness"),
        ("/home/a/.local/share/pipx/venvs/routine-harness", False, "routine-harness"),
    ],
)
def test_it_prints_what_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, prefix: str, uv: bool, typed: str
) -> None:
    """``uvx`` and ``pipx run`` leave no program behind."""
    monkeypatch.setattr(sys, "prefix", prefix)
    monkeypatch.setenv("UV", "/bin/uv") if uv else monkeypatch.delenv("UV", raising=False)
    assert demo._program() == typed
