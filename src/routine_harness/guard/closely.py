"""A shell command read by the harness itself, found and imported where it is installed."""

from __future__ import annotations

import os
import sys
from typing import Any


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
        return installed_reader(command, hurried=bool(finders))(command, repository, branch, variables)
    finally:
        for finder in finders:
            sys.meta_path.insert(0, finder)
        sys.modules.update(held)


def installed_reader(command: str, *, hurried: bool) -> Any:
    """The harness's own reader of commands. The hook runs without site packages, whose start takes a
    third of a decision: where the harness is found without it, it is left out.

    ``hurried``: in a process that ends with the decision on ``command``, where stand-ins will do for some
    modules.

    Raises:
        ImportError: the harness is not installed, or the shell's grammar is not.
    """
    folders = folders_of_harness()
    if not folders:
        raise ImportError("the harness is not installed")
    sys.path += folders
    if hurried:
        try:
            return hurried_reader(folders, command)
        except TimeoutError:  # the deadline of the decision
            raise
        except Exception:  # noqa: BLE001 - whatever the stand-ins lack, the real modules have
            forget()
    try:
        from routine_harness.guard.precise import read_precisely
    except ImportError:  # it is reached by more than a folder
        import site

        site.main()
        from routine_harness.guard.precise import read_precisely
    return read_precisely


def hurried_reader(folders: list[str], command: str) -> Any:
    """The reader, imported without what the package itself imports, and with stand-ins for modules of the
    standard library that take long.

    Raises:
        ImportError: the harness is not there, or is one without stand-ins.
    """
    places = [os.path.join(folder, "routine_harness") for folder in folders]
    package: Any = type(sys)("routine_harness")
    package.__path__ = [place for place in places if os.path.isfile(os.path.join(place, "__init__.py"))][:1]
    sys.modules["routine_harness"] = package
    from routine_harness.guard.standins import stand_back, stand_in

    stand_in()
    from routine_harness.guard.precise import read_precisely
    from routine_harness.world.shell.parser import parser

    parser()
    if "git" in command:
        import routine_harness.world.shell.git
    if "gh" in command:
        import routine_harness.world.github.effects
        import routine_harness.world.shell.gh  # noqa: F401
    stand_back()
    return read_precisely


def forget() -> None:
    """Take out of the interpreter what a reader that did not work has left."""
    for name, one in list(sys.modules.items()):
        if name.partition(".")[0] == "routine_harness" or type(one).__name__ == "StandIn":
            del sys.modules[name]


def folders_of_harness() -> list[str]:
    """The site packages that name the harness, and the folders that they say it is developed in."""
    root = os.path.dirname(os.path.dirname(sys.executable))
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    found = []
    for packages in (
        *(os.path.join(one, "lib", version, "site-packages") for one in dict.fromkeys((root, sys.prefix))),
        os.path.join(sys.prefix, "Lib", "site-packages"),
        f"/usr/local/lib/{version}/dist-packages",
        "/usr/lib/python3/dist-packages",
    ):
        try:
            named = [name for name in os.listdir(packages) if "routine_harness" in name]
        except OSError:
            continue
        found += [packages] if named else []
        for name in named:
            if name.endswith(".pth"):
                with open(os.path.join(packages, name), encoding="utf-8") as file:
                    found += [line for line in file.read().split("\n") if os.path.isdir(line)]
    return found
