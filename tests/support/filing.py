"""A small folder of routines that the plugin's tests run pytest on."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

ROUTINE = """\
name: filing
connectors:
  - {connector: linear, binding: Security}
  - slack:security-alerts
triggers:
  - type: api
prompt: File the matter once, then tell the channel.
"""
CASE = """\
description: files one ticket
trigger: {api: {text: a matter}}
agent: {scripted: ../agents/filing.py::file_it}
expect:
  tickets: {count: 1, where: {title: A matter}}
"""
AGENT = '''
def file_it(session):
    """Looks first, then files."""
    found = session.call("linear.list_issues", project="Security", query="A matter")
    if not found.json()["issues"]:
        session.call("linear.save_issue", title="A matter", team="Security", project="Security")
    session.say("done")


def files_blindly(session):
    session.call("linear.save_issue", title="A matter", team="Security", project="Security")
    session.say("done")


def does_nothing(session):
    session.say("nothing to do")
'''


class Routines:
    """Writes files of a routine below the folder of a pytester."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.folder = pytester.path / "routines" / "filing"
        self.write("routine.yaml", ROUTINE)
        self.write("agents/filing.py", AGENT)
        (pytester.path / "routines" / "policy.yaml").write_text("root: true\n")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        return path

    def case(self, name: str, text: str = CASE, *, agent: str = "") -> Path:
        """A case file; ``agent`` is the function of the scripted agent."""
        return self.write(f"cases/{name}.yaml", text.replace("::file_it", f"::{agent}") if agent else text)

    def run(self, *arguments: str) -> pytest.RunResult:
        """pytest in a process of its own on the folder, as a user runs it."""
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)
