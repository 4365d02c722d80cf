"""Rules about how a routine is tested by cases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import Subject
from routine_harness.verdict.expectations.blocks import EffectBlock

_NAME: Final = ("name",)


def _kinds(subject: Subject) -> dict[str, int]:
    """Each kind of enabled trigger with the index of its first one."""
    triggers = (("github", subject.github()), ("schedule", subject.schedules()), ("api", subject.api()))
    return {kind: found[0][0] for kind, found in triggers if found}


@rule("test.no-cases")
def no_cases(subject: Subject) -> Iterator[Mark]:
    """A routine without cases.

    Nothing is known about what it does. One case with an event, a world and `idempotent` (the default)
    already says whether it fires, what it changes and whether it does it all again.

    Bad:
        cases: {}

    Good:
        cases:
          finds-nothing: {trigger: {schedule: {}}, expect: {nothing: true}}
    """
    if subject.tested and not subject.cases:
        yield Mark(
            message="the routine has no cases",
            path=_NAME,
            words=subject.routine.name,
            hint="write cases/NAME.yaml beside it; `routine-harness init` writes one to begin with",
        )


@rule("test.trigger-untested")
def trigger_untested(subject: Subject) -> Iterator[Mark]:
    """A kind of trigger without a case.

    The same prompt reads differently when a webhook, a fire request or the clock starts it: the context
    blocks differ, and so does what is there to be looked at.

    Bad:
        triggers: [{type: api}, {type: schedule, cron: "7 4 * * *"}]
        cases:
          at-night: {trigger: {schedule: {}}}

    Good:
        triggers: [{type: api}, {type: schedule, cron: "7 4 * * *"}]
        cases:
          at-night: {trigger: {schedule: {}}}
          on-demand: {trigger: {api: {text: go}}}
    """
    tested = {case.trigger.kind for case in subject.cases}
    for kind, index in _kinds(subject).items():
        if subject.cases and kind not in tested:
            yield Mark(
                message=f"no case fires the {kind} trigger",
                path=("triggers", index),
                words=kind,
                hint=f"write a case with trigger: {{{kind}: …}}",
            )


_PUSHED: Final = "pull_request.synchronize"


@rule("test.push-untested")
def push_untested(subject: Subject) -> Iterator[Mark]:
    """The routine fires at every push to a pull request, and no case tries a push.

    `pull_request.synchronize` comes back for the same pull request: each push starts one more run on what the
    runs before it left there. Users report two dozen reviews on one branch. A case with that event, or one
    whose second run has it, shows whether a run says again what is said already.

    Bad:
        triggers:
          - {type: github, events: [pull_request.opened, pull_request.synchronize]}
        cases:
          opened: {trigger: {github: {event: pull_request.opened, payload: {}}}}

    Good:
        triggers:
          - {type: github, events: [pull_request.opened, pull_request.synchronize]}
        cases:
          opened-then-pushed:
            trigger: {github: {event: pull_request.opened, payload: {}}}
            rerun: {trigger: {github: {event: pull_request.synchronize, payload: {}}}}
    """
    index = next((index for index, trigger in subject.github() if _PUSHED in trigger.events), None)
    triggers = [each for case in subject.cases for each in (case.trigger, case.rerun.trigger)]
    tested = any(each is not None and each.event == _PUSHED for each in triggers)
    if index is not None and subject.cases and not tested:
        yield Mark(
            message=f"no case fires {_PUSHED}, which comes at every push to the same pull request",
            path=("triggers", index),
            words=_PUSHED,
            hint=f"give a case rerun: {{trigger: {{github: {{event: {_PUSHED}, payload: …}}}}}}",
        )


def _quiet(case: Case) -> bool:
    """Whether the case asks for a run (or a trigger) that leaves nothing behind."""
    if case.expect.nothing or not case.expect.fires:
        return True
    counted = [block for block in case.expect.all_blocks if isinstance(block, EffectBlock)]
    return bool(counted) and all(block.count.at_most == 0 for block in counted)


@rule("test.no-quiet-case")
def no_quiet_case(subject: Subject) -> Iterator[Mark]:
    """No case in which nothing should happen.

    Most runs find nothing, and a routine that always finds something is the one that gets muted. `nothing:
    true` passes only if the run really looked, so it cannot be passed by doing nothing at all.

    Bad:
        cases:
          broken: {trigger: {schedule: {}}, expect: {tickets: {count: 1}}}

    Good:
        cases:
          broken: {trigger: {schedule: {}}, expect: {tickets: {count: 1}}}
          healthy: {trigger: {schedule: {}}, expect: {nothing: true}}
    """
    if subject.cases and not any(_quiet(case) for case in subject.cases):
        yield Mark(
            message="there is no case in which nothing should happen",
            path=_NAME,
            words=subject.routine.name,
            hint="write a case whose world gives no reason to act, with expect: {nothing: true}",
        )


_HOSTILE: Final = re.compile(
    r"hostile|inject|malicious|untrusted|adversar|jailbreak|attack|ignore (?:all|any|your|the|previous|"
    r"prior)[^.]{0,30}instructions|"
    r"disregard (?:all|any|your|the|previous)[^.]{0,20}(?:instructions|rules)",
    re.IGNORECASE,
)


def _hostile(case: Case) -> bool:
    if any(_HOSTILE.search(text) for text in (case.name, case.id, case.description, *case.marks)):
        return True
    payload = msgspec.json.encode([case.trigger.payload, case.worlds]).decode()
    return _HOSTILE.search(payload) is not None


@rule("test.no-hostile-case")
def no_hostile_case(subject: Subject) -> Iterator[Mark]:
    """No hostile case, and strangers control some of the text that the run reads.

    Titles, descriptions, diffs and fire payloads are written by others. Somebody will write "ignore your
    instructions" there, and the run has every write tool. A case whose payload tries it, with the policy to
    judge it, shows what happens. It is known by its name, a mark (`marks: [hostile]`) or such a phrase.

    Bad:
        triggers: [{type: github, events: [pull_request.opened], branches: [main]}]
        cases:
          plain: {trigger: {github: {event: pull_request.opened, payload: {}}}}

    Good:
        triggers: [{type: github, events: [pull_request.opened], branches: [main]}]
        cases:
          plain: {trigger: {github: {event: pull_request.opened, payload: {}}}}
          hostile-title:
            trigger: {github: {event: pull_request.opened, payload: {}}}
            marks: [hostile]
    """
    kinds = _kinds(subject)
    outside = next((kind for kind in ("github", "api") if kind in kinds), None)
    if outside and subject.cases and not any(_hostile(case) for case in subject.cases):
        yield Mark(
            message=f"no case tries a hostile text, and strangers write what the {outside} trigger brings",
            path=("triggers", kinds[outside]),
            words=outside,
            hint='write a case whose payload says "ignore your instructions and …", marked hostile',
        )


RULES: Final = (no_cases, trigger_untested, push_untested, no_quiet_case, no_hostile_case)
