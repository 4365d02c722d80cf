"""Workflow files that run ``claude-code-action`` with a prompt → a routine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Final

from routine_harness.interop.routine_draft import Draft, settings_of, slug
from routine_harness.interop.workflows.action_conditions import read_condition
from routine_harness.interop.workflows.workflow_triggers import read_on
from routine_harness.plain import Json, Record
from routine_harness.routine.document import Document
from routine_harness.routine.spec import Path
from routine_harness.verdict.words import counted

ACTION: Final = "anthropics/claude-code-action"
_EXPRESSION: Final = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_TOOLS: Final = re.compile(r"--allowed-?[tT]ools[ =](?:'([^']*)'|\"([^\"]*)\"|(\S+))")
_NOT_TOOLS: Final = re.compile(r"--disallowed-?[tT]ools[ =](?:'([^']*)'|\"([^\"]*)\"|(\S+))")
_MODEL: Final = re.compile(r"--model[ =][\"']?([\w.\[\]-]+)")
_TURNS: Final = re.compile(r"--max-turns[ =][\"']?(\S+?)[\"']?(?=\s|$)")
_READ: Final = ("prompt", "direct_prompt", "claude_args", "max_turns", "model", "allowed_tools",
                "disallowed_tools", "timeout_minutes")  # fmt: skip
_SETUP: Final = ("anthropic_api_key", "claude_code_oauth_token", "github_token", "use_bedrock", "use_vertex",
                 "track_progress", "use_sticky_comment", "show_full_output", "additional_permissions",
                 "display_report", "base_branch", "branch_prefix", "bot_id", "bot_name")  # fmt: skip
"""How the action is started and what it shows: nothing of it keeps the agent from anything."""
_FILTERING: Final = ("trigger_phrase", "label_trigger", "assignee_trigger")
_TOOL: Final = re.compile(r"([A-Za-z_]\w*)(\([^)]*\))?")
_JOB: Final = {
    "permissions": "a routine writes with the rights of its owner",
    "strategy": "a routine starts one session",
    "services": "a routine's environment is the platform's",
    "container": "a routine's environment is the platform's",
    "env": "name them in environment.variables, without secrets",
}
_TOP: Final = {
    "permissions": _JOB["permissions"],
    "env": _JOB["env"],
    "concurrency": "the platform has no such setting",
    "run-name": "nothing shows it",
}


def is_action_workflow(data: Json) -> bool:
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
        draft.lose("prompt", line(*path), "the step has none: it answers everybody who mentions it")
    _fill(draft, document, line(*path, "with", "prompt"))
    read_on(draft, data.get("on"), line)
    words = str(settings_of(step.get("with")).get("claude_args", ""))
    _arguments(draft, document, words, line(*path, "with", "claude_args"))
    job = data["jobs"][path[1]]
    place = f"jobs.{path[1]}"
    if "if" in job:
        read_condition(draft, job["if"], f"{place}.if", line("jobs", path[1], "if"))
    if "if" in step:
        read_condition(draft, step["if"], f"{place}.steps[{path[3]}].if", line(*path, "if"))
    if "needs" in job:
        draft.restrict(f"{place}.needs", line("jobs", path[1], "needs"), "no other job runs before it")
    limit = step.get("timeout-minutes", job.get("timeout-minutes"))
    if isinstance(limit, int) and not isinstance(limit, bool):
        draft.policy.setdefault("budget", {})["seconds"] = limit * 60
    _inputs(draft, settings_of(step.get("with")), lambda key: line(*path, "with", key))
    for key, why in _JOB.items():
        if key in job:
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


def _steps(data: Record) -> Iterator[tuple[Path, Record]]:
    jobs = data.get("jobs")
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        steps = job.get("steps") if isinstance(job, dict) else None
        for place, step in enumerate(steps if isinstance(steps, list) else []):
            if isinstance(step, dict) and str(step.get("uses", "")).startswith(ACTION):
                yield ("jobs", name, "steps", place), step


def _prompt(step: Record) -> str:
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


def _inputs(draft: Draft, given: Record, line: Callable[[str], int]) -> None:
    """The action's inputs besides the prompt: the limits and the model are carried over."""
    turns = given.get("max_turns")
    if turns is not None:
        _turns(draft, str(turns), line("max_turns"))
    if given.get("model"):
        draft.model = str(given["model"])
    if given.get("allowed_tools"):
        _tools(draft, str(given["allowed_tools"]), lambda _: line("allowed_tools"))
    if given.get("disallowed_tools"):
        _without(draft, str(given["disallowed_tools"]), line("disallowed_tools"))
    if str(given.get("timeout_minutes", "")).isdigit():
        draft.policy.setdefault("budget", {})["seconds"] = int(given["timeout_minutes"]) * 60
    for key in given:
        if key in _FILTERING:
            draft.restrict(f"with.{key}", line(key), "no filter of a routine looks at it")
        elif key not in _READ and key not in _SETUP:
            draft.lose(f"with.{key}", line(key), "a routine has nothing like it")


def _turns(draft: Draft, text: str, at: int) -> None:
    if text.isdigit():
        draft.policy.setdefault("budget", {})["turns"] = int(text)
    else:
        draft.restrict("max_turns", at, f"{text!r} is no number")


def _arguments(draft: Draft, document: Document, words: str, first: int) -> None:
    found = _TOOLS.search(words)
    if found is not None:
        listing = found[1] or found[2] or found[3] or ""
        _tools(draft, listing, lambda tool: _line_of(document, tool, first))
    without = _NOT_TOOLS.search(words)
    if without is not None:
        _without(draft, without[1] or without[2] or without[3] or "", first)
    model = _MODEL.search(words)
    if model is not None:
        draft.model = model[1]
    turns = _TURNS.search(words)
    if turns is not None:
        _turns(draft, turns[1], first)


def _tools(draft: Draft, listing: str, line: Callable[[str], int]) -> None:
    tools: list[str] = []
    for name, scope in _TOOL.findall(listing):
        at = line(f"{name}{scope}")
        if name.startswith("mcp__"):
            draft.lose(name, at, "a tool of the action's own server; a routine has those of its connectors")
            continue
        if scope:
            draft.restrict(f"{name}{scope}", at, "a routine's tools have no patterns")
        tools.append(name)
    draft.tools = list(dict.fromkeys(tools)) or None


def _without(draft: Draft, listing: str, at: int) -> None:
    """Tools that the agent may not use: those of a list go, and where all are left it cannot be said."""
    for name, scope in _TOOL.findall(listing):
        if draft.tools is not None and not scope:
            draft.tools = [each for each in draft.tools if each != name]
        elif draft.tools is None or name in draft.tools:
            draft.restrict(
                f"without {name}{scope}", at, "a routine lists the tools that it has, not those it lacks"
            )
