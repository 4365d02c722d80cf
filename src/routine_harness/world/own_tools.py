"""The agent's own tools, answered from the world; none is ever executed.

Files come from the repository, the network from the world's ``http`` table, and a shell command
does to the world what its reading says. One object per run: it holds the clone's state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.routine.edition import load_edition
from routine_harness.routine.edition_rules import OwnToolTable
from routine_harness.routine.spec import Environment
from routine_harness.world import workspace as local
from routine_harness.world.commands import Command, Commands, absent_commands
from routine_harness.world.effect_table import outward_effects
from routine_harness.world.fetching import web_fetch
from routine_harness.world.holes import told
from routine_harness.world.kinds import UNREAD
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, Outcome, ToolCall, ToolResult

if TYPE_CHECKING:
    from routine_harness.world.shell.acts import Context
    from routine_harness.world.shell.command_outcome import Carrying
    from routine_harness.world.shell.command_reading import Reading


_NOWHERE_ELSE: Final[Mapping[str, str]] = {}
"""Every clone begins at its default branch."""


class OwnTools:
    """Answers Read, Grep, Glob, Edit, Write, WebFetch, Bash and the outward tools of one run."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        repositories: Sequence[str] = (),
        environment: Environment = Environment(),  # noqa: B008 - a frozen value
        *,
        table: OwnToolTable | None = None,
        branch: str = "",
        commands: Sequence[Command] = (),
        starts: Mapping[str, str] = _NOWHERE_ELSE,
    ) -> None:
        """``environment`` says which hosts are reached, what its variables hold and which programs it lacks;
        ``table`` what each tool does, ``branch`` is the session's own; ``commands`` what programs print;
        ``starts`` are the refs at which the clones of repositories (in lower case) begin, where that is not
        the default branch."""
        self._connectors = connectors
        self._environment = environment
        self._variables = environment.variables
        self._table = table or load_edition().own_tools
        self._workspace = local.Workspace(repositories, starts)
        self._workspace.branch = branch
        self.commands = Commands([*chain.from_iterable(map(absent_commands, environment.absent)), *commands])
        self._shell: Context | None = None
        self._reading: tuple[str, Reading] | None = None

    def stand_on(self, branch: str) -> None:
        """Note the branch that is checked out, as git has printed it."""
        self._reading = None
        self._shell = self._context()._replace(branch=branch)
        self._workspace.branch = branch

    def read(self, world: World, command: str) -> Reading:
        """A shell's ``command`` read where the run stands now; nothing is done to the world."""
        self._reading = None
        return self._read(world, command)

    def ran(self, world: World, command: str) -> None:
        """Note where a ``command`` that somebody else carried out leaves the shell."""
        self._stand(self._read(world, command).context)

    def _read(self, world: World, command: str) -> Reading:
        """The reading of the command at hand, which several ask for."""
        if self._reading is None or self._reading[0] != command:
            # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
            from routine_harness.world.shell.command_reading import read_shell

            context = self._context()._replace(now=world.clock)
            read = read_shell(command, self._variables, context, lambda path: self._file(world, path))
            self._reading = (command, read)
        return self._reading[1]

    def _stand(self, context: Context) -> None:
        self._shell = context
        self._workspace.branch = str(told(context.branch))
        self._workspace.written = dict(context.files)

    def call(self, world: World, call: ToolCall, *, believed: bool = False) -> Outcome | None:
        """The outcome of one of the agent's own tools; None for a tool that nobody can answer.

        ``believed``: somebody's recording says how it went, so that no exit code of ``commands`` rules out
        a part of it."""
        answer = _LOOKS.get(call.tool)
        if answer is not None:
            result, missing = answer(self._workspace, world, call.arguments)
            return Outcome(world, result, incomplete=missing)
        command = self._table.command(call.tool, call.arguments)
        if command is not None:
            return self._run(world, command, follows=not believed)
        if call.tool in ("Write", "Edit", "MultiEdit"):
            return self._edit(world, call)
        if call.tool == "WebFetch":
            return web_fetch(world, self._connectors, call.arguments, self._environment)
        if call.tool in self._table.acts:
            return self._outward(world, call)
        known = call.tool in (*self._table.local, *self._table.starts, *self._table.edits)
        return Outcome(world, ToolResult("")) if known else None

    def _edit(self, world: World, call: ToolCall) -> Outcome:
        """An edit of a file; what a command wrote there before is gone."""
        result = local.edit_file(self._workspace, world, call.tool, call.arguments)
        if self._shell is not None:
            left = [(path, text) for path, text in self._shell.files if path in self._workspace.written]
            self._reading, self._shell = None, self._shell._replace(files=tuple(left))
        return Outcome(world, result)

    def _outward(self, world: World, call: ToolCall) -> Outcome:
        effects = outward_effects(self._table, call)
        return Outcome(world, ToolResult("ok" if effects else "[]"), effects, carried=False)

    def _context(self) -> Context:
        from routine_harness.world.shell.acts import Context

        names = self._workspace.repositories
        return self._shell or Context(names[0] if names else "", self._workspace.branch)

    def _run(self, world: World, command: str, *, follows: bool) -> Outcome:
        """Read a command and do what it does meanwhile: what one part prints may be the next one's word."""
        from routine_harness.world.shell.command_outcome import Carrying
        from routine_harness.world.shell.command_reading import read_shell

        self._reading = None
        carrying = Carrying(world, self._connectors, self._workspace, self._environment)
        context = self._context()._replace(now=world.clock)
        reading = read_shell(
            command, self._variables, context, lambda path: self._file(world, path), carrying.carry,
            self.commands or None, follows=follows,
        )  # fmt: skip
        carrying.carry(list(reading.acts))
        self._stand(reading.context)
        for path, text in reading.wrote.items():
            self._workspace.edited[self._workspace.place(world, path)] = text
        if reading.output is None and not reading.acts:
            missing = f"what `{command[:80]}` writes"
            unknown = ToolResult(f"The world does not know {missing}.", is_error=True)
            return Outcome(
                carrying.world, unknown, (), missing, looks=reading.looks, depends_on=carrying.depends_on
            )
        return Outcome(
            carrying.world,
            _printed(command, reading, carrying),
            tuple(carrying.effects),
            carrying.missing,
            carried=False,
            looks=reading.looks,
            not_simulated=carrying.not_simulated,
            unanswered=_unanswered(reading),
            depends_on=carrying.depends_on,
            barred=carrying.barred,
        )

    def _file(self, world: World, path: str) -> str | None:
        repository, inside = self._workspace.place(world, path.removeprefix("../"))
        return self._workspace.files(world, repository).get(inside)


def _printed(command: str, reading: Reading, carrying: Carrying) -> ToolResult:
    """What the agent reads of a command that was carried out as far as it can be."""
    unknown = _unanswered(reading)
    if unknown and not any(effect.kind not in UNREAD for effect in carrying.effects):
        return ToolResult(f"The world does not know what `{unknown}` prints.", is_error=True)
    if reading.output is None:
        text = "\n".join(filter(None, carrying.texts))
    else:
        text = reading.output + ("" if _SILENCED.search(command) else "".join(carrying.errors))
    failed = bool(reading.acts) and not carrying.succeeded
    if reading.status is not None:
        failed = reading.status != 0
    # Claude Code cuts the white space at the end of what a command has printed.
    return ToolResult((text + reading.errors).rstrip(), is_error=failed)


def _unanswered(reading: Reading) -> str:
    """The first command whose output and exit code are not known."""
    unread = (act for act in reading.acts if act.kind in UNREAD and not act.refused)
    return next((str(told(act.fields.get("command") or act.fields.get("program"))) for act in unread), "")


_SILENCED: Final = lazy_pattern(r"(?:2|&)>>?\s*/dev/null")

Look = Callable[[local.Workspace, World, Mapping[str, Json]], tuple[ToolResult, str]]

_LOOKS: Final[dict[str, Look]] = {
    "Read": local.read_file,
    "Glob": local.find_paths,
    "LS": local.find_paths,
    "Grep": local.search_text,
}
