"""Git as the harness runs it: no configuration but its own, objects never shared.

Over objects that a run has made it works in a sandbox of its own, which holds that repository and
nothing else. What is there before a run begins, it may do on this machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from routine_harness.errors import AgentError
from routine_harness.live.sandbox.isolation import EXPOSED, Isolation, run_to_end
from routine_harness.live.sandbox.limits import LIMITS, Limits
from routine_harness.live.sandbox.view import Mount, Program

ZERO: Final = "0" * 40
EMPTY_TREE: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
GIT_SECONDS: Final = 120.0
MOST: Final = 1 << 30
"""The bytes that git may print; more is an error."""

_REPOSITORY: Final = "/repository"
_QUARANTINE: Final = "/quarantine"
_CLONE: Final = "/clone"
_LIMITS: Final = Limits(space=LIMITS.memory)
"""Nothing measures git from outside: the kernel bounds its memory by its addresses."""
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


class GitError(AgentError):
    """Git could not do it; what it said is the message."""


@dataclass(frozen=True)
class Git:
    """Git over bare repositories: in a sandbox for each command, or on this machine (``EXPOSED``)."""

    isolation: Isolation = EXPOSED

    def output(
        self, path: Path, *arguments: str, content: bytes = b"",
        environment: Mapping[str, str] | None = None, quarantine: Path | None = None, most: int = MOST,
        strict: bool = True,
    ) -> bytes:  # fmt: skip
        """What git prints, whose working folder is the repository ``path``; ``content`` is its input.

        With ``quarantine`` new objects go there, and the repository stays as it is. Without ``strict``
        what it printed counts although it failed.

        Raises:
            GitError: git failed, took too long or printed more than ``most`` bytes.
        """
        folder, at = self._places(path, quarantine)
        variables = {**git_environment(), **(environment or {}), "GIT_DIR": "."}
        if quarantine is not None:
            variables |= {"GIT_OBJECT_DIRECTORY": at, "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{folder}/objects"}
        if self._exposed:
            return self._done(arguments, variables, folder, (), content, most, strict)
        mounts = [Mount(path, _REPOSITORY, writable=quarantine is None)]
        if quarantine is not None:
            mounts.append(Mount(quarantine, _QUARANTINE, writable=True))
        else:
            mounts += [Mount(path / name, f"{_REPOSITORY}/{name}") for name in ("config", "hooks")]
        return self._done(arguments, variables, folder, mounts, content, most, strict)

    def text(
        self, path: Path, *arguments: str, content: bytes = b"",
        environment: Mapping[str, str] | None = None, quarantine: Path | None = None,
    ) -> str:  # fmt: skip
        """What git prints, without its last line break.

        Raises:
            GitError: see ``output``.
        """
        printed = self.output(
            path, *arguments, content=content, environment=environment, quarantine=quarantine
        )
        return printed.decode(errors="replace").rstrip("\n")

    def resolve(self, path: Path, name: str) -> str:
        """The object of a revision; empty if there is none."""
        try:
            return self.text(path, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
        except GitError:
            return ""

    def tips(self, path: Path, prefix: str = "refs") -> dict[str, str]:
        """Every ref below ``prefix`` and its object."""
        form = "--format=%(refname) %(objectname)"
        listed = self.text(path, "for-each-ref", form, "--end-of-options", prefix)
        return dict(line.split(" ", 1)[:2] for line in listed.splitlines())

    def clone(self, path: Path, address: str, place: Path) -> None:
        """A clone with objects of its own at ``place``, whose ``origin`` is ``address``.

        Raises:
            GitError: see ``output``.
        """
        place.mkdir()
        target = str(place) if self._exposed else _CLONE
        self._in_clone(path, address, place, "clone", "--quiet", "--template=", "--end-of-options", address,
                       target)  # fmt: skip

    def stand(self, path: Path, address: str, place: Path, branch: str, start: str = "") -> None:
        """Let the clone at ``place`` stand on a new ``branch`` (empty: on none) at ``start``, a ref of its
        origin, or where it stands.

        Raises:
            GitError: see ``output``.
        """
        here = ("-C", str(place) if self._exposed else _CLONE)
        if start:
            self._in_clone(
                path, address, place, *here, "fetch", "--quiet", "--end-of-options", address, start
            )
        to = ("-b", branch) if branch else ("--detach",)
        self._in_clone(
            path, address, place, *here, "checkout", "--quiet", *to, *(("FETCH_HEAD",) * bool(start))
        )

    def _in_clone(self, path: Path, address: str, place: Path, *words: str) -> None:
        """Git, to which ``address`` means ``path``, with the clone at ``place``."""
        source = str(path) if self._exposed else _REPOSITORY
        given = ("-c", f"url.{source}.insteadOf={address}", *words)
        mounts = () if self._exposed else (Mount(path, _REPOSITORY), Mount(place, _CLONE, writable=True))
        self._done(given, git_environment(), "/", mounts, b"", MOST, strict=True)

    def copy(self, source: Path, path: Path) -> None:
        """A bare repository at ``path`` from a checkout or a bundle of the user's, on this machine.

        Objects are copied, never linked or borrowed; the source's own hooks and configuration stay out.

        Raises:
            GitError: see ``output``.
        """
        words = ["clone", "--quiet", "--bare", "--no-hardlinks", "--template=", "--end-of-options",
                 str(source.absolute()), str(path)]  # fmt: skip
        self._done(words, git_environment(), "/", (), b"", MOST, strict=True)
        self.output(path, "remote", "remove", "origin")

    def of_checkout(self, folder: Path, *words: str) -> str:
        """What git prints of a checkout of the user's, on this machine.

        Raises:
            GitError: see ``output``.
        """
        printed = self._done(words, git_environment(), str(folder), (), b"", MOST, strict=True)
        return printed.decode(errors="replace").rstrip("\n")

    @property
    def _exposed(self) -> bool:
        return self.isolation.kind == "none"

    def _places(self, path: Path, quarantine: Path | None) -> tuple[str, str]:
        """The repository and the quarantine as git sees them."""
        if self._exposed:
            return str(path), str(quarantine or "")
        return _REPOSITORY, _QUARANTINE

    def _done(
        self, arguments: Sequence[str], variables: Mapping[str, str], folder: str, mounts: Iterable[Mount],
        content: bytes, most: int, strict: bool,
    ) -> bytes:  # fmt: skip
        path = os.environ.get("PATH", os.defpath) if self._exposed else _PATH
        words = ("git", *arguments)
        program = Program(words, {**variables, "PATH": path}, folder, tuple(mounts), limits=_LIMITS)
        done = run_to_end(program, self.isolation, content, seconds=GIT_SECONDS, most=most)
        named = f"git {next((word for word in arguments if word.isalpha() or '-' in word[1:]), '')}"
        if done.failure:
            raise GitError.at("", 0, f"{named} {done.failure}")
        if done.code and strict:
            raise GitError.at("", 0, f"{named} failed: {done.complaint}")
        return done.out


def git_environment(instant: int = 0) -> dict[str, str]:
    """An environment in which git reads no configuration of the user's or the system's."""
    stamp = f"@{instant} +0000"
    return {"HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "GIT_AUTHOR_NAME": "routine-harness",
            "GIT_AUTHOR_EMAIL": "harness@example.com", "GIT_COMMITTER_NAME": "routine-harness",
            "GIT_COMMITTER_EMAIL": "harness@example.com", "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_DATE": stamp, "LC_ALL": "C"}  # fmt: skip
