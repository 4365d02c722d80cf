"""What reading a shell command yields: acts, in order, and where the shell stands afterwards.

Standard library only, and named tuples instead of data classes, whose import alone takes as long as
starting an interpreter: the guard reads commands while a session waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

SCRATCH: Final = ("/tmp", "/var/tmp", "/dev", "/proc/self")  # noqa: S108 - paths that are read about, not written
"""Places outside a workspace where writing and deleting is nobody's business."""


HTTP_READ: Final = "http.read"
"""The kind of an act that fetches something: no effect, but the world can answer it."""


class Word(NamedTuple):
    """One argument. ``known`` is false where a part of ``text`` is only known when it runs;
    ``split`` where such a part is unquoted, so that it may be any number of arguments."""

    text: str
    known: bool = True
    split: bool = False


_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Act(NamedTuple):
    """One outward act: a tool call (``tool``) or an effect for which no tool exists (``kind``).

    A tool call may be a read, and lacks the arguments that cannot be known.
    """

    kind: str = ""
    fields: Mapping[str, Any] = _NONE
    connector: str = ""
    tool: str = ""
    server: str = ""
    arguments: Mapping[str, Any] = _NONE


class Context(NamedTuple):
    """Where a shell stands: what one command leaves for the next.

    ``repository`` is the ``owner/name`` whose clone is the working directory, ``branch`` what is
    checked out; both may be unknown (empty). ``directory`` is relative to where the session
    began. ``workspace`` are the absolute folders that belong to the run. ``remotes`` maps names
    other than ``origin`` to repositories, ``tags`` are those made here, and ``commits`` the
    messages of commits that no push has carried yet. ``protected`` are places that belong to nobody's
    work, though they lie in the workspace: relative to where the session began, or absolute.
    """

    repository: str = ""
    branch: str = ""
    directory: str = ""
    workspace: tuple[str, ...] = ("/home/user", "/workspace", "/workspaces")
    remotes: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()


def undecided(reason: str, command: str = "", program: str = "") -> Act:
    """Something may happen here that reading cannot tell."""
    return Act("command.undecided", _given(reason=reason, command=command[:2000], program=program))


def opaque(program: str, command: str = "") -> Act:
    """A program runs whose deeds cannot be read off its arguments."""
    return Act("command.opaque", _given(program=program, command=command[:2000]))


def effect(kind: str, connector: str = "", **fields: Any) -> Act:
    """An effect without a tool; fields that are None or empty texts are left out."""
    return Act(kind, _given(**fields), connector)


def call(tool: str, repository: str = "", **arguments: Any) -> Act:
    """A call of a GitHub tool; arguments that are None are left out."""
    owner, _, name = repository.partition("/")
    given = {"owner": owner, "repo": name} if name else {}
    given |= {key: value for key, value in arguments.items() if value is not None}
    return Act(connector="github", tool=tool, arguments=given)


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def spelt(argv: list[Word]) -> str:
    """The words as one line for people."""
    return " ".join(word.text if word.text and not word.text.isspace() else "''" for word in argv)
