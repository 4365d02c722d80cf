"""``import --diff`` names exactly what drifted, and concludes nothing from what a source does not say."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from routine_harness.cli.main import run

EXPORT = Path(__file__).parents[2] / "fixtures" / "account" / "export.json"
Edit = Callable[[dict[str, Any]], None]
WEB = "https://github.com/acme/web"


def _context(row: dict[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = row["job_config"]["ccr"]["session_context"]
    return held


def _set(key: str, value: Any) -> Edit:
    return lambda row: row.update({key: value})


def _set_context(key: str, value: Any) -> Edit:
    return lambda row: _context(row).update({key: value})


def _say(text: str) -> Edit:
    def edit(row: dict[str, Any]) -> None:
        row["job_config"]["ccr"]["events"][0]["data"]["message"]["content"] = text

    return edit


def _connect(*names: str, **more: Any) -> Edit:
    return _set("mcp_connections", [{"name": name, **more} for name in names])


PROMPT = json.loads(EXPORT.read_text())["data"][0]["job_config"]["ccr"]["events"][0]["data"]["message"][
    "content"
]


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Imports the export once; then tells the differences of an edited one."""
    monkeypatch.chdir(tmp_path)
    whole = json.loads(EXPORT.read_text())
    assert run(["import", str(EXPORT), "-o", "routines"]) == 0

    def differ(
        edit: Callable[[list[dict[str, Any]]], None], *options: str, **page: Any
    ) -> list[dict[str, Any]]:
        edited = deepcopy(whole) | page
        edit(edited["data"])
        (tmp_path / "edited.json").write_text(json.dumps(edited))
        capsys.readouterr()
        status = run(["import", "edited.json", "-o", "routines", "--diff", "--json", *options])
        found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        assert status == (1 if found else 0)
        return found

    return differ


@pytest.mark.parametrize(
    ("edit", "what", "committed", "imported"),
    [
        (_set("name", "Daily Audit"), "title", "Daily audit", "Daily Audit"),
        (_set("cron_expression", "7 5 * * *"), "schedule", "7 6 * * * UTC", "7 5 * * * UTC"),
        (_set("enabled", False), "enabled", "true", "false"),
        (_set_context("model", "claude-opus-5-5"), "model", "claude-sonnet-5", "claude-opus-5-5"),
        (_set_context("allowed_tools", ["Bash"]), "tools", "Bash, Grep, Read", "Bash"),
        (_connect("Slack", "Linear"), "connectors", "slack", "linear, slack"),
        (_connect("Slack", permitted_tools=["slack_send_message"]), "connectors", "slack",
         "slack (allow slack_send_message)"),
        (_set_context("sources", [{"git_repository": {"url": WEB}}]), "repositories",
         "acme/core", "acme/web"),
    ],
)  # fmt: skip
def test_one_edit_is_one_difference(
    account: Any, edit: Edit, what: str, committed: str, imported: str
) -> None:
    """Of ten routines, the one that was edited, what of it, and both values."""
    [found] = account(lambda rows: edit(rows[0]))
    assert (found["routine"], found["what"]) == ("daily-audit", what)
    assert (found["committed"], found["imported"]) == (committed, imported)


def test_a_channel_that_the_prompt_names_anew_is_told_with_it(account: Any) -> None:
    """The binding follows the prompt; one that was added by hand would be no difference."""
    found = account(lambda rows: _say(PROMPT.replace("#calls", "#audits"))(rows[0]))
    assert [each["what"] for each in found] == ["prompt", "bindings of slack"]
    assert (found[1]["committed"], found[1]["imported"]) == ("calls", "audits")


def test_what_is_bound_or_added_by_hand_is_no_difference(account: Any) -> None:
    """Channels, events, a fire endpoint and a network are not in an export."""
    file = Path("routines/backlog-groomer/routine.yaml")
    text = file.read_text().replace("  - linear\n", "  - linear:backlog\n")
    text = text.replace("triggers:\n", "environment:\n  network: full\ntriggers:\n  - type: api\n")
    file.write_text(text)
    assert account(lambda rows: None) == []


def test_a_renamed_routine_is_neither_gone_nor_new(account: Any) -> None:
    """The same prompt under another title, where the list is whole; in half of one nothing is concluded."""

    def rename(rows: list[dict[str, Any]]) -> None:
        rows[0]["name"] = "Morning audit"

    [found] = account(rename)
    assert (found["routine"], found["what"], found["imported"]) == ("daily-audit", "title", "Morning audit")
    assert [each["what"] for each in account(rename, "--partial", has_more=True)] == ["added"]


def test_a_routine_is_gone_only_from_a_whole_list(account: Any) -> None:
    """Nine of ten: deleted where the list says that it is whole, and not otherwise."""

    def drop(rows: list[dict[str, Any]]) -> None:
        del rows[3]

    assert [(each["routine"], each["what"]) for each in account(drop)] == [("backlog-groomer", "deleted")]
    assert account(drop, "--partial", has_more=True) == []


def test_a_list_that_leaves_prompts_out_says_nothing_of_them(account: Any) -> None:
    """A summary without events is compared in the rest."""

    def summarise(rows: list[dict[str, Any]]) -> None:
        del rows[0]["job_config"]["ccr"]["events"]

    assert account(summarise) == []


def test_the_network_of_a_file_is_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that says its hosts differs when they do."""
    file = tmp_path / "drift.yaml"
    file.write_text(FILE)
    home = tmp_path / "drift"
    assert run(["import", str(file), "-o", str(home)]) == 0
    assert run(["import", str(file), "-o", str(home), "--diff"]) == 0
    file.write_text(FILE.replace("[glama.ai]", "[glama.ai, pypi.org]").replace("C0BAP2FTQ6N", "C0BAP2FTQ6X"))
    capsys.readouterr()
    assert run(["import", str(file), "-o", str(home), "--diff"]) == 1
    told = capsys.readouterr().out
    assert "network: committed custom (glama.ai), imported custom (glama.ai, pypi.org)" in told
    assert "bindings of slack: committed ops (C0BAP2FTQ6N), imported ops (C0BAP2FTQ6X)" in told


FILE = """\
name: drift
schedule: {cron: "7 8 * * 3"}
repositories: [https://github.com/acme/core]
mcp_connectors: [Slack]
network_allowlist: [glama.ai]
prompt: |
  Compare the listing and post to Slack #ops (channel id C0BAP2FTQ6N).
"""
