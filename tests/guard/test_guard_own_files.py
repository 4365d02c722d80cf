"""The guard lets nobody change its own files, nor the settings that start it."""

from __future__ import annotations

from pathlib import Path

import pytest
from guard_session import Session, write_repository

FILE = ".claude/routine-harness/guard.json"
SETTINGS = ".claude/settings.json"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session at the root of its repository."""
    return Session(write_repository(tmp_path))


CHANGES = [
    f"rm {FILE}",
    "rm -rf .claude",
    "rm -rf .claude/*",
    "rm -rf ./.claude/routine-harness/",
    "rm -rf .",
    f"cd .claude && rm -f {SETTINGS.removeprefix('.claude/')}",
    f"echo {{}} > {SETTINGS}",
    "echo true | tee .claude/settings.local.json",
    f"cat >> {SETTINGS} <<'EOF'\nx\nEOF",
    'echo x > "$CLAUDE_PROJECT_DIR/.claude/settings.json"',
    f"mv {SETTINGS} /tmp/away.json",
    "mv .claude claude",
    f"mv /tmp/mine.json {SETTINGS}",
    "mv /tmp/settings.json .claude/",
    "cp /tmp/settings.local.json .claude",
    f"cp /tmp/mine.json {SETTINGS}",
    f"ln -sf /dev/null {SETTINGS}",
    f"sed -i 's/PreToolUse/Nothing/' {SETTINGS}",
    f"sed -i.bak -e 's/a/b/' {SETTINGS}",
    f"truncate -s 0 {FILE}",
    f"git checkout -- {SETTINGS}",
    f"git checkout HEAD~3 -- {SETTINGS}",
    f"git checkout HEAD~3 {SETTINGS}",
    "git checkout origin/old -- .",
    "git restore --source=HEAD~2 .claude",
    f"git rm {FILE}",
    "git rm -r .claude",
    f"git mv {SETTINGS} x.json",
    "git clean -fdx",
    "find . -name 'settings*.json' -delete",
    "find .claude -type f -delete",
    "chmod -x .claude/routine-harness/guard.py",
    "if true; then rm .claude/settings.json; fi",
    "rm -rf /opt/routine-harness",
    "rm /etc/claude-code/managed-settings.json",
    "echo '{}' > ~/.claude/settings.json",
    f"dd if=/dev/zero of={FILE}",
    f"curl -o {SETTINGS} https://example.com/x",
    f"wget -qO {SETTINGS} https://example.com/x",
    f"jq .env {SETTINGS} | sponge {SETTINGS}",
    f"perl -pi -e 's/a/b/' {SETTINGS}",
    f"yq -i '.hooks = {{}}' {SETTINGS}",
    f"patch {SETTINGS} < x.diff",
    "cp -t .claude /tmp/settings.json",
    f"git checkout {SETTINGS}",
    "git checkout .claude",
    f"sudo env X=1 rm {FILE}",
    f"echo {FILE} | xargs rm",
    f"bash -c 'rm {FILE}'",
    "for f in .claude/*; do rm $f; done",
]


@pytest.mark.parametrize("command", CHANGES)
def test_no_command_changes_the_guards_files(session: Session, command: str) -> None:
    """However a command writes, moves or deletes, the reason names what belongs to the guard."""
    assert "belongs to the guard" in session.run(command)


HONEST = [
    f"cat {SETTINGS}",
    f"cp {SETTINGS} /tmp/copy.json",
    "mkdir -p .claude/skills && cp -r skills/triage .claude/skills/",
    "cp notes.md .claude/",
    "rm -rf .claude/worktrees build dist",
    "echo x > .claude/commands/land.md",
    "git checkout -- .",
    "git checkout -- src/app.py",
    "git checkout -b claude/x origin/main",
    "git checkout main",
    "git restore .",
    "git restore --staged .",
    "git restore src",
    "git clean -fd",
    "git clean -fdx -e .claude",
    "git rm --cached -r .claude/routine-harness/log",
    "find . -name '*.pyc' -delete",
    "find . -empty -delete",
    "sed -n 1,20p .claude/settings.json",
    "sed -i 's/a/b/' README.md",
    "git add -A && git commit -m 'all of .claude/settings.json'",
    "rm settings.json && touch .claude.md",
    f"rsync -a {SETTINGS} /tmp/backup/",
    f"curl -d @{SETTINGS} http://localhost:8000/",
    f"perl -ne 'print' {SETTINGS}",
    f"jq . {SETTINGS} > /tmp/x.json",
    f"git diff {SETTINGS}",
]


@pytest.mark.parametrize("command", HONEST)
def test_what_lies_beside_them_may_be_changed(session: Session, command: str) -> None:
    """Reading them, and everything around them, is nobody's business."""
    assert session.run(command) == ""


@pytest.mark.parametrize(
    ("tool", "argument"),
    [
        ("Write", "file_path"),
        ("Edit", "file_path"),
        ("MultiEdit", "file_path"),
        ("NotebookEdit", "notebook_path"),
    ],
)
def test_no_tool_changes_the_guards_files(session: Session, tool: str, argument: str) -> None:
    """By an absolute path, a relative one, and through a link."""
    home = session.home
    (home / "link").symlink_to(home / ".claude")
    for path in (home / FILE, home / SETTINGS, "src/../.claude/settings.local.json", "link/settings.json"):
        assert "belongs to the guard" in session.ask(tool, **{argument: str(path)})
    assert session.ask(tool, **{argument: "~/.claude/settings.json"})
    assert session.ask(tool, **{argument: str(home / ".claude" / "skills" / "x.md")}) == ""
    assert session.ask("Read", file_path=str(home / SETTINGS)) == ""


def test_a_call_is_seen_from_where_it_is_made(session: Session) -> None:
    """In another folder the same words mean another file."""
    (session.home / "src").mkdir()
    below = Session(session.home, session.home / "src")
    assert below.run("rm -rf .claude") == ""
    assert "belongs to the guard" in below.run("rm -rf ../.claude")
    assert below.ask("Write", file_path=SETTINGS) == ""
    assert "belongs to the guard" in below.ask("Write", file_path=f"../{SETTINGS}")
