"""Did a run look, and did it do anything? A run that did nothing is right only if it looked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.routine.document import NOT_JSON
from routine_harness.session.run import CallRecord, Run
from routine_harness.verdict.call_forms import CallReader
from routine_harness.world.access import ABOUT_ITSELF
from routine_harness.world.effect import Effect
from routine_harness.world.failures import says_absent, shell_failures
from routine_harness.world.kinds import UNREAD
from routine_harness.world.tool import ToolCall

_LOCAL_NOUNS: Final = ("commit", "file")
_URL: Final = lazy_pattern(r"https?://[^\s'\"|;&)]+")
_RECORD: Final = lazy_pattern(
    r"(?:^|_)(?:id|number|key|channel|path|url|uri|slug|ts|sha)$|(?:Number|Id|_path)$"
)
_KEPT: Final = lazy_pattern(r"\s-[a-zA-Z]*[oOw]\b|>|--output|--write-out")
"""Options of curl that send its answer elsewhere, or add words of its own."""
_PAGE: Final = lazy_pattern(r"\s*<(?:!doctype )?html", re.IGNORECASE)
_LOST: Final = lazy_pattern(
    r"timed? ?out|timeout|permission denied|could not resolve host|connection (?:refused|reset)|not available"
    r"|command not found|no such tool|network is unreachable|\b(?:401|403|5\d\d)\b",
    re.IGNORECASE,
)


def is_outward(effect: Effect) -> bool:
    """Whether an effect reaches the outside.

    A change of the scratch clone does not. Programs and acts that cannot be read are left to the policy.
    """
    if effect.kind in UNREAD:
        return False
    return bool(effect.connector) or effect.noun not in _LOCAL_NOUNS


def outward_effects(run: Run) -> tuple[Effect, ...]:
    """The outward effects of a run, in order: applied, refused and unchanged."""
    return tuple(effect for effect in run.effects if is_outward(effect))


def looks_of(run: Run) -> tuple[CallRecord, ...]:
    """The reads of a run, without those that ask only who the agent is and where it belongs."""
    return tuple(record for record in run.calls if record.reads and record.call.tool not in ABOUT_ITSELF)


def was_answered(record: CallRecord) -> bool:
    """Whether a read was answered in full.

    "There is none" and an empty list are answers. A refusal, a time-out, an HTML page in place of data and an
    empty body are not.
    """
    if not record.complete:
        return False
    if not record.failed:
        return _says_something(record)
    if record.answered_by in ("fault", "refused"):
        return says_absent(record.failure) and record.answered_by == "fault"
    if says_absent(record.failure or record.result.text):
        return True
    # A command may print what it was asked for and then end with an error.
    return not record.call.connector and _printed_something(record)


def _says_something(record: CallRecord) -> bool:
    text = record.result.text.strip()
    if not record.call.connector and not _asks_an_address(record.call):
        return True
    if record.call.connector and text[:1] in "{[" and "truncated" not in text:
        return _is_json(text)
    return bool(text) and not (record.call.connector and _PAGE.match(text))


def _asks_an_address(call: ToolCall) -> bool:
    """Whether one of the agent's own tools asks an address and shows what it answers."""
    command = str(call.arguments.get("command", ""))
    return call.tool == "WebFetch" or ("curl " in command and not _KEPT.search(command))


def _printed_something(record: CallRecord) -> bool:
    text = record.result.text
    return not any(shell_failures(text)) and not _LOST.search(text) and "command" in record.call.arguments


def _is_json(text: str) -> bool:
    # An answer may be several values, a line each.
    try:
        msgspec.json.decode(text)
    except NOT_JSON:
        return "\n" in text
    return True


def failed_reads(run: Run, read: CallReader) -> tuple[CallRecord, ...]:
    """The reads that were not answered in full, and not asked again with success later."""
    looks = looks_of(run)
    answered = [(record.number, _subjects(record, read)) for record in looks if was_answered(record)]
    return tuple(
        record
        for record in looks
        if not was_answered(record)
        and not any(
            number > record.number and subjects & _subjects(record, read) for number, subjects in answered
        )
    )


def why_not_looked(run: Run, read: CallReader) -> str:
    """Why it is not certain that the run looked; empty if it is: at least one read was answered, and no read
    was left without an answer."""
    if not looks_of(run):
        return "it read nothing"
    failed = failed_reads(run, read)
    if not failed:
        return ""
    first = failed[0]
    what = "was answered incompletely" if first.complete is False else "failed"
    more = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    return f"call {first.number}, {first.call.name}, {what}{more}"


def _subjects(record: CallRecord, read: CallReader) -> frozenset[tuple[str, ...]]:
    """What a read asks for: operation, repository and record, the same in each form of the call."""
    forms = (record.call, *read(record.call))
    return frozenset(subject for form in forms for subject in _subject(form))


def _subject(call: ToolCall) -> Iterator[tuple[str, ...]]:
    arguments = call.arguments
    for url in _URL.findall(_asked_text(arguments)):
        yield ("url", url.rstrip("/"))
    if not call.connector:
        yield (call.tool, msgspec.json.encode(arguments, order="deterministic").decode())
        return
    home = f"{arguments.get('owner', '')}/{arguments.get('repo', '')}".lower()
    records = sorted(str(value) for name, value in arguments.items() if _RECORD.search(name))
    yield (call.name, str(arguments.get("method", "")), home, *records)


def _asked_text(arguments: Mapping[str, Json]) -> str:
    texts: Sequence[str] = [value for value in arguments.values() if isinstance(value, str)]
    return "\n".join(texts)
