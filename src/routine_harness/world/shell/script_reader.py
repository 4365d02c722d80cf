"""A shell script walked without running it: every command that may run, with its words.

All branches count, because which one runs is only known when it does. Bounded: what is nested or
repeated beyond the limits is said to be undecided instead of being followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from tree_sitter import Node

from routine_harness.world.commands import Commands
from routine_harness.world.holes import is_hole, without_holes
from routine_harness.world.shell import expansion
from routine_harness.world.shell.acts import OPAQUE, Act, Context, Word, effect, line_of, opaque, undecided
from routine_harness.world.shell.exits import Exits
from routine_harness.world.shell.paths import is_scratch, outside, resolve
from routine_harness.world.shell.scope import Scope, Text
from routine_harness.world.shell.syntax import Heredoc, first_error, heredoc_body, mask, take_heredocs

MAX_DEPTH: Final = 70
MAX_COMMANDS: Final = 50_000
MAX_LENGTH: Final = 2_000_000
"""Characters of one script."""
MAX_ACTS: Final = 20_000
MAX_EXPANDED: Final = 20_000_000
"""Characters that the words of all commands have together."""
MAX_CALLS: Final = 6
"""Calls of one function inside itself."""

_LOOSE_WORDS: Final = (
    "word",
    "string",
    "raw_string",
    "ansi_c_string",
    "translated_string",
    "concatenation",
    "simple_expansion",
    "expansion",
    "number",
    "brace_expression",
    "regex",
    "extglob_pattern",
    "arithmetic_expansion",
    "variable_name",
    "special_variable_name",
    "test_operator",
)
"""Nodes that are words; among statements they are what is left of a part that could not be parsed."""
SILENT: Final = ("comment", "heredoc_start", "heredoc_end", "file_descriptor")
"""Nodes that neither run nor print."""
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Statement = Callable[["Reader", Node, Text], Text]
"""Reads one statement of a script, given by its node and its input; answers with what it writes."""
Run = Callable[["Reader", list[Word], Text], Text]
"""Reads one simple command; answers with what it writes."""
Answer = Callable[[list[Act]], str | None]
"""Carries out all acts so far that are not yet; answers with what the last one prints, if that is known."""


class Reader:
    """Collects the acts of one script in order; ``context`` moves along."""

    def __init__(
        self,
        statements: Mapping[str, Statement],
        run: Run,
        context: Context,
        variables: dict[str, str | None],
        files: Callable[[str], str | None] | None = None,
        answer: Answer | None = None,
        commands: Commands | None = None,
        *,
        follows: bool = True,
    ) -> None:
        """``statements`` say what each type of node means, ``run`` what each program does.

        ``commands`` say what programs print; with them, exit codes decide what of a script is run, unless
        it is known to have run otherwise (``follows``)."""
        self.acts: list[Act] = []
        self.context = context
        self.scope = Scope(variables)
        self.scope.files.update(context.files)
        self.within: list[str] = []
        """The scripts in files that are being read, innermost last."""
        self.scripts: list[str] = []
        """The scripts that a command was given as a word, innermost last."""
        self.looked = False
        """Whether a command has looked at something outside of itself."""
        self.trying = False
        """Whether what is read is taken back afterwards, so that nobody carries it out."""
        self.commands = commands
        self.exits = Exits(follows=bool(commands) and follows)
        self.status: int | None = None
        """The exit code of the last command, where it is known."""
        self.errors: list[str] = []
        """What commands wrote to standard error and no redirection has taken."""
        self.written: dict[str, str] = {}
        """The files that answered commands wrote, by path."""
        self._statements = statements
        self._run = run
        self._files = files
        self._answer = answer
        self._heredocs: dict[str, Heredoc] = {}
        self._called: list[str] = []
        self._depth = 0
        self._left = MAX_COMMANDS
        self._room = MAX_EXPANDED
        self._streams = 0

    def read(self, script: str, stdin: Text | None = None) -> Text:
        """Read ``script`` in the present scope; what it writes."""
        if "\0" in script:
            script = script.replace("\0", "")
            self.undecided("NUL bytes, which each shell treats differently", script)
        if len(script) > MAX_LENGTH:
            self.undecided(f"a script of {len(script):,} characters is not read", script[:80])
            return Text()
        with self._deeper(script) as allowed:
            if not allowed:
                return Text()
            root, _ = take_heredocs(mask(script), self._heredocs)
            if root.has_error:
                self.undecided(f"cannot be parsed at {first_error(root)}", script)
            return self.sequence(root.children, stdin or Text())

    def read_foreign(self, script: str, stdin: Text | None = None) -> Text:
        """Read what somebody wrote down, in which no character may pass for a hole."""
        return self.read(without_holes(script), stdin)

    def undecided(self, reason: str, command: str = "", program: str = "") -> None:
        """Note, once in a row, that reading cannot tell what happens."""
        act = undecided(reason, command, program)
        if act not in self.acts[-20:]:
            self.acts.append(act)

    def file(self, path: str) -> str | None:
        """The text of the file at a resolved ``path``, if it is known."""
        if path in self.scope.files or self._files is None:
            return self.scope.files.get(path)
        text = self._files(path)
        return None if text is None else without_holes(text)

    def write(self, target: str, output: Text, *, appends: bool) -> None:
        """Text goes to a file: it may be a script that runs later, or lie outside the workspace."""
        path = resolve(self.context.directory, target)
        if outside(path, self.context) and not is_scratch(path):
            self.acts.append(effect("file.changed", path=path))
        before = self.file(path) if appends else ""
        self.scope.files[path] = None if before is None or output.text is None else before + output.text

    def opaque(self, program: str, argv: list[Word]) -> None:
        """Note that a program runs which cannot be read."""
        self.acts.append(opaque(program, line_of(argv)))

    def answered(self) -> Text:
        """What the act that was noted last prints, where there is a world to do it in."""
        if self._answer is None or self.trying:
            return Text()
        printed = self._answer(self.acts)
        return Text() if printed is None else Text(without_holes(printed), True)

    def complain(self, text: str) -> None:
        """Note what a command writes to standard error."""
        if text:
            self.errors.append(text)

    @contextmanager
    def unanswered(self) -> Iterator[None]:
        """Read for what happens outside alone: nothing is answered, carried out or ruled out."""
        commands, trying, exits = self.commands, self.trying, self.exits
        self.commands, self.trying, self.exits = None, True, Exits()
        errors, self.errors = self.errors, []
        try:
            yield
        finally:
            self.commands, self.trying, self.exits, self.errors = commands, trying, exits, errors

    @contextmanager
    def possible(self) -> Iterator[None]:
        """Read what may run once, elsewhere or never.

        What it does outside counts. A program in it that cannot be read does not."""
        before = len(self.acts)
        with self.aside():
            yield
        self.acts[before:] = [act for act in self.acts[before:] if act.kind != OPAQUE]

    def command(self, argv: list[Word], stdin: Text) -> Text:
        """Read one simple command given by its words."""
        if not argv:
            return Text("")
        before, acts = self.status, len(self.acts)
        self.status = None
        self.exits.note_options(argv)
        output = self._command(argv, stdin)
        if self.exits.follows and self.status is None:
            self.status = self.exits.status(argv, output, before, acted=len(self.acts) > acts)
        if self.exits.follows:
            self.scope.variables["?"] = None if self.status is None else str(self.status)
        return output

    def _command(self, argv: list[Word], stdin: Text) -> Text:
        self._left -= 1
        if self._left < 0 or len(self.acts) > MAX_ACTS:
            self._left = -1
            self.undecided("more commands than are followed")
            return Text()
        name = argv[0].text
        if any(not _BIDI.isdisjoint(word.text) and not any(map(str.isspace, word.text)) for word in argv):
            self.undecided("control characters for the direction of text hide what runs", line_of(argv), name)
        with self._deeper(line_of(argv)) as allowed:
            if not allowed:
                return Text()
            if name in self.scope.aliases:
                return self._alias(name, argv, stdin)
            if name in self.scope.functions:
                return self._function(name, argv, stdin)
            return self._run(self, argv, stdin)

    def node(self, node: Node, stdin: Text) -> Text:
        """Read one node of the tree."""
        handler = self._statements.get(node.type)
        with self._deeper(node) as allowed:
            if not allowed or self._left < 0:
                return Text()
            return handler(self, node, stdin) if handler else self.sequence(node.children, stdin)

    def sequence(self, nodes: Sequence[Node], stdin: Text) -> Text:
        """Read nodes one after the other; what they write together, if that is known."""
        written: list[str | None] = []
        for child in nodes:
            if self.exits.ended:
                break
            if not child.is_named or child.type in SILENT:
                continue
            if child.type in _LOOSE_WORDS:
                self.expand([child])
                continue
            written.append(self.node(child, stdin).text)
            self.exits.check(child.type, self.status)
        known = [text for text in written if text is not None]
        return Text("".join(known) if len(known) == len(written) else None)

    def groups(self, nodes: Sequence[Node]) -> list[list[Node]]:
        """``nodes`` by the words that they make."""
        return expansion.groups(nodes)

    def expand(self, nodes: Sequence[Node]) -> list[Word]:
        """The words that ``nodes`` become; the substitutions inside them are read on the way."""
        names = self.scope.names(self.substituted)
        found: list[Word] = []
        for group in self.groups(nodes):
            if self._room < 0:
                self._left = -1
                break
            expanded = expansion.expand(group, names)
            self._room -= sum(len(word.text) for word in expanded)
            found += expanded
        return found

    def value(self, nodes: Sequence[Node]) -> str | None:
        """The one text that ``nodes`` become where no splitting happens; None where nothing is known."""
        text = expansion.value(nodes, self.scope.names(self.substituted))
        return None if is_hole(text) else text

    def herestring(self, nodes: Sequence[Node]) -> Text:
        """What a herestring feeds to its command."""
        text = self.value(nodes)
        return Text(None if text is None else text + "\n", True)

    def heredoc(self, node: Node) -> Text | None:
        """What a heredoc feeds to its command; None where ``node`` stands for none."""
        heredoc = self._heredocs.get(expansion.text_of(node))
        if heredoc is None:
            return None
        if not heredoc.expands or not any(character in heredoc.body for character in "$`\\"):
            return Text(heredoc.body, True)
        body = heredoc_body(heredoc.body)
        if body is None:
            return Text(None, True)
        names = self.scope.names(self.substituted)
        return Text(expansion.inner(body, names, body.start_byte, body.end_byte), True)

    def substituted(self, node: Node) -> str | None:
        """The output of a command substitution, whose commands are read; for a process substitution
        the path at which that output is found."""
        feeds = node.type == "process_substitution" and node.children[0].type == ">("
        with self.aside():
            output = self.sequence(node.children, Text(None, given=feeds))
        if node.type != "process_substitution":
            return output.text
        self._streams += 1
        path = f"/dev/fd/{62 + self._streams}"
        self.scope.files[path] = output.text
        return path

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A subshell: its variables, functions and directory do not outlive it; its files do."""
        scope, directory = self.scope, self.context.directory
        self.scope = scope.copy()
        ended = self.exits.ended
        try:
            yield
        finally:
            self.scope = scope
            self.exits.ended = ended
            self.context = self.context._replace(directory=directory)

    @contextmanager
    def _deeper(self, what: Node | str) -> Iterator[bool]:
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                text = what if isinstance(what, str) else expansion.text_of(what)
                self.undecided("nested too deeply to be read", text)
            yield self._depth <= MAX_DEPTH
        finally:
            self._depth -= 1

    def _alias(self, name: str, argv: list[Word], stdin: Text) -> Text:
        replacement = self.scope.aliases.pop(name)  # bash expands no alias inside itself
        try:
            return self.read(" ".join([replacement, *(word.quoted for word in argv[1:])]), stdin)
        finally:
            self.scope.aliases[name] = replacement

    def _function(self, name: str, argv: list[Word], stdin: Text) -> Text:
        if self._called.count(name) >= MAX_CALLS:
            self.undecided("a function that calls itself again and again", line_of(argv), name)
            return Text()
        positional = self.scope.positional
        self.scope.positional = argv[1:]
        self._called.append(name)
        try:
            return self.node(self.scope.functions[name], stdin)
        finally:
            self._called.pop()
            self.scope.positional = positional
            self.exits.leave_function()
