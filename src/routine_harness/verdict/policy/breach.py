"""A rule that is broken, in words: what was tried, why it is forbidden, and the ``allow`` to paste."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from routine_harness.finding import SECOND_CALLS, Finding, Severity
from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.predicate import Partly
from routine_harness.verdict.passage import quote_first
from routine_harness.verdict.policy.rules import Forbidden, Policy
from routine_harness.verdict.vocabulary import fields_of
from routine_harness.verdict.where import field_of
from routine_harness.verdict.words import clip, counted
from routine_harness.world.effect import Effect
from routine_harness.world.tool import ToolCall

SHOWN: Final = 5
OTHERWISE: Final = "; or "
"""Parts what an agent can do from what the policy's owner can."""

DAYS: Final = 90
_NAMING: Final = (
    "repository", "branch", "tag", "host", "channel", "project", "team", "workflow", "organization", "name",
    "program", "command",
)  # fmt: skip
"""The fields by which an exception tells what it means."""

_LONG: Final = 60
_PLAIN: Final = lazy_pattern(r"[A-Za-z_./#][\w./#@-]*")
_WORDS_OF_YAML: Final = ("true", "false", "null", "yes", "no", "on", "off")


class Breach(msgspec.Struct, frozen=True):
    """One call that breaks ``rule``, by an ``effect`` or as a call of its tool.

    ``open`` names the fields that only a run tells, where the rule hangs on them.
    """

    rule: Forbidden
    call: ToolCall
    number: int
    run: int = 1
    effect: Effect | None = None
    open: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.effect is None:
            return f"call {self.number}: {self.call.name}"
        return f"call {self.number}: {self.effect.kind} {self.effect.target} ({self.effect.outcome})"


class Terms(msgspec.Struct, frozen=True):
    """What the words of a finding need besides the breach: the routine's name, where the exception
    would stand, the day of the run, whether what is noted fails, and what the platform appends."""

    routine: str
    file: str = "the outermost policy.yaml"
    day: str = ""
    strict: bool = False
    appended: tuple[str, ...] = ()


def terms_of(
    policy: Policy,
    routine: str,
    *,
    clock: int = 0,
    strict: bool = False,
    appended: tuple[str, ...] = (),
) -> Terms:
    """The terms for a run whose clock stands at ``clock``, in seconds since the epoch (0: unknown)."""
    day = (datetime.fromtimestamp(clock, UTC) + timedelta(days=DAYS)).date().isoformat() if clock else ""
    return Terms(routine, policy.files[0] if policy.files else Terms("").file, day, strict, appended)


def breach_findings(breaches: Sequence[Breach], terms: Terms) -> tuple[Finding, ...]:
    """One finding for each rule: what surely breaks it, and apart from that what may."""
    groups: dict[tuple[int, bool], list[Breach]] = {}
    for breach in breaches:
        groups.setdefault((id(breach.rule), bool(breach.open)), []).append(breach)
    return tuple(
        (_undecided if open_fields else _forbidden)(group, terms)
        for (_, open_fields), group in groups.items()
    )


def _forbidden(group: list[Breach], terms: Terms) -> Finding:
    rule = group[0].rule
    noted = rule.tier == "noted"
    verb = "noted" if noted else "forbidden"
    hint = "say in the prompt that it must not; the allow below takes the rule back"
    return _finding(
        group,
        terms,
        code="policy.noted" if noted else "policy.forbidden",
        message=f"{verb} by {rule.location}: {rule.text} ({counted(len(group), 'attempt')})",
        severity=Severity.WARNING if noted and not terms.strict else Severity.ERROR,
        hint=hint,
    )


def _undecided(group: list[Breach], terms: Terms) -> Finding:
    rule = group[0].rule
    names = list(dict.fromkeys(name for breach in group for name in breach.open))
    words = " and ".join(f"the {name.replace('_', ' ')}" for name in names)
    return _finding(
        group,
        terms,
        code="policy.undecided",
        message=f"whether {rule.location} forbids it depends on {words}, known only when it runs: "
        f"{rule.text} ({counted(len(group), 'attempt')})",
        severity=Severity.WARNING if rule.tier == "noted" and not terms.strict else Severity.ERROR,
        hint=f"write {words} out{OTHERWISE}take the rule back for all of it",
    )


def undecided_commands(breaches: Sequence[Breach], terms: Terms) -> tuple[Finding, ...]:
    """One finding for all commands of a case of which reading cannot tell what they do."""
    if not breaches:
        return ()
    about = (_said(breach, "reason") or "what it does cannot be read" for breach in breaches)
    told = dict.fromkeys(
        f"call {breach.number}: {clip(_said(breach, 'command'), _LONG)}: {reason}"
        for breach, reason in zip(breaches, about, strict=True)
    )
    return (
        _finding(
            breaches,
            terms,
            code="command.undecided",
            message=f"{counted(len(breaches), 'command')} may do anything: {_said(breaches[0], 'reason')}",
            severity=Severity.ERROR,
            hint=f"write the command out, so that it can be read{OTHERWISE}allow it as it stands",
            shown=list(told),
        ),
    )


def opaque_programs(breaches: Iterable[Breach], terms: Terms) -> tuple[Finding, ...]:
    """One warning for each program that cannot be read, with how often it ran."""
    programs: dict[str, list[Breach]] = {}
    for breach in breaches:
        programs.setdefault(_said(breach, "program") or "a program", []).append(breach)
    return tuple(_opaque(program, group, terms) for program, group in programs.items())


def _opaque(program: str, group: list[Breach], terms: Terms) -> Finding:
    first = group[0]
    return Finding(
        code="command.opaque",
        message=f"what {program} does is not known ({counted(len(group), 'call')})",
        severity=Severity.WARNING,
        hint="commands: says what it prints; forbid: [command.opaque] makes it an error",
        run=first.run,
        calls=_numbers(breach for breach in group if breach.run == first.run),
        data={"program": program, "count": len(group)},
    )


def _finding(
    group: Sequence[Breach],
    terms: Terms,
    *,
    code: str,
    message: str,
    severity: Severity,
    hint: str,
    shown: Sequence[str] | None = None,
) -> Finding:
    rule = group[0].rule
    told = [(str(breach), *_passages(breach, terms)) for breach in group] if shown is None else None
    lines = [(line,) for line in shown or ()] if told is None else told
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    entry = exception_for(group, terms)
    data: Record = {"rule": rule.text, "allow": entry}
    if rule.tier:
        data["tier"] = rule.tier
    if again := _numbers(breach for breach in group if breach.run != group[0].run):
        data[SECOND_CALLS] = list(again)
    place = terms.file if not rule.location.line else rule.location.file
    return Finding(
        code=code,
        message=message,
        severity=severity,
        location=rule.location if rule.location.line else None,
        hint=hint,
        detail=(
            *([f"why: {rule.reason}"] if rule.reason else []),
            *(line for each in lines[:SHOWN] for line in each),
            *more,
            f"to take it back, in {place}:",
            *exception_lines(entry),
        ),
        run=group[0].run,
        calls=_numbers(breach for breach in group if breach.run == group[0].run),
        data=data,
    )


def _passages(breach: Breach, terms: Terms) -> Iterator[str]:
    """Of each text on which the rule hangs the place that it means, and who put it there."""
    effect = breach.effect
    if effect is None:
        return
    for condition in breach.rule.where:
        value = field_of(effect, breach.rule.kinds, condition.field)
        yield from quote_first(condition.field, value, condition.data, terms.appended, breach.call.arguments)


def exception_for(group: Sequence[Breach], terms: Terms) -> Record:
    """The entry of ``allow`` that takes the rule back for what ``group`` tried, and for no more."""
    rule, effects = group[0].rule, [breach.effect for breach in group if breach.effect is not None]
    entry: Record
    if effects:
        kinds = list(dict.fromkeys(effect.kind for effect in effects))
        entry = {"effect": kinds[0] if len(kinds) == 1 else kinds}
        if where := _shared(effects):
            entry["where"] = where
    else:
        entry = {"tool": group[0].call.name}
    if terms.routine:
        entry["routines"] = [terms.routine]
    entry["reason"] = "say why it may"
    if rule.tier in ("never", "unread"):
        entry["owner"] = "who answers for it"
    if rule.tier == "never":
        entry["expires"] = terms.day or "YYYY-MM-DD"
    return entry


def exception_lines(entry: Record) -> Iterator[str]:
    """An entry of ``allow`` as YAML to paste, in short lines."""
    yield "allow:"
    before = "  - "
    for key, value in entry.items():
        if isinstance(value, dict):
            yield f"{before}{key}:"
            yield from (f"      {name}: {_yaml(part)}" for name, part in value.items())
        else:
            yield f"{before}{key}: {_yaml(value)}"
        before = "    "


def _shared(effects: Sequence[Effect]) -> Record:
    """The naming fields that all effects carry, as conditions that hold for each of them."""
    found: Record = {}
    known = fields_of(effect.kind for effect in effects)
    for field in (field for field in _NAMING if field in known):
        values = list(dict.fromkeys(_known(effect.fields.get(field)) for effect in effects))
        if "" not in values and len(values) <= SHOWN:
            found[field] = _condition(values)
    return found


def _known(value: Json) -> str:
    """A text that is known whole; empty for anything else."""
    return value if isinstance(value, str) and not isinstance(value, Partly) else ""


def _condition(values: list[str]) -> Json:
    long = [text for text in values if len(text) > _LONG or "\n" in text]
    if len(values) == 1:
        return values[0] if not long else {"starts_with": _start(values[0])}
    return {"any_of": [{"starts_with": _start(text)} for text in values]} if long else {"is_one_of": values}


def _start(text: str) -> str:
    return text.partition("\n")[0][:_LONG]


def _yaml(value: Json) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    text = str(value)
    plain = all(_PLAIN.fullmatch(word) for word in text.split(" ")) and text.lower() not in _WORDS_OF_YAML
    dated = re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None
    return text if (plain and " #" not in f" {text}") or dated else json.dumps(text, ensure_ascii=False)


def _numbers(group: Iterable[Breach]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(breach.number for breach in group))


def _said(breach: Breach, field: str) -> str:
    value = breach.effect.fields.get(field) if breach.effect is not None else None
    return str(value) if value is not None else ""
