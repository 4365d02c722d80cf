"""What the default policy forbids is seen through every disguise that a shell offers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from routine_harness.cli.main import cli
from routine_harness.harness import check_case
from routine_harness.world.shell.command_reading import shell_effects

FILES = {
    "routine.yaml": """\
name: pusher
repositories: [github:acme/core]
triggers: [{type: api}]
prompt: Do it.
""",
    "cases/one.yaml": """\
trigger: {api: {text: go}}
agent: {scripted: ../agents/act.py::act}
world:
  github:
    repositories: [{full_name: acme/core, files: {a.py: "1"}}]
    pulls: [{repository: acme/core, number: 4, title: T, user: alice, head: f, base: main}]
expect: {idempotent: false}
""",
}


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ('bash -c "cd x && git push origin HEAD:main"', "branch.pushed"),
        ("gh api --method PUT repos/acme/core/pulls/4/merge", "pull_request.merged"),
        ("B=main; (git push origin $B) | tee log", "branch.pushed"),
        ("curl -X DELETE https://api.github.com/repos/acme/core/git/refs/heads/main", "branch.deleted"),
        ("gh release create v1 --notes x", "release.created"),
        ("git push origin $BRANCH", "branch.pushed"),
    ],
)
def test_a_forbidden_deed_in_the_shell_fails_policy(command: str, kind: str, tmp_path: Path) -> None:
    """A push to main, a merge, a deletion and a release fail ``::policy`` however they are spelt."""
    agent = f"def act(session):\n    session.call('Bash', command={command!r})\n    session.say('done')\n"
    for name, text in {**FILES, "agents/act.py": agent}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    result = check_case(tmp_path / "cases" / "one.yaml")
    policy = result.verdict.check("policy")
    assert policy.outcome == "failed"
    assert any(kind in finding.message or kind in str(finding.data) for finding in policy.findings)


def commands(value: object) -> list[str]:
    """Every ``command`` of a Bash call anywhere in a transcript."""
    if isinstance(value, list):
        return [text for element in value for text in commands(element)]
    if not isinstance(value, dict):
        return []
    own = (
        [value["input"]["command"]]
        if value.get("name") == "Bash" and "command" in value.get("input", {})
        else []
    )
    return own + [text for held in value.values() for text in commands(held)]


def test_commands_of_real_sessions_are_read(shared_data: Path) -> None:
    """Every command in the real transcripts is read; what is not understood says so."""
    seen = 0
    for path in sorted((shared_data / "transcripts").iterdir()):
        text = path.read_text(errors="replace")
        documents = [text] if path.suffix == ".json" else text.splitlines()
        for document in documents:
            try:
                found = commands(json.loads(document))
            except ValueError:
                continue
            for command in found:
                seen += 1
                assert all(effect.kind for effect in shell_effects(command))
    assert seen >= 5


def test_what_is_known_in_part_is_printed_as_spelt(tmp_path: Path) -> None:
    """The plan and its JSON show a branch with a variable in its name as the agent spelt it."""
    deed = "session.call('Bash', command='git push origin claude/fix-$X')"
    agent = f"def act(session):\n    {deed}\n    session.say('done')\n"
    for name, text in {**FILES, "agents/act.py": agent}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    printed = CliRunner().invoke(cli, ["dry-run", str(tmp_path / "cases" / "one.yaml"), "--json"])
    assert [json.loads(line)["effects"][0]["fields"]["branch"] for line in printed.output.splitlines()] == [
        "claude/fix-$X",
        "claude/fix-$X",
    ]
