"""The harness's own programs inside: ``gh``, the CLI's hook, stand-ins for a case's ``commands:``.

Each asks the harness, and prints what it is answered. One file is all of them, by the name under which it
was started. It runs alone, with the standard library, wherever the sandbox has a Python.
"""

from __future__ import annotations

import os
import sys
import urllib.request
from typing import Any

MAXIMUM = 1024 * 1024
NOT_FOUND = 127
HOOK = "hook.py"
STAND_INS = "stand-ins"
"""The folder of the programs that only hand on what a case says."""


def ask(url: str, body: bytes, seconds: float) -> bytes:
    """What the harness answers."""
    request = urllib.request.Request(  # noqa: S310 - loopback, set by the harness
        url,
        body,
        {"content-type": "application/json", "authorization": "Bearer " + os.environ["ROUTINE_TOKEN"]},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=seconds) as response:
        return bytes(response.read())


def ask_json(url: str, question: dict[str, Any]) -> Any:
    """What the harness answers, decoded."""
    import json  # here and below: the hook starts with every call of the CLI's and needs neither

    return json.loads(ask(url, json.dumps(question).encode(), 120))


def hook(asked: str) -> int:
    """Ask the harness about a call of the CLI's: whether a fault of the case hits it (``fault``), or whether
    the policy lets it pass (``guard``)."""
    answer = ask(f"{os.environ['ROUTINE_HOOK_URL']}/{asked}", sys.stdin.buffer.read(), 30)
    sys.stdout.write(answer.decode())
    return 0


def gh(arguments: list[str]) -> int:
    """Do what the harness says that ``gh`` does."""
    import subprocess

    question = {
        "arguments": arguments,
        "remote": git("config", "remote.origin.url"),
        "branch": git("symbolic-ref", "--short", "HEAD"),
        "message": git("log", "-1", "--format=%B"),
        "repository": os.environ.get("GH_REPO", ""),
    }
    url = os.environ["ROUTINE_GH_URL"]
    answer = ask_json(url, question)
    if answer["files"]:  # the harness knows which options name files
        answer = ask_json(url, {**question, "files": read_files(answer["files"])})
    sys.stdout.write(answer["out"])
    sys.stderr.write(answer["err"])
    for command in answer["run"]:
        code = subprocess.run(command, check=False).returncode  # noqa: S603 - git commands of the harness
        if code:
            return code
    return int(answer["code"])


def git(*arguments: str) -> str:
    import subprocess

    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607 - as gh does
    return done.stdout.strip() if done.returncode == 0 else ""


def read_files(names: list[str]) -> dict[str, str | None]:
    """The texts of files; ``-`` is standard input, and what cannot be read has none."""
    files: dict[str, str | None] = {}
    for name in names:
        try:
            if name == "-":
                files[name] = sys.stdin.read(MAXIMUM)
            else:
                with open(name, encoding="utf-8") as file:  # noqa: PTH123 - shortest start-up
                    files[name] = file.read(MAXIMUM)
        except (OSError, UnicodeDecodeError):
            files[name] = None
    return files


def stand_in(own: str, name: str, arguments: list[str]) -> int:
    """Print what the case says that a program prints; where it says nothing, run the real program."""
    answer = ask_json(os.environ["ROUTINE_COMMAND_URL"], {"words": [name, *arguments]})["answer"]
    if answer is None:
        program = real_program(name, own)
        if program:
            os.execv(program, [name, *arguments])  # noqa: S606 - the program that was meant
        sys.stderr.write(f"bash: line 1: {name}: command not found\n")
        return NOT_FOUND
    for path, text in answer.get("writes", {}).items():
        write(path, text)
    sys.stdout.write(answer.get("stdout", ""))
    sys.stderr.write(answer.get("stderr", ""))
    return int(answer.get("exit", 0))


def real_program(name: str, own: str) -> str:
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
    if os.path.basename(own) == STAND_INS:  # noqa: PTH119 - shortest start-up
        return stand_in(own, name, sys.argv[1:])
    return hook(sys.argv[1]) if name == HOOK else gh(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
