"""``serve model`` and ``serve fire`` as commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

pytest.importorskip("mcp")

from support.model_api import forget_credentials, standing_in

from routine_harness.session.transcript import Message
from routine_harness.store.recordings import load_recording

SERVE = [sys.executable, "-m", "routine_harness", "serve"]


def test_a_model_is_served_until_it_is_ended(tmp_path: Path) -> None:
    """Address and token are printed; a script answers; what it cost is told at the end."""
    (tmp_path / "m.py").write_text("def turns(messages):\n    return 'hello'\n")
    kept = tmp_path / "kept.jsonl"
    words = [*SERVE, "model", "--script", f"{tmp_path / 'm.py'}::turns", "--record", str(kept)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url, token = (process.stdout.readline().strip().partition("=")[2] for _ in range(2))
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "tools": [{"name": "Bash"}]}
    answer = httpx2.post(f"{url}/v1/messages", json=body, headers={"x-api-key": token})
    assert answer.json()["content"] == [{"type": "text", "text": "hello"}]
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "tokens in" in told
    recording = load_recording(kept)
    assert recording is not None
    assert [entry.text for entry in recording.runs[1] if isinstance(entry, Message)] == ["hello"]
    again = subprocess.run(words, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "the file is there already" in again.stderr


def test_the_fire_endpoint_prints_what_it_accepts(project: Path) -> None:
    """The address is told, an accepted request is a line of JSON; without a token nothing starts."""
    routine = str(project / "example_routines" / "alert-triage")
    without = subprocess.run([*SERVE, "fire", routine], capture_output=True, text=True, check=False)
    assert without.returncode == 2
    assert "ROUTINE_FIRE_TOKEN is not set" in without.stderr
    process = subprocess.Popen(
        [*SERVE, "fire", routine], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "ROUTINE_FIRE_TOKEN": "mine"},
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stdout is not None
    url = process.stderr.readline().strip()
    headers = {
        "authorization": "Bearer mine",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "experimental-cc-routine-2026-04-01",
    }
    assert httpx2.post(url, json={"text": "disk full"}, headers=headers).json()["type"] == "routine_fire"
    assert json.loads(process.stdout.readline()) == {"number": 1, "text": "disk full"}
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("variable", "secret", "told"),
    [
        ("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-HeldOutside", "would cost at most $"),
        ("ANTHROPIC_API_KEY", "sk-ant-api03-HeldOutside", "out, at most $"),
    ],
)
def test_a_model_behind_a_credential_is_served_in_its_form(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, secret: str, told: str
) -> None:
    """The CLI's variables are printed with the session's token; the credential goes to the API alone."""
    forget_credentials(monkeypatch)
    kept = tmp_path / "kept.jsonl"
    with standing_in(lambda _: "hello") as (real, seen):
        monkeypatch.setenv(variable, secret)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", real)
        words = [*SERVE, "model", "--record", str(kept)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        printed = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
        assert set(printed) == {"ANTHROPIC_BASE_URL", variable}
        url, token = printed["ANTHROPIC_BASE_URL"], printed[variable]
        assert token.startswith(secret.removesuffix("HeldOutside"))
        body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "tools": [{"name": "Bash"}]}
        shown = {"authorization": f"Bearer {token}"}
        assert httpx2.post(f"{url}/v1/messages", json=body, headers=shown).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
    [asked] = seen
    assert secret in str(asked.headers)
    assert token not in str(asked.headers)
    assert f"{variable}: " in said
    assert told in said
    assert "HeldOutside" not in said + kept.read_text() + str(printed)
