"""What ``init`` writes, as tests want it."""

from __future__ import annotations

from pathlib import Path


def rest_on_scripts(folder: Path) -> None:
    """Let the policy that ``init`` wrote into ``folder`` open the gate without the real agent."""
    policy = folder / "policy.yaml"
    text = policy.read_text("utf-8")
    assert "live_recordings: 1" in text
    policy.write_text(text.replace("live_recordings: 1", "live_recordings: 0"), "utf-8")
