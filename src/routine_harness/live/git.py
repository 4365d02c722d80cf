"""Git as the harness runs it outside the sandbox: no configuration but its own, objects never shared."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from routine_harness.errors import AgentError

ZERO: Final = "0" * 40
EMPTY_TREE: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
GIT_SECONDS: Final = 120.0

# git runs this for every ref of a push; what the harness refuses is not taken.
_UPDATE_HOOK: Final = """\
#!/bin/sh
reason="$ROUTINE_PUSH/$(printf %s "$1" | git hash-object --stdin)"
if [ -f "$reason" ]; then cat "$reason" >&2; exit 1; fi
"""


def git_environment(instant: int = 0) -> dict[str, str]:
    """An environment in which git reads no configuration of the user's or the system's."""
    stamp = f"@{instant} +0000"
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "GIT_AUTHOR_NAME": "routine-harness",
            "GIT_AUTHOR_EMAIL": "harness@example.com", "GIT_COMMITTER_NAME": "routine-harness",
            "GIT_COMMITTER_EMAIL": "harness@example.com", "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_DATE": stamp, "LC_ALL": "C"}  # fmt: skip


def run_git(
    *arguments: str,
    content: bytes = b"",
    environment: Mapping[str, str] | None = None,
    whole: bool = False,
) -> str:
    """git's answer without its last line break, unless the ``whole`` of it is a file's text, in which what
    is no UTF-8 is kept as surrogates; ``content`` is its standard input.

    Raises:
        AgentError: git failed; what it said is the message.
    """
    done = subprocess.run(  # noqa: S603 - our own arguments
        ["git", *arguments], input=content,  # noqa: S607 - git is where the PATH says
        capture_output=True,
        env=dict(environment or git_environment()), timeout=GIT_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise AgentError.at("", 0, f"git {' '.join(arguments[:3])} failed: {said}")
    if whole:
        return done.stdout.decode(errors="surrogateescape")
    return done.stdout.decode(errors="replace").rstrip("\n")


def create_origin(
    folder: Path, full_name: str, source: Path | None, default_branch: str, instant: int = 0
) -> Path:
    """A bare repository made from a checkout, a bundle, a plain folder, or nothing.

    ``instant`` dates the commit of a plain folder.
    Objects are copied, never linked or borrowed; the source's own hooks and configuration stay out.

    Raises:
        AgentError: the source cannot be read by git.
    """
    path = folder / f"{full_name}.git"
    path.parent.mkdir(parents=True, exist_ok=True)
    if source is not None and (source.is_file() or _is_repository(source)):
        run_git("clone", "--quiet", "--bare", "--no-hardlinks", "--template=", str(source), str(path))
        run_git("-C", str(path), "remote", "remove", "origin")
    else:
        run_git("init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}", str(path))
        if source is not None:
            commit_files(path, default_branch, folder_files(source), "Import the folder", instant=instant)
    for name, value in (("core.hooksPath", str(path / "hooks")), ("receive.denyDeleteCurrent", "ignore"),
                        ("receive.advertisePushOptions", "false"), ("gc.auto", "0")):  # fmt: skip
        run_git("-C", str(path), "config", name, value)
    hook = path / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_UPDATE_HOOK)
    hook.chmod(0o755)
    return path


def commit_files(
    path: Path, branch: str, files: Mapping[str, bytes], message: str, *, parent: str = "", instant: int = 0
) -> str:
    """A commit that lays ``files`` over ``parent``, on ``branch`` of a bare repository; its id."""
    environment = git_environment(instant)
    tree = write_tree(path, files, onto=parent)
    commit = write_commit(path, tree, message, parents=[parent] if parent else [], environment=environment)
    run_git("-C", str(path), "update-ref", f"refs/heads/{branch}", commit)
    return commit


def write_tree(path: Path, files: Mapping[str, bytes | None], *, onto: str = "") -> str:
    """The tree of ``onto``, a commit or tree or nothing, with ``files`` laid over it; None deletes one."""
    index = path / "index-of-the-harness"
    environment = git_environment() | {"GIT_INDEX_FILE": str(index)}
    run_git("-C", str(path), "read-tree", onto or "--empty", environment=environment)
    listed = run_git("-C", str(path), "ls-files", "-s", "-z", environment=environment)
    modes = {line.partition("\t")[2]: line[:6] for line in listed.split("\0") if line}
    lines = []
    for name, content in sorted(files.items()):
        if content is None:
            lines.append(f"0 {ZERO}\t{name}")
            continue
        blob = run_git("-C", str(path), "hash-object", "-w", "--stdin", content=content)
        lines.append(f"{modes.get(name, '100644')} {blob}\t{name}")
    told = "".join(f"{line}\0" for line in lines).encode()
    run_git("-C", str(path), "update-index", "-z", "--index-info", content=told, environment=environment)
    tree = run_git("-C", str(path), "write-tree", environment=environment)
    index.unlink()
    return tree


def write_commit(
    path: Path, tree: str, message: str, *, parents: Sequence[str], environment: Mapping[str, str]
) -> str:
    """A commit of ``tree``, on no branch yet; ``environment`` says by whom and when."""
    above = [word for parent in parents for word in ("-p", parent)]
    return run_git(
        "-C", str(path), "commit-tree", tree, *above, "-F", "-",
        content=message.encode(), environment=environment,
    )  # fmt: skip


def folder_files(source: Path) -> dict[str, bytes]:
    """Every regular file below ``source`` by its relative name; links are left out."""
    return {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def ref_hash(ref: str) -> str:
    """The file name under which the update hook looks for a refusal of ``ref``."""
    return run_git("hash-object", "--stdin", content=ref.encode())


def _is_repository(source: Path) -> bool:
    return (source / ".git").exists() or (source / "HEAD").is_file()
