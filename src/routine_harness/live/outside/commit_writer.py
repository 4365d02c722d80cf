"""Commits of the world, written into a bare repository where they are missing.

What the world says of a commit is laid over what git has of its parent, so that a repository made
from a checkout keeps the files that the world does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from routine_harness.live.outside.git_program import ZERO, Git, GitError, git_environment
from routine_harness.live.outside.ids import Ids
from routine_harness.plain import Json, Record
from routine_harness.world.github.operations import contents
from routine_harness.world.github.operations.operation import Incomplete
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.patches import apply_patch
from routine_harness.world.state import World
from routine_harness.world.times import instant

_INDEX = {"GIT_INDEX_FILE": "index-of-the-harness"}


class Commits:
    """Writes what ``world`` says of one repository; ``ids`` learns what each commit is called in git."""

    def __init__(self, git: Git, path: Path, repository: str, world: World, ids: Ids) -> None:
        self._git = git
        self._path, self._repository, self._world, self._ids = path, repository, world, ids

    def find(self, sha: str) -> str:
        """Git's id of a commit of the world; empty where git has none."""
        return self.resolve(f"{self._ids.of_git(sha)}^{{commit}}")

    def write(self, sha: str, *, onto: str = "") -> str:
        """The commit ``sha``, written after its parents where git lacks it; empty where the world knows
        neither what it changes nor what it is on top of. ``onto`` is its parent if it names none."""
        for current, row in self._missing(sha):
            parents = [found for parent in row.get("parents") or [] if (found := self.find(str(parent)))]
            parents = parents or ([onto] if onto and not row.get("root") else [])
            if parents or row.get("root"):
                self._write_row(current, row, parents)
        return self.find(sha)

    def _missing(self, sha: str) -> list[tuple[str, Record]]:
        """What git lacks of the history of ``sha``, every commit after its parents; without recursion,
        because a world may hold a long history."""
        found: list[tuple[str, Record]] = []
        seen: set[str] = set()
        stack: list[tuple[str, Record | None]] = [(sha, None)]
        while stack:
            current, done = stack.pop()
            if done is not None:
                found.append((current, done))
            elif current not in seen:
                seen.add(current)
                row = tables.get(self._world, "commits", self._repository, current)
                if row is not None and not self.find(current):
                    stack.append((current, row))
                    stack += [(str(parent), None) for parent in row.get("parents") or []]
        return found

    def write_head(self, pull: Record, sha: str, *, onto: str, base: str) -> str:
        """The head of a pull request whose files are known: ``base`` with its patches, on ``onto``."""
        row = tables.get(self._world, "commits", self._repository, sha) or {}
        message = {"message": pull.get("title") or pull["head"], "author": pull.get("user")}
        fork = self._git.text(self._path, "merge-base", "--end-of-options", base, onto)
        patched = self._patched(pull, fork)
        tree = write_tree(self._git, self._path, patched, onto=fork if patched else onto)
        return self._write(sha, {**message, **row}, tree, [onto])

    def _patched(self, pull: Record, base: str) -> dict[str, bytes | None]:
        """The files of a pull request as its patches, or the world, have them."""
        known = contents.tree_of(self._world, self._repository, str(pull["head_sha"])) or {}
        found: dict[str, bytes | None] = {}
        rows = tables.rows(self._world, "pull_files", "number", pull["number"], self._repository)
        for row in rows:
            found |= self._changed(row, base)
            if row["filename"] in known:
                found |= _texts({row["filename"]: known[row["filename"]]})
        return found

    def _changed(self, file: Record, base: str) -> dict[str, bytes | None]:
        """What a file of a commit or pull request becomes: its patch over what ``base`` has."""
        name, old = str(file["filename"]), str(file.get("previous_filename") or file["filename"])
        if file.get("status") == "removed":
            return {name: None}
        before = self._text(base, old)
        after = apply_patch(before, str(file["patch"])) if file.get("patch") else before
        if after is None:
            return {}
        return {**({old: None} if old != name else {}), name: after.encode(errors="surrogateescape")}

    def _text(self, commit: str, name: str) -> str:
        try:
            blob = self._git.output(self._path, "cat-file", "blob", "--end-of-options", f"{commit}:{name}")
        except GitError:
            return ""  # a new file
        return blob.decode(errors="surrogateescape")

    def _write_row(self, sha: str, row: Record, parents: list[str]) -> str:
        parent = parents[0] if parents else ""
        changes: dict[str, bytes | None] = {}
        if "tree" in row:
            changes = _texts(row["tree"])
        else:
            for file in row.get("files") or []:
                changes |= self._changed(file, parent)
        merged = self._merged(parents) if "tree" not in row and len(parents) == 2 else ""
        return self._write(
            sha, row, write_tree(self._git, self._path, changes, onto=merged or parent), parents
        )

    def _merged(self, parents: list[str]) -> str:
        """The tree that git itself makes of a merge; empty where it cannot."""
        try:
            words = ("--write-tree", "--end-of-options", *parents)
            return self._git.text(self._path, "merge-tree", *words)
        except GitError:
            return ""

    def _write(self, sha: str, row: Record, tree: str, parents: list[str]) -> str:
        when = instant(row["date"]) if row.get("date") else self._world.clock
        login = str(row.get("author") or "ghost")
        name = str(row.get("author_name") or login)
        email = str(row.get("author_email") or f"{login}@users.noreply.github.com")
        people = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email}
        environment = git_environment(when) | people
        message = str(row.get("message") or "Commit")
        commit = write_commit(self._git, self._path, tree, message, parents=parents, environment=environment)
        self._ids.add(sha, commit)
        return commit

    def resolve(self, name: str) -> str:
        """The object of a revision; empty if there is none."""
        return self._git.resolve(self._path, name)


def _texts(tree: Mapping[str, Json]) -> dict[str, bytes | None]:
    """The files of a tree whose content the world holds; None is a deleted one."""
    found: dict[str, bytes | None] = {}
    for name, content in tree.items():
        try:
            found[name] = None if content is None else contents.content_bytes(content, name)
        except Incomplete:
            continue
    return found


def commit_files(
    git: Git, path: Path, branch: str, files: Mapping[str, bytes], message: str,
    *, parent: str = "", instant: int = 0,
) -> str:  # fmt: skip
    """A commit that lays ``files`` over ``parent``, on ``branch`` of a bare repository; its id."""
    tree = write_tree(git, path, files, onto=parent)
    parents = [parent] if parent else []
    commit = write_commit(git, path, tree, message, parents=parents, environment=git_environment(instant))
    git.text(path, "update-ref", "--end-of-options", f"refs/heads/{branch}", commit)
    return commit


def write_tree(git: Git, path: Path, files: Mapping[str, bytes | None], *, onto: str = "") -> str:
    """The tree of ``onto``, a commit or tree or nothing, with ``files`` laid over it; None deletes one."""
    read = ("--end-of-options", onto) if onto else ("--empty",)
    git.text(path, "read-tree", *read, environment=_INDEX)
    listed = git.output(path, "ls-files", "-s", "-z", environment=_INDEX).decode(errors="surrogateescape")
    modes = {line.partition("\t")[2]: line[:6] for line in listed.split("\0") if line}
    blobs = _write_blobs(git, path, {name: text for name, text in files.items() if text is not None})
    lines = [
        f"{modes.get(name, '100644')} {blobs[name]}\t{name}\0" if name in blobs else f"0 {ZERO}\t{name}\0"
        for name in sorted(files)
    ]
    told = "".join(lines).encode(errors="surrogateescape")
    git.text(path, "update-index", "-z", "--index-info", content=told, environment=_INDEX)
    tree = git.text(path, "write-tree", environment=_INDEX)
    (path / _INDEX["GIT_INDEX_FILE"]).unlink()
    return tree


def _write_blobs(git: Git, path: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    """The blobs of ``files`` by name, written in one go."""
    if not files:
        return {}
    stream = b"".join(
        b"blob\nmark :%d\ndata %d\n%s\nget-mark :%d\n" % (number, len(content), content, number)
        for number, content in enumerate(files.values(), 1)
    )
    written = git.text(path, "fast-import", "--quiet", content=stream).split()
    return dict(zip(files, written, strict=True))


def write_commit(
    git: Git, path: Path, tree: str, message: str, *, parents: Sequence[str], environment: Mapping[str, str]
) -> str:
    """A commit of ``tree``, on no branch yet; ``environment`` says by whom and when."""
    above = [word for parent in parents for word in ("-p", parent)]
    return git.text(
        path, "commit-tree", tree, *above, "-F", "-", content=message.encode(), environment=environment
    )
