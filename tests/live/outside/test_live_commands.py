"""Programs of which a case says what they print, in a live run: a stand-in answers, and its run replays."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.live_runs import codes, in_turns, needs_cli, run_live, use, write_routine

from routine_harness.harness import check_case

pytestmark = pytest.mark.usefixtures("_cli")

COMMANDS = """\
commands:
  - {run: "uv run pytest **", answers: [{stdout: "1 failed", exit: 1}, {stdout: "2 passed"}]}
  - {run: "outdated *", stdout: "lodash 4.17.20", writes: {out/report.md: "# Report\\n"}}
  - {run: "file-it **", stdout: SEC-1, effects: [{effect: ticket.created, connector: linear, title: Disk}]}
  - {run: "git tag --list", stdout: v9}
  - {run: "never asked", stdout: x}
  - {run: ./own.sh, stdout: x}
expect: {idempotent: false}
"""


@pytest.fixture(scope="module", autouse=True)
def _cli() -> None:
    needs_cli()


def test_stand_ins_answer_in_a_live_run_and_in_its_replay(tmp_path: Path) -> None:
    """Outputs, exit codes in turn, files and effects; what no pattern fits is the real program."""
    case = write_routine(tmp_path / "r", COMMANDS)
    turns = [
        [use("Bash", command="uv run pytest -q; echo $?; timeout 9 uv run pytest | cat")],
        [use("Bash", command="mkdir -p d; (cd d; outdated x | tee seen; cat out/report.md seen)")],
        [use("Bash", command="file-it --now && git tag --list && git rev-parse --abbrev-ref HEAD")],
    ]
    live = run_live(case, in_turns(*turns), record=True)
    for result in (live, check_case(case)):
        assert result.pair is not None
        told = [record.result.text for record in result.pair.first.calls if record.call.tool == "Bash"]
        assert told[0].splitlines() == ["1 failed", "1", "2 passed"]
        assert told[1].splitlines() == ["lodash 4.17.20", "# Report", "lodash 4.17.20"]
        assert told[2].splitlines()[:2] == ["SEC-1", "v9"]
        assert len(told[2].splitlines()) == 3
        tickets = [effect for effect in result.pair.first.effects if effect.kind == "ticket.created"]
        assert [(one.connector, one.fields["title"]) for one in tickets] == [("linear", "Disk")]
        idle = [finding for finding in result.verdict.findings if finding.code == "command.idle"]
        assert [finding.message for finding in idle] == ["no command fits `never asked`; in both runs"]
        assert "command.opaque" not in codes(result)


def test_an_absent_program_is_not_found_in_a_live_run(tmp_path: Path) -> None:
    """Though the machine has it."""
    case = write_routine(tmp_path / "r", "", "environment: {absent: [sort]}\n")
    result = run_live(case, in_turns([use("Bash", command="echo b | sort; echo $?")]), once=True)
    assert result.pair is not None
    assert result.pair.first.calls[0].result.text.splitlines() == [
        "bash: line 1: sort: command not found",
        "127",
    ]
