"""A shell command before it runs: at a glance, roughly, or closely by the harness where it is installed."""

from __future__ import annotations

import os
import sys
from typing import Any

from routine_harness.guard.everyday import read_everyday


def read_shell(data: Any, command: str, folder: str) -> tuple[list[Any], list[Any], bool]:
    """Effects and calls of a command, and whether it was read roughly: at once where it is an everyday
    one, else by the harness itself, and roughly where that is not installed."""
    branch = branch_of(folder)
    found = read_everyday(data, command, branch)
    if found is not None:
        return *found, False
    try:
        effects, calls = look_closely(command, data["repository"], branch, data["variables"])
    except ImportError:
        # Imported here, because each part is compiled when a decision needs it.
        from routine_harness.guard.rough import read_roughly

        rough = read_roughly(command, data["quiet"], data["opaque"], branch)
        return rough, [("*", {})] if any(kind == "*" for kind, _, _ in rough) else [], True
    return effects, calls, False


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
