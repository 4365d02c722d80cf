"""A program's stand-in inside the sandbox: asks the harness what the program prints, and prints it.

Where nobody has said it, the program of that name runs which the stand-in hides. Runs alone, with the
standard library, wherever the sandbox has a Python.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from typing import Any

NOT_FOUND = 127


def ask(words: list[str]) -> Any:
    """What the harness says that a command of these words does; None where it says nothing."""
    request = urllib.request.Request(  # noqa: S310 - loopback, set by the harness
        os.environ["ROUTINE_COMMAND_URL"],
        json.dumps({"words": words}).encode(),
        {"content-type": "application/json", "authorization": "Bearer " + os.environ["ROUTINE_TOKEN"]},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=120) as response:
        return json.load(response)["answer"]


def hidden(name: str, own: str) -> str:
    """The program of that name behind the folder of stand-ins; empty if there is none."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, name)  # noqa: PTH118 - shortest start-up
        if os.path.realpath(folder) != own and os.access(path, os.X_OK):
            return path
    return ""


def write(path: str, text: str) -> None:
    folder = os.path.dirname(path)  # noqa: PTH120 - shortest start-up
    if folder:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - shortest start-up
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - shortest start-up
        file.write(text)


def main() -> int:
    own, name = os.path.split(os.path.realpath(sys.argv[0]))
    answer = ask([name, *sys.argv[1:]])
    if answer is None:
        program = hidden(name, own)
        if program:
            os.execv(program, [name, *sys.argv[1:]])  # noqa: S606 - the program that was meant
        sys.stderr.write(f"bash: line 1: {name}: command not found\n")
        return NOT_FOUND
    for path, text in answer.get("writes", {}).items():
        write(path, text)
    sys.stdout.write(answer.get("stdout", ""))
    sys.stderr.write(answer.get("stderr", ""))
    return int(answer.get("exit", 0))


if __name__ == "__main__":
    sys.exit(main())
