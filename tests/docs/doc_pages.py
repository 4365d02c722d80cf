"""Runs the pages of the documentation: files are written as shown, commands print what is shown.

A block ``console`` holds ``$ command`` lines with their output; a line ``…`` stands for any lines. A
block with ``title="path"`` is a file. One page is one scratch folder, from top to bottom. On the pages in
``LIVE`` the real CLI asks a stand-in of the API, which `ask_for_logs` plays.
``PYTHONPATH=tests python tests/docs/doc_pages.py PAGE…`` puts today's output into the pages.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.model_api import standing_in

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
HIDDEN = ("platform ", "rootdir: ", "plugins: ", "configfile: ")
LIVE = ("own-routine.md",)
REPOSITORY = {"owner": "acme", "repo": "core"}
LINE = "Routine: ask-for-logs"
BYTECODE = os.environ.get("PYTHONPYCACHEPREFIX", str(DOCS.parent / ".cache" / "bytecode"))
QUIET = "-p no:cacheprovider -p no:xdist -p no:timeout -p no:anyio"


def pages() -> list[Path]:
    """The pages that hold commands."""
    return [page for page in sorted(DOCS.rglob("*.md")) if "```console" in page.read_text("utf-8")]


def commands(body: str) -> list[tuple[str, str]]:
    """(command, output) of a console block."""
    parts = re.split(r"^\$ (.+)\n", body, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def ask_for_logs(messages: list[dict[str, Any]]) -> str | Sequence[dict[str, Any]]:
    """The next turn of a model that does what the prompt of the page on one's own routine says, and no more:
    list the issues, read the comments where the prompt asks for it, comment, close."""
    said = json.dumps(messages[1:])
    steps = [_use("list_issues", state="OPEN")]
    if "Read its comments first" in json.dumps(messages[0]):
        steps.append(_use("issue_read", method="get_comments", issue_number=12))
    if LINE not in said.partition("issue_read")[2].partition("add_issue_comment")[0]:
        steps.append(_use("add_issue_comment", issue_number=12, body=f"{LINE}\nPlease attach the log."))
    left = [step for step in steps if step["name"] not in said]
    return left[:1] or f"I wrote {'1 comment' if 'add_issue_comment' in said else 'no comment'}."


def _use(tool: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "name": f"mcp__github__{tool}", "input": {**REPOSITORY, **given}}


@contextmanager
def credential(page: Path) -> Iterator[Mapping[str, str]]:
    """What a reader of ``page`` has set: where it records live, a credential, here for the stand-in."""
    if page.name not in LIVE:
        yield {}
        return
    with standing_in(ask_for_logs) as (url, _):
        yield {"CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-" + "0" * 20, "ANTHROPIC_BASE_URL": url}


def environment_of(folder: Path) -> dict[str, str]:
    """The variables under which the commands of a page run."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "COLUMNS": "80",
        "PYTEST_ADDOPTS": QUIET,
        "LANG": "C.UTF-8",
        "PYTHONPYCACHEPREFIX": BYTECODE,
        "SOURCE_DATE_EPOCH": "1793620800",  # 2026-11-02
    }


def run(command: str, folder: Path, variables: Mapping[str, str]) -> str:
    """What ``command`` prints, without what differs from machine to machine."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**environment_of(folder), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.splitlines() if not line.startswith(HIDDEN)]
    text = re.sub(r" in \d+\.\d+s", " in 0.10s", "\n".join(lines).strip())
    text = re.sub(r"={3,} (\d+ .* in 0\.10s) =+", lambda found: f" {found[1]} ".center(80, "="), text)
    text = text.replace(f" ({variables.get('ANTHROPIC_BASE_URL')})", "")
    return text.replace(str(folder), "~")


def matches(shown: str, printed: str) -> bool:
    """Whether ``printed`` is what is shown, a line ``…`` standing for any lines."""
    parts = [re.escape(part) for part in re.split(r"^…$\n?", shown.strip() + "\n", flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*".join(parts), printed.strip() + "\n") is not None


def write(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body, "utf-8")


def prepare(folder: Path) -> None:
    """What every page may use: the example routines, the payloads that they name, and a routine whose script
    works in a sandbox."""
    project = DOCS.parent
    mender = Path("fixtures", "live", "flaky-test-mender")
    shutil.copytree(project / mender, folder / mender)
    shutil.copytree(project / "example_routines", folder / "example_routines")
    for name in ("webhooks", "adversity"):
        shutil.copytree(project / "fixtures" / name, folder / "fixtures" / name)


def differences(page: Path, folder: Path, variables: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(command, shown, printed) of every command whose output is another than the page shows."""
    prepare(folder)
    wrong = []
    for kind, title, body in BLOCK.findall(page.read_text("utf-8")):
        if title:
            write(folder, title, body)
        elif kind == "console":
            for command, shown in commands(body):
                printed = run(command, folder, variables)
                if not matches(shown, printed):
                    wrong.append((command, shown, printed))
    return wrong


def update(page: Path) -> None:
    """Put what the commands print today into the page; a block with ``…`` is left alone."""

    def renewed(block: re.Match[str]) -> str:
        kind, title, body = block.groups()
        if title:
            write(folder, title, body)
        if title or kind != "console":
            return block[0]
        parts = []
        for command, shown in commands(body):
            printed = run(command, folder, variables)
            kept = re.search(r"^…$", shown, re.MULTILINE)
            parts.append(f"$ {command}\n" + (shown if kept else f"{printed}\n" if printed else ""))
        return f"```console\n{''.join(parts)}```"

    with tempfile.TemporaryDirectory() as name, credential(page) as variables:
        folder = Path(name)
        prepare(folder)
        page.write_text(BLOCK.sub(renewed, page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        update(Path(argument))
