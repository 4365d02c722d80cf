# ruff: noqa: E501 - commands read better unbroken
"""Options of ``gh`` against the real program's help: known, without effect here, or refused and told."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from world.github import operation_forms
from world.github.test_forms_agree import Asking

from routine_harness.world.github.gh import command_line
from routine_harness.world.github.gh.command_line import (
    Around,
    Command,
    GhFlag,
    commands,
    parse_gh,
)
from routine_harness.world.github.operations.operation_table import OPERATIONS

HELP = Path(__file__).with_name("gh_options.txt")
ROWS = [line.split("|") for line in HELP.read_text().splitlines() if not line.startswith("#")]
OPTIONS = {name.strip(): options.split() for name, options in ROWS}
COMMON = (
    "pr create", "pr list", "pr view", "pr merge", "pr edit", "pr close", "pr comment", "pr review", "pr checks",
    "pr diff", "pr ready", "issue create", "issue list", "issue view", "issue edit", "issue close",
    "issue comment", "run list", "run view", "api",
)  # fmt: skip
"""The twenty commonest commands."""
COMMANDS = {name: command for name, command in commands().items() if name in OPTIONS}


def known(command: Command) -> set[str]:
    return set(command.flags | command.values | command.lists)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_of_the_help_is_known(name: str) -> None:
    """Each option stands in the table with its kind and letter; those without a model are refused."""
    command = COMMANDS[name]
    for option in OPTIONS[name]:
        long, _, letter = option.partition(":")
        bare = long.rstrip("=")
        if (name, bare) in _ELSEWHERE:
            continue
        assert bare in known(command), bare
        assert long.endswith("=") == (bare in command.values | command.lists), bare
        assert not letter or command.letters[letter] == bare
    for bare in command.refused:
        value = [] if bare in command.flags else ["x"]
        with pytest.raises(GhFlag, match=f"unknown flag: --{bare}"):
            parse_gh([*name.split(), f"--{bare}", *value], Around("acme/core"))


_ELSEWHERE = {("auth status", "no-refresh"), ("auth status", "show-token")}
"""Options of commands that stay on the machine."""


def test_the_commonest_commands_are_of_the_help() -> None:
    """The table of known and refused options, by command; nothing of the twenty commonest is left out."""
    assert set(COMMON) <= set(COMMANDS)
    for name in COMMON:
        command = COMMANDS[name]
        print(
            f"{name}: {len(known(command) - command.refused)} known, {len(command.refused)} refused: {' '.join(sorted(command.refused))}"
        )


class Watched(dict[str, list[str]]):
    """The options of a command, which notes those that anybody looks at."""

    def __init__(self, options: dict[str, list[str]], seen: set[str]) -> None:
        super().__init__(options)
        self.seen = seen

    def __contains__(self, name: object) -> bool:
        self.seen.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> list[str]:
        self.seen.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.seen.add(name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self.seen |= set(super().keys())
        return super().__iter__()


def lines_of(name: str) -> list[list[str]]:
    rows = ((OPERATIONS[operation], row) for operation, rows in operation_forms.GH.items() for row in rows)
    lines = [operation_forms.gh_line(*row)[0] for row in rows]
    return [shlex.split(line) for line in lines if f"{line} ".startswith(f"{name} ")]


VALUES = {"limit": "3", "state": "open", "body-file": "-", "notes-file": "-", "job": "601"}
INSTEAD = {"body-file": "--body", "notes-file": "--notes", "generate-notes": "--notes"}
"""Options that are looked at where another one is not given."""


@pytest.mark.parametrize("name", sorted(name for name in commands() if lines_of(name)))
def test_no_option_is_dropped_silently(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option is looked at by what the command does or prints, or the table says why it need not be."""
    command, seen = commands()[name], set[str]()
    options = command_line._options
    monkeypatch.setattr(command_line, "_options", lambda *given: _watched(options(*given), seen))
    for option in sorted(known(command) - command.refused - command.idle - {"repo", "web"}):
        for line in lines_of(name):
            given = [f"--{option}"] if option in command.flags else [f"--{option}", VALUES.get(option, "x")]
            without = _without(line, INSTEAD.get(option, ""))
            Asking()._shim([*without, *given], "text")
            if option in seen:
                break
        assert option in seen, option


def _watched(
    found: tuple[list[str], dict[str, list[str]]], seen: set[str]
) -> tuple[list[str], dict[str, list[str]]]:
    return found[0], Watched(found[1], seen)


def _without(line: list[str], option: str) -> list[str]:
    if option not in line:
        return line
    at = line.index(option)
    return [*line[:at], *line[at + 2 :]]


def test_a_refused_option_is_told_and_what_it_would_do_counts() -> None:
    """The command fails in gh's words, and its effect is attempted and refused."""
    asking = Asking()
    text, failed = asking._bash("gh pr edit 42 --title New --add-project Roadmap -R acme/core")
    assert (text.strip(), failed) == ("unknown flag: --add-project", True)
    assert [(one.kind, one.outcome) for one in asking.session.effects] == [
        ("command.opaque", "refused"),
        ("pull_request.updated", "refused"),
    ]


def bash(command: str, *before: str) -> tuple[str, bool, Asking]:
    asking = Asking()
    for one in before:
        asking._bash(one)
    text, failed = asking._bash(command)
    return text, failed, asking


def fields(asking: Asking) -> list[tuple[str, dict[str, Any]]]:
    return [(one.kind, one.fields) for one in asking.session.effects]


BODIES = [
    "echo 'From a file' > b.md && gh pr comment 42 --body-file b.md -R acme/core",
    "gh pr comment 42 --body 'From a file' -R acme/core",
    "echo 'From a file' > b.md && gh pr comment 42 --body \"$(cat b.md)\" -R acme/core",
    "echo 'From a file' | gh pr comment 42 -F - -R acme/core",
    "echo 'From a file' > b.md && gh api repos/acme/core/issues/42/comments -F body=@b.md",
]


@pytest.mark.parametrize("command", BODIES)
def test_a_body_comes_from_wherever_it_is_said_to(command: str) -> None:
    """``--body-file``, ``--body "$(…)"``, standard input and ``-F body=@file`` are one body."""
    _, failed, asking = bash(command)
    assert not failed
    [(kind, told)] = fields(asking)
    assert (kind, told["body"].strip()) == ("comment.created", "From a file")


def test_a_pull_request_takes_what_is_left_out_from_the_clone() -> None:
    """``--fill`` takes the last commit's words, ``--base`` is the default branch, the head the clone's."""
    made = "git checkout -b claude/x && git commit -m 'Mend it' && git push -u origin claude/x"
    text, _, asking = bash(f"{made} && gh pr create --fill -R acme/core")
    *_, pull = asking.session.world.table("github.pulls")
    assert (pull["title"], pull["base"], pull["head"]) == ("Mend it", "main", "claude/x"), text


CASES = [
    (
        "gh issue edit 1 2 --add-label ci --remove-label bug --milestone May --add-assignee @me -R acme/core",
        ["ticket.updated", "ticket.updated"],
    ),
    ("gh pr comment 42 --edit-last -b Again -R acme/core", ["comment.updated"]),
    ("gh pr merge 42 --merge --delete-branch -R acme/core", ["pull_request.merged", "branch.deleted"]),
    ("gh pr merge 42 --auto --squash -R acme/core", ["auto_merge.enabled"]),
    ("gh api --method PATCH repos/acme/core/issues/1 -f state=closed", ["ticket.updated"]),
    ("gh issue close 1 -c Done -r completed -R acme/core", ["comment.created", "ticket.updated"]),
]


@pytest.mark.parametrize(("command", "kinds"), CASES)
def test_options_act(command: str, kinds: list[str]) -> None:
    """Labels, milestones, assignees, the last comment, branches and automatic merges are what options ask for."""
    text, failed, asking = bash(command)
    assert not failed, text
    assert [kind for kind, _ in fields(asking)] == kinds
    assert all(one.outcome == "applied" for one in asking.session.effects)


def test_another_head_is_not_merged() -> None:
    """``--match-head-commit`` with another commit refuses the merge."""
    _, failed, asking = bash(f"gh pr merge 42 --merge --match-head-commit {'c' * 40} -R acme/core")
    assert failed
    assert [one.outcome for one in asking.session.effects] == ["refused"]


def test_reads_take_their_filters() -> None:
    """The clone's pull request, runs by conclusion, failed logs, pages, ``@me``."""
    assert json.loads(bash("git checkout feature && gh pr view --json number")[0].splitlines()[-1]) == {
        "number": 42
    }
    runs = json.loads(bash("gh run list --status failure --json databaseId -R acme/core")[0])
    assert runs == [{"databaseId": 501}]
    assert "AssertionError" in bash("gh run view 501 --log-failed -R acme/core")[0]
    pages = json.loads(bash("gh api --paginate 'repos/acme/core/issues?per_page=2'")[0])
    assert len(pages) > 2
    assert (
        bash("gh issue list --assignee @me --json number --jq '.[].number' -R acme/core")[0].strip() == "46"
    )
    assert bash("gh pr view -R acme/core")[0].strip() == "argument required when using the --repo flag"


def test_fields_of_an_api_request_have_types() -> None:
    """``-f`` gives texts, ``-F`` numbers and truths, and both are written by POST."""
    text, failed, _ = bash("gh api repos/acme/core/issues -f title=12 -F milestone=1")
    assert not failed, text
    assert json.loads(text)["title"] == "12"
    assert json.loads(text)["milestone"]["number"] == 1


def test_a_failing_jq_program_fails_in_jqs_words() -> None:
    """A program that does not parse, and one that fails on the value, exit with 1."""
    for program in (".[", ".title | keys"):
        text, code = _code(["api", "repos/acme/core/issues/1", "--jq", program])
        assert code == 1
        assert "jq" in text or "has no keys" in text


def test_exit_codes_of_checks() -> None:
    """0 when all pass, 1 when one failed, 8 while one is pending."""
    made = "gh api repos/acme/core/check-runs -f name=more -f head_sha=" + "a" * 40
    assert _code(["pr", "checks", "42", "-R", "acme/core"])[1] == 0
    for conclusion, code in ((" -f conclusion=failure", 1), ("", 8)):
        asking = Asking()
        asking._bash(made + conclusion)
        assert _code(["pr", "checks", "42", "-R", "acme/core"], asking)[1] == code


def test_gh_alone_prints_its_help() -> None:
    """``gh`` without a subcommand is no failure."""
    text, code = _code([])
    assert code == 0
    assert text.startswith("Work seamlessly with GitHub from the command line.")


def _code(words: list[str], asking: Asking | None = None) -> tuple[str, int]:
    from routine_harness.live.outside.rest import answer_rest
    from routine_harness.live.outside.shim_answers import GhQuestion, answer_gh

    held = asking or Asking()
    answer = answer_gh(
        GhQuestion(tuple(words)), held.session, held.do, lambda one: answer_rest(held.session, held.do, one)
    )
    return answer.out + answer.err, answer.code
