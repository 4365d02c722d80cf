"""GitHub's search for repositories, code, commits and people, over the rows of the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Record
from routine_harness.world.github.operations.contents import content_sha, files_at, history
from routine_harness.world.github.operations.files import entry
from routine_harness.world.github.operations.operation import Arguments, Done, Incomplete, found
from routine_harness.world.github.operations.query import Term, in_range, parse_query
from routine_harness.world.github.records import tables
from routine_harness.world.state import World


def _terms(arguments: Arguments) -> list[Term]:
    return list(dict.fromkeys(term for terms in parse_query(arguments["query"]) for term in terms))


def _is_of(row: Record, name: str, value: str) -> bool:
    return bool(row["full_name" if name == "repo" else "owner"].lower() == value.lower())


def _repositories(world: World, terms: list[Term]) -> list[Record]:
    rows = list(world.table("github.repositories"))
    for term in terms:
        if term.name in ("repo", "org", "user", "owner"):
            rows = [row for row in rows if _is_of(row, term.name, term.value) is not term.negated]
    return rows


_REPOSITORY_TERMS: Final[dict[str, Callable[[Record, str], bool]]] = {
    "": lambda row, word: word.lower() in f"{row['full_name']} {row['description'] or ''}".lower(),
    "language": lambda row, word: str(row.get("language") or "").lower() == word.lower(),
    "topic": lambda row, word: word in (row.get("topics") or ()),
    "archived": lambda row, word: bool(row["archived"]) is (word == "true"),
    "fork": lambda row, word: bool(row["fork"]) is (word != "false"),
    "is": lambda row, word: word == ("private" if row["private"] else "public"),
    "stars": lambda row, word: in_range(row.get("stargazers_count") or 0, word),
    "pushed": lambda row, word: in_range(row.get("pushed_at") or row["updated_at"], word),
    "created": lambda row, word: in_range(row["created_at"], word),
}


def search_repositories(world: World, arguments: Arguments) -> Done:
    terms = _terms(arguments)
    rows = _repositories(world, terms)
    for term in terms:
        if term.name in _REPOSITORY_TERMS:
            test = _REPOSITORY_TERMS[term.name]
            rows = [row for row in rows if test(row, term.value) is not term.negated]
    fields = {"stars": "stargazers_count", "forks": "forks_count", "updated": "updated_at"}
    field = fields.get(arguments.get("sort") or "", "")
    if field:
        rows.sort(key=lambda row: row.get(field) or 0, reverse=(arguments.get("order") or "desc") == "desc")
    return found(world, rows)


def search_code(world: World, arguments: Arguments) -> Done:
    """Files of the default branches that hold every word and have what the qualifiers ask for."""
    terms = _terms(arguments)
    tests = _file_tests(terms)
    rows: list[Record] = []
    for row in _repositories(world, terms):
        tree = files_at(world, row["full_name"])
        if tree is None:
            if any(term.name == "repo" for term in terms):
                raise Incomplete(f"the files of {row['full_name']}")
            continue
        files = [(path, content) for path, content in tree.items() if isinstance(content, str)]
        for test in tests:
            files = [(path, content) for path, content in files if test(path.lower(), content)]
        for path, content in files:
            shown = entry(row["full_name"], row["default_branch"], path, content_sha(content, path))
            rows.append({**shown, "text_matches": _text_matches(content, terms)})
    return found(world, rows)


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


def search_commits(world: World, arguments: Arguments) -> Done:
    terms = _terms(arguments)
    rows = []
    for row in _repositories(world, terms):
        tip = tables.get(world, "branches", row["full_name"], row["default_branch"]) or {}
        commits, _ = history(world, row["full_name"], str(tip.get("sha")))
        rows += [commit for commit in commits if all(_commit_has(commit, term) for term in terms)]
    if arguments.get("sort"):
        rows.sort(key=lambda one: str(one.get("date")), reverse=(arguments.get("order") or "desc") == "desc")
    return found(world, rows)


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


def search_users(world: World, arguments: Arguments) -> Done:
    return _people(world, arguments, organizations=False)


def search_orgs(world: World, arguments: Arguments) -> Done:
    return _people(world, arguments, organizations=True)


_WROTE: Final = ("issues", "pulls", "comments", "reviews", "review_comments")


def _people(world: World, arguments: Arguments, *, organizations: bool) -> Done:
    """Those who have a row, own a repository or wrote something."""
    terms = [term for term in _terms(arguments) if term.name not in ("type", "in", "sort")]
    people: dict[str, Record] = {
        row["owner"]: {"login": row["owner"]} for row in world.table("github.repositories")
    }
    for table in _WROTE:
        people |= {row["user"]: {"login": row["user"]} for row in world.table(f"github.{table}")}
    people |= {row["login"]: row for row in world.table("github.users")}
    known = {team["organization"] for team in world.table("github.teams")}
    known |= {login for login, row in people.items() if row.get("type") == "Organization"}
    rows = [
        row
        for login, row in sorted(people.items())
        if (login in known) is organizations and all(_person_is(row, term) for term in terms)
    ]
    return found(world, rows)


def _person_is(row: Record, term: Term) -> bool:
    text = f"{row['login']} {row.get('name') or ''} {row.get('email') or ''}".lower()
    value = term.value.lower()
    holds = row["login"].lower() == value if term.name in ("user", "org") else value in text
    return holds is not term.negated
