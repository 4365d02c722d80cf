"""Workflow files that run ``claude-code-action`` with a prompt → a routine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final

from routine_harness.interop.actions_on import read_if, read_on
from routine_harness.interop.routine_draft import Draft, settings_of, slug
from routine_harness.routine.document import Document
from routine_harness.routine.spec import Path
from routine_harness.verdict.words import counted

ACTION: Final = "anthropics/claude-code-action"
_EXPRESSION: Final = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_TOOLS: Final = re.compile(r"--allowed-?[tT]ools[ =](?:'([^']*)'|\"([^\"]*)\"|(\S+))")
_TOOL: Final = re.compile(r"([A-Za-z_]\w*)(\([^)]*\))?")
_JOB: Final = {
    "if": "a routine has no condition beyond its triggers' filters",
    "permissions": "a routine writes with the rights of its owner",
    "strategy": "a routine starts one session",
    "services": "a routine's environment is the platform's",
    "container": "a routine's environment is the platform's",
    "needs": "no other job runs before it",
    "env": "name them in environment.variables, without secrets",
}
_TOP: Final = {
    "permissions": _JOB["permissions"],
    "env": _JOB["env"],
    "concurrency": "the platform has no such setting",
    "run-name": "nothing shows it",
}


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
    _fill(draft, document, line(*path, "with", "prompt"))
    read_on(draft, data.get("on"), line)
    words = str(settings_of(step.get("with")).get("claude_args", ""))
    _arguments(draft, document, words, line(*path, "with", "claude_args"))
    job = data["jobs"][path[1]]
    for key, why in _JOB.items():
        if key in job and not (key == "if" and read_if(draft, job[key])):
            draft.lose(f"jobs.{path[1]}.{key}", line("jobs", path[1], key), why)
    if len(job["steps"]) > 1:
        why = f"{counted(len(job['steps']) - 1, 'other step')} ran around the agent"
        draft.lose(f"jobs.{path[1]}.steps", line("jobs", path[1], "steps"), why)
    for other, _ in prompted[1:]:
        draft.lose("step", line(*other), "another prompt: it would be a routine of its own")
    for key in data:
        if key not in ("name", "on", "jobs"):
            draft.lose(str(key), line(key), _TOP.get(str(key), "a routine has nothing like it"))
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


def _fill(draft: Draft, document: Document, first: int) -> None:
    written: dict[str, str] = {}
    for match in _EXPRESSION.finditer(draft.prompt):
        written.setdefault(match[1], match[0])
    for text, words in written.items():
        if text != "github.repository":
            why = "Actions fills it in before the agent starts; a routine's agent has to look"
            draft.lose("${{ " + text + " }}", _line_of(document, words, first), why)
    draft.prompt = re.sub(r"\$\{\{\s*github\.repository\s*\}\}", "{{repository}}", draft.prompt)


def _line_of(document: Document, words: str, first: int) -> int:
    """The line from ``first`` on that holds ``words``; ``first`` where they are written otherwise."""
    lines = document.source.text.splitlines()
    return next((at for at in range(first, len(lines) + 1) if words in lines[at - 1]), first)


def _arguments(draft: Draft, document: Document, words: str, first: int) -> None:
    found = _TOOLS.search(words)
    if found is None:
        return
    tools: list[str] = []
    for name, scope in _TOOL.findall(found[1] or found[2] or found[3] or ""):
        at = _line_of(document, f"{name}{scope}", first)
        if name.startswith("mcp__"):
            draft.lose(name, at, "a tool of the action's own server; a routine has those of its connectors")
            continue
        if scope:
            draft.lose(f"{name}{scope}", at, "a routine's tools have no patterns")
        tools.append(name)
    draft.tools = list(dict.fromkeys(tools)) or None
