"""Rules about github triggers: what never fires, and what relies on rules that are gone."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

from routine_harness.finding import Severity
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject

_WILD: Final = re.compile(r"\.[*+]|\[[^\]]+\][*+]|\\[wdsS][*+]|\^|\$|[*+]\)?$")
_FREE_TEXT: Final = ("title", "body")


@rule("trigger.regex-whole", fixable=True)
def regex_whole(subject: Subject) -> Iterator[Mark]:
    """A regular expression without `.*` has to match the whole value.

    `matches_regex: hotfix` is true of a title that consists of this one word. For "somewhere in it" the
    platform wants `.*hotfix.*`, or the operator `contains`. Only patterns that cannot be meant for a whole
    title, body or branch are reported.

    Bad:
        triggers:
          - type: github
            events: [pull_request.closed]
            filters: [{field: title, operator: matches_regex, value: 'hotfix'}]

    Good:
        triggers:
          - type: github
            events: [pull_request.closed]
            filters: [{field: title, operator: matches_regex, value: '.*hotfix.*'}]
    """
    for index, trigger in subject.github():
        for number, clause in enumerate(trigger.filters):
            pattern = clause.value
            if clause.operator != "matches_regex" or not isinstance(pattern, str) or _WILD.search(pattern):
                continue
            literal = re.fullmatch(r"[\w /:-]+", pattern) is not None
            if clause.field in _FREE_TEXT or (literal and clause.field in ("head_branch", "base_branch")):
                whole = f"(?:{pattern})" if "|" in pattern and not pattern.startswith("(") else pattern
                yield Mark(
                    message=f"{pattern!r} has no .* and must match the whole {clause.field}",
                    path=("triggers", index, "filters", number, "value"),
                    words=pattern,
                    hint=f"write .*{whole}.*, or use contains",
                    fix=f".*{whole}.*",
                )


@rule("trigger.unknown-event", Severity.ERROR, fixable=True)
def unknown_event(subject: Subject) -> Iterator[Mark]:
    """An event that the platform never sends.

    Names of events are accepted as they come, misspelt ones too, and then nothing ever fires: no error, no
    run. A bare `pull_request` never fires either; only qualified names do.

    Bad:
        triggers:
          - {type: github, events: [pull_request.synchronized]}

    Good:
        triggers:
          - {type: github, events: [pull_request.synchronize]}
    """
    known = subject.edition.event_names
    for index, trigger in subject.github():
        for number, event in enumerate(trigger.events):
            bare = event in subject.edition.events
            if event in known or (bare and subject.edition.setting("bare_event_fires")):
                continue
            close = [] if bare else difflib.get_close_matches(event, sorted(known), 1, 0.85)
            said = f"a bare {event!r} never fires" if bare else f"the platform never sends {event!r}"
            hint = (
                f"did you mean {close[0]}?"
                if close
                else f"name the actions, such as {event.partition('.')[0]}.opened"
            )
            yield Mark(
                message=f"{said} (rules of {subject.edition.edition})",
                path=("triggers", index, "events", number),
                words=event,
                hint=hint if bare or close else "the events are those of pull requests, releases and issues",
                fix=close[0] if close else None,
            )


@rule("trigger.outdated-rule")
def outdated_rule(subject: Subject) -> Iterator[Mark]:
    """The routine relies on a rule that the platform no longer has.

    Rules change within months: the filter `from_fork` was gone three days after launch, the switch for
    unrestricted pushes after three months, the daily caps after five. `platform:` in `policy.yaml` says which
    edition of the rules holds.

    Bad:
        triggers:
          - type: github
            events: [pull_request.opened]
            filters: [{field: from_fork, operator: equals, value: false}]

    Good:
        triggers:
          - type: github
            events: [pull_request.opened]
            filters: [{field: author, operator: is_one_of, value: [alice, bob]}]
    """
    edition = subject.edition
    for index, trigger in subject.github():
        for number, clause in enumerate(trigger.filters):
            if clause.field not in edition.filter_fields:
                yield Mark(
                    message=f"the filter {clause.field} does not exist under the rules of {edition.edition}",
                    path=("triggers", index, "filters", number, "field"),
                    words=clause.field,
                    hint=f"the filters are {', '.join(edition.filter_fields)}",
                )
    if not any(limit.per == "day" for limit in edition.limits):
        match = re.search(
            r"\bdaily (?:run )?(?:cap|limit|quota)\b(?: of \d+ runs)?|\b\d+ (?:routine )?runs (?:a|"
            r"per) day\b",
            subject.prose,
        )
        if match:
            yield Mark(
                message=f"“{match[0]}”: limits are hourly under the rules of {edition.edition}",
                path=("prompt",),
                words=match[0],
                offset=match.start(),
                hint="take it out of the prompt; `routine-harness backtest` knows the limits",
            )


RULES: Final = (regex_whole, unknown_event, outdated_rule)
