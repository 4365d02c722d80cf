"""Prompts as people keep them become routines; what they do not say is asked, listed or given."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.cli.main import run
from routine_harness.errors import SpecError
from routine_harness.interop.routine_files import ImportedRoutine, import_routines
from routine_harness.interop.routine_forms import Answers
from routine_harness.routine.spec import ApiTrigger, GithubTrigger, ScheduleTrigger
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import load_routine

PROMPT = "Write the midday brief.\n\n# Mission\n\nOne page.\n"
ASKED = ["--on", "--repository", "--connector"]


def one(text: str, name: str, **answers: tuple[str, ...]) -> ImportedRoutine:
    [found] = import_routines({name: text.encode()}, Answers(**answers))
    return found


def test_a_bare_prompt_is_a_routine_with_questions() -> None:
    """Everything but the prompt is asked; the folder's name is the routine's."""
    found = one(PROMPT, "midday-brief/prompt.md")
    assert (found.name, found.prompt) == ("midday-brief", PROMPT)
    assert [each.option for each in found.questions] == ASKED
    assert "(--on)" in found.texts["routine.yaml"]
    assert one(PROMPT, "notes/Weekly Review.md").name == "weekly-review"


def test_options_say_what_is_missing(tmp_path: Path) -> None:
    """--cron, --on, --connector and --repository complete it, and nothing is asked any more."""
    (tmp_path / "brief.md").write_text(PROMPT)
    given = ["--cron", "0 12 * * 1-5", "--on", "pull_request.opened", "--connector", "slack"]
    home = tmp_path / "out"
    command = ["import", str(tmp_path / "brief.md"), "-o", str(home), "--repository", "acme/core"]
    assert run([*command, *given]) == 0
    found = load_routine(home)
    assert found.triggers == (
        ScheduleTrigger(cron="0 12 * * 1-5"),
        GithubTrigger(events=("pull_request.opened",)),
    )
    assert [each.full_name for each in found.repositories] == ["acme/core"]
    assert [each.connector for each in found.connectors] == ["slack"]
    assert "To be decided" not in (home / "routine.yaml").read_text()


def test_a_nickname_is_refused_as_a_cron_expression(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--cron @daily is a schedule and no event: the error gives the five fields, and nothing is written."""
    (tmp_path / "brief.md").write_text(PROMPT)
    home = tmp_path / "out"
    assert run(["import", str(tmp_path / "brief.md"), "-o", str(home), "--cron", "@daily"]) == 2
    told = capsys.readouterr().err
    assert "'@daily'" in told
    assert "write '0 0 * * *'" in told
    assert "event" not in told
    assert not home.exists()


def test_an_option_replaces_nothing_that_a_file_says() -> None:
    """A schedule of the file stays, whatever --cron says."""
    text = "---\nschedule: 0 7 * * *\n---\nGo.\n"
    found = one(text, "x.md", on=("0 9 * * *",))
    assert "0 7 * * *" in found.texts["routine.yaml"]
    assert "0 9 * * *" not in found.texts["routine.yaml"]


def test_the_plain_routines_of_the_reports(shared_data: Path, tmp_path: Path) -> None:
    """A prompt alone and one with a schedule import; the timeout is a budget, the rest is listed."""
    folder = shared_data / "reports" / "plain-routines"
    files = [str(folder / name) for name in ("prompt.md", "schedule-only.md")]
    assert run(["import", *files, "-o", str(tmp_path)]) == 0
    assert load_routine(tmp_path / "plain-routines").triggers == (ApiTrigger(),)
    assert load_routine(tmp_path / "schedule-only").triggers == (ScheduleTrigger(cron="0 7 * * *"),)
    assert load_policy(tmp_path / "schedule-only").budget == {"seconds": 600}
    assert "(--repository)" in (tmp_path / "schedule-only" / "routine.yaml").read_text()


def test_a_skill_of_a_scheduled_task() -> None:
    """SKILL.md has a name, a description and a prompt; the rest is asked."""
    found = one("---\nname: Day start\ndescription: Plans the day.\n---\nPlan it.\n", "tasks/day/SKILL.md")
    assert (found.name, found.prompt) == ("day-start", "Plan it.\n")
    assert [each.option for each in found.questions] == ASKED
    assert "description: Plans the day." in found.texts["routine.yaml"]


def test_other_names_of_the_same_keys() -> None:
    """A routine of an agents' folder says repo, connectors, tz; words for schedules are read."""
    text = (
        "---\ntitle: Check in\nschedule: weekly on thursday\ntz: Europe/Zurich\nrepo: acme/core\n"
        "connectors: [slack]\nowner: ops\n---\nCheck in.\n"
    )
    found = one(text, ".agents/routines/check-in.md")
    assert found.name == "check-in"
    assert "preset: weekly" in found.texts["routine.yaml"]
    assert "timezone: Europe/Zurich" in found.texts["routine.yaml"]
    assert "acme/core" in found.texts["routine.yaml"]
    assert [(each.what, each.line) for each in found.lost] == [("owner", 7)]


@pytest.mark.parametrize("named", ["", "prompt: prompt.md\n", "prompt: prompts/brief.md\n"])
@pytest.mark.parametrize("given", ["folder", "prompt.md", "schedule.yaml"])
def test_a_prompt_beside_its_schedule(tmp_path: Path, named: str, given: str) -> None:
    """The folder, the prompt and the schedule each import as one; a path under prompt is the file."""
    home = tmp_path / "repo" / "routines" / "midday"
    home.mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / "repo" / "prompts").mkdir()
    (tmp_path / "repo" / "prompts" / "brief.md").write_text("From above.\n")
    (home / "prompt.md").write_text(PROMPT)
    (home / "schedule.yaml").write_text(f"cron: 0 12 * * *\ntimezone: Europe/Zurich\n{named}")
    file = home if given == "folder" else home / given
    assert run(["import", str(file), "-o", str(tmp_path / "out")]) == 0
    found = load_routine(tmp_path / "out")
    assert found.name == "midday"
    assert found.prompt == ("From above.\n" if "brief" in named else PROMPT)
    assert found.triggers == (ScheduleTrigger(cron="0 12 * * *", timezone="Europe/Zurich"),)


def test_a_prompt_and_its_schedule_given_together_are_one(tmp_path: Path) -> None:
    """A glob over both gives one routine."""
    (tmp_path / "prompt.md").write_text(PROMPT)
    (tmp_path / "schedule.yaml").write_text("cron: 0 12 * * *\n")
    files = [str(tmp_path / name) for name in ("prompt.md", "schedule.yaml")]
    assert run(["import", *files, "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "routine.yaml").exists()


def test_a_prompt_that_is_not_there_is_named() -> None:
    """A schedule that names a file which is nowhere is one clear error with its line."""
    with pytest.raises(SpecError, match=r"s/schedule\.yaml:2: the prompt's file x\.md is not there"):
        one("cron: 0 12 * * *\nprompt: x.md\n", "s/schedule.yaml")


@pytest.mark.parametrize(
    "text",
    [
        (
            "routines:\n  - name: Day\n    cron: 0 7 * * *\n    prompt: Plan.\n"
            "  - name: Night\n    schedule: daily at 22:00\n    prompt: Sum up.\n    owner: ops\n"
        ),
        (
            "tasks:\n  day:\n    cron: 0 7 * * *\n    prompt: Plan.\n"
            "  night:\n    schedule: daily at 22:00\n    prompt: Sum up.\n    owner: ops\n"
        ),
    ],
)
def test_a_registry_lists_several(text: str) -> None:
    """A file with several routines, in a list or by their names, gives each; lines are those of the file."""
    day, night = import_routines({"registry.yaml": text.encode()})
    assert [(each.name, each.prompt) for each in (day, night)] == [("day", "Plan."), ("night", "Sum up.")]
    assert "cron: 0 7 * * *" in day.texts["routine.yaml"]
    assert "at: '22:00'" in night.texts["routine.yaml"]
    assert [(each.what, each.line) for each in night.lost] == [("owner", len(text.splitlines()))]


def test_a_registry_whose_entry_has_no_prompt_is_named() -> None:
    """An entry that names a file which is nowhere is an error with its line."""
    with pytest.raises(SpecError, match=r"r\.yaml:3: the prompt's file x\.md is not there"):
        one("routines:\n  - name: a\n    prompt: x.md\n", "r.yaml")


def test_a_routine_in_a_fenced_block_is_read() -> None:
    """Of a how-to, the block that is a routine is it, with the page's lines; other blocks are not."""
    page = "# How to\n\n```sh\nls\n```\n\n```yaml\nname: Day\ncron: 0 7 * * *\nprompt: Plan.\nowner: x\n```\n"
    found = one(page, "howto.md")
    assert (found.name, found.prompt) == ("day", "Plan.")
    assert [(each.what, each.line) for each in found.lost] == [("owner", 11)]
    skill = "# Skill\n\n```markdown\n---\nname: Day\ndescription: Plans.\n---\nPlan it.\n```\n"
    assert one(skill, "howto.md").prompt == "Plan it.\n"


def test_a_fenced_block_that_may_be_the_prompt_is_listed() -> None:
    """A page that holds prose in a fence is taken whole, and says so."""
    found = one("# How to\n\nPaste:\n\n```text\nPlan\nthe\nday.\n```\n", "howto.md")
    assert [(each.what, each.line) for each in found.lost] == [("fenced block", 5)]
