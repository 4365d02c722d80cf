"""GitHub's agentic workflows (Markdown with ``on``, ``permissions``, ``safe-outputs``) → a routine."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

from routine_harness.interop.frontmatter import Frontmatter
from routine_harness.interop.routine_draft import Draft, listed, settings_of, slug
from routine_harness.interop.workflows.action_conditions import read_condition
from routine_harness.interop.workflows.safe_outputs import read_safe_outputs
from routine_harness.interop.workflows.workflow_triggers import read_on
from routine_harness.plain import Json, Record

MARKS: Final = ("on", "safe-outputs", "engine", "tools", "permissions", "redirect", "imports")
"""Keys that tell an agentic workflow from other Markdown with frontmatter."""

_ACTIONS: Final = "GitHub Actions did it around the agent; a routine has nothing there"
_LOST: Final = {
    "steps": _ACTIONS,
    "post-steps": _ACTIONS,
    "pre-steps": _ACTIONS,
    "jobs": _ACTIONS,
    "services": _ACTIONS,
    "checkout": "a routine clones its repositories by itself",
    "sandbox": "a routine's environment is the platform's",
    "imports": "the text of these files is not part of this one",
    "runs-on": _ACTIONS,
    "concurrency": "the platform has no such setting",
    "env": "name them in environment.variables, without secrets",
    "secrets": "a routine's credentials are its connectors'",
    "tracker-id": "nothing looks for it",
    "strict": "it is the compiler's",
    "features": "they are the compiler's",
    "redirect": "the workflow has moved there; import that file",
}
_KNOWN: Final = ("name", "description", "on", "permissions", "safe-outputs", "tools", "network", "engine",
                 "timeout-minutes", "model")  # fmt: skip
_GITHUB_SETUP: Final = ("mode", "version", "args", "github-token", "app", "github-app")
_EXPRESSION: Final = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_BLOCK: Final = re.compile(
    r"\{\{#(?:if|import|runtime-import)\b[^\n]*|^@(?:include|import)\b.*$", re.MULTILINE
)


def is_gh_aw(found: Frontmatter) -> bool:
    """Whether the file is an agentic workflow."""
    return any(mark in found.data for mark in MARKS)


def draft_gh_aw(found: Frontmatter, file: str, repositories: tuple[str, ...] = ()) -> Draft:
    """The routine that an agentic workflow comes to; the workflow itself names no repository."""
    data, line = found.data, found.line
    name = PurePath(file).name.removesuffix(".md")
    title = data.get("name")
    draft = Draft(slug(name), title=str(title or name), description=_flat(data.get("description")))
    draft.prompt = found.body
    draft.repositories = list(repositories)
    if not repositories:
        draft.ask("--repository", "a workflow runs in the repository that holds it: which one is that?")
    if not found.body.strip():
        draft.enabled = False
        draft.prompt = f"This workflow holds no prompt; see {data.get('redirect', 'its source')}.\n"
    draft.prompt = _expressions(draft, draft.prompt, found.body_line)
    read_on(draft, data.get("on"), line)
    _who(draft, settings_of(data.get("on")), line)
    if "redirect" not in data:
        read_safe_outputs(draft, data.get("safe-outputs"), line)
    _permissions(draft, data.get("permissions"), line)
    _tools(draft, data.get("tools"), line)
    _network(draft, data.get("network"), line("network"))
    _engine(draft, data.get("engine"), line("engine"))
    if isinstance(data.get("timeout-minutes"), int):
        draft.policy["budget"] = {"seconds": data["timeout-minutes"] * 60}
    for key in data:
        if key == "if":
            read_condition(draft, data[key], "if", line("if"))
        elif key not in _KNOWN:
            draft.lose(key, line(key), _LOST.get(key, "a routine has nothing like it"))
    return draft


def _who(draft: Draft, on: Record, line: Json) -> None:
    """What the compiler asks of who acted unless the file says otherwise: no forks, and writers only.

    Source: https://github.github.com/gh-aw/reference/triggers/, read in November 2026.
    """
    pulls = [each for each in draft.triggers if str(each.get("events", "")).count("pull_request.")]
    forks = listed(settings_of(on.get("pull_request")).get("forks"))
    if forks and forks != ["*"]:
        draft.restrict("on.pull_request.forks", line("on", "pull_request", "forks"), "no filter names forks")
    for trigger in pulls if not forks else ():
        own = {"field": "from_fork", "operator": "equals", "value": False}
        trigger["filters"] = [*trigger.get("filters", ()), own]
    if "roles" not in on and any(each["type"] == "github" for each in draft.triggers):
        why = "only people with write access start the workflow; a routine starts for every actor"
        draft.lose("on.roles (by default)", line("on"), why)


def _flat(text: Json) -> str:
    return " ".join(str(text or "").split())


def _expressions(draft: Draft, prompt: str, first: int) -> str:
    """The repository becomes our placeholder; what else Actions fills in is listed."""

    def replace(match: re.Match[str]) -> str:
        return "{{repository}}" if match[1] == "github.repository" else match[0]

    lost: dict[str, int] = {}
    for match in _EXPRESSION.finditer(prompt):
        if match[1] != "github.repository":
            lost.setdefault(match[0], first + prompt.count("\n", 0, match.start()))
    for match in _BLOCK.finditer(prompt):
        lost.setdefault(match[0].strip()[:60], first + prompt.count("\n", 0, match.start()))
    for text, at in lost.items():
        draft.lose(text, at, "Actions fills it in before the agent starts; a routine's agent has to look")
    return _EXPRESSION.sub(replace, prompt)


def _permissions(draft: Draft, value: Json, line: Json) -> None:
    if value in (None, "read-all", {}):
        return
    if value == "write-all":
        draft.lose(
            "permissions: write-all", line("permissions"), "a routine writes with the rights of its owner"
        )
        return
    for scope, right in value.items() if isinstance(value, dict) else ():
        if right == "write":
            why = "a routine writes with the rights of its owner; the policy says what it may"
            draft.lose(f"permissions.{scope}: write", line("permissions", scope), why)


def _tools(draft: Draft, value: Json, line: Json) -> None:
    if not isinstance(value, dict):
        return
    tools = ["Read", "Grep", "Glob"]
    for name, settings in settings_of(value).items():
        at = line("tools", name)
        if name == "github":
            _github_tools(draft, settings, at)
        elif settings is False:
            continue  # the routine's list of tools does not have it either
        elif name == "bash":
            tools += _shell(draft, settings, at)
        elif name == "edit":
            tools += ["Edit", "Write"]
        elif name in ("web-fetch", "web-search"):
            tools.append("WebFetch" if name == "web-fetch" else "WebSearch")
        elif isinstance(settings, dict) and {"command", "url", "container"} & set(settings):
            _server(draft, name, settings, at)
        else:
            draft.lose(f"tools.{name}", at, "a routine has nothing like it")
    draft.tools = tools


def _github_tools(draft: Draft, settings: Json, at: int) -> None:
    if settings is False:
        why = "a routine with a repository has GitHub's tools; forbid them in a policy, or take it away"
        draft.restrict("tools.github: false", at, why)
    for key in settings if isinstance(settings, dict) else ():
        if key in _GITHUB_SETUP:
            draft.lose(f"tools.github.{key}", at, "how its server is started is the platform's")
        else:
            draft.restrict(f"tools.github.{key}", at, "a routine has all tools of GitHub")


def _shell(draft: Draft, settings: Json, at: int) -> list[str]:
    """The shell if there is one; patterns restrict it, and nothing at all stands for harmless commands."""
    if settings == []:
        return []
    if settings is None:
        draft.restrict("tools.bash", at, "a few harmless commands: a routine's shell is whole")
    elif isinstance(settings, list) and settings not in (["*"], [":*"]):
        draft.restrict("tools.bash", at, f"its {len(settings)} patterns: a routine's shell is whole")
    return ["Bash"]


def _server(draft: Draft, name: str, settings: Record, at: int) -> None:
    allowed = [str(each) for each in listed(settings.get("allowed")) if "*" not in str(each)]
    grant: Json = slug(name)
    if allowed and len(allowed) == len(listed(settings.get("allowed"))):
        grant = {"connector": slug(name), "tools": {"allow": allowed}}
    draft.connectors.append(grant)
    draft.lose(f"tools.{name}", at, "the server has to be a connector of the account")


def _network(draft: Draft, value: Json, at: int) -> None:
    """The hosts that the agent may ask; names of ecosystems stand for lists that are not here."""
    if not isinstance(value, dict):
        return
    allowed = [str(host) for host in listed(value.get("allowed"))]
    blocked = [str(host) for host in listed(value.get("blocked"))]
    hosts = [host for host in allowed if "." in host or host == "*"]
    names = [host for host in allowed if host not in hosts and host != "defaults"]
    if "*" in hosts:
        draft.environment["network"] = "full"
    elif hosts:
        draft.environment |= {"network": "custom", "allowed_domains": hosts}
    elif names or not allowed:
        draft.environment["network"] = "none"
    if names:
        why = "names of ecosystems: their hosts are not open; add them to environment.allowed_domains"
        draft.lose(f"network.allowed {', '.join(names)}", at, why)
    if "defaults" in allowed:
        why = "a routine without a network of its own has the platform's list of package hosts"
        draft.lose(
            "network.allowed defaults", at, "its hosts are not open; add them" if hosts or names else why
        )
    for host in blocked:
        if _is_open(host, hosts, wide=bool(allowed) and not hosts and not names):
            draft.restrict(
                f"network.blocked {host}", at, "an environment lists what is open, not what is shut"
            )


def _is_open(host: str, hosts: list[str], *, wide: bool) -> bool:
    """Whether a blocked host could be reached by what is written."""
    if "." not in host:
        return bool(hosts) or wide  # an ecosystem: which hosts it has is not known here
    covers = [each for each in hosts if each == "*" or each.lstrip("*.") in host or host.lstrip("*.") in each]
    return bool(covers) or wide


def _engine(draft: Draft, value: Json, at: int) -> None:
    engine = value.get("id") if isinstance(value, dict) else value
    model = value.get("model") if isinstance(value, dict) else None
    if model and str(model).startswith("claude"):
        draft.model = str(model)
    elif engine not in (None, "claude") or model:
        draft.lose("engine", at, f"a routine runs on Claude, not on {model or engine}")
