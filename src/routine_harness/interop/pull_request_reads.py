"""A real pull request, read → the payload of its event and the records of its world."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.errors import Problem, UsageError
from routine_harness.interop.github_reads import GithubReads, ReadRefusedError
from routine_harness.interop.slim_records import without_addresses
from routine_harness.plain import Json, Record
from routine_harness.routine.spec import GithubTrigger, Routine
from routine_harness.world.github.records.rest_records import records_from_rest
from routine_harness.world.registry import Registry

_REFERENCE: Final = re.compile(
    r"(?:https?://[^/\s]+/)?(?P<repository>[\w.-]+/[\w.-]+)(?:#|/pull/)(?P<number>[1-9]\d{0,17})/?"
)
_OPENED: Final = "pull_request.opened"
_EVENT: Final = re.compile(r"pull_request\.[a-z_]+")


class PullReference(msgspec.Struct, frozen=True):
    """A pull request of GitHub's."""

    repository: str
    number: int

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"


class ReadPull(msgspec.Struct, frozen=True):
    """What was read: the body of its event, the rows of its world, and what GitHub did not give."""

    payload: Record
    at: str
    rows: tuple[tuple[str, Record], ...]
    unread: tuple[str, ...] = ()


def parse_reference(text: str) -> PullReference:
    """The pull request that ``OWNER/REPO#N``, or its page's address, means.

    Raises:
        UsageError: it means none.
    """
    found = _REFERENCE.fullmatch(text.strip())
    if found is None:
        raise UsageError(Problem("", 0, f"expected a pull request as OWNER/REPO#N, found {text!r}"))
    return PullReference(found["repository"], int(found["number"]))


def event_for(routine: Routine, wanted: str) -> str:
    """The event that the case is about: ``wanted``, else the first of a pull request that starts the
    routine; empty where no event of GitHub starts it.

    Raises:
        UsageError: ``wanted`` is no event of a pull request.
    """
    if wanted:
        if _EVENT.fullmatch(wanted) is None:
            message = f"expected an event of a pull request, found {wanted!r}"
            raise UsageError(Problem("--on", 0, message, "write it as pull_request.opened"))
        return wanted
    triggers = [trigger for trigger in routine.triggers if isinstance(trigger, GithubTrigger)]
    events = [event for trigger in triggers for event in trigger.events]
    own = (event for event in events if _EVENT.fullmatch(event))
    return next(own, _OPENED if triggers else "")


def refuse_ungranted(reference: PullReference, routine: Routine) -> None:
    """Raises, as a ``UsageError``, that the routine does not work in the pull request's repository."""
    granted = [one.full_name for one in routine.repositories if one.host == "github"]
    if reference.repository.lower() not in {name.lower() for name in granted}:
        message = f"{reference.repository} is no repository of the routine {routine.name}, so it is not read"
        hint = f"its repositories are {', '.join(granted)}" if granted else "name it under repositories"
        raise UsageError(Problem("", 0, message, hint))


def read_pull(reads: GithubReads, reference: PullReference, event: str, registry: Registry) -> ReadPull:
    """Read the pull request with its files, commits, reviews, comments, checks and labels.

    Raises:
        UsageError: it, or its repository, cannot be read.
    """
    root = f"/repos/{reference.repository}"
    own = f"{root}/pulls/{reference.number}"
    try:
        repository, pull = reads.get(root), reads.get(own)
    except ReadRefusedError as error:
        hint = "it is not there, or the token may not read it"
        raise UsageError(Problem("", 0, f"{reference}: GitHub answers {error}", hint)) from error
    if (
        not isinstance(pull, dict)
        or not isinstance(repository, dict)
        or pull.get("number") != reference.number
    ):
        raise UsageError(Problem("", 0, f"{reference}: what was answered is no pull request"))
    rows, unread = [*_rows(root, repository), *_rows(own, pull)], list[str]()
    for what, path, field in _lists(root, own, reference.number, str(_head(pull).get("sha") or "")):
        try:
            listed = reads.pages(path, field)
        except ReadRefusedError as error:
            unread.append(f"{what} ({error})")
            continue
        rows += _rows(path, {field: listed} if field else listed)
    return ReadPull(
        _payload(pull, repository, event, registry),
        str(pull.get("updated_at") or ""),
        tuple(rows),
        tuple(unread),
    )


def _lists(root: str, own: str, number: int, sha: str) -> Iterator[tuple[str, str, str]]:
    """What is read besides: its name, path, and the field of the answer that holds the list."""
    yield "files", f"{own}/files", ""
    yield "commits", f"{own}/commits", ""
    yield "reviews", f"{own}/reviews", ""
    yield "review comments", f"{own}/comments", ""
    yield "comments", f"{root}/issues/{number}/comments", ""
    if sha:
        yield "checks", f"{root}/commits/{sha}/check-runs", "check_runs"
        yield "statuses", f"{root}/commits/{sha}/statuses", ""
    yield "labels", f"{root}/labels", ""


def _rows(path: str, value: Json) -> list[tuple[str, Record]]:
    return records_from_rest("GET", f"https://api.github.com{path}", 200, value)


def _head(pull: Mapping[str, Json]) -> Mapping[str, Json]:
    head = pull.get("head")
    return head if isinstance(head, Mapping) else {}


def _payload(pull: Record, repository: Record, event: str, registry: Registry) -> Record:
    """The body of a webhook about the pull request as it is now."""
    action = event.partition(".")[2]
    body: Record = {"action": action} if action else {}
    body |= {"number": pull["number"], "pull_request": pull, "repository": repository}
    labels = pull.get("labels")
    if action == "labeled" and isinstance(labels, list) and labels:
        body["label"] = labels[-1]
    if isinstance(pull.get("user"), dict):
        body["sender"] = pull["user"]
    github = registry.get("github")
    columns = getattr(github, "columns", None)
    return body if columns is None else without_addresses(body, columns)
