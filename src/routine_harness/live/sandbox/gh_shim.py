"""``gh`` inside the sandbox: asks the harness what the command does, and prints the answer.

Runs alone, with the standard library, wherever the sandbox has a Python.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from typing import Any

MAXIMUM = 1024 * 1024


def ask(question: dict[str, Any]) -> Any:
    """Send ``question`` to the harness; its answer."""
    request = urllib.request.Request(  # noqa: S310 - loopback, set by the harness
        os.environ["ROUTINE_GH_URL"],
        json.dumps(question).encode(),
        {"content-type": "application/json", "authorization": "Bearer " + os.environ["ROUTINE_TOKEN"]},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=120) as response:
        return json.load(response)


def git(*arguments: str) -> str:
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


def main() -> int:
    question = {
        "arguments": sys.argv[1:],
        "remote": git("config", "remote.origin.url"),
        "branch": git("symbolic-ref", "--short", "HEAD"),
        "message": git("log", "-1", "--format=%B"),
        "repository": os.environ.get("GH_REPO", ""),
    }
    answer = ask(question)
    if answer["files"]:  # the harness knows which options name files
        answer = ask({**question, "files": read_files(answer["files"])})
    sys.stdout.write(answer["out"])
    sys.stderr.write(answer["err"])
    for command in answer["run"]:
        code = subprocess.run(command, check=False).returncode  # noqa: S603 - git commands of the harness
        if code:
            return code
    return int(answer["code"])


if __name__ == "__main__":
    sys.exit(main())
