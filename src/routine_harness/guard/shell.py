"""A shell command before it runs: at a glance, roughly, or closely by the harness where it is installed."""

from __future__ import annotations

import os
import sys
from typing import Any


def read_shell(data: Any, command: str, folder: str) -> tuple[list[Any], list[Any], bool]:
    """Effects and calls of a command: roughly first, and by the harness itself where that might deny."""
    if is_plain(data, command):
        return [], [], False
    # Imported here: calls of tools do not need it, and compiling it takes a tenth of a decision.
    from routine_harness.guard.rough import read_roughly

    branch = branch_of(folder)
    rough = read_roughly(command, data["quiet"], data["opaque"], branch)
    if all(kind == "command.opaque" for kind, _, _ in rough):
        return rough, [], False
    try:
        effects, calls = look_closely(command, data["repository"], branch, data["variables"])
    except ImportError:
        return rough, [("*", {})] if any(kind == "*" for kind, _, _ in rough) else [], True
    return effects, calls, False


PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ./=:,@%+-_&|")


def is_plain(data: Any, command: str) -> bool:
    """Whether a command is nothing but plain words for programs that leave the outside alone."""
    if not PLAIN.issuperset(command):
        return False
    for part in command.replace("&&", "|").split("|"):
        words = part.split()
        if not words or "&" in part or "=" in words[0]:
            return False
        local_git = words[0] == "git" and len(words) > 1 and words[1] in data["local_git"]
        if not local_git and (words[0] not in data["quiet"] or words[0] in data["wrapping"]):
            return False
    return True


def look_closely(command: str, repository: str, branch: str, variables: Any) -> Any:
    """What the harness itself reads in a command, where it is installed.

    Raises:
        ImportError: it is not.
    """
    carried = [name for name in sys.modules if name.partition(".")[0] == "routine_harness"]
    finders = [finder for finder in sys.meta_path if getattr(finder, "__name__", "") == "Carried"]
    held = {name: sys.modules.pop(name) for name in carried} if finders else {}
    for finder in finders:
        sys.meta_path.remove(finder)
    try:
        return installed_reader()(command, repository, branch, variables)
    finally:
        for finder in finders:
            sys.meta_path.insert(0, finder)
        sys.modules.update(held)


def installed_reader() -> Any:
    """The harness's own reader of commands. The hook runs without site packages, whose start takes a
    third of a decision: where the harness is found without it, it is left out.

    Raises:
        ImportError: the harness is not installed, or the shell's grammar is not.
    """
    try:
        sys.path += folders_of_harness()
        from routine_harness.guard.precise import read_precisely
    except (ImportError, OSError):
        import site

        site.main()
        from routine_harness.guard.precise import read_precisely
    return read_precisely


def folders_of_harness() -> list[str]:
    """The site packages that hold the harness, and where they say that it is developed."""
    root = os.path.dirname(os.path.dirname(sys.executable))
    root = root if os.path.exists(os.path.join(root, "pyvenv.cfg")) else sys.prefix
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = os.path.join(root, "lib", version, "site-packages")
    found = [packages]
    for name in os.listdir(packages):
        if name.endswith(".pth"):
            with open(os.path.join(packages, name), encoding="utf-8") as file:
                found += [line for line in file.read().split("\n") if line.startswith("/")]
    return [
        folder
        for folder in found
        if folder == packages or os.path.isdir(os.path.join(folder, "routine_harness"))
    ]


def branch_of(folder: str) -> str:
    """What is checked out in ``folder``; empty where that cannot be told."""
    while True:
        try:
            with open(os.path.join(folder, ".git", "HEAD")) as file:
                head = file.read().strip()
            return head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else ""
        except OSError:
            above = os.path.dirname(os.path.abspath(folder))
            if above == folder:
                return ""
            folder = above
