"""Connectors as prompts speak of them: their services' names, and what else tells that one is meant.

Some services are called what English calls other things: "linear scan", "cut me some slack".
"""

from __future__ import annotations

import re
from typing import Final

from routine_harness.routine.spec import Grant
from routine_harness.world.naming import connector_name

SERVICES: Final = {
    "slack": "Slack",
    "linear": "Linear",
    "notion": "Notion",
    "sentry": "Sentry",
    "drive": "Google (?:Drive|Docs|Sheets)",
    "calendar": "Google Calendar",
    "jira": "Jira",
    "asana": "Asana",
    "gmail": "Gmail",
    "pagerduty": "PagerDuty",
    "datadog": "Datadog",
    "confluence": "Confluence",
    "intercom": "Intercom",
    "zendesk": "Zendesk",
    "hubspot": "HubSpot",
    "stripe": "Stripe",
    "discord": "Discord",
    "teams": "Microsoft Teams",
    "grafana": "Grafana",
    "figma": "Figma",
}
"""Connector → the name by which a prompt speaks of it."""

_ALSO: Final = {
    "slack": r"#[a-z][\w-]+|\bchannels?\b|\bDMs?\b|\bthreads?\b",
    "linear": r"\b(?:[A-Z]{2,6}-\d+|tickets?|backlog|sprints?|cycles?)\b",
    "drive": r"\b(?:drive|docs?|documents?|spreadsheets?|sheets?)\b",
    "calendar": r"\b(?:calendars?|meetings?|appointments?|invitations?)\b",
    "gmail": r"\b(?:e-?mails?|inbox|mailbox(?:es)?|drafts?)\b",
    "notion": r"\b(?:pages?|databases?|wiki)\b",
    "sentry": r"\b(?:error groups?|exceptions?|crashes|stack traces?)\b",
    "jira": r"\b(?:[A-Z]{2,6}-\d+|tickets?|Atlassian|Confluence)\b",
}
"""What else tells that a connector is meant, once it is granted."""

_ORDINARY: Final = {
    "slack": r"off|time|space|variables?|capacity|tide|water",
    "linear": r"scans?|search(?:es)?|time|order|regressions?|algebra|equations?|interpolation|history|growth|"
    r"complexity|probing|models?|functions?|gradients?|layers?|ranges?|sequences?|programming|fashion|"
    r"manner|path|passes|pass",
    "notion": r"of|that",
    "sentry": r"dut(?:y|ies)|box(?:es)?|posts?",
    "discord": r"between|among|over",
    "intercom": r"systems?|buttons?",
    "stripe": r"patterns?|colou?rs?",
}
"""Connector whose name is a word of English → what follows the word."""

_NOUNS: Final = (
    r"(?:channels?|messages?|threads?|posts?|tickets?|issues?|teams?|projects?|pages?|databases?|"
    r"workspaces?|connector|mcp|api|tools?|alerts?|events?|payments?|servers?|board|users?|status|updates?|"
    r"notifications?|dms?|canvas(?:es)?)"
)
_GENERIC: Final = frozenset(
    {"google", "microsoft", "mcp", "server", "claude", "the", "app", "api", "aws", "our"}
)


def service_pattern(connector: str) -> str:
    """The service's name, where it is one and no word of English."""
    name = SERVICES[connector]
    return rf"{name}\b(?! (?:{_ORDINARY[connector]})\b)" if connector in _ORDINARY else rf"{name}\b"


def is_mentioned(grant: Grant, prompt: str) -> bool:
    """Whether ``prompt`` speaks of the connector: by name, by one of its bindings, by what it holds."""
    own = connector_name(grant.connector, SERVICES)
    bindings = [word for b in grant.bindings for word in (b.name, b.id) if word]
    if any(_says(binding, prompt) for binding in bindings if binding.lower() not in _ORDINARY):
        return True
    if own in SERVICES and re.search(rf"\b{service_pattern(own)}", prompt):
        return True
    if own in _ALSO and re.search(_ALSO[own], prompt):
        return True
    if own in _ORDINARY:
        return _meant_as_service(own, prompt)
    words = [word for word in re.split(r"[\W_]+", grant.connector.lower()) if word]
    distinct = [word for word in words if len(word) > 3 and word not in _GENERIC]
    return _says(" ".join(words), prompt) or any(_says(word, prompt) for word in (own, *distinct))


def _says(name: str, prompt: str) -> bool:
    """Whether the words of ``name`` stand in ``prompt``, however they are joined and written."""
    words = [re.escape(word) for word in re.split(r"[\W_]+", name) if word]
    return bool(words) and re.search(r"[\W_]*".join(words), prompt, re.IGNORECASE) is not None


def _meant_as_service(name: str, prompt: str) -> bool:
    """Whether a name that is a word of English, in small letters, stands where a service does."""
    where = (
        rf"(?:\b(?:in|to|on|via|from|through|into|using|with)\s+(?:the |our )?{name}\b"
        rf"(?!-|\s+(?:{_ORDINARY[name]})\b)|\b{name}(?:['’]s)?\s+{_NOUNS}\b|`{name}\b|\b{name}:|"
        rf"mcp__(?:claude_ai_)?{name}_)"
    )
    return re.search(where, prompt, re.IGNORECASE) is not None
