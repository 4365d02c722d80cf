# ruff: noqa: E501 - records read better unbroken
"""Scripted agents in a small company's world, checked as a case with its `rerun:` would be."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from support.judging import NoFiles

from routine_harness.agents.scripted import Script
from routine_harness.case.memory import NAME
from routine_harness.case.parse import parse_cases
from routine_harness.case.result import CaseResult
from routine_harness.harness import Harness
from routine_harness.routine.document import Document
from routine_harness.routine.spec import Source
from routine_harness.store.names import known_names
from routine_harness.store.routines import load_routine

REPO = {"owner": "acme", "repo": "shop"}
WORLD: dict[str, Any] = {
    "github": {
        "repositories": [
            {"full_name": "acme/shop", "default_branch": "main", "files": {"app/cart.py": "x", "README.md": "r"}}
        ],
        "pulls": [
            {
                "repository": "acme/shop", "number": 30, "title": "Cart", "user": "ann", "head": "feature/cart",
                "base": "main", "files": [{"filename": "app/cart.py", "patch": "@@ -1 +1 @@\n+eval(x)"}],
            }
        ],
        "issues": [
            {"repository": "acme/shop", "number": 8, "title": "Slow", "body": "It is slow.", "user": "ben", "labels": ["bug"]}
        ],
        "branches": [{"repository": "acme/shop", "name": "claude/before"}],
    },
    "slack": {"channels": [{"id": "C0OPS", "name": "ops"}, {"id": "C0DEV", "name": "dev"}]},
    "linear": {
        "teams": [{"key": "OPS", "name": "Ops"}],
        "projects": [{"name": "Ops", "team": "Ops"}],
        "issues": [{"id": "OPS-1", "title": "Older", "description": "keep", "team": "Ops", "state": "Todo"}],
    },
}  # fmt: skip
PULL = {
    "action": "opened", "number": 30, "repository": {"full_name": "acme/shop"},
    "pull_request": {
        "number": 30, "title": "Cart", "user": {"login": "ann"}, "head": {"ref": "feature/cart"},
        "base": {"ref": "main"},
    },
}  # fmt: skip
GITHUB = {"github": {"event": "pull_request.opened", "payload": PULL}}
SCHEDULE = {"schedule": {"at": "2026-05-04T09:07:00Z"}}
ROUTINE = """
name: keeper
repositories: [github:acme/shop]
connectors: [slack:ops, slack:dev, linear:Ops]
triggers:
  - {type: github, events: [pull_request.opened]}
  - {type: schedule, cron: "7 9 * * *"}
prompt: Keep the shop.
"""


def act(
    agent: Callable[[Any], object],
    folder: Path,
    *,
    trigger: Mapping[str, Any] = GITHUB,
    policy: str = "root: true\nplatform: 2026-04\n",
    routine: str = "",
    world: Mapping[str, Any] = {},
    **keys: Any,
) -> CaseResult:
    """The result of a case whose agent is ``agent``; ``keys`` are further keys of the case's file,
    ``routine`` further lines of the routine's."""
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    (folder / "routine.yaml").write_text(ROUTINE + routine, encoding="utf-8")
    loaded = load_routine(folder / "routine.yaml")
    value = {"trigger": trigger, "world": [copy.deepcopy(WORLD), dict(world)], **keys}
    source = Source(NAME, path=str(folder / "case.yaml"))
    [case] = parse_cases(Document(value, source), NAME, NoFiles(), known_names())
    case = msgspec.structs.replace(case, routine=loaded.name)
    return Harness().check_case(case, loaded, Script("agent", lambda: agent).run)


def found(result: CaseResult, check: str = "idempotent") -> list[str]:
    """The codes of the errors of a check, warnings with a ``~``."""
    return [("" if finding.fails else "~") + finding.code for finding in result.verdict.check(check).findings]
