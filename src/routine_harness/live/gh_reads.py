"""The commands of ``gh`` that look at pull requests, issues and repositories."""

from __future__ import annotations

from typing import Final

from routine_harness.live.gh import Gh, GhAnswer, GhFailed
from routine_harness.live.gh_fields import (
    ISSUE_FIELDS,
    PULL_FIELDS,
    REPOSITORY_FIELDS,
    Shown,
    comment_lines,
    issue_line,
    pull_line,
    select,
    view_lines,
)

DEFAULT_LIMIT: Final = "30"


def view_pull(gh: Gh) -> str:
    number = gh.number("pr")
    record = gh.call("pull_request_read", method="get", pullNumber=number)
    return _view(gh, record, "pr")


def view_issue(gh: Gh) -> str:
    number = gh.number("issue")
    record = gh.call("issue_read", method="get", issue_number=number)
    return _view(gh, record, "issue")


def _view(gh: Gh, record: Shown, kind: str) -> str:
    names = gh.json_fields(PULL_FIELDS if kind == "pr" else ISSUE_FIELDS)
    if names:
        return gh.print_json(gh.select(record, names, kind))
    if gh.parsed.has("comments"):
        return comment_lines(gh.complete(record, ["comments"], kind)["comments"])
    return view_lines(record, pull=kind == "pr")


def diff_pull(gh: Gh) -> str:
    number = gh.number("pr")
    if gh.parsed.has("name-only"):
        files = gh.listed(gh.call("pull_request_read", method="get_files", pullNumber=number))
        return "".join(f"{file['filename']}\n" for file in files)
    text = gh.call("pull_request_read", method="get_diff", pullNumber=number)
    return str(text).rstrip("\n") + "\n"


def list_pulls(gh: Gh) -> str:
    parsed = gh.parsed
    state = parsed.one("state", "open")
    asked = {"open": "open", "all": "all"}.get(state, "closed")
    head = parsed.one("head")
    owner = gh.full_name.partition("/")[0]
    found = gh.listed(
        gh.call(
            "list_pull_requests",
            state=asked,
            base=parsed.one("base") or None,
            head=f"{owner}:{head}" if head else None,
            perPage=100,
        )
    )
    if parsed.has("search"):
        found = _searched(gh, "search_pull_requests", found)
    kept = [record for record in found if _wanted(gh, record) and _merged_fits(record, state)]
    return _list(gh, kept, "pr")


def list_issues(gh: Gh) -> str:
    state = gh.parsed.one("state", "open")
    labels = gh.parsed.listed("label")
    asked = None if state == "all" else state.upper()
    found = gh.listed(gh.call("list_issues", state=asked, labels=labels or None, perPage=100))
    if gh.parsed.has("search"):
        found = _searched(gh, "search_issues", found)
    return _list(gh, [record for record in found if _wanted(gh, record)], "issue")


def _searched(gh: Gh, tool: str, listed: list[Shown]) -> list[Shown]:
    owner, _, name = gh.full_name.partition("/")
    query = gh.parsed.one("search")
    found = gh.listed(gh.call_tool(tool, {"query": query, "owner": owner, "repo": name, "perPage": 100}))
    numbers = {record["number"] for record in found}
    return [record for record in listed if record["number"] in numbers]


def _wanted(gh: Gh, record: Shown) -> bool:
    author = gh.parsed.one("author")
    labels = {label if isinstance(label, str) else label["name"] for label in record.get("labels") or []}
    assignee = gh.parsed.one("assignee")
    return (
        (not author or (record.get("user") or {}).get("login") == author)
        and labels.issuperset(gh.parsed.listed("label"))
        and (not assignee or assignee in (record.get("assignees") or []))
    )


def _merged_fits(record: Shown, state: str) -> bool:
    merged = bool(record.get("merged") or record.get("merged_at"))
    return merged if state == "merged" else not merged if state == "closed" else True


def _list(gh: Gh, records: list[Shown], kind: str) -> str:
    names = gh.json_fields(PULL_FIELDS if kind == "pr" else ISSUE_FIELDS)
    limit = gh.parsed.one("limit", DEFAULT_LIMIT)
    if not limit.isdecimal() or int(limit) < 1:
        raise GhFailed(f"invalid limit: {limit}")
    records = records[: int(limit)]
    if names:
        return gh.print_json([gh.select(record, names, kind) for record in records])
    return "".join((pull_line if kind == "pr" else issue_line)(record) for record in records)


def check_pull(gh: Gh) -> GhAnswer:
    number = gh.number("pr")
    runs = gh.listed(gh.call("pull_request_read", method="get_check_runs", pullNumber=number))
    if not runs:
        raise GhFailed(f"no checks reported on the '{gh.question.branch}' branch")
    states = [str(run.get("conclusion") or run.get("status") or "pending") for run in runs]
    lines = [
        f"{run.get('name', '')}\t{'pass' if state == 'success' else 'fail' if state == 'failure' else state}"
        f"\t0\t{run.get('html_url') or run.get('details_url', '')}\n"
        for run, state in zip(runs, states, strict=True)
    ]
    bad = any(state not in ("success", "neutral", "skipped") for state in states)
    return GhAnswer("".join(lines), code=1 if bad else 0)


def checkout_pull(gh: Gh) -> GhAnswer:
    record = gh.call("pull_request_read", method="get", pullNumber=gh.number("pr"))
    head = (record.get("head") or {}).get("ref", "")
    return GhAnswer(run=(("git", "fetch", "--quiet", "origin", head), ("git", "checkout", "--quiet", head)))


def view_repository(gh: Gh) -> str:
    record = read_repository(gh)
    names = gh.json_fields(REPOSITORY_FIELDS)
    if names:
        return gh.print_json(select(record, names, REPOSITORY_FIELDS))
    return f"name:\t{record['full_name']}\ndescription:\t{record.get('description', '')}\n"


def read_repository(gh: Gh) -> Shown:
    found = gh.listed(
        gh.call_tool("search_repositories", {"query": f"repo:{gh.full_name}", "minimal_output": True})
    )
    for record in found:
        if str(record.get("full_name", "")).lower() == gh.full_name.lower():
            return record
    raise GhFailed(f"GraphQL: Could not resolve to a Repository with the name '{gh.full_name}'. (repository)")


def status(gh: Gh) -> str:
    login = gh.call_tool("get_me", {}).get("login", "")
    return f"github.com\n  ✓ Logged in to github.com account {login} (GH_TOKEN)\n  - Active account: true\n"
