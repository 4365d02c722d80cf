"""A push as a client asks for it: what its request says is checked before git hears any of it.

Object ids are 40 or 64 hex digits, refs keep to git's own rules for names; anything else is malformed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from routine_harness.live.outside.git_program import ZERO
from routine_harness.world.github.operations.refs import is_ref
from routine_harness.world.github.push_rule import Pushed

MAXIMUM_REFS: Final = 200
AGENT_EMAILS: Final = ("noreply@anthropic.com",)
_OBJECT: Final = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_LENGTH: Final = re.compile(rb"[0-9a-fA-F]{4}\Z")


class Commit(msgspec.Struct, frozen=True):
    sha: str
    author: str
    email: str
    message: str


class Push(msgspec.Struct, frozen=True):
    """One ref of one push: what it was and should become, commits oldest first, and why it was refused.

    ``changes`` are the texts of the changed files as they would become, None where one is deleted;
    what is no text, or too long, is left out. ``malformed`` is why it is no push at all.
    """

    repository: str
    ref: str = ""
    before: str = ""
    after: str = ""
    commits: tuple[Commit, ...] = ()
    diff: str = ""
    files: tuple[str, ...] = ()
    changes: dict[str, str | None] = {}
    forced: bool = False
    refused: str = ""
    malformed: str = ""

    @property
    def branch(self) -> str:
        """The branch's name; empty where the ref is no branch."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""

    @property
    def creates(self) -> bool:
        return self.before == ZERO

    @property
    def deletes(self) -> bool:
        return self.after == ZERO

    @property
    def asked(self) -> Pushed:
        """The push as the rule of pushes sees it."""
        others = sorted({commit.author for commit in self.commits if commit.email not in AGENT_EMAILS})
        return Pushed(
            self.repository, self.ref, self.deletes, self.creates, self.forced, tuple(others),
            tuple(commit.message for commit in self.commits),
        )  # fmt: skip


Refuse = Callable[[Push], str]
"""Why a push may not be, or an empty text; asked before the push is taken."""


class Command(msgspec.Struct, frozen=True):
    """What a client wants of one ref: the object that it takes it for, and the one that it shall be."""

    before: str
    after: str
    ref: str


def parse_commands(body: bytes) -> tuple[list[Command], bytes]:
    """The commands of a receive-pack request, and the pack behind them.

    Raises:
        ValueError: the request is not one; the message says why.
    """
    commands = []
    pack = len(body)
    for line, position in _packets(body):
        pack = position
        if line is not None and not line.startswith("shallow "):
            commands.append(_command(line))
        elif line is not None:
            _check_object(line.removeprefix("shallow "))
    if len(commands) > MAXIMUM_REFS:
        raise ValueError(f"expected at most {MAXIMUM_REFS} refs in one push, found {len(commands)}")
    return commands, body[pack:]


def _packets(body: bytes) -> Iterator[tuple[str | None, int]]:
    """The lines of a request up to the empty packet, which is None, each with where the next begins."""
    position = 0
    while True:
        digits = body[position : position + 4]
        if not _LENGTH.match(digits):
            raise ValueError(f"expected the length of a line, four hex digits, found {digits!r}")
        length = int(digits, 16)
        if length == 0:
            yield None, position + 4
            return
        if length <= 4 or position + length > len(body):
            raise ValueError(f"expected a line of the length that it names, {length}")
        line = body[position + 4 : position + length].partition(b"\0")[0]
        position += length
        yield _decoded(line).removesuffix("\n"), position


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"expected a ref's name in UTF-8, found {line[:100]!r}") from error


def _command(line: str) -> Command:
    before, _, rest = line.partition(" ")
    after, _, ref = rest.partition(" ")
    _check_object(before)
    _check_object(after)
    if not is_ref(ref):
        raise ValueError(f"expected the name of a ref, such as refs/heads/main, found {ref[:100]!r}")
    return Command(before, after, ref)


def _check_object(name: str) -> None:
    if not _OBJECT.match(name):
        raise ValueError(f"expected an object's id, 40 or 64 hex digits, found {name[:100]!r}")
