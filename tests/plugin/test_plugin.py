"""The plugin as its users meet it: pytest inside pytest."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from support.filing import CASE, ROUTINE, Routines

CHECKS = ("fires", "run", "idempotent", "policy", "tickets")


def test_collects_one_item_per_check(routines: Routines) -> None:
    """A routine file and a case file give an item for each of their checks."""
    routines.case("one")
    result = routines.run("--collect-only", "-q", "routines")
    lines = result.outlines
    assert "routines/filing/routine.yaml::spec" in lines
    assert "routines/filing/routine.yaml::triggers" in lines
    assert [line for line in lines if "one.yaml" in line] == [
        f"routines/filing/cases/one.yaml::{check}" for check in CHECKS
    ]


def test_passes_when_the_agent_looks_first(routines: Routines) -> None:
    """An agent that looks before it files is green, and the summary has a row for its routine."""
    routines.case("one")
    result = routines.run("routines")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*= routines =*", "filing*1 case*passed*", "*1 ticket.created*"])


def test_failure_reads_without_traceback(routines: Routines) -> None:
    """A second ticket fails ``::idempotent`` in words: code, both records, timeline, no traceback."""
    routines.case("blind", agent="files_blindly")
    result = routines.run("routines")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*idempotency.duplicate*", "*hint:*look*", "*>*linear.save_issue*", "*::idempotent*"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*def runtest*")


def test_failure_fits_eighty_columns(routines: Routines, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the plugin prints is wider than the terminal."""
    monkeypatch.setenv("COLUMNS", "80")
    routines.case("blind", agent="files_blindly")
    result = routines.run("routines")
    shown = result.stdout.str().partition("FAILURES")[2].partition("short test summary")[0]
    assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_fires_false_is_the_only_item(routines: Routines) -> None:
    """A case that must not fire has the item ``::fires`` alone."""
    routines.case("manual", "trigger: {schedule: {}}\nexpect: {fires: false}\n")
    result = routines.run("-q", "--collect-only", "routines/filing/cases")
    assert [line for line in result.outlines if "::" in line] == ["routines/filing/cases/manual.yaml::fires"]


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "xdist"])
def test_junit_counts_agree(routines: Routines, workers: tuple[str, ...], tmp_path: Path) -> None:
    """The same outcomes and the same counts with and without xdist."""
    routines.case("good")
    routines.case("blind", agent="files_blindly")
    routines.case("idle", agent="does_nothing")
    report = tmp_path / "x.xml"
    result = routines.run("routines", f"--junitxml={report}", *workers)
    suite = ElementTree.parse(report).getroot()[0].attrib
    assert result.ret == 1
    assert (suite["tests"], suite["errors"]) == ("17", "0")
    assert int(suite["failures"]) == len(failed(result))
    assert {"blind.yaml::idempotent", "idle.yaml::run", "idle.yaml::tickets"} <= failed(result)


def failed(result: pytest.RunResult) -> set[str]:
    """The failed items by file and check."""
    return {line.split(" - ")[0].rpartition("/")[2] for line in result.outlines if line.startswith("FAILED")}


def test_selecting_by_keyword_runs_one_check(routines: Routines) -> None:
    """``-k idempotent`` runs that check of every case and nothing else."""
    routines.case("good")
    routines.case("blind", agent="files_blindly")
    routines.run("routines", "-k", "idempotent").assert_outcomes(passed=1, failed=1, deselected=12 - 2)


def test_selecting_by_marker(routines: Routines) -> None:
    """Every item carries the marker ``routine``, and a case its own."""
    routines.case("good", "marks: [slow]\n" + GOOD)
    routines.pytester.makeini("[pytest]\nmarkers = slow: takes its time\n")
    routines.run("routines", "-m", "routine").assert_outcomes(passed=7)
    routines.run("routines", "-m", "slow").assert_outcomes(passed=5, deselected=2)


GOOD = """\
trigger: {api: {text: a matter}}
agent: {scripted: ../agents/filing.py::file_it}
expect:
  tickets: {count: 1}
"""


def test_without_run_the_selected_item_fails(routines: Routines) -> None:
    """Where no pair comes about, siblings of ``::run`` are skipped, or fail if it is deselected."""
    routines.case("absent", "trigger: {api: {text: a matter}}\nexpect: {tickets: {count: 1}}\n")
    both = routines.run("routines/filing/cases")
    both.assert_outcomes(passed=1, failed=1, skipped=3)
    both.stdout.fnmatch_lines(["*recording.absent*"])
    alone = routines.run("routines/filing/cases", "-k", "tickets")
    alone.assert_outcomes(failed=1, deselected=4)
    alone.stdout.fnmatch_lines(["*recording.absent*"])


def test_bad_input_is_a_collection_error(routines: Routines) -> None:
    """A malformed file is reported once, in its own words, with exit status 2."""
    routines.case("broken", "trigger: {api: {}}\nexpekt: {}\nagent: 3\n")
    for workers in ((), ("-n2",)):
        result = routines.run("routines", *workers)
        assert result.ret == 2
        text = result.stdout.str()
        assert text.count("broken.yaml:2: ") == 1
        assert text.count("broken.yaml:3: ") == 1
        assert "Traceback" not in text


def test_bad_agent_sets_exit_status_two(routines: Routines) -> None:
    """A scripted agent that cannot be loaded is bad input, found when the case runs."""
    routines.write("agents/filing.py", "def file_it(:\n")
    routines.case("one")
    for workers in ((), ("-n2",)):
        result = routines.run("routines", *workers)
        assert result.ret == 2, result.stdout.str()
        result.stdout.fnmatch_lines(["*filing.py:1*"])
        result.assert_outcomes(passed=2, failed=1, skipped=4)


def test_leaves_other_yaml_alone(routines: Routines) -> None:
    """Files that are not ours are not collected, wherever they lie."""
    routines.case("good")
    for name in ("docker-compose.yaml", "routines/notes.yaml", "cases/else.yaml"):
        path = routines.pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("services: {}\n")
    routines.run("--collect-only", "-q").stdout.fnmatch_lines(["7 tests collected*"])


def test_last_failed_and_exit_first(routines: Routines) -> None:
    """``--lf`` runs the failed item again, ``-x`` stops at it."""
    routines.case("blind", agent="files_blindly")
    run = routines.pytester.runpytest_subprocess
    run("routines").assert_outcomes(passed=6, failed=1)
    run("routines", "--lf").assert_outcomes(failed=1)
    run("routines", "-x").assert_outcomes(passed=2, failed=1)


def test_skip_xfail_and_parametrize(routines: Routines) -> None:
    """``skip``, ``xfail`` and ``parametrize`` work as in pytest."""
    routines.case("skipped", "skip: not today\n" + GOOD)
    routines.case("expected", "xfail: files blindly\n" + GOOD.replace("file_it", "files_blindly"))
    routines.case("many", GOOD + "parametrize:\n  - {id: a}\n  - {id: b}\n")
    result = routines.run("routines/filing/cases")
    result.assert_outcomes(skipped=5, passed=10, xfailed=1, xpassed=4)
    listed = routines.run("--collect-only", "-q", "routines/filing/cases/many.yaml").outlines
    assert "routines/filing/cases/many.yaml::tickets[b]" in listed


def test_switching_off_switches_everything_off(routines: Routines) -> None:
    """``-p no:routine_harness`` leaves nothing behind."""
    routines.case("good")
    result = routines.run("-p", "no:routine_harness", "routines")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.no_fnmatch_line("*routines ==*")


def test_idle_plugin_loads_nothing(pytester: pytest.Pytester) -> None:
    """Without a routine in sight none of the harness's libraries is imported."""
    pytester.makepyfile(
        """
        import sys

        def test_light():
            heavy = {"msgspec", "yaml", "jsonschema", "deepdiff", "vcr", "click", "rich", "mcp", "re2"}
            assert not heavy & set(sys.modules)
        """
    )
    pytester.runpytest_subprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)


def test_update_needs_loadfile_under_xdist(routines: Routines) -> None:
    """Writing snapshots or recordings refuses a distribution that scatters the items of a case."""
    routines.case("good")
    refused = routines.run("routines", "-n2", "--routine-update")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["*needs --dist loadfile*"])
    assert routines.run("routines", "-n2", "--dist", "loadfile", "--routine-update").ret == 0


SNAPSHOT = GOOD + "  snapshot: true\n"


def test_snapshots_are_written_compared_and_orphaned(routines: Routines) -> None:
    """``--routine-update`` writes a snapshot; a change fails with a diff; a left-over is reported."""
    routines.case("good", SNAPSHOT)
    absent = routines.run("routines")
    absent.assert_outcomes(passed=7, failed=1)
    absent.stdout.fnmatch_lines(["*snapshot.absent*", "*--routine-update*"])
    assert routines.run("routines", "--routine-update").ret == 0
    stored = routines.folder / "snapshots" / "good.txt"
    assert "linear.save_issue" in stored.read_text()
    assert routines.run("routines").ret == 0
    stored.write_text(stored.read_text().replace("A matter", "B matter"))
    changed = routines.run("routines")
    changed.assert_outcomes(passed=7, failed=1)
    changed.stdout.fnmatch_lines(["*snapshot.changed*", "*-*B matter*", "*+*A matter*"])
    routines.case("good", GOOD)
    routines.run("routines").stdout.fnmatch_lines(["orphaned snapshot: *good.txt"])
    routines.run("routines", "-k", "run").stdout.no_fnmatch_line("orphaned snapshot:*")


def test_records_what_a_script_does_and_replays_it(routines: Routines) -> None:
    """``--routine-record=once`` fills what is absent, ``new_episodes`` what is stale, and no more."""
    recorded = GOOD.replace("agent:", "record_with:")
    routines.case("good", recorded)
    routines.run("routines").assert_outcomes(passed=3, failed=1, skipped=3)
    assert routines.run("routines", "--routine-record=once").ret == 0
    recording = routines.folder / "recordings" / "good.jsonl"
    first = recording.read_bytes()
    assert b'"origin":"scripted"' in first
    assert routines.run("routines").ret == 0
    routines.write("routine.yaml", ROUTINE.replace("once", "just once"))
    stale = routines.run("routines", "--routine-record=once")
    stale.assert_outcomes(passed=3, failed=1, skipped=3)
    stale.stdout.fnmatch_lines(["*change of: prompt*", "*recording.stale*", "*hint: record it anew*"])
    assert recording.read_bytes() == first
    assert routines.run("routines", "--routine-record=new_episodes").ret == 0
    assert recording.read_bytes() != first
    assert routines.run("routines").ret == 0


def test_recordings_that_are_stale_for_one_reason_are_told_once(routines: Routines) -> None:
    """The first item in full, the others in a line; the summary counts them and names one command."""
    for name in ("one", "two", "three"):
        routines.case(name, GOOD.replace("agent:", "record_with:"))
    assert routines.run("routines", "--routine-record=once").ret == 0
    routines.write("routine.yaml", ROUTINE.replace("once", "just once"))
    stale = routines.run("routines")
    stale.assert_outcomes(passed=5, failed=3, skipped=9)
    out = stale.stdout.str()
    assert out.count("hint: record it anew") == 1
    assert out.count("\nrecorded before a change of: prompt (as above)\n") == 2
    stale.stdout.fnmatch_lines(
        [
            "    3 recordings are stale: the prompt changed",
            "      next: routine-harness record routines/filing --stale",
        ]
    )
    checked = routines.pytester.run(sys.executable, "-m", "routine_harness", "check", "routines")
    checked.stdout.fnmatch_lines(
        [
            "FAILED  routines/filing/cases/two.yaml",
            "  ::run  recording.stale: told below",
            "3 recordings are stale: the prompt changed",
            "    one, three, two",
            "  next: routine-harness record routines/filing --stale",
        ]
    )
    assert checked.stdout.str().count("change of: prompt") == 0
    command = ("-m", "routine_harness", "record", "routines/filing", "--stale")
    assert routines.pytester.run(sys.executable, *command).ret == 0
    assert routines.run("routines").ret == 0


def test_summary_lists_what_is_allowed(routines: Routines) -> None:
    """An ``allow`` with its reason stands in the summary of the routine."""
    routines.case("good")
    entry = "{effect: pull_request.merged, reason: the release bot, owner: ana, expires: 2099-01-01}"
    policy = f"root: true\nallow:\n  - {entry}\n"
    (routines.folder.parent / "policy.yaml").write_text(policy)
    routines.run("routines").stdout.fnmatch_lines(["*allowed:*pull_request.merged*the release bot*"])


def test_a_contradictory_policy_is_bad_input_and_no_traceback(routines: Routines) -> None:
    """An ``allow`` of a merge that nobody answers for fails with file, line and exit status 2."""
    routines.case("good")
    policy = "root: true\nallow: [{effect: pull_request.merged, reason: r}]\n"
    (routines.folder.parent / "policy.yaml").write_text(policy)
    result = routines.run("routines")
    assert result.ret == 2
    assert "INTERNALERROR" not in result.stdout.str()
    result.stdout.fnmatch_lines(
        ["*policy.yaml:2: cannot allow pull_request.merged without owner and expires*"]
    )


def test_runs_beside_another_recording_plugin(routines: Routines) -> None:
    """Options and fixtures of other recording plugins keep their names."""
    routines.case("good")
    routines.pytester.makeconftest(
        """
        import pytest

        def pytest_addoption(parser):
            parser.addoption("--record-mode", default="none")
            parser.addoption("--snapshot-update", action="store_true")
            parser.addoption("--block-network", action="store_true")

        @pytest.fixture
        def vcr():
            return None
        """
    )
    assert routines.run("--record-mode=all", "routines").ret == 0


REACHING = """
import urllib.request

def file_it(session):
    try:
        urllib.request.urlopen("https://api.example.com/x", timeout=1)
    except OSError:
        pass
    if not session.call("linear.list_issues", project="Security", query="A matter").json()["issues"]:
        session.call("linear.save_issue", title="A matter", team="Security", project="Security")
    session.say("done")
"""


@pytest.mark.parametrize("record", [False, True], ids=["played", "recorded"])
def test_a_script_that_reaches_for_the_network_fails_its_case(routines: Routines, record: bool) -> None:
    """Under pytest, by ``check`` and while it is recorded; in a run that is good besides."""
    routines.write("agents/filing.py", REACHING)
    routines.case("one", CASE.replace("agent:", "record_with:") if record else CASE)
    result = routines.run("routines", *(["--routine-record=all"] if record else []))
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*api.example.com:443, which was refused*", "*agent.network-refused*"])
    if not record:
        checked = routines.pytester.run(sys.executable, "-m", "routine_harness", "check", "routines")
        assert checked.ret == 1
        checked.stdout.fnmatch_lines(["*agent.network-refused*"])


def test_cases_without_further_checks_load_nothing_of_what_goes_wrong(routines: Routines) -> None:
    """``pytest`` without ``checks`` costs nothing for them."""
    routines.case("good")
    routines.pytester.makeconftest(
        """
        import sys

        def pytest_sessionfinish():
            loaded = [name for name in sys.modules if name.startswith("routine_harness.")]
            assert "routine_harness.harness" in loaded
            names = ("adversity", "execution.sweeping", "execution.interleaving", "mutating", "interop")
            wrong = tuple(f"routine_harness.{name}" for name in names)
            assert [name for name in loaded if name.startswith(wrong)] == []
        """
    )
    assert routines.pytester.runpytest_subprocess("routines").ret == 0
