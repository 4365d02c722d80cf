"""The origins kept at what the world says: what tools, and others between the runs, did to branches.

A push goes the other way, from git into the world. It is noted here, so that nothing is done twice.
"""

from __future__ import annotations

from pathlib import Path

from routine_harness.live.outside.commit_writer import Commits
from routine_harness.live.outside.git_program import Git
from routine_harness.live.outside.ids import Ids, ids_of
from routine_harness.live.outside.push import Push
from routine_harness.plain import Record
from routine_harness.routine.spec import Routine
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

Tips = dict[str, str]
"""Ref → the commit that the world has there."""


class Mirror:
    """The origins below ``folder``, fresh from ``world``; ``ids`` are their commits' two names."""

    def __init__(self, git: Git, folder: Path, routine: Routine, world: World) -> None:
        """``git`` is how git works once a run has begun."""
        self._git = Git()
        self._folder = folder
        self._names = [repository.full_name for repository in routine.repositories]
        self.ids: Ids = ids_of(self._git, folder, routine, world)
        self._world = world
        self._tips = {name: self._completed(name) for name in self._names}
        self._git = git

    def follow(self, world: World) -> None:
        """Bring the origins to ``world``: refs that have moved since, new ones, and those that are gone."""
        if world is self._world:
            return
        for name in self._names:
            tips = _tips(world, name)
            if tips != self._tips[name]:
                self._bring(name, world, self._tips[name], tips)
                self._tips[name] = tips
        self._world = world

    def pushed(self, push: Push, world: World) -> None:
        """``world`` has a push that git has taken."""
        if push.refused or push.repository not in self._tips:
            return
        now, known = _tips(world, push.repository), self._tips[push.repository]
        pulls = {_pull_ref(pull) for pull in _heads(world, push.repository, push.branch)}
        for ref in sorted({push.ref, *pulls}):
            known.pop(ref, None)
            if ref in now:
                known[ref] = now[ref]
                if not push.deletes:
                    self.ids.add(now[ref], push.after)
            if ref in pulls and not push.deletes:
                self._point(self._path(push.repository), ref, push.after)

    def _completed(self, name: str) -> Tips:
        """The refs that the world knows of a repository, those that its origin lacked among them."""
        tips, there = _tips(self._world, name), self._git.tips(self._path(name))
        self._bring(name, self._world, {ref: sha for ref, sha in tips.items() if ref in there}, tips)
        return tips

    def _point(self, path: Path, ref: str, to: str) -> None:
        self._git.text(path, "update-ref", "--end-of-options", ref, to)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.git"

    def _bring(self, name: str, world: World, before: Tips, now: Tips) -> None:
        path = self._path(name)
        commits = Commits(self._git, path, name, world, self.ids)
        for ref in sorted(before.keys() - now.keys()):
            self._git.text(path, "update-ref", "-d", "--end-of-options", ref)
        for ref, sha in now.items():
            if before.get(ref) == sha:
                continue
            pull = _pull_of(world, name, ref)
            tip = self._head(commits, world, pull, sha) if pull is not None else ""
            tip = tip or commits.write(sha, onto=commits.resolve(ref)) or self._stand_in(commits, ref, sha)
            if tip:
                self._point(path, ref, tip)
            if tip and pull is not None and _leads(world, pull, now):
                self._point(path, f"refs/heads/{pull['head']}", tip)

    def _stand_in(self, commits: Commits, ref: str, sha: str) -> str:
        """What a new ref points to if only its name is known: the tip of the default branch."""
        tip = "" if commits.resolve(ref) else commits.resolve("HEAD")
        if tip:
            self.ids.add(sha, tip)
        return tip

    def _head(self, commits: Commits, world: World, pull: Record, sha: str) -> str:
        """The head of a pull request that its patches or its list of commits tell of."""
        row = tables.get(world, "commits", pull["repository"], sha) or {}
        if commits.find(sha) or "tree" in row or row.get("parents"):
            return commits.write(sha)
        base = commits.resolve(f"refs/heads/{pull['base']}") or commits.resolve("HEAD")
        onto = commits.resolve(_pull_ref(pull)) or base
        if not onto:
            return ""
        for link in tables.rows(world, "pull_commits", "number", pull["number"], pull["repository"]):
            listed = tables.get(self._world, "pull_commits", pull["repository"], pull["number"], link["sha"])
            if listed is None and link["sha"] != sha:
                onto = commits.write(link["sha"], onto=onto) or onto
        return commits.write_head(pull, sha, onto=onto, base=base)


def _tips(world: World, name: str) -> Tips:
    """The refs of a repository that the world knows, branches first: they say what heads are made of."""
    found = {
        f"refs/{kind}/{row['name']}": str(row["sha"])
        for table, kind in (("branches", "heads"), ("tags", "tags"))
        for row in tables.of_repository(world, table, name)
        if row.get("sha")
    }
    pulls = tables.of_repository(world, "pulls", name)
    return found | {_pull_ref(pull): str(pull["head_sha"]) for pull in pulls if pull.get("head_sha")}


def _pull_ref(pull: Record) -> str:
    return f"refs/pull/{pull['number']}/head"


def _pull_of(world: World, name: str, ref: str) -> Record | None:
    """The pull request that a ref is the head of, as ``refs/pull/N/head`` or as a branch at its head."""
    for pull in tables.of_repository(world, "pulls", name):
        if ref == _pull_ref(pull):
            return pull
    for pull in _heads(world, name, ref.removeprefix("refs/heads/")):
        branch = tables.get(world, "branches", name, pull["head"])
        if branch is not None and branch.get("sha") == pull["head_sha"]:
            return pull
    return None


def _heads(world: World, name: str, branch: str) -> list[Record]:
    """The open pull requests whose head is that branch of the repository itself."""
    pulls = tables.rows(world, "pulls", "head", branch, name) if branch else []
    return [pull for pull in pulls if pull["head_repository"] == name and pull["state"] == "open"]


def _leads(world: World, pull: Record, tips: Tips) -> bool:
    """Whether the branch of a head is known by its pull request alone, and so moves with it."""
    ours = pull.get("head_repository") == pull["repository"]
    return ours and pull["state"] == "open" and f"refs/heads/{pull['head']}" not in tips
