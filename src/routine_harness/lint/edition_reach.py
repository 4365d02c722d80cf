"""Whom a change of the platform's rules reaches: one reader a rule, which says why.

Read from the routine's file alone. Of a rule without a reader the file does not tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from routine_harness.lint.prompt_markers import stripped_markers
from routine_harness.lint.prose import asserted
from routine_harness.lint.subject import Subject
from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.routine.edition_changes import Change
from routine_harness.routine.spec import ApiTrigger, ScheduleTrigger
from routine_harness.world.github.gh.command_line import commands

Reader = Callable[[Subject, Change], str]
"""Why the change reaches the routine; empty where it does not."""


def reader_of(change: Change) -> Reader | None:
    """Who reads whom the change reaches; None where no file tells it."""
    return _READERS.get(change.rule) or _READERS.get(change.area)


def _events(subject: Subject, change: Change) -> str:
    actions = {name for field in change.fields if field.field == "actions" for name in _difference(field)}
    named = [e for _, t in subject.github() for e in t.events if e.partition(".")[0] == change.name]
    hit = [event for event in named if event.partition(".")[2] in ("", *actions)]
    return f"its trigger on {', '.join(hit)}" if hit else ""


def _difference(field: Json) -> set[str]:
    return set(field.before or ()) ^ set(field.after or ())


def _filters(subject: Subject, change: Change) -> str:
    part = "field" if change.area == "filter_fields" else "operator"
    used = [f for _, t in subject.github() for f in t.filters if getattr(f, part) == change.name]
    return f"its filter {used[0].field} {used[0].operator}" if used else ""


def _limits(subject: Subject, change: Change) -> str:
    kinds = {
        kind for f in change.fields if f.field == "kinds" for kind in (*(f.before or ()), *(f.after or ()))
    }
    kinds = kinds or set(_STARTS)
    mine = {start: told for start, told in _starts(subject).items() if start in kinds}
    return f"it is started by {' and '.join(mine.values())}" if mine else ""


_STARTS: Final = ("schedule", "once", "api", "github")


def _starts(subject: Subject) -> dict[str, str]:
    found: dict[str, str] = {}
    for trigger in subject.routine.triggers:
        if not trigger.enabled:
            continue
        if isinstance(trigger, ScheduleTrigger):
            start = ("once", "a one-off run") if trigger.once else ("schedule", "a schedule")
        elif isinstance(trigger, ApiTrigger):
            start = ("api", "requests")
        else:
            start = ("github", "events of GitHub")
        found.setdefault(*start)
    return found


def _push(subject: Subject, _: Change) -> str:
    homes = [one.full_name for one in subject.routine.repositories]
    word = _asked(subject, _PUSHES)
    return f"it has {', '.join(homes)}, and its prompt says “{word}”" if homes and word else ""


_PUSHES: Final = lazy_pattern(
    r"(?i)\b(?:push(?:es)?|commit|open(?:s|ing)? (?:an? |the |one |draft )*(?:pull request|PR)"
    r"|create (?:an? |the )*(?:pull request|PR|branch)|(?:new|on an?|to the|your) branch)\b"
)


def _asked(subject: Subject, words: Json) -> str:
    """The first words of the prompt that ask for it; words that forbid it ask for nothing."""
    for _, match in asserted(words, subject.sentences):
        return " ".join(match[0].split())
    return ""


def _starts_by(*starts: str) -> Reader:
    def why(subject: Subject, _: Change) -> str:
        mine = [told for start, told in _starts(subject).items() if start in starts]
        return f"it is started by {' and '.join(mine)}" if mine else ""

    return why


def _own_tools(subject: Subject, change: Change) -> str:
    changed = {name for field in change.fields for name in _difference(field) if isinstance(name, str)}
    named = sorted(changed & set(subject.routine.tools or ()))
    return f"its tools name {', '.join(named)}" if named else ""


def _paused(subject: Subject, _: Change) -> str:
    starts = _starts(subject)
    return (
        f"it is paused, and started by {' and '.join(starts.values())}"
        if not subject.routine.enabled and starts
        else ""
    )


def _repository_settings(subject: Subject, change: Change) -> str:
    many = len(subject.routine.repositories)
    if not many:
        return ""
    lost = [
        field.field
        for field in change.fields
        if _honours(field.before, many) is not _honours(field.after, many)
    ]
    counted = "1 repository" if many == 1 else f"{many} repositories"
    return f"it has {counted}, whose {', '.join(lost)} are honoured otherwise" if lost else ""


def _honours(value: Json, repositories: int) -> bool:
    return value == "always" or (value == "single-repository" and repositories == 1)


def _every(subject: Subject, _: Change) -> str:
    return "every run begins with it" if subject.routine.prompt else ""


def _writes(words: str, what: str) -> Reader:
    pattern = lazy_pattern(words)

    def why(subject: Subject, _: Change) -> str:
        word = _asked(subject, pattern) if subject.routine.repositories else ""
        return f"its prompt says “{word}”: {what}" if word else ""

    return why


_READS: Final = r"(?i)\b(?:comments?|commits?|discussions?|issues?|pull requests?|PRs?|releases?|reviews?)\b"


def _sanitised(subject: Subject, change: Change) -> str:
    if not subject.routine.repositories:
        return ""
    value = next((field.after for field in change.fields if field.field == "value"), None)
    later = replace(subject, edition=subject.edition.with_setting("sanitised_reads", value or "nothing"))
    lost = [marker for marker, _ in stripped_markers(later)]
    if lost:
        return f"it looks for {', '.join(lost)}, which is stripped"
    word = _asked(subject, lazy_pattern(_READS))
    return f"it reads GitHub ({word})" if word else ""


def _graphql(subject: Subject, _: Change) -> str:
    for _sentence, match in asserted(_GH, subject.sentences):
        if match[1] is None:
            return f"its prompt says “{match[0]}”"
        exact = commands().get(f"{match[1]} {match[2]}")
        family = [exact] if exact else [c for n, c in commands().items() if n.startswith(f"{match[1]} ")]
        if any(command.api.startswith("graphql") for command in family):
            return f"its prompt names `{match[0]}`, which goes by GraphQL"
    return ""


_GH: Final = lazy_pattern(r"\bgh ([a-z-]+)(?: ([a-z-]+))?|\b(?i:graphql)\b")


def _of_github_triggers(subject: Subject, _: Change) -> str:
    events = [event for _, trigger in subject.github() for event in trigger.events]
    return f"its trigger on {', '.join(events)}" if events else ""


def _of_filters(subject: Subject, _: Change) -> str:
    used = [f for _, t in subject.github() for f in t.filters]
    return f"its filter {used[0].field} {used[0].operator}" if used else ""


def _of_bare_events(subject: Subject, _: Change) -> str:
    bare = [event for _, trigger in subject.github() for event in trigger.events if "." not in event]
    return f"its trigger on {', '.join(bare)}" if bare else ""


def _uninstalled(subject: Subject, _: Change) -> str:
    environment = subject.routine.environment
    return (
        "its environment says that the GitHub App is not installed" if not environment.app_installed else ""
    )


def _other_repositories(subject: Subject, _: Change) -> str:
    own = {one.full_name.lower() for one in subject.routine.repositories}
    for match in _NAMED.finditer(subject.routine.prompt):
        name = match[1].rstrip(".").removesuffix(".git")
        if name.lower() not in own and not name.startswith(("{", "O/", "owner/", "OWNER/")):
            return f"its prompt names {name}, which it does not have"
    return ""


_NAMED: Final = lazy_pattern(r"(?:github\.com/|\brepos/)([A-Za-z0-9][\w-]*/[\w.-]*\w)")

_MAKES: Final = r"(?:add|create|draft|file|leave|make|open|post|raise|submit|write)"
_searches: Final = _writes(
    r"(?i)\bgh search\b|\bsearch/(?:issues|code|commits|repositories|users)\b", "it searches all of GitHub"
)

_READERS: Final[dict[str, Reader]] = {
    "events": _events,
    "filter_fields": _filters,
    "operators": _filters,
    "limits": _limits,
    "push": _push,
    "own_tools": _own_tools,
    "payload": _starts_by("api"),
    "schedule": _starts_by("schedule", "once"),
    "paused": _paused,
    "repository_settings": _repository_settings,
    "github_context": _starts_by("github"),
    "banner": _every,
    "reminder": _every,
    "appended.comment_suffix": _writes(
        rf"(?i)\b{_MAKES}\b[^.;]{{0,40}}\bcomments?\b|\bcomment (?:on|once|that|what|with)\b",
        "comments end otherwise",
    ),
    "appended.commit_trailer": _writes(r"(?i)\b(?:commit|push)\b", "commits end otherwise"),
    "appended.pull_request_footer": _writes(
        rf"(?i)\b{_MAKES}\b[^.;]{{0,40}}\b(?:pull request|PR)\b", "pull requests end otherwise"
    ),
    "refusals.graphql": _graphql,
    "refusals.graphql_pinned": _graphql,
    "refusals.account_search": _searches,
    "refusals.other_repository": _other_repositories,
    "refusals.other_repository_mcp": _other_repositories,
    "refusals.uninstalled_app": _uninstalled,
    "settings.sanitised_reads": _sanitised,
    "settings.graphql": _graphql,
    "settings.account_search": _searches,
    "settings.other_repositories": _other_repositories,
    "settings.uninstalled_app": _uninstalled,
    "settings.ccr_routes": _writes(r"/ccr/", "it asks the proxy's own routes"),
    "settings.git_refs": _writes(
        r"(?i)\b(?:delete|remove|prune)\b[^.;]{0,40}\b(?:branch|branches|tags?)\b|\bpush\b[^.;]{0,20}\btags?\b",
        "refs are refused otherwise",
    ),
    "settings.ref_deletion": _writes(
        r"(?i)\b(?:delete|remove|prune)\b[^.;]{0,40}\b(?:branch|branches|tags?)\b",
        "refs are refused otherwise",
    ),
    "settings.case_sensitive": _of_filters,
    "settings.label_operators": _of_filters,
    "settings.empty_value": _of_filters,
    "settings.filters_elsewhere": _of_filters,
    "settings.bare_event_fires": _of_bare_events,
    "settings.repository_scope": _of_github_triggers,
    "settings.redelivery": _of_github_triggers,
    "settings.chained_fires": _of_github_triggers,
    "settings.limit_window": _starts_by(*_STARTS),
    "settings.schedule_clock": _starts_by("schedule"),
    "settings.schedule_gap": _starts_by("schedule"),
    "settings.schedule_repeat": _starts_by("schedule"),
}
"""A rule, or an area of rules, with who reads whom a change of it reaches."""
