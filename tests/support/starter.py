"""The files that a beginner has: those of the README's five-minute walk, and what ``init`` writes."""

from __future__ import annotations

import re
from pathlib import Path

BLOCK = re.compile(r"^```(\w+) (\w+)=(\S+)(?: replace=(\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def write(path: Path, body: str, replaced: str) -> None:
    """Write a file of the walk, or put ``body`` in the place of one of its functions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if replaced:
        before, found, _ = path.read_text().partition(f"def {replaced}(")
        assert found
        body = before + body
    path.write_text(body)


def write_walk(folder: Path, project: Path) -> None:
    """Write all files of the walk into ``folder``, as they are at its end."""
    for _, kind, name, replaced, body in BLOCK.findall((project / "README.md").read_text()):
        if kind == "title":
            write(folder / name, body, replaced)


def rest_on_scripts(folder: Path) -> None:
    """Let the policy that ``init`` wrote into ``folder`` open the gate without the real agent."""
    policy = folder / "policy.yaml"
    text = policy.read_text("utf-8")
    assert "live_recordings: 1" in text
    policy.write_text(text.replace("live_recordings: 1", "live_recordings: 0"), "utf-8")
