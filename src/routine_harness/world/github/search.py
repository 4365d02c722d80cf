"""GitHub's search: qualifiers, words, order and pages, over the rows of the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import Answer, Arguments, Incomplete, paged, respond
from routine_harness.world.github.contents import content_sha, files_at, history
from routine_harness.world.github.query import Term, in_range, parse_query
from routine_harness.world.github.search_items import results
from routine_harness.world.github.show import compact, pick, show_commit, show_repository, show_user
from routine_harness.world.state import Record, World


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
            "stars": lambda row, word=value: in_range(row.get("stargazers_count") or 0, word),  # type: ignore[misc]
            "pushed": lambda row, word=value: in_range(row.get("pushed_at") or row["updated_at"], word),  # type: ignore[misc]
            "created": lambda row, word=value: in_range(row["created_at"], word),  # type: ignore[misc]
        }
        if term.name in tests:
            rows = [row for row in rows if tests[term.name](row) is not term.negated]
    fields = {"stars": "stargazers_count", "forks": "forks_count", "updated": "updated_at"}
    field = fields.get(arguments.get("sort") or "", "")
    if field:
        rows.sort(key=lambda row: row.get(field) or 0, reverse=(arguments.get("order") or "desc") == "desc")
    shown = [show_repository(world, row) for row in paged(rows, arguments)]
    return respond(world, results(len(rows), shown))


def search_code(world: World, arguments: Arguments) -> Answer:
    """Files of the default branches that hold every word and have what the qualifiers ask for."""
    terms = parse_query(arguments["query"])
    tests = _file_tests(terms)
    found: list[tuple[str, str, str]] = []
    for row in _repositories(world, terms):
        tree = files_at(world, row["full_name"])
        if tree is None:
            if any(term.name == "repo" for term in terms):
                raise Incomplete(f"the files of {row['full_name']}")
            continue
        files = [(path, content) for path, content in tree.items() if isinstance(content, str)]
        for test in tests:
            files = [(path, content) for path, content in files if test(path.lower(), content)]
        found += [(row["full_name"], path, content) for path, content in files]
    shown = [_show_file(*file, terms) for file in paged(found, arguments)]
    return respond(world, results(len(found), pick(shown, arguments.get("fields"))))


def _show_file(repository: str, path: str, content: str, terms: list[Term]) -> Record:
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": content_sha(content, path),
        "repository": repository,
        **compact(text_matches=_text_matches(content, terms)),
    }


FileTest = Callable[[str, str], bool]
"""A file's path in lower case and its content → whether it has what a term asks for."""


def _file_tests(terms: list[Term]) -> list[FileTest]:
    """One test for each term that is about files."""
    return [_file_test(term) for term in terms if term.name in _FILE_TERMS]


def _file_test(term: Term) -> FileTest:
    make, negated = _FILE_TERMS[term.name], term.negated
    has = make(term.value.lower())
    return (lambda path, content: not has(path, content)) if negated else has


def _ends_in(endings: tuple[str, ...]) -> FileTest:
    return lambda path, _: path.endswith(endings)


_FILE_TERMS: Final[dict[str, Callable[[str], FileTest]]] = {
    "": lambda value: lambda path, content: value in content.lower() or value in path,
    "filename": lambda value: lambda path, _: path.rsplit("/", 1)[-1] == value,
    "path": lambda value: lambda path, _: path.startswith(value.strip("/")),
    "extension": lambda value: _ends_in((f".{value}",)),
    "language": lambda value: _ends_in(_EXTENSIONS.get(value, (f".{value}",))),
    "content": lambda value: lambda _, content: value in content.lower(),
    "symbol": lambda value: lambda _, content: value in content.lower(),
}
"""Qualifier of a search for code → the test for its value; the empty one is a plain word."""

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
    return respond(world, results(len(found), shown))


def _commit_has(commit: Record, term: Term) -> bool:
    tests = {
        "": term.value.lower() in str(commit.get("message") or "").lower(),
        "author": term.value in (commit.get("author"), commit.get("author_name")),
        "author-email": term.value == commit.get("author_email"),
        "hash": str(commit["sha"]).startswith(term.value),
        "author-date": in_range(commit.get("date"), term.value),
        "committer-date": in_range(commit.get("date"), term.value),
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
    return respond(world, results(len(found), shown))


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
    "search_repositories": search_repositories,
    "search_code": search_code,
    "search_commits": search_commits,
    "search_users": search_users,
    "search_orgs": search_orgs,
}
