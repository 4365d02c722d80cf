"""The commands of ``gh`` that write: pull requests, issues, comments, reviews."""

from __future__ import annotations

from routine_harness.live.gh import Gh, GhAnswer, GhFailed, GhUnknown
from routine_harness.live.gh_reads import read_repository


def create_pull(gh: Gh) -> str:
    parsed = gh.parsed
    fills = any(parsed.has(name) for name in ("fill", "fill-first", "fill-verbose"))
    title = parsed.one("title") or (gh.question.subject if fills else "")
    body = gh.body if gh.body is not None else "" if fills else None
    if not title or body is None:
        raise GhFailed("must provide `--title` and `--body` (or `--fill`) when not running interactively")
    base = parsed.one("base") or _default_branch(gh)
    head = parsed.one("head") or gh.question.branch
    reviewers = parsed.listed("reviewer")
    made = gh.call(
        "create_pull_request",
        title=title,
        body=body,
        head=head,
        base=base,
        draft=parsed.has("draft") or None,
        reviewers=reviewers or None,
    )
    number = int(str(made["url"]).rpartition("/")[2])
    labels, assignees = parsed.listed("label"), parsed.listed("assignee")
    if labels or assignees:
        gh.call(
            "issue_write",
            method="update",
            issue_number=number,
            labels=labels or None,
            assignees=assignees or None,
        )
    return f"{made['url']}\n"


def _default_branch(gh: Gh) -> str:
    return str(read_repository(gh).get("default_branch") or "main")


def comment(gh: Gh) -> str:
    kind = "pr" if gh.question.arguments[0] == "pr" else "issue"
    number = gh.number(kind)
    if gh.parsed.has("edit-last"):
        raise GhUnknown("--edit-last")
    if gh.body is None:
        raise GhFailed("flags required when not running interactively: --body or --body-file")
    made = gh.call("add_issue_comment", issue_number=number, body=gh.body)
    return f"{made.get('html_url') or made.get('url', '')}\n"


def review_pull(gh: Gh) -> str:
    number = gh.number("pr")
    chosen = [name for name in ("approve", "request-changes", "comment") if gh.parsed.has(name)]
    if len(chosen) != 1:
        raise GhFailed("need exactly one of --approve, --request-changes, --comment")
    event = chosen[0].upper().replace("-", "_")
    if event != "APPROVE" and not gh.body:
        raise GhFailed(f"body cannot be blank for {chosen[0]} review")
    gh.call("pull_request_review_write", method="create", pullNumber=number, event=event, body=gh.body)
    return ""


def merge_pull(gh: Gh) -> GhAnswer:
    number = gh.number("pr")
    if gh.parsed.has("auto"):
        raise GhUnknown("--auto")
    chosen = [name for name in ("merge", "squash", "rebase") if gh.parsed.has(name)]
    if len(chosen) != 1:
        raise GhFailed("--merge, --rebase, or --squash required when not running interactively")
    head = (gh.call("pull_request_read", method="get", pullNumber=number).get("head") or {}).get("ref", "")
    gh.call(
        "merge_pull_request",
        pullNumber=number,
        merge_method=chosen[0],
        commit_title=gh.parsed.one("subject") or None,
        commit_message=gh.body,
    )
    if not gh.parsed.has("delete-branch"):
        return GhAnswer()
    return GhAnswer(run=(("git", "push", "--quiet", "origin", "--delete", head),))


def edit_state(gh: Gh) -> str:
    """``close`` and ``reopen`` of both kinds, with an optional comment."""
    kind, verb = gh.question.arguments[0], gh.question.arguments[1]
    number = gh.number(kind)
    said = gh.parsed.one("comment")
    if said:
        gh.call("add_issue_comment", issue_number=number, body=said)
    state = "closed" if verb == "close" else "open"
    if kind == "pr":
        gh.call("update_pull_request", pullNumber=number, state=state)
    else:
        reason = gh.parsed.one("reason").replace(" ", "_") or None
        gh.call("issue_write", method="update", issue_number=number, state=state, state_reason=reason)
    return ""


def ready_pull(gh: Gh) -> str:
    gh.call("update_pull_request", pullNumber=gh.number("pr"), draft=gh.parsed.has("undo"))
    return ""


def edit(gh: Gh) -> str:
    kind = gh.question.arguments[0]
    number = gh.number(kind)
    parsed = gh.parsed
    title, base = parsed.one("title") or None, parsed.one("base") or None
    lists = _edited_lists(gh, number)
    if kind == "pr":
        reviewers = parsed.listed("add-reviewer") or None
        if any(value is not None for value in (title, gh.body, base, reviewers)):
            gh.call(
                "update_pull_request",
                pullNumber=number,
                title=title,
                body=gh.body,
                base=base,
                reviewers=reviewers,
            )
        if lists:
            gh.call("issue_write", method="update", issue_number=number, **lists)
    else:
        gh.call("issue_write", method="update", issue_number=number, title=title, body=gh.body, **lists)
    part = "pull" if kind == "pr" else "issues"
    return f"https://github.com/{gh.full_name}/{part}/{number}\n"


def _edited_lists(gh: Gh, number: int) -> dict[str, list[str]]:
    """Labels and assignees after adding and removing; GitHub's tool replaces whole lists."""
    lists: dict[str, list[str]] = {}
    for option, field in (("label", "labels"), ("assignee", "assignees")):
        added, removed = gh.parsed.listed(f"add-{option}"), gh.parsed.listed(f"remove-{option}")
        if added or removed:
            record = gh.call("issue_read", method="get", issue_number=number)
            before = [one if isinstance(one, str) else one.get("name") for one in record.get(field) or []]
            lists[field] = [name for name in dict.fromkeys([*before, *added]) if name not in removed]
    return lists


def create_issue(gh: Gh) -> str:
    title = gh.parsed.one("title")
    if not title or gh.body is None:
        raise GhFailed("must provide `--title` and `--body` when not running interactively")
    made = gh.call(
        "issue_write",
        method="create",
        title=title,
        body=gh.body,
        labels=gh.parsed.listed("label") or None,
        assignees=gh.parsed.listed("assignee") or None,
    )
    return f"{made['url']}\n"
