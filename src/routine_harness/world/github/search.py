"""GitHub's search: qualifiers, words, order and pages, over the rows of the world."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any, Final

import msgspec

from routine_harness.world.github import tables
from routine_harness.world.github.answers import Answer, Arguments, Incomplete, paged, respond
from routine_harness.world.github.contents import content_sha, files_at, history
from routine_harness.world.github.show import (
    compact,
    count_of,
    milestone_title,
    pick,
    show_commit,
    show_label,
    show_repository,
    show_user,
)
from routine_harness.world.github.state_of_commits import combined_status
from routine_harness.world.state import Record, World


class Term(msgspec.Struct, frozen=True):
    """One part of a query: a word, or ``name:value``; ``negated`` with a minus before it."""

    value: str
    name: str = ""
    negated: bool = False


_TERM: Final = re.compile(r'(-?)([A-Za-z][A-Za-z-]*):("[^"]*"|\S+)')


def parse_query(query: str) -> list[Term]:
    """The parts of ``query``; quotation marks keep words together."""
    terms, rest = [], query
    for match in _TERM.finditer(query):
        if "://" in match[0]:
            continue
        terms.append(Term(match[3].strip('"'), match[2].lower(), bool(match[1])))
        rest = rest.replace(match[0], " ", 1)
    return terms + [Term(word.lstrip("-"), "", word.startswith("-")) for word in _words(rest)]


def _words(text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.replace('"', " ").split()
    return [word for word in words if word not in ("AND", "OR", "NOT")]


def _in_range(given: Any, wanted: str) -> bool:
    """Whether a number or time satisfies ``>=3``, ``2026-01-01..2026-02-01``, ``*..5`` or a plain one."""
    low, dots, high = wanted.partition("..")
    if dots:
        return _compare(given, ">=", low) and _compare(given, "<=", high)
    match = re.match(r"(>=|<=|>|<)(.+)", wanted)
    return _compare(given, match[1], match[2]) if match else _compare(given, "=", wanted)


def _compare(given: Any, operator: str, wanted: str) -> bool:
    if wanted == "*":
        return True
    if isinstance(given, int):
        if not wanted.lstrip("-").isdigit():
            return False
        left: Any = given
        right: Any = int(wanted)
    else:
        left, right = str(given or ""), wanted
        if operator in ("=", "<=", ">") and len(right) < len(left):
            left = left[: len(right)]  # a day covers all its hours
    results = {
        ">=": left >= right,
        "<=": left <= right,
        ">": left > right,
        "<": left < right,
        "=": left == right,
    }
    return bool(results[operator])


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


_TESTS: Final[dict[str, Callable[[World, Record, str], bool]]] = {
    "is": _is,
    "type": lambda world, item, value: _is(world, item, value),
    "state": lambda _, item, value: item["state"] == value,
    "draft": lambda _, item, value: bool(item.get("draft")) is (value == "true"),
    "repo": lambda _, item, value: item["repository"].lower() == value.lower(),
    "org": lambda _, item, value: item["repository"].lower().startswith(f"{value.lower()}/"),
    "user": lambda _, item, value: item["repository"].lower().startswith(f"{value.lower()}/"),
    "owner": lambda _, item, value: item["repository"].lower().startswith(f"{value.lower()}/"),
    "author": lambda world, item, value: item["user"].removesuffix("[bot]") == _mine(world, value).removesuffix("[bot]"),
    "assignee": lambda world, item, value: bool(item["assignees"]) if value == "*" else _mine(world, value) in item["assignees"],
    "label": lambda _, item, value: bool({one.lower() for one in item["labels"]} & set(value.lower().replace('"', "").split(","))),
    "milestone": lambda world, item, value: bool(item.get("milestone")) if value == "*" else milestone_title(world, item) == value,
    "no": _no,
    "head": lambda _, item, value: str(item.get("head") or "").startswith(value),
    "base": lambda _, item, value: item.get("base") == value,
    "created": lambda _, item, value: _in_range(item["created_at"], value),
    "updated": lambda _, item, value: _in_range(item["updated_at"], value),
    "closed": lambda _, item, value: bool(item.get("closed_at")) and _in_range(item["closed_at"], value),
    "merged": lambda _, item, value: bool(item.get("merged_at")) and _in_range(item["merged_at"], value),
    "comments": lambda world, item, value: _in_range(count_of(world, "comments", item, "comments"), value),
    "reason": lambda _, item, value: str(item.get("state_reason") or "").replace("_", " ") == value.replace("-", " "),
    "review": _review,
    "reviewed-by": lambda world, item, value: _mine(world, value) in {row["user"] for row in tables.rows(world, "reviews", "number", item["number"], item["repository"])},
    "review-requested": lambda world, item, value: _mine(world, value) in item.get("requested_reviewers", ()),
    "user-review-requested": lambda world, item, value: _mine(world, value) in item.get("requested_reviewers", ()),
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
    return respond(world, _results(len(found), pick(shown, arguments.get("fields"))))


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


def _results(total: int, items: list[Any]) -> dict[str, Any]:
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


def _repositories(world: World, terms: list[Term]) -> list[Record]:
    rows = list(world.table("github.repositories"))
    for term in terms:
        tests: dict[str, Callable[[Record, str], bool]] = {
            "repo": lambda row, value: row["full_name"].lower() == value.lower(),
            "org": lambda row, value: row["owner"].lower() == value.lower(),
            "user": lambda row, value: row["owner"].lower() == value.lower(),
            "owner": lambda row, value: row["owner"].lower() == value.lower(),
        }
        if term.name in tests:
            test, value = tests[term.name], term.value
            rows = [row for row in rows if test(row, value) is not term.negated]
    return rows


def search_repositories(world: World, arguments: Arguments) -> Answer:
    terms = parse_query(arguments["query"])
    rows = _repositories(world, terms)
    for term in terms:
        value = term.value
        tests: dict[str, Callable[[Record], bool]] = {
            "": lambda row, word=value: (
                word.lower() in f"{row['full_name']} {row['description'] or ''}".lower()
            ),  # type: ignore[misc]
            "language": lambda row, word=value: str(row.get("language") or "").lower() == word.lower(),  # type: ignore[misc]
            "topic": lambda row, word=value: word in (row.get("topics") or ()),  # type: ignore[misc]
            "archived": lambda row, word=value: bool(row["archived"]) is (word == "true"),  # type: ignore[misc]
            "fork": lambda row, word=value: bool(row["fork"]) is (word != "false"),  # type: ignore[misc]
            "is": lambda row, word=value: word == ("private" if row["private"] else "public"),  # type: ignore[misc]
            "stars": lambda row, word=value: _in_range(row.get("stargazers_count") or 0, word),  # type: ignore[misc]
            "pushed": lambda row, word=value: _in_range(row.get("pushed_at") or row["updated_at"], word),  # type: ignore[misc]
            "created": lambda row, word=value: _in_range(row["created_at"], word),  # type: ignore[misc]
        }
        if term.name in tests:
            rows = [row for row in rows if tests[term.name](row) is not term.negated]
    fields = {"stars": "stargazers_count", "forks": "forks_count", "updated": "updated_at"}
    field = fields.get(arguments.get("sort") or "", "")
    if field:
        rows.sort(key=lambda row: row.get(field) or 0, reverse=(arguments.get("order") or "desc") == "desc")
    shown = [show_repository(world, row) for row in paged(rows, arguments)]
    return respond(world, _results(len(rows), shown))


def search_code(world: World, arguments: Arguments) -> Answer:
    """Files of the default branches that hold every word and have what the qualifiers ask for."""
    terms = parse_query(arguments["query"])
    found = []
    for row in _repositories(world, terms):
        tree = files_at(world, row["full_name"])
        if tree is None:
            if any(term.name == "repo" for term in terms):
                raise Incomplete(f"the files of {row['full_name']}")
            continue
        found += [
            {
                "name": path.rsplit("/", 1)[-1],
                "path": path,
                "sha": content_sha(content, path),
                "repository": row["full_name"],
                **compact(text_matches=_text_matches(content, terms)),
            }
            for path, content in tree.items()
            if isinstance(content, str) and all(_file_has(path, content, term) for term in terms)
        ]
    shown = pick(paged(found, arguments), arguments.get("fields"))
    return respond(world, _results(len(found), shown))


def _file_has(path: str, content: str, term: Term) -> bool:
    name = path.rsplit("/", 1)[-1]
    value = term.value.lower()
    tests = {
        "": value in content.lower() or value in path.lower(),
        "filename": name.lower() == value,
        "path": path.lower().startswith(value.strip("/")),
        "extension": name.lower().endswith(f".{value}"),
        "language": name.lower().endswith(_EXTENSIONS.get(value, (f".{value}",))),
        "content": value in content.lower(),
        "symbol": value in content.lower(),
    }
    return tests.get(term.name, True) is not term.negated if term.name in tests else True


_EXTENSIONS: Final[dict[str, tuple[str, ...]]] = {
    "python": (".py", ".pyi"),
    "javascript": (".js", ".jsx", ".mjs"),
    "typescript": (".ts", ".tsx"),
    "go": (".go",),
    "ruby": (".rb",),
    "rust": (".rs",),
    "java": (".java",),
    "yaml": (".yaml", ".yml"),
    "markdown": (".md",),
    "shell": (".sh", ".bash"),
    "c++": (".cpp", ".cc", ".hpp"),
}


def _text_matches(content: str, terms: list[Term]) -> list[Record]:
    words = [term.value.lower() for term in terms if not term.name and not term.negated]
    lines = [line for line in content.splitlines() if any(word in line.lower() for word in words)]
    return [{"fragment": line, "property": "content"} for line in lines[:3]]


def search_commits(world: World, arguments: Arguments) -> Answer:
    terms = parse_query(arguments["query"])
    found = []
    for row in _repositories(world, terms):
        tip = tables.get(world, "branches", row["full_name"], row["default_branch"]) or {}
        commits, _ = history(world, row["full_name"], str(tip.get("sha")))
        found += [(row, commit) for commit in commits if all(_commit_has(commit, term) for term in terms)]
    if arguments.get("sort"):
        found.sort(
            key=lambda one: str(one[1].get("date")), reverse=(arguments.get("order") or "desc") == "desc"
        )
    shown = [
        {
            **show_commit(world, commit),
            "repository": {
                "full_name": row["full_name"],
                "html_url": row["html_url"],
                **compact(private=row["private"]),
            },
        }
        for row, commit in paged(found, arguments)
    ]
    return respond(world, _results(len(found), shown))


def _commit_has(commit: Record, term: Term) -> bool:
    tests = {
        "": term.value.lower() in str(commit.get("message") or "").lower(),
        "author": term.value in (commit.get("author"), commit.get("author_name")),
        "author-email": term.value == commit.get("author_email"),
        "hash": str(commit["sha"]).startswith(term.value),
        "author-date": _in_range(commit.get("date"), term.value),
        "committer-date": _in_range(commit.get("date"), term.value),
        "merge": (len(commit.get("parents") or ()) > 1) is (term.value == "true"),
    }
    return tests[term.name] is not term.negated if term.name in tests else True


def _search_people(world: World, arguments: Arguments, kind: str) -> Answer:
    terms = [term for term in parse_query(arguments["query"]) if term.name not in ("type", "in", "sort")]
    owners = {row["owner"]: {"login": row["owner"]} for row in world.table("github.repositories")}
    organizations = {team["organization"] for team in world.table("github.teams")}
    people = {**owners, **{row["login"]: row for row in world.table("github.users")}}
    organizations |= {login for login, row in people.items() if row.get("type") == "Organization"}
    found = [
        row
        for login, row in sorted(people.items())
        if (login in organizations) is (kind == "org") and all(_person_is(row, term) for term in terms)
    ]
    shown = [show_user(world, row["login"]) for row in paged(found, arguments)]
    return respond(world, _results(len(found), shown))


def _person_is(row: Record, term: Term) -> bool:
    text = f"{row['login']} {row.get('name') or ''} {row.get('email') or ''}".lower()
    found = (
        row["login"].lower() == term.value.lower()
        if term.name in ("user", "org")
        else term.value.lower() in text
    )
    return found is not term.negated


def search_users(world: World, arguments: Arguments) -> Answer:
    return _search_people(world, arguments, "user")


def search_orgs(world: World, arguments: Arguments) -> Answer:
    return _search_people(world, arguments, "org")


OPERATIONS: Final = {
    "search_issues": search_issues,
    "search_pull_requests": search_pull_requests,
    "search_repositories": search_repositories,
    "search_code": search_code,
    "search_commits": search_commits,
    "search_users": search_users,
    "search_orgs": search_orgs,
}
