"""How an operation of GitHub ends: with rows, with GitHub's refusal, or with a gap in the world.

An operation is a function of a world and its arguments. Arguments are spelt as in GitHub's REST API,
except ``repository`` (owner/name) and ``number`` (a pull request's or an issue's). An operation
knows no wire format: faces read requests into arguments and write answers from rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.world.github.records import tables
from routine_harness.world.simulated import Detail as Detail
from routine_harness.world.state import World

Arguments = Record


class Refused(Exception):  # noqa: N818 - the way out of an operation, not an error of ours
    """GitHub says no: the status and message of its API, and the parts of a 422.

    ``code`` is the kind of refusal in one word (``not_found``, ``already_exists``). ``said`` is what
    the MCP server says where it does not pass the API's words on; ``documentation`` is the address that
    the platform's proxy names, empty where GitHub itself refuses.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        errors: Sequence[Json] = (),
        said: str = "",
        documentation: str = "",
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors, self.said = status, message, tuple(errors), said
        self.documentation = documentation
        self.code = code or _CODES.get(status, "unprocessable")


_CODES = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "not_allowed",
    409: "conflict",
    410: "gone",
}


class Incomplete(Exception):  # noqa: N818 - the way out of an operation, not an error of ours
    """The world knows a thing only by key; ``what`` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Done(msgspec.Struct, frozen=True):
    """What an operation gives: the world after it, and rows as its line in the table says.

    ``rows`` is one record, a list of them (the whole list: faces cut pages), a text, or None.
    """

    world: World
    rows: Json = None
    details: tuple[Detail, ...] = ()


Run = Callable[[World, Arguments], Done]


def with_arguments(run: Run, **fixed: Any) -> Run:
    """``run`` with arguments that the operation's name says."""
    return lambda world, arguments: run(world, {**arguments, **fixed})


def not_found(said: str = "") -> Refused:
    return Refused(404, "Not Found", said=said)


def invalid(said: str = "", **error: str) -> Refused:
    """A 422 about one field: ``resource``, ``field``, ``code``, ``message``."""
    return Refused(422, "Validation Failed", code=error.get("code", ""), errors=[error], said=said)


def found(world: World, rows: Json) -> Done:
    """The answer to a read."""
    return Done(world, rows)


def applied(
    before: World, after: World, rows: Json = None, *, target: str = "", kind: str = "", **fields: Json
) -> Done:
    """The answer to a write; its effect is ``unchanged`` where the world is the same as before."""
    detail = Detail(target, {"author": tables.me(after), **fields}, kind, unchanged=after is before)
    return Done(after, rows, (detail,))


def name_of(item: Record) -> str:
    """``acme/core#42``, for a pull request or issue or what hangs on one."""
    return f"{item['repository']}#{item['number']}"


def number(arguments: Arguments, name: str = "number") -> int:
    return int(arguments[name])


def find_repository(world: World, arguments: Arguments) -> Record:
    """The repository that the arguments name, in any case of letters, or by a name that it had before."""
    name = str(arguments["repository"])
    row = tables.get(world, "repositories", name)
    if row is None:
        rows = world.table("github.repositories")
        row = next((one for one in rows if one["full_name"].lower() == name.lower()), None)
    row = row or renamed(world, name)
    if row is None:
        raise not_found()
    return row


def renamed(world: World, name: str) -> Record | None:
    """The repository that was called ``name`` once, where no other one is now."""
    if tables.get(world, "repositories", name) is not None:
        return None
    former = name.lower()
    rows = (one for one in world.table("github.repositories") if "former_names" in one)
    return next((one for one in rows if former in map(str.lower, one["former_names"])), None)


def full_name(world: World, arguments: Arguments) -> str:
    return str(find_repository(world, arguments)["full_name"])


def find_pull(world: World, arguments: Arguments) -> Record:
    """The pull request with a number or, as gh names it, of a ``branch``."""
    repository = full_name(world, arguments)
    if "number" not in arguments:
        return _pull_of_branch(world, repository, str(arguments.get("branch") or ""))
    wanted = number(arguments)
    pull = tables.get(world, "pulls", repository, wanted)
    if pull is not None:
        return pull
    if (tables.get(world, "issues", repository, wanted) or {}).get("pull_request"):
        raise Incomplete(f"the branches of {repository}#{wanted}")
    raise _unknown(world, repository, wanted)


def _unknown(world: World, repository: str, wanted: int) -> Exception:
    """There is no such number; or there is, because somebody wrote a comment there, and no more is known."""
    for table in ("comments", "reviews", "review_comments", "pull_files", "pull_commits"):
        if tables.rows(world, table, "number", wanted, repository):
            return Incomplete(f"{repository}#{wanted}")
    return not_found()


def _pull_of_branch(world: World, repository: str, branch: str) -> Record:
    """The open pull request of a branch, else the newest one."""
    rows = [row for row in tables.rows(world, "pulls", "head", branch) if row["repository"] == repository]
    if not rows:
        message = f'no pull requests found for branch "{branch}"'
        raise Refused(404, message, said=message)
    return max(rows, key=lambda row: (row["state"] == "open", row["number"]))


def find_issue(world: World, arguments: Arguments) -> Record:
    repository, wanted = full_name(world, arguments), number(arguments)
    issue = tables.get(world, "issues", repository, wanted)
    if issue is None:
        raise _unknown(world, repository, wanted)
    return issue


def find_item(world: World, arguments: Arguments) -> tuple[str, Record]:
    """The issue or pull request with a number, and its table: GitHub counts both as one."""
    repository = full_name(world, arguments)
    if "number" not in arguments:
        return "pulls", find_pull(world, arguments)
    for table in ("issues", "pulls"):
        item = tables.get(world, table, repository, number(arguments))
        if item is not None:
            return table, item
    raise _unknown(world, repository, number(arguments))


def find_row(world: World, table: str, arguments: Arguments, key: str) -> Record:
    """The record of ``table`` that the argument ``key`` identifies in the repository."""
    row = tables.get(world, table, full_name(world, arguments), arguments[key])
    if row is None:
        raise not_found()
    return row
