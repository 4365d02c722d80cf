"""A shell command read as acts, and acts as effects: what the rest of the house asks for."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from routine_harness.world.access import ABOUT_ITSELF
from routine_harness.world.commands import Commands
from routine_harness.world.effect import Effect
from routine_harness.world.shell.act_effects import act_effects, attempted, calls_of
from routine_harness.world.shell.acts import HTTP_READ, Act, Context, Word, undecided
from routine_harness.world.shell.program_table import is_a
from routine_harness.world.shell.programs import run_command
from routine_harness.world.shell.scope import Text
from routine_harness.world.shell.script_reader import Answer, Reader
from routine_harness.world.shell.statements import STATEMENTS
from routine_harness.world.shell.syntax import mask, parser
from routine_harness.world.tool import ToolCall

MAX_FILES: Final = 64
MAX_FILE: Final = 100_000


class Reading(NamedTuple):
    """One command as it was read.

    ``acts`` are in order. ``context`` is where the shell stands afterwards. ``output`` is what the command
    writes, where that is known. ``looks``: a part of it looks at something. Where parts have given answers,
    ``errors`` is what they wrote to standard error, ``wrote`` their files by path, and ``status`` the exit
    code of the command, where it is known."""

    acts: tuple[Act, ...]
    context: Context
    output: str | None = None
    looks: bool = False
    errors: str = ""
    status: int | None = None
    wrote: Mapping[str, str] = MappingProxyType({})


def read_shell(
    command: str,
    variables: Mapping[str, str] | None = None,
    context: Context | None = None,
    files: Callable[[str], str | None] | None = None,
    answer: Answer | None = None,
    commands: Commands | None = None,
    *,
    follows: bool = True,
) -> Reading:
    """Everything that ``command`` may do outside, without running it.

    ``variables`` are those of the environment whose values are known; ``context`` is what earlier
    commands of the session left; ``files`` gives the text at a path, as seen from where the session began;
    ``answer`` carries acts out on the way, so that what they print is known to what follows; ``commands``
    say what programs print, and with ``follows`` their exit codes what of ``command`` is run.
    """
    context = context or Context()
    reader = Reader(
        STATEMENTS,
        run_command,
        context,
        {**_given(context), **(variables or {})},
        files,
        answer,
        commands,
        follows=follows,
    )
    output = None
    try:
        output = reader.read_foreign(command).whole
    except RecursionError:
        reader.acts.append(undecided("nested too deeply to be read", command))
    looks = reader.looked or any(_reads(act) for act in reader.acts)
    errors = "".join(reader.errors)
    return Reading(tuple(reader.acts), _left(reader), output, looks, errors, reader.status, reader.written)


def shell_effects(
    command: str, variables: Mapping[str, str] | None = None, context: Context | None = None
) -> tuple[Effect, ...]:
    """The effects that ``command`` attempts, in order; reads yield none.

    What cannot be decided is ``command.undecided``, a program that cannot be read is
    ``command.opaque``; what is certain of such a command is there as well.
    """
    reading = read_shell(command, variables, context)
    return tuple(effect for act in reading.acts for effect in act_effects(act))


def shell_calls(
    command: str, variables: Mapping[str, str] | None = None, context: Context | None = None
) -> tuple[ToolCall, ...]:
    """The tool calls that parts of ``command`` amount to, reads included: ``gh pr view 4`` is
    ``github.pull_request_read``."""
    return calls_of(read_shell(command, variables, context).acts)


def pattern_words(text: str) -> tuple[str, ...] | str:
    """The words of a pattern for ``commands``, as this reader takes them apart; else what is wrong."""

    def read(script: str) -> list[list[Word]]:
        found: list[list[Word]] = []

        def run(_: Reader, argv: list[Word], stdin: Text) -> Text:
            del stdin
            found.append(argv)
            return Text()

        Reader(STATEMENTS, run, Context(), {}).read_foreign(script)
        return found

    return _words_of(text, read)


def _words_of(text: str, read: Callable[[str], list[list[Word]]]) -> tuple[str, ...] | str:
    """The words of the one simple command that ``text`` is; else what is wrong with it.

    ``read`` gives the words of every simple command in a script.
    """
    root = parser().parse(mask(text)).root_node
    nodes = [node for node in root.named_children if node.type != "comment"]
    if root.has_error or len(nodes) != 1 or nodes[0].type != "command":
        return "expected the words of one command, without pipes, redirections and operators"
    if any(child.type == "variable_assignment" for child in nodes[0].named_children):
        return "expected the words of one command; what is assigned before it is no part of them"
    commands = read(text)
    if len(commands) != 1 or not commands[0]:
        return "expected the words of one command"
    if not all(word.known for word in commands[0]):
        return "expected words that are known; variables are filled in before words are compared"
    return tuple(word.text for word in commands[0])


_LOCAL: Final = ("command.", "commit.", "file.")


def ends_in_write(command: str, variables: Mapping[str, str] | None = None) -> bool:
    """Whether the last program of ``command`` that does anything is an outward write."""
    last = False

    def run(reader: Reader, argv: list[Word], stdin: Text) -> Text:
        nonlocal last
        before = len(reader.acts)
        written = run_command(reader, argv, stdin)
        done = [kind for act in reader.acts[before:] for kind, _, _ in attempted(act)]
        if any(not kind.startswith(_LOCAL) for kind in done):
            last = True
        elif not is_a(posixpath.basename(argv[0].text), "passive"):
            last = False
        return written

    try:
        Reader(STATEMENTS, run, Context(), dict(variables or {})).read(command)
    except RecursionError:
        return False
    return last


def _given(context: Context) -> dict[str, str]:
    """The variables that every session has."""
    if not context.repository:
        return {}
    return {
        "GITHUB_REPOSITORY": context.repository,
        "GITHUB_REPOSITORY_OWNER": context.repository.partition("/")[0],
        "GITHUB_API_URL": "https://api.github.com",
        "GITHUB_SERVER_URL": "https://github.com",
    }


def _left(reader: Reader) -> Context:
    """Where the shell stands, with the files that its commands wrote."""
    written = [
        (path, text)
        for path, text in reader.scope.files.items()
        if text is not None and len(text) <= MAX_FILE and not path.startswith("/dev/")
    ]
    return reader.context._replace(files=tuple(written[-MAX_FILES:]))


def _reads(act: Act) -> bool:
    """Whether an act asks and changes nothing. Asking for oneself or one's teams is no look at the world."""
    if act.tool:
        return act.tool not in ABOUT_ITSELF and not any(True for _ in attempted(act))
    return act.kind == HTTP_READ
