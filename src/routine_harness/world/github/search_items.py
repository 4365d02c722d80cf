"""Searching issues and pull requests: GitHub's qualifiers over the rows of the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import Answer, Arguments, paged, respond
from routine_harness.world.github.query import Term, in_range, parse_query
from routine_harness.world.github.show import compact, count_of, milestone_title, pick, show_label, show_user
from routine_harness.world.github.state_of_commits import combined_status
from routine_harness.world.state import Record, World


def _mine(world: World, login: str) -> str:
    return tables.me(world) if login == "@me" else login.removeprefix("app/")


def _is(world: World, item: Record, value: str) -> bool:
    pull = "head" in item or bool(item.get("pull_request"))
    facts = {
        "open": item["state"] == "open",
        "closed": item["state"] == "closed",
        "merged": bool(item.get("merged")),
        "unmerged": pull and not item.get("merged"),
        "draft": bool(item.get("draft")),
        "issue": not pull,
        "pr": pull,
        "pull-request": pull,
        "locked": bool(item.get("locked")),
        "unlocked": not item.get("locked"),
    }
    if value in facts:
        return bool(facts[value])
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


def _matches(world: World, item: Record, terms: list[Term]) -> bool:
    places = [term.value for term in terms if term.name == "in" and not term.negated]
    for term in terms:
        if term.name in _ORDERING:
            continue
        test = _TESTS.get(term.name)
        found = (
            test(world, item, term.value)
            if test
            else not term.name and _says(world, item, term.value, places)
        )
        if found is term.negated:
            return False
    return True


def _says(world: World, item: Record, word: str, places: list[str]) -> bool:
    wanted = {part for place in places for part in place.split(",")} or {"title", "body", "comments"}
    texts = [item["title"]] if "title" in wanted else []
    texts += [item["body"] or ""] if "body" in wanted else []
    if "comments" in wanted:
        rows = tables.rows(world, "comments", "number", item["number"], item["repository"])
        texts += [row["body"] for row in rows]
    return any(word.lower() in text.lower() for text in texts)


def _search_items(world: World, arguments: Arguments, kind: str) -> Answer:
    terms = parse_query(arguments["query"])
    if arguments.get("owner") and arguments.get("repo") and not any(term.name == "repo" for term in terms):
        terms.append(Term(f"{arguments['owner']}/{arguments['repo']}", "repo"))
    kinds = {term.value for term in terms if term.name in ("is", "type")} & {"pr", "issue", "pull-request"}
    if not kinds:
        terms.append(Term(kind, "is"))
    rows = [*world.table("github.issues"), *world.table("github.pulls")]
    found = [row for row in rows if _matches(world, row, terms)]
    sort, order = arguments.get("sort"), arguments.get("order") or "desc"
    for term in terms:
        if term.name == "sort" and sort is None:
            sort, _, given = term.value.partition("-")
            order = given or order
    found.sort(key=lambda row: _sort_key(world, row, sort), reverse=order == "desc")
    shown = [show_found(world, row) for row in paged(found, arguments)]
    return respond(world, results(len(found), pick(shown, arguments.get("fields"))))


def _sort_key(world: World, row: Record, sort: str | None) -> tuple[Any, int]:
    if sort == "comments":
        return count_of(world, "comments", row, "comments"), row["number"]
    if sort in (None, "created", "updated"):
        return row["updated_at" if sort == "updated" else "created_at"], row["number"]
    on = f"{row['repository']}#{row['number']}"
    wanted = sort.partition("-")[2] if sort.startswith("reactions-") else ""
    contents = [one["content"] for one in tables.rows(world, "reactions", "on", on)]
    count = contents.count(wanted) if wanted else len(contents)
    return count, row["number"]


def results(total: int, items: list[Any]) -> dict[str, Any]:
    return {"total_count": total, "incomplete_results": False, "items": items}


def show_found(world: World, item: Record) -> Record:
    """An issue or pull request as REST's search gives it."""
    repository, number = item["repository"], item["number"]
    api = f"https://api.github.com/repos/{repository}"
    labels = [tables.get(world, "labels", repository, name) or {"name": name} for name in item["labels"]]
    shown: Record = {
        "id": item["id"], "number": number, "state": item["state"], "title": item["title"],
        "body": item["body"], "user": _rest_user(world, item["user"]),
        "labels": [show_label({"color": "ededed", "description": "", **label}) for label in labels],
        "assignees": [_rest_user(world, login) for login in item["assignees"]],
        "comments": count_of(world, "comments", item, "comments"), "locked": bool(item.get("locked")),
        "created_at": item["created_at"], "updated_at": item["updated_at"], "html_url": item["html_url"],
        "url": f"{api}/issues/{number}", "repository_url": api,
        **compact(
            closed_at=item.get("closed_at"), state_reason=item.get("state_reason"), draft=item.get("draft"),
            author_association=item.get("author_association"), milestone=milestone_title(world, item),
        ),
    }  # fmt: skip
    if "head" in item:
        links = {"url": f"{api}/pulls/{number}", "html_url": item["html_url"]}
        shown["pull_request"] = {**links, **compact(merged_at=item.get("merged_at"))}
    return shown


def _rest_user(world: World, login: str) -> Record:
    shown = show_user(world, login) or {}
    return {"login": login, "id": shown["id"], "html_url": shown["profile_url"]}


def search_issues(world: World, arguments: Arguments) -> Answer:
    return _search_items(world, arguments, "issue")


def search_pull_requests(world: World, arguments: Arguments) -> Answer:
    return _search_items(world, arguments, "pr")


OPERATIONS: Final = {
    "search_issues": search_issues,
    "search_pull_requests": search_pull_requests,
}
