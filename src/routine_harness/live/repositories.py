"""The routine's repositories for a live run: an origin each, and a fresh clone per run.

An origin is made once per pair, so that the second run finds what the first one pushed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from routine_harness.live.git import commit_files, create_origin, run_git
from routine_harness.routine.spec import Routine
from routine_harness.world.github import contents, tables
from routine_harness.world.github.answers import Incomplete
from routine_harness.world.state import Record, World


def create_origins(folder: Path, routine: Routine, world: World, sources: Mapping[str, Path]) -> None:
    """An origin for every GitHub repository of the routine, with the branches of its pull requests.

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
        if not run_git("-C", str(path), "for-each-ref", "--count=1"):
            commit_files(path, default, _files(world, name, default), "Initial commit", instant=world.clock)
        for pull in tables.of_repository(world, "pulls", name):
            _add_pull(path, world, pull, default)


def clone(origins: Path, full_name: str, place: Path) -> None:
    """A clone of its own objects, whose ``origin`` is the address that the platform would give it."""
    source = origins / f"{full_name}.git"
    run_git("clone", "--quiet", "--no-hardlinks", "--template=", str(source), str(place))
    run_git("-C", str(place), "remote", "set-url", "origin", f"https://github.com/{full_name}.git")
    (place / ".git" / "info").mkdir(exist_ok=True)
    shutil.rmtree(place / ".git" / "hooks", ignore_errors=True)


def _add_pull(path: Path, world: World, pull: Record, default: str) -> None:
    """The head of a pull request as a branch (of this repository) and as ``refs/pull/N/head``."""
    base = str(pull.get("base") or default)
    if not _resolve(path, f"refs/heads/{base}"):
        run_git("-C", str(path), "update-ref", f"refs/heads/{base}", f"refs/heads/{default}")
    head, ours = str(pull["head"]), pull.get("head_repository") == pull["repository"]
    tip = _resolve(path, f"refs/heads/{head}") if ours else ""
    if not tip:
        parent = _resolve(path, f"refs/heads/{base}")
        files = _pull_files(world, pull)
        branch = head if ours else f"routine-harness/pull-{pull['number']}"
        tip = commit_files(
            path, branch, files, str(pull.get("title") or head), parent=parent, instant=world.clock
        )
        if not ours:
            run_git("-C", str(path), "update-ref", "-d", f"refs/heads/{branch}")
    run_git("-C", str(path), "update-ref", f"refs/pull/{pull['number']}/head", tip)


def _resolve(path: Path, ref: str) -> str:
    return run_git("-C", str(path), "for-each-ref", "--format=%(objectname)", ref)


def _files(world: World, repository: str, ref: str) -> dict[str, bytes]:
    """The files at ``ref`` as the world knows them; nothing where it knows none."""
    sha = contents.resolve_ref(world, repository, ref)
    tree = contents.tree_of(world, repository, sha) if sha is not None else None
    return _known(tree or {})


def _pull_files(world: World, pull: Record) -> dict[str, bytes]:
    """The files that a pull request changes, as they are at its head."""
    repository = str(pull["repository"])
    tree = contents.tree_of(world, repository, str(pull.get("head_sha") or ""))
    changed = {
        row["filename"] for row in tables.rows(world, "pull_files", "number", pull["number"], repository)
    }
    known = _known(tree or {})
    return {name: known[name] for name in sorted(changed) if name in known}


def _known(tree: Mapping[str, Any]) -> dict[str, bytes]:
    """The files whose content the world holds."""
    found = {}
    for name, content in tree.items():
        try:
            found[name] = contents.content_bytes(content, name)
        except Incomplete:
            continue
    return found
