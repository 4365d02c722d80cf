"""What the words of tools and their arguments commonly mean: verbs, nouns, keys, pages.

Guesses after the lists of many servers; who uses one says that it is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from routine_harness.world.declared.declaration import Action

VERBS: Final[dict[str, Action]] = {
    **dict.fromkeys(("create", "add", "new", "insert", "post", "send", "open", "draft", "schedule", "submit",
                     "register", "upload", "raise", "trigger", "log", "reply"), "creates"),
    **dict.fromkeys(("list", "search", "find", "query", "browse"), "lists"),
    **dict.fromkeys(("get", "read", "fetch", "show", "view", "describe", "retrieve", "lookup"), "gets"),
    **dict.fromkeys(("update", "edit", "set", "modify", "patch", "change", "rename", "move", "assign",
                     "unassign", "transition", "resolve", "close", "reopen", "archive", "unarchive",
                     "complete", "cancel", "acknowledge", "approve", "reject", "dismiss", "snooze", "pause",
                     "resume", "enable", "disable", "lock", "unlock"), "updates"),
    **dict.fromkeys(("delete", "remove", "trash", "destroy", "discard"), "deletes"),
}  # fmt: skip
"""Verb → what a tool that begins with it does to the rows of its noun."""

STATES: Final = {
    "resolve": "resolved", "close": "closed", "reopen": "open", "archive": "archived",
    "complete": "completed", "cancel": "cancelled", "acknowledge": "acknowledged", "approve": "approved",
    "reject": "rejected", "dismiss": "dismissed", "snooze": "snoozed", "pause": "paused",
    "resume": "active", "enable": "enabled", "disable": "disabled",
}  # fmt: skip
"""Verb → the state that a row is in afterwards."""

STATE_COLUMNS: Final = ("status", "state")
CURSORS: Final = (
    "cursor", "next", "next_cursor", "page_token", "next_page_token", "start_cursor", "starting_after",
    "after", "start_at", "offset",
)  # fmt: skip
"""Arguments that take where a page begins, the likeliest first."""
NUMBERS: Final = ("page", "page_number")
SIZES: Final = (
    "limit", "page_size", "per_page", "max_results", "first", "count", "top", "size",
)  # fmt: skip
ORDERS: Final = (
    "sort", "sort_by", "order", "order_by", "direction", "fields", "expand", "include", "verbose", "format",
)  # fmt: skip
"""Arguments of a list that select no rows."""

SHAPING: Final = ("include_", "with_", "expand_", "show_")
"""How arguments begin that say what an answer holds."""
FREE: Final = ("q", "query", "search", "text", "filter", "filters", "jql", "keyword", "keywords")
SPANS: Final = (
    "since", "until", "before", "from", "to_", "start", "end", "min_", "max_", "created_", "updated_",
    "time_",
)  # fmt: skip
"""How arguments begin that select by a span of time or size."""

EFFECTS: Final = {
    "ticket": ("issue", "ticket", "incident", "task", "bug", "story", "card", "alert", "case", "todo",
               "work item"),
    "message": ("message", "sms", "notification", "email", "mail"),
    "comment": ("comment", "note", "reply"),
    "draft": ("draft",),
    "document": ("page", "document", "doc", "article", "spreadsheet", "sheet", "wiki page"),
    "event": ("event", "meeting", "appointment"),
    "project": ("project", "epic"),
    "milestone": ("milestone", "sprint", "cycle"),
    "label": ("label", "tag"),
    "channel": ("channel", "room"),
    "pull_request": ("pull request", "merge request"),
    "branch": ("branch",),
    "release": ("release",),
    "repository": ("repository", "repo"),
    "reaction": ("reaction",),
    "monitor": ("monitor", "check"),
    "customer": ("customer", "contact", "account", "lead"),
    "webhook": ("webhook", "hook"),
    "file": ("file",),
    "attachment": ("attachment",),
}  # fmt: skip
"""Noun of an effect → the nouns of tools that mean it."""

FIELDS: Final = {
    "title": ("title", "name", "summary", "subject", "headline"),
    "body": ("body", "description", "details", "content", "text", "comment", "message", "markdown"),
    "text": ("text", "message", "body", "content"),
    "channel": ("channel", "channel_id", "channel_name", "to", "recipient"),
    "priority": ("priority", "urgency", "severity"),
    "state": STATE_COLUMNS,
    "assignee": ("assignee", "assignee_id", "assigned_to"),
    "labels": ("labels", "tags"),
    "project": ("project", "project_id", "project_key", "board", "board_id", "list_id"),
    "team": ("team", "team_id"),
    "due_date": ("due_date", "due", "deadline"),
    "on": ("issue_id", "ticket_id", "task_id", "incident_id", "page_id", "card_id", "parent_id", "thread_id"),
    "thread": ("thread_ts", "thread_id", "thread"),
    "repository": ("repository", "repo"),
    "branch": ("branch",),
    "name": ("name", "title"),
}  # fmt: skip
"""Field of an effect → the arguments that commonly carry it, the likeliest first."""

_UNCOUNTED: Final = (
    "status",
    "news",
    "analysis",
    "address",
    "access",
    "process",
    "series",
    "logs",
    "details",
)


def snake(name: str) -> str:
    """``pageToken``, ``page-token`` and ``page_token`` as one."""
    words: list[str] = []
    for letter in name:
        if letter in "-_. ":
            words.append("_")
        elif letter.isupper() and words and words[-1] != "_" and not words[-1].isupper():
            words += ["_", letter.lower()]
        else:
            words.append(letter.lower())
    return "".join(words).strip("_")


def singular(word: str) -> str:
    """``issues`` → ``issue``; a word that is one thing stays."""
    if word in _UNCOUNTED or not word.endswith("s") or word.endswith("ss") or len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("ches", "shes", "xes", "sses", "zes")) else word[:-1]


def plural(word: str) -> str:
    """``issue`` → ``issues``."""
    if word.endswith("s") and not word.endswith("ss"):
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("ch", "sh", "x", "ss", "z")) else "s")


def first_of(wanted: Iterable[str], names: Iterable[str]) -> str:
    """The first of ``names`` that is one of ``wanted``, the likeliest first; empty if there is none."""
    spelt = {snake(name): name for name in names}
    return next((spelt[word] for word in wanted if word in spelt), "")
