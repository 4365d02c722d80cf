"""What pages say in figures and names is what the code and the package say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from routine_harness.live.record.recording_plan import RUNS, TURNS, run_cost

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PACKAGE = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
NOT_FOR_USERS = {"docs", "benchmark", "test"}


def test_the_install_page_lists_the_extras_that_there_are() -> None:
    """Each with what it adds; those of developers are left out."""
    page = (DOCS / "install.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `routine-harness\[(\w+)\]`", page, re.MULTILINE))
    assert listed == set(PACKAGE["optional-dependencies"]) - NOT_FOR_USERS
    assert f"Python {PACKAGE['requires-python'].removeprefix('>=')} or newer" in page


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_every_extra_that_a_page_names_can_be_installed(page: Path) -> None:
    """pip only warns of an extra that does not exist."""
    named = re.findall(r"routine-harness\[([\w,]+)\]", page.read_text("utf-8"))
    assert {extra for each in named for extra in each.split(",")} <= set(PACKAGE["optional-dependencies"])


def test_the_first_estimates_are_those_that_record_prints() -> None:
    """Dollars for a case of which nothing is known, by family of models."""
    rows = re.findall(r"^\| (\w+) \| \$([\d.]+) \|$", (DOCS / "cost.md").read_text("utf-8"), re.MULTILINE)
    assert len(rows) == 3
    for family, usd in rows:
        assert f"{RUNS * run_cost(family.lower()):.2f}" == usd
    assert (RUNS, TURNS) == (2, 12)


def test_every_message_of_the_troubleshooting_page_is_printed_on_it() -> None:
    """Each heading quotes what one of the commands below it prints; the commands are run as all others."""
    page = (DOCS / "troubleshooting.md").read_text("utf-8")
    sections = re.findall(r"^## `([^`]+)`\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL)
    assert len(sections) == page.count("\n## `") > 10
    for message, section in sections:
        printed = [line for block in re.findall(r"```console\n(.*?)```", section, re.DOTALL)
                   for line in block.splitlines() if not line.startswith("$ ")]  # fmt: skip
        assert message in " ".join(" ".join(printed).split()), message
