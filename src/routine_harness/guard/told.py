"""Commands beyond the everyday that can still be told for certain without the shell's grammar: loops,
branches, subshells, variables and substitutions around programs that leave the outside alone.

Reads a command as the harness's own reader does, or not at all: None hands it over.
"""

from __future__ import annotations

from typing import Any

from routine_harness.guard.scan import UNKNOWN
from routine_harness.guard.single import BeyondError, Shell, is_text, read_one
from routine_harness.guard.structure import Walk

SILENT = frozenset(
    [
        ":",
        "exit",
        "return",
        "break",
        "continue",
        "shift",
        "wait",
        "popd",
        "set",
        "read",
        "printf",
        "base64",
        "test",
    ]
)
"""Words of the shell that do nothing outside, whatever they are told."""
DECLARING = frozenset(["export", "declare", "local", "readonly", "typeset", "unset"])
BRANCHING = frozenset(["checkout", "switch", "branch", "tag", "remote"])
"""What git does in the clone, to what a later push would be about."""
NESTED = frozenset(("foreach", "run", "-x", "--exec"))
REPEATING = frozenset(
    ["-0", "-r", "-t", "-n1", "-L1", "-P4", "-I{}", "-print0", "--null", "--no-run-if-empty"]
)
COUNTED = frozenset(["-n", "-L", "-P"])
ROOTS = ("/tmp/", "/workspace/", "/home/user/")  # noqa: S108 - read about, not written
FILES = frozenset(["rm", "rmdir", "mkdir", "touch", "cp", "mv", "ln", "chmod"])
ENVIRONMENTS = ("/activate", ".env")
MOST_COMMANDS = 5_000


def read_told(data: Any, script: str, branch: str) -> tuple[list[Any], list[Any]] | None:
    """The effects and calls of ``script``, or None where they cannot be told for certain."""
    told = Told(data, branch)
    try:
        if not is_text(script.replace("<<", "").replace("\t", "")):
            return None
        walk = Walk(script, told.command)
        walk.whole()
        told.settle(walk)
    except BeyondError:
        return None
    return told.shell.effects, told.shell.calls


class Told:
    """What the commands of a script come to."""

    def __init__(self, data: Any, branch: str) -> None:
        self.shell = Shell(data, branch)
        self.commands = 0
        self.left = self.touched = self.sourced = self.shaken = False

    def command(self, words: list[str], walk: Walk, repeats: int) -> None:
        """Note one command, which runs at most ``repeats`` times.

        Raises:
            BeyondError: this cannot be told here.
        """
        self.commands += repeats
        before = len(self.shell.effects)
        self.read(words, walk, repeats)
        if len(self.shell.effects) > before and repeats > 1:
            raise BeyondError

    def settle(self, walk: Walk) -> None:
        """What is only known at the end: whether paths meant what they seemed to.

        Raises:
            BeyondError: they may not have.
        """
        for path in walk.written:
            if not inside(path):
                raise BeyondError
        if (self.left or self.sourced) and (
            self.touched or any(path != "/dev/null" for path in walk.written)
        ):
            raise BeyondError
        outward = self.shell.calls or any(kind != "command.opaque" for kind, _, _ in self.shell.effects)
        if self.commands > MOST_COMMANDS or (outward and (walk.compound or walk.assigned or self.shaken)):
            raise BeyondError

    def read(self, words: list[str], walk: Walk, repeats: int) -> None:
        """Read one command by its program."""
        name, rest = words[0], words[1:]
        known = not any(UNKNOWN in word for word in rest)
        if name in self.shell.data["clear"] or name in SILENT:
            return
        if name in ("cd", "pushd"):
            self.left = self.left or len(rest) != 1 or not inside(rest[0])
        elif name in DECLARING:
            walk.assigned = True
            if not all(word.isidentifier() or is_flag(word) for word in rest):
                raise BeyondError
        elif name == "git":
            self.read_git(rest, known)
        elif name in ("find", "xargs"):
            (self.find if name == "find" else self.xargs)(rest, walk, repeats)
        elif not known:
            raise BeyondError
        elif name == "timeout":
            if len(rest) < 2 or not rest[0].removesuffix("s").isdecimal():
                raise BeyondError
            self.read(rest[1:], walk, repeats)
        elif name == "tee":
            walk.written += [word for word in rest if word not in ("-a", "--append")]
        elif name == "command":
            if rest[:1] != ["-v"]:
                raise BeyondError
        elif name in ("awk", "gawk"):
            if any(mark in word for word in rest for mark in ("system(", "| getline", '| "')):
                raise BeyondError
        elif name in ("source", "."):
            if len(rest) != 1 or not rest[0].endswith(ENVIRONMENTS):
                raise BeyondError
            self.sourced = True
        elif name in FILES:
            self.touched = True
            if not all(inside(word) or is_flag(word) for word in rest):
                raise BeyondError
        else:
            read_one(self.shell, words)

    def read_git(self, rest: list[str], known: bool) -> None:
        """A command of git, of which the arguments of most do not matter."""
        elsewhere = False
        while rest and rest[0] in ("-C", "--no-pager"):
            elsewhere = elsewhere or rest[0] == "-C"
            if rest[0] == "-C" and UNKNOWN in "".join(rest[1:2]):  # it may be several words
                raise BeyondError
            rest = rest[2 if rest[0] == "-C" else 1 :]
        verb = rest[0] if rest else ""
        if verb in self.shell.data["local_git"] and verb[:1] != "-":
            return
        if not known or elsewhere:
            raise BeyondError
        if verb in BRANCHING:
            try:
                read_one(self.shell, ["git", *rest])
            except BeyondError:
                self.shaken = True
            return
        if verb == "rebase" and NESTED.isdisjoint(rest):
            return
        read_one(self.shell, ["git", *rest])

    def find(self, rest: list[str], walk: Walk, repeats: int) -> None:
        """``find``, and what it starts for what it finds."""
        at = next((at for at, word in enumerate(rest) if word in ("-exec", "-execdir")), len(rest))
        if at < len(rest):
            end = rest.index(";", at) if ";" in rest[at:] else rest.index("+", at) if "+" in rest[at:] else 0
            if end != len(rest) - 1 or end - at < 2:
                raise BeyondError
            self.repeated(rest[at + 1 : end], walk, repeats)
        if any(UNKNOWN in word for word in rest[:at]):
            raise BeyondError
        read_one(self.shell, ["find", *(word for word in rest[:at] if word not in ("-print0", "(", ")"))])

    def xargs(self, rest: list[str], walk: Walk, repeats: int) -> None:
        """``xargs``, and what it starts for each word."""
        at = 0
        while at < len(rest) and rest[at][:1] == "-":
            holds = rest[at] == "-I" and rest[at + 1 : at + 2] == ["{}"]
            counts = rest[at] in COUNTED and rest[at + 1 : at + 2] != [] and rest[at + 1].isdecimal()
            if not holds and not counts and rest[at] not in REPEATING:
                raise BeyondError
            at += 2 if holds or counts else 1
        if at < len(rest):
            self.repeated(rest[at:], walk, repeats)

    def repeated(self, words: list[str], walk: Walk, repeats: int) -> None:
        """A command that is started once for each of many words."""
        self.commands += 64 * repeats
        if words[0] not in self.shell.data["clear"]:
            raise BeyondError


def is_flag(word: str) -> bool:
    """Whether a word is an option without a value, such as ``-rf``."""
    return word[:1] == "-" and word[1:].isalnum() and len(word) < 5


def inside(path: str) -> bool:
    """Whether a path certainly stays in the workspace or in a folder for scratch files."""
    if path == "/dev/null":
        return True
    if UNKNOWN in path or ".." in path or path[:1] in ("", "~", "-", "$", "="):
        return False
    return path[0] != "/" or path.startswith(ROOTS)
