"""The ``commands`` of a case or a world: their keys, and the Command values that they spell."""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from msgspec import UNSET, UnsetType

from routine_harness.errors import Problem
from routine_harness.plain import Json
from routine_harness.routine.form import NOT_BLANK, Form, Short, Text, key
from routine_harness.routine.form_reader import shape_of
from routine_harness.routine.reader import Reader, kind_of, nearest, suggestion
from routine_harness.routine.spec import Source
from routine_harness.world.commands import ONE, REST, Command, CommandAnswer, CommandEffect
from routine_harness.world.kinds import KINDS, UNREAD
from routine_harness.world.registry import Registry

KEY: Final = "commands"
_EXAMPLE: Final = 'write {run: "npm outdated **", stdout: …}'
_ANSWER: Final = "write {stdout: …, exit: 1}"


class CommandEffectForm(Form, frozen=True, kw_only=True):
    """What a program does outside; further keys are the effect's fields."""

    what = "an effect"
    plural = "effects"
    hint = "write {effect: ticket.created, connector: pagerduty, title: …}"
    short = Short(lambda text, note: {"effect": text}, {"type": "string"})
    open = True
    shown = {"title": "Disk full"}

    effect: Annotated[str, key("The kind of effect that the program has.", "ticket.created", needs=hint)]
    connector: Annotated[str, key("The connector that the effect belongs to.", "linear")] = ""


_STDOUT: Final = "What it prints; the last line break is added where it is missing."
_STDERR: Final = "What it prints to standard error."
_EXIT: Final = "Its exit code; 0 where it is left out."
_WRITES: Final = "The files that it writes: path from where it stands → text."
_EFFECTS: Final = "What it does outside: a kind, or a mapping with effect, connector and fields."
FileText = Annotated[str, Text("a text")]


class CommandAnswerForm(Form, frozen=True, kw_only=True):
    what = "an answer"
    plural = "answers"
    part = "command_answer"
    said = "What a program prints once."

    stdout: Annotated[str, key(_STDOUT, "1 failing")] = ""
    stderr: Annotated[str, key(_STDERR, "")] = ""
    exit: Annotated[int, key(_EXIT, 1, maximum=255)] = 0
    writes: Annotated[dict[str, FileText], key(_WRITES, {"junit.xml": "<testsuite/>"})] = {}
    effects: Annotated[tuple[CommandEffectForm, ...], key(_EFFECTS, ["http.requested"])] = ()

    def check(self, reader: Reader) -> None:
        _check_exit(reader, self)


class CommandForm(Form, frozen=True, kw_only=True):
    what = "a command"
    plural = "commands"
    part = "command"
    said = "What a program prints, because none is run; the first pattern that fits answers."
    examples = (
        {
            "run": "npm test",
            "answers": [{"stdout": "1 failing", "exit": 1}, {"stdout": "148 passing"}],
        },
    )

    run: Annotated[
        str,
        key(
            "The words of a simple command; * is one word, a last ** the rest.",
            "npm audit --json",
            needs=_EXAMPLE,
            **NOT_BLANK,
        ),
    ]
    stdout: Annotated[str, key(_STDOUT, "{}")] = ""
    stderr: Annotated[str, key(_STDERR, "npm warn old lockfile")] = ""
    exit: Annotated[int, key(_EXIT, 1, maximum=255)] = 0
    writes: Annotated[dict[str, FileText], key(_WRITES, {"audit.json": "{}"})] = {}
    effects: Annotated[tuple[CommandEffectForm, ...], key(_EFFECTS)] = ()
    answers: Annotated[
        tuple[CommandAnswerForm, ...] | UnsetType,
        key("Answers in turn, the last again and again; run 2 begins anew.", UNSET, needs=_ANSWER, least=1),
    ] = UNSET

    def check(self, reader: Reader) -> None:
        _check_exit(reader, self)
        known = CommandAnswerForm.__struct_fields__[len(Form.__struct_fields__) :]
        own = [name for name in known if name in self.written]
        if "answers" not in self.written and not own and "run" in self.written:
            message = f"a command needs one of {', '.join(known)}, or answers"
            reader.problem(self.place, message, _EXAMPLE)
        for name in own if "answers" in self.written else ():
            message = f"a command says {name} or answers, not both"
            reader.problem(self.below(name), message, "put it into each answer")


def _check_exit(reader: Reader, form: CommandAnswerForm | CommandForm) -> None:
    if form.exit > 255:
        message = f"expected an exit code from 0 to 255, found {form.exit}"
        reader.problem(form.below("exit"), message)


def read_layers(
    reader: Reader,
    own: Iterable[CommandForm],
    layers: Iterable[tuple[Mapping[str, Json], Source]],
    registry: Registry,
) -> tuple[Command, ...]:
    """The commands of a case: its own first, then those of its worlds, the highest first."""
    found = _commands(reader, own, registry)
    for data, source in reversed(list(layers)):
        commands, problems = commands_of(data, source, registry)
        found += tuple(command for command in commands if command.run not in {one.run for one in found})
        reader.problems += [problem for problem in problems if problem not in reader.problems]
    return found


def commands_of(
    world: Mapping[str, Json], source: Source, registry: Registry
) -> tuple[tuple[Command, ...], list[Problem]]:
    """The commands of one layer of a world, and what is wrong with them."""
    value, reader = world.get(KEY), Reader(source)
    if value is None:
        return (), []
    forms = shape_of(tuple[CommandForm, ...]).read(reader, value, (KEY,), KEY)
    return _commands(reader, forms if isinstance(forms, tuple) else (), registry), reader.problems


def _commands(reader: Reader, forms: Iterable[CommandForm], registry: Registry) -> tuple[Command, ...]:
    """The commands that forms spell; what is wrong with them is noted."""
    found: dict[str, Command] = {}
    for form in forms:
        command = _command(reader, form, registry) if "run" in form.written else None
        if command is None:
            continue
        if command.run in found:
            hint = "one pattern has one entry; what it answers in turn stands under answers"
            reader.problem(form.below("run"), f"the pattern {command.run!r} is here twice", hint)
        found.setdefault(command.run, command)
    return tuple(found.values())


def _command(reader: Reader, form: CommandForm, registry: Registry) -> Command | None:
    words = _words(reader, form)
    answers = form.answers or (form,)
    read = tuple(_answer(reader, each, registry) for each in answers)
    source = reader.source
    return Command(form.run, words, read, source.file, source.line(*form.below("run"))) if words else None


def _words(reader: Reader, form: CommandForm) -> tuple[str, ...]:
    """The pattern's words; none where something is wrong with them."""
    # Imported here: the shell's grammar costs 20 ms that a case without commands need not pay.
    from routine_harness.world.shell.command_reading import pattern_words

    run, path = form.run, form.below("run")
    words = pattern_words(run)
    if isinstance(words, str):
        reader.problem(path, f"{words}; found {kind_of(run)}", _EXAMPLE)
        return ()
    if REST in words[:-1]:
        message = f"{REST} stands for the rest of the words; found it before others in {run!r}"
        reader.problem(path, message, f"write {ONE} for one word, {REST} at the end")
        return ()
    if words[0] in (ONE, REST):
        reader.problem(path, f"a pattern begins with a program, found {run!r}", _EXAMPLE)
        return ()
    return words


def _answer(reader: Reader, form: CommandAnswerForm | CommandForm, registry: Registry) -> CommandAnswer:
    effects = (_effect(reader, each, registry) for each in form.effects)
    return CommandAnswer(
        form.stdout, form.stderr, form.exit, form.writes, tuple(each for each in effects if each is not None)
    )


def _effect(reader: Reader, form: CommandEffectForm, registry: Registry) -> CommandEffect | None:
    kind, connector = form.effect, form.connector
    if kind not in KINDS or kind in UNREAD:
        known = [name for name in KINDS if name not in UNREAD]
        if form.sound:
            reader.problem(form.place, f"there is no effect {kind!r}", suggestion(kind, known, "the effects"))
        return None
    for name in form.others:
        if name not in KINDS[kind]:
            hint = suggestion(str(name), KINDS[kind], "its fields")
            reader.problem(form.below(name), f"{kind} has no field {name!r}", hint)
    near = nearest(connector, registry.names()) if connector and registry.get(connector) is None else None
    if near is not None:
        message = f"there is no connector {connector!r}"
        reader.problem(form.below("connector"), message, f"did you mean {near}?")
    return CommandEffect(kind, form.others, registry.name_of(connector) if connector else "")
