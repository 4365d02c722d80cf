"""Rules about what recordings show, and what they prove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routine_harness.agents.acted import live_command
from routine_harness.case.case import Case
from routine_harness.lint.rule import Mark, rule
from routine_harness.lint.subject import RecordingNote, Subject
from routine_harness.verdict.expectations.blocks import CallsBlock, EffectBlock
from routine_harness.world.naming import covers_tool

_NAME: Final = ("name",)


def _expects_tool(case: Case, tool: str, kinds: tuple[str, ...]) -> bool:
    """Whether the case says anything about ``tool`` or about the effects it has."""
    for block in (*case.expect.all_blocks, *(case.second.blocks if case.second else ())):
        if isinstance(block, EffectBlock) and ("*" in block.kinds or set(block.kinds) & set(kinds)):
            return True
        if isinstance(block, CallsBlock):
            patterns = (*block.in_order, *block.any_order, *block.never, *block.counts)
            if any(covers_tool(pattern.tool, tool) for pattern in patterns):
                return True
    return case.expect.nothing


@rule("test.write-unexpected")
def write_unexpected(subject: Subject) -> Iterator[Mark]:
    """A recorded run uses a write tool that no case expects.

    The recordings show that the routine writes there, and no expectation would notice if it wrote twice, or
    stopped. Policy forbids what must never happen; what should happen has to be expected.

    Bad:
        recordings:
          broken: {case: broken, writes: {slack.slack_send_message: message.posted}}
        cases:
          broken: {trigger: {schedule: {}}, expect: {tickets: {count: 1}}}

    Good:
        recordings:
          broken: {case: broken, writes: {slack.slack_send_message: message.posted}}
        cases:
          broken: {trigger: {schedule: {}}, expect: {messages: {count: 1}}}
    """
    told: set[str] = set()
    for note in subject.recordings:
        for tool, kinds in note.writes.items():
            if tool in told or any(_expects_tool(case, tool, kinds) for case in subject.cases):
                continue
            told.add(tool)
            yield Mark(
                message=f"{note.case} writes with {tool}, and no case expects it",
                path=_NAME,
                words=subject.routine.name,
                hint=f"expect {', '.join(kinds) or tool} in a case, or forbid it in policy.yaml",
            )


@rule("test.recording-stale")
def recording_stale(subject: Subject) -> Iterator[Mark]:
    """A recording was made for other files than today's.

    The prompt, the grants or the case have changed since; what the recording shows is what the old routine
    did. It proves nothing until it is made again.

    Bad:
        recordings:
          broken: {case: broken, stale: [prompt]}

    Good:
        recordings:
          broken: {case: broken}
    """
    for note in subject.recordings:
        if note.stale:
            yield Mark(
                message=f"the recording of {note.case} is stale: {', '.join(note.stale)} changed since",
                path=_NAME,
                words=subject.routine.name,
                hint=f"renew it: {_renewal(subject, note)}",
            )


@rule("test.scripted-only")
def scripted_only(subject: Subject) -> Iterator[Mark]:
    """Scripts stand for the agent in every case.

    A script shows that world, expectations and policy fit together. It says nothing about what the
    model makes of the prompt. Record at least one case with the real agent. That a case names its script
    (`agent: {scripted: …}`) or plays a recording of one makes no difference.

    Bad:
        cases:
          broken: {trigger: {schedule: {}}, agent: {scripted: acme.agents::notify}}

    Good:
        recordings:
          broken: {case: broken, origin: live}
    """
    run = (case for case in subject.cases if case.expect.fires and not case.skip)
    agents = {case.agent.name for case in run} - {"recording"}
    if agents | {note.origin for note in subject.recordings} == {"scripted"}:
        yield Mark(
            message="every case rests on a script: no recording was made with the real agent",
            path=_NAME,
            words=subject.routine.name,
            hint=live_command(subject.routine.source.file),
        )


@rule("test.recording-old")
def recording_old(subject: Subject) -> Iterator[Mark]:
    """A recording is older than the folder allows.

    Models and services change behind names that stay. How old a recording may be is set by
    `lint: {recording_days: 30}` in `policy.yaml`.

    Bad:
        recordings:
          broken: {case: broken, days: 90}

    Good:
        recordings:
          broken: {case: broken, days: 3}
    """
    allowed = subject.settings.recording_days
    for note in subject.recordings:
        days = (subject.today - note.recorded) // 86_400
        if subject.today and note.recorded and days > allowed:
            yield Mark(
                message=f"the recording of {note.case} is {days} days old; allowed are {allowed}",
                path=_NAME,
                words=subject.routine.name,
                hint=f"renew it: {_renewal(subject, note)}",
            )


def _renewal(subject: Subject, note: RecordingNote) -> str:
    """The command that records anew by the agent that made the recording."""
    live = " --live" if note.origin == "live" else ""
    return f"routine-harness record {subject.routine.source.file} --case {note.case}{live}"


RULES: Final = (write_unexpected, recording_stale, scripted_only, recording_old)
