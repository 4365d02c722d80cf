"""``--routine-coverage``: what is said of a routine and no case has exercised."""

from __future__ import annotations

import pytest
from support.filing import CASE, Routines

POLICY = """\
root: true
forbid:
  - ticket.deleted
  - {effect: ticket.created, where: {project: Other}}
noise: {tickets_per_run: 2, messages_per_run: 1}
"""


def shown(routines: Routines, *arguments: str) -> tuple[int, list[str]]:
    result = routines.run("routines", "--routine-coverage", *arguments)
    text = result.stdout.str().partition("= routine coverage =")[2]
    lines = text.rpartition(" passed")[0].splitlines()[1:-1]
    return int(result.ret), [line.strip() for line in lines if line.strip()]


def test_it_names_what_no_case_exercises(routines: Routines) -> None:
    """A rule is exercised by an act of its kind; a limit, by what it counts; silence about the rest."""
    routines.write("../policy.yaml", POLICY)
    routines.case("one")
    code, lines = shown(routines)
    assert code == 0
    assert any(line.startswith("filing") and "%" in line for line in lines)
    assert "no case exercises prohibition: ticket.deleted" in lines
    assert not any("ticket.created" in line for line in lines)
    assert not any("tickets_per_run" in line for line in lines)


def test_a_case_that_says_that_there_is_to_be_none_exercises_a_rule(routines: Routines) -> None:
    routines.write("../policy.yaml", POLICY)
    routines.case("one", f"{CASE}  effects: {{effect: ticket.deleted, count: 0, outcome: attempted}}\n")
    assert not any("ticket.deleted" in line for line in shown(routines)[1])


def test_too_little_fails_the_session(routines: Routines) -> None:
    routines.write("../policy.yaml", POLICY)
    routines.case("one")
    code, lines = shown(routines, "--routine-coverage-min=100")
    assert code == 1
    assert any("100 % are demanded" in line for line in lines)
    assert shown(routines, "--routine-coverage-min=10")[0] == 0


def test_workers_gather_it_together(routines: Routines) -> None:
    """Under xdist the sum is that of one process."""
    routines.write("../policy.yaml", POLICY)
    for name in ("one", "two", "three"):
        routines.case(name)
    alone = shown(routines)[1]
    assert shown(routines, "-n2")[1] == alone


@pytest.mark.parametrize("least", ["-1", "101", "much"])
def test_a_share_is_a_percentage(routines: Routines, least: str) -> None:
    result = routines.run("routines", f"--routine-coverage-min={least}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_nothing_is_said_of_it_where_nobody_asks(routines: Routines) -> None:
    routines.case("one")
    routines.run("routines").stdout.no_fnmatch_line("*routine coverage*")


def test_it_counts_the_write_tools_that_no_case_calls(routines: Routines) -> None:
    """What a connector gives beside what is called: the number falls where another case calls one more."""
    routines.case("one")
    told = [line for line in shown(routines)[1] if line.startswith("write tools that are granted")]
    assert len(told) == 1
    assert " of linear" in told[0]
