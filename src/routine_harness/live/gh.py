"""``gh`` over the world: each command as the calls of GitHub's tools that do the same.

What one command needs is here; which there are, ``live.gh_commands`` says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from routine_harness.live.gh_fields import (
    ISSUE_FIELDS,
    NEEDED,
    PULL_FIELDS,
    Field,
    Shown,
    select,
)
from routine_harness.live.gh_options import Parsed
from routine_harness.live.rest import Asked, Do, Reply

Api = Callable[[Asked], "Reply | None"]
"""Ask GitHub's REST interface; None for a path that stands for nothing."""

_URL: Final = re.compile(
    r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?:/(?:pull|issues)/(\d+))?(?:[/#?].*)?$"
)


class Question(msgspec.Struct, frozen=True):
    """What the shim sends: the arguments, files they name, and where the clone stands."""

    arguments: tuple[str, ...]
    files: dict[str, str] = {}
    remote: str = ""
    branch: str = ""
    subject: str = ""
    repository: str = ""


class GhAnswer(msgspec.Struct, frozen=True):
    """What the shim prints and runs; ``unknown`` says what the shim cannot do."""

    out: str = ""
    err: str = ""
    code: int = 0
    run: tuple[tuple[str, ...], ...] = ()
    unknown: str = ""


class GhFailed(Exception):  # noqa: N818 - gh's own failure, as the agent is to see it
    """The command fails as gh would fail; ``out`` is what it prints before it complains."""

    def __init__(self, said: str, out: str = "") -> None:
        super().__init__(said)
        self.out = out


class GhUnknown(Exception):  # noqa: N818 - see above
    """The command is none that the shim knows."""


class Gh:
    """One command: what was asked, and the tools that answer it."""

    def __init__(self, question: Question, parsed: Parsed, do: Do, api: Api) -> None:
        self.question, self.parsed, self._do, self.api = question, parsed, do, api

    @property
    def full_name(self) -> str:
        """``owner/name``: given, in a URL, in the environment, or that of the clone."""
        url = _URL.match(self.parsed.words[0]) if self.parsed.words else None
        given = self.parsed.one("repo") or (url[1] if url else "") or self.question.repository
        if given:
            return "/".join(given.removeprefix("https://").split("/")[-2:])
        remote = _URL.match(self.question.remote)
        if remote is None:
            raise GhFailed("fatal: not a git repository (or any of the parent directories): .git")
        return remote[1]

    def call(self, tool: str, **arguments: Any) -> Any:
        """The JSON that ``tool`` answers, in this repository; its text where it is none."""
        owner, _, name = self.full_name.partition("/")
        given = {key: value for key, value in arguments.items() if value is not None}
        return self.call_tool(tool, {"owner": owner, "repo": name, **given})

    def call_tool(self, tool: str, arguments: dict[str, Any]) -> Any:
        result = self._do(tool, arguments)
        if result.is_error:
            raise GhFailed(result.text)
        try:
            return result.json()
        except ValueError:
            return result.text

    def number(self, kind: str) -> int:
        """The pull request or issue that is meant: a number, a URL, a branch, or the clone's branch."""
        word = self.parsed.words[0] if self.parsed.words else ""
        url = _URL.match(word)
        text = (url[2] or "") if url else word.removeprefix("#")
        if text.isdecimal():
            return int(text)
        if kind == "issue":
            raise GhFailed(f"invalid issue format: {word!r}" if word else "issue number or url is required")
        branch = word or self.question.branch
        owner = self.full_name.partition("/")[0]
        found = self.listed(self.call("list_pull_requests", head=f"{owner}:{branch}", state="all"))
        if not found:
            raise GhFailed(f'no pull requests found for branch "{branch}"')
        return int(found[0]["number"])

    @staticmethod
    def listed(answer: Any) -> list[Shown]:
        """The records of a list or search, whichever way the tool wraps them."""
        if isinstance(answer, dict):
            for name in ("items", "issues", "pull_requests", "comments", "check_runs", "nodes"):
                if isinstance(answer.get(name), list):
                    return list(answer[name])
        return list(answer) if isinstance(answer, list) else []

    @property
    def body(self) -> str | None:
        if self.parsed.has("body"):
            return self.parsed.one("body")
        name = self.parsed.one("body-file")
        if not name:
            return None
        if name not in self.question.files:
            raise GhFailed(f"open {name}: no such file or directory")
        return self.question.files[name]

    def json_fields(self, fields: dict[str, Field]) -> list[str]:
        """The fields that ``--json`` names."""
        names = self.parsed.listed("json")
        unknown = [name for name in names if name not in fields]
        if unknown:
            available = "".join(f"\n  {name}" for name in sorted(fields))
            raise GhFailed(f"Unknown JSON field: {unknown[0]!r}\nAvailable fields:{available}")
        return names

    def complete(self, record: Shown, names: list[str], kind: str) -> Shown:
        """``record`` with what the chosen fields need besides."""
        needed = {part for name in names for part in NEEDED.get(name, ())}
        number = record["number"]
        for part in sorted(needed):
            record = {**record, part: self.listed(self._part(part, number, kind))}
        return record

    def _part(self, part: str, number: int, kind: str) -> Any:
        if kind == "issue":
            return self.call("issue_read", method="get_comments", issue_number=number)
        method = {"checks": "get_check_runs"}.get(part, f"get_{part}")
        return self.call("pull_request_read", method=method, pullNumber=number)

    def print_json(self, value: Any) -> str:
        """``value`` as ``--json`` prints it, through ``--jq`` where it is given."""
        return print_json(value, self.parsed.one("jq"))

    def select(self, record: Shown, names: list[str], kind: str) -> Shown:
        fields = PULL_FIELDS if kind == "pr" else ISSUE_FIELDS
        return select(self.complete(record, names, kind), names, fields)


def print_json(value: Any, expression: str) -> str:
    """JSON on a line, or what a jq expression makes of it: texts bare, the rest as JSON.

    Raises:
        GhFailed: the expression is wrong.
        GhUnknown: jq is not installed on the harness's side.
    """
    text = msgspec.json.encode(value).decode()
    if not expression:
        return f"{text}\n"
    try:
        import jq  # type: ignore[import-not-found]  # optional; only --jq needs it
    except ImportError as error:
        raise GhUnknown("--jq (install routine-harness[claude], which brings the package jq)") from error
    try:
        found = jq.compile(expression).input_text(text).all()
    except ValueError as error:
        raise GhFailed(f"failed to parse jq expression ({expression}): {error}") from error
    lines = [one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in found]
    return "".join(f"{line}\n" for line in lines)
