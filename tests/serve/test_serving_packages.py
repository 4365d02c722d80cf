"""Without the packages of the extra, what serves or asks a server says so, and starts nothing."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from routine_harness.cli.main import run
from routine_harness.serve.server import PACKAGES

REAL = PACKAGES
SAID = "error: the package not_installed_here is not installed\n"
HINT = "pip install 'routine-harness[serve]'"


@pytest.fixture(autouse=True)
def _absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that lacks one of the packages."""
    monkeypatch.setattr("routine_harness.serve.server.PACKAGES", ("json", "not_installed_here"))


@pytest.mark.parametrize(
    "command",
    [
        ["serve", "world", "example_routines/docs-drift", "--connector", "github"],
        ["serve", "model"],
        ["serve", "fire", "example_routines/docs-drift"],
    ],
    ids=lambda command: command[1],
)
def test_serving_names_the_extra(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one error."""
    monkeypatch.setenv("ROUTINE_FIRE_TOKEN", "shown-as-bearer")
    assert run(command) == 2
    said = capsys.readouterr().err
    assert said.startswith(SAID)
    assert HINT in said


def test_doctor_does_not_blame_the_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The server may be well: nobody could ask it. Without a server nothing is missing."""
    servers = tmp_path / "servers.json"
    servers.write_text(json.dumps({"mcpServers": {"linear": {"command": "routine-harness"}}}))
    assert run(["doctor", "--connectors", str(servers)]) == 2
    assert SAID in capsys.readouterr().err
    servers.write_text(json.dumps({"mcpServers": {}}))
    assert run(["doctor", "--connectors", str(servers)]) == 0


def test_record_names_it_among_all_that_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside a CLI that is not there."""
    live = ["record", "example_routines/docs-drift", "--live", "--program", "no-such-cli"]
    assert run(live) == 2
    said = capsys.readouterr().err
    assert SAID in said
    assert "no-such-cli" in said


def test_the_extra_brings_what_is_asked_for(project: Path) -> None:
    """The names are those of pyproject."""
    package = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    extra = package["optional-dependencies"]["serve"]
    assert tuple(name.partition(">")[0] for name in extra) == REAL
