"""Searching issues and pull requests: GitHub's qualifiers over the rows of the world."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.commits import combined_status
from routine_harness.world.github.operations.labels import milestone_title
from routine_harness.world.github.operations.operation import Arguments, Done, found
from routine_harness.world.github.operations.query import Term, in_range, parse_query
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import count_of
from routine_harness.world.state import World


def _mine(world: World, login: str) -> str:
    return tables.me(world) if login == "@me" else login.removeprefix("app/")


def _is_pull(item: Record) -> bool:
    return "head" in item or bool(item.get("pull_request"))


_FACTS: Final[dict[str, Callable[[Record], bool]]] = {
    "open": lambda item: bool(item["state"] == "open"),
    "closed": lambda item: bool(item["state"] == "closed"),
    "merged": lambda item: bool(item.get("merged")),
    "unmerged": lambda item: _is_pull(item) and not item.get("merged"),
    "draft": lambda item: bool(item.get("draft")),
    "issue": lambda item: not _is_pull(item),
    "pr": _is_pull,
    "pull-request": _is_pull,
    "locked": lambda item: bool(item.get("locked")),
    "unlocked": lambda item: not item.get("locked"),
}


def _is(world: World, item: Record, value: str) -> bool:
    if value in _FACTS:
        return _FACTS[value](item)
    row = tables.get(world, "repositories", item["repository"]) or {}
    return value == str("private" if row.get("private") else "public")


def _no(world: World, item: Record, value: str) -> bool:
    fields = {"label": "labels", "assignee": "assignees", "milestone": "milestone"}
    return value in fields and not item.get(fields[value])


def _review(world: World, item: Record, value: str) -> bool:
    rows = tables.rows(world, "reviews", "number", item["number"], item["repository"])
    states = {row["state"] for row in rows}
    return {
        "none": not states,
        "approved": "APPROVED" in states,
        "changes_requested": "CHANGES_REQUESTED" in states,
        "required": "APPROVED" not in states,
    }.get(value, False)


def _commenter(world: World, item: Record, value: str) -> bool:
    rows = tables.rows(world, "comments", "number", item["number"], item["repository"])
    return _mine(world, value) in {row["user"] for row in rows}


def _involves(world: World, item: Record, value: str) -> bool:
    login = _mine(world, value)
    named = {item["user"], *item["assignees"]}
    return login in named or _commenter(world, item, value) or f"@{login}" in (item["body"] or "")


def _status(world: World, item: Record, value: str) -> bool:
    return (
        "head_sha" in item and combined_status(world, item["repository"], item["head_sha"])["state"] == value
    )


def _author(world: World, item: Record, value: str) -> bool:
    return bool(item["user"].removesuffix("[bot]") == _mine(world, value).removesuffix("[bot]"))


def _assignee(world: World, item: Record, value: str) -> bool:
    return bool(item["assignees"]) if value == "*" else _mine(world, value) in item["assignees"]


def _label(_: World, item: Record, value: str) -> bool:
    wanted = set(value.lower().replace('"', "").split(","))
    return bool({label.lower() for label in item["labels"]} & wanted)


def _milestone(world: World, item: Record, value: str) -> bool:
    return bool(item.get("milestone")) if value == "*" else milestone_title(world, item) == value


def _reason(_: World, item: Record, value: str) -> bool:
    return str(item.get("state_reason") or "").replace("_", " ") == value.replace("-", " ")


def _reviewed_by(world: World, item: Record, value: str) -> bool:
    rows = tables.rows(world, "reviews", "number", item["number"], item["repository"])
    return _mine(world, value) in {row["user"] for row in rows}


def _asked(world: World, item: Record, value: str) -> bool:
    return _mine(world, value) in item.get("requested_reviewers", ())


_TESTS: Final[dict[str, Callable[[World, Record, str], bool]]] = {
    "is": _is,
    "type": _is,
    "state": lambda _, item, value: item["state"] == value,
    "draft": lambda _, item, value: bool(item.get("draft")) is (value == "true"),
    "repo": lambda _, item, value: item["repository"].lower() == value.lower(),
    "org": lambda _, item, value: item["repository"].lower().startswith(f"{value.lower()}/"),
    "user": lambda _, item, value: item["repository"].lower().startswith(f"{value.lower()}/"),
    "owner": lambda _, item, value: item["repository"].lower().startswith(f"{value.lower()}/"),
    "author": _author,
    "assignee": _assignee,
    "label": _label,
    "milestone": _milestone,
    "no": _no,
    "head": lambda _, item, value: str(item.get("head") or "").startswith(value),
    "base": lambda _, item, value: item.get("base") == value,
    "created": lambda _, item, value: in_range(item["created_at"], value),
    "updated": lambda _, item, value: in_range(item["updated_at"], value),
    "closed": lambda _, item, value: bool(item.get("closed_at")) and in_range(item["closed_at"], value),
    "merged": lambda _, item, value: bool(item.get("merged_at")) and in_range(item["merged_at"], value),
    "comments": lambda world, item, value: in_range(count_of(world, "comments", item, "comments"), value),
    "reason": _reason,
    "review": _review,
    "reviewed-by": _reviewed_by,
    "review-requested": _asked,
    "user-review-requested": _asked,
    "commenter": _commenter,
    "involves": _involves,
    "mentions": lambda world, item, value: f"@{_mine(world, value)}" in (item["body"] or ""),
    "status": _status,
    "sha": lambda _, item, value: str(item.get("head_sha") or "").startswith(value),
    "number": lambda _, item, value: str(item["number"]) == value,
}  # fmt: skip
"""Qualifier → whether an issue or pull request has what it asks for."""

_ORDERING: Final = ("in", "sort", "archived")

Test = Callable[[Record], bool]


def _tests(world: World, terms: list[Term]) -> list[Test]:
    """What a row has to pass, one test for each term; the cheap ones come first."""
    places = [term.value for term in terms if term.name == "in" and not term.negated]
    tests = [_test(world, term, places) for term in terms if term.name not in _ORDERING]
    return [test for _, test in sorted(tests, key=lambda each: each[0])]


def _test(world: World, term: Term, places: list[str]) -> tuple[int, Test]:
    """The test that ``term`` stands for, and whether it is a dear one."""
    name, value = term.name, term.value
    if not name:
        holds: Test = _saying(world, value, places)
    elif name in ("is", "type") and value in _FACTS:
        holds = _FACTS[value]
    elif name in _TESTS:
        known = _TESTS[name]
        holds = lambda item: known(world, item, value)  # noqa: E731 - a qualifier with its value
    else:
        holds = _saying(world, f"{name}:{value}", places)  # GitHub takes an unknown qualifier for text
    test: Test = (lambda item: not holds(item)) if term.negated else holds
    return int(name not in ("is", "type", "state", "repo", "author")), test


def _saying(world: World, text: str, places: list[str]) -> Test:
    """Whether title, body or a comment says ``text``; comments are read once for all items."""
    wanted = {part for place in places for part in place.split(",")} or {"title", "body", "comments"}
    holds_words = whole_words(text)
    fields = [field for field in ("title", "body") if field in wanted]
    rows = world.table("github.comments") if "comments" in wanted else ()
    said = {(row["repository"], row["number"]) for row in rows if holds_words(str(row["body"]))}

    def holds(item: Record) -> bool:
        for field in fields:
            if (text := item[field]) and holds_words(text):
                return True
        return bool(said) and (item["repository"], item["number"]) in said

    return holds


def whole_words(words: str) -> Callable[[str], bool]:
    """Whether a text holds ``words`` as whole words, in any case: ``KeyErr`` is not in ``KeyError``."""
    low = words.lower()
    plain = re.escape(low)  # it comes first, so that the search runs from one place to the next
    before = rf"(?<![^\W_]{plain})" if low[:1].isalnum() else ""
    after = r"(?![^\W_])" if low[-1:].isalnum() else ""
    whole = re.compile(plain + before + after).search

    def holds(text: str) -> bool:
        lowered = text.lower()
        return low in lowered and whole(lowered) is not None  # most texts fail at the cheap question

    return holds


def _candidates(world: World, terms: list[Term]) -> list[Record]:
    """The rows that can be meant: of the kind and of the repository that the query names."""
    kinds = {term.value for term in terms if term.name in ("is", "type") and not term.negated}
    names = ["github.issues"] if "issue" in kinds else ["github.issues", "github.pulls"]
    return [row for name in names for row in world.table(name)]


def search_issues(world: World, arguments: Arguments) -> Done:
    """Issues and pull requests; ``kind`` (``issue``, ``pr``) where the query does not say which."""
    alternatives = parse_query(arguments["query"])
    given = [term for terms in alternatives for term in terms]
    more = []
    if arguments.get("repository") and not any(term.name == "repo" for term in given):
        more.append(Term(arguments["repository"], "repo"))
    kinds = {term.value for term in given if term.name in ("is", "type")} & {"pr", "issue", "pull-request"}
    if not kinds and arguments.get("kind"):
        more.append(Term(arguments["kind"], "is"))
    rows: dict[tuple[str, int], Record] = {}
    for terms in alternatives:
        left = _candidates(world, terms + more)
        for test in _tests(world, terms + more):
            left = [row for row in left if test(row)]
        rows |= {(row["repository"], row["number"]): row for row in left}
    sort, order = arguments.get("sort"), arguments.get("order") or "desc"
    for term in given:
        if term.name == "sort" and sort is None:
            sort, _, direction = term.value.partition("-")
            order = direction or order
    return found(world, sorted(rows.values(), key=_order(world, sort), reverse=order == "desc"))


def _order(world: World, sort: str | None) -> Callable[[Record], Json]:
    if sort in (None, "created", "updated"):
        return itemgetter("updated_at" if sort == "updated" else "created_at", "number")
    if sort == "comments":
        return lambda row: (count_of(world, "comments", row, "comments"), row["number"])
    wanted = sort.partition("-")[2] if sort.startswith("reactions-") else ""

    def reactions(row: Record) -> tuple[int, int]:
        on = f"{row['repository']}#{row['number']}"
        contents = [one["content"] for one in tables.rows(world, "reactions", "on", on)]
        return contents.count(wanted) if wanted else len(contents), row["number"]

    return reactions


def search_pulls(world: World, arguments: Arguments) -> Done:
    return search_issues(world, {**arguments, "kind": "pr"})
