"""What reading a shell command yields: acts, in order, and where the shell stands afterwards.

A text of an act may have holes (``holes``): parts that are known only when the command runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from routine_harness.plain import Json, Record
from routine_harness.world.holes import has_hole, is_loose, spelt

if TYPE_CHECKING:
    from routine_harness.world.github.gh.gh_plan import Plan
    from routine_harness.world.shell.transfer import Transfer

SCRATCH: Final = ("/tmp", "/var/tmp", "/dev", "/proc/self")  # noqa: S108 - paths that are read about, not written
"""Places outside a workspace where writing and deleting is nobody's business."""


HTTP_READ: Final = "http.read"
"""The kind of an act that fetches something: no effect, but the world can answer it."""
OPAQUE: Final = "command.opaque"
GH_FAILED: Final = "gh.failed"
"""The kind of an act that ``gh`` refuses itself: no effect, and gh's own words."""


class Word(NamedTuple):
    """One argument; ``text`` has holes where a part is known only when the command runs."""

    text: str

    @property
    def known(self) -> bool:
        return not has_hole(self.text)

    @property
    def split(self) -> bool:
        """Whether an unquoted part is not known, so that it may be any number of arguments."""
        return is_loose(self.text)

    @property
    def quoted(self) -> str:
        """The word as a shell would take it back."""
        return "'" + self.text.replace("'", "'\\''") + "'"


_NONE: Final[Mapping[str, Json]] = MappingProxyType({})


class Act(NamedTuple):
    """One outward act: a tool call (``tool``) or an effect for which no tool exists (``kind``).

    A tool call may be a read. ``plan`` is the plan of the ``gh`` command that it belongs to, or curl's
    transfer; ``refused`` is what the program said that did not do it. Of a ``declared`` effect somebody has
    said that it happens, so that no model carries it out.
    """

    kind: str = ""
    fields: Mapping[str, Json] = _NONE
    connector: str = ""
    tool: str = ""
    server: str = ""
    arguments: Mapping[str, Json] = _NONE
    plan: Plan | Transfer | None = None
    refused: str = ""
    declared: bool = False


class Context(NamedTuple):
    """Where a shell stands: what one command leaves for the next.

    ``repository`` is the ``owner/name`` whose clone is the working directory, ``branch`` what is
    checked out; both may be unknown (empty). ``directory`` is relative to where the session
    began. ``workspace`` are the absolute folders that belong to the run. ``remotes`` maps names
    other than ``origin`` to repositories, ``tags`` are those made here, and ``commits`` the
    messages of commits that no push has carried yet. ``aliases`` maps ``git x`` and ``gh x`` to what
    they stand for, ``files`` the path of each file that a command wrote to its text. ``now`` is the
    world's clock in seconds since 1970. ``protected`` are places that belong to nobody's
    work, though they lie in the workspace: relative to where the session began, or absolute.
    ``trees`` are further working trees of the clone, each with its branch. ``message`` is that of the last
    commit made here, pushed or not.
    """

    repository: str = ""
    branch: str = ""
    directory: str = ""
    workspace: tuple[str, ...] = ("/home/user", "/workspace", "/workspaces")
    remotes: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    now: float | None = None
    protected: tuple[str, ...] = ()
    trees: tuple[tuple[str, str], ...] = ()
    message: str = ""

    @property
    def head(self) -> str:
        """The branch that is checked out where the shell stands."""
        return dict(self.trees).get(self.directory, self.branch)

    def on(self, branch: str) -> Context:
        """The context with another branch checked out where the shell stands."""
        trees = dict(self.trees)
        if self.directory not in trees:
            return self._replace(branch=branch)
        return self._replace(trees=tuple({**trees, self.directory: branch}.items()))


def undecided(reason: str, command: str = "", program: str = "") -> Act:
    """Something may happen here that reading cannot tell."""
    return Act(
        "command.undecided", _given(reason=spelt(reason), command=shown(command), program=spelt(program))
    )


def opaque(program: str, command: str = "") -> Act:
    """A program runs, and its arguments do not say what it does."""
    return Act(OPAQUE, _given(program=spelt(program), command=shown(command)))


def effect(kind: str, connector: str = "", **fields: Json) -> Act:
    """An effect without a tool; fields that are None or empty texts are left out."""
    return Act(kind, _given(**fields), connector)


def call(tool: str, repository: str = "", **arguments: Json) -> Act:
    """A call of a GitHub tool; arguments that are None are left out."""
    owner, slash, name = repository.partition("/")
    given: Record = {"owner": owner, "repo": name} if name else {}
    if repository and not slash:  # "$REPO": both parts are in the one hole
        given = {"owner": repository, "repo": repository}
    given |= {key: value for key, value in arguments.items() if value is not None}
    return Act(connector="github", tool=tool, arguments=given)


def _given(**fields: Json) -> Record:
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def shown(text: str) -> str:
    """A command for people, cut where it is long."""
    return spelt(text)[:2000]


def line_of(argv: list[Word]) -> str:
    """The words as one line for people."""
    return " ".join(spelt(word.text) if word.text and not word.text.isspace() else "''" for word in argv)
