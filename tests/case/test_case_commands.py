"""``commands`` of a case and of its worlds: read, checked, answered, judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.case.result import CaseResult
from routine_harness.errors import SpecError
from routine_harness.harness import check_case
from routine_harness.routine.spec import Repository, Routine
from routine_harness.session.answering import Answering
from routine_harness.session.session import Session
from routine_harness.store.cases import load_case_file
from routine_harness.store.worlds import load_world
from routine_harness.trigger.event import Event, Firing
from routine_harness.world.commands import Command, CommandAnswer, CommandEffect
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult

ROUTINE = """\
name: r
repositories: [github:acme/core]
connectors: [linear:SEC]
triggers: [{type: api}]
prompt: Look at the packages.
"""
AGENT = '''\
"""A script that runs commands."""


def run(session):
    for command in COMMANDS:
        result = session.call("Bash", command=command)
        session.say(f"{result.is_error} {result.text}")
'''


def write(folder: Path, case: str, commands: list[str], routine: str = ROUTINE) -> Path:
    (folder / "cases").mkdir(parents=True)
    (folder / "agents").mkdir()
    (folder / "routine.yaml").write_text(routine)
    (folder / "agents" / "a.py").write_text(AGENT.replace("COMMANDS", repr(commands)))
    path = folder / "cases" / "c.yaml"
    path.write_text("trigger: {api: {text: go}}\nagent: {scripted: ../agents/a.py::run}\n" + case)
    return path


def said(result: CaseResult, run: int = 1) -> list[str]:
    pair = result.pair
    assert pair is not None
    one = pair.first if run == 1 else pair.second
    assert one is not None
    return [record.result.text for record in one.calls]


def codes(result: CaseResult, check: str) -> list[tuple[str, str]]:
    found = next(each for each in result.verdict.checks if each.name == check)
    return [(finding.code, str(finding.severity)) for finding in found.findings]


CASE = """\
world:
  github: {repositories: [{full_name: acme/core, files: {package.json: "{}"}}]}
  commands:
    - {run: "npm outdated **", stdout: "from the world"}
    - {run: "npm test", stdout: "from the world"}
commands:
  - {run: "npm outdated **", stdout: "lodash 4.17.20"}
  - run: npm ci
    answers: [{stderr: "network", exit: 1}, {stdout: "added 3 packages"}]
  - {run: ./gen.sh, writes: {out/report.md: "# Report\\n"}}
expect: {nothing: true}
"""


def test_answers_come_in_turn_and_run_2_begins_anew(tmp_path: Path) -> None:
    """The case's own come first; a file that a program wrote is read; looking is looking."""
    asked = ["npm outdated --json", "npm test", "npm ci", "npm ci", "npm ci", "./gen.sh", "cat out/report.md"]
    result = check_case(write(tmp_path, CASE, asked))
    told = ["lodash 4.17.20", "from the world", "network", *["added 3 packages"] * 2, "", "# Report"]
    assert (said(result), said(result, 2)) == (told, told)
    assert result.verdict.passed, result.verdict
    assert codes(result, "run") == []


def test_written_files_are_read_by_the_agent_s_tools_and_pushed(tmp_path: Path) -> None:
    """What a program writes is in the clone: Read shows it, and a push carries it."""
    case = CASE.replace("expect: {nothing: true}", "expect: {idempotent: false, branches: {at_least: 1}}")
    path = write(
        tmp_path, case, ["./gen.sh", "git add -A && git commit -m x && git push origin HEAD:claude/x"]
    )
    agent = path.parent.parent / "agents" / "a.py"
    agent.write_text(agent.read_text() + '    session.call("Read", file_path="out/report.md")\n')
    result = check_case(path)
    assert result.pair is not None
    assert result.pair.first.calls[-1].result.text == "1\t# Report\n2\t"
    pushed = [effect for effect in result.pair.first.effects if effect.kind == "branch.pushed"]
    assert [effect.fields["files"] for effect in pushed] == [["out/report.md"]]


def test_a_pattern_that_nothing_fits_is_idle(tmp_path: Path) -> None:
    """A warning on ``::run`` at its line, where neither run has asked for it."""
    case = 'commands: [{run: "npm outdated", stdout: x}, {run: "npm tset", stdout: x}]\n'
    result = check_case(write(tmp_path, case, ["npm outdated"]))
    [finding] = [f for f in result.verdict.findings if f.code == "command.idle"]
    assert "npm tset" in finding.message
    assert str(finding.severity) == "warning"
    assert finding.location is not None
    assert finding.location.line == 3
    assert ("command.idle", "warning") in codes(result, "run")


def test_effects_of_a_program_are_judged(tmp_path: Path) -> None:
    """A declared effect counts, is forbidden and must not be repeated, as any other one."""
    case = (
        "commands: [{run: ./file.sh, effects: [{effect: ticket.created, connector: linear, title: Disk}]}]\n"
        "expect: {tickets: {count: 1, where: {connector: linear, title: Disk}}}\n"
    )
    result = check_case(write(tmp_path / "r", case, ["./file.sh"]))
    assert codes(result, "tickets") == []
    assert [code for code, _ in codes(result, "idempotent")] == ["idempotency.duplicate"]
    (tmp_path / "policy.yaml").write_text("root: true\nforbid: [ticket.created]\n")
    assert "policy.forbidden" in [
        code for code, _ in codes(check_case(tmp_path / "r/cases/c.yaml"), "policy")
    ]


@pytest.mark.parametrize(
    "command",
    [
        "make test",
        "make test | tail -5",
        "make test > log; echo done",
        "if make test; then echo ok; else echo bad; fi",
        "make test || true",
        'x=$(make test); echo "$x"',
        "timeout 9 make test && echo ok",
        "for d in a b; do make -C $d; done",
        "./scripts/check.sh",
    ],
)
def test_an_unknown_program_is_never_an_empty_success(tmp_path: Path, command: str) -> None:
    """In pipes, conditions and substitutions, too: an error, and ``world.incomplete``."""
    result = check_case(write(tmp_path, "expect: {nothing: true}\n", [command]))
    assert result.pair is not None
    [record] = result.pair.first.calls
    assert record.result.is_error
    assert "does not know what `" in record.result.text
    assert ("world.incomplete", "warning") in codes(result, "run")
    assert not result.verdict.passed  # nothing was looked at


def test_what_a_command_is_known_to_do_counts_beside_an_unknown_program(tmp_path: Path) -> None:
    """The push is an effect; that nobody knows whether the tests pass is said."""
    asked = ["make test && git push origin HEAD:claude/x"]
    result = check_case(write(tmp_path, "expect: {idempotent: false}\n", asked))
    assert result.pair is not None
    assert "branch.pushed" in [effect.kind for effect in result.pair.first.effects]
    assert ("world.incomplete", "warning") in codes(result, "run")


def test_an_absent_program_is_not_found(tmp_path: Path) -> None:
    """``environment: {absent: [gh]}``: the shell's words, its exit code, and nothing is done."""
    routine = ROUTINE + "environment: {absent: [gh]}\n"
    asked = ["gh issue create --title x --body y", "command -v gh || echo none", "gh pr list || echo no gh"]
    result = check_case(write(tmp_path, "expect: {tickets: {count: 0}}\n", asked, routine))
    assert result.pair is not None
    first, _, third = result.pair.first.calls
    assert first.result.is_error
    assert first.result.text == "bash: line 1: gh: command not found"
    assert third.result.text == "no gh\nbash: line 1: gh: command not found"
    assert not result.pair.first.effects
    assert not {"world.incomplete", "command.idle"} & {code for code, _ in codes(result, "run")}


WRONG = """\
world: w.yaml
commands:
  - {run: "npm outdated | tail", stdout: x}
  - {run: "npm ** test", stdout: x}
  - {stdout: x}
  - {run: npm test, stdot: x}
  - {run: npm ci, stdout: 3, exit: 300}
  - {run: npm run a, stdout: x, answers: [{exit: 1}]}
  - {run: npm run b, answers: []}
  - {run: npm run c, answers: [{exti: 1}]}
  - {run: npm run d, effects: [{effect: ticket.create}, {effect: ticket.created, titel: x}]}
  - {run: npm run e, effects: [{effect: ticket.created, connector: linaer}, 3]}
  - {run: npm run f, writes: {a.txt: [1]}}
  - {run: npm run f, stdout: twice}
  - {run: "* outdated", stdout: x}
  - npm outdated
rerun: {meanwhile: {commands: [{run: x, stdout: y}]}}
"""
WORLD = """\
github: {repositories: [acme/core]}
commands:
  - {run: make, out: x}
"""


def test_every_wrong_command_is_named_with_its_line(tmp_path: Path) -> None:
    """File, line, the nearest name: all of them at once, those of the world's file, too."""
    path = write(tmp_path, WRONG, [])
    (tmp_path / "cases" / "w.yaml").write_text(WORLD)
    with pytest.raises(SpecError) as raised:
        load_case_file(path)
    found = [(Path(one.file).name, one.line, f"{one.message} | {one.hint}") for one in raised.value.problems]
    wanted = [
        (5, "without pipes"), (6, "** stands for the rest"), (7, "needs the key 'run'"),
        (8, "did you mean stdout?"), (9, "expected stdout to be a text"), (9, "from 0 to 255"),
        (10, "says stdout or answers"), (11, "at least one answer"), (12, "did you mean exit?"),
        (13, "did you mean ticket.created?"), (13, "did you mean title?"), (14, "did you mean linear?"),
        (14, "expected an effect, found the number 3"), (15, "expected a.txt to be a text"),
        (16, "is here twice"), (17, "begins with a program"), (18, "expected a command as a mapping"),
        (19, "meanwhile has no commands"),
    ]  # fmt: skip
    for line, words in wanted:
        assert any(file == "c.yaml" and at == line and words in text for file, at, text in found), (
            line,
            words,
        )
    assert ("w.yaml", 3) in {(file, line) for file, line, _ in found}
    with pytest.raises(SpecError, match="did you mean stdout"):
        load_world(tmp_path / "cases" / "w.yaml")


def test_variants_bring_their_own_worlds_commands(tmp_path: Path) -> None:
    """A variant's world stands above the case's, below the case's own commands."""
    case = (
        "world: {commands: [{run: a, stdout: low}, {run: b, stdout: low}]}\n"
        "commands: [{run: c, stdout: own}]\n"
        "parametrize: [{id: x, world: {commands: [{run: a, stdout: high}, {run: c, stdout: high}]}}]\n"
    )
    [variant] = load_case_file(write(tmp_path, case, [])).cases
    told = {command.run: command.answers[0].stdout for command in reversed(variant.commands)}
    assert told == {"a": "high", "b": "low", "c": "own"}


def test_a_recorded_answer_stands_and_what_is_said_is_added() -> None:
    """In an import the text is the session's own; effects are added, and no exit code rules out what ran."""
    ticket = CommandEffect("ticket.created", {"title": "Disk"}, "linear")
    commands = (
        Command("./file.sh", ("./file.sh",), (CommandAnswer(stdout="said", effects=(ticket,)),)),
        Command("npm test", ("npm", "test"), (CommandAnswer(stdout="1 failing", exit=1),)),
    )
    routine = Routine("r", "p", repositories=(Repository("acme/core"),))
    registry = Registry()
    own = OwnTools({}, ["acme/core"], commands=commands)
    session = Session(
        routine, World(), Firing(Event("manual", 0)), "p", registry,
        answering=Answering(routine, registry, own=own),
    )  # fmt: skip
    filed = session.replay("Bash", {"command": "./file.sh"}, ToolResult("SEC-1"), trust="recorded")
    pushed = "To https://github.com/acme/core.git\n * [new branch]      claude/x -> claude/x"
    command = "npm test && git push origin claude/x"
    tested = session.replay("Bash", {"command": command}, ToolResult(pushed), trust="recorded")
    assert filed is not None
    assert tested is not None
    assert filed.result.text == "SEC-1"
    assert [(effect.kind, effect.outcome) for effect in filed.effects] == [("ticket.created", "applied")]
    assert [(effect.kind, effect.outcome) for effect in tested.effects] == [("branch.pushed", "applied")]
    run = session.finish()
    assert "command.idle" not in [finding.code for finding in run.findings]
    assert "world.incomplete" not in [finding.code for finding in run.findings]
