"""``routine-harness backtest`` from end to end."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.chromium import browser, chromium

ROUTINE = """name: triage
triggers:
  - type: github
    events: [pull_request.opened, pull_request.synchronize]
    branches: [main]
    filters:
      - {field: author, operator: is_not_one_of, value: ["dependabot[bot]"]}
      - {field: title, operator: matches_regex, value: '.*<Fix>.*|.*Fix.*'}
prompt: Look.
"""


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "routine_harness", "backtest", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 events, made up."""
    folder = tmp_path_factory.mktemp("archive")
    assert _run(folder, "--synthesize", "3000", "-o", "trial.json.gz").returncode == 0
    return folder / "trial.json.gz"


@pytest.fixture
def folder(tmp_path: Path, archive: Path) -> Path:
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    shutil.copy(archive, tmp_path)
    return tmp_path


def test_json_has_the_promised_keys(folder: Path) -> None:
    """Events, errors, and the counts of every routine."""
    done = _run(folder, ".", "--events", "trial.json.gz", "--json")
    record = json.loads(done.stdout)
    triage = record["routines"]["triage"]
    assert (done.returncode, record["events"], record["errors"]) == (0, 3000, 0)
    assert triage["fired"] + triage["skipped"] + triage["undecided"] == 3000
    assert triage["ran"] + triage["waited"] + triage["failed"] + triage["dropped"] == triage["fired"] > 0
    assert {"limits", "per_hour", "per_day", "per_week", "authors", "branches", "clauses"} <= set(triage)
    assert record["assumptions"]["case_sensitive"] == "true"
    assert record["limits"] == [
        {"name": f"github-per-{scope}", "amount": amount, "per": "hour", "scope": scope}
        | {"beyond": "dropped", "assumed": True}
        for scope, amount in (("routine", 30), ("account", 100))
    ]


def test_the_page_stands_alone_and_escapes_what_it_shows(folder: Path) -> None:
    """No script, nothing loaded from anywhere, dark where the reader's system is."""
    assert _run(folder, ".", "--events", "trial.json.gz", "--html", "page.html").returncode == 0
    page = (folder / "page.html").read_text()
    assert not re.search(r"<script|src=|url\(|https?://", page)
    assert "prefers-color-scheme: dark" in page
    assert "depends on undocumented: case_sensitive, empty_value, limit_window</p>" in page
    assert "&lt;Fix&gt;" in page
    assert "<Fix>" not in page
    assert page.count('<rect class="fired"') >= 1


WHOLE = """
(() => {
  const svg = document.querySelector('svg'), box = svg.viewBox.baseVal;
  svg.querySelector('text').textContent = '1,234,567';
  return [...svg.querySelectorAll('text')].filter(node => {
    const { x, y, width } = node.getBBox();
    return x < box.x || y < box.y || x + width > box.x + box.width;
  }).map(node => node.textContent);
})()
"""


@pytest.mark.skipif(browser() is None, reason="needs Chromium")
def test_labels_are_whole_and_bars_stand_where_something_is_counted(folder: Path) -> None:
    """No label runs out of its drawing, wide or narrow; a clause that was never asked has no bar."""
    assert _run(folder, ".", "--events", "trial.json.gz", "--html", "page.html").returncode == 0
    with chromium(folder / "profile") as page:
        for width in (1280, 390):
            page.size(width, 900)
            page.open((folder / "page.html").as_uri())
            assert page.run(WHOLE) == []
        bars = page.run("[...document.querySelectorAll('.stack')].map(n => n.textContent + n.innerHTML)")
    assert bars
    assert not [bar for bar in bars if bar.count("width: 0") == 3]


def test_the_table_names_the_noisiest_and_the_limit_that_is_assumed(folder: Path) -> None:
    """What a person needs to decide about a trigger."""
    done = _run(folder, "routine.yaml", "--events", "trial.json.gz", "--plan", "team")
    assert re.search(r"^triage +[1-9]", done.stdout, re.MULTILINE)
    assert "authors " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "github-per-routine stopped" in done.stdout
    assert "its figure is assumed" in done.stdout
    assert "  github-per-routine: 30 per hour and routine, then dropped (assumed)\n" in done.stdout
    assert "  case_sensitive: true\n" in done.stdout
    assert "  depends on undocumented: case_sensitive, empty_value, limit_window\n" in done.stdout


def test_a_filter_that_decided_nothing_is_named_as_fires_names_it(folder: Path) -> None:
    """``merged = true``, as a person says it, not the operator's name and Python's ``True``."""
    text = ROUTINE.replace(
        "filters:\n", "filters:\n      - {field: is_merged, operator: equals, value: false}\n"
    )
    assert text != ROUTINE
    (folder / "routine.yaml").write_text(text)
    done = _run(folder, "routine.yaml", "--events", "trial.json.gz", "--html", "page.html")
    said = "merged = false decided nothing in this archive\n"
    page = (folder / "page.html").read_text()
    assert said in done.stdout, done.stdout
    assert "merged = false" in page
    assert "is_merged" not in page + done.stdout


def test_a_routine_for_other_repositories_is_told_of_as_such(folder: Path) -> None:
    """Its other filters decided nothing, which is no news then."""
    text = ROUTINE.replace("triggers", "repositories: [github:acme/nowhere]\ntriggers", 1)
    (folder / "routine.yaml").write_text(text)
    done = _run(folder, "routine.yaml", "--events", "trial.json.gz")
    assert "trigger 1: no event is of acme/nowhere; --any-repository counts others, too\n" in done.stdout
    assert "decided nothing" not in done.stdout
    wider = _run(folder, "routine.yaml", "--events", "trial.json.gz", "--any-repository").stdout
    assert "acme/nowhere" not in wider


def test_routines_under_different_rules_are_no_account_of_one(folder: Path) -> None:
    """Other plans are settled by --plan; other overrides would be left out unseen, and are refused."""
    other = folder / "other"
    other.mkdir()
    (other / "routine.yaml").write_text(ROUTINE.replace("triage", "other"))
    asked = (".", "--events", "trial.json.gz", "--json")
    (other / "policy.yaml").write_text("plan: pro\n")
    done = _run(folder, *asked)
    assert (done.returncode, "2026-10 (team) and 2026-10 (pro)" in done.stderr) == (2, True)
    done = _run(folder, *asked, "--plan", "max")
    assert (done.returncode, json.loads(done.stdout)["plan"]) == (0, "max")
    (other / "policy.yaml").write_text("platform: {settings: {case_sensitive: false}}\n")
    done = _run(folder, *asked)
    assert (done.returncode, "with different overrides" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((".",), "of routines without a schedule"),
        ((".", "--events", "nothing.json"), "no such file"),
        (("--synthesize", "5"), "needs -o FILE"),
        (("nowhere", "--events", "trial.json.gz"), "no file or folder nowhere"),
        ((".", "--events", "trial.json.gz", "--scheduler", "nowhere"), "is no address of a Dask scheduler"),
    ],
)
def test_bad_input_is_exit_code_2_with_one_clear_line(
    folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    """No traceback, and a hint where there is one."""
    done = _run(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


NIGHTLY = """name: nightly
triggers: [{type: schedule, cron: "7 */2 * * *"}]
prompt: Look.
"""


def _scheduled(folder: Path, messages: tuple[int, ...], limit: int) -> None:
    """A routine with a schedule, and recordings whose runs post so many messages."""
    (folder / "recordings").mkdir()
    (folder / "routine.yaml").write_text(NIGHTLY + "connectors: [slack:alerts]\n")
    (folder / "policy.yaml").write_text(
        f"root: true\nnoise: {{messages_per_channel_per_day: {limit}}}\nplatform: {{limits: {{}}}}\n"
    )
    (folder / "agents").mkdir()
    (folder / "cases").mkdir()
    (folder / "agents" / "a.py").write_text(
        "def one(session):\n"
        "    for number in range(int(session.firing.event.payload.get('text') or 1)):\n"
        "        session.call('slack.slack_send_message', channel_id='alerts', message=f'm{number}')\n"
    )
    for number in messages:
        (folder / "cases" / f"c{number}.yaml").write_text(
            f"trigger: {{manual: '{number}'}}\nrecord_with: {{scripted: ../agents/a.py::one}}\nexpect: {{}}\n"
        )
    command = [sys.executable, "-m", "routine_harness", "record", "."]
    subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_schedules_alone_are_forecast_and_the_worst_run_is_the_worst_recording(tmp_path: Path) -> None:
    """Twelve starts a day, of runs that post once or five times: 36 messages on the mean day, 60 on the
    worst; over the policy's limit, which is exit code 1."""
    _scheduled(tmp_path, (1, 5), 59)
    asked = (".", "--after", "2026-05-04", "--days", "7")
    done = _run(tmp_path, *asked)
    assert "nightly" in done.stdout
    assert "  nightly: messages to alerts: 36 / 60\n" in done.stdout
    assert "  all messages to alerts: 36 / 60, over the policy's 59\n" in done.stdout
    assert done.returncode == 1
    record = json.loads(_run(tmp_path, *asked, "--json").stdout)
    assert record["routines"]["nightly"]["scheduled"] == 84
    assert record["channels"][0]["exceeded"] is True
    (tmp_path / "policy.yaml").write_text("root: true\nnoise: {messages_per_channel_per_day: 60}\n")
    assert _run(tmp_path, *asked).returncode == 0


def test_scheduled_starts_that_a_cap_stopped_are_shown(tmp_path: Path) -> None:
    """Of 120 starts in an hour the account's limit holds some back, and the table says how many."""
    schedules = ", ".join('{type: schedule, cron: "7 * * * *"}' for _ in range(120))
    (tmp_path / "routine.yaml").write_text(f"name: many\ntriggers: [{schedules}]\nprompt: Look.\n")
    done = _run(tmp_path, ".", "--after", "2026-05-04", "--days", "1")
    assert re.search(r"^  \S+ stopped [\d,]+ scheduled starts$", done.stdout, re.MULTILINE), done.stdout
