"""The real CLI in each form of credential, against a stand-in of the API: what is sent, and where none is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

from api_support import Asked, standing_in
from live_support import needs_cli, scratch_left, use, write_routine

from routine_harness.cli.main import run
from routine_harness.redaction.variables import MODEL_CREDENTIALS
from routine_harness.serve.credential import ELSEWHERE, FORMS

SECRET = "HeldOutside42Held"
FORM_VARIABLES = {
    name for form in FORMS for name in (*form.variables, form.address, form.switch, *form.needs, *form.kept)
}
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
    for name in (*FORM_VARIABLES, *MODEL_CREDENTIALS, *ELSEWHERE):
        monkeypatch.delenv(name, raising=False)


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
    [recording] = (case.parent.parent / "recordings").iterdir()
    kept = recording.read_text()
    assert "[token of the session]" in kept
    assert "ROUTINE_TOKEN=" in kept
    for text in (kept, *(report.read_text() for report in reports), said.out, said.err):
        assert SECRET not in text
        assert "sk-ant-" not in text
        assert "gw-" not in text
    assert scratch_left() == []


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
