"""The documentation is true: it builds, its commands run, its generated pages are today's."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from doc_pages import LIVE, credential, differences, matches, pages
from support.live_runs import needs_cli

from routine_harness.cli import COMMANDS
from routine_harness.lint.registry import BUILT_IN
from routine_harness.report.codes import finding_codes
from routine_harness.session.transcript import RunStatus
from routine_harness.verdict.policy.rules import NOISE_LIMITS
from routine_harness.verdict.read_blocks import EFFECT_NOUNS
from routine_harness.world.github.operations.operation_table import OPERATIONS
from routine_harness.world.github.records.tables import TABLES
from routine_harness.world.kinds import KINDS

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_every_command_prints_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    """From top to bottom, in a folder of its own."""
    if page.name in LIVE:
        needs_cli()
    with credential(page) as variables:
        wrong = differences(page, tmp_path, variables)
    assert not wrong, "\n\n".join(f"$ {command}\n{printed}" for command, _, printed in wrong)


def test_a_changed_output_would_be_noticed() -> None:
    """The comparison can fail, and an ellipsis stands for lines and for nothing else."""
    assert matches("a\n…\nc\n", "a\nb\nb\nc")
    assert matches("a\n…\n", "a")
    assert not matches("a\nc\n", "a\nb\nc")
    assert not matches("a\n…\nd\n", "a\nb\nc")


def test_the_reference_is_written_from_the_code_of_today(tmp_path: Path) -> None:
    """``python docs/write_reference.py`` would change nothing."""
    command = [sys.executable, str(DOCS / "write_reference.py"), str(tmp_path / "reference")]
    subprocess.run(command, check=True, capture_output=True)
    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "reference").iterdir()}
    for name, text in written.items():
        assert (DOCS / "reference" / name).read_text("utf-8") == text, (
            f"python docs/write_reference.py ({name})"
        )


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """``mkdocs build --strict``: no broken link, no page left out."""
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        str(tmp_path / "site"),
    ]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # the theme's advertisement of its successor
    done = subprocess.run(command, cwd=PROJECT, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    page = (tmp_path / "site" / "reference" / "lint-rules" / "index.html").read_text("utf-8")
    assert all(f'id="{rule.code}"' in page for rule in BUILT_IN)


CODE = re.compile(r"[a-z_]+\.[a-z0-9]+(?:-[a-z0-9]+)*")
AREAS = {code.partition(".")[0] for code in finding_codes()}
NOT_CODES = re.compile(
    r".*\.(?:py|md|yaml|yml|json|jsonl|js|css|html|enabled|patterns|wait|match|event|arrivals|chains|spec)"
    r"|(?:agents|session|recording|snapshot|trigger|run)\.(?:protocol|run|match)|secret\.(?:created|deleted)"
    r"|world\.(?:state|effect|tool)|github\.(?:com|id|repository)"
)


def code_literals() -> Iterator[str]:
    """Every text in the code that looks like a finding's code of a known area."""
    for file in sorted((PROJECT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and CODE.fullmatch(text) and text.partition(".")[0] in AREAS:
                yield text


def test_every_code_has_its_place_in_the_documentation() -> None:
    """A finding's code is an anchor: of a lint rule, or of the page of codes."""
    known = {*finding_codes(), *(rule.code for rule in BUILT_IN), *KINDS, *OPERATIONS}
    known |= {row.graphql for row in OPERATIONS.values()} | {f"github.{table}" for table in TABLES}
    others = {code for code in code_literals() if NOT_CODES.fullmatch(code)}
    assert {*code_literals()} - known - others == set()


@pytest.mark.parametrize(
    ("area", "names"),
    [
        ("expect", set(EFFECT_NOUNS)),
        ("noise", set(NOISE_LIMITS)),
        ("run", set(get_args(RunStatus)) - {"finished"}),
    ],
)
def test_every_code_that_is_made_from_a_name_has_its_place(area: str, names: set[str]) -> None:
    """A noun of the expectations, a limit of the policy, a bad end of a run."""
    assert names
    assert {f"{area}.{name.replace('_', '-')}" for name in names} <= set(finding_codes())


@pytest.mark.parametrize("code", sorted(finding_codes()))
def test_every_code_says_what_brings_it_about_and_how_to_mend_it(code: str) -> None:
    """Three sentences; a command that one of them names exists."""
    said = finding_codes()[code]
    for text in (said.means, said.cause, said.fix):
        assert text.endswith((".", "`")), text
        assert len(text.split()) > 1
    named = re.findall(r"`routine-harness (\w+)", f"{said.cause} {said.fix}")
    assert set(named) <= set(COMMANDS)
    assert (DOCS / "reference" / "finding-codes.md").read_text("utf-8").count(f"{{#{code}}}") == 1
