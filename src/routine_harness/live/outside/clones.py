"""The routine's repositories for a live run: an origin each, and a fresh clone per run.

An origin is made once per pair, so that the second run finds what the first one pushed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from routine_harness.case.cloud_session import CloudSession
from routine_harness.live.outside.commit_writer import commit_files
from routine_harness.live.outside.git_program import Git
from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Routine
from routine_harness.world.github.operations import contents
from routine_harness.world.github.operations.operation import Incomplete
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

_HERE: Final = Git()
"""Git on this machine: an origin is made before any run has begun."""

_SETTINGS: Final = (("receive.denyDeleteCurrent", "ignore"), ("receive.advertisePushOptions", "false"),
                    ("gc.auto", "0"))  # fmt: skip

# git runs this for every ref of a push; what the harness refuses is not taken.
_UPDATE_HOOK: Final = """\
#!/bin/sh
printf '%s\\n' "$ROUTINE_REFUSED" | while read -r ref reason; do
    if [ "$ref" = "$1" ]; then printf '%s\\n' "$reason" >&2; exit 1; fi
done
"""


def create_origins(folder: Path, routine: Routine, world: World, sources: Mapping[str, Path]) -> None:
    """An origin for every GitHub repository of the routine, with the branches of its pull requests; the
    mirror brings the others.

    ``sources`` are folders, checkouts or bundles by full name in any case; a repository without one is made
    from the world's files.

    Raises:
        AgentError: a source cannot be read.
    """
    given = {name.lower(): path for name, path in sources.items()}
    for repository in routine.repositories:
        name = repository.full_name
        row = tables.get(world, "repositories", name) or {}
        default = str(repository.branch or row.get("default_branch") or "main")
        path = create_origin(folder, name, given.get(name.lower()), default, world.clock)
        if not _HERE.tips(path):
            commit_files(
                _HERE, path, default, _files(world, name, default), "Initial commit", instant=world.clock
            )
        for pull in tables.of_repository(world, "pulls", name):
            _add_pull(path, world, pull, default)


def create_origin(
    folder: Path, full_name: str, source: Path | None, default_branch: str, instant: int = 0
) -> Path:
    """A bare repository made from a checkout, a bundle, a plain folder, or nothing.

    ``instant`` dates the commit of a plain folder.

    Raises:
        AgentError: the source cannot be read by git.
    """
    path = folder / f"{full_name}.git"
    path.parent.mkdir(parents=True, exist_ok=True)
    if source is not None and (source.is_file() or _is_repository(source)):
        _HERE.copy(source, path)
    else:
        path.mkdir()
        branch = f"--initial-branch={default_branch}"
        _HERE.text(path, "init", "--quiet", "--bare", "--template=", branch)
        if source is not None:
            files = _folder_files(source)
            commit_files(_HERE, path, default_branch, files, "Import the folder", instant=instant)
    for name, value in _SETTINGS:
        _HERE.text(path, "config", name, value)
    hook = path / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_UPDATE_HOOK)
    hook.chmod(0o755)
    return path


def clone(git: Git, origins: Path, full_name: str, place: Path, session: CloudSession | None = None) -> None:
    """A clone of its own objects, whose ``origin`` is the address that the platform would give it; it
    stands where ``session`` begins, without one at the default branch."""
    origin, address = origins / f"{full_name}.git", f"https://github.com/{full_name}.git"
    git.clone(origin, address, place)
    if session is not None and git.tips(origin):
        start = session.starts.get(full_name.lower(), "")
        git.stand(origin, address, place, session.branch, start if git.resolve(origin, start) else "")
    (place / ".git" / "info").mkdir(exist_ok=True)


def _folder_files(source: Path) -> dict[str, bytes]:
    """Every regular file below ``source`` by its relative name; links are left out."""
    return {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def _is_repository(source: Path) -> bool:
    return (source / ".git").exists() or (source / "HEAD").is_file()


def _add_pull(path: Path, world: World, pull: Record, default: str) -> None:
    """The head of a pull request as a branch (of this repository) and as ``refs/pull/N/head``."""
    base = str(pull.get("base") or default)
    if not _resolve(path, f"refs/heads/{base}"):
        _point(path, f"refs/heads/{base}", f"refs/heads/{default}")
    head, ours = str(pull["head"]), pull.get("head_repository") == pull["repository"]
    tip = _resolve(path, f"refs/heads/{head}") if ours else ""
    if not tip:
        parent = _resolve(path, f"refs/heads/{base}")
        files = _pull_files(world, pull)
        branch = head if ours else f"routine-harness/pull-{pull['number']}"
        tip = commit_files(
            _HERE, path, branch, files, str(pull.get("title") or head), parent=parent, instant=world.clock
        )
        if not ours:
            _HERE.text(path, "update-ref", "-d", "--end-of-options", f"refs/heads/{branch}")
    _point(path, f"refs/pull/{pull['number']}/head", tip)


def _point(path: Path, ref: str, to: str) -> None:
    _HERE.text(path, "update-ref", "--end-of-options", ref, to)


def _resolve(path: Path, ref: str) -> str:
    return _HERE.resolve(path, ref)


def _files(world: World, repository: str, ref: str) -> dict[str, bytes]:
    """The files of the branch ``ref`` as far as the world holds them; nothing where it knows none."""
    return _known(contents.known_files(world, repository, ref)[0])


def _pull_files(world: World, pull: Record) -> dict[str, bytes]:
    """The files that a pull request changes, as they are at its head."""
    repository = str(pull["repository"])
    tree = contents.tree_of(world, repository, str(pull.get("head_sha") or ""))
    changed = {
        row["filename"] for row in tables.rows(world, "pull_files", "number", pull["number"], repository)
    }
    known = _known(tree or {})
    return {name: known[name] for name in sorted(changed) if name in known}


def _known(tree: Mapping[str, Json]) -> dict[str, bytes]:
    """The files whose content the world holds."""
    found = {}
    for name, content in tree.items():
        try:
            found[name] = contents.content_bytes(content, name)
        except Incomplete:
            continue
    return found
