"""The README's five-minute walk does what it says, word for word."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from support.starter import BLOCK, write

PLUGINS = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:timeout", "-p", "no:anyio")


def test_walk_is_red_then_green(
    pytester: pytest.Pytester, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file of the walk is written as shown, and every command prints what is shown."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("CI", raising=False)
    shown = []
    for _, kind, name, replaced, body in BLOCK.findall((project / "README.md").read_text()):
        if kind == "title":
            write(pytester.path / name, body, replaced)
        elif name in ("red", "green"):
            shown += [(command, run(pytester, command), text) for command, text in commands(body)]
    assert [command for command, _, _ in shown] == [
        "pytest routines",
        "pytest routines",
        "routine-harness dry-run routines",
    ]
    for command, printed, text in shown:
        assert printed == text.strip(), command


def commands(body: str) -> list[tuple[str, str]]:
    """(command, output) of a console block."""
    parts = re.split(r"^\$ (.+)\n", body, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def run(pytester: pytest.Pytester, command: str) -> str:
    """What a command prints, without what differs from machine to machine."""
    program, *arguments = command.split()
    if program == "pytest":
        result = pytester.runpytest_subprocess(*arguments, *PLUGINS)
    else:
        result = pytester.run(Path(sys.executable).with_name(program), *arguments)
    text = "\n".join(
        line for line in result.outlines if not line.startswith(("platform ", "rootdir: ", "plugins: "))
    )
    return re.sub(r" in \d+\.\d+s", " in 0.10s", text).strip()
