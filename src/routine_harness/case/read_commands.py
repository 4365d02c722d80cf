"""The ``commands`` of a case or a world → Command values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from routine_harness.errors import Problem
from routine_harness.routine.reader import Fields, Reader, kind_of, nearest, suggestion
from routine_harness.routine.spec import Path, Source
from routine_harness.world.commands import ONE, REST, Command, CommandAnswer, CommandEffect
from routine_harness.world.kinds import KINDS, UNREAD
from routine_harness.world.registry import Registry

KEY: Final = "commands"
ANSWER_KEYS: Final = ("stdout", "stderr", "exit", "writes", "effects")
COMMAND_KEYS: Final = ("run", *ANSWER_KEYS, "answers")
_EXAMPLE: Final = 'write {run: "npm outdated **", stdout: …}'
_ANSWER: Final = "write {stdout: …, exit: 1}"


def read_layers(
    own: Fields, layers: Iterable[tuple[Mapping[str, Any], Source]], registry: Registry
) -> tuple[Command, ...]:
    """The commands of a case: its own first, then those of its worlds, the highest first."""
    found = read_commands(own.reader, own.data.get(KEY), own.at(KEY), registry)
    for data, source in reversed(list(layers)):
        commands, problems = commands_of(data, source, registry)
        found += tuple(command for command in commands if command.run not in {one.run for one in found})
        own.reader.problems += [problem for problem in problems if problem not in own.reader.problems]
    return found


def commands_of(
    world: Mapping[str, Any], source: Source, registry: Registry
) -> tuple[tuple[Command, ...], list[Problem]]:
    """The commands of one layer of a world, and what is wrong with them."""
    reader = Reader(source)
    return read_commands(reader, world.get(KEY), (KEY,), registry), reader.problems


def read_commands(reader: Reader, value: Any, path: Path, registry: Registry) -> tuple[Command, ...]:
    """The commands at ``path``; what is wrong with them is noted."""
    if value is None:
        return ()
    found: dict[str, Command] = {}
    for each, at in reader.items(value, path, "commands"):
        command = _command(reader, each, at, registry)
        if command is None:
            continue
        if command.run in found:
            hint = "one pattern has one entry; what it answers in turn stands under answers"
            reader.problem((*at, "run"), f"the pattern {command.run!r} is here twice", hint)
        found.setdefault(command.run, command)
    return tuple(found.values())


def _command(reader: Reader, value: Any, path: Path, registry: Registry) -> Command | None:
    fields = reader.fields(value, path, COMMAND_KEYS, "a command")
    if not fields.require("run", _EXAMPLE):
        return None
    run = fields.text("run")
    words = _words(fields, run)
    answers = _answers(fields, registry)
    source = reader.source
    return Command(run, words, answers, source.file, source.line(*path, "run")) if words else None


def _words(fields: Fields, run: str) -> tuple[str, ...]:
    """The pattern's words; none where something is wrong with them."""
    # Imported here: the shell's grammar costs 20 ms that a case without commands need not pay.
    from routine_harness.world.shell.command_reading import pattern_words

    if not isinstance(fields.data["run"], str):
        return ()  # noted by who read it
    words = pattern_words(run)
    if isinstance(words, str):
        fields.problem("run", f"{words}; found {kind_of(run)}", _EXAMPLE)
        return ()
    if REST in words[:-1]:
        fields.problem("run", f"{REST} stands for the rest of the words; found it before others in {run!r}",
                       f"write {ONE} for one word, {REST} at the end")  # fmt: skip
        return ()
    if words[0] in (ONE, REST):
        fields.problem("run", f"a pattern begins with a program, found {run!r}", _EXAMPLE)
        return ()
    return words


def _answers(fields: Fields, registry: Registry) -> tuple[CommandAnswer, ...]:
    if "answers" not in fields:
        if not any(key in fields for key in ANSWER_KEYS):
            known = ", ".join(ANSWER_KEYS)
            fields.reader.problem(fields.path, f"a command needs one of {known}, or answers", _EXAMPLE)
        return (_answer(fields, registry),)
    for key in ANSWER_KEYS:
        if key in fields:
            fields.problem(key, f"a command says {key} or answers, not both", "put it into each answer")
    found = []
    for value, at in fields.items("answers", "answers"):
        each = fields.reader.fields(value, at, ANSWER_KEYS, "an answer")
        found.append(_answer(each, registry))
    if not found and isinstance(fields.data["answers"], list):
        fields.problem("answers", "expected at least one answer, found none", _ANSWER)
    return tuple(found) or (CommandAnswer(),)


def _answer(fields: Fields, registry: Registry) -> CommandAnswer:
    code = fields.whole("exit") if "exit" in fields else 0
    if code > 255:
        fields.problem("exit", f"expected an exit code from 0 to 255, found {code}")
    return CommandAnswer(
        stdout=fields.text("stdout"),
        stderr=fields.text("stderr"),
        exit=code,
        writes=_writes(fields),
        effects=fields.each("effects", "effects", lambda each, at: _effect(fields, each, at, registry)),
    )


def _writes(fields: Fields) -> dict[str, str]:
    writes = fields.mapping("writes")
    for path, text in writes.items():
        if not isinstance(text, str):
            hint = "write {path: text}"
            message = f"expected the text of {path}, found {kind_of(text)}"
            fields.reader.problem((*fields.at("writes"), path), message, hint)
    return {str(path): text for path, text in writes.items() if isinstance(text, str)}


def _effect(fields: Fields, value: Any, path: Path, registry: Registry) -> CommandEffect | None:
    reader, given = fields.reader, {"effect": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or not isinstance(given.get("effect"), str):
        hint = "write {effect: ticket.created, connector: pagerduty, title: …}"
        reader.problem(path, f"expected an effect, found {kind_of(value)}", hint)
        return None
    kind, connector = given["effect"], given.get("connector", "")
    if kind not in KINDS or kind in UNREAD:
        known = [name for name in KINDS if name not in UNREAD]
        reader.problem(path, f"there is no effect {kind!r}", suggestion(kind, known, "the effects"))
        return None
    named = {name: inner for name, inner in given.items() if name not in ("effect", "connector")}
    for name in named:
        if name not in KINDS[kind]:
            hint = suggestion(str(name), KINDS[kind], "its fields")
            reader.problem((*path, name), f"{kind} has no field {name!r}", hint)
    if not isinstance(connector, str):
        reader.problem((*path, "connector"), f"expected a connector, found {kind_of(connector)}")
        return None
    near = nearest(connector, registry.names()) if connector and registry.get(connector) is None else None
    if near is not None:
        reader.problem((*path, "connector"), f"there is no connector {connector!r}", f"did you mean {near}?")
    return CommandEffect(kind, named, registry.name_of(connector) if connector else "")
