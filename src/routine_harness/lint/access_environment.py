"""Rules about the environment: network, variables, setup, repository configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from routine_harness.lint.prose import Sentence, is_negated
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.secrets import is_secret_variable
from routine_harness.lint.subject import Subject
from routine_harness.routine.network import is_allowed
from routine_harness.routine.spec import Environment
from routine_harness.world.shell.syntax import goes_on

_HOST: Final = re.compile(
    r"https?://(?P<url>[a-zA-Z0-9.-]+\.[a-zA-Z]{2,})|(?<![\w/.@-])(?P<bare>(?:[a-z0-9-]+\.)+(?:com|org|net|"
    r"io|dev|app|ai|co|cloud|eu|de|uk|gov|edu))(?![\w.-]*[\w@(])"
)
_FETCHES: Final = re.compile(
    r"\b(?:fetch|curl|wget|webfetch|download|visit|poll|GET|load|browse)\b[^;]{0,120}$|"
    r"\b(?:request|call|query|check|read|open|look up|search|hit|serves?|confirm)\b[^;]{0,60}\b(?:at|from|on|"
    r"to|with)\s+[`\"'<(]*$|"
    r"\b(?:call|query|open|hit|request|check|read)\s+[`\"'<(]*$",
    re.IGNORECASE,
)
"""What stands before a host that the run is asked to reach."""

_INDIRECT: Final = re.compile(
    r"\b(?:links? (?:to|back)|such as|footer|trailer|e\.g\.|mention)\b[^.]{0,40}$", re.IGNORECASE
)
_SAMPLE: Final = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|your[a-z-]*\.[a-z]+)$")


@rule("access.full-network")
def full_network(subject: Subject) -> Iterator[Mark]:
    """The environment's network is open to every host.

    At level `full` a run can send what it reads anywhere: one sentence in a fetched page is enough. List
    the hosts that the task needs; connectors and GitHub are reached without the allowlist.

    Bad:
        environment: {network: full}

    Good:
        environment: {network: custom, allowed_domains: [status.acme.dev]}
    """
    if subject.routine.environment.network == "full":
        yield Mark(
            message="the network is open to every host",
            path=("environment", "network"),
            words="full",
            hint="write network: custom and list the hosts under allowed_domains",
        )


@rule("access.host-blocked", english=True)
def host_blocked(subject: Subject) -> Iterator[Mark]:
    """The prompt wants a host that the network level blocks.

    The request is answered with HTTP 403 and `x-deny-reason: host_not_allowed`. Prompts that do not expect
    this take it for an outage, or report nothing, and the run is green.

    Bad:
        environment: {network: trusted}
        prompt: |
          Fetch https://status.acme.dev/health and compare it with the runbook.

    Good:
        environment: {network: custom, allowed_domains: [status.acme.dev]}
        prompt: |
          Fetch https://status.acme.dev/health and compare it with the runbook.
    """
    environment = subject.routine.environment
    seen: set[str] = set()
    for sentence in subject.sentences:
        for match in _HOST.finditer(sentence.text):
            host = (match["url"] or match["bare"]).lower()
            if host in seen or _allowed(host, environment) or not _wanted(sentence, match.start(), host):
                continue
            seen.add(host)
            yield Mark(
                message=f"the network level {environment.network!r} is not known to let {host} through",
                path=("prompt",),
                words=host,
                offset=sentence.start + match.start() + match[0].lower().find(host),
                hint=f"write network: custom and add {host} to allowed_domains",
            )


def _wanted(sentence: Sentence, offset: int, host: str) -> bool:
    """Whether the run is asked to reach the host at ``offset``, rather than to link or avoid it."""
    before = sentence.text[:offset]
    return bool(
        _FETCHES.search(before)
        and not _INDIRECT.search(before)
        and not _SAMPLE.search(host)
        and not is_negated(sentence, offset)
    )


def _allowed(host: str, environment: Environment) -> bool:
    """Whether the host passes; the platform's own and GitHub's pages always do."""
    own = host.endswith((".githubusercontent.com", ".github.io", ".github.com", ".anthropic.com"))
    return own or is_allowed(host, environment)


@rule("access.secret-variable")
def secret_variable(subject: Subject) -> Iterator[Mark]:
    """An environment variable holds what looks like a secret.

    Everyone who can use the environment can read its variables, and so can every program of the session:
    the agent, the setup script, a test of a stranger's pull request. Network secrets are added to
    requests by the platform's proxy and are never visible inside.

    Bad:
        environment: {variables: {STATUS_API_KEY: k3y-of-the-status-page}}

    Good:
        environment: {variables: {STATUS_PAGE: acme}}
    """
    for name, value in subject.routine.environment.variables.items():
        if is_secret_variable(name, value):
            yield Mark(
                message=f"the variable {name} looks like a secret; all who use the environment read it",
                path=("environment", "variables", name),
                words=name,
                hint="hand it over as a network secret of the environment",
            )


_REPOSITORY_CONFIG: Final = re.compile(
    r"\.mcp\.json|\.claude/settings(?:\.local)?\.json|\b(?:SessionStart|PreToolUse|PostToolUse|"
    r"UserPromptSubmit|Stop) hooks?\b|"
    r"\b(?:committed|Claude(?: Code)?|repository(?:['’]s)?|repo(?:['’]s)?|project(?:['’]s)?) hooks?\b"
)


@rule("access.hooks-ignored")
def hooks_ignored(subject: Subject) -> Iterator[Mark]:
    """Hooks or `.mcp.json` are relied on in a routine with several repositories.

    Hooks and permission rules of `.claude/settings.json`, and `.mcp.json`, are honoured in sessions with one
    repository only. With two, the guard hook and the MCP servers that a repository commits are silently gone.

    Bad:
        repositories: [github:acme/core, github:acme/docs]
        prompt: |
          The PreToolUse hook keeps you from pushing to main.

    Good:
        repositories: [github:acme/core]
        prompt: |
          The PreToolUse hook keeps you from pushing to main.
    """
    repositories = subject.routine.repositories
    if len(repositories) < 2:
        return
    match = _REPOSITORY_CONFIG.search(subject.routine.prompt)
    honours = subject.edition.repository_settings.honours
    if match and not honours("servers" if match[0] == ".mcp.json" else "hooks", len(repositories)):
        yield Mark(
            message=f"“{match[0]}” has no effect in a routine with {len(repositories)} repositories",
            path=("prompt",),
            words=match[0],
            offset=match.start(),
            hint="use one repository per routine, or do not rely on repository configuration",
        )


@rule("access.setup-unchecked", fixable=True)
def setup_unchecked(subject: Subject) -> Iterator[Mark]:
    """A setup script of several commands goes on after one that failed.

    Bash gives the exit status of the last command alone. If an earlier one fails, the session starts without
    what it needs, and the broken state is cached for about a week.

    Bad:
        environment:
          setup: |
            pip install -r requirements.txt
            npm ci
            echo ready

    Good:
        environment:
          setup: |
            set -euo pipefail
            pip install -r requirements.txt
            npm ci
            echo ready
    """
    first = goes_on(subject.routine.environment.setup)
    if first:
        yield Mark(
            message="the setup script goes on after a command that failed",
            path=("environment", "setup"),
            words=first,
            hint="begin it with `set -euo pipefail`",
            fix=f"set -euo pipefail\n{first}",
        )


RULES: Final = (full_network, host_blocked, secret_variable, hooks_ignored, setup_unchecked)
