"""Rules about what the routine may reach: connectors, repositories, dangerous operations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from routine_harness.lint.mentions import SERVICES, is_mentioned, service_pattern
from routine_harness.lint.prose import asserted
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.world.naming import connector_name


@rule("access.unused-grant", english=True)
def unused_grant(subject: Subject) -> Iterator[Mark]:
    """A connector is granted and the prompt never mentions it.

    Every tool of a granted connector can be used without asking, and all connectors of the account are
    included by default. What the task does not need is only there to be misused, by a mistake or by a
    sentence in somebody's pull request.

    Bad:
        connectors: [slack:platform, notion]
        prompt: |
          Only if the build failed, post a link to the run in Slack.

    Good:
        connectors: [slack:platform]
        prompt: |
          Only if the build failed, post a link to the run in Slack.
    """
    for index, grant in enumerate(subject.routine.connectors):
        if grant.connector == "github" and subject.routine.repositories:
            continue  # its repositories grant it; the entry says which tools
        if not is_mentioned(grant, subject.routine.prompt):
            yield Mark(
                message=f"the connector {grant.connector} is granted, and the prompt never mentions it",
                path=("connectors", index),
                words=grant.connector,
                hint=f"remove the grant, or say in the prompt what {grant.connector} is for",
            )


_NAMES: Final = {connector: re.compile(rf"\b{service_pattern(connector)}") for connector in SERVICES}
_VERB: Final = (
    "(?i:create|post|send|file|open|update|search|read|look|query|fetch|list|comment|check|find|get|pull|noti"
    "fy|report|"
    "write|add|publish|share|announce|message|log|record|assign|move|close|see)"
)
_PREPOSITION: Final = "(?:to|in|on|from|via|using|with)"
_THING: Final = "(?i:tickets?|issues?|channels?|messages?|pages?|tasks?|boards?|docs?|documents?)"
_MENTIONS: Final = {
    connector: re.compile(
        rf"\b{_VERB}\b[^.;]{{0,80}}?(?:\b{_PREPOSITION} (?:the )?"
        rf"{service_pattern(connector)}(?! (?:alert|payload|webhook))|"
        rf"\b{name} {_THING}\b)"
    )
    for connector, name in SERVICES.items()
}
_TOOL: Final = re.compile(r"\bmcp__([A-Za-z][A-Za-z0-9-]*(?:_[A-Za-z0-9-]+)*)__[A-Za-z]")


@rule("access.not-granted")
def not_granted(subject: Subject) -> Iterator[Mark]:
    """The prompt uses a connector that is not granted.

    The tools of that connector are missing in the session. The run does the rest, says so in a transcript
    that nobody reads, and ends green.

    Bad:
        connectors: [slack:security]
        prompt: |
          Create a Linear ticket for each finding and post its link in Slack.

    Good:
        connectors: [slack:security, linear:Security]
        prompt: |
          Create a Linear ticket for each finding and post its link in Slack.
    """
    grants = (*(grant.connector for grant in subject.routine.connectors), *subject.routine.organisation)
    granted = {connector_name(name, SERVICES) for name in grants}
    for connector, pattern in _MENTIONS.items() if subject.in_english else ():
        service = SERVICES[connector].split(" ")[0]
        if service not in subject.prose or any(connector in name.split("-") for name in granted):
            continue
        found = next(asserted(pattern, subject.sentences), None)
        if found:
            sentence, match = found
            named = _NAMES[connector].search(match[0])
            start = match.start() + (named.start() if named else 0)
            words = named[0] if named else match[0]
            yield _missing(connector, words, sentence.start + start)
    yield from _missing_tools(subject, granted)


def _missing_tools(subject: Subject, granted: set[str]) -> Iterator[Mark]:
    known = granted | ({"github"} if subject.routine.repositories else set())
    seen: set[str] = set()
    for match in _TOOL.finditer(subject.routine.prompt):
        connector = connector_name(match[1], (*SERVICES, *granted))
        if connector not in known | seen:
            seen.add(connector)
            yield _missing(connector, match[0].rstrip("_"), match.start())


def _missing(connector: str, words: str, offset: int) -> Mark:
    return Mark(
        message=f"the prompt uses {connector}, which is not granted",
        path=("prompt",),
        words=words,
        offset=offset,
        hint=f"add {connector} to connectors, or take it out of the prompt",
    )


@rule("access.unrestricted-pushes")
def unrestricted_pushes(subject: Subject) -> Iterator[Mark]:
    """A repository allows pushes to any branch.

    The switch was for the time when runs could push below `claude/` alone. It opens every branch that GitHub
    does not protect, the default branch among them. Since 2026-07-30 it has no effect, and rulesets of the
    repository are the only limit.

    Bad:
        repositories:
          - {repository: github:acme/core, unrestricted_pushes: true}

    Good:
        repositories:
          - github:acme/core
    """
    for index, repository in enumerate(subject.routine.repositories):
        if repository.unrestricted_pushes:
            yield Mark(
                message=f"runs may push to every branch of {repository.full_name}",
                path=("repositories", index, "unrestricted_pushes"),
                words="unrestricted_pushes",
                hint="remove it, and protect the branches with a ruleset of the repository",
            )


_DANGER: Final = re.compile(
    r"(?:^|\bthen |\band (?:then )?|, )(?:automatically |immediately )?"
    r"(?:(?:force-)?push (?:it |them |directly )?to (?:main|master|production)\b|"
    r"merge (?:it|them|the|every|each|all|any)\b|deploy (?:it|the|to|every|all)\b|"
    r"(?:delete|drop|purge|destroy|wipe|truncate) (?:it|them|the|every|each|all|any|old|stale|merged|"
    r"unused)\b|"
    r"(?:publish|cut|tag) (?:the|a|an|every|each|new)\b[^.]{0,30}\b(?:release|package|version)|"
    r"roll ?back (?:the|to|every)\b|(?:revoke|rotate) (?:the|every|each|all|old)\b|run `?(?:terraform apply|"
    r"kubectl delete)|"
    r"(?:restart|scale|terminate) (?:the|every|each|all)\b)",
    re.IGNORECASE,
)


@rule("access.danger-on-schedule", english=True)
def danger_on_schedule(subject: Subject) -> Iterator[Mark]:
    """A dangerous operation on a schedule rather than behind an api trigger.

    A schedule fires whether the moment is right or not, on a weekend, during an incident, after the state of
    things has changed. What merges, deploys, deletes or publishes belongs behind an api trigger, which a
    pipeline or a person fires for a reason and with the facts in its payload.

    Bad:
        triggers: [{type: schedule, cron: "7 3 * * *"}]
        prompt: |
          Find the branches that were merged. Delete every one of them.

    Good:
        triggers: [{type: schedule, cron: "7 3 * * *"}]
        prompt: |
          Find the branches that were merged. List them in an issue; never delete any of
          them.
    """
    schedules = subject.schedules()
    if not schedules or subject.api():
        return
    for sentence, match in asserted(_DANGER, subject.sentences):
        bare = match[0].lstrip(", ")
        yield Mark(
            message=f"“{' '.join(bare.split())}” happens on a schedule, whether the moment is right or not",
            path=("prompt",),
            words=bare,
            offset=sentence.start + match.end() - len(bare),
            hint="put it behind an api trigger, or let the run propose it instead of doing it",
        )
        return


RULES: Final = (unused_grant, not_granted, unrestricted_pushes, danger_on_schedule)
