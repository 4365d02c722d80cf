"""Commands of which somebody has said what they print, as the reader of commands sees them."""

from __future__ import annotations

import pytest

from routine_harness.world.commands import Command, CommandAnswer, CommandEffect, Commands, fits
from routine_harness.world.shell.command_reading import Reading, pattern_words, read_shell


def command(run: str, *answers: CommandAnswer) -> Command:
    words = pattern_words(run)
    assert not isinstance(words, str), words
    return Command(run, words, answers)


FAIL = CommandAnswer(stdout="1 failed", stderr="boom", exit=1)
PASS = CommandAnswer(stdout="2 passed\n")
OUTDATED = CommandAnswer(stdout="lodash 4.17.20 4.17.21\nleft-pad 1.0.0 1.3.0")
TABLE = (
    command("npm test", FAIL, PASS),
    command("npm outdated **", OUTDATED),
    command("make lint", CommandAnswer(exit=2)),
    command("./gen.sh *", CommandAnswer(writes={"out/a.txt": "hi\n"})),
    command("git tag --list", CommandAnswer(stdout="v1")),
    command("terraform apply **", CommandAnswer(stderr="Error: locked", exit=1), CommandAnswer(stdout="ok")),
)


def read(script: str, *commands: Command) -> Reading:
    return read_shell(script, {}, commands=Commands(commands or TABLE))


@pytest.mark.parametrize(
    ("script", "output", "status"),
    [
        ("npm outdated", "lodash 4.17.20 4.17.21\nleft-pad 1.0.0 1.3.0\n", 0),
        ("cd web && npm outdated --json", "lodash 4.17.20 4.17.21\nleft-pad 1.0.0 1.3.0\n", 0),
        ("npm outdated | head -1", "lodash 4.17.20 4.17.21\n", 0),
        ("timeout 60 npm outdated --json | wc -l", "2\n", 0),
        ('x=$(npm outdated); echo "$x" | tail -1', "left-pad 1.0.0 1.3.0\n", 0),
        ("echo a b | xargs npm outdated | wc -l", "2\n", 0),
        ("FORCE=1 nice sudo /usr/bin/npm outdated | wc -l", "2\n", 0),
        ("bash -c 'npm outdated' | wc -l", "2\n", 0),
        ("npx -y npm outdated | wc -l", "2\n", 0),
        ("npm outdated | head -50 | grep -v lodash", "left-pad 1.0.0 1.3.0\n", 0),
        ("npm outdated | grep -ci LODASH", "1\n", 0),
        ("npm outdated | grep -q react || echo none", "none\n", 0),
        ("npm outdated | grep -F 4.17.21 && echo found", "lodash 4.17.20 4.17.21\nfound\n", 0),
        ("npm outdated | grep '^left.*0$'", "left-pad 1.0.0 1.3.0\n", 0),
        ("npm outdated | grep -E '(a|b)+'", None, None),
        ("npm test", "1 failed\n", 1),
        ("npm test; npm test; npm test", "1 failed\n2 passed\n2 passed\n", 0),
        ("npm test; echo $?", "1 failed\n1\n", 0),
        ("npm test 2>&1 | head -5", "1 failed\nboom\n", 0),
        ("npm test > log 2>&1; cat log", "1 failed\nboom\n", 0),
        ("npm test 2> err > log; cat err log", "boom\n1 failed\n", 0),
        ("npm test &> log; cat log", "1 failed\nboom\n", 0),
        ("npm test && echo fine", "1 failed\n", 1),
        ("npm test || echo broken", "1 failed\nbroken\n", 0),
        ("npm test || npm test && echo fine", "1 failed\n2 passed\nfine\n", 0),
        ("! npm test && echo broken", "1 failed\nbroken\n", 0),
        ("if npm test; then echo yes; else echo no; fi", "1 failed\nno\n", 0),
        ("if make lint; then echo a; elif npm test; then echo b; else echo c; fi", "1 failed\nc\n", 0),
        ("if make lint; then echo a; fi", "", 0),
        ("until npm test; do echo again; done", "1 failed\nagain\n2 passed\n", 0),
        ("while ! npm test; do echo again; done", "1 failed\nagain\n2 passed\n", 0),
        ("set -e; npm test; echo never", "1 failed\n", 1),
        ("set -e; npm test || true; echo on", "1 failed\non\n", 0),
        ("npm test || exit 3; echo never", "1 failed\n", 3),
        ("( npm test || exit 3 ); echo on", "1 failed\non\n", 0),
        ("f() { npm test || return 4; echo never; }; f; echo $?", "1 failed\n4\n", 0),
        ("./gen.sh z; cat out/a.txt", "hi\n", 0),
        ("false && npm test; npm test", "1 failed\n", 1),
    ],
)
def test_a_script_runs_as_the_answers_say(script: str, output: str | None, status: int | None) -> None:
    """Outputs, files and exit codes go where a shell would put them, and decide what runs next."""
    reading = read(script)
    assert (reading.output, reading.status) == (output, status)
    assert not reading.acts


@pytest.mark.parametrize(
    ("script", "kinds"),
    [
        ("npm test && git push origin HEAD:claude/x", []),
        ("npm test || git push origin HEAD:claude/x", ["branch.pushed"]),
        ("npm test; git push origin HEAD:claude/x", ["branch.pushed"]),
        ("set -euo pipefail\nnpm test\ngit push origin HEAD:claude/x", []),
        ("if npm test; then git push origin HEAD:claude/x; fi", []),
        ("make deploy && git push origin HEAD:claude/x", ["command.opaque", "branch.pushed"]),
        (
            "if make deploy; then exit 1; fi; git push origin HEAD:claude/x",
            ["command.opaque", "branch.pushed"],
        ),
        ("make deploy || exit 1; git push origin HEAD:claude/x", ["command.opaque", "branch.pushed"]),
    ],
)
def test_what_an_exit_code_rules_out_is_not_done(script: str, kinds: list[str]) -> None:
    """A push behind a command that has failed is none; behind one of which nobody knows, it counts."""
    assert [act.kind for act in read(script).acts] == kinds


def test_without_answers_every_part_counts() -> None:
    """The guard and the policy read a command without answers: nothing is ruled out."""
    script = "false && git push origin main; exit 0; git push origin dev"
    kinds = [act.kind for act in read_shell(script).acts]
    assert kinds == ["branch.pushed", "branch.pushed"]


def test_an_effect_that_is_read_is_not_hidden() -> None:
    """An answer takes the place of what cannot be read, not of what a command is known to do."""
    first, second = (read("terraform apply -auto-approve", *TABLE[5:]), read("git push origin main",
                     command("git push **", CommandAnswer(stdout="pushed"))))  # fmt: skip
    assert [(act.kind, act.refused) for act in first.acts] == [("infrastructure.changed", "Error: locked")]
    assert (first.output, first.errors, first.status) == ("", "Error: locked\n", 1)
    assert [act.kind for act in second.acts] == ["branch.pushed"]
    assert second.output == "pushed\n"
    opaque = read("make deploy", command("make *", CommandAnswer(stdout="done")))
    assert not opaque.acts
    inside = read("bash -c 'make x; git push origin main'", command("bash **", CommandAnswer()))
    assert [act.kind for act in inside.acts] == ["branch.pushed"]


def test_effects_come_as_they_are_said() -> None:
    """A declared effect is an act with its kind, fields and connector; each answer has its own."""
    effect = CommandEffect("ticket.created", {"title": "Disk full"}, "linear")
    done = read(
        "./file.sh; ./file.sh", command("./file.sh", CommandAnswer(effects=(effect,)), CommandAnswer())
    )
    assert [(act.kind, act.connector, dict(act.fields)) for act in done.acts] == [
        ("ticket.created", "linear", {"title": "Disk full"})
    ]


def test_a_look_is_an_answer_with_text() -> None:
    """With exit 0 and text it is a look; a failure and an empty answer are none."""
    assert read("npm outdated").looks
    assert not read("npm test").looks
    assert not read("./gen.sh a").looks


@pytest.mark.parametrize(
    ("pattern", "words", "fitting"),
    [
        ("npm outdated **", "npm outdated", True),
        ("npm outdated **", "npm outdated --json -l", True),
        ("npm outdated", "npm outdated --json", False),
        ("npm * --json", "npm outdated --json", True),
        ("npm *", "npm", False),
        ("npm", "/usr/local/bin/npm", True),
        ("./npm", "npm", False),
        ("npm **", "pnpm outdated", False),
    ],
)
def test_a_pattern_is_words(pattern: str, words: str, *, fitting: bool) -> None:
    """``*`` is one word, a last ``**`` the rest, none included; a program may be called by its path."""
    assert fits(tuple(pattern.split()), words.split()) is fitting


def test_what_only_a_run_can_tell_fits_a_star_alone() -> None:
    """A quoted variable is one word, an unquoted one any number; neither is a word of the pattern."""
    one, rest, literal = (command(f"tool {word}", PASS) for word in ("*", "**", "x"))
    assert read('tool "$X"', one).output == "2 passed\n"
    assert read("tool $X", one).output is None
    assert read("tool $X", rest).output == "2 passed\n"
    assert read('tool "$X"', literal).output is None


def test_the_first_pattern_that_fits_answers() -> None:
    """The order of the list decides, and each pattern counts its own answers."""
    table = Commands([command("npm test --watch", PASS), command("npm **", FAIL, PASS)])
    found = [table.play(words.split()) for words in ("npm test --watch", "npm ci", "npm ci", "npm ci")]
    assert [one and one[1].exit for one in found] == [0, 1, 0, 0]
    assert [one.run for one in Commands(TABLE).idle()] == [one.run for one in TABLE]
    assert table.idle() == ()


@pytest.mark.parametrize(
    "pattern", ["a | b", "a > b", "a && b", "FOO=1 npm t", "npm $X", "npm $(x)", "", "npm 'a", "# x", "a; b"]
)
def test_a_pattern_that_is_no_command_is_told(pattern: str) -> None:
    """Pipes, redirections, assignments and variables are no words of a pattern."""
    assert isinstance(pattern_words(pattern), str)


def test_a_pattern_is_read_with_its_quotes() -> None:
    """Words in quotes are one, as the shell takes them apart."""
    assert pattern_words("git log --format='%h %s' \"a b\" **") == (
        "git",
        "log",
        "--format=%h %s",
        "a b",
        "**",
    )
