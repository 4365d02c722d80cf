"""Home and README open with the demo's run as the report draws it, and with what to type."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ASSETS = PROJECT / "docs" / "assets"
PICTURES = ("catch.svg", "catch-narrow.svg")


def test_the_pictures_are_drawn_from_the_run_of_today(tmp_path: Path) -> None:
    """``python docs/write_catch.py`` would change nothing."""
    command = [sys.executable, str(PROJECT / "docs" / "write_catch.py"), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(PICTURES)
    for name in PICTURES:
        same = (tmp_path / name).read_bytes() == (ASSETS / name).read_bytes()
        assert same, f"python docs/write_catch.py ({name})"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_the_ticket_and_its_duplicate(name: str) -> None:
    """Both runs, one line from the repeated record to the first, dark where that is preferred."""
    text = (ASSETS / name).read_text("utf-8")
    drawn = ET.fromstring(text)
    words = " ".join(filter(None, (node.text for node in drawn.iter("{http://www.w3.org/2000/svg}text"))))
    assert "+ ticket SEC-1" in words
    assert "= ticket SEC-2 (same as SEC-1)" in words
    assert text.count('class="lane"') == 2
    assert text.count('class="again"') == text.count('class="link"') == 1
    assert "prefers-color-scheme:dark" in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize(("page", "picture"), [("README.md", "docs/assets/"), ("docs/index.md", "assets/")])
def test_the_picture_three_sentences_and_the_install_line_come_first(page: str, picture: str) -> None:
    """Nothing to read before the picture; the first block is one command, which is copied as it stands."""
    _, shown, rest = (PROJECT / page).read_text("utf-8").split("\n\n", 2)
    assert f"{picture}catch.svg" in shown
    sentences, block, _ = rest.split("\n\n", 2)
    assert len(re.findall(r"\.(?:\s|$)", sentences)) == 3
    assert block == "```sh\npip install routine-harness\n```"


def test_home_and_readme_say_the_same() -> None:
    """One text in two places: the three sentences do not drift."""
    home, readme = ((PROJECT / page).read_text("utf-8") for page in ("docs/index.md", "README.md"))
    assert home.split("\n\n")[2] == readme.split("\n\n")[2]
