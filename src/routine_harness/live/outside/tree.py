"""Trees and commits, written into a bare repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from routine_harness.live.outside.git import ZERO, Git, git_environment

_INDEX = {"GIT_INDEX_FILE": "index-of-the-harness"}


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
