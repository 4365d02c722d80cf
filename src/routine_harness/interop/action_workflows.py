"""Workflow files that run ``claude-code-action`` with a prompt → a routine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final

from routine_harness.interop.actions_on import read_on
from routine_harness.interop.routine_draft import Draft, slug
from routine_harness.routine.document import Document
from routine_harness.routine.spec import Path

ACTION: Final = "anthropics/claude-code-action"
_EXPRESSION: Final = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_TOOLS: Final = re.compile(r"--allowed-?[tT]ools[ =](?:'([^']*)'|\"([^\"]*)\"|(\S+))")
_TOOL: Final = re.compile(r"([A-Za-z_]\w*)(\([^)]*\))?")
_JOB: Final = ("if", "permissions", "strategy", "services", "container", "needs", "env")


def is_action_workflow(data: Any) -> bool:
    """Whether ``data`` is a workflow with a step of the action."""
    return isinstance(data, dict) and "jobs" in data and any(True for _ in _steps(data))


def draft_action_workflow(document: Document, file: str, repositories: tuple[str, ...] = ()) -> Draft:
    """The routine that the first step with a prompt comes to; further ones are listed."""
    data, line = document.value, document.source.line
    steps = list(_steps(data))
    prompted = [one for one in steps if _prompt(one[1])]
    path, step = (prompted or steps)[0]
    title = str(data.get("name") or PurePath(file).stem)
    draft = Draft(slug(title), title=title, repositories=list(repositories))
    if not repositories:
        draft.ask("--repository", "a workflow runs in the repository that holds it: which one is that?")
    draft.prompt = _prompt(step) or "Answer the mention that started this run.\n"
    if not _prompt(step):
        draft.enabled = False
        draft.lose("prompt", line(*path), "the step has none: it answers whoever mentions it")
    _fill(draft, line(*path))
    read_on(draft, data.get("on"), line)
    _arguments(draft, str((step.get("with") or {}).get("claude_args", "")), line(*path))
    job = data["jobs"][path[1]]
    for key in _JOB:
        if key in job:
            draft.lose(f"jobs.{path[1]}.{key}", line("jobs", path[1], key), "a routine has nothing like it")
    if len(job["steps"]) > 1:
        why = f"its {len(job['steps']) - 1} other steps ran around the agent"
        draft.lose(f"jobs.{path[1]}.steps", line("jobs", path[1], "steps"), why)
    for other, _ in prompted[1:]:
        draft.lose("step", line(*other), "another prompt: it would be a routine of its own")
    for key in data:
        if key not in ("name", "on", "jobs"):
            draft.lose(str(key), line(key), "a routine has nothing like it")
    return draft


def _steps(data: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    jobs = data.get("jobs")
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        steps = job.get("steps") if isinstance(job, dict) else None
        for place, step in enumerate(steps if isinstance(steps, list) else []):
            if isinstance(step, dict) and str(step.get("uses", "")).startswith(ACTION):
                yield ("jobs", name, "steps", place), step


def _prompt(step: dict[str, Any]) -> str:
    given = step.get("with")
    return str(given.get("prompt") or given.get("direct_prompt") or "") if isinstance(given, dict) else ""


def _fill(draft: Draft, first: int) -> None:
    for text in dict.fromkeys(_EXPRESSION.findall(draft.prompt)):
        if text != "github.repository":
            why = "Actions fills it in before the agent starts; a routine's agent has to look"
            draft.lose("${{ " + text + " }}", first, why)
    draft.prompt = re.sub(r"\$\{\{\s*github\.repository\s*\}\}", "{{repository}}", draft.prompt)


def _arguments(draft: Draft, words: str, at: int) -> None:
    found = _TOOLS.search(words)
    if found is None:
        return
    tools: list[str] = []
    for name, scope in _TOOL.findall(found[1] or found[2] or found[3] or ""):
        if name.startswith("mcp__"):
            draft.lose(name, at, "a tool of the action's own server; a routine has those of its connectors")
            continue
        if scope:
            draft.lose(f"{name}{scope}", at, "a routine's tools have no patterns")
        tools.append(name)
    draft.tools = list(dict.fromkeys(tools)) or None
