"""A shell script walked without running it: every command that may run, with its words.

All branches count, because which one runs is only known when it does. Bounded: what is nested or
repeated beyond the limits is said to be undecided instead of being followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from routine_harness.world.shell import words
from routine_harness.world.shell.acts import Act, Context, Word, opaque, spelt, undecided
from routine_harness.world.shell.grammar import NODES, SILENT, WORDS
from routine_harness.world.shell.heredocs import Heredoc, take_heredocs
from routine_harness.world.shell.masking import mask
from routine_harness.world.shell.parser import parser
from routine_harness.world.shell.scope import Scope, Text

MAX_DEPTH: Final = 70
MAX_COMMANDS: Final = 50_000

_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Run = Callable[["Reader", list[Word], Text], Text]
"""Reads one simple command; answers with what it writes."""


def _parse(source: bytes) -> Any:
    return parser().parse(source).root_node


class Reader:
    """Collects the acts of one script in order; ``context`` moves along."""

    def __init__(
        self,
        run: Run,
        context: Context,
        variables: dict[str, str | None],
        files: Callable[[str], str | None] | None = None,
    ) -> None:
        self.acts: list[Act] = []
        self.context = context
        self.scope = Scope(variables)
        self._run = run
        self._files = files
        self._heredocs: dict[str, Heredoc] = {}
        self._depth = 0
        self._left = MAX_COMMANDS

    def read(self, script: str, stdin: Text | None = None) -> Text:
        """Read ``script`` in the present scope; what it writes."""
        if "\0" in script:
            script = script.replace("\0", "")
            self.undecided("NUL bytes, of which every shell makes something else", script)
        with self._deeper(script) as allowed:
            if not allowed:
                return Text()
            root, _ = take_heredocs(mask(script), _parse, self._heredocs)
            if root.has_error:
                self.undecided(f"cannot be parsed at {_first_error(root)}", script)
            return self.sequence(root.children, stdin or Text())

    def undecided(self, reason: str, command: str = "", program: str = "") -> None:
        """Note, once in a row, that reading cannot tell what happens."""
        act = undecided(reason, command, program)
        if act not in self.acts[-20:]:
            self.acts.append(act)

    def file(self, path: str) -> str | None:
        """The text of the file at a resolved ``path``, if it is known."""
        if path in self.scope.files or self._files is None:
            return self.scope.files.get(path)
        return self._files(path)

    def opaque(self, program: str, argv: list[Word]) -> None:
        """Note that a program runs which cannot be read."""
        self.acts.append(opaque(program, spelt(argv)))

    def command(self, argv: list[Word], stdin: Text) -> Text:
        """Read one simple command given by its words."""
        if not argv:
            return Text("")
        self._left -= 1
        if self._left < 0:
            self.undecided(f"more than {MAX_COMMANDS} commands")
            return Text()
        name = argv[0].text
        if any(not _blank(word.text) and not _BIDI.isdisjoint(word.text) for word in argv):
            self.undecided("control characters for the direction of text hide what runs", spelt(argv), name)
        with self._deeper(spelt(argv)) as allowed:
            if not allowed:
                return Text()
            if name in self.scope.aliases and argv[0].known:
                return self._alias(name, argv, stdin)
            if name in self.scope.functions and argv[0].known:
                return self._function(name, argv, stdin)
            return self._run(self, argv, stdin)

    def node(self, node: Any, stdin: Text) -> Text:
        """Read one node of the tree."""
        handler = NODES.get(node.type)
        with self._deeper(node) as allowed:
            if not allowed or self._left < 0:
                return Text()
            return handler(self, node, stdin) if handler else self.sequence(node.children, stdin)

    def sequence(self, nodes: list[Any], stdin: Text) -> Text:
        """Read nodes one after the other; what they write together, if that is known."""
        written: list[str | None] = []
        decoded = False
        for child in nodes:
            if not child.is_named or child.type in SILENT:
                continue
            if child.type in WORDS:  # loose words of a part that could not be parsed
                self.expand(child)
                continue
            output = self.node(child, stdin)
            written.append(output.text)
            decoded = decoded or output.decoded
        known = [text for text in written if text is not None]
        return Text("".join(known) if len(known) == len(written) else None, decoded=decoded)

    def expand(self, node: Any) -> list[Word]:
        """The words of ``node``; the substitutions inside it are read on the way."""
        if node.text in (b'"$@"', b"$@", b"$*", b'"${@}"'):
            return [Word("$@", False, True)] if self.scope.positional is None else self.scope.positional
        return words.expand(node, self.scope.lookup(), self.substituted)

    def value(self, node: Any) -> Word:
        """The one word that ``node`` becomes where no splitting happens."""
        return words.value(node, self.scope.lookup(), self.substituted)

    def herestring(self, node: Any) -> Text:
        """What a herestring feeds to its command."""
        word = self.value(node)
        return Text(word.text + "\n" if word.known else None, True)

    def heredoc(self, node: Any) -> Text | None:
        """What a heredoc feeds to its command; None where ``node`` stands for none."""
        heredoc = self._heredocs.get(words.text_of(node))
        if heredoc is None:
            return None
        if not heredoc.expands or not any(character in heredoc.body for character in "$`\\"):
            return Text(heredoc.body, True)
        return Text(self._heredoc_body(heredoc.body), True)

    def _heredoc_body(self, body: str) -> str | None:
        source = mask(f"cat <<__routine_harness_body__\n{body}__routine_harness_body__\n")
        pending = [_parse(source)]
        while pending:
            node = pending.pop()
            if node.type == "heredoc_body":
                word = words.inner(
                    node, self.scope.lookup(), self.substituted, node.start_byte, node.end_byte
                )
                return word.text if word.known else None
            pending.extend(node.children)
        return None

    def substituted(self, node: Any) -> str | None:
        """The output of a command or process substitution, whose commands are read."""
        with self.aside():
            return self.sequence(node.children, Text()).text

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A subshell: its variables, functions and directory do not outlive it; its files do."""
        scope, directory = self.scope, self.context.directory
        self.scope = scope.copy()
        try:
            yield
        finally:
            scope.files.update(self.scope.files)
            self.scope = scope
            self.context = self.context._replace(directory=directory)

    @contextmanager
    def _deeper(self, what: Any) -> Iterator[bool]:
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                text = what if isinstance(what, str) else words.text_of(what)
                self.undecided("nested too deeply to be read", text)
            yield self._depth <= MAX_DEPTH
        finally:
            self._depth -= 1

    def _alias(self, name: str, argv: list[Word], stdin: Text) -> Text:
        replacement = self.scope.aliases.pop(name)
        try:
            return self.read(" ".join([replacement, *(quoted(word) for word in argv[1:])]), stdin)
        finally:
            self.scope.aliases[name] = replacement

    def _function(self, name: str, argv: list[Word], stdin: Text) -> Text:
        positional = self.scope.positional
        self.scope.positional = argv[1:]
        try:
            return self.node(self.scope.functions[name], stdin)
        finally:
            self.scope.positional = positional


def quoted(word: Word) -> str:
    """A word as a shell would take it back; one that is not known is left as written."""
    return "'" + word.text.replace("'", "'\\''") + "'" if word.known else word.text


def _blank(text: str) -> bool:
    return any(character.isspace() for character in text)


def _first_error(root: Any) -> str:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            return f"line {node.start_point[0] + 1}: {words.text_of(node)[:60]!r}"
        pending.extend(child for child in reversed(node.children) if child.has_error or child.is_missing)
    return "some place"
