"""``routine-harness fires`` and ``schedule`` from end to end."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from support.triggers import github

from routine_harness.errors import SpecError
from routine_harness.routine.edition import load_edition
from routine_harness.trigger.arrivals import parse_arrival
from routine_harness.trigger.match import match_trigger
from routine_harness.trigger.webhooks import WEBHOOKS

Run = Callable[..., "subprocess.CompletedProcess[str]"]
ROUTINE = """name: triage
triggers:
  - type: github
    events: [pull_request.opened]
    filters: [{field: is_draft, operator: equals, value: false}]
prompt: Look.
"""
BODY: dict[str, Any] = {
    "action": "opened",
    "pull_request": {"title": "Fix", "draft": False, "user": {"login": "alice"}, "base": {"ref": "main"}},
    "repository": {"full_name": "acme/core"},
    "sender": {"login": "alice"},
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The console script in a folder with one routine."""
    (tmp_path / "routine.yaml").write_text(ROUTINE)

    def call(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "routine_harness", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, input=text, capture_output=True, text=True, env=os.environ
        )

    return call


def test_standard_input_gives_one_json_object_with_the_promised_keys(run: Run) -> None:
    """A raw body on standard input, one line out."""
    done = run("fires", "routine.yaml", "--event", "-", "--json", text=json.dumps(BODY))
    [line] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, line["event"], line["routine"], line["trigger"]) == (
        0,
        "pull_request.opened",
        "triage",
        0,
    )
    assert line["outcome"] == "fired"
    assert list(line) == ["event", "source", "routine", "trigger", "outcome", "clauses"]
    assert line["clauses"][-1] == {
        "field": "is_draft",
        "operator": "equals",
        "expected": False,
        "actual": False,
        "matches": True,
    }


def test_files_folders_and_lines_are_read_and_what_is_broken_is_told(run: Run, tmp_path: Path) -> None:
    """Several paths behind one option; a broken line is an error beside the others' outcomes."""
    folder = tmp_path / "events"
    folder.mkdir()
    (folder / "pretty.json").write_text(json.dumps(BODY, indent=2))
    with gzip.open(folder / "lines.jsonl.gz", "wt") as file:
        file.write(f"{json.dumps(BODY)}\n{{broken\n{json.dumps(BODY)}\n")
    done = run("fires", "routine.yaml", "--event", "events", "--event", "events/pretty.json", "--json")
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["fired"] * 4
    assert "lines.jsonl.gz: at byte" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("text", "hint"), [("", "no event"), ("{oops", "expected JSON"), ('{"a": 1}', "no event")]
)
def test_where_nothing_can_be_read_the_exit_code_is_2(run: Run, text: str, hint: str) -> None:
    """The reason stands on standard error."""
    done = run("fires", "routine.yaml", "--event", "-", text=text)
    assert (done.returncode, hint in done.stderr, done.stdout) == (2, True, "")


def test_people_read_each_clause_with_its_mark(run: Run) -> None:
    """A draft is skipped, and the line says which clause did it."""
    body = {**BODY, "pull_request": {**BODY["pull_request"], "draft": True}}
    done = run("fires", ".", "--event", "-", text=json.dumps(body))
    assert "    draft = true ✗ wanted false\n" in done.stdout
    assert done.stdout.rstrip().endswith("0 fired, 1 skipped, 0 undecided")


def test_triggers_of_which_the_same_is_to_be_said_are_told_together(run: Run, tmp_path: Path) -> None:
    """Two triggers that see the same are one line for people, and one object each for programs; a schedule
    beside them is not spoken of."""
    clocks = "".join(f"  - {{type: schedule, cron: '7 {hour} * * *'}}\n" for hour in (1, 2, 3))
    (tmp_path / "routine.yaml").write_text(ROUTINE.replace("prompt", f"{clocks}prompt"))
    lines = run("fires", ".", "--event", "-", text=json.dumps(BODY)).stdout.splitlines()
    assert [line for line in lines if line[0] in "fs"] == ["fired     triage trigger 1"]
    assert "    draft = false ✓" in lines
    told = run("fires", ".", "--event", "-", "--json", text=json.dumps(BODY)).stdout
    assert [json.loads(line)["trigger"] for line in told.splitlines()] == [0, 1, 2, 3]


def test_routines_that_no_event_of_that_kind_can_start_are_one_line(run: Run, tmp_path: Path) -> None:
    """Beside the one that it could start."""
    for name, trigger in (("nightly", "schedule, cron: 7 3 * * *"), ("called", "api")):
        (tmp_path / name).mkdir()
        text = f"name: {name}\nprompt: x\ntriggers: [{{type: {trigger}}}]\n"
        (tmp_path / name / "routine.yaml").write_text(text)
    lines = run("fires", ".", "--event", "-", text=json.dumps(BODY)).stdout.splitlines()
    assert lines[-2] == "skipped   pull_request.opened starts none of: called, nightly"
    assert lines[-1] == "1 fired, 2 skipped, 0 undecided"


def test_a_loop_in_the_recorded_acts_is_exit_code_1(run: Run, tmp_path: Path) -> None:
    """The recorded run opens a pull request; a routine that starts on one would fire itself."""
    example = Path(__file__).parents[2] / "example_routines/docs-drift"
    shutil.copytree(example / "recordings", tmp_path / "recordings")
    name = "name: docs-drift\nprompt: x\ntriggers:\n  - {type: github, events: [pull_request.opened]"
    asked = ("fires", "routine.yaml", "--event", "-", "--chains")
    (tmp_path / "routine.yaml").write_text(f"{name}}}\n")
    done = run(*asked, text=json.dumps(BODY))
    assert (done.returncode, "docs-drift → docs-drift is a loop" in done.stdout) == (1, True)
    others = "filters: [{field: author, operator: is_not_one_of, value: [routine-owner]}]"
    (tmp_path / "routine.yaml").write_text(f"{name}, {others}}}\n")
    done = run(*asked, text=json.dumps(BODY))
    assert (done.returncode, "nothing that the recorded runs did" in done.stdout) == (0, True)


def test_chains_without_recordings_say_so(run: Run, tmp_path: Path) -> None:
    """Where nothing was recorded nothing is known of what the routines do."""
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    done = run("fires", ".", "--event", "-", "--chains", text=json.dumps(BODY))
    assert done.returncode == 0
    assert done.stdout.endswith("no recordings of triage: what it would fire is not known\n")
    assert "nothing that the recorded runs did" not in done.stdout


def test_an_empty_list_is_no_event(run: Run, tmp_path: Path) -> None:
    """It is bad input like an empty text."""
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    for text in ("[]", "", "[ ]"):
        done = run("fires", ".", "--event", "-", text=text)
        assert (done.returncode, done.stdout) == (2, "")
        assert "there is no event in it" in done.stderr


def test_a_filter_that_the_platform_has_not_is_told_of(run: Run, tmp_path: Path) -> None:
    """``from_fork`` was gone three days after launch: what holds under its rules is said beside it."""
    (tmp_path / "routine.yaml").write_text(ROUTINE.replace("is_draft", "from_fork"))
    asked = ("fires", ".", "--event", "-", "--platform")
    assert "the platform has no filter from_fork" in " ".join(
        run(*asked, "2026-10", text=json.dumps(BODY)).stdout.split()
    )
    assert "has no filter" not in run(*asked, "2026-04", text=json.dumps(BODY)).stdout


def test_a_storm_is_told_under_each_edition(run: Run, tmp_path: Path) -> None:
    """What the limits let through of 300 pushes to the pull request of an event, and which figure is ours."""
    text = ROUTINE.replace("pull_request.opened", "pull_request.synchronize")
    (tmp_path / "routine.yaml").write_text(text)
    body = {**BODY, "action": "synchronize"}
    opened = run("fires", ".", "--event", "-", "--storm", "300", text=json.dumps(BODY)).stdout
    assert opened.endswith(
        "storm: 300 × pull_request.opened within 10 minutes, plan team\n  starts nothing\n"
    )
    done = run("fires", ".", "--event", "-", "--storm", "300", text=json.dumps(body))
    assert done.stdout.splitlines()[-4:] == [
        "storm: 300 × pull_request.synchronize within 10 minutes, plan team",
        "  2026-04  triage: 25 ran, 275 failed (runs-per-day)",
        "  2026-08  triage: 25 ran, 275 failed (runs-per-day)",
        "  2026-10  triage: 30 ran, 270 dropped (github-per-routine, its figure is assumed)",
    ]
    json_lines = run("fires", ".", "--event", "-", "--storm", "300", "--json", text=json.dumps(body)).stdout
    last = json.loads(json_lines.splitlines()[-1])
    assert (last["edition"], last["dropped"], last["assumed"]) == ("2026-10", 270, ["github-per-routine"])
    late = {**body, "pull_request": {**BODY["pull_request"], "created_at": "2026-05-04T09:55:00Z"}}
    done = run("fires", ".", "--event", "-", "--storm", "300", text=json.dumps(late))
    assert done.stdout.splitlines()[-2:] == [
        "  2026-10  triage: 60 ran, 240 dropped (github-per-routine, its figure is assumed)",
        "           depends on undocumented: limit_window",
    ]
    asked = ("fires", ".", "--event", "-", "--storm", "9", "--platform", "2026-10")
    assert "starts nothing" in run(*asked, text=json.dumps({"text": "hi"})).stdout


def test_the_calendar_numbers_triggers_and_sums_up_what_starts_often(run: Run, tmp_path: Path) -> None:
    """A schedule that starts every hour is one line a day; ``--after`` is of the calendar's zone."""
    folder = tmp_path / "routines"
    for name, crons in (("often", ("7 * * * *", "30 2 * * *")), ("weekly", ("37 5 * * 0",))):
        (folder / name).mkdir(parents=True)
        triggers = [f"  - {{type: schedule, cron: '{cron}', timezone: Europe/Berlin}}\n" for cron in crons]
        (folder / name / "routine.yaml").write_text(
            f"name: {name}\ntriggers:\n{''.join(triggers)}prompt: x\n"
        )
    done = run("schedule", "routines", "--after", "2026-10-25", "--timezone", "Europe/Berlin")
    lines = done.stdout.splitlines()
    grid = lines[0].index("   hour")
    assert [line[:grid].rstrip() for line in lines[:6]] == [
        "Sunday    2026-10-25  Europe/Berlin",
        "  00:07  often trigger 1: 25 starts until",
        "         23:07  (repeat)",
        "  02:30  often trigger 2  (repeat; depends on",
        "         undocumented: schedule_repeat)",
        "  05:37  weekly",
    ]
    assert lines[0][grid:] == "   hour  Su  Mo  Tu  We  Th  Fr  Sa"
    assert lines[3][grid:] == "     02   3   2   2   2   2   2   2"
    assert "busiest hour: 2 of 100 starts\n" in done.stdout
    capped = run("schedule", "routines", "--after", "2026-10-25", "--platform", "2026-04").stdout
    assert "busiest day: 26 of 25 starts; what is above fails\n" in capped


def test_the_schedule_command_lists_instants_and_fails_on_a_schedule_that_is_refused(
    run: Run, tmp_path: Path
) -> None:
    """JSON has the instants and the findings; too often is exit code 1, impossible is 2."""
    file = tmp_path / "routine.yaml"
    text = "name: x\ntriggers: [{type: schedule, cron: '%s', timezone: Europe/Berlin}]\nprompt: x\n"
    file.write_text(text % "7 9 * * *")
    done = run("schedule", "routine.yaml", "--next", "3", "--after", "2026-10-24", "--json")
    record = json.loads(done.stdout)
    locals_ = [each["local"] for each in record["schedules"][0]["instants"]]
    assert locals_ == ["2026-10-24 09:07+02:00", "2026-10-25 09:07+01:00", "2026-10-26 09:07+01:00"]
    assert [each["seconds"] for each in record["schedules"][0]["stored_utc_drift"]] == [-3600, 3600]
    assert "60 minutes earlier by the clocks of Europe/Berlin from 2026-10-25 to 2027-03-28" in done.stdout
    for day in ("0001-01-01", "9999-12-31"):
        beyond = run("schedule", "routine.yaml", "--after", day)
        assert (beyond.returncode, "a year from 1970" in beyond.stderr) == (2, True)
    nowhere = run("schedule", "routine.yaml", "--timezone", "Mars/Olympus")
    assert (nowhere.returncode, "no time zone 'Mars/Olympus'" in nowhere.stderr) == (2, True)
    file.write_text(text % "30 2 * * *")
    for day, words in (
        ("2026-03-29", "the clocks skip 02:30"),
        ("2026-10-25", "the clocks show 02:30 twice"),
    ):
        done = run("schedule", "routine.yaml", "--next", "1", "--after", day)
        assert done.stdout.splitlines()[1].endswith(words)
    file.write_text(text % "*/30 * * * *")
    assert run("schedule", "routine.yaml").returncode == 1
    file.write_text("name: x\ntriggers: [{type: schedule, once: '2026-01-02T09:07'}]\nprompt: x\n")
    assert "never after 2026-10-24T00:00Z" in run("schedule", ".", "--after", "2026-10-24").stdout
    file.write_text(text % "61 * * * *")
    impossible = run("schedule", "routine.yaml")
    assert (impossible.returncode, "expected 0-59" in impossible.stderr) == (2, True)


@pytest.mark.parametrize("behind", ["two.json", "two.json.gz", "archive"])
@pytest.mark.parametrize("command", [("fires", "--event"), ("backtest", "--events")])
def test_one_option_takes_one_path(run: Run, tmp_path: Path, command: tuple[str, str], behind: str) -> None:
    """A path behind its value is a routine for click: the error says how to give several."""
    name, option = command
    (tmp_path / "archive").mkdir()
    (tmp_path / "one.json").write_text(json.dumps(BODY))
    (tmp_path / "two.json").write_text(json.dumps(BODY))
    (tmp_path / "two.json.gz").write_bytes(gzip.compress(json.dumps(BODY).encode()))
    done = run(name, "routine.yaml", option, "one.json", behind)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"error: {behind} is given as a routine, and holds none",
        f"  hint: each path of events needs its own {option}: {option} {behind}",
    ]


@pytest.mark.parametrize(
    ("data", "name", "identity"),
    [
        (
            b"POST /hook HTTP/1.1\r\nX-GitHub-Event: pull_request\r\nX-GitHub-Delivery: g\r\n\r\n%s",
            "pull_request.opened",
            "g",
        ),
        (b"X-GitHub-Event: pull_request\nX-GitHub-Delivery: g\n\n%s", "pull_request.opened", "g"),
        (b'{"id": "g", "event": "pull_request", "payload": %s}', "pull_request.opened", "g"),
        (
            b'{"guid": "g", "event": "pull_request", "request": {"headers": {}, "payload": %s}}',
            "pull_request.opened",
            "g",
        ),
        (b'{"id": "g", "name": "pull_request", "payload": %s}', "pull_request.opened", "g"),
        (b"X-GitHub-Event: pull_request\nX-GitHub-Delivery: g\n\npayload=%q", "pull_request.opened", "g"),
        (b'{"text": "hello"}', "api", ""),
        (b'{"kind": "schedule", "at": "2026-05-04T09:00:00Z"}', "schedule", ""),
    ],
)
def test_an_event_is_known_in_every_form_in_which_tools_keep_it(
    data: bytes, name: str, identity: str
) -> None:
    """HTTP text, saved deliveries, GitHub's own list of deliveries, fire requests, events of ours."""
    body = json.dumps(BODY)
    text = data.replace(b"%s", body.encode()).replace(b"%q", quote_plus(body).encode())
    event = parse_arrival(text, "x")
    assert (event.name, event.id) == (name, identity)
    if event.kind == "github":
        assert match_trigger(github(), event, load_edition()).outcome == "fired"


@pytest.mark.parametrize("data", [b"", b"[1]", b"5", b"\x00\xff", b'{"a":', b"{" * 100_000, b'"x"'])
def test_what_is_no_event_is_a_clean_error(data: bytes) -> None:
    """Whatever the bytes are, the caller gets one error of ours."""
    with pytest.raises(SpecError):
        parse_arrival(data, "x")


def test_every_recorded_event_goes_through_without_error(shared_data: Path) -> None:
    """Webhooks, deliveries of mergify, and both archives."""
    routine = Path(__file__).parents[2] / "example_routines"
    events = ["--event", str(shared_data / "webhooks"), "--event", str(shared_data / "events")]
    command = [sys.executable, "-m", "routine_harness", "fires", str(routine), *events, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    sources = {json.loads(line)["source"] for line in done.stdout.splitlines()}
    assert len(sources) == 844


def test_every_event_that_github_sends_is_known() -> None:
    """The recorded deliveries' among them, what only archives of old hold, and the requests of security."""
    events = ("pull_request", "issues", "release", "sub_issues", "bypass_request_push_ruleset", "gist")
    assert set(events) <= WEBHOOKS
    assert not {name for name in WEBHOOKS if not name.islower() or "." in name}
