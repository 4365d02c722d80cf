"""The poem: a routine whose prompt says something else than its script does is not open, on any face."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.starter import write_walk
from test_gate_command import invoke

POEM = "Write a poem.\n"


@pytest.fixture
def routine(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The README's routine as it ends: green, its script confirmed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1793620800")
    write_walk(tmp_path, project)
    (tmp_path / "routines" / "policy.yaml").write_text("root: true\n")
    assert invoke("confirm", "routines")[0] == 0
    return tmp_path / "routines" / "security-triage"


def poem(routine: Path) -> None:
    """Replace the prompt."""
    file = routine / "routine.yaml"
    text = file.read_text()
    file.write_text(text[: text.index("prompt:")] + f"prompt: {POEM}")


def gate() -> tuple[int, list[dict[str, object]]]:
    """The exit code and the reasons."""
    code, out, err = invoke("gate", "routines", "--json")
    assert out, err
    return code, [r for each in json.loads(out)["routines"] for t in each["triggers"] for r in t["reasons"]]


def test_a_confirmed_script_may_be_open(routine: Path) -> None:
    assert gate() == (0, [])


def test_a_script_that_nobody_confirmed_keeps_the_gate_closed(routine: Path) -> None:
    """It remembers no prompt; pytest and check have nothing against it."""
    (routine / "agents" / "confirmed.yaml").unlink()
    code, [reason] = gate()
    assert (code, reason["code"]) == (1, "gate.unconfirmed")
    assert reason["message"] == "nobody has confirmed that triage.py::triage does what the prompt says"
    assert reason["next"] == "routine-harness confirm routines/security-triage"
    code, out, _ = invoke("check", "routines")
    assert (code, "unconfirmed" in out) == (0, False)


def test_a_poem_is_closed_on_every_face_of_the_gate(routine: Path) -> None:
    """Table, JSON, JUnit, SARIF, Markdown, annotations: each names the reason, the script and the command."""
    poem(routine)
    code, [reason] = gate()
    assert (code, reason["code"]) == (1, "gate.unconfirmed")
    assert reason["location"]["file"].endswith("routine.yaml")
    assert "+Write a poem." in reason["detail"]
    assert reason["next"] == "routine-harness confirm routines/security-triage"
    said = "triage.py::triage was confirmed on 2026-11-02"
    table = invoke("gate", "routines")[1]
    assert re.search(r"closed  script  gate\.unconfirmed", table)
    assert "+Write a poem." in table
    for option in ("--quiet", "--junit", "--sarif", "--github"):
        printed = " ".join(invoke("gate", "routines", option)[1].split())
        assert "gate.unconfirmed" in printed, option
        assert said in printed, option
    assert invoke("gate", "routines", "--summary", "s.md")[0] == 1
    assert "gate.unconfirmed" in Path("s.md").read_text()


def test_the_check_that_warns_stays_green(routine: Path) -> None:
    """JUnit: the trigger has failed, ``::run`` passes and prints the warning."""
    poem(routine)
    tests = ElementTree.fromstring(invoke("gate", "routines", "--junit")[1]).iter("testcase")
    failed = {test.get("name"): bool(test.findall("failure")) for test in tests}
    assert failed["sql-injection::run"] is False
    assert failed["gate github pull_request.opened +1"] is True


def test_check_warns_with_the_difference(routine: Path) -> None:
    poem(routine)
    code, out, _ = invoke("check", "routines")
    assert code == 0
    assert "sql-injection.yaml::run: script.unconfirmed: the prompt changed since" in out
    assert "      +Write a poem." in out
    assert out.splitlines()[-1] == "1 case: 1 passed, 0 failed (script, 1 unconfirmed)"
    code, out, _ = invoke("check", "routines", "--json")
    [warning] = [f for check in json.loads(out)["checks"] for f in check["findings"]]
    assert (warning["code"], warning["severity"]) == ("script.unconfirmed", "warning")


def test_pytest_stays_green_and_shows_it_in_the_summary(routine: Path, pytester: pytest.Pytester) -> None:
    """With the difference; and in the reports of the session."""
    poem(routine)
    reports = [f"--routine-report={pytester.path / f'r.{kind}'}" for kind in ("html", "json", "sarif")]
    result = pytester.runpytest_subprocess(str(routine), "-p", "no:cacheprovider", *reports)
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(
        ["*warning: script.unconfirmed: the prompt changed since triage.py::triage*", "      +Write a poem."]
    )
    for kind in ("html", "json", "sarif"):
        text = (pytester.path / f"r.{kind}").read_text()
        assert "script.unconfirmed" in text
        assert "gate.unconfirmed" in text


def test_confirming_opens_the_gate(routine: Path) -> None:
    poem(routine)
    assert invoke("confirm", "routines")[0] == 0
    assert gate() == (0, [])


@pytest.fixture
def recorded(routine: Path) -> Path:
    """The same, with the script as the one who records."""
    case = routine / "cases" / "sql-injection.yaml"
    case.write_text(case.read_text().replace("agent: {", "record_with: {"))
    assert invoke("record", "routines")[0] == 0
    assert gate() == (0, [])
    return routine


def by_the_real_agent(routine: Path) -> Path:
    """Record what is stale, and let the header say that the real agent did it; the recording's file."""
    assert invoke("record", "routines", "--stale")[0] == 0
    file = routine / "recordings" / "sql-injection.jsonl"
    by = '"origin":"live","agent":{"name":"claude-code","model":"claude-opus-5-5"}'
    text, count = re.subn(r'"origin":"scripted","agent":\{"name":"scripted"\}', by, file.read_text())
    assert count == 1
    file.write_text(text)
    return file


@pytest.mark.parametrize("how", [("--stale",), ("--all",), ("--case", "sql-injection")])
def test_to_record_anew_by_a_script_confirms_nothing(recorded: Path, how: tuple[str, ...]) -> None:
    """Stale and unconfirmed before, fresh and unconfirmed after."""
    poem(recorded)
    assert [reason["code"] for reason in gate()[1]] == ["gate.stale", "gate.unconfirmed"]
    assert invoke("record", "routines", *how)[0] == 0
    code, [reason] = gate()
    assert (code, reason["code"]) == (1, "gate.unconfirmed")


def test_a_stale_recording_shows_what_changed(recorded: Path) -> None:
    """The run that fails says how the prompt changed."""
    poem(recorded)
    code, out, _ = invoke("check", "routines")
    assert code == 1
    assert "error[recording.stale]" in out
    assert "warning[script.unconfirmed]" in out
    assert "+Write a poem." in out


def test_a_recording_of_the_real_agent_replaces_the_script(recorded: Path) -> None:
    """Neither warned nor closed, and nothing is left to confirm."""
    poem(recorded)
    by_the_real_agent(recorded)
    assert gate() == (0, [])
    assert "unconfirmed" not in invoke("check", "routines")[1]
    assert invoke("confirm", "routines", "--check")[:2] == (0, "no case rests on a script\n")


def test_a_recording_of_the_real_agent_stands_in_for_an_inline_script(recorded: Path) -> None:
    """Nobody confirms a script that is not played; without the recording it is played again."""
    poem(recorded)
    recording = by_the_real_agent(recorded)
    case = recorded / "cases" / "sql-injection.yaml"
    case.write_text(case.read_text().replace("record_with: {", "agent: {"))
    (recorded / "agents" / "confirmed.yaml").unlink()
    assert gate() == (0, [])
    assert "unconfirmed" not in invoke("check", "routines")[1]
    assert invoke("confirm", "routines", "--check")[:2] == (0, "no case rests on a script\n")
    recording.unlink()
    code, [reason] = gate()
    assert (code, reason["code"]) == (1, "gate.unconfirmed")
    assert invoke("confirm", "routines", "--check")[0] == 1


def test_an_exception_of_the_policy_names_it(routine: Path) -> None:
    """As of any other reason, until its day."""
    poem(routine)
    (routine.parent / "policy.yaml").write_text(
        "root: true\ngate:\n  exceptions:\n  - {finding: gate.unconfirmed, reason: r, owner: o, "
        "expires: 2999-01-01}\n"
    )
    assert gate() == (0, [])


@pytest.mark.parametrize("command", ["check", "gate", "confirm"])
def test_a_malformed_file_is_bad_input(routine: Path, command: str) -> None:
    """With its line and exit code 2; it is left as it is."""
    file = routine / "agents" / "confirmed.yaml"
    file.write_text("# mine\ntriage.py::triage: {prompt: x}\n")
    code, _, err = invoke(command, "routines")
    assert code == 2
    assert "agents/confirmed.yaml:2: an entry needs the key 'confirmed'" in err
    assert file.read_text().startswith("# mine")


def test_pytest_takes_a_malformed_file_for_bad_input(routine: Path, pytester: pytest.Pytester) -> None:
    (routine / "agents" / "confirmed.yaml").write_text("triage.py: {}\n")
    result = pytester.runpytest_subprocess(str(routine), "-p", "no:cacheprovider")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*confirmed.yaml:1: expected a script with its function, found*"])
