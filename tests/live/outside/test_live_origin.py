"""The repositories that a run pushes to: what is taken, what is refused, and what is no push."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from support.live_runs import INSTANT, place, run_inside

from routine_harness.errors import AgentError
from routine_harness.live.outside.clones import clone, create_origin
from routine_harness.live.outside.egress import HttpRequest, HttpResponse
from routine_harness.live.outside.git_program import Git, git_environment
from routine_harness.live.outside.origin import Origins, split_git_path
from routine_harness.live.outside.push import Push
from routine_harness.live.sandbox.isolation import Isolation
from routine_harness.world.github.operations.refs import is_ref


def user_git(folder: Path, *arguments: str) -> None:
    """Git as a user calls it on a repository of their own."""
    environment = {**git_environment(), "PATH": os.environ["PATH"]}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True)


def packet(line: str | bytes) -> bytes:
    """A line as git's protocol sends it."""
    content = line if isinstance(line, bytes) else line.encode()
    return b"%04x%s" % (len(content) + 4, content)


def receive_pack(body: bytes) -> HttpRequest:
    return HttpRequest("POST", "https://github.com/acme/core.git/git-receive-pack", {}, body)


def send(served: Origins, *commands: tuple[str, str, str]) -> HttpResponse:
    """The answer to a push of objects that are there already."""
    lines = [" ".join(command) for command in commands]
    first = packet(f"{lines[0]}\0 report-status")
    return served.answer(receive_pack(first + b"".join(map(packet, lines[1:])) + b"0000" + EMPTY_PACK))


EMPTY_PACK = bytes.fromhex("5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e")


@pytest.fixture
def origins(isolation: Isolation, tmp_path: Path) -> tuple[Origins, list[Push]]:
    """An origin made from a folder, whose rule takes ``claude/`` branches alone."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.py").write_text("x = 1\n")
    folder = tmp_path / "origins"
    folder.mkdir()
    create_origin(folder, "acme/core", source, "main", INSTANT)
    pushes: list[Push] = []

    def rule(push: Push) -> str:
        allowed = push.branch.startswith("claude/") and not push.deletes
        return "" if allowed else "not below claude/, or a deletion"

    return Origins(folder, Git(isolation), rule, pushes.append), pushes


def test_pushes_are_seen_with_commits_and_diff_taken_or_refused(
    isolation: Isolation, tmp_path: Path, origins: tuple[Origins, list[Push]]
) -> None:
    """Each ref of a push is judged by itself; hooks and configuration of origin are not to be reached."""
    served, pushes = origins
    script = """
    git config --global user.name A && git config --global user.email a@example.com
    git clone -q https://github.com/acme/core.git && cd core && git checkout -qb claude/x
    echo 'y = 2' > b.py && git add . && git commit -qm 'Add b' -m 'with a body'
    git push -q origin HEAD HEAD:main
    git commit -q --amend -m 'Add b otherwise' && git push -q -f origin HEAD
    git push -q origin :claude/x; git tag v1 && git push -q origin v1
    git clone -q https://github.com/acme/absent.git
    """
    text = run_inside(script, isolation, place(tmp_path), served.answer)
    judged = [(push.ref.removeprefix("refs/"), bool(push.refused), push.forced) for push in pushes]
    assert sorted(judged[:2]) == [("heads/claude/x", False, False), ("heads/main", True, False)]
    assert judged[2:] == [
        ("heads/claude/x", False, True),
        ("heads/claude/x", True, False),
        ("tags/v1", True, False),
    ]
    first = pushes[0]
    assert [commit.message for commit in first.commits] == ["Add b\n\nwith a body"]
    assert "+y = 2" in first.diff
    assert first.changes == {"b.py": "y = 2\n"}
    assert "not below claude/, or a deletion" in text
    assert "repository 'https://github.com/acme/absent.git/' not found" in text
    names = list(served.git.tips(served.path("acme/core")))
    assert names == ["refs/heads/claude/x", "refs/heads/main"]


def test_objects_are_copied_from_a_checkout(tmp_path: Path) -> None:
    """An origin made from a checkout shares no file with it and knows no way back."""
    checkout = tmp_path / "checkout"
    user_git(tmp_path, "init", "--quiet", "--initial-branch=main", str(checkout))
    (checkout / "f").write_text("x")
    user_git(checkout, "add", ".")
    user_git(checkout, "commit", "--quiet", "-m", "x")
    (tmp_path / "o").mkdir()
    bare = create_origin(tmp_path / "o", "a/b", checkout, "main")
    theirs = {path.stat().st_ino for path in checkout.rglob("*") if path.is_file()}
    assert not theirs & {path.stat().st_ino for path in bare.rglob("*") if path.is_file()}
    assert not (bare / "objects" / "info" / "alternates").exists()
    assert str(checkout) not in (bare / "config").read_text()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/a/b.git/info/refs", ("a/b", "info/refs")),
        ("/a/b/git-receive-pack", ("a/b", "git-receive-pack")),
        ("/a/b/pull/1", None),
        ("/../b/info/refs", None),
        ("/a/b/c/info/refs", None),
    ],
)
def test_gits_own_paths_are_told_from_others(path: str, found: tuple[str, str] | None) -> None:
    """Only ``/owner/name`` with git's actions is git's; nothing leads out of the folder."""
    assert split_git_path(path) == found


def test_a_before_that_is_an_option_writes_no_file(
    tmp_path: Path, origins: tuple[Origins, list[Push]]
) -> None:
    """A client chooses what a push says that a ref was; git is never given an option in its place."""
    served, pushes = origins
    victim = tmp_path / "victim"
    tip = served.git.tips(served.path("acme/core"))["refs/heads/main"]
    assert send(served, (f"--output={victim}", tip, "refs/heads/claude/x")).status == 400
    assert not victim.exists()
    [push] = pushes
    assert push.malformed.startswith("expected an object's id, 40 or 64 hex digits, found '--output=")
    assert push.refused


ONE, OTHER = "1" * 40, "2" * 40


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "expected the length of a line"),
        (b"zzzz", "expected the length of a line"),
        (b"-001", "expected the length of a line"),
        (b"0001", "expected a line of the length"),
        (b"0009short", "expected an object's id"),
        (b"0010a b\0", "expected a line of the length"),
        (b"00ff" + ONE.encode(), "expected a line of the length"),
        (packet("push-cert"), "expected an object's id"),
        (packet("shallow --output=x"), "expected an object's id"),
        (packet(f"{ONE} {OTHER[:39]} refs/heads/x"), "expected an object's id"),
        (packet(f"{ONE} {OTHER}\n refs/heads/x"), "expected an object's id"),
        (packet(f"{ONE} {OTHER} --all"), "expected the name of a ref"),
        (packet(f"{ONE} {OTHER} HEAD"), "expected the name of a ref"),
        (packet(f"{ONE} {OTHER} refs/heads/a..b"), "expected the name of a ref"),
        (packet(f"{ONE} {OTHER} refs/heads/.a"), "expected the name of a ref"),
        (packet(f"{ONE} {OTHER} refs/heads/a.lock"), "expected the name of a ref"),
        (packet(f"{ONE} {OTHER} refs/heads/a\nb"), "expected the name of a ref"),
        (packet(f"{ONE} {OTHER} refs/heads/{'a' * 300}"), "expected the name of a ref"),
        (packet(f"{ONE} {OTHER} refs/heads/a".encode() + b"\xff"), "expected a ref's name in UTF-8"),
        (packet(f"{ONE} {OTHER} refs/heads/a") * 201 + b"0000", "expected at most 200 refs"),
        (packet(f"{'0' * 40} {OTHER} refs/heads/a") + b"0000", "git cat-file failed"),
        (packet(f"{'0' * 40} {OTHER * 8}"[:105] + " refs/heads/a") + b"0000", "git cat-file failed"),
        (packet(f"{'0' * 40} {OTHER} refs/heads/a") + b"0000PACKnonsense", "git index-pack failed"),
    ],
)
def test_a_malformed_push_is_told_and_takes_nothing(
    body: bytes, reason: str, origins: tuple[Origins, list[Push]]
) -> None:
    """Each is answered as such and kept with its reason; git takes nothing."""
    served, pushes = origins
    before = served.git.tips(served.path("acme/core"))
    answer = served.answer(receive_pack(body))
    assert (answer.status, answer.body.startswith(b"malformed push: ")) == (400, True)
    [push] = pushes
    assert push.malformed.startswith(reason)
    assert served.git.tips(served.path("acme/core")) == before
    assert [path.name for path in served.folder.iterdir()] == ["acme"]


def test_a_push_that_cannot_be_unpacked_is_malformed(origins: tuple[Origins, list[Push]]) -> None:
    """A body that says it is compressed, and is not, is no push either."""
    served, pushes = origins
    url = receive_pack(b"").url
    packed = HttpRequest("POST", url, {"content-encoding": "gzip"}, b"none")
    assert served.answer(packed).status == 400
    assert [bool(push.malformed) for push in pushes] == [True]


def test_names_keep_to_gits_own_rules() -> None:
    """What git takes for the full name of a ref is one here, and nothing else."""
    parts = ["a", "-a", ".a", "a.", "a.lock", "a..b", "a b", "a~", "a^", "a:", "a?", "a*", "a[", "a\\", "@",
             "a@{b", "a/b", "a//b", "a/.b", "a/b.lock/c", "/a", "a/", "ä", "a\x7f", "a\x01", "",
             "a@b"]  # fmt: skip
    for name in [f"refs/heads/{part}" for part in parts]:
        done = subprocess.run(["git", "check-ref-format", name], check=False)
        assert is_ref(name) == (done.returncode == 0), name
    assert not is_ref("HEAD")
    assert not is_ref("heads/main")


PUSHED = r"""
git config --global user.name A && git config --global user.email a@example.com
git clone -q https://github.com/acme/core.git && cd core && git checkout -qb claude/x
echo one > "$(printf 'a\tb\nc')"; echo two > "$(printf 'caf\303\251')"; echo three > "$(printf '\377')"
printf 'no end' > '"quoted"'; printf '\0' > binary; ln -s /etc/passwd link; git rm -q a.py
git add . && git update-index --add --cacheinfo 160000,1111111111111111111111111111111111111111,module
git -c user.name="$(printf 'X\tnoreply@anthropic.com')" commit -qm 'Odd names'
git push -q origin HEAD
"""


def test_names_of_pushed_files_may_hold_any_byte(
    isolation: Isolation, tmp_path: Path, origins: tuple[Origins, list[Push]]
) -> None:
    """Tabs, line breaks, quotes and bytes that are no text stand in the names as they are kept."""
    served, pushes = origins
    text = run_inside(PUSHED, isolation, place(tmp_path), served.answer)
    assert pushes, text
    [push] = pushes
    assert push.changes == {
        "a\tb\nc": "one\n", "café": "two\n", "\\xff": "three\n", '"quoted"': "no end", "a.py": None,
        "link": "/etc/passwd",
    }  # fmt: skip
    assert set(push.files) == {*push.changes, "binary", "module"}
    [commit] = push.commits
    assert (commit.email, commit.message) == ("a@example.com", "Odd names")


UNRELATED = """
git config --global user.name A && git config --global user.email a@example.com
git clone -q https://github.com/acme/core.git && cd core && git checkout -qb claude/x
git commit -qm One --allow-empty && git push -q origin HEAD
git checkout -q --orphan other && git commit -qm Other && git push -qf origin HEAD:claude/x
git checkout -qb claude/y && git push -q --atomic origin HEAD +HEAD:main
"""


def test_a_push_counts_as_taken_if_git_took_it(
    isolation: Isolation, tmp_path: Path, origins: tuple[Origins, list[Push]]
) -> None:
    """A history without a common commit is a forced push; of an atomic push nothing is taken where one
    ref is refused."""
    served, pushes = origins
    text = run_inside(UNRELATED, isolation, place(tmp_path), served.answer)
    seen = [(push.branch, push.forced, bool(push.refused)) for push in pushes]
    assert seen[:2] == [("claude/x", False, False), ("claude/x", True, False)], text
    assert sorted(seen[2:]) == [("claude/y", False, True), ("main", True, True)]
    assert "git did not take it" in pushes[2].refused + pushes[3].refused


def test_what_a_ref_was_is_what_it_is_and_not_what_a_client_says(
    origins: tuple[Origins, list[Push]],
) -> None:
    """A push that names another commit as the one before it is none that git takes."""
    served, pushes = origins
    path = served.path("acme/core")
    main = served.git.tips(path)["refs/heads/main"]
    tree = served.git.resolve(path, "main^{tree}")
    other = served.git.text(path, "commit-tree", tree, "-m", "other")
    served.git.text(path, "update-ref", "refs/heads/claude/x", main)
    assert send(served, (other, other, "refs/heads/claude/x")).status == 200
    [push] = pushes
    assert (push.before, push.forced, [commit.message for commit in push.commits]) == (main, True, ["other"])
    assert push.refused.startswith("git did not take it")
    assert served.git.tips(path)["refs/heads/claude/x"] == main


def test_git_works_in_a_sandbox_over_what_a_run_has_made(
    isolation: Isolation, tmp_path: Path, origins: tuple[Origins, list[Push]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pushes, fetches and the clone of the second run need no git outside."""
    served, pushes = origins
    script = (
        "git config --global user.name A && git config --global user.email a@example.com\n"
        "git clone -q https://github.com/acme/core.git && cd core && git checkout -qb claude/x\n"
        "git commit -qm One --allow-empty && git push -q origin HEAD && git fetch -q && git log --format=%s"
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text(f"#!/bin/sh\necho x >> {tmp_path}/outside\nexit 1\n")
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert run_inside(script, isolation, place(tmp_path), served.answer) == "One\nImport the folder\n"
    assert [push.refused for push in pushes] == [""]
    clone(Git(isolation), served.folder, "acme/core", tmp_path / "second")
    assert (tmp_path / "second" / "a.py").read_text() == "x = 1\n"
    config = (tmp_path / "second" / ".git" / "config").read_text()
    assert "url = https://github.com/acme/core.git" in config
    assert "insteadOf" not in config
    assert not (tmp_path / "outside").exists()


def test_an_origin_is_made_from_a_bundle(tmp_path: Path) -> None:
    """A bundle's branches are there; what is no repository is one clear error."""
    checkout = tmp_path / "checkout"
    user_git(tmp_path, "init", "--quiet", "--initial-branch=trunk", str(checkout))
    (checkout / "f").write_text("x")
    user_git(checkout, "add", ".")
    user_git(checkout, "commit", "--quiet", "-m", "x")
    user_git(checkout, "bundle", "create", "--quiet", str(tmp_path / "b.bundle"), "trunk", "HEAD")
    bare = create_origin(tmp_path / "o", "a/b", tmp_path / "b.bundle", "main")
    assert list(Git().tips(bare)) == ["refs/heads/trunk"]
    (tmp_path / "nothing.bundle").write_text("not a bundle")
    with pytest.raises(AgentError, match="git clone"):
        create_origin(tmp_path / "p", "a/b", tmp_path / "nothing.bundle", "main")
