"""``routine-harness lint``: what it prints, what it mends, and how it exits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pluggy
import pytest

from routine_harness.cli.main import run
from routine_harness.errors import UsageError
from routine_harness.lint.registry import BUILT_IN, collect_rules
from routine_harness.lint.rule import Rule, rule
from routine_harness.lint.run import check_routines
from routine_harness.store.survey import survey_folder

TEXT = """name: watch
repositories: [github:acme/core]
triggers:
  - {type: schedule, cron: "0 9 * * 1"}
prompt: |
  Read the workflow runs of {{repositry}}. Never push. You are done when each has been read.
"""
SECRET = TEXT.replace("Never push", "Use ghp_R2d2C3poBb8K2soL3mandoGr0guBoba9F. Never push")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    home = tmp_path / "routines" / "watch"
    home.mkdir(parents=True)
    (home / "routine.yaml").write_text(TEXT)
    return tmp_path / "routines"


def test_warnings_pass_and_errors_fail(folder: Path) -> None:
    """Exit code 0 for warnings, 1 for errors or under ``--strict``, 0 under ``--exit-zero``."""
    assert run(["lint", "routines"]) == 0
    assert run(["lint", "routines", "--strict"]) == 1
    (folder / "watch/routine.yaml").write_text(SECRET)
    assert run(["lint", "routines"]) == 1
    assert run(["lint", "routines", "--exit-zero"]) == 0
    assert run(["lint", "routines", "--ignore", "prompt.secret"]) == 0


def test_quiet_shows_errors_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No warnings, no closing line."""
    assert run(["lint", "routines", "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_fix_writes_what_diff_shows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--diff`` changes nothing; ``--fix`` mends, and mends to the end."""
    assert run(["lint", "routines", "--diff", "--quiet"]) == 0
    shown = capsys.readouterr().out
    assert "-  Read the workflow runs of {{repositry}}." in shown
    assert (folder / "watch/routine.yaml").read_text() == TEXT
    assert run(["lint", "routines", "--fix", "--ignore", "test", "--strict"]) == 0
    text = (folder / "watch/routine.yaml").read_text()
    assert "{{repository}}" in text
    assert '"0 9' not in text
    assert run(["lint", "routines", "--fix", "--ignore", "test", "--strict"]) == 0
    assert (folder / "watch/routine.yaml").read_text() == text


def test_json_and_other_forms_can_be_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` is short for the output format."""
    run(["lint", "routines", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["summary"] == {"routines": 1, "errors": 0, "warnings": len(found["findings"])}
    for form, start in (
        ("sarif", "{"),
        ("junit", "<?xml"),
        ("github", "::warning "),
        ("concise", "routines/watch"),
    ):
        run(["lint", "routines", "--output-format", form])
        assert capsys.readouterr().out.startswith(start), form


def test_one_broken_file_keeps_no_other_from_being_looked_at(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can be read is judged, what cannot is bad input with file and line."""
    broken = folder / "broken"
    broken.mkdir()
    (broken / "routine.yaml").write_text("name: x\nprompt: [")
    assert run(["lint", "routines"]) == 2
    printed = capsys.readouterr()
    assert "trigger.on-the-hour" in printed.out
    assert "routines/broken/routine.yaml:" in printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "no file or folder"),
        (["routines", "--select", "prompt.no-lnk"], "did you mean prompt.no-link?"),
        (["--explain", "prompt.no-lnk"], "did you mean prompt.no-link?"),
    ],
)
def test_bad_usage_names_what_was_meant(
    folder: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and the nearest that is known."""
    assert run(["lint", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_selectors_in_a_policy_are_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt rule in ``lint:`` is bad input that names the policy."""
    (folder / "policy.yaml").write_text("root: true\nlint: {ignore: [prompt.secrets]}\n")
    assert run(["lint", "routines"]) == 2
    error = capsys.readouterr().err
    assert "policy.yaml" in error
    assert "did you mean prompt.secret?" in error


def test_a_source_that_cannot_be_written_is_left_whole(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fix that cannot be written is an error, and no half of a file stays behind."""
    target = folder / "watch" / "routine.yaml"
    before = target.read_bytes()
    target.unlink()
    target.symlink_to("/proc/version")
    assert run(["lint", "routines", "--fix"]) == 2
    target.unlink()
    target.write_bytes(before)
    assert sorted(path.name for path in target.parent.iterdir()) == ["routine.yaml"]


def plugin(rules: Sequence[object]) -> pluggy.PluginManager:
    class Plugin:
        @pluggy.HookimplMarker("routine_harness")
        def routine_harness_lint_rules(self) -> Sequence[object]:
            return rules

    manager = pluggy.PluginManager("routine_harness")
    manager.register(Plugin())
    return manager


def test_third_parties_add_rules_by_hook(folder: Path) -> None:
    """A rule of a plugin is selected, reported and suppressed like one of ours."""
    added = collect_rules(plugin([_rule("acme.owner")]))
    assert [r.code for r in added] == [*(r.code for r in BUILT_IN), "acme.owner"]
    survey = survey_folder((folder,))
    assert "acme.owner" in [alarm.finding.code for alarm in check_routines(survey.subjects, added)]


@pytest.mark.parametrize("rules", [["no rule"], ["twice"]])
def test_a_plugin_that_gives_nonsense_is_bad_usage(rules: list[object]) -> None:
    """Something else than a rule, and a code that is taken."""
    given = [_rule("prompt.secret")] if rules == ["twice"] else rules
    with pytest.raises(UsageError):
        collect_rules(plugin(given))


def _rule(code: str) -> Rule:
    from routine_harness.lint.rule import Mark
    from routine_harness.lint.subject import Subject

    def check(subject: Subject) -> list[Mark]:
        """Summary.

        Why.

        Bad:
            name: a

        Good:
            name: b
        """
        return [Mark(message=f"about {subject.routine.name}", path=("name",))]

    return rule(code)(check)


def test_a_rule_without_documentation_is_none() -> None:
    """A check documents a summary, a reason, a bad and a good example, and its code is well-formed."""
    with pytest.raises(ValueError, match="documents"):
        rule("acme.owner")(lambda _: [])
    with pytest.raises(ValueError, match=r"area\.kebab-case"):
        rule("Owner")(lambda _: [])


def test_what_cannot_be_read_has_passed_no_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing could be judged, nothing is said to have passed."""
    (tmp_path / "routine.yaml").write_text("nme: x\n")
    assert run(["lint", str(tmp_path)]) == 2
    assert capsys.readouterr().out.strip() == ""


def test_a_routine_file_comes_with_its_cases(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Naming the file or its folder gives the same findings."""
    home = project / "example_routines" / "alert-triage"
    printed = []
    for path in (home, home / "routine.yaml"):
        assert run(["lint", str(path)]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert "test.no-cases" not in printed[0]
