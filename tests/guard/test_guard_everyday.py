"""The everyday reading never reads a command differently from the shell parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routine_harness.guard.compiled import Guarded, compile_guard
from routine_harness.guard.everyday import read_everyday
from routine_harness.guard.precise import read_precisely
from routine_harness.routine.spec import Repository, Routine
from routine_harness.verdict.policy import Policy
from routine_harness.world.registry import Registry

ROOT = Path(__file__).parents[2]
COMMANDS = ROOT / "fixtures" / "shell" / "commands.yaml"
PLACES = [("acme/core", "claude/work"), ("acme/core", ""), ("", "main")]
"""Repository and branch that the guard knows of."""


def data_for(repository: str) -> Any:
    """The compiled policy of a routine on ``repository``."""
    named = (Repository(repository),) if repository else ()
    guarded = Guarded(Routine(name="r", prompt="x", repositories=named), Policy())
    return json.loads(json.dumps(compile_guard([guarded], Registry(), log="log")))


DATA = {repository: data_for(repository) for repository, _ in PLACES}

PROGRAMS = [
    "git", "git push", "git push origin", "git commit -m", "git commit -am", "git checkout", "git switch",
    "git checkout -b", "git branch", "git remote", "git tag", "git stash", "git log", "git rebase",
    "git -C", "gh", "gh pr", "gh pr view", "gh pr create --title", "gh pr merge", "gh pr comment 3 -b",
    "gh issue", "gh issue create -t", "gh issue comment 4 --body", "gh pr list", "gh run view",
    "gh pr status", "gh api", "rm -rf", "mkdir", "cp", "mv", "touch", "ln -s", "chmod", "curl", "curl -s",
    "wget", "find", "cd", "ls", "cat", "echo", "grep -rn", "sed -n", "npm", "npm run", "npm test",
    "pip install", "cargo", "uv run", "python3", "python3 -m", "python3 -m pytest", "pytest", "make",
    "go test", "node", "bash -c", "sh", "xargs", "env", "sudo", "test", "tee", "true", "sleep", "export",
    "set", "time", "if", "for", "while", "jq", "head", "awk",
    *sorted(DATA[""]["clear"]),
]  # fmt: skip
WORDS = [
    "-a", "-b", "-c", "-d", "-f", "-h", "-m", "-n", "-q", "-r", "-s", "-t", "-u", "-x", "-am", "-rf",
    "--", "-", "--all", "--body", "--dry-run", "--force", "--head", "--help", "--json", "--limit",
    "--merge", "--title", "--tags", "--delete", "--squash", "--version", "--draft", "--no-verify",
    "-exec", "-delete", "-name", "origin", "main", "claude/x", "HEAD", "HEAD:main", ":old", "+main",
    "a:b", "refs/tags/v1", "tag", "v1.0", "refs/heads/x", "heads/x", "heads/:x", ":refs/tags/v2", "@",
    "+", ":", "++a", "upstream", "origin/main", "1", "42", "0", "view", "create", "list", "run", "test",
    "build", "publish", "install", "ci", "a", "x.py", "../x", "/etc/passwd", "/tmp/x", "./x", "src/a",
    "~", "~/x", "a=b", "a==b", "=", "if", "for", "do", "done", "https://example.com/x",
    "http://api.github.com/repos/a/b", "https://GitHub.com/a", "{}", "}", "{", "!", "[[", "2>&1",
    ">/dev/null", "> /dev/null", "2>/dev/null", "&>/dev/null", "> out.txt", "< in.txt", "2", "1>&2", "''",
    '""', "'a b'", '"a b"', "a'b'c", '"it\'s"', "'x\ny'", '"$x"', "'$x'", "$x", "$(ls)", "`ls`", "'`ls`'",
    "*.py", "'*.py'", "#", "#x", "x#y", "\\", "a\\ b", "é", "'é'", "'<<'", "'EOF'", "%", "^", ",", "a,b",
    "+x", "'a'\"b\"", '"a\tb"', '"a\nb"', "'{'", "'-m'", '"--title"', "'gh'", "-C", "--repo", "-R", "o/r",
    "@x", "..", ">", ">>", "> ../x", ">> a.txt", "2> /etc/x", ">a", "&> b", ">&2", "'þé–🤖'", "a?", "**/*.py",
    "\"$(cat <<'EOF'\nfix: it\n\n`x` $y \"z\" é–🤖\nEOF\n)\"", "\"$(cat <<'EOF'\nEOF\n)\"",
    "\"$(cat <<EOF\n$x\nEOF\n)\"",
    "\"$(cat <<'A'\n A\nA \nAA\nA\n)\"", "\"$(cat <<'A'\nx\nA\n) y\"", "\"$(cat <<'A'\n\n\nx\n\nA\n)\"",
]  # fmt: skip
JOINTS = [" | ", " && ", " || ", "; ", ";", "|", "&&", " & ", "\n", " |& ", "  ", " \\\n", ";;", " ; ", "\t"]

words = st.sampled_from(WORDS) | st.text("ab/.-=:+@%,_1 '\"*?>&é", min_size=1, max_size=6)
command = st.builds(
    lambda program, rest: " ".join([program, *rest]), st.sampled_from(PROGRAMS), st.lists(words, max_size=5)
)
scripts = st.builds(
    lambda first, rest: first + "".join(joint + one for joint, one in rest),
    command,
    st.lists(st.tuples(st.sampled_from(JOINTS), command), max_size=3),
)


def differing(script: str, place: tuple[str, str] = PLACES[0]) -> Any:
    """What the two readings say, where both say something and it is not the same."""
    repository, branch = place
    mine = read_everyday(DATA[repository], script, branch)
    if mine is None:
        return None
    theirs = read_precisely(script, repository, branch, {})
    texts = [json.dumps(reading, sort_keys=True) for reading in (mine, theirs)]
    return None if texts[0] == texts[1] else texts


@settings(max_examples=1500, deadline=None)
@given(scripts, st.sampled_from(PLACES))
@example("git push origin HEAD:main && git commit -m '' ; git push", PLACES[0])
@example("cd /etc && rm -rf x", PLACES[0])
@example("cd /etc && ls > passwd", PLACES[0])
@example("go test - && uniq ==", PLACES[0])
@example("gh issue comment 4 --body -h", PLACES[0])
def test_what_it_reads_is_what_the_parser_reads(script: str, place: tuple[str, str]) -> None:
    """Effects, fields and calls are the same for every command that it does not hand over."""
    assert differing(script, place) is None


def test_known_commands_are_read_alike() -> None:
    """So it is for every command of the harness's own table, of which it hands over most."""
    scripts = [row["command"] for row in yaml.safe_load(COMMANDS.read_text())]
    assert [script for script in scripts if differing(script)] == []


EVERYDAY = [
    "git status && git add -A && git commit -m 'fix: a bug' && git push -u origin claude/x",
    "git push origin HEAD:main",
    "git push --force origin claude/x",
    "git checkout -b claude/y; git push",
    "gh pr create --title 'Fix it' --body \"Long\nbody\" --base main --draft",
    "gh pr merge 4 --squash",
    "gh pr view 4 --json title,body | jq .title",
    "gh issue create -t x -b y",
    "rm -rf build dist && mkdir -p build",
    "curl -fsSL https://example.com/x | head -5",
    "npm ci && npm test",
    "python -m pytest -q tests && npm run lint -- --fix",
    "cd src && grep -rn 'a b' . | head -20 2>/dev/null",
    "pytest -q tests 2>&1 | tail -5",
    "python3 script.py --all > out.txt 2>&1",
    'git commit -m "$(cat <<\'EOF\'\nfix: it\'s "done"\n\nCo-Authored-By: é 🤖\nEOF\n)" && git push',
    "gh pr create --title 'Fix it' --body \"$(cat <<'EOF'\n## Why\n- `x` costs $5\nEOF\n)\"",
    "ls src/*.py | wc -l >> counts.txt",
    "find . -name '*.py' -type f | sort | uniq -c",
]


@pytest.mark.parametrize("script", EVERYDAY)
def test_everyday_commands_are_not_handed_over(script: str) -> None:
    """What runs do most is read without the parser."""
    assert read_everyday(DATA["acme/core"], script, "claude/work") is not None
    assert differing(script) is None
