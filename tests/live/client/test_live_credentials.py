"""The real CLI in each form of credential, against a stand-in of the API: what is sent, and where none is."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

from support.live_runs import needs_cli, scratch_left, use, write_routine
from support.model_api import Asked, forget_credentials, standing_in

from routine_harness.cli.main import run

SECRET = "HeldOutside42Held"
KEY = {"ANTHROPIC_API_KEY": f"sk-ant-api03-{SECRET}", "ANTHROPIC_BASE_URL": "{url}"}
OAUTH = {"CLAUDE_CODE_OAUTH_TOKEN": f"sk-ant-oat01-{SECRET}", "ANTHROPIC_BASE_URL": "{url}"}
FORMS_TRIED: dict[str, dict[str, str]] = {
    "key": KEY,
    "subscription": OAUTH,
    "key-wins": {**OAUTH, **KEY},
    "gateway": {"ANTHROPIC_AUTH_TOKEN": f"gw-{SECRET}", "ANTHROPIC_BASE_URL": "{url}/v2"},
    "bedrock": {
        "CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1", "AWS_REGION": "eu-central-1",
        "ANTHROPIC_BEDROCK_BASE_URL": "{url}/bedrock", "ANTHROPIC_AUTH_TOKEN": f"gw-{SECRET}",
    },
    "vertex": {
        "CLAUDE_CODE_USE_VERTEX": "1", "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1", "CLOUD_ML_REGION": "us-east5",
        "ANTHROPIC_VERTEX_PROJECT_ID": "acme-ml", "ANTHROPIC_VERTEX_BASE_URL": "{url}/vertex_ai/v1",
        "ANTHROPIC_AUTH_TOKEN": f"gw-{SECRET}",
    },
}  # fmt: skip
OPENED: dict[str, tuple[str, str]] = {
    "key": ("x-api-key", f"sk-ant-api03-{SECRET}"),
    "subscription": ("authorization", f"Bearer sk-ant-oat01-{SECRET}"),
    "key-wins": ("x-api-key", f"sk-ant-api03-{SECRET}"),
    "gateway": ("authorization", f"Bearer gw-{SECRET}"),
    "bedrock": ("authorization", f"Bearer gw-{SECRET}"),
    "vertex": ("authorization", f"Bearer gw-{SECRET}"),
}
PATHS = {
    "gateway": "/v2/v1/messages?beta=true",
    "bedrock": "/bedrock/model/us.anthropic.claude-test/invoke-with-response-stream",
    "vertex": "/vertex_ai/v1/projects/acme-ml/locations/us-east5/publishers/anthropic/models/"
    "claude-test:streamRawPredict",
}
MODELS = {"bedrock": "us.anthropic.claude-test"}
WAYS_IN = "env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; cat ~/.claude.json; ls -A ~ ~/.claude"


@pytest.fixture(autouse=True)
def _live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch folders of a test's own, and no credential of this machine's."""
    needs_cli()
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    forget_credentials(monkeypatch)


def provide(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(url=url))


class Curious:
    """A model that has everything inside shown, and looks at it from outside meanwhile."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self.looked = 0
        self.found: list[str] = []

    def __call__(self, messages: list[dict[str, Any]]) -> Any:
        if not any(message["role"] == "assistant" for message in messages):
            return [use("Bash", command=WAYS_IN)]
        self.looked += 1
        self.found += [str(path) for path in self._scratch.rglob("*") if SECRET in _text(path)]
        inside = [path for path in Path("/proc").glob("[0-9]*/environ") if "ROUTINE_TOKEN=" in _text(path)]
        assert inside
        self.found += [str(path) for path in inside if SECRET in _text(path)]
        return "done"


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace") if path.is_file() else ""
    except OSError:
        return ""  # another's, or ended


@pytest.mark.parametrize("form", FORMS_TRIED)
def test_each_form_of_credential_opens_the_model_and_stays_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    """The CLI sends what it sends in that mode; the API gets the credential; nothing else ever holds it."""
    model = MODELS.get(form, "claude-test")
    case = write_routine(tmp_path / "r", "expect: {nothing: true}\n", f"model: {model}\n")
    curious = Curious(tmp_path / "scratch")
    with standing_in(curious) as (url, seen):
        provide(monkeypatch, FORMS_TRIED[form], url)
        assert run(["record", str(case), "--all", "--live"]) == 0
        assert run(["check", str(case), "--json"]) == 0
        assert run(["show", str(case.parent.parent), "--case", "one", "--full"]) == 0
        reports = [tmp_path / f"report.{kind}" for kind in ("html", "json", "sarif")]
        for report in reports:
            assert run(["report", str(case.parent.parent), "-o", str(report)]) == 0
    assert curious.looked == 2  # in each run
    assert curious.found == []
    _check_sent(form, seen)
    said = capfd.readouterr()
    words = " ".join(said.out.split())
    assert ("would cost $0.00 under an API key" in words) == (form == "subscription")
    assert said.err.startswith(f"{_variable(form)}: ")
    [recording] = (case.parent.parent / "recordings").iterdir()
    kept = recording.read_text()
    assert "[token of the session]" in kept
    assert "ROUTINE_TOKEN=" in kept
    for text in (kept, *(report.read_text() for report in reports), said.out, said.err):
        assert SECRET not in text
        assert "sk-ant-" not in text
        assert "gw-" not in text
    assert scratch_left() == []


def _variable(form: str) -> str:
    """The variable whose value is to arrive."""
    _, value = OPENED[form]
    return next(name for name, held in FORMS_TRIED[form].items() if held == value.removeprefix("Bearer "))


def _check_sent(form: str, seen: list[Asked]) -> None:
    """What arrived at the API: the header of the form alone, and the CLI's own beta headers."""
    header, value = OPENED[form]
    asked = [each for each in seen if each.body.get("tools")]
    assert len(asked) == 4  # two turns of two runs
    for each in seen:
        opened = {name: each.headers[name] for name in ("x-api-key", "authorization") if name in each.headers}
        assert opened == {header: value}
        betas = each.headers["anthropic-beta"].split(",")
        assert ("oauth-2025-04-20" in betas) == (form == "subscription")
        assert each.headers["anthropic-version"] == "2023-06-01"
        assert each.headers["user-agent"].startswith("claude-cli/")
        assert each.headers["x-app"] == "cli"
        assert "routine-" not in str(each.headers)
    assert {each.path for each in asked} == {PATHS.get(form, "/v1/messages?beta=true")}
    versions = {"bedrock": "bedrock-2023-05-31", "vertex": "vertex-2023-10-16"}
    assert {each.body.get("anthropic_version") for each in asked} == {versions.get(form)}


def test_pytest_records_under_a_subscription(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header says what opens the model; recording, output and reports are free of it."""
    case = write_routine(tmp_path / "r", "expect: {nothing: true}\n")
    curious = Curious(tmp_path / "scratch")
    reports = [tmp_path / "report.html", tmp_path / "junit.xml"]
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    with standing_in(curious) as (url, seen):
        provide(monkeypatch, OAUTH, url)
        done = in_pytest(
            tmp_path / "r", "--routine-agent=claude-code", "--routine-record=once", "-v",
            f"--routine-report={reports[0]}", f"--junitxml={reports[1]}",
        )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "live runs: CLAUDE_CODE_OAUTH_TOKEN: a subscription's token" in done.stdout
    assert curious.looked == 2
    assert curious.found == []
    _check_sent("subscription", seen)
    [recording] = (case.parent.parent / "recordings").iterdir()
    for text in (*(path.read_text() for path in (recording, *reports)), done.stdout, done.stderr):
        assert SECRET not in text
        assert "sk-ant-" not in text


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_credential_is_one_clear_error_and_no_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], status: int
) -> None:
    """An expired token ends the batch at its first case: exit code 2, how to renew it, nothing written."""
    case = write_routine(tmp_path / "r")
    (case.parent / "two.yaml").write_bytes(case.read_bytes())
    said = f"OAuth token has expired: sk-ant-oat01-{SECRET}"
    with standing_in(lambda _: "", status=status, said=said) as (url, seen):
        provide(monkeypatch, OAUTH, url)
        assert run(["record", str(tmp_path / "r"), "--live"]) == 2
        refused = capfd.readouterr()
        words = " ".join(refused.err.split())
        assert (
            words.count(f"the model's API refuses CLAUDE_CODE_OAUTH_TOKEN ({status}): OAuth token has") == 1
        )
        assert "hint: `claude setup-token` prints a subscription's token" in words
        assert SECRET not in refused.out + refused.err
        assert len(seen) == 1
    assert not (tmp_path / "r" / "recordings").exists()
    assert scratch_left() == []


def test_pytest_says_that_a_credential_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As bad input, without the credential and without a recording."""
    write_routine(tmp_path / "r")
    with standing_in(lambda _: "", status=401, said=f"expired: sk-ant-oat01-{SECRET}") as (url, _):
        provide(monkeypatch, OAUTH, url)
        done = in_pytest(tmp_path / "r", "--routine-agent=claude-code", "--routine-record=once")
    assert done.returncode == 2
    assert "refuses CLAUDE_CODE_OAUTH_TOKEN" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert not (tmp_path / "r" / "recordings").exists()
    assert scratch_left() == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "needs a credential for the model"),
        (
            {"CLAUDE_CODE_OAUTH_TOKEN": f"sk-ant-oat01-{SECRET}\n"},
            "expected CLAUDE_CODE_OAUTH_TOKEN to be one word",
        ),
    ],
    ids=["none", "malformed"],
)
def test_no_credential_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    variables: dict[str, str], said: str,
) -> None:  # fmt: skip
    """``record``, pytest and ``serve model`` say the same, and how to mend it."""
    case = write_routine(tmp_path / "r")
    provide(monkeypatch, variables, "")
    for words in (["record", str(case), "--live"], ["serve", "model"]):
        assert run(words) == 2
        told = " ".join(capfd.readouterr().err.split())
        assert said in told
        assert "claude setup-token" in told
        assert SECRET not in told
    done = in_pytest(tmp_path / "r", "--routine-agent=claude-code", "--routine-record=once")
    assert done.returncode == 2
    assert said in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert not (tmp_path / "r" / "recordings").exists()


def in_pytest(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """pytest on a folder of routines, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(folder), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_a_token_that_expires_in_a_batch_keeps_what_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The cases before have their recordings; those after it are not tried."""
    case = write_routine(tmp_path / "r", "expect: {nothing: true}\n")
    for name in ("three", "two"):  # in the order of their names: one, three, two
        case.with_name(f"{name}.yaml").write_bytes(case.read_bytes())
    with standing_in(lambda _: "done", expires_after=2) as (url, seen):
        provide(monkeypatch, OAUTH, url)
        assert run(["record", str(tmp_path / "r"), "--live"]) == 2
    words = " ".join(capfd.readouterr().err.split())
    assert words.count("refuses CLAUDE_CODE_OAUTH_TOKEN (401): OAuth token has expired") == 1
    assert [path.name for path in (tmp_path / "r" / "recordings").glob("*.jsonl")] == ["one.jsonl"]
    assert len(seen) == 3
