"""GitHub's MCP server, answering: rows and refusals in the server's shapes and words.

The server's words are those of github/github-mcp-server @64a49f34.
"""

from __future__ import annotations

import base64
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.mcp.mcp_calls import filled
from routine_harness.world.github.mcp.mcp_records import Write, cursor_page, minimal, paged, pick, show
from routine_harness.world.github.mcp.mcp_texts import any_text, item_text
from routine_harness.world.github.operations.actions import log_of
from routine_harness.world.github.operations.operation import Arguments, Done
from routine_harness.world.github.operations.sub_issues import child_rows, parent_row
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import API, WEB, count_of, git_author, user_row
from routine_harness.world.github.tools.tool_calls import Step
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall


def answer(world: World, call: ToolCall, steps: list[Step], done: list[Done]) -> Json:
    """What the server answers to ``call`` whose ``steps`` gave ``done``: a text, or JSON values."""
    (operation, arguments), result = steps[-1], done[-1]
    special = _ANSWERS.get(operation.name)
    if special is not None:
        return special(world, call, arguments, result.rows)
    if operation.rows == "text":
        return result.rows
    record, many = operation.rows.removesuffix("*"), operation.rows.endswith("*")
    if many:
        shown = [show(record, world, row) for row in paged(result.rows, arguments)]
        return pick(shown, arguments.get("fields"))
    if not operation.reads:
        return minimal(result.rows)
    return show(record, world, result.rows)


def _said(text: str) -> Write:
    return lambda _, __, arguments, ___: filled(text, arguments)


def _issue(world: World, _: ToolCall, __: Arguments, issue: Record) -> Json:
    shown = show("issue", world, issue)
    if "head" in issue:
        return {**shown, **({"draft": True} if issue["draft"] else {})}
    parent, children = parent_row(world, issue), child_rows(world, issue)
    shown |= {"has_parent": parent is not None, "has_children": bool(children)}
    if parent is not None:
        shown["parent"] = _issue_ref(world, parent)
    if children:
        closed = sum(child["state"] == "closed" for child in children)
        percent = closed * 100 // len(children)
        summary = {"total": len(children), "completed": closed, "percent_completed": percent}
        shown["sub_issues_summary"] = summary
    return shown


def _issue_ref(world: World, issue: Record) -> Record:
    names = {"number": "number", "state": "state", "html_url": "url", "repository": "repository"}
    title = any_text(world, issue, issue["title"])
    return {"title": title, **{theirs: issue[ours] for ours, theirs in names.items()}}


def _sub_issue_shown(world: World, issue: Record) -> Record:
    shown = show("issue", world, issue)
    # The server wrote these out as GitHub's API gave them before it sanitised every text.
    for name in ("title", "body"):
        if name in shown:
            shown[name] = any_text(world, issue, issue[name])
    return {**shown, "id": issue["id"]}


def _issue_page(world: World, call: ToolCall, given: Arguments, rows: list[Record]) -> Json:
    asked = call.arguments
    identity = [
        "issues",
        given["repository"],
        *(asked.get(n) for n in ("state", "labels", "since", "orderBy")),
    ]
    page, info = cursor_page(rows, "number", given, identity, "failed to list issues")
    shown = pick([_listed_issue(world, row) for row in page], given.get("fields"))
    return {"issues": shown, "totalCount": len(rows), "pageInfo": info}


def _listed_issue(world: World, issue: Record) -> Record:
    """An issue as ``list_issues`` shows it: its state in capitals, its author by login alone."""
    title, text = (item_text(world, issue, issue[name]) for name in ("title", "body"))
    kept, body = {"number": issue["number"], "title": title}, {"body": text} if text else {}
    labels = {"labels": issue["labels"]} if issue["labels"] else {}
    counted = count_of(world, "comments", issue, "comments")
    return {
        **kept, **body, "state": issue["state"].upper(), "user": {"login": issue["user"]}, **labels,
        "assignees": issue["assignees"], **({"comments": counted} if counted else {}),
        "created_at": issue["created_at"], "updated_at": issue["updated_at"],
    }  # fmt: skip


def _threads(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Json:
    identity = ["threads", f"{given['repository']}#{given['number']}"]
    doing = "failed to get pull request review threads"
    page, info = cursor_page(rows, "id", given, identity, doing)
    shown = [
        {
            "id": thread["id"], "is_resolved": bool(thread["is_resolved"]),
            "is_outdated": bool(thread["is_outdated"]), "is_collapsed": bool(thread["is_resolved"]),
            "comments": [show("review_comment", world, comment) for comment in thread["comments"]],
            "total_count": len(thread["comments"]),
        }
        for thread in page
    ]  # fmt: skip
    return {"review_threads": shown, "totalCount": len(rows), "pageInfo": info}


_NOT_LISTED: Final = (
    "mergeable_state", "merged_by", "additions", "deletions", "changed_files", "commits", "comments",
)  # fmt: skip
"""What GitHub's list of pull requests leaves out."""


def _pull_page(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Json:
    shown = [show("pull", world, row) for row in paged(rows, given)]
    kept = [{name: value for name, value in one.items() if name not in _NOT_LISTED} for one in shown]
    return pick([{**one, "merged": False} for one in kept], given.get("fields"))  # the list does not say


def _labels(world: World, _: ToolCall, __: Arguments, rows: list[Record]) -> Json:
    shown = [show("label", world, row) for row in rows]
    return {"labels": shown, "totalCount": len(shown)}


def counted_page(name: str, record: str) -> Write:
    """A page beside the number of all rows."""

    def write(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Json:
        shown = [show(record, world, row) for row in paged(rows, given)]
        return {"total_count": len(rows), name: shown}

    return write


def _results(record: str) -> Write:
    def write(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Json:
        shown = pick([show(record, world, row) for row in paged(rows, given)], given.get("fields"))
        return {"total_count": len(rows), "incomplete_results": False, "items": shown}

    return write


def _found_code(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Json:
    names = ("name", "path", "sha", "repository", "text_matches")
    shown = [{name: row[name] for name in names if row.get(name)} for row in paged(rows, given)]
    return {"total_count": len(rows), "incomplete_results": False, "items": pick(shown, given.get("fields"))}


def _found_commits(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Json:
    shown = []
    for row in paged(rows, given):
        home = tables.get(world, "repositories", row["repository"]) or {"full_name": row["repository"]}
        private = {"private": True} if home.get("private") else {}
        place = {"full_name": home["full_name"], "html_url": home.get("html_url"), **private}
        shown.append({**show("commit", world, row), "repository": place})
    return {"total_count": len(rows), "incomplete_results": False, "items": shown}


def _combined(world: World, _: ToolCall, __: Arguments, rows: Record) -> Json:
    statuses = [show("status", world, row) for row in rows["statuses"]]
    return {name: rows[name] for name in ("state", "sha", "total_count")} | {"statuses": statuses}


def _contents(world: World, _: ToolCall, given: Arguments, rows: Json) -> Json:
    if isinstance(rows, list):
        return pick([show("entry", world, row) for row in rows], given.get("fields"))
    data, sha = rows["content"], rows["sha"]
    if not data:
        return f"successfully downloaded empty file (SHA: {sha})"
    try:
        return f"successfully downloaded text file (SHA: {sha})\n{data.decode()}"
    except UnicodeDecodeError:
        return f"successfully downloaded binary file (SHA: {sha})\n{base64.b64encode(data).decode()}"


def _tree(_: World, call: ToolCall, given: Arguments, rows: Record) -> Json:
    return {
        "sha": rows["sha"], "truncated": False, "tree": rows["tree"], "tree_sha": rows["tree_sha"],
        "owner": call.arguments["owner"], "repo": call.arguments["repo"],
        "recursive": bool(given.get("recursive")), "count": len(rows["tree"]),
    }  # fmt: skip


def _file_commit(world: World, _: ToolCall, __: Arguments, rows: Record) -> Json:
    commit, file = rows["commit"], rows["content"]
    shown = {
        "sha": commit["sha"], "message": any_text(world, commit, commit["message"]),
        "html_url": f"{WEB}/{commit['repository']}/commit/{commit['sha']}", "author": git_author(commit),
    }  # fmt: skip
    if file is None:
        return {"commit": shown, "content": None}
    content = {name: file[name] for name in ("name", "path", "sha", "size")}
    content["html_url"] = f"{WEB}/{file['repository']}/blob/{file['ref']}/{file['path']}"
    return {"content": content, "commit": shown}


def _pushed_ref(_: World, __: ToolCall, ___: Arguments, row: Record) -> Json:
    return {"ref": row["ref"], "object": {"type": "commit", "sha": row["sha"]}}


def _commit(world: World, call: ToolCall, given: Arguments, row: Record) -> Json:
    shown = show("commit", world, row)
    detail = given.get("detail") or "stats"
    if detail != "none":
        files = [show("file", world, file) for file in paged(row["files"], given)]
        if detail != "full_patch":
            files = [{name: value for name, value in file.items() if name != "patch"} for file in files]
        shown["stats"] = {name: value for name, value in row["stats"].items() if value}
        shown["files"] = files
    return shown


def _commit_page(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Json:
    return pick([show("commit", world, row) for row in paged(rows, given)], given.get("fields"))


def _pull_commits(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Json:
    return [show("pull_commit", world, row) for row in paged(rows, given)]


def _tag(_: World, __: ToolCall, ___: Arguments, row: Record) -> Json:
    sha = row.get("sha") or ""
    return {
        "sha": sha,
        "tag": row["name"],
        "message": row.get("message") or "",
        "object": {"type": "commit", "sha": sha},
    }


def _me(world: World, _: ToolCall, __: Arguments, row: Record) -> Json:
    details = {name: row[name] for name in ("name", "company", "email") if row.get(name)}
    return {**show("user", world, user_row(world, row["login"])), "details": details}


def _teams(_: World, __: ToolCall, ___: Arguments, rows: list[Record]) -> Json:
    teams: dict[str, list[Record]] = {}
    for team in rows:
        described = {"slug": team["slug"], "description": team.get("description") or ""}
        teams.setdefault(team["organization"], []).append(
            {"name": team.get("name") or team["slug"], **described}
        )
    return [{"org": organization, "teams": listed} for organization, listed in teams.items()]


def _job(_: World, call: ToolCall, given: Arguments, rows: Json) -> Json:
    if call.tool != "get_job_logs":
        return show("job", _, rows)
    return _log(rows, given)


def _job_log(world: World, call: ToolCall, given: Arguments, _: Json) -> Json:
    job = tables.get(world, "jobs", given["repository"], int(given["job_id"])) or {}
    return _log(job, given)


def _log(job: Record, given: Arguments) -> Record:
    shown: Record = {"job_id": job["id"], "job_name": job["name"]}
    if not given.get("return_content"):
        url = f"{API}/repos/{job['repository']}/actions/jobs/{job['id']}/logs"
        return {**shown, "logs_url": url, "message": "Job logs are available for download"}
    text = log_of(job).splitlines()
    tail = "\n".join(text[-int(given.get("tail_lines") or 500) :])
    message = "Job logs content retrieved successfully"
    return {**shown, "logs_content": tail, "message": message, "original_length": len(text)}


def _failed_jobs(_: World, __: ToolCall, given: Arguments, jobs: list[Record]) -> Json:
    failed = [job for job in jobs if job["conclusion"] == "failure"]
    common = {"run_id": given["run_id"], "total_jobs": len(jobs), "failed_jobs": len(failed)}
    if not failed:
        return {"message": "No failed jobs found in this workflow run", **common}
    logs = [_log(job, given) for job in failed]
    return {"message": f"Retrieved logs for {len(failed)} failed jobs", **common, "logs": logs}


def _run_said(message: str, status: str) -> Write:
    code = int(status.partition(" ")[0])
    return lambda _, __, ___, run: {
        "message": message,
        "run_id": run["id"],
        "status": status,
        "status_code": code,
    }


def _started(_: World, call: ToolCall, given: Arguments, __: Json) -> Json:
    return {
        "message": "Workflow run has been queued", "workflow_type": "workflow_id", "ref": given["ref"],
        "workflow_id": given["workflow_id"], "inputs": given.get("inputs"),
        "status": "204 No Content", "status_code": 204,
    }  # fmt: skip


def _artifact(_: World, __: ToolCall, ___: Arguments, row: Record) -> Json:
    url = f"{API}/repos/{row['repository']}/actions/artifacts/{row['id']}/zip"
    return {"download_url": url, "message": "Artifact is available for download", "artifact_id": row["id"]}


def _run_logs(_: World, __: ToolCall, ___: Arguments, run: Record) -> Json:
    url = f"{API}/repos/{run['repository']}/actions/runs/{run['id']}/logs"
    return {"logs_url": url, "message": "Workflow run logs are available for download"}


def _usage(_: World, __: ToolCall, ___: Arguments, run: Record) -> Json:
    duration = run.get("run_duration_ms")
    return {"billable": {}, **({"run_duration_ms": duration} if duration else {})}


def _reaction(_: World, __: ToolCall, given: Arguments, row: Record) -> Json:
    place = f"{API}/repos/{row['repository']}"
    if "comment_id" not in given:
        return {"id": str(row["id"]), "url": f"{place}/issues/{given['number']}/reactions/{row['id']}"}
    return {
        "id": str(row["id"]),
        "url": f"{place}/issues/comments/{given['comment_id']}/reactions/{row['id']}",
    }


def _pull_reaction(world: World, call: ToolCall, given: Arguments, row: Record) -> Json:
    if call.tool == "add_reply_to_pull_request_comment":
        first = tables.get(world, "review_comments", row["repository"], int(given["comment_id"])) or {}
        return {"id": str(row["id"]), "url": f"{first['html_url']}/reactions/{row['id']}"}
    place = f"{API}/repos/{row['repository']}/pulls/comments/{given['comment_id']}"
    return {"id": str(row["id"]), "url": f"{place}/reactions/{row['id']}"}


def _review_made(_: World, __: ToolCall, given: Arguments, ___: Json) -> Json:
    return (
        "pull request review submitted successfully" if given.get("event") else "pending pull request created"
    )


def _review_comment_made(_: World, call: ToolCall, __: Arguments, row: Record) -> Json:
    if call.tool == "add_pull_request_review_comment":
        return minimal(row)
    return "pull request review comment successfully added to pending review"


_BARE: Final = ("repository", "owner")


def _bare(_: World, __: ToolCall, ___: Arguments, row: Record) -> Json:
    return {name: value for name, value in row.items() if name not in _BARE}


def _bare_page(name: str = "") -> Write:
    def write(world: World, call: ToolCall, given: Arguments, rows: list[Record]) -> Json:
        shown = [_bare(world, call, given, row) for row in paged(rows, given)]
        return {"total_count": len(rows), name: shown} if name else shown

    return write


_ANSWERS: Final[dict[str, Write]] = {
    "pull.list": _pull_page,
    "pull.commits": _pull_commits,
    "pull.status": _combined,
    "pull.checks": counted_page("check_runs", "check"),
    "pull.threads": _threads,
    "pull.merge": lambda _, __, ___, rows: rows,
    "pull.update_branch": _said("Pull request branch update is in progress"),
    "review.create": _review_made,
    "review.submit": _said("pending pull request review successfully submitted"),
    "review.delete": _said("pending pull request review successfully deleted"),
    "review.add_comment": _review_comment_made,
    "review_comment.create": lambda world, call, given, row: minimal(row),
    "review_comment.react": _pull_reaction,
    "thread.resolve": _said("review thread resolved successfully"),
    "thread.unresolve": _said("review thread unresolved successfully"),
    "issue.get": _issue,
    "issue.list": _issue_page,
    "issue.labels": _labels,
    "issue.sub_issues": lambda world, _, given, rows: [
        _sub_issue_shown(world, row) for row in paged(rows, given)
    ],
    "issue.parent": lambda world, _, __, row: {"parent": None if row is None else _issue_ref(world, row)},
    "issue.add_sub_issue": lambda world, _, __, row: _sub_issue_shown(world, row),
    "issue.remove_sub_issue": lambda world, _, __, row: _sub_issue_shown(world, row),
    "issue.move_sub_issue": lambda world, _, __, row: _sub_issue_shown(world, row),
    "issue.react": _reaction,
    "comment.react": _reaction,
    "label.list": _labels,
    "label.create": lambda _, __, ___, row: f"label '{row['name']}' created successfully",
    "label.update": lambda _, __, ___, row: f"label '{row['name']}' updated successfully",
    "label.delete": lambda _, __, given, ___: f"label '{given['name']}' deleted successfully",
    "issue_type.list": _bare_page(),
    "file.get": _contents,
    "file.tree": _tree,
    "file.put": _file_commit,
    "file.delete": _file_commit,
    "file.push": _pushed_ref,
    "tag.get": _tag,
    "commit.list": _commit_page,
    "commit.get": _commit,
    "branch.create": lambda world, _, __, row: show("ref", world, row),
    "workflow.list": _bare_page("workflows"),
    "workflow.get": _bare,
    "workflow.start": _started,
    "run.list": counted_page("workflow_runs", "run"),
    "run.jobs": counted_page("jobs", "job"),
    "run.artifacts": counted_page("artifacts", "artifact"),
    "run.artifact": _artifact,
    "run.logs": _run_logs,
    "run.usage": _usage,
    "run.rerun": _run_said("Workflow run has been queued for re-run", "201 Created"),
    "run.rerun_failed": _run_said("Failed jobs have been queued for re-run", "201 Created"),
    "run.cancel": _run_said("Workflow run has been cancelled", "202 Accepted"),
    "run.delete_logs": _run_said("Workflow run logs have been deleted", "204 No Content"),
    "run.failed_jobs": _failed_jobs,
    "job.get": _job,
    "job.log": _job_log,
    "me.get": _me,
    "team.list": _teams,
    "team.members": lambda _, __, ___, rows: [row["login"] for row in rows],
    "repository.star": _said("Successfully starred repository {repository}"),
    "repository.unstar": _said("Successfully unstarred repository {repository}"),
    "search.issues": _results("found"),
    "search.pulls": _results("found"),
    "search.repositories": _results("repository"),
    "search.code": _found_code,
    "search.commits": _found_commits,
    "search.users": _results("user"),
    "search.orgs": _results("user"),
}  # fmt: skip
"""Operation → how the server answers, where it is not the record or a page of them."""
