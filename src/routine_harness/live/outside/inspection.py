"""What a push would do: its commits, its diff and its files, from the objects that it brings.

The objects lie beside the repository, where nothing counts them yet. Git reads them in a sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.live.outside.git_program import EMPTY_TREE, ZERO, Git, GitError
from routine_harness.live.outside.push import Command, Commit, Push

MAXIMUM_DIFF: Final = 200_000
MAXIMUM_FILES: Final = 100
MAXIMUM_FILE: Final = 100_000
MAXIMUM_PRINTED: Final = 64 * 1024 * 1024

_LOG: Final = "--format=tformat:%H%x00%an%x00%ae%x00%B"
_FILES: Final = ("100644", "100755", "120000")
_DIFF: Final = ("diff", "--no-renames", "--no-ext-diff", "--no-textconv")


class Inspection:
    """Looks at the pushes of one request to the repository at ``path``."""

    def __init__(self, git: Git, path: Path, quarantine: Path) -> None:
        self._git, self._path, self._quarantine = git, path, quarantine
        self._tips: Mapping[str, str] = {}

    def unpack(self, pack: bytes) -> None:
        """Put the objects of a push beside the repository.

        Raises:
            GitError: it is no pack, or leans on objects that nobody has.
        """
        (self._quarantine / "pack").mkdir()
        self._tips = self._git.tips(self._path)
        if pack:
            self._output("index-pack", "--stdin", "--fix-thin", content=pack)

    def look(self, repository: str, command: Command) -> Push:
        """The push of one ref, from what the ref is now to what it shall be.

        Raises:
            GitError: an object is missing, or one prints more than can be looked at.
        """
        before = self._tips.get(command.ref, ZERO)
        push = Push(repository, command.ref, before, command.after)
        if push.deletes or self._text("cat-file", "-t", "--end-of-options", f"{push.after}^{{}}") != "commit":
            return push
        tip = self._text("rev-parse", "--verify", "--end-of-options", f"{push.after}^{{commit}}")
        base = self._commit(before) if not push.creates else self._fork_point(tip)
        changed = dict(self._changed(base or EMPTY_TREE, tip))
        return msgspec.structs.replace(
            push,
            commits=tuple(self._commits(tip, base)),
            diff=self._diff(base or EMPTY_TREE, tip),
            files=tuple(changed),
            changes=self._texts(changed),
            forced=bool(base) and not push.creates and self._left_behind(base, tip),
        )

    def _output(self, *arguments: str, content: bytes = b"") -> bytes:
        return self._git.output(
            self._path, *arguments, content=content, quarantine=self._quarantine, most=MAXIMUM_PRINTED
        )

    def _text(self, *arguments: str) -> str:
        return self._output(*arguments).decode(errors="replace").rstrip("\n")

    def _commit(self, name: str) -> str:
        """The commit behind a ref that is there; empty where it is no commit."""
        try:
            return self._text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitError:
            return ""

    def _fork_point(self, tip: str) -> str:
        """Where a new branch leaves the branches that are there; empty if it shares nothing with them."""
        known = ("--not", "--branches", "--not", "--end-of-options")
        new = self._text("rev-list", "--reverse", "--topo-order", *known, tip).split()
        if not new:
            return tip
        above = self._text("rev-list", "--parents", "-n", "1", "--end-of-options", new[0]).split()[1:]
        return above[0] if above else ""

    def _left_behind(self, base: str, tip: str) -> bool:
        """Whether ``tip`` lacks something of ``base``."""
        return bool(self._text("rev-list", "-n", "1", "--end-of-options", base, f"^{tip}"))

    def _commits(self, tip: str, base: str) -> Iterator[Commit]:
        range_ = [tip, f"^{base}"] if base else [tip]
        fields = self._text("log", "-z", "--reverse", _LOG, "--end-of-options", *range_).split("\0")
        for sha, author, email, message in zip(*[iter(fields)] * 4, strict=False):
            yield Commit(sha, author, email, message.rstrip("\n"))

    def _diff(self, base: str, tip: str) -> str:
        """The diff, cut where it is long."""
        printed = self._output(*_DIFF, "--end-of-options", base, tip)
        return printed.decode(errors="replace").rstrip("\n")[:MAXIMUM_DIFF]

    def _changed(self, base: str, tip: str) -> Iterator[tuple[str, str]]:
        """Every changed file and its new blob: empty where it is gone, or has none, as a submodule."""
        listed = self._output(*_DIFF, "--raw", "-z", "--no-abbrev", "--end-of-options", base, tip)
        fields = listed.split(b"\0")
        for about, name in zip(fields[::2], fields[1::2], strict=False):
            _, mode, _, blob, status = about.decode().split(" ")
            if status == "D":
                yield _shown(name), ""
            else:
                yield _shown(name), blob if mode in _FILES else ZERO

    def _texts(self, changed: Mapping[str, str]) -> dict[str, str | None]:
        """The texts of the first of the changed files."""
        first = dict(list(changed.items())[:MAXIMUM_FILES])
        contents = self._blobs({blob for blob in first.values() if blob not in ("", ZERO)})
        texts: dict[str, str | None] = {}
        for name, blob in first.items():
            if not blob:
                texts[name] = None
            elif (content := contents.get(blob)) is not None and b"\0" not in content:
                texts[name] = content.decode(errors="replace")
        return texts

    def _blobs(self, wanted: set[str]) -> dict[str, bytes]:
        """The contents of those blobs that are no longer than a file may be."""
        asked = "".join(f"{blob}\n" for blob in sorted(wanted)).encode()
        sizes = self._output("cat-file", "--batch-check", content=asked).decode().splitlines()
        if lacking := next((line for line in sizes if line.endswith(" missing")), ""):
            raise GitError.at("", 0, f"the push lacks an object: {lacking}")
        small = [line.split(" ")[0] for line in sizes if int(line.split(" ")[-1]) <= MAXIMUM_FILE]
        asked = "".join(f"{blob}\n" for blob in small).encode()
        printed = self._output("cat-file", "--batch", content=asked) if small else b""
        contents = {}
        while printed:
            head, _, printed = printed.partition(b"\n")
            blob, _, size = head.decode().split(" ")
            contents[blob], printed = printed[: int(size)], printed[int(size) + 1 :]
        return contents


def _shown(name: bytes) -> str:
    """A file's name as it is kept: git allows any byte in it, what is no UTF-8 is spelt out."""
    return name.decode(errors="backslashreplace")
