"""``confirm``: what it shows, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from routine_harness.cli.main import run

ROUTINE = "name: {name}\ntriggers: [{{type: schedule, cron: '7 6 * * 1'}}]\nprompt: {prompt}\n"
CASE = "trigger: {schedule: {}}\nagent: {scripted: AGENT}\nexpect: {nothing: true}\n"
AGENT = "def look(session):\n    session.say('done')\n\n\ndef look_again(session):\n    session.say('done')\n"


class Folder:
    """A routine's folder, and what the command says and writes there."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.path = path / "routines" / "watch"
        self.file = self.path / "agents" / "confirmed.yaml"
        self._capsys, self._patch = capsys, patch
        self.write("routine.yaml", ROUTINE.format(name="watch", prompt="Look."))
        self.write("agents/watch.py", AGENT)
        self.case("one", "../agents/watch.py::look")

    def write(self, name: str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def case(self, name: str, agent: str, more: str = "") -> None:
        self.write(f"cases/{name}.yaml", CASE.replace("AGENT", agent) + more)

    def prompt(self, text: str) -> None:
        self.write("routine.yaml", ROUTINE.format(name="watch", prompt=text))

    def on(self, day: int) -> None:
        self._patch.setenv("SOURCE_DATE_EPOCH", str(1793620800 + (day - 2) * 86_400))

    def confirm(self, *arguments: str) -> tuple[int, str, str]:
        code = run(
            ["confirm", *(arguments if arguments and arguments[0][:1] != "-" else ("routines", *arguments))]
        )
        return code, *self._capsys.readouterr()


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    folder = Folder(tmp_path, capsys, monkeypatch)
    folder.on(2)
    return folder


def test_it_shows_what_changed_and_writes_the_day(folder: Folder) -> None:
    assert folder.confirm()[0] == 0
    folder.prompt("Write a poem.")
    folder.on(9)
    code, out, _ = folder.confirm()
    assert code == 0
    assert out == (
        "watch: watch.py::look\n"
        "  the prompt changed since watch.py::look was confirmed on 2026-11-02: 1 line\n"
        "  removed, 1 line added\n"
        "  cases: one\n"
        "    --- prompt, as confirmed\n"
        "    +++ prompt, as it is\n"
        "    @@ -1 +1 @@\n"
        "    -Look.\n"
        "    +Write a poem.\n"
        "\n"
        "wrote routines/watch/agents/confirmed.yaml\n"
        "1 script confirmed\n"
    )
    assert "confirmed: '2026-11-09'" in folder.file.read_text()
    assert "Look." not in folder.file.read_text()


def test_entries_that_hold_are_left_byte_for_byte(folder: Folder) -> None:
    """Another day changes nothing, and another script nothing of theirs."""
    folder.confirm()
    before = folder.file.read_bytes()
    folder.on(20)
    assert folder.confirm()[:2] == (0, "1 script confirmed already\n")
    assert folder.file.read_bytes() == before
    folder.case("two", "../agents/watch.py::look_again")
    assert folder.confirm()[1].endswith("1 script confirmed, 1 confirmed already\n")
    text = folder.file.read_text()
    assert text.count("2026-11-02") == text.count("2026-11-20") == 1


def test_a_file_of_ones_own_that_holds_is_not_touched(folder: Folder) -> None:
    """Comments, order, and a minimal entry."""
    folder.confirm()
    text = "# by hand\n" + folder.file.read_text().partition("texts:")[0]
    folder.file.write_text(text)
    assert folder.confirm()[:2] == (0, "1 script confirmed already\n")
    assert folder.file.read_text() == text


def test_check_writes_nothing(folder: Folder) -> None:
    assert folder.confirm("--check")[0] == 1
    assert not folder.file.exists()
    folder.confirm()
    assert folder.confirm("--check")[0] == 0


def test_json_lists_every_script_as_it_stood(folder: Folder) -> None:
    folder.confirm()
    folder.case("two", "../agents/watch.py::look_again")
    code, out, _ = folder.confirm("--check", "--json")
    found = json.loads(out)
    assert code == 1
    assert found["written"] == []
    assert {each["script"]: each["standing"] for each in found["scripts"]} == {
        "watch.py::look": "confirmed", "watch.py::look_again": "never",
    }  # fmt: skip
    assert found["scripts"][0] | {"cases": ["one"], "confirmed": "2026-11-02"} == found["scripts"][0]
    assert json.loads(folder.confirm("--json")[1])["written"] == ["routines/watch/agents/confirmed.yaml"]


def test_a_script_that_no_case_names_any_more_goes_when_the_file_is_written(folder: Folder) -> None:
    folder.confirm()
    folder.case("one", "../agents/watch.py::look_again")
    assert folder.confirm("routines/watch/cases/one.yaml")[0] == 0
    assert "watch.py::look:" not in folder.file.read_text()
    assert "watch.py::look_again:" in folder.file.read_text()


def test_one_case_confirms_its_script_alone(folder: Folder) -> None:
    folder.case("two", "../agents/watch.py::look_again")
    assert folder.confirm("routines/watch/cases/two.yaml")[0] == 0
    assert "watch.py::look:" not in folder.file.read_text()


def test_scripts_elsewhere_and_in_packages_have_names(folder: Folder) -> None:
    """Relative to ``agents``, and as they are imported."""
    folder.write("../shared/looks.py", AGENT)
    folder.case("two", "../../shared/looks.py::look")
    folder.case("three", "json::dumps")
    assert folder.confirm()[0] == 0
    text = folder.file.read_text()
    assert "\n../../shared/looks.py::look:\n" in text
    assert "\njson::dumps:\n" in text


def test_routines_of_one_folder_are_confirmed_one_by_one(folder: Folder) -> None:
    """A shared script has an entry for each, and the one's prompt is not the other's."""
    folder.write("routine-b.yaml", ROUTINE.format(name="b", prompt="Look elsewhere."))
    folder.case("one", "../agents/watch.py::look", "routine: watch\n")
    folder.case("two", "../agents/watch.py::look", "routine: b\n")
    assert folder.confirm()[1].endswith("2 scripts confirmed\n")
    folder.write("routine-b.yaml", ROUTINE.format(name="b", prompt="Write a poem."))
    code, out, _ = folder.confirm("--check")
    assert code == 1
    assert out.startswith("b: watch.py::look\n")
    assert "-Look elsewhere." in out
    assert out.endswith("1 script not confirmed, 1 confirmed already\n")
    assert folder.confirm()[0] == 0
    assert folder.confirm("--check")[0] == 0


def test_a_case_that_starts_nothing_rests_on_no_script(folder: Folder) -> None:
    folder.case("one", "../agents/watch.py::look")
    one = folder.path / "cases" / "one.yaml"
    one.write_text(one.read_text().replace("{nothing: true}", "{fires: false}"))
    assert folder.confirm()[:2] == (0, "no case rests on a script\n")


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        ("../agents/none.py::look", "there is no file ../agents/none.py"),
        ("../agents/watch.py::loook", "there is no function 'loook'"),
    ],
)
def test_a_script_that_is_not_there_cannot_be_confirmed(folder: Folder, agent: str, message: str) -> None:
    """Bad input, and nothing is written, not even for the others."""
    folder.case("two", agent)
    code, _, err = folder.confirm()
    assert code == 2
    assert message in err
    assert not folder.file.exists()


def test_a_folder_without_cases_is_bad_input(folder: Folder) -> None:
    (folder.path / "cases" / "one.yaml").unlink()
    code, _, err = folder.confirm()
    assert (code, "no case was found" in err) == (2, True)
