"""The origin of the second run has what others did meanwhile, and what tools did."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.live_runs import codes, in_turns, needs_cli, run_live, use, write_routine

from routine_harness.case.plan import Setting, connectors_of, plan_pair
from routine_harness.case.seed import reseed_world
from routine_harness.live.outside.clones import create_origins
from routine_harness.live.outside.git_program import Git
from routine_harness.live.outside.mirror import Mirror
from routine_harness.live.outside.served_world import open_setting, open_world
from routine_harness.live.sandbox.isolation import probe_isolation
from routine_harness.store.cases import load_case_file
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

PULL = """\
    pulls:
      - repository: acme/core
        number: 4
        title: Say bye
        head: feature/x
        base: main
        user: bob
        files: [{filename: README.md, patch: "@@ -1 +1 @@\\n-hello\\n\\\\ No newline at end of file\\n+bye"}]
"""


class Place:
    """Origins made from a case, and the worlds that they follow."""

    def __init__(self, folder: Path, source: Path | None = None, case: str = PULL) -> None:
        loaded = load_case_file(write_routine(folder / "r", case))
        self.setting: Setting = open_setting(loaded.cases[0], loaded.routine)
        self.world: World = open_world(self.setting).world
        self.path = folder / "origins" / "acme" / "core.git"
        create_origins(
            folder / "origins", loaded.routine, self.world, {"acme/core": source} if source else {}
        )
        self.mirror = Mirror(Git(probe_isolation()), folder / "origins", loaded.routine, self.world)

    def meanwhile(self, **data: Any) -> World:
        """Others do this; the origins follow."""
        firing = plan_pair(self.setting).first.firing
        layer = {**({"remove": data.pop("remove")} if "remove" in data else {}), "github": data}
        self.world = reseed_world(self.world, firing, layer, connectors_of(self.setting))
        self.mirror.follow(self.world)
        return self.world

    def call(self, tool: str, **arguments: Any) -> None:
        session = open_world(self.setting)
        session.world = self.world
        given = {"owner": "acme", "repo": "core", **arguments}
        result = session.handle(f"github.{tool}", given)
        assert not result.is_error, result.text
        self.world = session.world
        self.mirror.follow(self.world)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    @property
    def head(self) -> str:
        """The pull request's head, in git's words."""
        pull = tables.get(self.world, "pulls", "acme/core", 4)
        assert pull is not None
        return self.mirror.ids.shown(str(pull["head_sha"]))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


ON_TOP = {"repository": "acme/core", "name": "feature/x", "files": {"b.md": "more\n"}}


BRANCHES = """\
    branches:
      - {repository: acme/core, name: stale, sha: cccccccccccccccccccccccccccccccccccccccc}
      - {repository: acme/core, name: hotfix, files: {README.md: hello, fix.md: fixed}}
    tags:
      - {repository: acme/core, name: v1, sha: cccccccccccccccccccccccccccccccccccccccc}
"""


def test_every_branch_of_the_world_is_there(tmp_path: Path) -> None:
    """One with files has them; one of which only the name is known stands where the default branch does."""
    place = Place(tmp_path, case=PULL + BRANCHES)
    refs = place.git("for-each-ref", "--format=%(refname)").split()
    branches = [f"refs/heads/{name}" for name in ("feature/x", "hotfix", "main", "stale")]
    assert refs == [*branches, "refs/pull/4/head", "refs/tags/v1"]
    assert place.git("show", "hotfix:fix.md") == "fixed"
    assert place.git("rev-parse", "stale") == place.git("rev-parse", "main")
    assert place.mirror.ids.shown("c" * 40) == place.git("rev-parse", "main")


def test_the_deletion_of_a_branch_of_the_world_is_seen(tmp_path: Path) -> None:
    """A branch that no pull request has is deleted by a push that the harness sees, and refuses."""
    needs_cli()
    case = write_routine(tmp_path / "r", PULL + BRANCHES)
    command = "git branch -r; git push origin --delete hotfix"
    result = run_live(case, in_turns([use("Bash", command=command)]), once=True)
    assert result.pair is not None
    [record] = [record for record in result.pair.first.calls if record.call.tool == "Bash"]
    assert {"origin/hotfix", "origin/stale", "origin/main"} <= set(record.result.text.split())
    assert [effect.target for effect in result.pair.first.effects] == ["acme/core:hotfix"]
    assert "policy.forbidden" in codes(result, 1)


def test_a_commit_on_the_branch_of_a_pull_request(place: Place, tmp_path: Path) -> None:
    """It lies on top of the old head, under the id that the tools name; the same again elsewhere."""
    before = place.git("rev-parse", "feature/x")
    place.meanwhile(branches=[ON_TOP])
    assert place.git("rev-parse", "feature/x^") == before
    assert place.git("rev-parse", "feature/x") == place.git("rev-parse", "refs/pull/4/head") == place.head
    assert place.git("diff", "--name-only", "main", "feature/x").split() == ["README.md", "b.md"]
    assert place.git("log", "-1", "--format=%s %an", "feature/x") == "Change b.md bob"
    other = Place(tmp_path / "again")
    other.meanwhile(branches=[ON_TOP])
    assert other.head == place.head


def test_git_follows_the_world_in_a_sandbox(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a run may have made objects, no git of this machine's works on them."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text(f"#!/bin/sh\necho x >> {tmp_path}/outside\nexit 1\n")
    (tmp_path / "bin" / "git").chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
        place.meanwhile(branches=[ON_TOP])
        place.call("merge_pull_request", pullNumber=4)
    assert not (tmp_path / "outside").exists()
    assert place.git("show", "main:b.md") == "more"


def test_a_head_with_other_patches(place: Place) -> None:
    """A head that the payload or the case names anew has the base with its patches."""
    files = [{"filename": "README.md", "patch": "@@ -1 +1 @@\n-hello\n\\ No newline at end of file\n+ciao"}]
    commits = [
        {"sha": f"{n}" * 40, "commit": {"message": message, "author": {"name": "Bob", "email": "b@x.org"}}}
        for n, message in ((7, "Reword"), (8, "Reword again"))
    ]
    pull = {"repository": "acme/core", "number": 4, "head_sha": "8" * 40, "files": files, "commits": commits}
    before = place.git("rev-parse", "feature/x")
    place.meanwhile(pulls=[pull])
    assert place.git("show", "feature/x:README.md") == "ciao"
    assert place.git("log", "--format=%s", f"{before}..feature/x").split("\n") == ["Reword again", "Reword"]
    assert place.mirror.ids.of_git("8" * 40) == place.git("rev-parse", "refs/pull/4/head")


def test_branches_commits_tags_and_removals(place: Place) -> None:
    """New branches and commits are written after their parents; what is removed is gone."""
    tip = place.world.table("github.branches").find("name", "main")[0]["sha"]
    rows = [{"repository": "acme/core", "sha": "5" * 40, "parents": [tip], "message": "Five",
             "author": "dana", "tree": {"five.txt": "5\n", "README.md": None}},
            {"repository": "acme/core", "sha": "6" * 40, "parents": ["5" * 40], "message": "Six",
             "files": [{"filename": "five.txt", "patch": "@@ -1 +1 @@\n-5\n+6"}]}]  # fmt: skip
    place.meanwhile(
        commits=rows,
        branches=[{"repository": "acme/core", "name": "hotfix", "sha": "6" * 40},
                  {"repository": "acme/core", "name": "stale", "files": {"old.txt": "old"}}],
        tags=[{"repository": "acme/core", "name": "v5", "sha": "5" * 40}],
    )  # fmt: skip
    assert place.git("ls-tree", "--name-only", "hotfix") == "five.txt"
    assert place.git("show", "hotfix:five.txt") == "6"
    assert place.git("log", "--format=%s", "main..hotfix").split("\n") == ["Six", "Five"]
    assert place.git("rev-parse", "v5") == place.git("rev-parse", "hotfix^")
    assert place.git("show", "stale:old.txt") == "old"
    place.meanwhile(remove={"github": {"branches": [{"name": "stale"}]}})
    assert "stale" not in place.git("for-each-ref", "--format=%(refname)")


def test_a_merge_and_a_new_pull_request(place: Place) -> None:
    """A merge of others' is on the base with both parents; a new pull request has a branch."""
    head = place.git("rev-parse", "feature/x")
    new = {"repository": "acme/core", "number": 5, "title": "Add c", "head": "feature/c", "base": "main",
           "files": [{"filename": "c.md", "status": "added", "patch": "@@ -0,0 +1 @@\n+c"}]}  # fmt: skip
    place.meanwhile(pulls=[{"repository": "acme/core", "number": 4, "merged": True}, new])
    assert place.git("rev-parse", "main^2") == head
    assert place.git("show", "main:README.md") == "bye"
    assert place.git("show", "feature/c:c.md") == "c"
    assert place.git("log", "-1", "--format=%s", "feature/c") == "Add c"


def test_what_tools_do_is_there_at_once(place: Place) -> None:
    """A branch, a file and a merge by GitHub's tools show in git, too."""
    place.call("create_branch", branch="claude/x")
    place.call("create_or_update_file", path="n.md", content="n", message="Add n", branch="claude/x")
    assert place.git("show", "claude/x:n.md") == "n"
    place.call("merge_pull_request", pullNumber=4)
    assert place.git("show", "main:README.md") == "bye"


def test_a_repository_made_from_a_checkout_keeps_what_the_world_never_heard_of(tmp_path: Path) -> None:
    """Commits of the world are laid over the real files."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "README.md").write_text("hello")
    (source / "real.py").write_text("pass\n")
    place = Place(tmp_path / "p", source)
    place.meanwhile(branches=[ON_TOP])
    listed = place.git("ls-tree", "--name-only", "feature/x").split()
    assert listed == ["README.md", "b.md", "real.py"]


def test_sides_of_a_merge_that_fork_from_a_new_commit(place: Place) -> None:
    """What several commits lie on is written before the first of them."""
    tip = place.world.table("github.branches").find("name", "main")[0]["sha"]
    rows = [
        {"repository": "acme/core", "sha": sha * 40, "parents": [each * 40 if len(each) == 1 else each
         for each in parents], "message": sha, "tree": {f"{sha}.txt": sha}}
        for sha, parents in (("d", (tip,)), ("b", ("d",)), ("c", ("d",)), ("a", ("b", "c")))
    ]  # fmt: skip
    place.meanwhile(commits=rows, branches=[{"repository": "acme/core", "name": "x", "sha": "a" * 40}])
    assert place.git("log", "--format=%s", "x^1").split("\n")[:2] == ["b", "d"]
    assert place.git("log", "--format=%s", "x^2").split("\n")[:2] == ["c", "d"]
    assert place.git("merge-base", "x^1", "x^2") == place.git("rev-parse", "x^1^")


def test_a_file_that_is_no_text_is_moved_as_it_is(tmp_path: Path) -> None:
    """GitHub shows no patch of such a file; its bytes are those of the commit below."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "README.md").write_text("hello")
    (source / "logo.png").write_bytes(b"\x89PNG\xff\x00\n\n")
    place = Place(tmp_path / "p", source)
    tip = place.world.table("github.branches").find("name", "main")[0]["sha"]
    moved = {"filename": "icon.png", "previous_filename": "logo.png", "status": "renamed"}
    row = {"repository": "acme/core", "sha": "5" * 40, "parents": [tip], "message": "Move", "files": [moved]}
    branch = {"repository": "acme/core", "name": "moved", "sha": "5" * 40}
    place.meanwhile(commits=[row], branches=[branch])
    assert place.git("rev-parse", "moved:icon.png") == place.git("rev-parse", "main:logo.png")


MEANWHILE = """\
rerun:
  meanwhile:
    github:
      branches: [{repository: acme/core, name: feature/x, files: {b.md: more}}]
"""


def test_the_real_cli_sees_the_new_commit_in_the_second_run(tmp_path: Path) -> None:
    """git and gh agree on the head of the second run; what the first one pushed is below it."""
    needs_cli()
    case = write_routine(tmp_path / "r", PULL + MEANWHILE)
    look = (
        "git log --format=%s origin/feature/x; gh api repos/acme/core/pulls/4/files -q '.[].filename'; [ "
        "$(git rev-parse origin/feature/x) = $(gh api repos/acme/core/pulls/4 -q .head.sha) ] && echo same"
    )
    push = (
        "git checkout -q feature/x && echo 1 > one.md && git add . && git commit -qm 'Add one'"
        " && git push -q origin HEAD; [ -e one.md ] && git fetch -q && git status -sb | head -1"
    )
    result = run_live(case, in_turns([use("Bash", command=look)], [use("Bash", command=push)]))
    assert result.pair is not None
    assert result.pair.second is not None
    first, second = (
        [record.result.text.splitlines() for record in run.calls if record.call.tool == "Bash"]
        for run in (result.pair.first, result.pair.second)
    )
    assert first[0] == ["Say bye", "Initial commit", "README.md", "same"]
    assert first[1] == ["## feature/x...origin/feature/x"]
    expected = ["Change b.md", "Add one", "Say bye", "Initial commit", "README.md", "b.md", "one.md", "same"]
    assert [line.split("\n\n")[0] for line in second[0]] == expected
